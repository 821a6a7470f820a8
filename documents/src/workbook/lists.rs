//! Products, orders, and the facts behind figures.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use recado_domain::Timestamp;
use recado_domain::finance::facts::{Order, Outcome, Shipment};
use recado_domain::finance::figures::{Dimension, FactKind, Metric};

use super::book::{Book, Cell, MOST_ROWS, Sheet};
use super::{Contents, WorkbookError};
use crate::comparison::{SECTIONS, titled, titled_most};

/// Figures of a product.
const OF_PRODUCTS: [Metric; 10] = [
    Metric::BookedUnitsSold,
    Metric::BookedGrossSales,
    Metric::BookedDiscounts,
    Metric::BookedReturns,
    Metric::BookedNetSales,
    Metric::RealisedNetSales,
    Metric::Cogs,
    Metric::CostCoverage,
    Metric::Cm1,
    Metric::Cm2,
];

/// Money of one order, from its own facts; `None` when it does not fit.
struct Sums {
    units: i64,
    goods: i64,
    discount: i64,
    tax: i64,
    shipping: i64,
    refunded: i64,
}

impl Sums {
    fn of(order: &Order) -> Option<Self> {
        let mut sums = [0_i128; 6];
        for line in &order.lines {
            sums[0] += i128::from(line.quantity);
            sums[1] += i128::from(line.quantity) * i128::from(line.unit_price);
            sums[2] += i128::from(line.discount);
            sums[3] += i128::from(line.tax);
        }
        sums[3] += i128::from(order.shipping.tax);
        sums[4] = i128::from(order.shipping.price) - i128::from(order.shipping.discount);
        for line in order.refunds.iter().flat_map(|refund| &refund.lines) {
            sums[5] += i128::from(line.subtotal) + i128::from(line.tax);
        }
        let whole = |place: usize| i64::try_from(sums[place]).ok();
        Some(Self {
            units: whole(0)?,
            goods: whole(1)?,
            discount: whole(2)?,
            tax: whole(3)?,
            shipping: whole(4)?,
            refunded: whole(5)?,
        })
    }
}

