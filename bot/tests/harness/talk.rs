//! People who write.

use std::time::Duration;

use recado_emulators::DeliverOptions;
use recado_emulators::whatsapp::{InboundMessage, Person};

use super::platforms::Platforms;
use super::verdict::Said;

/// Announces a random test; `RECADO_HARNESS_SEED` repeats one.
pub fn seed(test: &str) -> u64 {
    let given = std::env::var("RECADO_HARNESS_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("{test}: seed {seed} (RECADO_HARNESS_SEED={seed} repeats it)");
    seed
}

/// The digits of a person's phone.
pub fn phone(person: usize) -> String {
    format!("57300{person:07}")
}

/// A message with its own id and time, so that a repetition is the same message.
pub fn message(person: usize, text: &str) -> InboundMessage {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let mut message = InboundMessage::text(Person::new(&phone(person), &format!("Persona {person}")), text);
    message.wamid = Some(format!("wamid.{:032x}", rand::random::<u128>()));
    message.timestamp = Some(seconds as i64);
    message
}

/// Who says how much.
#[derive(Clone)]
pub struct Talk {
    /// The number of the first person.
    pub first: usize,
    pub people: usize,
    /// Messages of each.
    pub each: usize,
    /// Between two messages of a person.
    pub pause: Duration,
    /// After each word, e.g. a fault to ask for.
    pub suffix: &'static str,
    pub options: DeliverOptions,
}

impl Talk {
    pub fn new(people: usize, each: usize, pause: Duration) -> Self {
        Self { first: 0, people, each, pause, suffix: "", options: DeliverOptions::default() }
    }

    /// What will be said.
    pub fn said(&self) -> Said {
        self.persons()
            .map(|person| (phone(person), (0..self.each).map(|number| word(person, number)).collect()))
            .collect()
    }

    fn persons(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.people
    }

    /// Everybody writes at the same time, each one message after the other, each until it was accepted. Tells how often
    /// something was delivered.
    pub async fn run(&self, platforms: &Platforms) -> u32 {
        let people = self.persons().map(|person| async move {
            let mut tries = 0;
            for number in 0..self.each {
                let text = format!("{}{}", word(person, number), self.suffix);
                tries += platforms.insist(&message(person, &text), &self.options).await;
                tokio::time::sleep(self.pause).await;
            }
            tries
        });
        futures::future::join_all(people).await.into_iter().sum()
    }
}

fn word(person: usize, number: usize) -> String {
    format!("w{person}n{number}")
}
