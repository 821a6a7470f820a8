//! The labelled sentences: `agents/utterances/<language>/<intent>.txt`, one sentence a line, a blank line between families
//! of paraphrases. The build puts them into one text, each file after a line `@ language intent`.

/// One labelled sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence<'a> {
    /// Name of what it wants.
    pub intent: &'a str,
    /// Code of its language.
    pub language: &'a str,
    /// Its family, unique over all files. Paraphrases of one sentence are one family; a family is never divided between
    /// training and measuring.
    pub family: usize,
    /// The words.
    pub text: &'a str,
}

/// Reads the joined files.
pub fn read(joined: &str) -> Vec<Sentence<'_>> {
    let mut sentences = Vec::new();
    let (mut language, mut intent) = ("", "");
    let mut family = 0;
    let mut open = false;
    for line in joined.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix("@ ") {
            (language, intent) = head.split_once(' ').unwrap_or((head, ""));
            open = false;
        } else if line.is_empty() {
            open = false;
        } else {
            family += usize::from(!open);
            open = true;
            sentences.push(Sentence { intent, language, family, text: line });
        }
    }
    sentences
}

/// The names of the intents that sentences have, ascending: the classes of the classifier.
pub fn intents<'a>(sentences: &[Sentence<'a>]) -> Vec<&'a str> {
    let names: std::collections::BTreeSet<&str> = sentences.iter().map(|sentence| sentence.intent).collect();
    names.into_iter().collect()
}

/// A part of the families, the same for the same seed: `of` folds, each family in one of them.
pub fn fold(family: usize, seed: u64, of: usize) -> usize {
    let mut mixed = (family as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03);
    mixed ^= mixed >> 31;
    mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 29;
    (mixed % of.max(1) as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_and_files_end_families() {
        let text = "@ es yes\nsí\nclaro que sí\n\ndale\n@ en yes\nyes\n";
        let all = read(text);
        assert_eq!(all.iter().map(|one| one.family).collect::<Vec<_>>(), [1, 1, 2, 3]);
        assert_eq!((all[3].language, all[3].intent, all[3].text), ("en", "yes", "yes"));
        assert_eq!(intents(&all), ["yes"]);
    }

    #[test]
    fn folds_are_about_equal() {
        for seed in [1, 7] {
            let mut sizes = [0; 5];
            (0..5000).for_each(|family| sizes[fold(family, seed, 5)] += 1);
            assert!(sizes.iter().all(|size| (850..1150).contains(size)), "{sizes:?}");
        }
    }
}
