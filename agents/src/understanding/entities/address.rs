//! Addresses as people write them, cut into parts, with what the country's carriers also need (OPERATIONS §1.4).

use recado_domain::command::{Entity, Mention};
use recado_domain::entity::Address;

use super::Context;
use super::places::CITIES;
use super::tokens::{Kind, Token, longest, word};

/// Words that begin an address.
const STREETS: &[&str] = &[
    "alameda",
    "autopista",
    "av",
    "avda",
    "ave",
    "avenida",
    "blvd",
    "boulevard",
    "cal",
    "calle",
    "calz",
    "calzada",
    "camino",
    "carr",
    "carrera",
    "carretera",
    "circular",
    "cl",
    "cll",
    "clle",
    "cr",
    "cra",
    "crr",
    "diag",
    "diagonal",
    "dg",
    "estrada",
    "jiron",
    "jr",
    "kr",
    "kra",
    "mz",
    "manzana",
    "pasaje",
    "pasaj",
    "pje",
    "praca",
    "privada",
    "prolongacion",
    "psje",
    "r",
    "rodovia",
    "rua",
    "ruta",
    "transversal",
    "trans",
    "travessa",
    "tr",
    "tv",
];
/// Streets that have a number for a name (Colombia).
const GRID: &[&str] = &[
    "av",
    "avenida",
    "calle",
    "carrera",
    "circular",
    "cl",
    "cll",
    "clle",
    "cr",
    "cra",
    "crr",
    "dg",
    "diag",
    "diagonal",
    "kr",
    "kra",
    "tr",
    "trans",
    "transversal",
    "tv",
];
/// Words before a flat, a floor, a tower.
const UNITS: &[&str] = &[
    "ap",
    "apartamento",
    "apt",
    "apto",
    "block",
    "bloco",
    "bloque",
    "casa",
    "complemento",
    "depa",
    "departamento",
    "depto",
    "dpto",
    "dto",
    "edificio",
    "etapa",
    "fundos",
    "int",
    "interior",
    "lote",
    "lt",
    "oficina",
    "piso",
    "sala",
    "torre",
    "unidad",
];
/// Words before a quarter.
const DISTRICTS: &[&str] = &[
    "bairro",
    "barrio",
    "ciudadela",
    "col",
    "colonia",
    "comuna",
    "distrito",
    "fracc",
    "fraccionamiento",
    "localidad",
    "sector",
    "urb",
    "urbanizacion",
];
/// Regions that are written short.
const REGIONS: &[&str] = &[
    "ac",
    "al",
    "am",
    "antioquia",
    "ap",
    "atlantico",
    "ba",
    "ce",
    "cundinamarca",
    "df",
    "es",
    "go",
    "jalisco",
    "ma",
    "mg",
    "ms",
    "mt",
    "pa",
    "pb",
    "pe",
    "pi",
    "pr",
    "rj",
    "rn",
    "ro",
    "rr",
    "rs",
    "santander",
    "sc",
    "se",
    "sp",
    "to",
];
/// Words that end a part.
const ENDS: &[&str] = &["cep", "cp", "y", "gracias", "por", "para", "entre", "tel", "cel", "celular", "telefono", "mi"];
/// Most tokens of an address.
const LONGEST: usize = 60;

