//! What documents say, in the three languages: `templates/documents/{es,pt,en}.txt`, one `key = text` a line.

use std::collections::HashMap;
use std::sync::LazyLock;

use recado_domain::Language;

const TEXTS: [(Language, &str); 3] = [
    (Language::Es, include_str!("../../templates/documents/es.txt")),
    (Language::Pt, include_str!("../../templates/documents/pt.txt")),
    (Language::En, include_str!("../../templates/documents/en.txt")),
];

static TABLE: LazyLock<HashMap<(Language, &'static str), &'static str>> = LazyLock::new(|| {
    let lines = TEXTS.into_iter().flat_map(|(language, text)| text.lines().map(move |line| (language, line)));
    lines
        .filter_map(|(language, line)| {
            let (key, text) = line.split_once('=')?;
            (!line.starts_with('#')).then(|| ((language, key.trim()), text.trim()))
        })
        .collect()
});

/// The text of a key, with `{name}` replaced by its value. A key that is in no file says itself, which a test of every
/// key in the code forbids.
pub(crate) fn say(language: Language, key: &'static str, values: &[(&str, &str)]) -> String {
    let Some(mut rest) = TABLE.get(&(language, key)).copied() else { return key.to_owned() };
    let mut said = String::with_capacity(rest.len() + 32);
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        said.push_str(value);
        rest = after;
    }
    said + rest
}

/// The text of a key that is computed (a code of the domain's); `None` when there is none.
pub(crate) fn known(language: Language, key: &str) -> Option<&'static str> {
    let (_, text) = TABLE.iter().find(|((spoken, known), _)| *spoken == language && *known == key)?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(language: Language) -> BTreeSet<&'static str> {
        TABLE.keys().filter(|(spoken, _)| *spoken == language).map(|(_, key)| *key).collect()
    }

    fn names(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_language_says_everything_with_the_same_values() {
        assert!(keys(Language::Es).len() > 100);
        for language in [Language::Pt, Language::En] {
            assert_eq!(keys(Language::Es), keys(language), "{language}");
            for key in keys(language) {
                assert_eq!(names(TABLE[&(Language::Es, key)]), names(TABLE[&(language, key)]), "{language} {key}");
            }
        }
    }

    /// Keys in the code: string literals with a dot that begin like a section of the files.
    fn used(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                used(&entry, found);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                let sections: BTreeSet<&str> =
                    keys(Language::Es).iter().filter_map(|key| key.split('.').next()).collect();
                for literal in text.split('"').skip(1).step_by(2) {
                    let plain = literal.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
                    let section = literal.split_once('.').map(|(section, _)| section);
                    if plain && section.is_some_and(|section| sections.contains(section)) {
                        found.insert(literal.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_key_in_the_code_is_in_the_files() {
        let mut found = BTreeSet::new();
        used(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
        assert!(found.len() > 60, "{found:?}");
        let known = keys(Language::Es);
        // Some are the beginning of a key, whose end is computed: `month.long` of `month.long.9`.
        let begins =
            |key: &str| known.iter().any(|known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')));
        let missing: Vec<&String> = found.iter().filter(|key| !known.contains(key.as_str()) && !begins(key)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn values_are_put_in_and_a_brace_in_a_value_stays() {
        assert_eq!(say(Language::En, "foot.source", &[("at", "{x}"), ("shop", "A")]).matches("{x}").count(), 1);
    }
}
