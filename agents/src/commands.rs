//! From what was understood, and what was asked before, to what is to be done.

use jiff::civil::Date;
use recado_domain::command::{Command, Entity, Mention, Understanding};
use recado_domain::conversation::{Pending, Session};
use recado_domain::finance::figures::Metric;
use recado_domain::finance::question::{Advice, Question, Subject};
use recado_domain::flow::{FlowKind, Slot, Step};
use recado_domain::intent::Intent;
use recado_domain::order::order_number;
use recado_domain::period::Period;

use crate::flows::{interpret, phrases, waits_for_order};
use crate::understanding::Readings;
use crate::understanding::entities::Context;
use crate::understanding::normalise::normalise;
use crate::understanding::reminders::{Heard, Paid};
use crate::understanding::rules::{self, Global};
use crate::understanding::{asks, questions, reminders};

/// Below this probability a reading is asked about instead of followed.
pub const CLEAR: f64 = 0.32;
/// A sign of danger is followed from this probability on: a wrong alarm costs less than a missed one.
pub const DANGER: f64 = 0.25;
/// Words of an answer that the classifier is not asked about.
const SHORT: usize = 3;
/// What would sound like a refusal needs this much.
const SURE: f64 = 0.5;
/// A reading that would give a dialogue away while something is asked is followed from here on.
const GIVEN_AWAY: f64 = 0.6;
/// Orders told at once.
const MOST_AT_ONCE: usize = 3;

/// What a text stands in.
pub struct Asked<'a> {
    /// What was said before.
    pub session: &'a Session,
    /// Whether the asker is a member of the shop; changes what words may mean, never what is allowed.
    pub member: bool,
    /// The shop's day.
    pub today: Date,
    /// The shop's country.
    pub country: &'a str,
}

impl<'a> Asked<'a> {
    /// What is known of the shop when a text is read.
    pub const fn context(&self) -> Context<'a> {
        Context { today: Some(self.today), country: self.country }
    }
}

/// What to do about a text.
pub fn commands(text: &str, understanding: &Understanding, readings: &Readings, asked: &Asked<'_>) -> Vec<Command> {
    let normalised = normalise(text);
    let session = asked.session;
    // A short answer to a question («el termo») has too few words to judge by; words of danger count everywhere.
    let answers = session.flows.top().is_some() && normalised.split(' ').count() <= SHORT;
    let danger = readings.iter().any(|(intent, chance)| *intent == Intent::SafetyEmergency && *chance >= DANGER);
    // «¿Estoy quemando caja?» burns nobody.
    let of_money = || {
        let ground =
            questions::Ground { text, normalised: &normalised, entities: &understanding.entities, today: asked.today };
        asked.member && questions::ask(&ground).is_some()
    };
    if danger && (rules::speaks_of_danger(&normalised) || !answers && !of_money()) {
        return vec![Command::Escalate { intent: Intent::SafetyEmergency }];
    }
    // While orders asks for the number or the proof that a request needs, that question is the request's own. Asked about
    // another matter, it only comes first.
    let orders_ask =
        matches!(session.pending, Some(Pending::Proof { .. } | Pending::OrderReference | Pending::PickOrder { .. }));
    let asked_by_orders = orders_ask && waits_for_order(&session.flows);
    let request = session.flows.top().filter(|_| !asked_by_orders);
    // «Cancelar» to «¿cancelo tu pedido?» may be a yes or a way out: asked once more, then it is the way out.
    let unsure = request
        .is_some_and(|state| state.kind == FlowKind::CancelOrder && state.step == Step::Confirm && state.failures == 0);
    let global = rules::global(&normalised).filter(|global| !(unsure && *global == Global::Cancel));
    if let Some(global) = global {
        return vec![match global {
            Global::Menu | Global::Bot | Global::Help => Command::Menu,
            Global::Cancel => Command::Cancel,
            Global::Human => Command::Human,
            Global::Stop => Command::Stop,
            Global::Resume => Command::Resume,
            Global::Repeat => Command::Repeat,
        }];
    }
    let found = Found::of(&understanding.entities);
    let answered = answer_to_pending(text, &normalised, session, &found, understanding.intent);
    if let Some(commands) = answered {
        return for_request(session, commands);
    }
    if let Some(state) = request
        && let Some(commands) = interpret::commands(text, understanding, state, asked.today)
    {
        return commands;
    }
    without_classifying(&normalised, asked, &found)
        .or_else(|| money(text, &normalised, understanding, asked))
        .unwrap_or_else(|| by_intent(text, &normalised, understanding, &found, asked))
}

