//! A report of some days as PDF: figures against the days before, profit step by step, cash on delivery, cash and its
//! thirteen weeks, products, what is missing, and what each figure means.

mod missing;
mod paper;
mod pdf;

use recado_domain::finance::figures::{Accounts, Days, Dimension, Metric, Sums};

use self::paper::{Block, Column, MARGIN, Paper, ROOM, Row, WIDTH};
use self::pdf::{About, pdf};
use crate::chart::{Chart, ChartError, Kind, mark};
use crate::comparison::{both_written, change, compared, titled, written};
use crate::look::Ink;
use crate::scene::{Align, DrawError, Scene, Type};
use crate::write::Writer;

pub use self::missing::missing;

/// A report that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A page could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// A page has no size.
    #[error("the pages are unsound")]
    Pages,
    /// The document could not be written.
    #[error("the document could not be written: {0}")]
    Written(String),
    /// The facts hold an amount that cannot be.
    #[error("{0}: the amounts are too large to compute with")]
    TooLarge(&'static str),
}

/// The figures in boxes on the first page.
const TILES: [Metric; 8] = [
    Metric::BookedNetSales,
    Metric::Orders,
    Metric::Aov,
    Metric::RealisedNetRevenue,
    Metric::Cm2,
    Metric::OperatingProfit,
    Metric::CodDeliveryRate,
    Metric::Cash,
];
/// Figures whose meaning is told at the end.
pub(crate) const DEFINED: [Metric; 15] = [
    Metric::BookedNetSales,
    Metric::BookedReturns,
    Metric::RealisedNetSales,
    Metric::RealisedNetRevenue,
    Metric::Cogs,
    Metric::CostCoverage,
    Metric::Fulfilment,
    Metric::Cm2,
    Metric::Marketing,
    Metric::OperatingProfit,
    Metric::BreakevenRevenue,
    Metric::CodDeliveryRate,
    Metric::CodBreakevenDeliveryRate,
    Metric::CodReceivable,
    Metric::CashBufferDays,
];
const PRODUCTS: usize = 15;

/// The report as PDF.
///
/// # Errors
/// When an amount does not fit, or a page cannot be drawn.
pub fn report(accounts: &dyn Accounts, days: Days, writer: Writer) -> Result<Vec<u8>, ReportError> {
    let composer = Composer { accounts, days, writer };
    let (pages, chapters) = composer.compose()?;
    let about = About {
        title: composer.title(),
        subject: composer.subtitle(),
        language: writer.language,
        made_at: accounts.as_of(),
    };
    pdf(&pages, &chapters, &about)
}

/// Its pages as drawings.
///
/// # Errors
/// When an amount does not fit.
pub fn pages(accounts: &dyn Accounts, days: Days, writer: Writer) -> Result<Vec<Scene>, ReportError> {
    Ok(Composer { accounts, days, writer }.compose()?.0)
}

struct Composer<'a> {
    accounts: &'a dyn Accounts,
    days: Days,
    writer: Writer,
}

