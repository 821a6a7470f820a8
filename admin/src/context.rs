//! Who looks at a page, how, and what every page needs.

use std::sync::Arc;

use axum::extract::Request;
use axum_extra::extract::cookie::CookieJar;
use http::{HeaderMap, header};
use recado_domain::merchant::{Merchant, StaffRole};
use recado_domain::{Language, MerchantId, Timestamp};
use recado_store::desk::{NavCounts, Scope};
use recado_store::login::AdminUser;
use recado_store::registry::Known;
use serde::Serialize;
use tera::Context;

use crate::Desk;
use crate::error::PageError;
use crate::format::Clockwork;

pub(crate) const THEME: &str = "recado_theme";
pub(crate) const LANGUAGE: &str = "recado_language";

/// How a visitor sees pages, signed in or not.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) language: Language,
    pub(crate) theme: &'static str,
    /// Path and query of the request.
    pub(crate) here: String,
}

impl Look {
    pub(crate) fn of(request: &Request) -> Self {
        let jar = CookieJar::from_headers(request.headers());
        let chosen = jar.get(LANGUAGE).and_then(|cookie| Language::from_tag(cookie.value()));
        let here = request.uri().path_and_query().map_or("/admin", |path| path.as_str()).to_owned();
        Self {
            language: chosen.or_else(|| accepted(request.headers())).unwrap_or_default(),
            theme: jar.get(THEME).map_or("auto", |cookie| theme(cookie.value())),
            here,
        }
    }

    /// What templates without a sign-in need.
    pub(crate) fn context(&self) -> Context {
        let mut context = Context::new();
        context.insert("lang", self.language.code());
        context.insert("theme", self.theme);
        context.insert(
            "dark_media",
            match self.theme {
                "light" => "not all",
                "dark" => "all",
                _ => "(prefers-color-scheme: dark)",
            },
        );
        context.insert("problems", &Vec::<Problem>::new());
        context
    }
}

/// A theme that we know.
pub(crate) fn theme(word: &str) -> &'static str {
    match word {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    }
}

/// The first language of the browser's list that we speak.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    list.split(',').filter_map(|part| Language::from_tag(part.split(';').next()?.trim())).next()
}

/// What is wrong with a field.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) field: &'static str,
    pub(crate) key: &'static str,
}

/// A signed-in visitor; only [`crate::guard::require_sign_in`] makes one.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) user: AdminUser,
    pub(crate) csrf: String,
    pub(crate) token: recado_domain::Secret,
    pub(crate) look: Look,
}

#[derive(Serialize)]
struct Who<'a> {
    name: &'a str,
    initials: String,
}

#[derive(Serialize)]
struct Counts {
    waiting: i64,
    incidents: i64,
    dead: i64,
}

impl From<NavCounts> for Counts {
    fn from(counts: NavCounts) -> Self {
        Self { waiting: counts.waiting, incidents: counts.incidents, dead: counts.dead_events + counts.troubled_sends }
    }
}

impl Visitor {
    pub(crate) fn scope(&self) -> Scope {
        Scope::from_limit(self.user.merchant)
    }

    /// Answer people, handle incidents.
    pub(crate) fn may_handle(&self) -> Result<(), PageError> {
        (self.user.role >= StaffRole::Agent).then_some(()).ok_or(PageError::Forbidden)
    }

    /// Replay and dismiss.
    pub(crate) fn may_replay(&self) -> Result<(), PageError> {
        (self.user.role >= StaffRole::Lead).then_some(()).ok_or(PageError::Forbidden)
    }

    /// Whether a merchant's things may be seen.
    pub(crate) fn sees(&self, merchant: Option<MerchantId>) -> bool {
        self.user.merchant.is_none() || self.user.merchant == merchant
    }
}

/// Two letters for a round mark.
pub(crate) fn initials(name: &str) -> String {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()))
        .take(2)
        .collect();
    if letters.is_empty() { "·".to_owned() } else { letters.to_uppercase() }
}

/// A page in the making: the common part is there, and what is needed to word the rest.
pub(crate) struct Page<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) context: Context,
    pub(crate) clock: Clockwork<'a>,
    pub(crate) known: Arc<Known>,
    pub(crate) counts: NavCounts,
}

