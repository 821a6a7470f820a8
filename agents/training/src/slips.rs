//! Words as fingers write them in a hurry: one letter lost, doubled, or changed with the one before it. What trains holds
//! each sentence once with a slip, so that a misspelt word is known by what is left of it.

use super::trainer::Shuffler;

/// Shorter words are not touched: with a letter less they are other words («no», «sí», «pix»).
const SHORTEST: usize = 4;

/// A normalised text with one slip; none when it has no word for it. The same number slips in the same place.
pub fn slipped(text: &str, number: u64) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let long: Vec<usize> = words
        .iter()
        .enumerate()
        .filter(|(_, word)| word.chars().count() >= SHORTEST && word.chars().all(char::is_alphabetic))
        .map(|(place, _)| place)
        .collect();
    let mut chance = Shuffler::new(number + 1);
    // The first numbers of so small a generator are alike for seeds that are.
    for _ in 0..4 {
        chance.below(2);
    }
    let chosen = *long.get(chance.below(long.len()))?;
    let mut letters: Vec<char> = words[chosen].chars().collect();
    let at = 1 + chance.below(letters.len() - 1);
    match chance.below(3) {
        0 => drop(letters.remove(at)),
        1 => letters.swap(at - 1, at),
        _ => letters.insert(at, letters[at]),
    }
    let slipped: String = letters.into_iter().collect();
    let written = words.iter().enumerate().map(|(place, word)| if place == chosen { slipped.as_str() } else { word });
    Some(written.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_slips_and_the_others_stay() {
        let mut seen = std::collections::HashSet::new();
        for number in 0..200 {
            let slipped = slipped("quiero cancelar mi pedido", number).unwrap();
            let differ =
                slipped.split(' ').zip("quiero cancelar mi pedido".split(' ')).filter(|(one, other)| one != other);
            // «ll» for «ll» changed places is no slip, and rare.
            assert!(differ.count() <= 1, "{slipped}");
            assert!(slipped.contains(" mi "));
            seen.insert(slipped);
        }
        assert!(seen.len() > 30, "{seen:?}");
        assert_eq!(slipped("quiero cancelar", 7), slipped("quiero cancelar", 7));
    }

    #[test]
    fn short_words_and_numbers_do_not_slip() {
        assert_eq!(slipped("no", 1), None);
        assert_eq!(slipped("la 1042 ya", 1), None);
    }
}
