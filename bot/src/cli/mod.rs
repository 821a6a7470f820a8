//! The command line: `recado <verb>`. Data goes to standard output (a table, or JSON lines with `--json`), messages to
//! standard error; a reader that goes away ends the program quietly.
//!
//! Each verb has its own file with a function that takes its arguments and an [`Output`] and returns an
//! [`Exit`](crate::lifecycle::Exit).

pub mod accounts;
pub mod completions;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod emulate;
pub mod erasures;
pub mod error;
pub mod eval;
pub mod events;
pub mod finance;
pub mod incidents;
pub mod json_lines;
pub mod knowledge;
pub mod members;
pub mod merchants;
pub mod nlu;
pub mod output;
pub mod replay;
pub mod requests;
pub mod serve;
pub mod staff;
mod store;
pub mod tokens;
pub mod tracking;
pub mod version;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use error::CliError;
pub use output::{Output, Row};

use crate::config::Sources;
use crate::lifecycle::Exit;

const EXAMPLES: &str = "\
Examples:
  recado serve                             the desk on http://127.0.0.1:8080, nothing to set up
  recado demo                              try it: a sample shop, a Playground in the browser
  recado serve --production --set listen=0.0.0.0:8080
  recado doctor                            what is missing, what is broken, and what to do about it
  recado members add 'Ana María' --phone +573005550100 --role owner
  recado knowledge import faq.md           what the shop answers everybody alike
  recado events ls --dead                  what was given up; `recado events show` tells why
  recado replay march.jsonl --json         what would be answered to recorded webhooks
  echo '{\"text\":\"¿dónde está mi pedido?\"}' | recado nlu
  recado eval                              how well messages are understood, measured on held-out sentences
  recado emulate whatsapp --webhook http://127.0.0.1:8080/webhooks/whatsapp
  recado config show                       what is in force, and where it came from

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 store not available, 4 already running.
Every setting is described in docs/config.md.";

/// The chat desk of a shop: WhatsApp, Shopify and Telegram in, right answers out.
#[derive(Debug, Parser)]
#[command(name = "recado", version, after_help = EXAMPLES, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Configuration file [default: recado.toml in this directory, if there is one]
    #[arg(long, value_name = "FILE", global = true, env = crate::config::FILE_VARIABLE, hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Set one key over file and environment, e.g. --set worker.lanes=8; may be repeated
    #[arg(long, value_name = "KEY=VALUE", global = true, value_parser = assignment)]
    pub set: Vec<(String, String)>,
}

