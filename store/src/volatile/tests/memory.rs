//! Memory has a bound, whatever comes.

use std::time::Duration;

use bytes::Bytes;

use super::{conversation, session, settings};
use crate::volatile::shelf::Counters;
use crate::volatile::{InProcess, Volatile, VolatileSettings};

#[tokio::test]
async fn a_flood_stays_within_the_bound_and_the_newest_dialogue_survives() {
    let bound = 256 * 1024;
    let volatile = InProcess::new(&VolatileSettings { memory_bytes: bound, ..settings() });
    let long = session(&"x".repeat(1000));
    for number in 0..5_000 {
        let name = number.to_string();
        volatile.save(conversation(&name), &long).await;
        volatile.put(&name, Bytes::from(vec![0; 1000]), Duration::from_secs(3600)).await;
        volatile.count(&name, Duration::from_secs(3600)).await;
    }
    let (sessions, values, counted) = volatile.weight();
    assert!(sessions <= bound && sessions > bound / 2, "{sessions}");
    assert!(values <= bound && values > bound / 2, "{values}");
    assert_eq!(counted, 5_000);
    assert_eq!(volatile.load(conversation("4999")).await, Some(long));
    assert_eq!(volatile.load(conversation("0")).await, None);
}

#[test]
fn counters_of_invented_names_are_bounded() {
    let counters = Counters::new(1_000);
    for number in 0..5_000 {
        counters.count(&number.to_string(), Duration::from_secs(3600));
    }
    assert!(counters.len() <= 1_000);
    assert_eq!(counters.count("4999", Duration::from_secs(3600)), 2, "the newest are kept");
}
