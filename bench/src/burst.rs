//! One person, many messages at once: how many replies?

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::Secret;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::bodies::{Webhooks, text};
use crate::connection::Connection;
use crate::receiver::Receiver;

/// Persons of bursts come after those of other loads.
const FIRST_PERSON: usize = 500_000;
/// No reply for so long: none will come.
const QUIET: Duration = Duration::from_secs(2);
/// No burst is waited for longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Bursts of several persons, a little apart.
#[derive(Clone, Debug)]
pub struct Burst {
    /// The service.
    pub address: SocketAddr,
    /// Signs.
    pub secret: Secret,
    /// Persons.
    pub persons: usize,
    /// Messages of each.
    pub messages: usize,
}

/// Bursts by how often they were answered.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Bursts {
    pub none: usize,
    pub once: usize,
    pub twice: usize,
    pub oftener: usize,
    /// Webhooks not answered with 200.
    pub refused: usize,
}

impl Burst {
    /// Sends all, and counts.
    pub async fn run(&self, receiver: &Receiver) -> Bursts {
        let replies = Arc::new(Mutex::new((vec![0_usize; self.persons], Instant::now())));
        let told = Arc::clone(&replies);
        receiver.tell(Arc::new(move |person| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = person.checked_sub(FIRST_PERSON).and_then(|at| told.0.get_mut(at)) {
                *count += 1;
                told.1 = Instant::now();
            }
        }));
        let webhooks = Webhooks::new(&self.address.to_string(), &self.secret);
        let mut refused = 0;
        for person in FIRST_PERSON..FIRST_PERSON + self.persons {
            let mut sends = JoinSet::new();
            let together = Arc::new(Barrier::new(self.messages.max(1)));
            for number in 0..self.messages as u64 {
                let id = (person as u64) * 1_000 + number;
                let request = webhooks.message(person, id, &text(person, number));
                let mut connection = Connection::new(self.address);
                let together = Arc::clone(&together);
                sends.spawn(async move {
                    // Opened beforehand, else the first message is long there when the last one's connection stands.
                    let _ = connection.get("/livez").await;
                    together.wait().await;
                    connection.send(&request).await
                });
            }
            while let Some(sent) = sends.join_next().await {
                refused += usize::from(!matches!(sent, Ok(Ok(200))));
            }
        }
        let begun = Instant::now();
        loop {
            let (missing, last) = {
                let replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
                (replies.0.contains(&0), replies.1)
            };
            let over = if missing { PATIENCE } else { QUIET };
            if last.max(begun).elapsed() > over {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        receiver.tell(Arc::new(|_| {}));
        let mut bursts = Bursts { refused, ..Bursts::default() };
        for count in &replies.lock().unwrap_or_else(PoisonError::into_inner).0 {
            match count {
                0 => bursts.none += 1,
                1 => bursts.once += 1,
                2 => bursts.twice += 1,
                _ => bursts.oftener += 1,
            }
        }
        bursts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub;

    #[tokio::test]
    async fn replies_are_counted_by_person() {
        let receiver = Receiver::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        // The stub answers each message, so a burst of one is answered once and a burst of three too often.
        let service = stub::Service::start(receiver.address, 1).await;
        let burst = |messages| Burst { address: service.address, secret: Secret::new("s"), persons: 3, messages };
        let (one, three) = (burst(1), burst(3));
        assert_eq!(one.run(&receiver).await.once, 3);
        let bursts = three.run(&receiver).await;
        assert_eq!((bursts.oftener, bursts.once, bursts.refused), (3, 0, 0));
    }
}
