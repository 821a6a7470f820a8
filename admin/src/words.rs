//! The words of the admin view in three languages, one file each, with the same keys.

use std::collections::BTreeMap;

use recado_domain::Language;
use serde::Deserialize;

use crate::AdminError;
use crate::templates::Files;

/// A sentence, or its forms by number.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    Plain(String),
    Forms { zero: Option<String>, one: String, other: String },
}

/// All words.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    languages: [BTreeMap<String, Entry>; 3],
}

impl Words {
    pub(crate) fn load() -> Result<Self, AdminError> {
        let read = |language: Language| {
            let path = format!("words/{language}.json");
            let file = Files::get(&path).ok_or_else(|| AdminError::Asset(path.clone()))?;
            serde_json::from_slice(&file.data).map_err(|error| AdminError::Words(format!("{path}: {error}")))
        };
        Ok(Self { languages: [read(Language::Es)?, read(Language::Pt)?, read(Language::En)?] })
    }

    fn of(&self, language: Language) -> &BTreeMap<String, Entry> {
        match language {
            Language::Es => &self.languages[0],
            Language::Pt => &self.languages[1],
            Language::En => &self.languages[2],
        }
    }

    /// The sentence of a key with its variables filled in. `None` when there is no such key.
    pub(crate) fn find(&self, language: Language, key: &str, n: Option<i64>, with: &[(&str, &str)]) -> Option<String> {
        let text = match self.of(language).get(key)? {
            Entry::Plain(text) => text,
            Entry::Forms { zero: Some(zero), .. } if n == Some(0) => zero,
            Entry::Forms { one, .. } if n == Some(1) => one,
            Entry::Forms { other, .. } => other,
        };
        if !text.contains('{') {
            return Some(text.clone());
        }
        let number = n.map(|n| n.to_string()).unwrap_or_default();
        let mut filled = String::with_capacity(text.len() + 16);
        let mut rest = text.as_str();
        // One pass, so that a brace in a person's name is never taken for a variable.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else { break };
            let given = with.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            filled.push_str(given.unwrap_or(if name == "n" { &number } else { "" }));
            rest = tail;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// As [`Words::find`], where an unknown key is a mistake of ours: it shows itself.
    pub(crate) fn say(&self, language: Language, key: &str, with: &[(&str, &str)]) -> String {
        self.find(language, key, None, with).unwrap_or_else(|| key.to_owned())
    }

    /// As [`Words::say`], with a number that chooses the form.
    pub(crate) fn count(&self, language: Language, key: &str, n: i64, with: &[(&str, &str)]) -> String {
        self.find(language, key, Some(n), with).unwrap_or_else(|| key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in braces of a text.
    fn variables(entry: &Entry) -> std::collections::BTreeSet<String> {
        let texts: Vec<&str> = match entry {
            Entry::Plain(text) => vec![text],
            Entry::Forms { zero, one, other } => zero.iter().chain([one, other]).map(String::as_str).collect(),
        };
        texts
            .iter()
            .flat_map(|text| {
                text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned())
            })
            .collect()
    }

    #[test]
    fn the_three_languages_have_the_same_keys_forms_and_variables() {
        let words = Words::load().unwrap();
        let spanish = words.of(Language::Es);
        for language in [Language::Pt, Language::En] {
            let other = words.of(language);
            let keys = |map: &BTreeMap<String, Entry>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(spanish), keys(other), "{language}");
            for (key, entry) in spanish {
                assert_eq!(variables(entry), variables(&other[key]), "{key} in {language}");
                let same = matches!(
                    (entry, &other[key]),
                    (Entry::Plain(_), Entry::Plain(_)) | (Entry::Forms { .. }, Entry::Forms { .. })
                );
                assert!(same, "{key} in {language} has other forms");
            }
        }
    }

    #[test]
    fn a_brace_in_a_name_stays_a_brace() {
        let words = Words::load().unwrap();
        let said = words.say(Language::En, "inbox.reply_to", &[("name", "{n}{key}")]);
        assert_eq!(said, "Reply to {n}{key}");
    }

    #[test]
    fn zero_one_and_many_have_their_own_words() {
        let words = Words::load().unwrap();
        let said = |n| words.count(Language::Es, "desk.needs", n, &[]);
        assert_eq!(
            [said(0), said(1), said(4)],
            ["Nada necesita a una persona.", "Una cosa necesita a una persona.", "4 cosas necesitan a una persona."]
        );
    }
}
