//! The admin web view and the Playground: pages rendered on the server, live by server-sent events, with no line of
//! inline script or style.
//!
//! [`router`] gives everything under `/admin` and `/assets`, and the way from `/`; and for programs the API ([`api`]). Whatever is not named in
//! [`guard::OPEN`] needs a sign-in; whatever is posted needs the right origin and the sign-in's token; a person who is
//! limited to a shop sees the rest as if it did not exist. Templates and words are checked when the router is made.

pub mod api;
mod assets;
mod context;
mod error;
mod file;
mod format;
mod guard;
pub mod live;
mod pages;
pub mod playground;
mod right;
mod templates;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use recado_domain::{Clock, Secret};
use recado_store::Store;
use tokio_util::sync::CancellationToken;

pub use crate::error::AdminError;
pub use crate::guard::OPEN;
pub use crate::live::{LiveEvent, LiveFeed, Topic};
pub use crate::playground::Playground;
pub use crate::right::Right;

/// What the admin view works with.
#[derive(Clone)]
pub struct AdminState {
    /// Facts.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the rest of the program tells what changed.
    pub live: LiveFeed,
    /// The Playground, where there are emulators to play with.
    pub playground: Option<Arc<dyn Playground>>,
    /// Whether this is a demonstration.
    pub demo: bool,
    /// Whether browsers reach us by HTTPS only: cookies get `Secure` and the `__Host-` prefix, and HSTS is sent.
    pub secure_cookies: bool,
    /// Signs in whoever brings it to `/admin/enter`, as the operator of the demonstration. It works as long as the
    /// process runs.
    pub enter_token: Option<Secret>,
    /// Cancelled when the process stops: streams end then.
    pub closing: CancellationToken,
}

impl std::fmt::Debug for AdminState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminState").field("demo", &self.demo).finish_non_exhaustive()
    }
}

/// The state with what is made of it once.
pub(crate) struct Desk {
    pub(crate) state: AdminState,
    pub(crate) assets: assets::Assets,
    pub(crate) templates: templates::Templates,
    pub(crate) asking: api::Asking,
    pub(crate) computing: pages::finance::Computing,
}

pub(crate) type Shared = Arc<Desk>;

/// Every route with the method it answers and the right it asks; the tests walk it.
pub const ROUTES: &[(&str, &str, Right)] = &[
    ("GET", "/", Right::Open),
    ("GET", "/assets/{file}", Right::Open),
    ("GET", "/admin", Right::SignedIn),
    ("GET", "/admin/setup", Right::Open),
    ("POST", "/admin/setup", Right::Open),
    ("GET", "/admin/login", Right::Open),
    ("POST", "/admin/login", Right::Open),
    ("GET", "/admin/enter", Right::Open),
    ("POST", "/admin/logout", Right::SignedIn),
    ("GET", "/admin/counts", Right::SignedIn),
    ("GET", "/admin/events", Right::SignedIn),
    ("POST", "/admin/theme", Right::SignedIn),
    ("POST", "/admin/language", Right::SignedIn),
    ("GET", "/admin/inbox", Right::SignedIn),
    ("GET", "/admin/inbox/{conversation}", Right::SignedIn),
    ("GET", "/admin/inbox/{conversation}/files/{message}", Right::SignedIn),
    ("POST", "/admin/inbox/{conversation}/reply", Right::SignedIn),
    ("POST", "/admin/inbox/{conversation}/take", Right::SignedIn),
    ("POST", "/admin/inbox/{conversation}/hand-back", Right::SignedIn),
    ("GET", "/admin/orders", Right::SignedIn),
    ("GET", "/admin/finance", Right::Money),
    ("GET", "/admin/finance/proof", Right::Money),
    ("GET", "/admin/finance/report.pdf", Right::Money),
    ("GET", "/admin/finance/workbook.xlsx", Right::Money),
    ("GET", "/admin/incidents", Right::SignedIn),
    ("POST", "/admin/incidents/{incident}/ack", Right::SignedIn),
    ("POST", "/admin/incidents/{incident}/resolve", Right::SignedIn),
    ("GET", "/admin/requests", Right::SignedIn),
    ("POST", "/admin/requests/{id}", Right::SignedIn),
    ("GET", "/admin/privacy/{id}", Right::SignedIn),
    ("POST", "/admin/privacy/{id}", Right::SignedIn),
    ("GET", "/admin/privacy/{id}/copy", Right::SignedIn),
    ("GET", "/admin/answers", Right::SignedIn),
    ("POST", "/admin/answers", Right::SignedIn),
    ("POST", "/admin/answers/{id}/archive", Right::SignedIn),
    ("POST", "/admin/answers/questions/{id}/dismiss", Right::SignedIn),
    ("GET", "/admin/dead", Right::SignedIn),
    ("POST", "/admin/dead/{part}/{id}/replay", Right::SignedIn),
    ("POST", "/admin/dead/{part}/{id}/dismiss", Right::SignedIn),
    ("GET", "/admin/playground", Right::SignedIn),
    ("POST", "/admin/playground/send", Right::SignedIn),
    ("POST", "/admin/playground/reset", Right::SignedIn),
    ("GET", "/admin/playground/events", Right::SignedIn),
    ("GET", "/admin/playground/files/{id}", Right::SignedIn),
];

