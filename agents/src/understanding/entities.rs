//! Things that can be read off a text without understanding it: order numbers, parcel numbers, e-mail, phones.

use jiff::civil::Date;
use recado_domain::command::Entity;

use super::normalise::{LONGEST, normalise};
use super::periods;

/// Words after which a short number is an order's.
const ORDER_WORDS: &[&str] =
    &["pedido", "pedidos", "orden", "order", "compra", "numero", "number", "no", "nro", "n", "encomenda", "rastrear"];
/// Words after which a number is a parcel's.
const PARCEL_WORDS: &[&str] =
    &["guia", "tracking", "rastreo", "rastreio", "seguimiento", "codigo", "code", "rastrear", "track", "envio"];
/// Words after which a number is a phone's.
const PHONE_WORDS: &[&str] =
    &["telefono", "tel", "cel", "celular", "telefone", "phone", "mobile", "whatsapp", "wpp", "numero"];
/// Most of each kind that is kept.
const MOST: usize = 8;

/// Everything found, order numbers first, then parcels, e-mails, phones and periods.
pub fn find(text: &str, today: Option<Date>) -> Vec<Entity> {
    let short: String = text.chars().take(LONGEST).collect();
    let mut found = Found::default();
    let mut before: [String; 3] = Default::default();
    let tokens: Vec<&str> = short.split_whitespace().collect();
    let mut index = 0;
    while index < tokens.len() {
        let token = tokens[index];
        if let Some(email) = email(token) {
            found.emails.push(Entity::Email { value: email });
            index += 1;
            continue;
        }
        // «+57 300 123 4567» is one number.
        let group = tokens[index..].iter().take_while(|token| is_number_piece(token)).count();
        if group > 1 && is_spelt_phone(&tokens[index..index + group], &before[2]) {
            let joined: String = tokens[index..index + group].concat();
            let digits = digits_of(&joined);
            if (9..=15).contains(&digits.len()) {
                found.phones.push(Entity::Phone { value: joined });
                index += group;
                continue;
            }
        }
        found.number(token, &before);
        before.rotate_left(1);
        before[2] = normalise(token);
        index += 1;
    }
    // Carriers that mix letters into their numbers («1Z…») are known by form; plain digits were judged above.
    for candidate in recado_domain::tracking::recognize(&short) {
        let lettered = candidate.number.bytes().any(|byte| byte.is_ascii_alphabetic());
        let entity = Entity::TrackingNumber { value: candidate.number };
        if candidate.valid && lettered && !found.parcels.contains(&entity) {
            found.parcels.push(entity);
        }
    }
    if let Some(period) = periods::find(&normalise(&short), today) {
        found.periods.push(Entity::Period { value: period });
    }
    let mut all = Vec::new();
    for kind in [found.orders, found.parcels, found.emails, found.phones, found.periods] {
        all.extend(kind.into_iter().take(MOST));
    }
    all
}

#[derive(Default)]
struct Found {
    orders: Vec<Entity>,
    parcels: Vec<Entity>,
    emails: Vec<Entity>,
    phones: Vec<Entity>,
    periods: Vec<Entity>,
}

impl Found {
    fn number(&mut self, token: &str, words: &[String; 3]) {
        let before = words[2].as_str();
        let trimmed =
            token.trim_matches(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '#' | '+'));
        if trimmed.is_empty() || trimmed.contains(['$', '%', ':', '/']) || token.contains('$') {
            return;
        }
        let upper = trimmed.to_ascii_uppercase();
        if is_postal_code(&upper) {
            self.parcels.push(Entity::TrackingNumber { value: upper });
            return;
        }
        if let Some(name) = trimmed.strip_prefix('#') {
            if (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                self.orders.push(Entity::OrderNumber { value: name.to_ascii_uppercase() });
            }
            return;
        }
        let plain = trimmed.strip_prefix('+').unwrap_or(trimmed);
        let separated = plain.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | '.' | '(' | ')'));
        if !separated {
            return;
        }
        let digits = digits_of(plain);
        if trimmed.starts_with('+') || plain.contains('-') {
            if (9..=15).contains(&digits.len()) {
                self.phones.push(Entity::Phone { value: trimmed.to_owned() });
            }
            return;
        }
        if plain.contains('.') {
            return;
        }
        let near = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let (parcel, phone) = (near(PARCEL_WORDS), near(PHONE_WORDS));
        match digits.len() {
            3..=7 if parcel && digits.len() >= 6 => self.parcels.push(Entity::TrackingNumber { value: digits }),
            // A year is no order unless it is called one.
            4 if is_year(&digits) && !ORDER_WORDS.contains(&before) => {}
            3..=7 => self.orders.push(Entity::OrderNumber { value: digits }),
            1..=2 if matches!(before, "pedido" | "orden" | "order") => {
                self.orders.push(Entity::OrderNumber { value: digits });
            }
            8..=22 => {
                if (9..=15).contains(&digits.len()) && !parcel {
                    self.phones.push(Entity::Phone { value: digits.clone() });
                }
                if !phone || before == "numero" {
                    self.parcels.push(Entity::TrackingNumber { value: digits });
                }
            }
            _ => {}
        }
    }
}

