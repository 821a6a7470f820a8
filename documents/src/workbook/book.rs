//! Sheets with a head, and cells that are what they look like.

use jiff::civil::Date;
use recado_domain::finance::figures::{Ledger, Metric, Undefined, Unit, Value};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};

use super::WorkbookError;
use crate::comparison::is_rate;
use crate::look::Ink;
use crate::write::Writer;

/// Rows of a sheet, by the file format; one is kept for a last word.
pub(super) const MOST_ROWS: usize = 1_048_570;
/// Letters of a cell, by the file format.
const MOST_LETTERS: usize = 32_000;
/// Whole numbers beyond this are not exact as a cell's number.
const EXACT: u64 = 1 << 53;

/// A cell.
pub(super) enum Cell {
    Text(String),
    Strong(String),
    Money(i64),
    Count(i64),
    Day(Option<Date>),
    Figure(Metric, Result<Value, Undefined>),
}

struct Formats {
    text: Format,
    strong: Format,
    head: Format,
    title: Format,
    note: Format,
    quoted: Format,
    money: Format,
    count: Format,
    percent: Format,
    number: Format,
    day: Format,
}

pub(super) struct Book {
    book: Workbook,
    formats: Formats,
    writer: Writer,
    title: String,
    source: String,
}

/// A sheet that is being filled.
pub(super) struct Sheet {
    sheet: Worksheet,
    row: u32,
    head: u32,
    columns: u16,
}

impl Book {
    pub(super) fn new(writer: Writer, ledger: &Ledger, title: &str) -> Self {
        let facts = ledger.facts();
        let base = || Format::new().set_font_name("Calibri").set_font_size(11.0).set_align(FormatAlign::Top);
        let money = match writer.currency.shown_digits() {
            0 => "#,##0;[Red]\u{2212}#,##0",
            _ => "#,##0.00;[Red]\u{2212}#,##0.00",
        };
        let day = if writer.language == recado_domain::Language::En { "yyyy-mm-dd" } else { "dd/mm/yyyy" };
        let formats = Formats {
            text: base(),
            strong: base().set_bold(),
            head: base().set_bold().set_background_color(rgb(Ink::Sunken)).set_text_wrap(),
            title: base().set_bold().set_font_size(16.0).set_font_color(rgb(Ink::Accent)),
            note: base().set_font_color(rgb(Ink::Least)),
            quoted: base().set_quote_prefix(),
            money: base().set_num_format(money),
            count: base().set_num_format("#,##0"),
            percent: base().set_num_format("0.0%"),
            number: base().set_num_format("0.00"),
            day: base().set_num_format(day),
        };
        let at = facts.synced_at.unwrap_or(facts.as_of).min(facts.as_of);
        let at = writer.moment(at, &facts.shop.zone);
        let source = writer.say("foot.source", &[("shop", &facts.shop.name), ("at", &at)]);
        let mut book = Workbook::new();
        let mut about = DocProperties::new().set_title(title).set_author("Recado").set_subject(&source);
        if let Ok(made) = ExcelDateTime::from_timestamp(facts.as_of.as_micros().div_euclid(1_000_000)) {
            about = about.set_creation_datetime(&made);
        }
        book.set_properties(&about);
        Self { book, formats, writer, title: title.to_owned(), source }
    }

    /// A sheet with a title, its source and the names of its columns with their widths.
    pub(super) fn sheet(&self, name: &str, columns: &[(String, f64)]) -> Result<Sheet, WorkbookError> {
        let mut sheet = Worksheet::new();
        // Names of sheets hold 31 letters and none of these signs.
        let name: String = name.chars().filter(|letter| !"[]:*?/\\'".contains(*letter)).take(31).collect();
        sheet.set_name(name)?;
        sheet.write_string_with_format(0, 0, &self.title, &self.formats.title)?;
        sheet.write_string_with_format(1, 0, &self.source, &self.formats.note)?;
        sheet.set_row_height(0, 24.0)?;
        let head = 3;
        for (place, (name, width)) in (0_u16..).zip(columns) {
            sheet.write_string_with_format(head, place, name, &self.formats.head)?;
            sheet.set_column_width(place, *width)?;
        }
        sheet.set_freeze_panes(head + 1, 1)?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(Sheet { sheet, row: head + 1, head, columns: u16::try_from(columns.len()).unwrap_or(u16::MAX) })
    }

