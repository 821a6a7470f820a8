//! Phrases and what they ask, as data in `lexicon/*.txt`.
//!
//! A section begins with `= question`: a subject ([`Subject::of_code`]), then `by=product`, `top`, `bottom`, `negative`,
//! `vs=previous`, `vs=year`, and `@30`, `@lm`, … for the period that is meant when none is said
//! (`@=7`: whatever is said). Below it stands one
//! phrase a line, in normalised spelling: words in order, each with its alternatives (`gane|lucrei`); `?` before a word
//! that may be left out; `..` for up to six words; `<p>` for the name of a product; `#` for a number; `^` and `$` for the
//! ends of the text. Before the first section, `@name a|b` names alternatives. Of all phrases that stand in a text the one
//! that covers most of it decides; of equals the first.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use recado_domain::finance::figures::Dimension;
use recado_domain::finance::question::{Matter, Order, Question, Subject, Versus};
use recado_domain::period::Period;

/// The sections, in the order in which they decide between equals.
const FILES: [&str; 7] = [
    include_str!("lexicon/sales.txt"),
    include_str!("lexicon/profit.txt"),
    include_str!("lexicon/costs.txt"),
    include_str!("lexicon/ads.txt"),
    include_str!("lexicon/delivery.txt"),
    include_str!("lexicon/cash.txt"),
    include_str!("lexicon/plan.txt"),
];
/// Most words that `..` stands for.
const GAP: usize = 6;
/// Most words of a product's name.
const NAME: usize = 3;
/// What is never the name of a product.
const NO_NAME: &[&str] = &[
    "pedidos",
    "ordenes",
    "orders",
    "compras",
    "clientes",
    "customers",
    "paquetes",
    "guias",
    "dias",
    "days",
    "productos",
    "produtos",
    "products",
    "unidades",
    "units",
    "ventas",
    "vendas",
    "sales",
    "de",
    "del",
    "la",
    "el",
    "los",
    "las",
    "o",
    "a",
    "os",
    "as",
    "the",
    "que",
    "cuanto",
    "quanto",
    "lo",
    "se",
    "me",
    "nos",
    "y",
    "did",
    "we",
    "i",
];

/// What is named and not kept.
const NOT_KEPT: [&str; 1] = [include_str!("lexicon/not_kept.txt")];
/// What a why is about.
const WHY: [&str; 1] = [include_str!("lexicon/why.txt")];

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::whole(&FILES));
static OF_NO_BOOK: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::whole(&NOT_KEPT));
static OF_A_WHY: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::whole(&WHY));
/// Every word of every phrase.
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let phrases = LEXICON.phrases.iter().chain(&OF_A_WHY.phrases);
    let words = phrases.flat_map(|phrase| &phrase.pieces).filter_map(|piece| match piece {
        Piece::Word { any, .. } => Some(any),
        _ => None,
    });
    words.flatten().copied().collect()
});

