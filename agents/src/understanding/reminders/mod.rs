//! «Cóbrale a Ferretería El Tornillo», «mándales recordatorio a los vencidos», «el número del Tornillo es 300 123 4567»:
//! what a member says to have debtors reminded. Who is meant is decided where the invoices are; nothing is sent by words.

mod confirmed;
mod paid;

use recado_domain::command::{Entity, Mention};
use recado_domain::finance::reminder::Whom;

pub use confirmed::{leaves, sends};
pub use paid::{Paid, paid};

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Remind somebody.
    Remind(Whom),
    /// The phone of a debtor, in E.164; without a country it has no `+`.
    Phone {
        /// Who.
        name: String,
        /// The number.
        phone: String,
    },
}

/// Words before what is wanted.
const LEAD: &[&str] = &[
    "hola", "oye", "buenas", "buenos", "dias", "tardes", "noches", "por", "favor", "porfa", "porfavor", "bot",
    "puedes", "podrias", "me", "te", "le", "les", "quiero", "quisiera", "necesito", "ayudame", "que", "ya", "ahora",
    "si", "ok", "dale", "y", "vamos", "please", "can", "could", "would", "you", "i", "want", "need", "to", "kindly",
    "hi", "hello", "and", "now", "pode", "poderia", "voce", "quero", "preciso", "oi", "ola", "bom", "dia", "boa",
    "tarde", "e", "lhe", "lhes",
];
/// To ask somebody for the money.
const COLLECT: &[&str] = &[
    "cobra",
    "cobrale",
    "cobrales",
    "cobrar",
    "cobrarle",
    "cobrarles",
    "cobres",
    "cobre",
    "cobrele",
    "cobreles",
    "cobralo",
    "chase",
    "dun",
];
/// To remind somebody.
const REMIND: &[&str] = &[
    "recuerdale",
    "recuerdales",
    "recordarle",
    "recordarles",
    "recuerdele",
    "recuerdeles",
    "lembra",
    "lembre",
    "lembrar",
    "remind",
    "nudge",
];
/// To send something.
const SEND: &[&str] = &[
    "manda",
    "mandale",
    "mandales",
    "mandar",
    "mandarle",
    "mandarles",
    "mandas",
    "mande",
    "mandes",
    "mandele",
    "mandeles",
    "envia",
    "enviale",
    "enviales",
    "enviar",
    "enviarle",
    "enviarles",
    "envias",
    "envie",
    "envies",
    "enviele",
    "envieles",
    "send",
    "dispara",
    "disparar",
];
/// What is sent.
const REMINDER: &[&str] = &[
    "recordatorio",
    "recordatorios",
    "cobro",
    "cobros",
    "cobranza",
    "cobranca",
    "cobrancas",
    "lembrete",
    "lembretes",
    "reminder",
    "reminders",
];
/// Words around what is sent.
const AROUND: &[&str] = &[
    "un",
    "una",
    "el",
    "los",
    "um",
    "uma",
    "os",
    "o",
    "a",
    "an",
    "the",
    "otro",
    "otra",
    "outro",
    "outra",
    "another",
    "mensaje",
    "mensagem",
    "message",
    "de",
    "do",
    "da",
    "of",
    "pago",
    "pagos",
    "pagamento",
    "payment",
    "vencimento",
    "cobro",
    "cobranza",
    "cobranca",
    "amable",
    "amistoso",
    "amigavel",
    "friendly",
    "polite",
    "gentil",
    "whatsapp",
    "por",
];
/// Before whoever is meant.
const TO: &[&str] = &["a", "al", "ao", "aos", "as", "o", "os", "para", "pra", "pras", "pro", "pros", "to", "for"];
/// Everybody who is late.
const ALL: &[&str] = &[
    "vencidos",
    "vencidas",
    "vencido",
    "atrasados",
    "atrasadas",
    "atraso",
    "morosos",
    "morosas",
    "deudores",
    "devedores",
    "debtors",
    "debtrs",
    "overdue",
    "todos",
    "todas",
    "todo",
    "everyone",
    "everybody",
    "all",
    "unpaid",
    "inadimplentes",
    "inadimplente",
    "late",
    "arrears",
    "deben",
    "devem",
    "owe",
    "pagaram",
    "pagou",
    "paid",
    "pagado",
    "pagaron",
    "devendo",
];
/// Articles and titles before a name.
const BEFORE_NAME: &[&str] = &[
    "la", "el", "los", "las", "lo", "o", "os", "a", "as", "the", "don", "dona", "senor", "senora", "sr", "sra", "seu",
    "mr", "mrs", "ms", "cliente", "client", "customer", "empresa", "senhor", "senhora",
];
/// Words at which a name ends: what follows says why, when or how.
const AFTER_NAME: &[&str] = &[
    "que",
    "hoy",
    "hoje",
    "today",
    "now",
    "ya",
    "porfa",
    "please",
    "lo",
    "about",
    "that",
    "who",
    "to",
    "factura",
    "fatura",
    "invoice",
    "pagamento",
    "pago",
    "payment",
    "parcela",
    "deuda",
    "divida",
    "saldo",
    "debt",
];
/// Whom no invoice is of.
const NOBODY: &[&str] = &[
    "me",
    "mi",
    "mim",
    "us",
    "nos",
    "transportadora",
    "transportadoras",
    "carrier",
    "carriers",
    "envio",
    "flete",
    "frete",
    "quien",
    "quem",
    "whom",
    "cliente",
    "clientes",
    "un",
    "una",
    "um",
    "uma",
];
/// What a phone is called.
const NUMBER: &[&str] = &[
    "numero", "celular", "cel", "telefono", "tel", "whatsapp", "contacto", "telefone", "contato", "fone", "number",
    "phone", "mobile",
];
/// Words of a name at most.
const NAME: usize = 6;

