//! A steady stream of messages that waits for nobody.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::platforms::{Answer, Post, whatsapp_text};
use super::talk::phone;
use super::verdict::Said;

/// People among whom the messages go round.
const PEOPLE: usize = 200;

/// A message, its delivery, and what was answered.
#[derive(Clone)]
pub struct Posted {
    pub number: usize,
    pub wamid: String,
    pub answer: Answer,
    pub began: Instant,
    post: Arc<Post>,
}

impl Posted {
    pub fn accepted(&self) -> bool {
        self.answer.status == Some(200)
    }
}

/// Posts a hundred messages a second, whatever becomes of the earlier ones, and keeps what was answered.
pub struct Load {
    client: reqwest::Client,
    to: SocketAddr,
    answers: Arc<Mutex<Vec<Posted>>>,
    pub sent: usize,
}

impl Load {
    pub fn new(to: SocketAddr) -> Self {
        // A kept connection may be closed by the server just as it is used again, which says nothing about the outage.
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
        Self { client, to, answers: Arc::default(), sent: 0 }
    }

    fn word(number: usize) -> String {
        format!("w{}n{}", number % PEOPLE, number / PEOPLE)
    }

    pub async fn run(&mut self, time: Duration) {
        let started = Instant::now();
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        let mut posts = tokio::task::JoinSet::new();
        while started.elapsed() < time {
            ticks.tick().await;
            let number = self.sent;
            self.sent += 1;
            let wamid = format!("wamid.{:032x}", rand::random::<u128>());
            let post = Arc::new(Post::whatsapp(whatsapp_text(&wamid, &phone(number % PEOPLE), &Self::word(number))));
            let (client, to, answers) = (self.client.clone(), self.to, Arc::clone(&self.answers));
            posts.spawn(async move {
                let began = Instant::now();
                let answer = post.send(&client, to).await;
                answers.lock().await.push(Posted { number, wamid, answer, began, post });
            });
        }
        posts.join_all().await;
    }

    /// What was answered so far.
    pub async fn answers(&self) -> Vec<Posted> {
        self.answers.lock().await.clone()
    }

    /// Acknowledged messages that are not among the keys of `stored` events.
    pub async fn missing(&self, stored: &HashSet<String>) -> usize {
        let answers = self.answers.lock().await;
        answers.iter().filter(|one| one.accepted() && !stored.contains(&format!("whatsapp|{}", one.wamid))).count()
    }

    /// Repeats what was not accepted, as the platform does.
    pub async fn repeat(&self) -> usize {
        let all = self.answers.lock().await;
        let refused: Vec<_> = all.iter().filter(|one| !one.accepted()).collect();
        for one in &refused {
            let mut tries = 0;
            while one.post.send(&self.client, self.to).await.status != Some(200) {
                tries += 1;
                assert!(tries < 20, "message {} is never accepted", one.number);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        refused.len()
    }

    pub fn said(&self) -> Said {
        let mut said = Said::new();
        for number in 0..self.sent {
            said.entry(phone(number % PEOPLE)).or_default().push(Self::word(number));
        }
        said
    }
}
