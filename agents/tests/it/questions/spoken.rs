//! Questions as merchants speak and write them: how many are answered with the figure that was meant, and how many with
//! another one. The lexicon is made by the rows that are marked as seen; the others only measure it.

use recado_domain::finance::question::{FilterBy, Subject};

use super::*;

const SPOKEN: &str = include_str!("spoken.txt");

/// Where a row stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Seen,
    Unseen,
}

/// A question, what it asks (`None`: nothing that a figure is kept of), and on which side it stands.
struct Spoken {
    half: Half,
    language: &'static str,
    text: &'static str,
    expected: Option<BTreeSet<&'static str>>,
}

fn spoken() -> Vec<Spoken> {
    let mut rows = Vec::new();
    let mut under = None;
    for line in SPOKEN.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            let (half, language) = head.split_once(' ').unwrap();
            let half = if half == "seen" { Half::Seen } else { Half::Unseen };
            under = Some((half, language));
        } else if let Some((text, expected)) = line.split_once(" => ") {
            let (half, language) = under.unwrap();
            let expected = (expected != "none").then(|| expected.split(' ').collect());
            rows.push(Spoken { half, language, text, expected });
        }
    }
    rows
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The figure that was meant, of the days and the part that were meant; or none where none was meant.
    Right,
    /// No figure, where one was meant: asked back.
    Silent,
    /// Another figure, or the same of other days or another part.
    Wrong,
}

fn is_figure(question: &Question) -> bool {
    !matches!(question.subject, Subject::Unknown | Subject::Which(_) | Subject::NotKept(_))
        // A name that is in no book gets no figure.
        && !question.filters.iter().any(|filter| filter.by == FilterBy::Any)
}

fn outcome(row: &Spoken, question: Option<&Question>) -> Outcome {
    let Some(expected) = &row.expected else {
        return if question.is_some_and(is_figure) { Outcome::Wrong } else { Outcome::Right };
    };
    let Some(question) = question
        .filter(|question| !matches!(question.subject, Subject::Unknown | Subject::Which(_) | Subject::NotKept(_)))
    else {
        return Outcome::Silent;
    };
    let shown = question.to_string();
    let why = expected.iter().any(|word| word.starts_with("why:"));
    let counts = |word: &&str| {
        // Days that nobody said are the usual ones of the figure; why is always against the days before.
        let unsaid = word.starts_with('@') && !expected.iter().any(|word| word.starts_with('@'));
        let against = why && word.starts_with("vs=");
        !unsaid && !against
    };
    // «any» is a name that the books know as a product, a city or a channel.
    let plain = |word: &str| {
        let named = ["any=", "product=", "channel="].iter().find_map(|by| word.strip_prefix(by));
        named.map_or_else(|| word.to_owned(), |name| format!("named={name}"))
    };
    let found: BTreeSet<String> = shown.split(' ').filter(counts).map(plain).collect();
    let wanted: BTreeSet<String> = expected.iter().copied().filter(counts).map(plain).collect();
    if found == wanted { Outcome::Right } else { Outcome::Wrong }
}

#[derive(Default)]
struct Count {
    all: usize,
    figures: usize,
    right: usize,
    wrong: usize,
    none: usize,
    refused: usize,
}

impl Count {
    fn of<'r>(rows: impl Iterator<Item = &'r Spoken>, ask: impl Fn(&str) -> Option<Question>, tell: bool) -> Self {
        let mut count = Self::default();
        for row in rows {
            count.all += 1;
            let question = ask(row.text);
            let outcome = outcome(row, question.as_ref());
            match &row.expected {
                Some(_) => {
                    count.figures += 1;
                    count.right += usize::from(outcome == Outcome::Right);
                }
                None => {
                    count.none += 1;
                    count.refused += usize::from(outcome == Outcome::Right);
                }
            }
            count.wrong += usize::from(outcome == Outcome::Wrong);
            if tell && outcome != Outcome::Right {
                let shown = question.map(|question| question.to_string()).unwrap_or_default();
                println!("  {outcome:?} {} => {shown:?}, not {:?}", row.text, row.expected);
            }
        }
        count
    }
    fn share(&self) -> f64 {
        100.0 * self.right as f64 / self.figures.max(1) as f64
    }
}

#[test]
fn spoken_questions_get_their_figure_and_no_other() {
    let rows = spoken();
    for (half, least, most_wrong) in [(Half::Seen, 98.0, 2), (Half::Unseen, 84.0, 12)] {
        // What is not seen is not told either.
        let tell = half == Half::Seen;
        let of = || rows.iter().filter(|row| row.half == half);
        let count = Count::of(of(), asked, tell);
        println!(
            "{half:?}: {:.1} % right of {} figures, {} of {} others refused, {} wrong of {}",
            count.share(),
            count.figures,
            count.refused,
            count.none,
            count.wrong,
            count.all
        );
        for language in ["es", "pt", "en"] {
            let count = Count::of(of().filter(|row| row.language == language), asked, false);
            println!("  {language}: {:.1} % of {}, {} wrong", count.share(), count.figures, count.wrong);
        }
        assert!(count.all >= 160 && count.none >= 20, "{half:?}: {} and {}", count.all, count.none);
        assert!(count.share() >= least, "{half:?}: {:.1} % right", count.share());
        assert!(count.wrong <= most_wrong, "{half:?}: {} wrong", count.wrong);
    }
}

#[test]
fn control_a_guess_without_words_is_counted_as_wrong() {
    // What an intent alone used to be answered with.
    let guess = |_: &str| Some(Question::of(recado_domain::finance::figures::Metric::OperatingProfit));
    let count = Count::of(spoken().iter().filter(|row| row.half == Half::Unseen), guess, false);
    assert!(count.wrong > 100 && count.refused == 0, "{} wrong, {} refused", count.wrong, count.refused);
}