/// What a member's words ask of reminders, if they ask anything of the kind.
pub fn heard(normalised: &str, entities: &[Mention]) -> Option<Heard> {
    let words: Vec<&str> = normalised.split(' ').filter(|word| !word.is_empty()).take(40).collect();
    if let Some(heard) = phone(&words, entities) {
        return Some(heard);
    }
    let words = &words[words.iter().position(|word| !LEAD.contains(word))?..];
    let (verb, rest) = words.split_first()?;
    let whom = if COLLECT.contains(verb) || REMIND.contains(verb) {
        collected(verb, rest)
    } else if SEND.contains(verb) {
        sent(rest)
    } else {
        None
    };
    whom.map(Heard::Remind)
}

/// «cobra lo vencido», «cóbrale a …», «remind …», «recuérdale el pago a …».
fn collected(verb: &str, rest: &[&str]) -> Option<Whom> {
    if matches!(rest, ["lo" | "la", "vencido" | "vencida" | "cartera", ..]) {
        return Some(Whom::Overdue);
    }
    let english = matches!(verb, "chase" | "dun" | "remind" | "nudge");
    let to = rest.iter().take(5).position(|word| TO.contains(word));
    match to {
        _ if english => whom(rest),
        Some(0) => whom(&rest[1..]),
        // «Recuérdale el pago a Pedro»: what is said in between is of the payment.
        Some(at) if REMIND.contains(&verb) && rest[..at].iter().all(|word| AROUND.contains(word)) => {
            whom(&rest[at + 1..])
        }
        _ => None,
    }
}

/// «manda un recordatorio de pago a …», «send John a payment reminder».
fn sent(rest: &[&str]) -> Option<Whom> {
    let noun = rest.iter().take(6).position(|word| REMINDER.contains(word))?;
    let plural = rest[noun].ends_with('s');
    let after: Vec<&str> =
        rest[noun + 1..].iter().skip_while(|word| AROUND.contains(word) && !TO.contains(word)).copied().collect();
    let between: Vec<&str> = rest[..noun].iter().filter(|word| !AROUND.contains(word)).copied().collect();
    match after.split_first() {
        Some((to, named)) if TO.contains(to) => whom(named),
        _ if !between.is_empty() => whom(&between),
        // «Quiero mandar recordatorios», «mándales recordatorio».
        None if plural || rest.first().is_some_and(|word| REMINDER.contains(word)) => Some(Whom::Overdue),
        _ => None,
    }
}

/// Whom the words after «to» mean.
fn whom(words: &[&str]) -> Option<Whom> {
    if words.iter().take(8).any(|word| ALL.contains(word)) {
        return Some(Whom::Overdue);
    }
    let name = name(words)?;
    Some(Whom::Debtor { name })
}

fn name(words: &[&str]) -> Option<String> {
    let words: Vec<&str> = words.iter().skip_while(|word| BEFORE_NAME.contains(word)).copied().collect();
    let first = words.first()?;
    if NOBODY.contains(first) || first.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    // A word that ends a name may also stand inside of one («Muebles de Cali»): it ends it only where nothing but the
    // matter follows.
    let end = (1..words.len()).find(|at| ends(&words[*at..])).unwrap_or(words.len());
    let name = &words[..end];
    (name.len() <= NAME).then(|| name.join(" "))
}

fn ends(rest: &[&str]) -> bool {
    match rest {
        ["de" | "do" | "da" | "la" | "el" | "por", next, ..] => {
            AFTER_NAME.contains(next) || *next == "favor" || *next == "whatsapp"
        }
        [word, ..] => AFTER_NAME.contains(word),
        [] => true,
    }
}

