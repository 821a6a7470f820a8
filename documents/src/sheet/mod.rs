//! Spreadsheets in: CSV, XLSX, XLS, XLSB and ODS, read into facts of `finance-facts/1`.
//!
//! Nothing is guessed in silence: what was recognised is shown ([`Reading`]), what can be read in two ways is a problem of
//! its row, and the caller decides whether rows with problems are left out or nothing is imported. A file is refused before
//! it fills the memory. Nothing in a file is evaluated: of a formula the value is read that was last computed.

mod cell;
mod csv;
mod day;
mod error;
mod excel;
mod facts;
mod kind;
mod layout;
mod number;
mod problem;
mod rows;

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::Path;

use jiff::civil::Date;
use recado_domain::finance::facts::FactSet;
use recado_domain::{Currency, Timestamp};
use serde_json::Value;

pub use self::cell::Cell;
pub use self::day::DayOrder;
pub use self::error::SheetError;
pub use self::facts::Fact;
pub use self::kind::{Field, SheetKind};
pub use self::number::DecimalSign;
pub use self::problem::{Problem, Trouble};

use self::cell::Table;
use self::facts::Maker;
use self::rows::{Styles, Values};

/// Bytes of a file.
pub const MOST_BYTES: u64 = 200 << 20;
/// Bytes to which a packed workbook may unpack.
const MOST_UNPACKED: u64 = 1 << 30;
/// Cells of a file.
const MOST_CELLS: usize = 12_000_000;
/// Letters of a cell that are kept.
const MOST_LETTERS: usize = 1_000;
/// Rows between two words on progress.
const PROGRESS: usize = 20_000;

fn clipped(text: &str) -> String {
    text.chars().take(MOST_LETTERS).collect()
}

/// How a file is to be read.
pub struct Request<'a> {
    /// What its rows are; recognised when it is not said.
    pub kind: Option<SheetKind>,
    /// Columns and the fields that they are, said by hand.
    pub map: &'a [(String, String)],
    /// The sheet of a workbook; the one with the best headings when it is not said.
    pub sheet: Option<&'a str>,
    /// What is known of the shop.
    pub known: &'a FactSet,
    /// Now.
    pub now: Timestamp,
}

/// A column and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// The field; `None` when it is not used.
    pub field: Option<&'static str>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What its rows are.
    pub kind: SheetKind,
    /// The sheet; empty for CSV.
    pub sheet: String,
    /// The number of the row of headings.
    pub head: u32,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows below the headings.
    pub rows: usize,
    /// Facts of the rows without grave problems.
    pub facts: Vec<Fact>,
    /// Sums by currency, of what has an amount.
    pub totals: BTreeMap<Currency, i128>,
    /// What is wrong or worth a look, by row.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// Rows that cannot be imported.
    pub fn refused(&self) -> usize {
        self.problems.iter().filter(|problem| problem.trouble.is_grave()).count()
    }
    /// The first and last day of the facts.
    pub fn days(&self) -> Option<(Date, Date)> {
        let days = || self.facts.iter().filter_map(|fact| fact.day);
        Some((days().min()?, days().max()?))
    }
    /// The facts as the list of a fact set.
    pub fn list(&self) -> Value {
        self.facts.iter().map(|fact| fact.body.clone()).collect()
    }
}

/// Reads a file of at most [`MOST_BYTES`].
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn load(path: &Path) -> Result<Vec<u8>, SheetError> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    let refused = |size: u64| SheetError::TooLarge(size.div_ceil(1 << 20), MOST_BYTES >> 20);
    if size > MOST_BYTES {
        return Err(refused(size));
    }
    // A pipe or a growing file says no size beforehand.
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > MOST_BYTES { Err(refused(size)) } else { Ok(bytes) }
}

/// Whether the bytes are those of a workbook: a ZIP archive or an OLE file.
fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0")
}

