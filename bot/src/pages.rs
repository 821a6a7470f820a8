//! The admin view as routes of a replica.

use std::sync::Arc;

use axum::Router;
use recado_domain::Secret;
use recado_store::Store;
use recado_store::volatile::Volatile;

use crate::config::Config;
use crate::serve::Pages;

/// The admin view, with the Playground and a token that lets its visitor in when this is a demo.
pub fn admin(_config: &Config, _playground: Option<()>, _enter: Option<Secret>) -> Pages {
    Box::new(move |_store: &Store, _volatile: &Arc<dyn Volatile>| Ok(Router::new()))
}