impl Settings {
    /// The sources to read, with the process's environment.
    pub fn sources(&self) -> Sources {
        Sources { file: self.config.clone(), overrides: self.set.clone(), ..Sources::of_process() }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the desk
    Serve(serve::ServeArgs),
    /// Try it: a sample shop, stand-ins for the platforms, and a Playground
    Demo(demo::DemoArgs),
    /// Check configuration, connections and limits, and say what to do
    Doctor(doctor::DoctorArgs),
    /// List, look into and replay accepted events
    #[command(subcommand)]
    Events(events::EventsVerb),
    /// List incidents: something is wrong for many people at once
    #[command(subcommand)]
    Incidents(incidents::IncidentsVerb),
    /// Figures of a shop, computed from its facts
    #[command(subcommand)]
    Finance(finance::FinanceVerb),
    /// A shop's own answers: what it says about shipping, payments, returns
    #[command(subcommand)]
    Knowledge(knowledge::KnowledgeVerb),
    /// What customers asked the shops for, and the platform's requests about people's data
    #[command(subcommand)]
    Requests(requests::RequestsVerb),
    /// The list of what was erased, to be erased again after a restore
    #[command(subcommand)]
    Erasures(erasures::ErasuresVerb),
    /// List and add shops
    #[command(subcommand)]
    Merchants(merchants::MerchantsVerb),
    /// The people who may ask about a shop on WhatsApp
    #[command(subcommand)]
    Members(members::MembersVerb),
    /// The people who run the desk from Telegram
    #[command(subcommand)]
    Staff(staff::StaffVerb),
    /// The people who sign in to the admin view
    #[command(subcommand)]
    Accounts(accounts::AccountsVerb),
    /// The programs that may ask for a shop's figures over HTTP
    #[command(subcommand)]
    Tokens(tokens::TokensVerb),
    /// Feed recorded webhooks through the pipeline; nothing is sent
    Replay(replay::ReplayArgs),
    /// Say what a message wants: intent, confidence, language, entities
    Nlu(nlu::NluArgs),
    /// Measure how well messages are understood, by held-out sentences or by your own
    Eval(eval::EvalArgs),
    /// Work with parcels' tracking numbers
    #[command(subcommand)]
    Tracking(tracking::TrackingVerb),
    /// Stand in for a platform on this machine, for tests of any project
    #[command(subcommand)]
    Emulate(emulate::EmulateVerb),
    /// Show the configuration in force, or write its reference
    #[command(subcommand)]
    Config(config::ConfigVerb),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the version and how this program was built
    Version(version::VersionArgs),
}

/// Does it.
///
/// # Errors
/// What went wrong, with its exit code; a closed pipe is not an error.
pub fn dispatch(cli: Cli) -> Result<Exit, CliError> {
    // These run for long, and print by themselves.
    match &cli.verb {
        Verb::Serve(args) => return serve::run(args, &cli.settings),
        Verb::Demo(args) => return demo::run(args, &cli.settings),
        Verb::Emulate(verb) => return emulate::run(verb),
        _ => {}
    }
    let mut output = Output::stdout();
    let done = match cli.verb {
        Verb::Serve(_) | Verb::Demo(_) | Verb::Emulate(_) => Ok(Exit::Done),
        Verb::Events(verb) => events::run(&verb, &cli.settings, &mut output),
        Verb::Incidents(verb) => incidents::run(&verb, &cli.settings, &mut output),
        Verb::Finance(verb) => finance::run(&verb, &cli.settings, &mut output),
        Verb::Knowledge(verb) => knowledge::run(&verb, &cli.settings, &mut output),
        Verb::Requests(verb) => requests::run(&verb, &cli.settings, &mut output),
        Verb::Erasures(verb) => erasures::run(&verb, &cli.settings, &mut output),
        Verb::Merchants(verb) => merchants::run(&verb, &cli.settings, &mut output),
        Verb::Members(verb) => members::run(&verb, &cli.settings, &mut output),
        Verb::Staff(verb) => staff::run(&verb, &cli.settings, &mut output),
        Verb::Accounts(verb) => accounts::run(&verb, &cli.settings, &mut std::io::stdin().lock(), &mut output),
        Verb::Tokens(verb) => tokens::run(&verb, &cli.settings, &mut output),
        Verb::Replay(args) => replay::run(&args, &cli.settings, &mut output),
        Verb::Doctor(args) => doctor::run(&args, &cli.settings, &mut output),
        Verb::Config(verb) => config::run(&verb, &cli.settings, &mut output),
        Verb::Tracking(verb) => tracking::run(&verb, &mut std::io::stdin().lock(), &mut output),
        Verb::Nlu(args) => nlu::run(&args, &mut std::io::stdin().lock(), &mut output),
        Verb::Eval(args) => eval::run(&args, &mut output),
        Verb::Completions(args) => completions::run(&args, &mut output),
        Verb::Version(args) => version::run(&args, &mut output),
    };
    match done {
        Err(CliError::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_and_option_says_what_it_is_for() {
        fn walk(command: &clap::Command) {
            assert!(
                command.get_about().is_some() || command.get_name() == "help",
                "{} has no help",
                command.get_name()
            );
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {} has no help", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        let mut command = Cli::command();
        command.build();
        walk(&command);
    }

    #[test]
    fn settings_may_stand_before_or_after_the_verb() {
        for line in [["recado", "--set", "listen = x", "version"], ["recado", "version", "--set", "listen=x"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.settings.set, [("listen".to_owned(), "x".to_owned())]);
        }
        assert!(Cli::try_parse_from(["recado", "--set", "listen", "version"]).is_err());
    }
}
