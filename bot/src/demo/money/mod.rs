//! The books of the sample shop: what its webhooks cannot tell. Sales of at least five full months before this one, what
//! goods cost, carriers' charges and what they paid over (one parcel short, one missing), the gateway's fees and payouts,
//! advertising, expenses, purchases, stock, invoices, cash. It is imported as one fact set, as a shop would import its
//! spreadsheet; the 60 orders of the last 45 days still come by webhook, and the books speak of them too.
//!
//! What there is to find: in the last seven days advertising on Meta was doubled, and parcels of cash on delivery stand
//! still in Cali, so the week earns less than the one before.

mod calendar;
mod carriers;
mod gateway;
mod sales;
mod spending;
mod standing;
mod told;

use recado_domain::Timestamp;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::{Entry, take_apart};
use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::{DemoShop, SHOP_NAME, TIMEZONE};
use calendar::Calendar;

/// Where the facts came from, in the list of imports.
pub const SOURCE: &str = "casa-guadua.json";

/// An order as the money behind it sees it; amounts in minor units with VAT inside.
struct Sold {
    id: String,
    at: Timestamp,
    /// When its money came, through the gateway.
    paid_at: Option<Timestamp>,
    total: i64,
    vat: i64,
    /// Money that went back: when, how much.
    returned: Vec<(Timestamp, i64)>,
    /// What its goods cost the shop.
    cost: i64,
    parcels: Vec<Sent>,
}

/// A parcel as its carrier sees it.
struct Sent {
    id: String,
    carrier: String,
    /// Due at the door; 0 = prepaid.
    due: i64,
    cod: bool,
    /// What its goods cost the shop.
    cost: i64,
    shipped: Timestamp,
    delivered: Option<Timestamp>,
    returned: Option<Timestamp>,
    lost: Option<Timestamp>,
}

/// The fact set, by list.
#[derive(Default)]
struct Facts(Map<String, Value>);

impl Facts {
    fn add(&mut self, list: &str, fact: Value) {
        if let Value::Array(facts) = self.0.entry(list).or_insert_with(|| json!([])) {
            facts.push(fact);
        }
    }
    fn text(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

/// The facts, as JSON. The same shop gives the same facts, byte for byte.
///
/// # Errors
/// When they do not fit each other: the program is wrong.
pub fn document(shop: &DemoShop, now: Timestamp, seed: u64) -> Result<String, String> {
    // Chance of its own: the webhooks of the shop stay what they are.
    let mut dice = Dice::new(seed ^ 0x000b_0045);
    let calendar = Calendar::at(now);
    let mut facts = Facts::default();
    facts.0.insert("schema".to_owned(), json!("finance-facts/1"));
    facts.0.insert("as_of".to_owned(), json!(now));
    facts.0.insert("synced_at".to_owned(), json!(now));
    facts.0.insert(
        "merchant".to_owned(),
        json!({"name": SHOP_NAME, "timezone": TIMEZONE, "currency": "COP", "vat_registered": true,
            "carriers": carriers::terms()}),
    );
    sales::costs(&mut facts, &calendar);
    let mut sold = sales::history(&mut facts, &calendar, &mut dice);
    sold.extend(told::sold(shop)?);
    sold.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    gateway::payments(&mut facts, &sold, &calendar);
    carriers::charges(&mut facts, &sold, &calendar, &mut dice);
    spending::spending(&mut facts, &sold, &calendar, &mut dice);
    standing::stock_and_invoices(&mut facts, &sold, &calendar);
    standing::cash(&mut facts, &calendar)?;
    Ok(facts.text())
}

/// The facts as entries of the store.
///
/// # Errors
/// As [`document`].
pub fn entries(shop: &DemoShop, now: Timestamp, seed: u64) -> Result<Vec<Entry>, String> {
    let text = document(shop, now, seed)?;
    take_apart(&text).map(|(_, entries)| entries).map_err(|error| error.to_string())
}

/// As a fact set, for what follows from it.
fn read(facts: &Facts) -> Result<FactSet, String> {
    FactSet::from_json(&facts.text()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
