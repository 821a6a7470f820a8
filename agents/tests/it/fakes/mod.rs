//! A fake shop: boxes with given facts, and inputs around them.

mod answers;
mod dialogue;
mod events;
mod facts;
mod numbers;
mod orders;
mod people;

use std::sync::LazyLock;

use recado_agents::Desk;
use recado_domain::Timestamp;

pub use answers::answers;
pub use dialogue::Dialogue;
pub use events::{message, staff_event, text_event};
pub use facts::Facts;
pub use numbers::{assert_numbers_come_from, numbers};
pub use orders::{incident, order, parcel, shipped};
pub use people::{contact, member, merchant, shopper, staff, system};

/// Thursday 26 November 2026, 12:00 in Bogotá.
pub const NOW: &str = "2026-11-26T17:00:00Z";

pub static DESK: LazyLock<Desk> = LazyLock::new(|| Desk::new().expect("the embedded texts are whole"));

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}