fn is_year(digits: &str) -> bool {
    matches!(digits.parse::<u32>(), Ok(2015..=2035))
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_number_piece(token: &str) -> bool {
    let token = token.trim_end_matches([',', ';']);
    (1..=12).contains(&token.len())
        && token.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | '(' | ')' | '-'))
        && token.chars().any(|letter| letter.is_ascii_digit())
}

/// «+57 3001234567» or «300 123 4567», but not «1042 3001234567»: there the first is an order.
fn is_spelt_phone(pieces: &[&str], before: &str) -> bool {
    let international = pieces[0].starts_with('+');
    let short = pieces.iter().all(|piece| digits_of(piece).len() <= 4);
    international || (short && pieces.len() >= 3 && (!ORDER_WORDS.contains(&before) || before == "numero"))
}

/// The postal unions' shape: two letters, nine digits, two letters.
fn is_postal_code(upper: &str) -> bool {
    let bytes = upper.as_bytes();
    bytes.len() == 13
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..11].iter().all(u8::is_ascii_digit)
        && bytes[11..].iter().all(u8::is_ascii_uppercase)
}

fn email(token: &str) -> Option<String> {
    let trimmed = token.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let (name, host) = trimmed.split_once('@')?;
    let good = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+'))
    };
    (good(name) && good(host) && host.contains('.') && trimmed.len() <= 120).then(|| trimmed.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        find(text, None)
            .into_iter()
            .map(|entity| match entity {
                Entity::OrderNumber { value } => format!("order {value}"),
                Entity::TrackingNumber { value } => format!("parcel {value}"),
                Entity::Email { value } => format!("email {value}"),
                Entity::Phone { value } => format!("phone {value}"),
                Entity::Period { .. } => "period".to_owned(),
            })
            .collect()
    }

    #[test]
    fn numbers_are_told_apart() {
        assert_eq!(of("¿dónde está mi pedido #1042?"), ["order 1042"]);
        assert_eq!(of("pedido 1042, por favor"), ["order 1042"]);
        assert_eq!(of("1042"), ["order 1042"]);
        assert_eq!(of("mi guía es 2000123456"), ["parcel 2000123456"]);
        assert_eq!(of("rastreio AA123456789BR"), ["parcel AA123456789BR"]);
        assert_eq!(of("es ana.ruiz+a@correo.co."), ["email ana.ruiz+a@correo.co"]);
        assert_eq!(of("+57 300 123 4567"), ["phone +573001234567"]);
        assert_eq!(of("mi cel 3001234567"), ["phone 3001234567"]);
        assert_eq!(of("300 123 4567"), ["phone 3001234567"]);
        assert_eq!(of("1042 3001234567")[0], "order 1042");
        assert_eq!(of("pedido 1042 cel 300 123 4567"), ["order 1042", "phone 3001234567"]);
        assert_eq!(of("3001234567"), ["parcel 3001234567", "phone 3001234567"]);
    }

    #[test]
    fn amounts_and_years_are_no_orders() {
        assert!(of("pagué $89.900").is_empty());
        assert_eq!(of("octubre 2025"), ["period"]);
        assert!(of("'; DROP TABLE orders; --").is_empty());
    }
}
