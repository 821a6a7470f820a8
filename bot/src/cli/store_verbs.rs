//! Arguments and rows of the verbs that work on the store: `events`, `incidents`, `merchants`, `members`, `staff`.

use clap::{Args, Subcommand, ValueEnum};
use recado_domain::{EventId, Timestamp};
use serde::Serialize;

use super::Row;

/// Options of every list.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
    /// At most so many, newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Only of this shop: its id or name
    #[arg(long, value_name = "SHOP")]
    pub merchant: Option<String>,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventStatus {
    /// Accepted, not yet decided
    Open,
    /// Decided in a committed turn
    Done,
    /// Left out, with a reason
    Skipped,
    /// Given up after its attempts; may be replayed
    Dead,
}

impl EventStatus {
    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Dead => "dead",
        }
    }
}

/// `recado events …`
#[derive(Clone, Debug, Subcommand)]
#[command(about = "List, look into and replay accepted events")]
pub enum EventsVerb {
    /// List events, newest first
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Only those that stand so
        #[arg(long, value_name = "STATUS")]
        status: Option<EventStatus>,
        /// Only those of this kind or beginning with it, e.g. message or commerce.order
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
    },
    /// Show one event: what came, what was understood and decided, what was sent
    Show {
        /// Its id
        event: EventId,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Put dead events back into their lanes, with fresh attempts
    Replay {
        /// Ids of dead events
        #[arg(required_unless_present = "dead", value_name = "EVENT")]
        events: Vec<EventId>,
        /// All dead events
        #[arg(long, conflicts_with = "events")]
        dead: bool,
    },
}

/// `recado incidents …`
#[derive(Clone, Debug, Subcommand)]
#[command(about = "List incidents")]
pub enum IncidentsVerb {
    /// List incidents that are not resolved, worst first
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Resolved ones too
        #[arg(long)]
        all: bool,
    },
}

/// `recado merchants …`
#[derive(Clone, Debug, Subcommand)]
#[command(about = "List and add shops")]
pub enum MerchantsVerb {
    /// List shops
    Ls {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Add a shop and its addresses
    Add {
        /// How people call it
        name: String,
        /// ISO 3166 country code
        #[arg(long, value_name = "CODE", default_value = "CO")]
        country: String,
        /// IANA time zone
        #[arg(long, value_name = "ZONE", default_value = "America/Bogota")]
        timezone: String,
        /// ISO 4217 currency of its books
        #[arg(long, value_name = "CODE", default_value = "COP")]
        currency: recado_domain::Currency,
        /// Language in which people are answered first: es, pt or en
        #[arg(long, value_name = "CODE", default_value = "es")]
        language: String,
        /// Id of its WhatsApp number
        #[arg(long, value_name = "ID")]
        phone_number_id: Option<String>,
        /// Its *.myshopify.com domain
        #[arg(long, value_name = "DOMAIN")]
        shop: Option<String>,
    },
}

/// A member's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MemberRoleArg {
    /// Everything of the shop, money included
    Owner,
    /// Orders and parcels; money only with --finance
    Employee,
}

/// `recado members …`
#[derive(Clone, Debug, Subcommand)]
#[command(about = "List and add the people who may ask about a shop on WhatsApp")]
pub enum MembersVerb {
    /// List members of a shop
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
    },
    /// Let a person ask about the shop from a phone
    Add {
        /// Their name
        name: String,
        /// Their WhatsApp number with country code
        #[arg(long, value_name = "NUMBER")]
        phone: String,
        /// The shop: its id or name; may be left out when there is only one
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// What they may do
        #[arg(long, value_name = "ROLE", default_value = "employee")]
        role: MemberRoleArg,
        /// Let an employee see money
        #[arg(long)]
        finance: bool,
    },
}

/// A staff role; each may do what the ones before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StaffRoleArg {
    /// Read
    Viewer,
    /// Answer people, handle incidents
    Agent,
    /// Also replay and reassign
    Lead,
    /// Also staff, shops and settings
    Operator,
}