/// The number of an order, said while a request waits for it.
fn for_request(session: &Session, commands: Vec<Command>) -> Vec<Command> {
    match commands.as_slice() {
        [Command::TrackOrder { reference: Some(reference) }] if waits_for_order(&session.flows) => {
            vec![Command::SetSlot { slot: Slot::Order, value: reference.clone() }]
        }
        _ => commands,
    }
}

/// What whole phrases decide.
fn without_classifying(normalised: &str, asked: &Asked<'_>, found: &Found) -> Option<Vec<Command>> {
    let decided = if asks::agrees(normalised) {
        Command::SmallTalk { intent: Intent::Thanks }
    } else if asks::laughs(normalised) && asked.session.pending.is_none() {
        Command::SmallTalk { intent: Intent::No }
    } else if !asked.member && phrases::asks_how_it_goes(normalised) {
        Command::RequestStatus
    } else if !asked.member && asks::asks_amount_due(normalised) {
        Command::AmountDue { reference: found.reference() }
    } else {
        return None;
    };
    Some(vec![decided])
}

/// The entities that matter here.
struct Found {
    order: Option<String>,
    parcel: Option<String>,
    proof: bool,
    phone: Option<String>,
    period: Option<Period>,
}

impl Found {
    fn of(entities: &[Mention]) -> Self {
        let mut found = Self { order: None, parcel: None, proof: false, phone: None, period: None };
        for mention in entities {
            match &mention.entity {
                Entity::OrderNumber { value } => found.order = found.order.take().or_else(|| Some(value.clone())),
                Entity::TrackingNumber { value, .. } => {
                    found.parcel = found.parcel.take().or_else(|| Some(value.clone()))
                }
                Entity::Email { .. } => found.proof = true,
                Entity::Phone { value } => {
                    found.proof = true;
                    found.phone = found.phone.take().or_else(|| Some(value.clone()));
                }
                Entity::Period { value, .. } => found.period = found.period.or(Some(*value)),
                _ => {}
            }
        }
        found
    }
    fn reference(&self) -> Option<String> {
        self.order.clone().or_else(|| self.parcel.clone())
    }
}