    /// Adds a row.
    pub(super) fn row(&self, sheet: &mut Sheet, cells: &[Cell]) -> Result<(), WorkbookError> {
        for (place, cell) in (0_u16..).zip(cells) {
            self.cell(&mut sheet.sheet, sheet.row, place, cell)?;
        }
        sheet.row += 1;
        Ok(())
    }

    fn cell(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), WorkbookError> {
        let formats = &self.formats;
        match cell {
            Cell::Text(text) if text.is_empty() => {}
            Cell::Text(text) => {
                // Text stays text, also after somebody edits the cell: what looks like a formula carries the mark of text.
                let looks_like_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                let format = if looks_like_formula { &formats.quoted } else { &formats.text };
                sheet.write_string_with_format(row, column, cut(text), format)?;
            }
            Cell::Strong(text) => {
                sheet.write_string_with_format(row, column, cut(text), &formats.strong)?;
            }
            Cell::Money(minor) => self.money(sheet, row, column, *minor)?,
            Cell::Count(count) if count.unsigned_abs() <= EXACT => {
                sheet.write_number_with_format(row, column, *count as f64, &formats.count)?;
            }
            Cell::Count(count) => {
                sheet.write_string_with_format(row, column, count.to_string(), &formats.text)?;
            }
            Cell::Day(None) => {}
            Cell::Day(Some(day)) => {
                let (year, month, date) = (day.year(), day.month(), day.day());
                let part = |value: i8| u8::try_from(value).unwrap_or(1);
                match ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(0), part(month), part(date)) {
                    Ok(at) => sheet.write_datetime_with_format(row, column, &at, &formats.day)?,
                    // Before 1900 a workbook knows no days.
                    Err(_) => sheet.write_string_with_format(row, column, day.to_string(), &formats.text)?,
                };
            }
            Cell::Figure(metric, value) => self.figure(sheet, row, column, *metric, *value)?,
        }
        Ok(())
    }

    fn money(&self, sheet: &mut Worksheet, row: u32, column: u16, minor: i64) -> Result<(), WorkbookError> {
        if minor.unsigned_abs() <= EXACT {
            let unit = 10_f64.powi(i32::try_from(self.writer.currency.exponent()).unwrap_or(0));
            sheet.write_number_with_format(row, column, minor as f64 / unit, &self.formats.money)?;
        } else {
            let exact = recado_domain::Money::new(minor, self.writer.currency).to_decimal();
            sheet.write_string_with_format(row, column, exact, &self.formats.text)?;
        }
        Ok(())
    }

    fn figure(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        column: u16,
        metric: Metric,
        value: Result<Value, Undefined>,
    ) -> Result<(), WorkbookError> {
        match value {
            Ok(Value::Money(minor)) => self.money(sheet, row, column, minor),
            Ok(Value::Count(count)) => self.cell(sheet, row, column, &Cell::Count(count)),
            Ok(Value::Ratio(ratio)) => {
                let millionths = ratio.scaled(6).unwrap_or(0) as f64;
                let rate = metric.unit() == Unit::Ratio && is_rate(metric);
                let format = if rate { &self.formats.percent } else { &self.formats.number };
                sheet.write_number_with_format(row, column, millionths / 1e6, format)?;
                Ok(())
            }
            Err(why) => {
                let why = self.writer.code("why", &why.to_string());
                sheet.write_string_with_format(row, column, &why, &self.formats.note)?;
                Ok(())
            }
        }
    }

    /// The sheet is full or done.
    pub(super) fn keep(&mut self, mut sheet: Sheet) -> Result<(), WorkbookError> {
        if sheet.row > sheet.head + 1 && sheet.columns > 0 {
            sheet.sheet.autofilter(sheet.head, 0, sheet.row - 1, sheet.columns - 1)?;
        }
        self.book.push_worksheet(sheet.sheet);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, WorkbookError> {
        Ok(self.book.save_to_buffer()?)
    }
}

fn rgb(ink: Ink) -> u32 {
    u32::from_str_radix(ink.hex().trim_start_matches('#'), 16).unwrap_or(0)
}

/// No longer than a cell may be.
fn cut(text: &str) -> String {
    text.chars().take(MOST_LETTERS).collect()
}
