//! What a route asks of whoever comes.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use recado_store::audit::AuditEntry;

use crate::Shared;
use crate::context::Visitor;
use crate::error::PageError;

/// What a route asks. What a person may do on a page they see is asked where it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing: see [`crate::OPEN`].
    Open,
    /// A sign-in.
    SignedIn,
    /// A sign-in of an account that may see money.
    Money,
}

/// Under which act questions about figures are kept.
pub(crate) const ASKED: &str = "figure.ask";

/// Lets only those pass who may see money; whoever may not is kept for the record.
pub(crate) async fn require_money(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    let Some(visitor) = request.extensions().get::<Visitor>() else { return PageError::Forbidden.into_response() };
    if visitor.user.finance {
        return next.run(request).await;
    }
    let entry = AuditEntry {
        merchant: visitor.user.merchant,
        actor: &visitor.user.name,
        action: ASKED,
        object: request.uri().path(),
        outcome: "denied: no right to see money",
    };
    match desk.state.store.audit(&entry).await {
        Ok(()) => PageError::NoMoney.into_response(),
        Err(error) => PageError::from(error).into_response(),
    }
}
