//! `recado replay FILE`.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use clap::Args;

use super::serve::block_on;
use super::{CliError, Output, Settings};
use crate::config::Config;
use crate::lifecycle::Exit;
use crate::replay::{self, ReplayError, WouldSend};

/// Bad lines that are told one by one.
const TOLD: usize = 20;

const REPLAY: &str = "\
Reads one JSON object per line: {\"at\",\"source\",\"headers\",\"body\"}, where `at` is an RFC 3339 time, `source` is
whatsapp, shopify or telegram, `headers` an object and `body` the exact text that was received. The deliveries are fed
in event time, as fast as possible and by the recording's clock, through the real parsers, inbox, engine and desk on a
new database in memory. Signatures are not asked for, and nothing is sent.

A line that is no webhook is told with its number and left out; then the exit code is 1. Addresses that no shop of the
configuration has are given to the default shop.";

const EXAMPLES: &str = "\
Examples:
  recado replay march.jsonl
  recado replay march.jsonl --json | jq -r .message.body
  recado replay march.jsonl --set merchant.timezone=America/Sao_Paulo";

/// Arguments of `replay`.
#[derive(Clone, Debug, Args)]
#[command(long_about = REPLAY, after_help = EXAMPLES)]
pub struct ReplayArgs {
    /// File of recorded webhooks; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print what would have been sent, one JSON object per line
    #[arg(long)]
    pub json: bool,
}

/// Feeds the file.
///
/// # Errors
/// When the file cannot be read, or the pipeline cannot run.
pub fn run(args: &ReplayArgs, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let config = Config::load(&settings.sources())?;
    let mut input: Box<dyn BufRead> = if args.file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(&args.file)
            .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", args.file.display())))?;
        Box::new(BufReader::new(file))
    };
    let recording = replay::read(&mut *input)
        .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", args.file.display())))?;
    for bad in recording.bad.iter().take(TOLD) {
        super::output::message(&format!("line {}: {}", bad.number, bad.problem));
    }
    if recording.bad.len() > TOLD {
        super::output::message(&format!("and {} more lines that are no webhook", recording.bad.len() - TOLD));
    }
    let print = |message: &WouldSend| if args.json { output.json(message) } else { Ok(()) };
    let summary = block_on(replay::run(&config, &recording, print))?.map_err(|error| match error {
        ReplayError::Serve(error) => CliError::from(error),
        ReplayError::Output(error) => CliError::Output(error),
        other => CliError::Other(anyhow::Error::from(other)),
    })?;
    for address in &summary.adopted {
        super::output::message(&format!("{address} belongs to no configured shop; the default shop took it"));
    }
    super::output::message(&format!(
        "{} webhooks fed, {} lines left out · {} events, {} duplicates, {} skipped, {} dead, {} open · {} turns, {} tried \
         again · {} messages would have been sent",
        summary.deliveries,
        recording.bad.len(),
        summary.events,
        summary.duplicates,
        summary.skipped,
        summary.dead,
        summary.open,
        summary.turns,
        summary.failed_turns,
        summary.messages,
    ));
    let clean = recording.bad.is_empty() && summary.dead == 0 && summary.open == 0;
    Ok(if clean { Exit::Done } else { Exit::Failed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn whatsapp(at: &str, id: &str, text: &str) -> String {
        let seconds = recado_domain::Timestamp::parse(at).unwrap().as_micros() / 1_000_000;
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
            "value": {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "576015550042",
            "phone_number_id": "106540355500042"}, "contacts": [{"profile": {"name": "Yuliana"}, "wa_id": "573005550142"}],
            "messages": [{"from": "573005550142", "id": id, "timestamp": seconds.to_string(), "type": "text",
            "text": {"body": text}}]}}]}]});
        json!({"at": at, "source": "whatsapp", "headers": {}, "body": body.to_string()}).to_string()
    }

    fn replayed(lines: &[String]) -> (Exit, Vec<Value>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recording.jsonl");
        std::fs::write(&file, lines.join("\n")).unwrap();
        let settings = Settings { config: Some("/dev/null".into()), set: Vec::new() };
        let mut bytes = Vec::new();
        let exit = run(&ReplayArgs { file, json: true }, &settings, &mut Output::to(&mut bytes)).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        (exit, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn a_greeting_is_answered_once_at_its_own_time_whatever_the_order_of_the_file() {
        let lines = [
            whatsapp("2026-03-02T15:00:05Z", "wamid.2", "hola"),
            whatsapp("2026-03-01T15:00:00Z", "wamid.1", "hola"),
            whatsapp("2026-03-01T15:00:01Z", "wamid.1", "hola"),
        ];
        let (exit, sent) = replayed(&lines);
        assert_eq!(exit, Exit::Done);
        let times: Vec<&str> = sent.iter().map(|line| line["at"].as_str().unwrap()).collect();
        assert_eq!(times, ["2026-03-01T15:00:00Z", "2026-03-02T15:00:05Z"]);
        assert!(sent.iter().all(|line| line["to"]["wa_id"] == "573005550142"), "{sent:?}");
        assert!(sent.iter().all(|line| !line["message"]["body"].as_str().unwrap().is_empty()));
    }

    #[test]
    fn a_bad_line_is_left_out_and_tells_in_the_exit_code() {
        let lines = ["{".to_owned(), whatsapp("2026-03-01T15:00:00Z", "wamid.1", "hola")];
        let (exit, sent) = replayed(&lines);
        assert_eq!((exit, sent.len()), (Exit::Failed, 1));
    }

    #[test]
    fn the_sample_shop_answers_where_an_order_is() {
        let now = recado_domain::Timestamp::parse("2026-03-10T15:00:00Z").unwrap();
        let shop = crate::demo::shop(now, crate::demo::DEFAULT_SEED);
        let mut lines: Vec<String> = shop
            .webhooks
            .iter()
            .map(|webhook| {
                let headers = json!({"X-Shopify-Topic": webhook.topic, "X-Shopify-Shop-Domain": crate::demo::SHOP_DOMAIN,
                    "X-Shopify-Webhook-Id": webhook.id, "X-Shopify-Event-Id": webhook.id});
                json!({"at": webhook.at, "source": "shopify", "headers": headers, "body": webhook.body.to_string()}).to_string()
            })
            .collect();
        lines.push(whatsapp("2026-03-10T15:00:30Z", "wamid.1", "¿dónde está mi pedido #1042?"));
        let (exit, sent) = replayed(&lines);
        assert_eq!(exit, Exit::Done);
        let answers: Vec<&str> = sent
            .iter()
            .filter(|line| line["to"]["wa_id"] == "573005550142")
            .map(|line| line["message"]["body"].as_str().unwrap())
            .collect();
        assert!(answers.iter().any(|answer| answer.contains("1042")), "{answers:?}");
    }
}
