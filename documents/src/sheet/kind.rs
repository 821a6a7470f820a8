//! What a spreadsheet can hold, and the columns it has.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;

/// What the rows of a sheet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SheetKind {
    /// Spending of any kind.
    Expenses,
    /// Advertising.
    AdSpend,
    /// What a unit of each product costs.
    Costs,
    /// Stock bought.
    Purchases,
    /// What carriers paid over, parcel by parcel.
    Remittances,
    /// Billed outside the shop.
    Invoices,
    /// Balances of accounts.
    Cash,
    /// Rates of exchange.
    Fx,
    /// What gateways take of a charge, and when they pay out.
    GatewayFees,
}

impl SheetKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Expenses,
        Self::AdSpend,
        Self::Costs,
        Self::Purchases,
        Self::Remittances,
        Self::Invoices,
        Self::Cash,
        Self::Fx,
        Self::GatewayFees,
    ];
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Expenses => "expenses",
            Self::AdSpend => "ad_spend",
            Self::Costs => "costs",
            Self::Purchases => "purchases",
            Self::Remittances => "remittances",
            Self::Invoices => "invoices",
            Self::Cash => "cash",
            Self::Fx => "fx",
            Self::GatewayFees => "gateway_fees",
        }
    }
    /// The kind of a word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
    /// The list of the fact set that it fills.
    pub const fn list(self) -> &'static str {
        match self {
            Self::Costs => "products",
            other => other.code(),
        }
    }
    /// Its columns.
    pub fn fields(self) -> impl Iterator<Item = &'static Field> {
        FIELDS.iter().filter(move |field| field.kind == self)
    }
    /// A column of it.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }
}

/// A column that a kind has.
#[derive(Debug)]
pub struct Field {
    /// Of which kind.
    pub kind: SheetKind,
    /// Its word, as `--map` takes it.
    pub name: &'static str,
    /// Whether a row is nothing without it.
    pub needed: bool,
    names: Vec<&'static str>,
}

impl Field {
    /// Whether a heading, without accents and in lower case, names it. Smaller is surer; `None` when it does not.
    fn place(&self, heading: &str) -> Option<usize> {
        self.names.iter().position(|name| *name == heading)
    }
}

static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let lines = include_str!("columns.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (key, names) = line.split_once('=')?;
            let (kind, name) = key.trim().split_once('.')?;
            let (name, needed) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
            let names = names.split(',').map(str::trim).collect();
            Some(Field { kind: SheetKind::of_code(kind)?, name, needed, names })
        })
        .collect()
});

/// A heading without accents, signs and units, in lower case: `Valor (COP)` is `valor`.
pub(super) fn plain(heading: &str) -> String {
    let without_unit = heading.split(['(', '[']).next().unwrap_or_default();
    let base: String = without_unit.nfd().filter(|letter| letter.is_ascii()).collect();
    let words: String = base
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' })
        .collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The columns of a kind that some headings name: each heading at most one field, each field at most one column.
pub(super) fn matched(kind: SheetKind, headings: &[Vec<String>]) -> Vec<Option<&'static Field>> {
    let mut found: Vec<(usize, usize, &'static Field)> = Vec::new();
    for (column, spellings) in headings.iter().enumerate() {
        for field in kind.fields() {
            if let Some(place) = spellings.iter().filter_map(|heading| field.place(heading)).min() {
                found.push((place, column, field));
            }
        }
    }
    // The surest name first: what people rarely call a column never takes it from its usual name.
    found.sort_by_key(|(place, column, field)| (*place, *column, !field.needed));
    let mut columns: Vec<Option<&'static Field>> = vec![None; headings.len()];
    for (_, column, field) in found {
        let taken = columns.iter().flatten().any(|other| other.name == field.name);
        if columns[column].is_none() && !taken {
            columns[column] = Some(field);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: SheetKind, headings: &[&str]) -> Vec<Option<&'static str>> {
        let headings: Vec<Vec<String>> = headings.iter().map(|heading| vec![plain(heading)]).collect();
        matched(kind, &headings).into_iter().map(|field| field.map(|field| field.name)).collect()
    }

    #[test]
    fn every_kind_has_needed_columns_and_every_name_is_plain() {
        for kind in SheetKind::ALL {
            assert!(kind.fields().filter(|field| field.needed).count() >= 2, "{kind:?}");
            for field in kind.fields() {
                for name in &field.names {
                    assert_eq!(*name, plain(name), "{} {}", kind.code(), field.name);
                }
            }
        }
    }

    #[test]
    fn headings_are_known_in_three_languages() {
        assert_eq!(
            of(SheetKind::Expenses, &["Fecha", "Categoría", "Valor (COP)", "IVA", "Notas"]),
            [Some("day"), Some("category"), Some("amount"), Some("vat"), None]
        );
        assert_eq!(
            of(SheetKind::AdSpend, &["Date", "Campaign name", "Amount spent"]),
            [Some("day"), Some("campaign"), Some("amount")]
        );
        assert_eq!(of(SheetKind::Cash, &["DATA", "Conta", "Saldo"]), [Some("day"), Some("account"), Some("balance")]);
        assert_eq!(
            of(SheetKind::Remittances, &["Número de guía", "Valor recaudo", "Flete", "Fecha de pago"]),
            [Some("guide"), Some("collected"), Some("freight"), Some("day")]
        );
    }
}
