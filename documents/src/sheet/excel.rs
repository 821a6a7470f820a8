//! XLSX, XLS, XLSB and ODS. Formulas give the value that was last computed; days follow the workbook's own epoch.

use std::io::Cursor;

use calamine::{Data, Dimensions, Range, Reader as _, Sheets, open_workbook_auto_from_rs};
use jiff::civil::Date;

use super::cell::{Cell, Row, Table};
use super::error::SheetError;
use super::{MOST_CELLS, MOST_UNPACKED, clipped};

/// The sheets of a workbook, or the one that was asked for.
pub(super) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<Vec<Table>, SheetError> {
    let unpacked = unpacked(bytes);
    if unpacked > MOST_UNPACKED {
        return Err(SheetError::Unpacks(unpacked >> 20, MOST_UNPACKED >> 20));
    }
    let wrong = |error: calamine::Error| {
        let text = error.to_string();
        if text.to_lowercase().contains("password") { SheetError::Locked } else { SheetError::Workbook(text) }
    };
    let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(wrong)?;
    let names = book.sheet_names();
    if let Some(wanted) = wanted
        && !names.iter().any(|name| name.trim().eq_ignore_ascii_case(wanted.trim()))
    {
        return Err(SheetError::NoSheet(wanted.to_owned(), names.join(", ")));
    }
    let mut tables = Vec::new();
    let mut cells = 0;
    for name in names {
        if wanted.is_some_and(|wanted| !name.trim().eq_ignore_ascii_case(wanted.trim())) {
            continue;
        }
        let range = book.worksheet_range(&name).map_err(wrong)?;
        cells += range.get_size().0 * range.get_size().1;
        if cells > MOST_CELLS {
            return Err(SheetError::TooMany(MOST_CELLS));
        }
        let merged = merged(&mut book, &name);
        tables.push(table(name, &range, merged));
    }
    Ok(tables)
}

/// What the parts of a packed workbook say they unpack to; zero for what is not packed. Read from the directory at the
/// end of the archive (APPNOTE 4.3.12 and 4.3.16), before anything is unpacked.
fn unpacked(bytes: &[u8]) -> u64 {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes);
    let half = |at: usize| bytes.get(at..at + 2).and_then(|half| half.try_into().ok()).map_or(0, u16::from_le_bytes);
    // The end stands before a comment of at most 65,535 bytes.
    let tail = bytes.len().saturating_sub(65_557);
    let Some(end) = bytes[tail..].windows(4).rposition(|window| window == END) else { return 0 };
    let mut place = word(tail + end + 16) as usize;
    let mut sum = 0_u64;
    while bytes.get(place..place + 4) == Some(ENTRY) {
        sum = sum.saturating_add(word(place + 24).into());
        let (name, extra, comment) = (half(place + 28), half(place + 30), half(place + 32));
        place += 46 + usize::from(name) + usize::from(extra) + usize::from(comment);
    }
    sum
}

fn merged(book: &mut Sheets<Cursor<&[u8]>>, name: &str) -> Vec<(u32, u32, u32, u32)> {
    let Sheets::Xlsx(book) = book else { return Vec::new() };
    // A sheet without any is an error there.
    let regions: Vec<Dimensions> = book.merge_cells_by_sheet_name(name).unwrap_or_default();
    regions.into_iter().map(|region| (region.start.0, region.start.1, region.end.0, region.end.1)).collect()
}

fn table(name: String, range: &Range<Data>, merged: Vec<(u32, u32, u32, u32)>) -> Table {
    let (top, left) = range.start().unwrap_or((0, 0));
    let rows = (top..)
        .zip(range.rows())
        .map(|(number, cells)| {
            let before = std::iter::repeat_n(Cell::Empty, left as usize);
            Row { number: number + 1, cells: before.chain(cells.iter().map(cell)).collect() }
        })
        .filter(|row| row.cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    Table { name, rows, merged }
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) if text.trim().is_empty() => Cell::Empty,
        Data::String(text) | Data::DurationIso(text) => Cell::Text(clipped(text.trim())),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::Float(number) => Cell::Number(plain(*number)),
        Data::Bool(value) => Cell::Text(value.to_string()),
        Data::Error(fault) => Cell::Fault(fault.to_string()),
        Data::DateTimeIso(text) => {
            let day = text.get(..10).and_then(|day| day.parse().ok());
            day.map_or_else(|| Cell::Text(clipped(text)), Cell::Day)
        }
        Data::DateTime(at) if at.is_duration() => Cell::Number(plain(at.as_f64())),
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            let part = |value: u8| i8::try_from(value).unwrap_or(0);
            match Date::new(i16::try_from(year).unwrap_or(0), part(month), part(day)) {
                Ok(day) => Cell::Day(day),
                Err(_) => Cell::Number(plain(at.as_f64())),
            }
        }
    }
}

/// A number as plain decimal text, in the fifteen digits that a workbook holds: `0.1 + 0.2` is `0.3`.
fn plain(number: f64) -> String {
    if !number.is_finite() {
        return "?".to_owned();
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{rounded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_of_a_workbook() {
        assert_eq!(
            (plain(0.1 + 0.2), plain(1_500_000.0), plain(-12.5)),
            ("0.3".into(), "1500000".into(), "-12.5".into())
        );
        assert_eq!(plain(f64::NAN), "?");
    }

    #[test]
    fn what_a_workbook_unpacks_to_is_known_before_it_is_unpacked() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write_string(0, 0, "x".repeat(30_000)).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        assert!(unpacked(&bytes) > 30_000 && unpacked(&bytes) > bytes.len() as u64, "{}", unpacked(&bytes));
        assert_eq!(unpacked(b"a;b\n"), 0);
    }

    #[test]
    fn what_is_no_workbook_says_what_to_do() {
        let refused = read(b"PK\x03\x04 broken", None).unwrap_err().to_string();
        assert!(refused.contains(".xlsx"), "{refused}");
    }
}
