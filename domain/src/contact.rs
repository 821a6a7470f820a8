//! Who writes: channels, a person's ids on them, and phone numbers as keys.

use serde::{Deserialize, Serialize};

/// Where people write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// WhatsApp Cloud API.
    WhatsApp,
    /// Telegram Bot API.
    Telegram,
}

impl Channel {
    /// The name in rows and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Telegram => "telegram",
        }
    }
    /// Reads [`Channel::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::WhatsApp, Self::Telegram].into_iter().find(|channel| channel.code() == code)
    }
}

/// The ids by which WhatsApp names a person. At least one is present; `user_id` (business-scoped) comes first, since
/// `wa_id` may be absent since 2026 (CONTRACTS A8).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct PersonIds {
    /// Business-scoped user id (`CO.13491208655302741918`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Phone digits without `+`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
}

impl PersonIds {
    /// From ids that may be missing or empty; `None` when there is no usable one.
    pub fn from_parts(user_id: Option<&str>, wa_id: Option<&str>) -> Option<Self> {
        let clean =
            |id: Option<&str>| id.map(str::trim).filter(|id| !id.is_empty() && id.len() <= 160).map(str::to_owned);
        let ids = Self { user_id: clean(user_id), wa_id: clean(wa_id) };
        (ids.user_id.is_some() || ids.wa_id.is_some()).then_some(ids)
    }

    /// The identity values, strongest first, as they stand in the `identities` table.
    pub fn values(&self) -> Vec<String> {
        let user = self.user_id.iter().map(|id| format!("user:{id}"));
        let phone = self.wa_id.iter().map(|id| format!("phone:{id}"));
        user.chain(phone).collect()
    }
}

/// Country calling codes of the home markets.
const CALLING_CODES: [(&str, &str, usize); 9] = [
    // country, code, digits of a national mobile number (OPERATIONS §1.4)
    ("CO", "57", 10),
    ("MX", "52", 10),
    ("BR", "55", 11),
    ("PE", "51", 9),
    ("EC", "593", 9),
    ("CL", "56", 9),
    ("AR", "54", 10),
    ("UY", "598", 8),
    ("US", "1", 10),
];

/// A phone number as a comparison key: digits with the country code, the national spellings folded together
/// (`0991234567`, `+593 99 123 4567` and `+5930991234567` are one person; Mexico's `521`, Argentina's `549` and Brazil's
/// ninth digit too, CONTRACTS A4). `None` when the text holds no plausible number.
pub fn phone_key(text: &str, country: &str) -> Option<String> {
    dialled(text, country).map(|full| fold_national(&full))
}

/// A phone number as it is dialled: digits with the country code, each digit of the national spelling kept. `None` when
/// the text holds no plausible number.
pub fn dialled(text: &str, country: &str) -> Option<String> {
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if let Some(rest) = digits.strip_prefix("00") {
        digits = rest.to_owned();
    }
    let (_, home, home_length) =
        CALLING_CODES.iter().find(|(code, ..)| *code == country).copied().unwrap_or(("", "", 0));
    let international = text.trim_start().starts_with('+') || digits.len() > home_length.max(10);
    let national = digits.trim_start_matches('0');
    let full = if international || home.is_empty() { national.to_owned() } else { format!("{home}{national}") };
    (8..=15).contains(&full.len()).then_some(full)
}

fn fold_national(full: &str) -> String {
    for (_, code, length) in CALLING_CODES {
        let Some(rest) = full.strip_prefix(code) else { continue };
        // "+593 0 99…" keeps a trunk zero that the country does not dial from abroad.
        let rest = rest.strip_prefix('0').filter(|shorter| shorter.len() == length).unwrap_or(rest);
        let folded = match code {
            "52" if rest.len() == 11 => rest.strip_prefix('1').unwrap_or(rest).to_owned(),
            "54" if rest.len() == 11 => rest.strip_prefix('9').unwrap_or(rest).to_owned(),
            "55" if rest.len() == 11 && rest.as_bytes()[2] == b'9' => format!("{}{}", &rest[..2], &rest[3..]),
            _ => rest.to_owned(),
        };
        if folded.len() + 1 >= length {
            return format!("{code}{folded}");
        }
    }
    full.to_owned()
}

/// A phone as it may be shown to staff: `+57 300 ··· 4418`.
pub fn masked_phone(digits: &str) -> String {
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 8 {
        return "···".to_owned();
    }
    let tail = &digits[digits.len() - 4..];
    let head = &digits[..digits.len() - 7];
    let (country, area) = if head.len() > 3 { head.split_at(head.len() - 3) } else { ("", head) };
    format!("+{country} {area} ··· {tail}").replace("+ ", "+")
}

/// An e-mail address as a comparison key.
pub fn email_key(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    let plain = !name.is_empty() && host.contains('.') && !text.contains(char::is_whitespace) && text.len() <= 254;
    plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_phone_are_one_key() {
        let same = |country: &str, spellings: &[&str]| {
            let keys: Vec<_> = spellings.iter().map(|text| phone_key(text, country).unwrap()).collect();
            assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{spellings:?} → {keys:?}");
        };
        same("EC", &["0991234567", "991234567", "+593 99 123 4567", "+5930991234567", "593991234567"]);
        same("CO", &["300 123 4418", "+57 300 1234418", "573001234418", "0057 3001234418"]);
        same("MX", &["55 1234 5678", "+52 1 55 1234 5678", "525512345678"]);
        same("AR", &["+54 9 11 2345 6789", "541123456789"]);
        same("BR", &["(11) 98765-4321", "+55 11 98765 4321", "551187654321"]);
        assert_eq!(phone_key("12", "CO"), None);
        assert_ne!(phone_key("3001234418", "CO"), phone_key("3001234419", "CO"));
    }

    #[test]
    fn a_masked_phone_hides_its_middle() {
        assert_eq!(masked_phone("573001234418"), "+57 300 ··· 4418");
        assert!(!masked_phone("573001234418").contains("123"));
    }

    #[test]
    fn the_business_scoped_id_comes_first() {
        let ids = PersonIds::from_parts(Some("CO.1"), Some("573001234418")).unwrap();
        assert_eq!(ids.values(), ["user:CO.1", "phone:573001234418"]);
        assert_eq!(PersonIds::from_parts(Some(" "), None), None);
    }
}
