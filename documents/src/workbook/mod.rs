//! The same figures as a workbook (XLSX): summary, days, products, orders, the facts behind each figure, definitions.
//!
//! Numbers are numbers with a format, so that they can be summed; what is not known is a text with its reason. Text from
//! outside is always written as text: nothing that a customer typed can become a formula.

mod book;
mod lists;
mod summary;

use recado_domain::finance::figures::{Days, Ledger, Metric, Undefined};

use self::book::Book;
use crate::write::Writer;

/// A workbook that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The file could not be written.
    #[error("the workbook could not be written: {0}")]
    Written(#[from] rust_xlsxwriter::XlsxError),
    /// The facts hold an amount that cannot be.
    #[error("{0}: the amounts are too large to compute with")]
    TooLarge(&'static str),
}

/// The figures of some days as XLSX.
///
/// # Errors
/// When an amount does not fit, or the file cannot be written.
pub fn workbook(ledger: &Ledger, days: Days, writer: Writer) -> Result<Vec<u8>, WorkbookError> {
    let figures = ledger.figures(days);
    if let Some(metric) = Metric::ALL.iter().find(|metric| figures.value(**metric) == Err(Undefined::TooLarge)) {
        return Err(WorkbookError::TooLarge(metric.id()));
    }
    let contents = Contents { ledger, days, writer };
    let mut book = Book::new(writer, ledger, &writer.say("report.title", &[("period", &writer.days(days))]));
    contents.summary(&mut book)?;
    contents.days(&mut book)?;
    contents.products(&mut book)?;
    contents.orders(&mut book)?;
    contents.facts(&mut book)?;
    contents.definitions(&mut book)?;
    book.finish()
}

/// What stands on the sheets.
struct Contents<'a> {
    ledger: &'a Ledger,
    days: Days,
    writer: Writer,
}

impl Contents<'_> {
    fn say(&self, key: &'static str) -> String {
        self.writer.say(key, &[])
    }
}
