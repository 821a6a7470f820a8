//! A simulated customer: wants what a scenario's goal says, answers what is asked from what it knows, and is as untidy as
//! people are. Seeded, so that a failure can be played again.

use std::collections::BTreeMap;

use super::spec::{Scenario, load};
use super::{Sabotage, seen};
use crate::fakes::*;

/// Turns after which a customer gives up.
const MOST_TURNS: usize = 16;
/// Tries of each goal.
const TRIES: u64 = 4;

/// A small generator (SplitMix64); tests need repeatable, not strong.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    fn one_in(&mut self, many: u64) -> bool {
        self.next().is_multiple_of(many)
    }
    fn below(&mut self, many: usize) -> usize {
        (self.next() % many as u64) as usize
    }
}

/// One letter of a long word lost, doubled or swapped; digits never.
fn typo(text: &str, chance: &mut Chance) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let long: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| word.chars().count() > 5 && word.chars().all(char::is_alphabetic))
        .map(|(at, _)| at)
        .collect();
    if long.is_empty() {
        return text.to_owned();
    }
    let at = long[chance.below(long.len())];
    let mut letters: Vec<char> = words[at].chars().collect();
    let place = 1 + chance.below(letters.len() - 2);
    match chance.below(3) {
        0 => {
            letters.remove(place);
        }
        1 => letters.insert(place, letters[place]),
        _ => letters.swap(place, place + 1),
    }
    words[at] = letters.into_iter().collect();
    words.join(" ")
}

/// A street with another number at its end, that number, and the right one.
fn slip(street: &str) -> (String, String, String) {
    let head = street.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let right = &street[head.len()..];
    let wrong: String = right.chars().rev().collect::<String>() + "7";
    (format!("{head}{wrong}"), wrong, right.to_owned())
}

fn pick<'a>(lang: &str, [es, pt, en]: [&'a str; 3]) -> &'a str {
    match lang {
        "pt" => pt,
        "en" => en,
        _ => es,
    }
}

/// What the customer writes to what was said last.
fn answer(goal: &BTreeMap<String, String>, lang: &str, asked: &str) -> Option<String> {
    let known = |slot: &str| goal.get(slot).cloned();
    Some(match asked {
        "ask_street" => known("street")?,
        "ask_area" => known("area")?,
        "ask_city" => known("city")?,
        "ask_zip" => known("zip")?,
        "ask_detail" => known("detail").unwrap_or_else(|| pick(lang, ["no hay", "não tem", "none"]).into()),
        "ask_date" => known("date")?,
        "ask_product" => known("product")?,
        "ask_wanted" => known("wanted")?,
        "ask_reason" => {
            known("reason").unwrap_or_else(|| pick(lang, ["prefiero no decir", "prefiro não dizer", "skip"]).into())
        }
        "flow_pick_order" | "ask_reference" | "pick_order" | "order_not_found" => known("order")?,
        "ask_proof" | "proof_wrong" => known("proof")?,
        "flow_confirm" | "flow_cod" => pick(lang, ["sí", "sim", "yes"]).into(),
        "flow_offer_person" => pick(lang, ["no", "não", "no"]).into(),
        _ => return None,
    })
}