/// The admin view.
///
/// # Errors
/// When a template or a word is missing or wrong: found here, at the start, and not by a visitor.
pub fn router(state: AdminState) -> Result<Router, AdminError> {
    let assets = assets::Assets::load()?;
    let templates = templates::Templates::load(&assets)?;
    let desk: Shared = Arc::new(Desk {
        state,
        assets,
        templates,
        asking: api::Asking::default(),
        computing: pages::finance::Computing::default(),
    });
    let mut routes = Router::new();
    for (method, path, right) in ROUTES {
        let handler = match (*method, *path) {
            ("GET", "/") => get(pages::home),
            ("GET", "/assets/{file}") => get(assets::serve),
            ("GET", "/admin") => get(pages::desk::page),
            ("GET", "/admin/setup") => get(pages::login::setup_page),
            ("POST", "/admin/setup") => post(pages::login::set_up),
            ("GET", "/admin/login") => get(pages::login::page),
            ("POST", "/admin/login") => post(pages::login::sign_in),
            ("GET", "/admin/enter") => get(pages::login::enter),
            ("POST", "/admin/logout") => post(pages::login::sign_out),
            ("GET", "/admin/counts") => get(pages::desk::counts),
            ("GET", "/admin/events") => get(live::events),
            ("POST", "/admin/theme") => post(pages::preferences::theme),
            ("POST", "/admin/language") => post(pages::preferences::language),
            ("GET", "/admin/inbox") => get(pages::inbox::list),
            ("GET", "/admin/inbox/{conversation}") => get(pages::inbox::open),
            ("GET", "/admin/inbox/{conversation}/files/{message}") => get(pages::inbox::file),
            ("POST", "/admin/inbox/{conversation}/reply") => post(pages::inbox_acts::reply),
            ("POST", "/admin/inbox/{conversation}/take") => post(pages::inbox_acts::take),
            ("POST", "/admin/inbox/{conversation}/hand-back") => post(pages::inbox_acts::hand_back),
            ("GET", "/admin/orders") => get(pages::orders::page),
            ("GET", "/admin/finance") => get(pages::finance::page),
            ("GET", "/admin/finance/proof") => get(pages::finance::proof),
            ("GET", "/admin/finance/report.pdf") => get(pages::finance::report),
            ("GET", "/admin/finance/workbook.xlsx") => get(pages::finance::workbook),
            ("GET", "/admin/incidents") => get(pages::incidents::page),
            ("POST", "/admin/incidents/{incident}/ack") => post(pages::incidents::acknowledge),
            ("POST", "/admin/incidents/{incident}/resolve") => post(pages::incidents::resolve),
            ("GET", "/admin/requests") => get(pages::requests::page),
            ("POST", "/admin/requests/{id}") => post(pages::requests::decide),
            ("GET", "/admin/privacy/{id}") => get(pages::privacy::page),
            ("POST", "/admin/privacy/{id}") => post(pages::privacy::decide),
            ("GET", "/admin/privacy/{id}/copy") => get(pages::privacy::copy),
            ("GET", "/admin/answers") => get(pages::answers::page),
            ("POST", "/admin/answers") => post(pages::answers::keep),
            ("POST", "/admin/answers/{id}/archive") => post(pages::answers::archive),
            ("POST", "/admin/answers/questions/{id}/dismiss") => post(pages::answers::dismiss),
            ("GET", "/admin/dead") => get(pages::dead::page),
            ("POST", "/admin/dead/{part}/{id}/replay") => post(pages::dead::replay),
            ("POST", "/admin/dead/{part}/{id}/dismiss") => post(pages::dead::dismiss),
            ("GET", "/admin/playground") => get(playground::page::page),
            ("POST", "/admin/playground/send") => post(playground::page::send),
            ("POST", "/admin/playground/reset") => post(playground::page::reset),
            ("GET", "/admin/playground/events") => get(playground::page::events),
            ("GET", "/admin/playground/files/{id}") => get(playground::page::file),
            (method, path) => return Err(AdminError::Route(format!("{method} {path}"))),
        };
        let handler = match right {
            Right::Money => handler.layer(from_fn_with_state(Arc::clone(&desk), right::require_money)),
            Right::Open | Right::SignedIn => handler,
        };
        routes = routes.route(path, handler);
    }
    Ok(routes
        .fallback(pages::nowhere)
        .layer(from_fn_with_state(Arc::clone(&desk), guard::require_sign_in))
        .layer(from_fn_with_state(Arc::clone(&desk), error::pages))
        // Programs come with a token of their own and meet none of the gate for browsers.
        .merge(api::router())
        .layer(from_fn_with_state(Arc::clone(&desk), guard::headers))
        .with_state(desk))
}