impl<'a> Page<'a> {
    pub(crate) async fn new(desk: &'a Desk, visitor: &Visitor, name: &str) -> Result<Page<'a>, PageError> {
        // Before anything is read, so that whatever changes meanwhile is told again.
        let last_event = desk.state.live.position();
        let known = desk.state.store.directory().await?;
        let counts = desk.state.store.nav_counts(visitor.scope()).await?;
        let language = visitor.look.language;
        let words = desk.templates.words();
        let shops: Vec<&Arc<Merchant>> = known.merchants().filter(|shop| visitor.sees(Some(shop.id))).collect();
        let shop = match shops.as_slice() {
            [one] => one.name.clone(),
            many => words.count(language, "shops", many.len() as i64, &[]),
        };
        // Days are the shop's; an operator of several sees those of the first.
        let zone = shops.first().map_or(jiff::tz::TimeZone::UTC, |shop| shop.zone());
        let clock = Clockwork { words, language, zone, now: desk.state.clock.now() };

        let mut context = visitor.look.context();
        context.insert("page", name);
        context.insert("csrf", &visitor.csrf);
        context.insert("here", &visitor.look.here);
        context.insert("here_path", visitor.look.here.split('?').next().unwrap_or("/admin"));
        context.insert("shop", &shop);
        context.insert("user", &Who { name: &visitor.user.name, initials: initials(&visitor.user.name) });
        context.insert(
            "next_theme",
            match visitor.look.theme {
                "auto" => "light",
                "light" => "dark",
                _ => "auto",
            },
        );
        context.insert("counts", &Counts::from(counts));
        context.insert("playground", &desk.state.playground.is_some());
        context.insert("last_event", &last_event);
        context.insert("can_handle", &visitor.may_handle().is_ok());
        context.insert("can_replay", &visitor.may_replay().is_ok());
        context.insert("can_money", &visitor.user.finance);
        context.insert("toast", &toast(&visitor.look.here));
        Ok(Page { desk, context, clock, known, counts })
    }

    pub(crate) fn say(&self, key: &str, with: &[(&str, &str)]) -> String {
        self.clock.words.say(self.clock.language, key, with)
    }

    pub(crate) fn count(&self, key: &str, n: i64, with: &[(&str, &str)]) -> String {
        self.clock.words.count(self.clock.language, key, n, with)
    }

    /// `prefix.code` if there are words for it, else `prefix.other`.
    pub(crate) fn known_key(&self, prefix: &str, code: &str) -> String {
        let known = self.clock.words.find(self.clock.language, &format!("{prefix}.{code}"), None, &[]).is_some();
        if known { code.to_owned() } else { "other".to_owned() }
    }

    /// The words of an event's kind (`message.text` → `Mensaje: texto`).
    pub(crate) fn event_kind(&self, kind: &str) -> String {
        let (family, detail) = kind.split_once('.').unwrap_or((kind, ""));
        let family_words = self.say(&format!("event_kind.{}", self.known_key("event_kind", family)), &[]);
        let detail = match self.clock.words.find(self.clock.language, &format!("kind.{detail}"), None, &[]) {
            Some(words) => words.to_lowercase(),
            None => detail.replace('_', " "),
        };
        if detail.is_empty() { family_words } else { format!("{family_words}: {detail}") }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now
    }

    pub(crate) fn merchant(&self, id: MerchantId) -> Option<Arc<Merchant>> {
        self.known.merchant(id)
    }

    /// Writes the page.
    pub(crate) fn render(&self, template: &str) -> Result<axum::response::Html<String>, PageError> {
        self.desk.templates.render(template, &self.context).map(axum::response::Html).map_err(render_error)
    }
}

/// A template error with its causes, for the log.
pub(crate) fn render_error(error: tera::Error) -> PageError {
    use std::error::Error as _;
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    PageError::Render(text)
}

/// What the last act says; only words of ours can stand in the address.
fn toast(here: &str) -> Option<&'static str> {
    const KNOWN: [&str; 15] = [
        "replied",
        "taken",
        "handed_back",
        "acknowledged",
        "resolved",
        "replayed",
        "dismissed",
        "reset",
        "changed",
        "kept",
        "archived",
        "decided",
        "privacy",
        "shipped",
        "cancelled",
    ];
    let query = here.split_once('?')?.1;
    let done = query.split('&').find_map(|pair| pair.strip_prefix("done="))?;
    KNOWN.into_iter().find(|known| *known == done)
}
