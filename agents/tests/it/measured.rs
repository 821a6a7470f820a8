//! How well texts are understood, on sentences that were held out of training.

use std::collections::BTreeMap;

use recado_agents::understanding::{Role, UTTERANCES, Understander, Utterance, normalise::normalise, utterances};
use recado_domain::Language;
use recado_domain::intent::Intent;

#[derive(Default, Clone, Copy)]
struct Tally {
    right: f64,
    said: f64,
    true_ones: f64,
}

#[test]
fn held_out_sentences_are_understood_well_enough() {
    let all = utterances(UTTERANCES).unwrap();
    let mut tallies: BTreeMap<Intent, Tally> = BTreeMap::new();
    let (mut language_right, mut language_said, mut count) = (0_usize, 0_usize, 0_usize);
    let mut by_language: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let (mut confident, mut confident_right, mut sum_confidence) = (0_usize, 0_usize, 0.0);
    for fold in 0..5 {
        let (test, train): (Vec<_>, Vec<_>) = all.iter().cloned().enumerate().partition(|(index, _)| index % 5 == fold);
        let train: Vec<Utterance> = train.into_iter().map(|(_, one)| one).collect();
        let understander = Understander::train(&train);
        for (_, example) in test {
            let role = if example.intent.is_merchant() { Role::Member } else { Role::Shopper };
            let (found, _) = understander.understand(&example.text, None, role, None);
            count += 1;
            let intent = found.intent.unwrap();
            tallies.entry(example.intent).or_default().true_ones += 1.0;
            tallies.entry(intent).or_default().said += 1.0;
            if intent == example.intent {
                tallies.entry(intent).or_default().right += 1.0;
            }
            sum_confidence += found.confidence;
            if found.confidence >= 0.5 {
                confident += 1;
                confident_right += usize::from(intent == example.intent);
            }
            let of_language = by_language.entry(example.lang.code()).or_default();
            of_language.0 += usize::from(intent == example.intent);
            of_language.1 += 1;
            language_said += usize::from(found.language.is_some());
            language_right += usize::from(found.language == Some(example.lang));
        }
    }
    let f1 = |tally: &Tally| 2.0 * tally.right / (tally.said + tally.true_ones).max(1.0);
    let macro_f1 = tallies.values().map(f1).sum::<f64>() / Intent::ALL.len() as f64;
    let accuracy = tallies.values().map(|tally| tally.right).sum::<f64>() / count as f64;
    let language = language_right as f64 / count as f64;
    println!(
        "sentences {count}; accuracy {accuracy:.3}; macro-F1 {macro_f1:.3}; mean confidence {:.3}",
        sum_confidence / count as f64
    );
    println!("confident {confident}, right {:.3}", confident_right as f64 / confident.max(1) as f64);
    println!("language right {language:.3} of all; said {language_said}");
    for (language, (right, all)) in &by_language {
        println!("{language}: {:.3} of {all}", *right as f64 / *all as f64);
    }
    let mut worst: Vec<_> = tallies.iter().map(|(intent, tally)| (f1(tally), intent.name())).collect();
    worst.sort_by(|one, other| one.0.total_cmp(&other.0));
    println!("weakest: {:?}", &worst[..8]);
    assert!(macro_f1 > 0.40, "macro-F1 {macro_f1}");
    assert!(language > 0.9, "language {language}");
}

#[test]
fn what_the_desk_costs_is_printed() {
    let resident = || {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4
    };
    let before = resident();
    let started = std::time::Instant::now();
    let desk = recado_agents::Desk::new().unwrap();
    println!("desk built in {:?}; {} KiB more resident", started.elapsed(), resident().saturating_sub(before));
    let started = std::time::Instant::now();
    let understood = (0..200).filter(|_| desk.understand("oe parce y mi paquete q", None).intent.is_some()).count();
    println!("one sentence understood in {:?}", started.elapsed() / 200);
    assert_eq!(understood, 200);
}

#[test]
fn the_sentences_cover_every_intent_and_language() {
    let all = utterances(UTTERANCES).unwrap();
    for intent in Intent::ALL {
        for language in Language::ALL {
            assert!(all.iter().any(|one| one.intent == *intent && one.lang == language), "{intent:?} {language}");
        }
    }
    assert!(
        all.iter()
            .all(|one| !normalise(&one.text).is_empty() || one.text.chars().all(|letter| !letter.is_alphanumeric()))
    );
}
