//! An order with its amounts, in whole minor units.

use recado_domain::Timestamp;
use recado_domain::money::divide_half_even;

use super::catalogue::Item;
use super::dice::Dice;
use super::people::Customer;
use super::plan::{Plan, Stage};

/// General VAT of Colombia, in percent, inside the prices.
const VAT: i64 = 19;
/// Minor units of a peso.
const CENTS: i64 = 100;
/// From this much on, prepaid orders ship free.
const FREE_SHIPPING: i64 = 250_000 * CENTS;

/// One item of an order.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub id: i64,
    pub item: Item,
    pub quantity: i64,
    /// Its part of the order's discount, VAT inside.
    pub discount: i64,
    /// VAT charged.
    pub tax: i64,
}

impl Line {
    /// Price × quantity, VAT inside.
    pub(super) fn gross(&self) -> i64 {
        self.item.price * CENTS * self.quantity
    }
    /// What is paid for it, VAT inside.
    pub(super) fn paid(&self) -> i64 {
        self.gross() - self.discount
    }
}

/// An order as booked.
pub(super) struct Order {
    pub id: i64,
    pub number: i64,
    pub created: Timestamp,
    pub plan: Plan,
    pub buyer: Customer,
    pub lines: Vec<Line>,
    /// VAT inside.
    pub shipping: i64,
    pub shipping_tax: i64,
    /// Its discount code.
    pub code: Option<&'static str>,
}

impl Order {
    pub(super) fn line_total(&self) -> i64 {
        self.lines.iter().map(Line::gross).sum()
    }
    pub(super) fn discount(&self) -> i64 {
        self.lines.iter().map(|line| line.discount).sum()
    }
    pub(super) fn subtotal(&self) -> i64 {
        self.line_total() - self.discount()
    }
    pub(super) fn tax(&self) -> i64 {
        self.lines.iter().map(|line| line.tax).sum::<i64>() + self.shipping_tax
    }
    pub(super) fn total(&self) -> i64 {
        self.subtotal() + self.shipping
    }
    /// Whether it was bought without an account.
    pub(super) fn is_guest(&self) -> bool {
        self.plan.stage == Stage::Guest
    }
    pub(super) fn is_gift_card(&self) -> bool {
        self.plan.stage == Stage::GiftCard
    }
}

/// The VAT inside an amount, rounded half-even.
pub(super) fn tax_inside(amount: i64) -> i64 {
    divide_half_even(i128::from(amount) * i128::from(VAT), i128::from(100 + VAT)) as i64
}

/// Fills an order with goods.
pub(super) fn book(
    number: i64,
    created: Timestamp,
    plan: Plan,
    buyer: Customer,
    items: &[Item],
    dice: &mut Dice,
) -> Order {
    let id = 5_870_000_000_000 + number * 1_000;
    let goods: Vec<Item> =
        items.iter().copied().filter(|item| item.gift_card == (plan.stage == Stage::GiftCard)).collect();
    let wanted = match plan.stage {
        Stage::GiftCard => 1,
        Stage::TwoParcels | Stage::PartiallyRefunded => 2,
        _ => dice.between(1, 3),
    };
    let mut chosen: Vec<Item> = Vec::new();
    while (chosen.len() as i64) < wanted {
        let item = *dice.pick(&goods);
        if !chosen.iter().any(|other| other.product_id == item.product_id) {
            chosen.push(item);
        }
    }
    let mut lines: Vec<Line> = (1_i64..)
        .zip(chosen)
        .map(|(place, item)| {
            // Towels and cushions go in pairs, a pot does not.
            let most = if item.price < 70_000 { 4 } else { 1 + i64::from(dice.percent(20)) };
            Line { id: id + place, item, quantity: dice.between(1, most), discount: 0, tax: 0 }
        })
        .collect();
    let code = (plan.stage != Stage::GiftCard && dice.percent(18)).then_some("HOGAR10");
    if code.is_some() {
        spread_discount(&mut lines, 10);
    }
    for line in &mut lines {
        line.tax = if line.item.gift_card { 0 } else { tax_inside(line.paid()) };
    }
    let paid: i64 = lines.iter().map(Line::paid).sum();
    let shipping = match plan.stage {
        Stage::GiftCard => 0,
        _ if plan.cod => 16_900 * CENTS,
        _ if paid >= FREE_SHIPPING => 0,
        _ => 11_900 * CENTS,
    };
    Order { id, number, created, plan, buyer, lines, shipping, shipping_tax: tax_inside(shipping), code }
}

/// In proportion, rounded down; what is left goes to the first lines one unit each, as Shopify does (FINANCE §1.1).
fn spread_discount(lines: &mut [Line], percent: i64) {
    let total: i64 = lines.iter().map(Line::gross).sum();
    let discount = total * percent / 100;
    for line in lines.iter_mut() {
        line.discount = (i128::from(discount) * i128::from(line.gross()) / i128::from(total.max(1))) as i64;
    }
    let left = discount - lines.iter().map(|line| line.discount).sum::<i64>();
    for line in lines.iter_mut().take(usize::try_from(left).unwrap_or(0)) {
        line.discount += 1;
    }
}
