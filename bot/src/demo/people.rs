//! The people of the sample shop. Names are common ones joined by chance, phones are fictional.

use super::dice::Dice;

/// A customer with an address.
#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub id: i64,
    pub first: String,
    pub last: String,
    /// Digits with country code; guests may have none.
    pub phone: Option<String>,
    pub city: &'static City,
    pub street: String,
    pub detail: String,
}

impl Customer {
    pub(super) fn email(&self) -> String {
        let part = |text: &str| ascii(text).replace(' ', ".");
        format!("{}.{}@example.com", part(&self.first), part(&self.last))
    }
    pub(super) fn plus_phone(&self) -> Option<String> {
        self.phone.as_ref().map(|digits| format!("+{digits}"))
    }
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }
}

/// A city with what Shopify writes about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct City {
    pub name: &'static str,
    pub province: &'static str,
    pub code: &'static str,
    pub zip: &'static str,
    pub quarters: &'static [&'static str],
}

const fn city(
    name: &'static str,
    province: &'static str,
    code: &'static str,
    zip: &'static str,
    quarters: &'static [&'static str],
) -> City {
    City { name, province, code, zip, quarters }
}

pub(super) static BOGOTA: City = city("Bogotá", "Bogotá, D.C.", "DC", "110111", &["Chapinero", "Kennedy", "Suba"]);
pub(super) static MEDELLIN: City = city("Medellín", "Antioquia", "ANT", "050021", &["Laureles", "Belén", "El Poblado"]);
pub(super) static CALI: City =
    city("Cali", "Valle del Cauca", "VAC", "760001", &["San Fernando", "Ciudad Jardín", "Meléndez", "El Ingenio"]);
pub(super) static BARRANQUILLA: City = city("Barranquilla", "Atlántico", "ATL", "080001", &["El Prado", "Boston"]);
pub(super) static CARTAGENA: City = city("Cartagena", "Bolívar", "BOL", "130001", &["Manga", "Crespo"]);
pub(super) static BUCARAMANGA: City = city("Bucaramanga", "Santander", "SAN", "680001", &["Cabecera", "Provenza"]);
pub(super) static PEREIRA: City = city("Pereira", "Risaralda", "RIS", "660001", &["Pinares", "Cuba"]);
pub(super) static MANIZALES: City = city("Manizales", "Caldas", "CAL", "170001", &["Palermo", "Chipre"]);
pub(super) static IBAGUE: City = city("Ibagué", "Tolima", "TOL", "730001", &["Belén", "El Jordán"]);

const FIRST: &[&str] = &[
    "Camila",
    "Andrés",
    "Valentina",
    "Juan David",
    "Luz Marina",
    "Carlos",
    "Paola",
    "Jhon Jairo",
    "Marcela",
    "Óscar",
    "Diana",
    "Felipe",
    "Sandra Milena",
    "Mauricio",
    "Natalia",
    "Wilson",
    "Adriana",
    "Sebastián",
    "Gloria",
    "Iván",
    "Lorena",
    "Hernán",
    "Claudia",
    "Santiago",
    "Yamile",
    "Ricardo",
    "Mónica",
    "Édgar",
    "Tatiana",
    "Nelson",
];
const LAST: &[&str] = &[
    "Rodríguez",
    "Gómez",
    "Martínez",
    "Hernández",
    "Quintero",
    "Ospina",
    "Cárdenas",
    "Muñoz",
    "Restrepo",
    "Castaño",
    "Rincón",
    "Valencia",
    "Mosquera",
    "Álvarez",
    "Peña",
    "Zuluaga",
    "Bermúdez",
    "Caicedo",
    "Montoya",
    "Salazar",
    "Arango",
    "Duarte",
    "Lozano",
    "Torres",
    "Beltrán",
    "Osorio",
    "Vargas",
    "Ibarra",
    "Pérez",
    "Cifuentes",
];
const STREETS: &[&str] = &["Calle", "Carrera", "Diagonal", "Transversal", "Avenida"];

/// A new customer in a city. `number` is theirs alone.
pub(super) fn customer(number: i64, city: &'static City, dice: &mut Dice) -> Customer {
    let first = (*dice.pick(FIRST)).to_owned();
    let last = format!("{} {}", dice.pick(LAST), dice.pick(LAST));
    settled(number, &first, &last, &format!("57300555{:04}", 1000 + number), city, dice)
}

/// A known person with an address made up in a city.
pub(super) fn settled(
    number: i64,
    first: &str,
    last: &str,
    phone: &str,
    city: &'static City,
    dice: &mut Dice,
) -> Customer {
    let street =
        format!("{} {} # {}-{}", dice.pick(STREETS), dice.between(4, 120), dice.between(2, 98), dice.between(10, 99));
    let detail = match dice.between(1, 3) {
        1 => format!("Casa {}, barrio {}", dice.between(1, 40), dice.pick(city.quarters)),
        _ => format!("Apto {}, barrio {}", dice.between(1, 12) * 100 + dice.between(1, 6), dice.pick(city.quarters)),
    };
    Customer {
        id: 7_300_000_000_000 + number,
        first: first.to_owned(),
        last: last.to_owned(),
        phone: Some(phone.to_owned()),
        city,
        street,
        detail,
    }
}

/// Lower case without accents, for addresses of pages and mail.
pub(super) fn ascii(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            'á' => Some('a'),
            'é' => Some('e'),
            'í' => Some('i'),
            'ó' => Some('o'),
            'ú' | 'ü' => Some('u'),
            'ñ' => Some('n'),
            other => other.is_ascii().then_some(other),
        })
        .collect()
}