/// One try: whether the goal was reached without a person.
async fn try_once(scenario: &Scenario, seed: u64) -> Result<usize, String> {
    let mut chance = Chance(seed);
    let mut dialogue = scenario.dialogue(Sabotage::None);
    let (goal, lang) = (&scenario.goal, scenario.lang.as_str());
    let opening = goal["opening"].clone();
    let mut next = opening.clone();
    let mut log = String::new();
    let mut aside = false;
    let mut corrects = false;
    for turns in 1..=MOST_TURNS {
        // What is compared with what staff heard is written without errors.
        let exact =
            ["street", "product", "date", "wanted"].iter().any(|slot| goal.get(*slot) == Some(&next)) || corrects;
        // A correction that is owed comes first.
        let owes = std::mem::take(&mut corrects);
        let noisy = if !exact && chance.one_in(4) { typo(&next, &mut chance) } else { next.clone() };
        // A burst: the greeting or a filler first, or the text in two halves.
        let texts = match chance.below(5) {
            0 => vec![pick(lang, ["mira", "olha", "so"]).to_owned(), noisy],
            _ => vec![noisy],
        };
        // A switch of topic, at most once a dialogue, never at the start.
        let switches = turns > 1 && !owes && !aside && chance.one_in(5);
        // A courtesy in between, which is no answer.
        let courteous = turns > 1 && !owes && !switches && chance.one_in(8);
        // A slip in the street's number, put right afterwards.
        let slips = !switches && !courteous && goal.get("street") == Some(&next) && chance.one_in(3);
        let texts = if courteous {
            vec![pick(lang, ["gracias", "obrigado", "thanks"]).to_owned()]
        } else if slips {
            vec![slip(&next).0]
        } else if switches {
            aside = true;
            vec![
                pick(lang, ["¿y dónde está mi pedido?", "e onde está meu pedido?", "and where is my order?"])
                    .to_owned(),
            ]
        } else {
            texts
        };
        let reply = dialogue.events(texts.iter().map(|text| text_event(text)).collect()).await;
        log.push_str(&format!("\n  > {texts:?}\n  < {:?} {reply}", dialogue.decision()));
        let seen = seen(&dialogue);
        if seen.requests.contains(&goal["request"]) {
            let told = dialogue.notices().iter().any(|one| {
                goal.get("told").is_none_or(|words| one.body.to_lowercase().contains(&words.to_lowercase()))
            });
            return if told { Ok(turns) } else { Err(format!("staff hears another thing{log}")) };
        }
        if dialogue.owner().is_human() {
            return Err(format!("a person was fetched{log}"));
        }
        let asked = seen.templates.iter().rev().find_map(|name| answer(goal, lang, name));
        // Not understood: said again, in the same words.
        next = asked.unwrap_or_else(|| opening.clone());
        if slips {
            let (_, wrong, right) = slip(&goal["street"]);
            next = match lang {
                "pt" => format!("não, era {right}, não {wrong}"),
                "en" => format!("sorry, it was {right} not {wrong}"),
                _ => format!("no, era {right} no {wrong}"),
            };
            corrects = true;
        }
    }
    Err(format!("too many turns{log}"))
}

/// Plays every goal so often; prints, and gives goals and those reached every time.
async fn measure(tries: u64) -> (usize, usize) {
    let goals: Vec<Scenario> = load().into_iter().filter(|one| !one.goal.is_empty()).collect();
    let mut by_language: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut turns = 0;
    let mut failures = Vec::new();
    for (index, scenario) in goals.iter().enumerate() {
        let mut reached = 0;
        for one in 0..tries {
            match try_once(scenario, 100_000 * (index as u64 + 1) + one).await {
                Ok(count) => {
                    reached += 1;
                    turns += count;
                }
                Err(problem) => failures.push(format!("{}, try {one}: {problem}", scenario.name)),
            }
        }
        let tally = by_language.entry(scenario.lang.as_str()).or_default();
        tally[0] += 1;
        tally[1] += reached;
        tally[2] += usize::from(reached as u64 == tries);
    }
    let [count, reached, all] =
        by_language.values().fold([0; 3], |sum, one| [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]]);
    let played = count * tries as usize;
    for (language, [goals, reached, all]) in &by_language {
        println!("{language}: pass^1 {reached} of {}; pass^{tries} {all} of {goals} goals", goals * tries as usize);
    }
    println!(
        "pass^1 {:.3}; pass^{tries} {:.3} of {count} goals; {:.1} turns on average",
        reached as f64 / played as f64,
        all as f64 / count as f64,
        turns as f64 / reached.max(1) as f64
    );
    for failure in &failures {
        println!("{failure}");
    }
    (count, all)
}

#[tokio::test]
async fn noisy_customers_reach_their_goals() {
    let (count, all) = measure(TRIES).await;
    assert!(count >= 12, "{count} goals");
    assert!(all as f64 >= 0.7 * count as f64, "pass^{TRIES}: {all} of {count}");
}
