//! What leaves the house in place of personal data: e-mails, long numbers, codes and links become names such as
//! `[NUMBER_1]`, and what comes back is named back. A provider that keeps what it is sent keeps no phone of anyone.

/// From so many digits on a number is a phone, a card, a document or a guide, and not an order.
const LONG: usize = 7;
/// A code with letters and at least so many characters is a guide.
const LONG_CODE: usize = 10;

/// Texts with names in place of what was taken out, and what the names stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    /// The texts.
    pub texts: Vec<String>,
    named: Vec<(String, String)>,
}

impl Redacted {
    /// Takes personal data out of some texts. The same thing has the same name in all of them.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redacted = Self::default();
        for text in texts {
            let text = redacted.text(text);
            redacted.texts.push(text);
        }
        redacted
    }

    fn name(&mut self, kind: &str, original: &str) -> String {
        if let Some((name, _)) = self.named.iter().find(|(_, known)| known == original) {
            return name.clone();
        }
        let count = self.named.iter().filter(|(name, _)| name[1..].starts_with(kind)).count();
        let name = format!("[{kind}_{}]", count + 1);
        self.named.push((name.clone(), original.to_owned()));
        name
    }

    fn text(&mut self, text: &str) -> String {
        // A name of ours in a person's text must not be named back to something else.
        let text = text.replace('[', "(").replace(']', ")");
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let blank = rest.len() - rest.trim_start().len();
            out.push_str(&rest[..blank]);
            rest = &rest[blank..];
            if let Some(length) = long_number(rest) {
                let name = self.name("NUMBER", &rest[..length]);
                out.push_str(&name);
                rest = &rest[length..];
                continue;
            }
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let token = &rest[..end];
            let core = token.trim_matches(|letter: char| !letter.is_alphanumeric());
            match kind(core) {
                Some(kind) => {
                    let name = self.name(kind, core);
                    out.push_str(&token.replacen(core, &name, 1));
                }
                None => out.push_str(token),
            }
            rest = &rest[end..];
        }
        out
    }

    /// What a name stands for; a text that is no name of ours stands for itself.
    pub fn restore(&self, text: &str) -> String {
        self.named.iter().fold(text.to_owned(), |text, (name, original)| text.replace(name, original))
    }
}

fn kind(token: &str) -> Option<&'static str> {
    if token.contains('@') {
        return Some("EMAIL");
    }
    if token.contains("://") || token.to_ascii_lowercase().starts_with("www.") {
        return Some("LINK");
    }
    let plain: String = token.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    if digits >= LONG {
        return Some(if digits == plain.len() { "NUMBER" } else { "CODE" });
    }
    (plain.len() >= LONG_CODE && digits >= 4).then_some("CODE")
}

/// The length of a number at the start of a text that has many digits, however it is grouped («300 123 45 67»).
fn long_number(text: &str) -> Option<usize> {
    if !text.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '(')) {
        return None;
    }
    let (mut end, mut digits) = (0, 0);
    for (offset, letter) in text.char_indices() {
        match letter {
            '0'..='9' => {
                digits += 1;
                end = offset + 1;
            }
            ' ' | '-' | '.' | '(' | ')' | '+' if offset <= end + 2 => {}
            // A code, not a number.
            letter if letter.is_alphanumeric() && offset == end => return None,
            _ => break,
        }
    }
    (digits >= LONG).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_gets_names_and_the_rest_stays() {
        let texts = [
            "mi correo es ana.ruiz@correo.co, el pedido #1042",
            "llámame al 300 123 45 67 o al +57 (1) 555-0100 y ana.ruiz@correo.co",
            "guía RR473124829CO en https://x.co/abc?y=1",
            "cédula 1.020.304.050, Calle 45 # 12-30 apto 301",
        ];
        let redacted = Redacted::of(texts);
        assert_eq!(
            redacted.texts,
            [
                "mi correo es [EMAIL_1], el pedido #1042",
                "llámame al [NUMBER_1] o al [NUMBER_2] y [EMAIL_1]",
                "guía [CODE_1] en [LINK_1]",
                "cédula [NUMBER_3], Calle 45 # 12-30 apto 301",
            ]
        );
        for (text, original) in redacted.texts.iter().zip(texts) {
            assert_eq!(redacted.restore(text), original);
        }
    }

    #[test]
    fn a_name_that_a_person_wrote_stands_for_nothing() {
        let redacted = Redacted::of(["3001234567 [NUMBER_1]"]);
        assert_eq!(redacted.texts, ["[NUMBER_1] (NUMBER_1)"]);
    }

    proptest::proptest! {
        #[test]
        fn no_long_number_leaves_and_nothing_panics(text in ".{0,80}", phone in "3[0-9]{9}") {
            let redacted = Redacted::of([format!("{text} {phone} {text}").as_str()]);
            proptest::prop_assert!(!redacted.texts[0].contains(&phone));
        }
    }
}