/// Reads a spreadsheet into facts. `progress` is told how many rows have been read.
///
/// # Errors
/// When the file as a whole cannot be used; what is wrong with a row is in the reading.
pub fn read(bytes: &[u8], request: &Request<'_>, progress: impl FnMut(usize)) -> Result<Reading, SheetError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > MOST_BYTES {
        return Err(SheetError::TooLarge(size.div_ceil(1 << 20), MOST_BYTES >> 20));
    }
    let tables: Vec<Table> =
        if is_workbook(bytes) { excel::read(bytes, request.sheet)? } else { vec![csv::read(bytes)?] };
    let (table, layout) = layout::find(&tables, request.kind, request.map)?;
    let currency = request.known.shop.currency;
    let sign = if currency.comma_decimal() { DecimalSign::Comma } else { DecimalSign::Point };
    let order = if currency == Currency::Usd { DayOrder::MonthFirst } else { DayOrder::DayFirst };
    let rows = &table.rows[layout.head + 1..];
    let styles = Styles::of(&layout, rows, sign, order);
    let maker = Maker { known: request.known, now: request.now };
    let mut reading = Reading {
        kind: layout.kind,
        sheet: table.name.clone(),
        head: table.rows[layout.head].number,
        columns: layout
            .headings
            .iter()
            .zip(&layout.columns)
            .filter(|(heading, field)| !heading.is_empty() || field.is_some())
            .map(|(heading, field)| Column { heading: heading.clone(), field: field.map(|field| field.name) })
            .collect(),
        rows: rows.len(),
        facts: Vec::with_capacity(rows.len()),
        totals: BTreeMap::new(),
        problems: Vec::new(),
    };
    collect(
        &mut reading,
        rows,
        &maker,
        |row| Values { row, layout: &layout, styles: &styles, shop: currency },
        progress,
    );
    if layout.kind == SheetKind::Remittances {
        let lines = std::mem::take(&mut reading.facts);
        reading.facts = facts::remittances(lines, currency)
            .map_err(|row| SheetError::Workbook(format!("row {row}: the sum of the remittance is too large")))?;
    }
    for amount in reading.facts.iter().filter_map(|fact| fact.amount) {
        *reading.totals.entry(amount.currency).or_default() += i128::from(amount.minor);
    }
    reading.problems.sort_by_key(|problem| problem.row);
    Ok(reading)
}

/// Each row as a fact or a problem; a row that was there before is a problem too.
fn collect<'a>(
    reading: &mut Reading,
    rows: &'a [cell::Row],
    maker: &Maker<'_>,
    values: impl Fn(&'a cell::Row) -> Values<'a>,
    mut progress: impl FnMut(usize),
) {
    // By id, or by id and parcel: the row that had it, and where its fact stands.
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if place > 0 && place % PROGRESS == 0 {
            progress(place);
        }
        let values = values(row);
        let first = reading.columns.first().map(|column| column.heading.clone()).unwrap_or_default();
        let of_row = |trouble| Problem { row: row.number, column: first.clone(), value: String::new(), trouble };
        if values.is_total() {
            reading.problems.push(of_row(Trouble::Total));
            continue;
        }
        let (fact, look) = match maker.fact(reading.kind, &values) {
            Ok(made) => made,
            Err(problem) => {
                reading.problems.push(problem);
                continue;
            }
        };
        let key = match reading.kind {
            SheetKind::Remittances => format!("{} {}", fact.id, fact.body["line"]["shipment_id"]),
            _ => fact.id.clone(),
        };
        if let Some(place) = seen.get(&key) {
            let earlier = &reading.facts[*place];
            let same = earlier.body == fact.body;
            let trouble = if same { Trouble::SameRow(earlier.row) } else { Trouble::SameId(earlier.row) };
            reading.problems.push(Problem { value: fact.id, ..of_row(trouble) });
            continue;
        }
        seen.insert(key, reading.facts.len());
        if let Some(trouble) = look {
            let value = fact.body["line"]["shipment_id"].as_str().unwrap_or(&fact.id).to_owned();
            reading.problems.push(Problem { value, ..of_row(trouble) });
        }
        reading.facts.push(fact);
    }
}
