//! From what was understood, and what was asked before, to what is to be done.

use recado_domain::command::{Command, Entity, Metric, Understanding};
use recado_domain::conversation::{Pending, Session};
use recado_domain::intent::Intent;
use recado_domain::order::order_number;
use recado_domain::period::Period;

use crate::understanding::Readings;
use crate::understanding::normalise::normalise;
use crate::understanding::rules::{self, Global};

/// Below this probability a reading is asked about instead of followed.
pub const CLEAR: f64 = 0.32;
/// A sign of danger is followed from this probability on: a wrong alarm costs less than a missed one.
pub const DANGER: f64 = 0.25;

/// What to do about a text.
pub fn commands(
    text: &str,
    understanding: &Understanding,
    readings: &Readings,
    session: &Session,
    member: bool,
) -> Vec<Command> {
    let normalised = normalise(text);
    if readings.iter().any(|(intent, chance)| *intent == Intent::SafetyEmergency && *chance >= DANGER) {
        return vec![Command::Escalate { intent: Intent::SafetyEmergency }];
    }
    if let Some(global) = rules::global(&normalised) {
        return vec![match global {
            Global::Menu | Global::Bot => Command::Menu,
            Global::Cancel => Command::Cancel,
            Global::Human => Command::Human,
            Global::Stop => Command::Stop,
            Global::Resume => Command::Resume,
            Global::Repeat => Command::Repeat,
        }];
    }
    let found = Found::of(&understanding.entities);
    answer_to_pending(text, &normalised, session, &found)
        .or_else(|| follow_up(&normalised, session, &found, member))
        .unwrap_or_else(|| by_intent(text, &normalised, understanding, &found, session))
}

/// The entities that matter here.
struct Found {
    order: Option<String>,
    parcel: Option<String>,
    proof: bool,
    period: Option<Period>,
}

impl Found {
    fn of(entities: &[Entity]) -> Self {
        let mut found = Self { order: None, parcel: None, proof: false, period: None };
        for entity in entities {
            match entity {
                Entity::OrderNumber { value } => found.order = found.order.take().or_else(|| Some(value.clone())),
                Entity::TrackingNumber { value } => found.parcel = found.parcel.take().or_else(|| Some(value.clone())),
                Entity::Email { .. } | Entity::Phone { .. } => found.proof = true,
                Entity::Period { value } => found.period = Some(*value),
            }
        }
        found
    }
    fn reference(&self) -> Option<String> {
        self.order.clone().or_else(|| self.parcel.clone())
    }
}

fn answer_to_pending(text: &str, normalised: &str, session: &Session, found: &Found) -> Option<Vec<Command>> {
    match session.pending.as_ref()? {
        Pending::Proof { order, .. } => {
            if found.proof || (found.parcel.is_some() && found.order.is_none()) {
                return Some(vec![Command::Prove { text: proof_in(text) }]);
            }
            let other = found.order.as_ref().filter(|other| order_number(other) != order_number(order))?;
            Some(vec![Command::TrackOrder { reference: Some(other.clone()) }])
        }
        Pending::OrderReference => {
            if let Some(reference) = found.reference() {
                return Some(with_proof(reference, text, found));
            }
            lone_reference(text).map(|reference| vec![Command::TrackOrder { reference: Some(reference) }])
        }
        Pending::PickOrder { names } => {
            let said = found.reference().or_else(|| lone_reference(text))?;
            let by_name = names.iter().find(|name| order_number(name) == order_number(&said));
            let by_place = normalised.parse::<usize>().ok().and_then(|place| names.get(place.checked_sub(1)?));
            let reference = by_name.or(by_place).cloned().unwrap_or(said);
            Some(vec![Command::TrackOrder { reference: Some(reference) }])
        }
        Pending::Period => {
            let period = found.period?;
            Some(vec![Command::Figure { metric: session.last_metric.unwrap_or(Metric::Sales), period: Some(period) }])
        }
    }
}

fn with_proof(reference: String, text: &str, found: &Found) -> Vec<Command> {
    let mut commands = vec![Command::TrackOrder { reference: Some(reference) }];
    if found.proof && found.order.is_some() {
        commands.push(Command::Prove { text: proof_in(text) });
    }
    commands
}

/// The e-mail in a text, else its digits: what a proof is compared with.
fn proof_in(text: &str) -> String {
    let email = text.split_whitespace().find(|token| token.contains('@'));
    email.map_or_else(
        || longest_number(text),
        |token| token.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_lowercase(),
    )
}

fn longest_number(text: &str) -> String {
    let mut best = String::new();
    let mut current = String::new();
    for letter in text.chars().take(400).chain(std::iter::once('\n')) {
        match letter {
            '0'..='9' => current.push(letter),
            ' ' | '-' | '+' | '(' | ')' | '.' => {}
            _ => {
                if current.len() > best.len() {
                    best.clone_from(&current);
                }
                current.clear();
            }
        }
    }
    best
}

