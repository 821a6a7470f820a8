//! Fitting texts into what a platform takes.

/// Length as the strictest platform counts it: UTF-16 code units.
pub(crate) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The longest beginning of `text` within `limit` UTF-16 units, never through a character.
fn head(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.len_utf16();
        if used > limit {
            return &text[..at];
        }
    }
    text
}

/// `text` within `limit`, cut after a word and marked with `…` when it was longer.
pub(crate) fn cut_at_word(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let head = head(text, limit.saturating_sub(1));
    // A text without spaces (a link, a token) is cut where it must be rather than thrown away.
    let end = head.rfind(char::is_whitespace).filter(|end| *end >= head.len() / 2).unwrap_or(head.len());
    format!("{}…", head[..end].trim_end())
}

/// A label within `limit`, marked with `…` when it was longer.
pub(crate) fn cut_label(label: &str, limit: usize) -> String {
    let label = label.trim();
    if length(label) <= limit {
        return label.to_owned();
    }
    format!("{}…", head(label, limit.saturating_sub(1)).trim_end())
}

/// A platform's words on an error, short and without anything that looks like a phone number.
pub(crate) fn without_numbers(words: &str) -> String {
    let mut kept = String::new();
    let mut digits = String::new();
    for character in words.chars().take(160).chain(std::iter::once('\0')) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        // Error codes have at most six digits.
        kept.push_str(if digits.len() > 6 { "···" } else { &digits });
        digits.clear();
        if character != '\0' {
            kept.push(if character.is_control() { ' ' } else { character });
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_ends_after_a_word() {
        assert_eq!(cut_at_word("uno dos tres", 12), "uno dos tres");
        assert_eq!(cut_at_word("uno dos tres", 11), "uno dos…");
        assert_eq!(cut_at_word("abcdefgh", 5), "abcd…");
    }

    #[test]
    fn no_cut_goes_through_a_character_or_over_the_limit() {
        let text = "día 🎉🎉🎉 año ñandú ".repeat(20);
        for limit in 1..120 {
            assert!(length(&cut_at_word(&text, limit)) <= limit, "{limit}");
            assert!(length(&cut_label(&text, limit)) <= limit, "{limit}");
        }
    }

    #[test]
    fn a_reason_shows_codes_but_no_phones() {
        assert_eq!(without_numbers("(#131026) to +573001112233 no"), "(#131026) to +··· no");
        assert_eq!(without_numbers("573001112233"), "···");
    }
}