impl Contents<'_> {
    fn day(&self, at: Option<Timestamp>) -> Option<Date> {
        at.map(|at| at.in_zone(&self.ledger.facts().shop.zone).date())
    }

    /// The last row, when a sheet cannot hold more.
    fn full(&self, book: &Book, sheet: &mut Sheet, left: usize) -> Result<(), WorkbookError> {
        if left == 0 {
            return Ok(());
        }
        let count = self.writer.count(i64::try_from(left).unwrap_or(i64::MAX));
        book.row(sheet, &[Cell::Text(self.writer.say("sheet.full", &[("count", &count)]))])
    }

    pub(super) fn products(&self, book: &mut Book) -> Result<(), WorkbookError> {
        let mut columns = vec![(self.say("column.product"), 44.0), (self.say("column.id"), 20.0)];
        let all = self.ledger.figures(self.days);
        columns.extend(OF_PRODUCTS.map(|metric| (titled_most(self.writer, metric, all.at_most(metric)), 18.0)));
        let mut sheet = book.sheet(&self.say("sheet.products"), &columns)?;
        let breakdown = self.ledger.breakdown(Dimension::Product, self.days);
        let net = |part: &recado_domain::finance::figures::Part<'_>| {
            part.figures.value(Metric::BookedNetSales).map_or(0, |value| value.ratio().rounded().unwrap_or(0))
        };
        let mut parts: Vec<_> = breakdown.parts.iter().map(|part| (net(part), part)).collect();
        parts.sort_by_key(|(net, _)| std::cmp::Reverse(*net));
        for (_, part) in parts.iter().take(MOST_ROWS) {
            let key = part.key.clone().unwrap_or_default();
            let product = self.ledger.facts().products.get(&key);
            let name = product.map_or_else(|| self.say("parts.none"), |product| product.title.clone());
            let mut cells = vec![Cell::Text(name), Cell::Text(key)];
            cells.extend(OF_PRODUCTS.map(|metric| Cell::Figure(metric, part.figures.value(metric))));
            book.row(&mut sheet, &cells)?;
        }
        self.full(book, &mut sheet, parts.len().saturating_sub(MOST_ROWS))?;
        book.keep(sheet)
    }

    pub(super) fn orders(&self, book: &mut Book) -> Result<(), WorkbookError> {
        let columns = [
            (self.say("column.order"), 16.0),
            (self.say("column.day"), 13.0),
            (self.say("column.payment"), 18.0),
            (self.say("column.channel"), 14.0),
            (self.say("column.city"), 18.0),
            (self.say("column.units"), 10.0),
            (self.say("column.goods"), 16.0),
            (self.say("column.discount"), 14.0),
            (self.say("column.shipping"), 14.0),
            (self.say("column.tax"), 14.0),
            (self.say("column.refunded"), 14.0),
            (self.say("column.paid"), 13.0),
            (self.say("column.outcome"), 16.0),
            (self.say("column.settled"), 13.0),
            (self.say("column.cancelled"), 13.0),
        ];
        let mut sheet = book.sheet(&self.say("sheet.orders"), &columns)?;
        let facts = self.ledger.facts();
        let mut parcels: HashMap<&str, &Shipment> = HashMap::new();
        for parcel in &facts.shipments {
            parcels.entry(parcel.order_id.as_str()).or_insert(parcel);
        }
        let mut orders: Vec<&Order> = facts
            .orders
            .iter()
            .filter(|order| self.day(Some(order.processed_at)).is_some_and(|day| self.days.holds(day)))
            .collect();
        orders.sort_by(|one, other| (one.processed_at, &one.id).cmp(&(other.processed_at, &other.id)));
        for order in orders.iter().take(MOST_ROWS) {
            let sums = Sums::of(order).ok_or(WorkbookError::TooLarge("orders"))?;
            let (outcome, settled) = self.outcome(parcels.get(order.id.as_str()).copied());
            let text = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_default());
            let cells = [
                Cell::Text(order.id.clone()),
                Cell::Day(self.day(Some(order.processed_at))),
                Cell::Text(self.writer.code("part", order.payment.code())),
                text(&order.channel),
                text(&order.city),
                Cell::Count(sums.units),
                Cell::Money(sums.goods),
                Cell::Money(sums.discount),
                Cell::Money(sums.shipping),
                Cell::Money(sums.tax),
                Cell::Money(sums.refunded),
                Cell::Day(self.day(order.paid_at)),
                Cell::Text(outcome),
                Cell::Day(settled),
                Cell::Day(self.day(order.cancelled_at)),
            ];
            book.row(&mut sheet, &cells)?;
        }
        self.full(book, &mut sheet, orders.len().saturating_sub(MOST_ROWS))?;
        book.keep(sheet)
    }

    /// What became of a parcel, in words, and when.
    fn outcome(&self, parcel: Option<&Shipment>) -> (String, Option<Date>) {
        let Some(parcel) = parcel else { return (String::new(), None) };
        let (metric, at) = match parcel.outcome() {
            Outcome::Delivered(at) => (Metric::CodDelivered, Some(at)),
            Outcome::Returned(at) => (Metric::CodReturned, Some(at)),
            Outcome::Lost(at) => (Metric::CodLost, Some(at)),
            Outcome::InTransit => (Metric::CodInTransit, None),
        };
        (titled(self.writer, metric), self.day(at))
    }

    /// Each fact behind the figures of the summary once, with the figures that count it.
    pub(super) fn facts(&self, book: &mut Book) -> Result<(), WorkbookError> {
        let columns =
            [(self.say("column.kind"), 22.0), (self.say("column.id"), 24.0), (self.say("column.figures"), 120.0)];
        let mut sheet = book.sheet(&self.say("sheet.facts"), &columns)?;
        let figures = self.ledger.figures(self.days);
        let mut facts: BTreeMap<(FactKind, String), Vec<&'static str>> = BTreeMap::new();
        for metric in SECTIONS.iter().flat_map(|(_, metrics)| *metrics) {
            for fact in figures.proof(*metric) {
                facts.entry(fact).or_default().push(metric.id());
            }
        }
        let left = facts.len().saturating_sub(MOST_ROWS);
        for ((kind, id), figures) in facts.into_iter().take(MOST_ROWS) {
            let kind = self.writer.code("fact", kind.code());
            book.row(&mut sheet, &[Cell::Text(kind), Cell::Text(id), Cell::Text(figures.join(", "))])?;
        }
        self.full(book, &mut sheet, left)?;
        book.keep(sheet)
    }
}
