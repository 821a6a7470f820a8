//! Postal addresses as people of each country write them: what is in a text, and what is still missing (OPERATIONS §1.4).

use std::collections::BTreeMap;

use recado_domain::flow::Slot;

use super::heard::tidy;
use crate::understanding::normalise::normalise;
use crate::understanding::rules::contains;

const STREETS: &[&str] = &[
    "calle",
    "cl",
    "cll",
    "carrera",
    "cra",
    "kr",
    "cr",
    "avenida",
    "av",
    "ave",
    "diagonal",
    "dg",
    "transversal",
    "tv",
    "trv",
    "circular",
    "autopista",
    "via",
    "pasaje",
    "psje",
    "jiron",
    "jr",
    "manzana",
    "mz",
    "lote",
    "lt",
    "prolongacion",
    "boulevard",
    "blvd",
    "calzada",
    "km",
    "kilometro",
    "vereda",
    "finca",
    "rua",
    "r",
    "travessa",
    "alameda",
    "rodovia",
    "estrada",
    "praca",
    "street",
    "st",
    "road",
    "rd",
    "drive",
    "lane",
];
const AREAS: &[&str] = &[
    "barrio",
    "bairro",
    "b",
    "br",
    "colonia",
    "col",
    "urbanizacion",
    "urb",
    "distrito",
    "comuna",
    "ciudadela",
    "sector",
    "localidad",
    "neighborhood",
    "neighbourhood",
    "district",
];
const DETAILS: &[&str] = &[
    "apto",
    "apartamento",
    "apt",
    "ap",
    "depto",
    "dpto",
    "departamento",
    "torre",
    "bloque",
    "bloco",
    "interior",
    "int",
    "casa",
    "piso",
    "oficina",
    "of",
    "conjunto",
    "edificio",
    "ed",
    "edif",
    "porteria",
    "referencia",
    "ref",
    "frente",
    "cerca",
    "entre",
    "complemento",
    "fundos",
    "andar",
    "unit",
    "suite",
    "floor",
    "apartment",
    "perto",
    "near",
];
const CITIES: &[&str] = &["ciudad", "cidade", "city", "municipio", "en", "em", "in"];
/// Words before an address that are no part of it.
const BEFORE: &[&str] = &[
    "a la",
    "a",
    "para la",
    "para",
    "es",
    "en",
    "la nueva es",
    "la nueva direccion es",
    "mi direccion es",
    "la direccion es",
    "direccion",
    "por",
    "to",
    "e",
    "o novo endereco e",
    "meu endereco e",
    "o endereco e",
    "endereco",
    "my address is",
    "the new address is",
    "the address is",
    "it s",
    "it is",
    "new address",
];

/// What an address needs in a country.
pub fn needs(country: &str, slot: Slot) -> bool {
    match slot {
        Slot::Street | Slot::City => true,
        Slot::Area => country != "US",
        Slot::Zip => matches!(country, "MX" | "BR" | "AR" | "US"),
        _ => false,
    }
}

/// Whether a text can be a street with its number. Rural places and «s/n» have none (§1.4: yellow, not red).
pub fn is_street(text: &str) -> bool {
    let normalised = normalise(text);
    let digits = normalised.bytes().any(|byte| byte.is_ascii_digit());
    let letters = normalised.chars().filter(|letter| letter.is_alphabetic()).count();
    let rural = ["vereda", "finca", "km", "kilometro", "s n", "sin numero", "sem numero"]
        .iter()
        .any(|word| contains(&normalised, word));
    letters >= 2 && (digits || rural) && normalised.len() >= 5
}

/// Whether a text names a street by its kind: then it is one even where none was asked for.
pub fn names_street(text: &str) -> bool {
    let normalised = normalise(text);
    let words: Vec<&str> = normalised.split(' ').collect();
    let numbered = |at: usize| {
        words[at + 1..].iter().take(6).any(|word| word.bytes().next().is_some_and(|byte| byte.is_ascii_digit()))
    };
    words.iter().enumerate().any(|(at, word)| STREETS.contains(word) && *word != "r" && numbered(at))
        || (text.contains('#') && words.iter().any(|word| STREETS.contains(word)))
        || (0..words.len()).any(|at| is_english(&words[at..]))
}

/// «12 Main Street»: the number stands first.
fn is_english(words: &[&str]) -> bool {
    const KINDS: &[&str] = &["street", "st", "road", "rd", "drive", "lane", "avenue", "ave", "boulevard"];
    let numbered = words.first().is_some_and(|word| word.len() <= 5 && word.parse::<u32>().is_ok());
    numbered && words.iter().skip(2).take(3).any(|word| KINDS.contains(word))
}

/// Whether a text begins as a flat, a tower or a landmark does: «frente al parque», «apto 301».
pub fn begins_detail(text: &str) -> bool {
    let normalised = normalise(text);
    let mut words = normalised.split(' ');
    words.next().is_some_and(|first| first.len() > 2 && DETAILS.contains(&first)) && words.next().is_some()
}

/// Whether these words begin with a street.
pub fn begins_street(words: &[&str]) -> bool {
    let plain = words.first().map(|word| normalise(word)).unwrap_or_default();
    let normalised: Vec<String> = words.iter().take(6).map(|word| normalise(word)).collect();
    let english = is_english(&normalised.iter().map(String::as_str).collect::<Vec<_>>());
    english || (STREETS.contains(&plain.as_str()) && names_street(&words.join(" ")))
}

/// The postal code in a text: 5 digits (MX, US), 4 (AR), 8 (BR).
pub fn zip(text: &str, country: &str) -> Option<String> {
    let length = match country {
        "BR" => 8,
        "AR" => 4,
        _ => 5,
    };
    text.split([' ', ',', ';', '\n'])
        .map(|word| word.chars().filter(char::is_ascii_digit).collect::<String>())
        .find(|digits| digits.len() == length)
}