/// `recado staff …`
#[derive(Clone, Debug, Subcommand)]
#[command(about = "List and add the people who run the desk from Telegram")]
pub enum StaffVerb {
    /// List staff
    Ls {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Let a person use the staff bot
    Add {
        /// Their name
        name: String,
        /// Their Telegram user id (a number; the bot tells it to strangers)
        #[arg(long, value_name = "ID")]
        telegram_user_id: i64,
        /// What they may do
        #[arg(long, value_name = "ROLE", default_value = "agent")]
        role: StaffRoleArg,
        /// Limit them to this shop: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
}

/// An event in a list. It holds no words of a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventRow {
    /// Its id.
    pub id: EventId,
    /// When the platform says it happened.
    pub occurred_at: Timestamp,
    /// From whom.
    pub source: String,
    /// What kind.
    pub kind: String,
    /// Where it stands.
    pub status: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it is skipped or dead.
    pub reason: Option<String>,
    /// Follows it through logs.
    pub trace: recado_domain::TraceId,
}

impl Row for EventRow {
    const HEAD: &'static [&'static str] = &["event", "happened", "source", "kind", "status", "tries", "reason"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.occurred_at.to_string(),
            self.source.clone(),
            self.kind.clone(),
            self.status.clone(),
            self.attempts.to_string(),
            self.reason.clone().unwrap_or_default(),
        ]
    }
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct IncidentRow(pub recado_domain::incident::Incident);

impl Row for IncidentRow {
    const HEAD: &'static [&'static str] =
        &["no", "severity", "kind", "where", "status", "problems", "usual", "opened", "taken by"];
    fn cells(&self) -> Vec<String> {
        let Self(incident) = self;
        let evidence = &incident.evidence;
        vec![
            format!("#{}", incident.number),
            incident.severity.to_string(),
            incident.kind.clone(),
            incident.dimension.clone(),
            incident.status.code().to_owned(),
            format!("{} of {}", evidence.problems, evidence.active),
            format!("{:.1}", evidence.expected),
            incident.opened_at.to_string(),
            incident.acknowledged.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
        ]
    }
}

/// A shop in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MerchantRow(pub recado_domain::merchant::Merchant);

impl Row for MerchantRow {
    const HEAD: &'static [&'static str] = &["shop", "name", "country", "zone", "currency", "language"];
    fn cells(&self) -> Vec<String> {
        let Self(shop) = self;
        vec![
            shop.id.to_string(),
            shop.name.clone(),
            shop.country.clone(),
            shop.timezone.clone(),
            shop.currency.to_string(),
            shop.language.to_string(),
        ]
    }
}

/// A member in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberRow {
    /// Name.
    pub name: String,
    /// Role.
    pub role: recado_domain::merchant::MemberRole,
    /// Whether they may see money.
    pub finance: bool,
    /// Masked phone.
    pub phone: String,
}

impl Row for MemberRow {
    const HEAD: &'static [&'static str] = &["name", "role", "money", "phone"];
    fn cells(&self) -> Vec<String> {
        let role = format!("{:?}", self.role).to_lowercase();
        let money = if self.finance { "yes" } else { "no" };
        vec![self.name.clone(), role, money.to_owned(), self.phone.clone()]
    }
}

/// A person of the staff in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct StaffRow(pub recado_domain::merchant::Staff);

impl Row for StaffRow {
    const HEAD: &'static [&'static str] = &["name", "role", "telegram", "shop"];
    fn cells(&self) -> Vec<String> {
        let Self(staff) = self;
        vec![
            staff.name.clone(),
            format!("{:?}", staff.role).to_lowercase(),
            staff.telegram_user_id.map(|id| id.to_string()).unwrap_or_default(),
            staff.merchant.map_or_else(|| "every".to_owned(), |shop| shop.to_string()),
        ]
    }
}

#[cfg(test)]
pub(super) mod tests_support {
    use super::*;
    use clap::{CommandFactory as _, Parser};

    #[derive(Parser)]
    #[allow(dead_code, reason = "read by clap")]
    enum Probe {
        #[command(subcommand)]
        Events(EventsVerb),
        #[command(subcommand)]
        Incidents(IncidentsVerb),
        #[command(subcommand)]
        Merchants(MerchantsVerb),
        #[command(subcommand)]
        Members(MembersVerb),
        #[command(subcommand)]
        Staff(StaffVerb),
    }

    /// A command of these verbs.
    pub(in crate::cli) fn command() -> clap::Command {
        Probe::command()
    }

    #[test]
    fn replay_needs_events_or_dead_but_not_both() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert!(Probe::try_parse_from(["recado", "events", "replay"]).is_err());
        assert!(Probe::try_parse_from(["recado", "events", "replay", "--dead", id]).is_err());
        assert!(Probe::try_parse_from(["recado", "events", "replay", id]).is_ok());
        assert!(Probe::try_parse_from(["recado", "events", "replay", "--dead"]).is_ok());
        assert!(Probe::try_parse_from(["recado", "merchants", "add", "Casa", "--currency", "XXX"]).is_err());
    }
}
