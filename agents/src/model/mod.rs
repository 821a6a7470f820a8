//! The gateway to language models. A model is asked for commands, or for other words for the same facts or texts; it decides
//! nothing. Its absence, slowness or failure changes style and never availability.
//!
//! What is asked goes to one of several providers, the one whose record, free places and health are best. A question
//! has a deadline; a second provider may be asked when the first is slow; a breaker keeps a broken one out; a bucket
//! bounds extra calls; budgets bound tokens and money. When any of it says no, there is no answer, and the built-in
//! reading stands.

pub mod allowed;
pub mod audio;
pub mod breaker;
pub mod cache;
pub mod consultation;
pub mod embedder;
pub mod gateway;
pub mod ledger;
pub mod pool;
pub mod prompt;
pub mod proposal;
pub mod proposer;
pub mod purse;
pub mod redact;
pub mod retry;
pub mod reword;
pub mod settings;
pub mod stats;
pub mod summary;
pub mod transport;
pub mod when;
pub mod wire;

pub use consultation::{Consultation, consult, finish, meanings, near_and_unfit};
pub use gateway::Gateway;
pub use proposer::{Meant, Proposer, Question, Rewording};
pub use summary::{Summariser, Summarising};