impl Composer<'_> {
    fn say(&self, key: &'static str, values: &[(&str, &str)]) -> String {
        self.writer.say(key, values)
    }
    fn title(&self) -> String {
        self.say("report.title", &[("period", &self.writer.days(self.days))])
    }
    fn subtitle(&self) -> String {
        crate::comparison::source(self.accounts, self.writer)
    }
    /// The picture, or `None` with the reason when there is nothing to draw.
    fn chart(&self, kind: Kind) -> Result<Option<Chart>, ReportError> {
        match Chart::of(self.accounts, kind, self.days, self.writer) {
            Ok(chart) => Ok(Some(chart)),
            Err(ChartError::Undefined(recado_domain::finance::figures::Undefined::TooLarge)) => {
                Err(ReportError::TooLarge("chart"))
            }
            Err(_) => Ok(None),
        }
    }

    fn compose(&self) -> Result<(Vec<Scene>, Vec<paper::Chapter>), ReportError> {
        let figures = self.accounts.figures(self.days);
        for metric in Metric::ALL {
            if figures.value(*metric) == Err(recado_domain::finance::figures::Undefined::TooLarge) {
                return Err(ReportError::TooLarge(metric.id()));
            }
        }
        let mut paper = Paper::new(self.subtitle());
        self.open(&mut paper);
        self.tiles(&mut paper);
        let sales = self.block("section.sales", Kind::Days(Metric::BookedNetSales))?;
        paper.beside(&[sales, self.block("section.weeks", Kind::Cash)?]);
        self.missing(&mut paper);
        let profit = self.block("section.profit", Kind::Profit)?;
        paper.beside(&[profit, self.block("section.cod", Kind::Cod)?]);
        self.products(&mut paper);
        self.tables(&mut paper);
        self.definitions(&mut paper);
        let (mut pages, chapters) = paper.finish();
        for page in &mut pages {
            page.title = self.title();
            page.alt = self.subtitle();
        }
        Ok((pages, chapters))
    }

    fn open(&self, paper: &mut Paper) {
        let page = paper.page();
        page.fill(crate::scene::Area { x: 0.0, y: 0.0, width: WIDTH, height: 6.0 }, 0.0, Ink::Accent);
        mark(page, (MARGIN, 38.0), 22.0);
        page.words("Recado", (MARGIN + 29.0, 54.5), Type::semibold(15.0, Ink::Accent), Align::Start);
        let title = Type::semibold(25.0, Ink::Text);
        let y = page.lines(&title.wrapped(&self.title(), ROOM, 2), (MARGIN, 98.0), title, 30.0);
        let subtitle = Type::regular(10.5, Ink::Second);
        page.words(&subtitle.cut(&self.subtitle(), ROOM), (MARGIN, y - 8.0), subtitle, Align::Start);
        paper.skip(y + 8.0 - paper.y());
        if self.days.last >= self.accounts.today() {
            paper.paragraph(&self.say("report.partial", &[]));
        }
    }

    fn tiles(&self, paper: &mut Paper) {
        let all = compared(self.accounts, self.days);
        let find = |metric: Metric| all.iter().flat_map(|(_, figures)| figures).find(|figure| figure.metric == metric);
        let tiles: Vec<(String, String, String)> = TILES
            .into_iter()
            .filter_map(find)
            .map(|figure| {
                let (now, before) = both_written(self.writer, figure);
                let moved = match (change(self.writer, figure), before) {
                    (Some(change), Some(before)) => {
                        self.say("report.moved", &[("change", &change), ("before", &before)])
                    }
                    (None, Some(before)) if figure.now.is_ok() => self.say("report.before", &[("before", &before)]),
                    (_, None) if figure.now.is_ok() => self.say("basis.balance", &[]),
                    _ => figure.now.err().map_or_else(String::new, |why| self.writer.code("why", &why.to_string())),
                };
                (titled(self.writer, figure.metric), now, moved)
            })
            .collect();
        paper.tiles(&tiles);
    }

    /// A picture under its title, with its finding as a sentence.
    fn block(&self, title: &'static str, kind: Kind) -> Result<Block, ReportError> {
        let title = self.say(title, &[]);
        let Some(chart) = self.chart(kind)? else {
            return Ok(Block { title, text: self.say("report.nothing", &[]), drawing: None });
        };
        let head = chart.head();
        let finding = format!("{}.", head.title.trim_end_matches('.'));
        let text = [Some(finding), head.caveat.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Ok(Block { title, text, drawing: Some(chart.inner()) })
    }

    fn products(&self, paper: &mut Paper) {
        use Metric::{BookedNetSales, BookedUnitsSold, Cm1, Cm1Pct, CostCoverage};
        let breakdown = self.accounts.breakdown(Dimension::Product, self.days);
        let value = |part: &recado_domain::finance::figures::Part<'_, dyn Sums>, metric| {
            part.figures.value(metric).map_or(0, |value| value.ratio().rounded().unwrap_or(0))
        };
        let mut parts: Vec<_> = breakdown.parts.iter().filter(|part| value(part, BookedNetSales) != 0).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(value(part, BookedNetSales)));
        let title = self.say("section.products", &[]);
        paper.section(&title, 60.0);
        if parts.is_empty() {
            paper.paragraph(&self.say("report.nothing", &[]));
            return;
        }
        let column = |name: String, share: f64, align| Column { name, share, align };
        let columns = [
            column(self.say("column.product", &[]), 0.38, Align::Start),
            column(titled(self.writer, BookedUnitsSold), 0.10, Align::End),
            column(titled(self.writer, BookedNetSales), 0.18, Align::End),
            column(titled(self.writer, Cm1), 0.20, Align::End),
            column(self.say("column.margin", &[]), 0.14, Align::End),
        ];
        let rows: Vec<Row> = parts
            .iter()
            .take(PRODUCTS)
            .map(|part| {
                let key = part.key.as_deref().unwrap_or_default();
                let product = self.accounts.products().get(key);
                let name = product.map_or_else(|| self.say("parts.none", &[]), |product| product.title.clone());
                let shown = |metric| written(self.writer, metric, part.figures.value(metric));
                let known = part
                    .figures
                    .value(CostCoverage)
                    .is_ok_and(|known| known.ratio() == recado_domain::finance::ratio::Ratio::ONE);
                let sold = part.figures.value(CostCoverage).is_ok();
                let most = |text: String| match (sold, known) {
                    (true, false) => self.say("report.at_most", &[("amount", &text)]),
                    _ => text,
                };
                let cells =
                    vec![name, shown(BookedUnitsSold), shown(BookedNetSales), most(shown(Cm1)), most(shown(Cm1Pct))];
                Row { cells, strong: false }
            })
            .collect();
        paper.table(&columns, &rows);
        if parts.len() > PRODUCTS {
            let count = self.writer.count(i64::try_from(parts.len() - PRODUCTS).unwrap_or(i64::MAX));
            paper.paragraph(&self.say("report.more_products", &[("count", &count)]));
        }
    }

    fn tables(&self, paper: &mut Paper) {
        let before = self.writer.days(self.days.previous());
        let now = self.writer.days(self.days);
        let column = |name: String, share: f64, align| Column { name, share, align };
        for (title, figures) in compared(self.accounts, self.days) {
            let standing = title == "section.balances";
            let title = self.writer.say(title, &[]);
            paper.section(&title, 80.0);
            let columns = [
                column(self.say("column.figure", &[]), 0.40, Align::Start),
                column(if standing { self.say("column.today", &[]) } else { now.clone() }, 0.22, Align::End),
                column(if standing { String::new() } else { before.clone() }, 0.22, Align::End),
                column(if standing { String::new() } else { self.say("column.change", &[]) }, 0.16, Align::End),
            ];
            let rows: Vec<Row> = figures
                .iter()
                .map(|figure| {
                    let (now, before) = both_written(self.writer, figure);
                    let change = change(self.writer, figure).unwrap_or_default();
                    let cells = vec![titled(self.writer, figure.metric), now, before.unwrap_or_default(), change];
                    let strong = matches!(
                        figure.metric,
                        Metric::BookedNetSales
                            | Metric::Cm2
                            | Metric::OperatingProfit
                            | Metric::CodDeliveryRate
                            | Metric::Cash
                    );
                    Row { cells, strong }
                })
                .collect();
            paper.table(&columns, &rows);
        }
    }

    fn missing(&self, paper: &mut Paper) {
        let missing = missing(self.accounts, self.days, self.writer);
        paper.section(&self.say("section.missing", &[]), 40.0);
        if missing.is_empty() {
            paper.paragraph(&self.say("report.complete", &[]));
        }
        for (name, text) in missing {
            paper.entry(&name, &text);
        }
    }

    fn definitions(&self, paper: &mut Paper) {
        paper.section(&self.say("section.definitions", &[]), 40.0);
        for metric in DEFINED {
            let text = self.writer.code("define", metric.id());
            paper.entry(&titled(self.writer, metric), &text);
        }
    }
}