/// A word of a phrase.
enum Piece {
    Word { any: Vec<&'static str>, optional: bool, first: bool, last: bool },
    Gap,
    Name,
    Number,
}

struct Phrase {
    section: usize,
    pieces: Vec<Piece>,
}

/// What a section asks.
pub struct Section {
    /// The question, without period.
    pub question: Question,
    /// The period that is meant when none is said.
    pub usual: Option<Period>,
    /// Whether it is meant even when another is said: «¿apago los anuncios hoy?» is judged by the days before.
    pub fixed: bool,
}

/// The best phrase of a text.
pub struct Heard {
    /// What it asks.
    pub section: &'static Section,
    /// The name of a product in it.
    pub name: Option<String>,
    /// Where it stands, by words.
    pub place: Range<usize>,
}

struct Lexicon {
    sections: Vec<Section>,
    phrases: Vec<Phrase>,
    /// Phrases by the words with which they may begin, in their order.
    by_word: HashMap<&'static str, Vec<usize>>,
}

impl Lexicon {
    fn whole(files: &[&'static str]) -> Self {
        Self::read(files).unwrap_or_else(|wrong| panic!("the embedded lexicon is not whole: {wrong}"))
    }

    fn read(files: &[&'static str]) -> Result<Self, String> {
        let mut lexicon = Self { sections: Vec::new(), phrases: Vec::new(), by_word: HashMap::new() };
        let mut names: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
        for file in files {
            let mut begun = false;
            for line in file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# ")) {
                if let Some(head) = line.strip_prefix("= ") {
                    lexicon.sections.push(section(head)?);
                    begun = true;
                } else if let Some((name, words)) =
                    line.split_once(' ').filter(|(name, _)| !begun && name.starts_with('@'))
                {
                    names.insert(name, words.split('|').collect());
                } else if begun {
                    let pieces = line.split(' ').map(|word| piece(word, &names)).collect::<Result<Vec<_>, _>>()?;
                    lexicon.add(Phrase { section: lexicon.sections.len() - 1, pieces }, line)?;
                } else {
                    return Err(format!("{line:?} stands before the first section"));
                }
            }
        }
        Ok(lexicon)
    }

    fn add(&mut self, phrase: Phrase, line: &str) -> Result<(), String> {
        let place = self.phrases.len();
        // It may begin with every word up to the first that must be there.
        let mut must = false;
        for piece in &phrase.pieces {
            let Piece::Word { any, optional, .. } = piece else {
                return Err(format!("{line:?} has nothing to begin with"));
            };
            for word in any {
                let begun = self.by_word.entry(*word).or_default();
                if begun.last() != Some(&place) {
                    begun.push(place);
                }
            }
            if !optional {
                must = true;
                break;
            }
        }
        if !must {
            return Err(format!("{line:?} may be nothing at all"));
        }
        self.phrases.push(phrase);
        Ok(())
    }

    fn best(&'static self, words: &[&str]) -> Option<Heard> {
        let mut best: Option<(usize, Found)> = None;
        for (at, word) in words.iter().enumerate() {
            for place in self.by_word.get(word).into_iter().flatten() {
                if let Some(found) = matched(&self.phrases[*place].pieces, words, at) {
                    let better = best.as_ref().is_none_or(|(first, known)| {
                        found.score > known.matched.score || found.score == known.matched.score && place < first
                    });
                    if better {
                        best = Some((*place, Found { at, matched: found }));
                    }
                }
            }
        }
        best.map(|(place, found)| Heard {
            section: &self.sections[self.phrases[place].section],
            name: found.matched.name.map(|(from, to)| words[from..to].join(" ")),
            place: found.at..found.matched.end,
        })
    }
}

/// What the text, word by word, asks.
pub fn heard(words: &[&str]) -> Option<Heard> {
    LEXICON.best(words)
}

/// What of the text is named that no figure is kept of.
pub fn not_kept(words: &[&str]) -> Option<Matter> {
    OF_NO_BOOK.best(words).and_then(|heard| match heard.section.question.subject {
        Subject::NotKept(matter) => Some(matter),
        _ => None,
    })
}

/// What a why in the text is about.
pub fn of_why(words: &[&str]) -> Option<&'static Section> {
    OF_A_WHY.best(words).map(|heard| heard.section)
}

/// Whether a word stands in any phrase.
pub fn holds(word: &str) -> bool {
    WORDS.contains(word)
}

/// A phrase in a text: where it begins, and how it is found there.
struct Found {
    at: usize,
    matched: Matched,
}

struct Matched {
    score: usize,
    /// The word after its last.
    end: usize,
    /// From where to where a name stands in the text.
    name: Option<(usize, usize)>,
}

impl Matched {
    fn plus(self, score: usize) -> Self {
        Self { score: self.score + score, ..self }
    }
}

/// The best way to find all pieces from a place on. Phrases are short, so this ends soon.
fn matched(pieces: &[Piece], words: &[&str], at: usize) -> Option<Matched> {
    let Some((piece, rest)) = pieces.split_first() else { return Some(Matched { score: 0, end: at, name: None }) };
    let better = |one: Option<Matched>, other: Option<Matched>| match (one, other) {
        (Some(one), Some(other)) => Some(if other.score > one.score { other } else { one }),
        (one, other) => one.or(other),
    };
    match piece {
        Piece::Word { any, optional, first, last } => {
            let here = words
                .get(at)
                .filter(|word| (!first || at == 0) && (!last || at + 1 == words.len()) && any.contains(word));
            let with = here.and_then(|word| Some(matched(rest, words, at + 1)?.plus(10 + word.len().min(8))));
            if *optional { better(with, matched(rest, words, at)) } else { with }
        }
        Piece::Gap => (at..=(at + GAP).min(words.len())).map(|next| matched(rest, words, next)).fold(None, better),
        Piece::Name => {
            let mut best = None;
            for to in at + 1..=(at + NAME).min(words.len()) {
                if NO_NAME.contains(&words[to - 1]) {
                    break;
                }
                let found = matched(rest, words, to).map(|found| Matched { name: Some((at, to)), ..found.plus(5) });
                best = better(best, found);
            }
            best
        }
        Piece::Number => {
            words.get(at).filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()))?;
            Some(matched(rest, words, at + 1)?.plus(12))
        }
    }
}