/// The parts of an address that a text gives, by what each part begins with. What is not marked goes to the first of
/// `asked`, street, area and city that is still open.
pub fn parts(text: &str, country: &str, asked: Slot, known: &BTreeMap<Slot, String>) -> BTreeMap<Slot, String> {
    let mut found: BTreeMap<Slot, String> = BTreeMap::new();
    let pieces: Vec<String> = text
        .split([',', ';', '\n'])
        .flat_map(split_marked)
        .map(|piece| without_start(&tidy(&piece)))
        .filter(|piece| piece.chars().any(char::is_alphanumeric))
        .collect();
    for (index, piece) in pieces.iter().enumerate() {
        let normalised = normalise(piece);
        let first = normalised.split(' ').next().unwrap_or_default();
        let open = |slot: Slot| !found.contains_key(&slot) && !known.contains_key(&slot);
        let code = zip(piece, country)
            .filter(|code| needs(country, Slot::Zip) && normalised.replace(' ', "").len() <= code.len() + 3);
        let (slot, value) = if let Some(code) = code {
            (Slot::Zip, code)
        } else if AREAS.contains(&first) && normalised.contains(' ') {
            (Slot::Area, after_first(piece))
        } else if DETAILS.contains(&first) && (index > 0 || asked == Slot::Detail || found.contains_key(&Slot::Street))
        {
            (Slot::Detail, piece.clone())
        } else if CITIES.contains(&first) && normalised.contains(' ') && asked != Slot::Detail {
            (Slot::City, after_first(piece))
        } else if !found.contains_key(&Slot::Street) && names_street(piece) {
            (Slot::Street, piece.clone())
        } else if !found.contains_key(&asked) && asked != Slot::Zip {
            (asked, piece.clone())
        } else if let Some(slot) = [Slot::Area, Slot::City, Slot::Detail]
            .into_iter()
            .find(|slot| open(*slot) && (*slot == Slot::Detail || needs(country, *slot)))
        {
            (slot, piece.clone())
        } else {
            continue;
        };
        found.entry(slot).and_modify(|old| *old = tidy(&format!("{old}, {value}"))).or_insert(value);
    }
    found
}

/// «Cra 7 # 45-10 barrio Chapinero» without commas: a word that begins another part begins a piece.
fn split_marked(piece: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in piece.split_whitespace() {
        let plain = normalise(word);
        let marks = (AREAS.contains(&plain.as_str()) && plain.len() > 2)
            || (DETAILS.contains(&plain.as_str()) && plain.len() > 2 && plain != "entre" && plain != "cerca")
            || matches!(plain.as_str(), "ciudad" | "cidade" | "cep" | "cp");
        match pieces.last_mut() {
            Some(last) if !marks => {
                last.push(' ');
                last.push_str(word);
            }
            _ => pieces.push(word.to_owned()),
        }
    }
    pieces
}

fn after_first(piece: &str) -> String {
    piece.split_once(' ').map_or(piece, |(_, rest)| rest).trim_start_matches(['.', ':', ' ']).to_owned()
}

fn without_start(piece: &str) -> String {
    let mut rest = piece.trim_matches(|letter: char| matches!(letter, '.' | ':' | ' ' | '!' | '¡')).to_owned();
    for start in BEFORE {
        let words = start.split(' ').count();
        let head = rest.split_whitespace().take(words).collect::<Vec<_>>().join(" ");
        let bare = normalise(&head);
        if bare == *start
            && rest.split_whitespace().count() > words
            && !(start.len() <= 2 && CITIES.contains(&bare.as_str()))
        {
            rest = rest.split_whitespace().skip(words).collect::<Vec<_>>().join(" ");
        }
    }
    rest
}

/// An address with its numbers hidden: «Cra 5 # •••» (OPERATIONS §2.4).
pub fn masked(line: &str) -> String {
    let head: Vec<&str> = line.split_whitespace().take(2).collect();
    tidy(&format!("{} •••", head.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, country: &str) -> Vec<(Slot, String)> {
        parts(text, country, Slot::Street, &BTreeMap::new()).into_iter().collect()
    }

    #[test]
    fn whole_addresses_are_taken_apart() {
        assert_eq!(
            of("Cra 7 # 45-10, barrio Chapinero, Bogotá, apto 301", "CO"),
            [
                (Slot::Street, "Cra 7 # 45-10".into()),
                (Slot::Area, "Chapinero".into()),
                (Slot::City, "Bogotá".into()),
                (Slot::Detail, "apto 301".into())
            ]
        );
        assert_eq!(
            of("Rua das Flores 120, bairro Moema, São Paulo, CEP 04077-020", "BR"),
            [
                (Slot::Street, "Rua das Flores 120".into()),
                (Slot::Area, "Moema".into()),
                (Slot::Zip, "04077020".into()),
                (Slot::City, "São Paulo".into())
            ]
        );
        assert_eq!(of("a la Calle 10 # 54-20 barrio Laureles", "CO").len(), 2);
    }

    #[test]
    fn streets_are_known_and_other_sentences_are_none() {
        for text in [
            "Calle 10 # 54-20",
            "Av. Insurgentes Sur 1602",
            "Rua das Flores 120",
            "12 Main Street",
            "vereda El Salado km 3",
        ] {
            assert!(names_street(text) && is_street(text), "{text}");
        }
        for text in ["quiero cambiar la dirección del pedido 1042", "hola", "el jueves 3", "no"] {
            assert!(!names_street(text), "{text}");
        }
        for text in ["hola", "mi casa", "no", "🙏", "12"] {
            assert!(!is_street(text), "{text}");
        }
    }
}