fn answer_to_pending(
    text: &str,
    normalised: &str,
    session: &Session,
    found: &Found,
    intent: Option<Intent>,
) -> Option<Vec<Command>> {
    match session.pending.as_ref()? {
        Pending::Proof { .. } | Pending::OrderReference if asks::does_not_know(normalised) => {
            Some(vec![Command::Escalate { intent: Intent::TrackOrder }])
        }
        Pending::Proof { order, .. } => {
            if found.proof || (found.parcel.is_some() && found.order.is_none()) {
                return Some(vec![Command::Prove { text: proof_in(text) }]);
            }
            let other = found.order.as_ref().filter(|other| order_number(other) != order_number(order))?;
            Some(vec![Command::TrackOrder { reference: Some(other.clone()) }])
        }
        Pending::Person => {
            let agreed = asks::agrees(normalised) || intent == Some(Intent::Yes);
            agreed.then(|| vec![Command::Human])
        }
        Pending::OrderReference => {
            if let Some(reference) = found.reference() {
                return Some(with_proof(reference, text, found));
            }
            lone_reference(text).map(|reference| vec![Command::TrackOrder { reference: Some(reference) }])
        }
        Pending::PickOrder { names } if asks::means_all(normalised) => {
            let all = names.iter().take(MOST_AT_ONCE);
            Some(all.map(|name| Command::TrackOrder { reference: Some(name.clone()) }).collect())
        }
        Pending::PickOrder { names } => {
            let said = found.reference().or_else(|| lone_reference(text))?;
            let by_name = names.iter().find(|name| order_number(name) == order_number(&said));
            let by_place = normalised.parse::<usize>().ok().and_then(|place| names.get(place.checked_sub(1)?));
            let reference = by_name.or(by_place).cloned().unwrap_or(said);
            Some(vec![Command::TrackOrder { reference: Some(reference) }])
        }
        Pending::Record { .. } if questions::answers_yes(normalised) => Some(vec![Command::KeepFact]),
        Pending::Record { .. } if questions::answers_no(normalised) || questions::undoes(normalised) => {
            Some(vec![Command::DropFact])
        }
        Pending::Record { .. } => None,
        Pending::DebtPaid { .. } if questions::answers_yes(normalised) => Some(vec![Command::KeepFact]),
        Pending::DebtPaid { .. } if questions::answers_no(normalised) => Some(vec![Command::DropFact]),
        Pending::DebtPaid { .. } => None,
        Pending::Remind { .. } if reminders::sends(normalised) => Some(vec![Command::SendReminders { batch: None }]),
        Pending::Remind { .. } if reminders::leaves(normalised) => Some(vec![Command::LeaveReminders]),
        Pending::Remind { .. } => None,
        Pending::DebtorPhone { .. } => found.phone.as_deref().map(|phone| vec![debtor_phone(None, phone)]),
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

/// What a member's words ask, tell or take back about money.
fn money(text: &str, normalised: &str, understanding: &Understanding, asked: &Asked<'_>) -> Option<Vec<Command>> {
    if !asked.member {
        return None;
    }
    if asked.session.last_record.is_some() && questions::undoes(normalised) {
        return Some(vec![Command::UndoFact]);
    }
    match reminders::heard(normalised, &understanding.entities) {
        Some(Heard::Remind(whom)) => return Some(vec![Command::Remind { whom }]),
        Some(Heard::Phone { name, phone }) => return Some(vec![debtor_phone(Some(name), &phone)]),
        None => {}
    }
    let ground = questions::Ground { text, normalised, entities: &understanding.entities, today: asked.today };
    let told = questions::told_fee(&ground, asked.country).or_else(|| questions::told(&ground));
    if let Some(note) = told {
        return Some(vec![Command::TellFact { note: Box::new(note) }]);
    }
    if let Some(Paid { name, amount, yesterday }) = reminders::paid(text, normalised, &understanding.entities) {
        let day = if yesterday { asked.today.yesterday().unwrap_or(asked.today) } else { asked.today };
        return Some(vec![Command::DebtPaid { name, amount, day }]);
    }
    let last = asked.session.last_question.as_ref();
    if let Some(wish) = questions::standing(&ground) {
        return Some(vec![Command::Digest { wish }]);
    }
    if let Some(question) = questions::shaped(&ground, last) {
        return Some(vec![Command::Figure { question: Box::new(question) }]);
    }
    let own = || {
        let own = questions::ask(&ground)?;
        Some(match last {
            Some(last) => questions::carried(&ground, own, last),
            None => own,
        })
    };
    let question = last.and_then(|last| questions::follow_up(&ground, last)).or_else(own)?;
    Some(vec![Command::Figure { question: Box::new(question) }])
}

/// A phone that was told, as it is dialled; one whose country is not known has no digits to dial.
fn debtor_phone(name: Option<String>, phone: &str) -> Command {
    Command::DebtorPhone { name, digits: phone.strip_prefix('+').unwrap_or_default().to_owned() }
}

/// What a tapped reading about money asks: the figure that its title names.
fn of_money(intent: Intent, period: Option<Period>) -> Command {
    let subject = match intent {
        Intent::MerchantSales | Intent::MerchantGrowth => Subject::Metrics(vec![Metric::BookedNetSales]),
        Intent::MerchantProfit => Subject::Metrics(vec![Metric::OperatingProfit]),
        Intent::MerchantCashFlow => Subject::Metrics(vec![Metric::Cash]),
        Intent::MerchantInventory => Subject::Metrics(vec![Metric::Inventory]),
        Intent::MerchantUnitEconomics => Subject::Metrics(vec![Metric::Cm2PerOrder]),
        Intent::MerchantPricing => Subject::Advice(Advice::TargetPrice),
        Intent::MerchantHealthScore => Subject::Advice(Advice::HealthScore),
        Intent::MerchantCollections => Subject::Metrics(vec![Metric::Receivables]),
        Intent::MerchantReport => Subject::Report,
        _ => Subject::Unknown,
    };
    Command::Figure { question: Box::new(Question { period, ..Question::about(subject) }) }
}

/// What an intent about money asks when no word of its text does.
fn sounds_like(intent: Intent, period: Option<Period>) -> Command {
    Command::Figure { question: Box::new(Question { period, ..Question::about(Subject::Which(intent)) }) }
}

fn by_intent(
    text: &str,
    normalised: &str,
    understanding: &Understanding,
    found: &Found,
    asked: &Asked<'_>,
) -> Vec<Command> {
    let reference = found.reference();
    if let Some(reference) = reference.as_ref().filter(|_| is_bare_reference(normalised)) {
        return vec![Command::TrackOrder { reference: Some(reference.clone()) }];
    }
    if rules::asks_contents(normalised) {
        return vec![Command::OrderContents { reference }];
    }
    let understood = understanding.confidence >= CLEAR && !asks::speaks_to_a_program(text);
    let clear = understanding.intent.filter(|_| understood);
    let grave = clear.is_some_and(is_grave);
    if let Some(flow) = phrases::begun(normalised).filter(|_| !asked.member && !grave) {
        return vec![Command::StartFlow { flow, reference, text: text.to_owned() }];
    }
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
    match intent {
        // A shopper hears «that is the shop's» only when it was surely asked.
        intent if intent.is_merchant() && !asked.member && understanding.confidence < SURE => vec![Command::Unclear],
        // No word for a figure was heard: which one is meant is asked, not guessed.
        intent if intent.is_merchant() => vec![sounds_like(intent, found.period)],
        intent => match of_intent(intent, text, found, asked.session) {
            // While something is asked, a dialogue is not given away for what may be no more than an odd answer.
            Command::Escalate { intent }
                if waits(asked.session) && understanding.confidence < GIVEN_AWAY && !is_grave(intent) =>
            {
                vec![Command::Unclear]
            }
            // The people of the shop are not sent to the people of the shop.
            Command::Escalate { intent } if asked.member && !is_grave(intent) => vec![Command::Unclear],
            Command::StartFlow { .. } if asked.member => vec![Command::Unclear],
            command => vec![command],
        },
    }
}

/// Whether a question of ours waits for its answer.
fn waits(session: &Session) -> bool {
    session.flows.top().is_some() || matches!(session.pending, Some(Pending::Proof { .. } | Pending::OrderReference))
}

/// What a person must hear of, whoever says it.
fn is_grave(intent: Intent) -> bool {
    matches!(intent, Intent::SafetyEmergency | Intent::LegalThreat | Intent::ReportIncident)
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
    let nothing = Found { order: None, parcel: None, proof: false, phone: None, period: None };
    of_intent(intent, "", &nothing, &Session::default())
}

fn of_intent(intent: Intent, text: &str, found: &Found, session: &Session) -> Command {
    if let Some(flow) = FlowKind::of(intent) {
        return Command::StartFlow { flow, reference: found.reference(), text: text.to_owned() };
    }
    match intent {
        Intent::Greeting => Command::Greet,
        Intent::Menu => Command::Menu,
        Intent::Repeat => Command::Repeat,
        Intent::TalkToHuman => Command::Human,
        Intent::StopMarketing => Command::Stop,
        Intent::TrackOrder => Command::TrackOrder { reference: found.reference() },
        Intent::IncidentStatus => Command::IncidentStatus,
        // Nothing was asked: what may be asked is shown.
        Intent::Yes if session.pending.is_none() => Command::Menu,
        Intent::Yes | Intent::Correction => Command::Unclear,
        Intent::No
        | Intent::Thanks
        | Intent::Goodbye
        | Intent::ReviewPraise
        | Intent::WhoAreYou
        | Intent::OutOfScope => Command::SmallTalk { intent },
        intent if intent.is_merchant() => of_money(intent, found.period),
        intent => Command::Escalate { intent },
    }
}