/// A text that is nothing but a name with a digit in it («A-1042»).
fn lone_reference(text: &str) -> Option<String> {
    let trimmed = text.trim().trim_start_matches('#');
    let good = (1..=24).contains(&trimmed.len())
        && trimmed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && trimmed.bytes().any(|byte| byte.is_ascii_digit());
    good.then(|| trimmed.to_ascii_uppercase())
}

/// «¿y la semana pasada?» after a figure.
fn follow_up(normalised: &str, session: &Session, found: &Found, member: bool) -> Option<Vec<Command>> {
    let period = found.period.filter(|_| member && session.last_period.is_some() && found.order.is_none())?;
    let words = normalised.split(' ').count();
    let linked = ["y ", "e ", "and ", "what about ", "how about "].iter().any(|start| normalised.starts_with(start));
    let own_metric = rules::certain_intent(normalised).is_some();
    (!own_metric && words <= 6 && (linked || words <= 4))
        .then(|| vec![Command::Figure { metric: session.last_metric.unwrap_or(Metric::Sales), period: Some(period) }])
}

fn metric_of(intent: Intent, normalised: &str) -> Metric {
    if rules::asks_average(normalised) {
        Metric::AverageOrder
    } else if rules::asks_orders(normalised) {
        Metric::Orders
    } else if intent == Intent::MerchantSales {
        Metric::Sales
    } else {
        Metric::NotYet
    }
}

fn by_intent(
    text: &str,
    normalised: &str,
    understanding: &Understanding,
    found: &Found,
    session: &Session,
) -> Vec<Command> {
    let reference = found.reference();
    if let Some(reference) = reference.as_ref().filter(|_| is_bare_reference(normalised)) {
        return vec![Command::TrackOrder { reference: Some(reference.clone()) }];
    }
    if rules::asks_contents(normalised) {
        return vec![Command::OrderContents { reference }];
    }
    let clear = understanding.intent.filter(|_| understanding.confidence >= CLEAR);
    let Some(intent) = clear else {
        return match reference {
            Some(reference) => with_proof(reference, text, found),
            None => vec![Command::Unclear],
        };
    };
    // «¿ya llegó el #1042?» sounds like a problem and is a question; only a sure problem goes to a person.
    let unsure_problem = intent == Intent::DeliveryProblem && understanding.confidence < 0.75;
    if let Some(reference) = reference.as_ref().filter(|_| unsure_problem) {
        return with_proof(reference.clone(), text, found);
    }
    if let (Some(reference), Intent::Greeting | Intent::Correction | Intent::TrackOrder | Intent::DeliveryPeriod) =
        (&reference, intent)
    {
        return with_proof(reference.clone(), text, found);
    }
    vec![of_intent(intent, normalised, found, session)]
}

/// Whether a text is a number and nothing but words around numbers: «el pedido 1042», «my order is #1042».
fn is_bare_reference(normalised: &str) -> bool {
    const AROUND: &[&str] = &[
        "el",
        "la",
        "mi",
        "meu",
        "o",
        "my",
        "the",
        "pedido",
        "orden",
        "order",
        "numero",
        "number",
        "es",
        "e",
        "is",
        "guia",
        "rastreio",
        "rastreo",
        "tracking",
        "compra",
        "encomenda",
        "de",
        "por",
        "favor",
        "hola",
        "oi",
        "hi",
        "no",
    ];
    normalised.split(' ').all(|word| word.bytes().any(|byte| byte.is_ascii_digit()) || AROUND.contains(&word))
}

/// What an intent asks for; also what a tapped reading asks for.
pub fn of_intent_alone(intent: Intent) -> Command {
    let nothing = Found { order: None, parcel: None, proof: false, period: None };
    of_intent(intent, "", &nothing, &Session::default())
}

fn of_intent(intent: Intent, normalised: &str, found: &Found, session: &Session) -> Command {
    match intent {
        Intent::Greeting => Command::Greet,
        Intent::Menu => Command::Menu,
        Intent::Repeat => Command::Repeat,
        Intent::TalkToHuman => Command::Human,
        Intent::StopMarketing => Command::Stop,
        Intent::TrackOrder => Command::TrackOrder { reference: found.reference() },
        Intent::IncidentStatus => Command::IncidentStatus,
        // After two misunderstandings a person was offered: yes takes the offer.
        Intent::Yes if session.confusions >= 2 => Command::Human,
        Intent::Yes | Intent::Correction => Command::Unclear,
        Intent::No
        | Intent::Thanks
        | Intent::Goodbye
        | Intent::ReviewPraise
        | Intent::WhoAreYou
        | Intent::OutOfScope => Command::SmallTalk { intent },
        intent if intent.is_merchant() => {
            Command::Figure { metric: metric_of(intent, normalised), period: found.period }
        }
        intent => Command::Escalate { intent },
    }
}