fn piece(word: &'static str, names: &HashMap<&'static str, Vec<&'static str>>) -> Result<Piece, String> {
    match word {
        ".." => return Ok(Piece::Gap),
        "<p>" => return Ok(Piece::Name),
        "#" => return Ok(Piece::Number),
        _ => {}
    }
    let (first, word) = word.strip_prefix('^').map_or((false, word), |word| (true, word));
    let (last, word) = word.strip_suffix('$').map_or((false, word), |word| (true, word));
    let (optional, word) = word.strip_prefix('?').map_or((false, word), |word| (true, word));
    let mut any = Vec::new();
    for one in word.split('|') {
        match names.get(one) {
            Some(words) => any.extend(words),
            None if one.starts_with('@') || one.is_empty() => return Err(format!("{word:?} has no words")),
            None => any.push(one),
        }
    }
    Ok(Piece::Word { any, optional, first, last })
}

fn section(head: &str) -> Result<Section, String> {
    let wrong = || format!("{head:?} is no question");
    let mut words = head.split(' ');
    let subject = words.next().and_then(Subject::of_code).ok_or_else(wrong)?;
    let mut section = Section { question: Question::about(subject), usual: None, fixed: false };
    for word in words {
        let question = &mut section.question;
        match word {
            "top" => question.order = Some(Order::Top),
            "bottom" => question.order = Some(Order::Bottom),
            "negative" => question.order = Some(Order::Negative),
            "vs=previous" => question.versus = Some(Versus::Previous),
            "vs=year" => question.versus = Some(Versus::YearBefore),
            _ => {
                if let Some(by) = word.strip_prefix("by=") {
                    let found = Dimension::ALL.into_iter().find(|dimension| dimension.code() == by);
                    question.by = Some(found.ok_or_else(wrong)?);
                } else {
                    let period = word.strip_prefix('@').ok_or_else(wrong)?;
                    section.fixed = period.starts_with('=');
                    let period = period.trim_start_matches('=');
                    section.usual = Some(usual(period).ok_or_else(wrong)?);
                }
            }
        }
    }
    Ok(section)
}

fn usual(word: &str) -> Option<Period> {
    Some(match word {
        "t" => Period::Today,
        "w" => Period::ThisWeek,
        "m" => Period::ThisMonth,
        "lm" => Period::LastMonth,
        "ytd" => Period::ThisYear,
        days => Period::LastDays { days: days.parse().ok()? },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lexicon_is_whole() {
        let lexicon = Lexicon::read(&FILES).unwrap();
        assert!(lexicon.sections.len() > 100 && lexicon.phrases.len() > 800);
        for matter in Matter::ALL {
            let own = OF_NO_BOOK.sections.iter().any(|section| section.question.subject == Subject::NotKept(matter));
            assert!(own, "nothing names {matter:?}");
        }
        let of_figures = |subject: &Subject| matches!(subject, Subject::Metrics(_) | Subject::Costs);
        assert!(OF_A_WHY.sections.iter().all(|section| of_figures(&section.question.subject)));
    }

    #[test]
    fn control_a_lexicon_that_is_not_whole_is_refused() {
        for wrong in [
            "cuanto vendi",
            "= no_such_figure\nx",
            "= cash by=nothing\nx",
            "= cash\n?cuanto",
            "= cash\n.. caja",
            "= cash\n@none",
        ] {
            assert!(Lexicon::read(&[wrong]).is_err(), "{wrong}");
        }
    }
}