/// «El número del Tornillo es 300 123 4567», «o telefone da Paula é …», «John's number is …».
fn phone(words: &[&str], entities: &[Mention]) -> Option<Heard> {
    let phone = entities.iter().find_map(|mention| match &mention.entity {
        Entity::Phone { value } => Some(value.clone()),
        _ => None,
    })?;
    let noun = words.iter().position(|word| NUMBER.contains(word))?;
    let is_end =
        |word: &&str| matches!(*word, "es" | "e" | "is") || word.starts_with(|letter: char| letter.is_ascii_digit());
    let name = match words.get(noun + 1) {
        Some(&("de" | "del" | "da" | "do" | "of" | "for")) => {
            let named: Vec<&str> = words[noun + 2..].iter().take_while(|word| !is_end(word)).copied().collect();
            name(&named)?
        }
        _ => {
            let named: Vec<&str> = words[..noun].iter().filter(|word| **word != "s").copied().collect();
            name(&named)?
        }
    };
    Some(Heard::Phone { name, phone })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::entities::{Context, find};
    use crate::understanding::normalise::normalise;

    fn of(text: &str) -> Option<Heard> {
        heard(&normalise(text), &[])
    }
    fn debtor(name: &str) -> Option<Heard> {
        Some(Heard::Remind(Whom::Debtor { name: name.to_owned() }))
    }

    #[test]
    fn a_debtor_is_named_in_three_languages() {
        for (text, name) in [
            ("cóbrale a Ferretería El Tornillo", "ferreteria el tornillo"),
            ("cóbrale al Tornillo por favor", "tornillo"),
            ("¿puedes cobrarle a Don Pedro lo que me debe?", "pedro"),
            ("necesito que le cobres a la mayorista de Cúcuta", "mayorista de cucuta"),
            ("me mandas un mensaje de cobro a Pedro?", "pedro"),
            ("mándale un recordatorio de pago a Boutique Sol", "boutique sol"),
            ("recuérdale el pago a Boutique Sol", "boutique sol"),
            ("envia cobrança pro Seu Antônio", "antonio"),
            ("manda um lembrete de pagamento pro João", "joao"),
            ("lembra a Paula do pagamento", "paula"),
            ("cobra o Pedro", "pedro"),
            ("manda cobrança amigável pra Rosa", "rosa"),
            ("send John a payment reminder", "john"),
            ("send a reminder to Carlos Mejia", "carlos mejia"),
            ("please remind Boutique Sol about the invoice", "boutique sol"),
            ("chase Boutique Sol", "boutique sol"),
        ] {
            assert_eq!(of(text), debtor(name), "{text}");
        }
    }

    #[test]
    fn everybody_who_is_late_is_meant_in_three_languages() {
        for text in [
            "mándales recordatorio a los vencidos",
            "puedes cobrarle a los atrasados?",
            "cobra lo vencido",
            "quiero mandar recordatorios de cobro",
            "manda los cobros",
            "envía mensaje de cobro a los atrasados",
            "cóbrales a todos",
            "manda cobrança pros devedores",
            "manda lembrete pra quem não pagou",
            "dispara lembrete pra todo mundo em atraso",
            "remind everybody who's late",
            "chase the debtors",
            "send payment reminders",
            "Kindly send a reminder to customers in arrears",
            "remind those who owe me",
        ] {
            assert_eq!(of(text), Some(Heard::Remind(Whom::Overdue)), "{text}");
        }
    }

    #[test]
    fn what_only_sounds_like_it_asks_nothing() {
        for text in [
            "¿a quién le cobro primero?",
            "¿cómo le cobro a un cliente que no contesta?",
            "¿cuánto me cobra la pasarela?",
            "cobra el envío a 10 mil",
            "cobrar a 10 mil el envío",
            "mándame el resumen todos los días",
            "mándame el reporte",
            "remind me tomorrow",
            "cómo le cobro a la transportadora",
            "me recuerdas a quién cobrarle hoy?",
            "¿quién me debe?",
            "total por cobrar",
            "send me the report",
            "cóbrale a la transportadora",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_phone_is_told_with_its_name() {
        let context = Context { today: None, country: "CO" };
        for (text, name) in [
            ("el número del Tornillo es 300 123 4567", "tornillo"),
            ("El celular de Ferretería El Tornillo: 3001234567", "ferreteria el tornillo"),
            ("o telefone da Paula é +57 300 123 4567", "paula"),
            ("John's number is +573001234567", "john"),
        ] {
            let heard = heard(&normalise(text), &find(text, &context));
            assert_eq!(
                heard,
                Some(Heard::Phone { name: name.to_owned(), phone: "+573001234567".to_owned() }),
                "{text}"
            );
        }
    }
}
