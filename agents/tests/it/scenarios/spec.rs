//! How a scenario is written down.

use std::collections::BTreeMap;
use std::path::Path;

use recado_domain::Language;
use recado_domain::order::{Payment, PostalAddress};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::tools::OrderView;
use serde::Deserialize;

use super::Sabotage;
use crate::fakes::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// One dialogue.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// es, pt or en.
    pub lang: String,
    /// The shop's country.
    #[serde(default = "colombia")]
    pub country: String,
    /// `#1042; open; cod; items=Faja azul,Termo`.
    #[serde(default)]
    pub orders: Vec<String>,
    pub turns: Vec<Turn>,
    /// What was handed to staff in all, in order: `cancel_order #1042`.
    #[serde(default)]
    pub requests: Vec<String>,
    /// Who answers at the end: `bot` or `person`.
    #[serde(default = "bot")]
    pub owner: String,
    /// The request still open at the end.
    #[serde(default)]
    pub flow: String,
    /// What no reply may say.
    #[serde(default)]
    pub never: Vec<String>,
    /// Something had to be repaired.
    #[serde(default)]
    pub repair: bool,
    /// The customer means harm.
    #[serde(default)]
    pub hostile: bool,
    /// The customer changes the language.
    #[serde(default)]
    pub mixed: bool,
    /// What a simulated customer knows, by the name of the datum; with `goal.flow` what it wants.
    #[serde(default)]
    pub goal: BTreeMap<String, String>,
}

/// One turn of the customer and what is expected of it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    pub say: Option<Words>,
    pub tap: Option<String>,
    /// Time that passes before.
    pub after_minutes: Option<u64>,
    /// The session is lost before.
    #[serde(default)]
    pub forget: bool,
    /// Parcels that turn up or move before: order → status.
    #[serde(default)]
    pub moves: BTreeMap<String, String>,
    /// `agent/decision`, or the decision alone.
    pub does: Option<String>,
    /// Exactly these commands.
    pub commands: Option<Vec<String>>,
    /// Texts among those said.
    #[serde(default)]
    pub templates: Vec<String>,
    /// Facts that must be told: numbers and names, no wording.
    #[serde(default)]
    pub has: Vec<String>,
    /// Facts that staff must hear.
    #[serde(default)]
    pub notice: Vec<String>,
}

/// One message, or a burst.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Words {
    One(String),
    Burst(Vec<String>),
}

fn colombia() -> String {
    "CO".to_owned()
}
fn bot() -> String {
    "bot".to_owned()
}

impl Turn {
    pub fn texts(&self) -> Vec<String> {
        let expand = |text: &String| match text.strip_prefix("x4000:") {
            Some(word) => word.repeat(4_000 / word.chars().count().max(1)),
            None => text.clone(),
        };
        match &self.say {
            Some(Words::One(text)) => vec![expand(text)],
            Some(Words::Burst(texts)) => texts.iter().map(expand).collect(),
            None => Vec::new(),
        }
    }
}

impl Scenario {
    pub fn dialogue(&self, sabotage: Sabotage) -> Dialogue {
        let mut facts = Facts::default();
        for written in &self.orders {
            let (view, own) = view(written, sabotage);
            if own { facts.own.push(view) } else { facts.others.push(view) }
        }
        let mut dialogue = Dialogue::of(shopper(), facts);
        dialogue.merchant = merchant(&self.country, Language::Es);
        dialogue
    }
}

/// An order from its line.
fn view(written: &str, sabotage: Sabotage) -> (OrderView, bool) {
    let mut words = written.split(';').map(str::trim);
    let mut view = order(words.next().expect("a name"), 89_900);
    let mut own = true;
    view.order.address = Some(PostalAddress {
        line1: Some("Cra 5 # 12-34".into()),
        city: Some("Cali".into()),
        ..PostalAddress::default()
    });
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "open" => {}
            "cod" => {
                view.order.payment = Payment::Cod;
                view.order.financial_status = Some("pending".into());
            }
            "unpaid" => view.order.financial_status = Some("pending".into()),
            "other" => own = sabotage == Sabotage::Credulous,
            "cancelled" => view.order.cancelled_at = Some(at(NOW)),
            "delivered" => {
                let days: u64 = value.parse().expect("days since");
                let mut one = parcel(ShipmentStatus::Delivered);
                one.delivered_at = Some(at(NOW).minus(std::time::Duration::from_secs(days * 86_400)));
                view.shipments = vec![one];
            }
            "items" => {
                let line = view.order.lines[0].clone();
                view.order.lines = value
                    .split(',')
                    .map(|title| recado_domain::order::OrderLine { title: title.trim().into(), ..line.clone() })
                    .collect();
            }
            status => {
                view.shipments = vec![parcel(ShipmentStatus::from_code(status).unwrap_or_else(|| panic!("{status}")))];
            }
        }
    }
    if sabotage == Sabotage::Unguarded {
        view.shipments.clear();
    }
    (view, own)
}

/// All of them.
pub fn load() -> Vec<Scenario> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/scenarios"));
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    paths
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            toml::from_str::<File>(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display())).scenario
        })
        .collect()
}
