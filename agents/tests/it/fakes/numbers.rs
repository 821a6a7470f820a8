//! Numbers that a reply may hold.

/// The numbers in a text, as written.
pub fn numbers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    for letter in text.chars().chain(std::iter::once(' ')) {
        if letter.is_ascii_digit() || (matches!(letter, '.' | ',' | ':') && !current.is_empty()) {
            current.push(letter);
        } else if !current.is_empty() {
            found.push(current.trim_end_matches(['.', ',', ':']).to_owned());
            current.clear();
        }
    }
    found
}

/// Every number of a reply stands in the facts or among the allowed constants.
pub fn assert_numbers_come_from(reply: &str, facts: &[&str]) {
    let allowed: Vec<String> = facts.iter().flat_map(|fact| numbers(fact)).collect();
    for number in numbers(reply) {
        assert!(allowed.contains(&number), "{number} is in no fact: {reply}\nfacts: {allowed:?}");
    }
}