/// All addresses.
pub fn find(tokens: &[Token], text: &str, context: &Context<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match (Reader { tokens, text, context, at, parts: Address::default() }).read() {
            Some((address, end)) => {
                let (start, stop) = (tokens[at].span.start, tokens[end - 1].span.end);
                found.push(Mention { entity: Entity::Address(Box::new(address)), start, end: stop });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

struct Reader<'a> {
    tokens: &'a [Token],
    text: &'a str,
    context: &'a Context<'a>,
    at: usize,
    parts: Address,
}

impl Reader<'_> {
    fn written(&self, from: usize, to: usize) -> String {
        let span = |at: usize| self.tokens[at].span.clone();
        self.text[span(from).start..span(to - 1).end].trim_matches([',', ' ']).to_owned()
    }
    fn sign(&self, at: usize, signs: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|token| signs.iter().any(|sign| token.is(sign)))
    }
    fn is_number(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Number)
    }

    fn read(mut self) -> Option<(Address, usize)> {
        let first = word(self.tokens, self.at);
        if !STREETS.contains(&first)
            || self.tokens[self.at].glued && self.at > 0 && self.tokens[self.at - 1].kind != Kind::Sign
        {
            return None;
        }
        let start = self.at;
        let mut next = start + 1;
        if self.sign(next, &["."]) {
            next += 1;
        }
        let end = if GRID.contains(&first) && self.is_number(next) {
            self.grid(start, next)
        } else {
            self.named(start, next)
        }?;
        let end = self.rest(end);
        let country = self.country();
        let mut parts = self.parts;
        parts.missing = missing(&parts, &country);
        parts.country = country;
        Some((parts, end))
    }

    /// «Cra 43A # 10-50», «Calle 45 sur No. 12 B 30».
    fn grid(&mut self, start: usize, number: usize) -> Option<usize> {
        let mut next = self.lettered(number);
        let street = self.written(start, next);
        let street_end = next;
        let mark = self.sign(next, &["#"]) || matches!(word(self.tokens, next), "no" | "nro" | "n" | "numero" | "con");
        if mark {
            next += 1;
            while self.sign(next, &[".", "°", "º"]) {
                next += 1;
            }
        }
        if !self.is_number(next) {
            // A grid street without its number is an address only with its mark or a quarter behind it.
            self.parts.street = Some(street);
            let named = DISTRICTS.contains(&word(self.tokens, street_end)) || self.sign(street_end, &[","]);
            return named.then_some(street_end);
        }
        let from = next;
        next = self.lettered(next);
        if self.sign(next, &["-", "–"]) && self.is_number(next + 1) {
            next = self.lettered(next + 1);
        } else if self.is_number(next) && mark {
            next += 1;
        }
        self.parts.street = Some(street);
        self.parts.number = Some(self.written(from, next));
        Some(next)
    }

    /// After a number, its letter, «bis», and the points of the compass.
    fn lettered(&self, number: usize) -> usize {
        let mut next = number + 1;
        while next < self.tokens.len() && next - number < 5 {
            let here = word(self.tokens, next);
            let letter = here.len() == 1 && (self.tokens[next].glued || self.tokens[next].capital) && here != "y";
            if !letter && !matches!(here, "bis" | "sur" | "norte" | "este" | "oeste") {
                break;
            }
            next += 1;
        }
        next
    }

    /// «Rua das Flores, 123», «Av. Corrientes 1234», «Mz. A Lt. 5», «Calle Reforma s/n».
    fn named(&mut self, start: usize, from: usize) -> Option<usize> {
        let first = word(self.tokens, start);
        // «r» is a street in Brazil only, «av» needs its point or a capital after it.
        let capital = self.tokens.get(from).is_some_and(|token| token.capital || token.kind == Kind::Number);
        if first.len() == 1 && (self.context.country != "BR" || !capital) {
            return None;
        }
        if matches!(first, "mz" | "manzana") {
            let block = from + 1;
            let lot = if self.sign(block, &[","]) { block + 1 } else { block };
            if !matches!(word(self.tokens, lot), "lt" | "lote" | "villa" | "solar") {
                return None;
            }
            let number = if self.sign(lot + 1, &["."]) { lot + 2 } else { lot + 1 };
            self.tokens.get(number)?;
            self.parts.street = Some(self.written(start, block));
            self.parts.number = Some(self.written(lot, number + 1));
            return Some(number + 1);
        }
        let mut next = from;
        while next < self.tokens.len() && next - from < 7 && self.tokens[next].kind == Kind::Word {
            let here = word(self.tokens, next);
            if UNITS.contains(&here)
                || DISTRICTS.contains(&here)
                || matches!(here, "no" | "nro" | "numero" | "n" | "num" | "s")
            {
                break;
            }
            next += 1;
            if self.sign(next, &["."]) && self.is_word(next + 1) && next - from < 3 {
                next += 1;
            }
        }
        if next == from {
            return None;
        }
        let street = self.written(start, next);
        let mut number = next;
        while self.sign(number, &[",", "#", ".", "°", "º"])
            || matches!(word(self.tokens, number), "no" | "nro" | "numero" | "n" | "num")
        {
            number += 1;
        }
        if word(self.tokens, number) == "s" && self.sign(number + 1, &["/"]) && word(self.tokens, number + 2) == "n" {
            self.parts.number = Some("s/n".to_owned());
            number += 3;
        } else if self.tokens.get(number).and_then(Token::digits).is_some_and(|digits| digits.len() <= 5) {
            let to = self.lettered(number);
            self.parts.number = Some(self.written(number, to));
            number = to;
        } else {
            return None;
        }
        self.parts.street = Some(street);
        Some(number)
    }

    fn is_word(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word)
    }

    /// Flat, quarter, postal code, city, region, in any order; gives the place after the last part.
    fn rest(&mut self, from: usize) -> usize {
        let (mut end, mut next) = (from, from);
        while next < self.tokens.len() && next - self.at < LONGEST {
            if self.sign(next, &[",", ".", "-", ";", "/"]) {
                next += 1;
                continue;
            }
            let Some(after) = self.part(next) else { break };
            (end, next) = (after, after);
        }
        end
    }

    fn part(&mut self, at: usize) -> Option<usize> {
        let here = word(self.tokens, at);
        let skip = |at: usize| if self.sign(at, &[".", ":"]) { at + 1 } else { at };
        if matches!(here, "cep" | "cp" | "codigo") {
            let mut next = skip(at + 1);
            if word(self.tokens, next) == "postal" {
                next = skip(next + 1);
            }
            return self.postal_code(next);
        }
        if let Some((index, length)) = self.tokens.get(at).and_then(|_| longest(self.tokens, at, CITIES)) {
            let mut parts = CITIES[index].1.split('|').map(str::to_owned);
            if self.parts.city.is_none() {
                self.parts.city = parts.next();
                self.parts.country = parts.next().unwrap_or_default();
                self.parts.region = self.parts.region.take().or_else(|| parts.next());
                return Some(at + length);
            }
            return (parts.next() == self.parts.city).then_some(at + length);
        }
        if UNITS.contains(&here) {
            let next = skip(at + 1);
            self.tokens.get(next).filter(|token| token.kind != Kind::Sign)?;
            let to = if self.is_number(next) { self.lettered(next) } else { next + 1 };
            let unit = self.written(at, to);
            self.parts.unit = Some(self.parts.unit.take().map_or(unit.clone(), |before| format!("{before} {unit}")));
            return Some(to);
        }
        if DISTRICTS.contains(&here) {
            let from = skip(at + 1);
            let to = self.words(from);
            if to == from {
                return None;
            }
            self.parts.district = Some(self.written(from, to));
            return Some(to);
        }
        if REGIONS.contains(&here) && (here.len() > 2 || self.tokens[at].capital) && self.parts.city.is_some() {
            self.parts.region = Some(self.written(at, at + 1));
            return Some(at + 1);
        }
        if self.is_number(at) {
            return self.postal_code(at);
        }
        // After a comma, words with a capital are a quarter in Brazil, where it goes unnamed.
        let brazilian = self.context.country == "BR" && self.parts.district.is_none() && self.sign(at - 1, &[",", "-"]);
        let to = self.words(at);
        if brazilian && to > at && self.tokens[at].capital {
            self.parts.district = Some(self.written(at, to));
            return Some(to);
        }
        None
    }

    /// Up to four words of a name.
    fn words(&self, from: usize) -> usize {
        let mut next = from;
        while next < self.tokens.len() && next - from < 4 {
            let here = word(self.tokens, next);
            let city = next > from && longest(self.tokens, next, CITIES).is_some();
            let stop = here.is_empty() || ENDS.contains(&here) || UNITS.contains(&here) || DISTRICTS.contains(&here);
            if stop || city {
                break;
            }
            next += 1;
        }
        next
    }

    fn postal_code(&mut self, at: usize) -> Option<usize> {
        let digits = self.tokens.get(at).and_then(Token::digits)?;
        let tail =
            self.tokens.get(at + 2).and_then(Token::digits).filter(|tail| tail.len() == 3 && self.sign(at + 1, &["-"]));
        let to = match (digits.len(), tail) {
            (5, Some(_)) => at + 3,
            (4..=8, _) => at + 1,
            _ => return None,
        };
        self.parts.postal_code = Some(self.written(at, to));
        Some(to)
    }

    /// The country of the city named, else of the postal code's form, else the shop's.
    fn country(&self) -> String {
        let brazilian = self.parts.postal_code.as_ref().is_some_and(|code| code.len() == 9 && code.contains('-'));
        match self.parts.country.as_str() {
            _ if brazilian => "BR".to_owned(),
            "" => self.context.country.to_owned(),
            said => said.to_owned(),
        }
    }
}

/// What is missing for a country, in the order to ask (OPERATIONS §1.4).
fn missing(parts: &Address, country: &str) -> Vec<String> {
    let street = ("street", parts.street.is_some());
    let number = ("number", parts.number.is_some());
    let (district, city) = (parts.district.is_some(), ("city", parts.city.is_some()));
    let region = ("region", parts.region.is_some());
    let code = ("postal_code", parts.postal_code.is_some());
    let needed: Vec<(&str, bool)> = match country {
        "CO" => vec![street, number, ("barrio", district), city, region],
        "MX" => vec![street, number, ("colonia", district), code, city, region],
        "PE" => vec![street, number, ("distrito", district), city],
        "EC" => vec![street, number, ("sector", district), city],
        "CL" => vec![street, number, ("comuna", district || city.1), region],
        // The code gives street, quarter and city.
        "BR" if code.1 => vec![number],
        "BR" => vec![code, street, number, ("bairro", district), city, region],
        "AR" => vec![street, number, city, region, code],
        _ => vec![street, number, city],
    };
    needed.into_iter().filter(|(_, said)| !said).map(|(name, _)| name.to_owned()).collect()
}
