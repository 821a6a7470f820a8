//! Who asked what about the shop's money, on this page, in chat, or by a program.

use jiff::civil::Date;
use recado_documents::comparison::titled;
use recado_documents::write::Writer;
use recado_domain::finance::figures::{Days, Metric};
use recado_store::audit::Act;
use serde::Serialize;

use crate::context::Page;
use crate::format::Shown;

/// A question of the record.
#[derive(Serialize)]
pub(super) struct Asked {
    at: Shown,
    who: String,
    what: String,
    /// Of which days, which figures.
    detail: String,
    /// Whether it was not answered.
    denied: bool,
}

/// The record in words.
pub(super) fn asked(page: &Page<'_>, writer: Writer, act: &Act) -> Asked {
    // What the chat keeps is the question as it was understood.
    let kind = if act.object.starts_with('{') { "chat" } else { act.object.split(' ').next().unwrap_or_default() };
    let kind = page.known_key("finance.asked", kind);
    Asked {
        // This look itself was kept a moment after the page began.
        at: page.clock.shown(act.at.min(page.now())),
        who: who(&act.actor).to_owned(),
        what: page.say(&format!("finance.asked.{kind}"), &[]),
        detail: detail(&act.object, writer),
        denied: !act.outcome.starts_with("done"),
    }
}

/// The name of whoever asked: of a member without the number, of a program what it is for.
fn who(actor: &str) -> &str {
    match actor.split_once(':') {
        Some(("member", member)) => member.split_once(' ').map_or("WhatsApp", |(_, name)| name),
        Some(("shopper", _)) => "WhatsApp",
        Some(("token", name)) => name,
        _ => actor,
    }
}

/// The days and the figures that are named.
fn detail(object: &str, writer: Writer) -> String {
    let mut details: Vec<String> = Vec::new();
    for word in object.split([' ', '"', ',']) {
        let days = word
            .split_once("..")
            .and_then(|(first, last)| Some(Days::new(first.parse::<Date>().ok()?, last.parse::<Date>().ok()?)));
        let said = match (days, Metric::of_id(word)) {
            (Some(days), _) => Some(writer.days(days)),
            (None, Some(metric)) => Some(titled(writer, metric)),
            (None, None) => None,
        };
        details.extend(said.filter(|said| !details.contains(said)));
    }
    details.join(" · ")
}

#[cfg(test)]
mod tests {
    use recado_domain::{Currency, Language};

    use super::*;

    #[test]
    fn who_asked_is_named_without_a_number() {
        assert_eq!(who("member:whatsapp:573005550100 Ana María"), "Ana María");
        assert_eq!(who("token:spreadsheet"), "spreadsheet");
        assert_eq!(who("shopper:whatsapp:573005550100"), "WhatsApp");
        assert_eq!(who("Laura Ríos"), "Laura Ríos");
    }

    #[test]
    fn days_and_figures_are_told_and_nothing_else() {
        let writer = Writer { language: Language::Es, currency: Currency::Cop };
        let page = "page 2026-09-01..2026-09-30 booked.net_sales city booked.net_sales";
        assert_eq!(detail(page, writer), "septiembre de 2026 · Ventas netas");
        assert_eq!(
            detail(r#"{"command":"figure","subject":{"metrics":["cm2","cash"]}"#, writer),
            "Margen de contribución · Caja"
        );
    }
}
