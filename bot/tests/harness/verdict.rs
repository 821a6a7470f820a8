//! What became of every message, by the ledger of the platform.

use std::collections::BTreeMap;

use recado_emulators::SentMessage;

/// The words that each person said, in order, by phone digits or chat id. Every word is said once.
pub type Said = BTreeMap<String, Vec<String>>;

/// The judgement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Messages in all.
    pub messages: usize,
    /// Words that no answer holds.
    pub lost: Vec<String>,
    /// Words that more than one answer holds.
    pub doubled: Vec<String>,
    /// Words that were answered after a later one of the same person.
    pub reordered: Vec<String>,
}

impl Verdict {
    /// Judges what the platform took; each answer repeats the words that it answers.
    pub fn of(said: &Said, sends: &[SentMessage]) -> Self {
        let mut answered: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for sent in sends.iter().filter(|sent| sent.accepted) {
            let to: String = sent.to.chars().filter(|letter| letter.is_ascii_digit() || *letter == '-').collect();
            answered.entry(to).or_default().extend(sent.body.split_whitespace());
        }
        let mut verdict = Self::default();
        for (person, words) in said {
            let heard = answered.get(person).map(Vec::as_slice).unwrap_or_default();
            let mut last = None;
            for word in words {
                verdict.messages += 1;
                let places: Vec<usize> = (0..heard.len()).filter(|place| heard[*place] == word).collect();
                match places.as_slice() {
                    [] => verdict.lost.push(word.clone()),
                    [first, rest @ ..] => {
                        if !rest.is_empty() {
                            verdict.doubled.push(word.clone());
                        }
                        if last.is_some_and(|last| *first < last) {
                            verdict.reordered.push(word.clone());
                        }
                        last = Some(*first);
                    }
                }
            }
        }
        verdict
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.reordered.is_empty()
    }

    /// Fails the test unless nothing is wrong.
    pub fn demand_good(&self, what: &str) {
        let Self { messages, lost, doubled, reordered } = self;
        println!("{what}: n={messages} lost={} doubled={} reordered={}", lost.len(), doubled.len(), reordered.len());
        assert!(self.is_good(), "{what}: {self:?}");
        assert!(*messages > 0, "{what}: nothing was said");
    }
}

#[test]
fn the_judge_sees_what_is_lost_doubled_and_reordered() {
    let said = Said::from([("57".to_owned(), ["a", "b", "c"].map(str::to_owned).to_vec())]);
    let judge = |bodies: &[&str]| {
        let sent = |body: &&str| SentMessage {
            id: "1".to_owned(),
            to: "+57".to_owned(),
            user_id: None,
            body: (*body).to_owned(),
            buttons: Vec::new(),
            opaque: None,
            reply_to: None,
            kind: "text".to_owned(),
            media: None,
            accepted: true,
            at: recado_domain::Timestamp::EPOCH,
        };
        Verdict::of(&said, &bodies.iter().map(sent).collect::<Vec<_>>())
    };
    assert!(judge(&["a", "b c"]).is_good());
    assert_eq!(judge(&["a c"]).lost, ["b"]);
    assert_eq!(judge(&["a", "b", "b c"]).doubled, ["b"]);
    assert_eq!(judge(&["b", "a", "c"]).reordered, ["b"]);
}
