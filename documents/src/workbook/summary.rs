//! Figures against the days before, days, and what figures mean.

use recado_domain::finance::figures::{Days, Metric};

use super::book::{Book, Cell};
use super::{Contents, WorkbookError};
use crate::comparison::{change, compared, titled, titled_most};
use crate::report::{DEFINED, missing};

/// Figures of a day.
const DAILY: [Metric; 8] = [
    Metric::BookedNetSales,
    Metric::Orders,
    Metric::BookedUnitsSold,
    Metric::RealisedNetSales,
    Metric::Cm2,
    Metric::Marketing,
    Metric::FixedExpenses,
    Metric::OperatingProfit,
];

impl Contents<'_> {
    pub(super) fn summary(&self, book: &mut Book) -> Result<(), WorkbookError> {
        let columns = [
            (self.say("column.figure"), 34.0),
            (self.writer.days(self.days), 20.0),
            (self.writer.days(self.days.previous()), 20.0),
            (self.say("column.change"), 14.0),
            (self.say("column.id"), 26.0),
        ];
        let mut sheet = book.sheet(&self.say("sheet.summary"), &columns)?;
        for (title, figures) in compared(self.ledger, self.days) {
            book.row(&mut sheet, &[Cell::Strong(self.writer.say(title, &[]))])?;
            for figure in figures {
                let before =
                    figure.before.map_or(Cell::Text(String::new()), |before| Cell::Figure(figure.metric, before));
                let cells = [
                    Cell::Text(titled_most(self.writer, figure.metric, figure.at_most[0])),
                    Cell::Figure(figure.metric, figure.now),
                    before,
                    Cell::Text(change(self.writer, &figure).unwrap_or_default()),
                    Cell::Text(figure.metric.id().to_owned()),
                ];
                book.row(&mut sheet, &cells)?;
            }
        }
        let missing = missing(self.ledger, self.days, self.writer);
        if !missing.is_empty() {
            book.row(&mut sheet, &[Cell::Strong(self.say("section.missing"))])?;
        }
        for (name, text) in missing {
            book.row(&mut sheet, &[Cell::Text(name), Cell::Text(text)])?;
        }
        book.keep(sheet)
    }

    pub(super) fn days(&self, book: &mut Book) -> Result<(), WorkbookError> {
        let mut columns = vec![(self.say("column.day"), 14.0)];
        let all = self.ledger.figures(self.days);
        columns.extend(DAILY.map(|metric| (titled_most(self.writer, metric, all.at_most(metric)), 20.0)));
        let mut sheet = book.sheet(&self.say("sheet.days"), &columns)?;
        let last = self.days.last.min(self.ledger.today());
        let days = self.days.first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
        for day in days.take(super::book::MOST_ROWS) {
            let figures = self.ledger.figures(Days::new(day, day));
            let mut cells = vec![Cell::Day(Some(day))];
            cells.extend(DAILY.map(|metric| Cell::Figure(metric, figures.value(metric))));
            book.row(&mut sheet, &cells)?;
        }
        book.keep(sheet)
    }

    pub(super) fn definitions(&self, book: &mut Book) -> Result<(), WorkbookError> {
        let columns =
            [(self.say("column.figure"), 34.0), (self.say("column.id"), 30.0), (self.say("column.definition"), 110.0)];
        let mut sheet = book.sheet(&self.say("section.definitions"), &columns)?;
        for metric in DEFINED {
            let text = self.writer.code("define", metric.id());
            let cells = [Cell::Text(titled(self.writer, metric)), Cell::Text(metric.id().to_owned()), Cell::Text(text)];
            book.row(&mut sheet, &cells)?;
        }
        book.keep(sheet)
    }
}
