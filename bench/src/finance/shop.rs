//! A shop as large as one likes, the same every time: facts in the order in which they would have come.

use std::collections::VecDeque;

use recado_domain::Timestamp;
use recado_domain::finance::facts::entry::Entry;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
/// Days of trade.
pub const DAYS: i64 = 730;
/// Thursday, 26 November 2026, noon in Bogotá.
pub const AS_OF: i64 = 1_795_712_400;
/// Parcels of one remittance.
const REMITTED: usize = 200;

/// What the shop is like.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Orders over two years, evenly.
    pub orders: u64,
    /// Variants, some sold far more than others.
    pub products: u64,
    /// Cities, likewise.
    pub cities: u64,
}

/// Orders one after another, with all that belongs to them.
pub struct Facts {
    size: Size,
    next: u64,
    state: u64,
    ready: VecDeque<Entry>,
    delivered: Vec<(String, u64, i64)>,
    remittances: u64,
}

impl Facts {
    /// From the beginning: what belongs to the shop comes first.
    pub fn new(size: Size) -> Self {
        let mut facts = Self {
            size,
            next: 0,
            state: 0x9e37_79b9_7f4a_7c15,
            ready: VecDeque::new(),
            delivered: Vec::new(),
            remittances: 0,
        };
        facts.shop();
        facts
    }

    fn any(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % below.max(1)
    }
    /// Small numbers far more often than large ones.
    fn skewed(&mut self, below: u64) -> u64 {
        let largest = self.any(below) + 1;
        self.any(largest)
    }
    fn put(&mut self, kind: &str, id: &str, at: Option<i64>, body: &Value) {
        let occurred_on = at.map(|at| written(at - 5 * 3_600)[..10].to_owned());
        self.ready.push_back(Entry { kind: kind.to_owned(), id: id.to_owned(), occurred_on, body: body.to_string() });
    }

    fn shop(&mut self) {
        let terms = json!({"term_days": 8, "transit_days": 3});
        let carriers = json!({"envia": terms, "servientrega": terms, "coordinadora": terms});
        let merchant = json!({"name": "Grande", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true, "carriers": carriers});
        self.put("merchant", "", None, &merchant);
        self.put("reading", "", None, &json!({"as_of": written(AS_OF), "synced_at": written(AS_OF - 3_600)}));
        for product in 0..self.size.products {
            let id = format!("V{product}");
            let costs = json!([{"from": written(AS_OF - 900 * DAY), "unit_cost": (8_000 + product * 17).to_string()},
                {"from": written(AS_OF - 300 * DAY), "unit_cost": (8_500 + product * 17).to_string()}]);
            self.put("products", &id, None, &json!({"variant_id": id, "title": id, "costs": costs}));
        }
        for day in 0..DAYS {
            let at = AS_OF - (DAYS - day) * DAY;
            let date = &written(at)[..10];
            for platform in ["meta", "google"] {
                let id = format!("AD{platform}{day}");
                let spend = json!({"id": id, "date": date, "platform": platform, "currency": "COP",
                    "amount": (150_000 + self.any(90_000)).to_string(), "vat": "0", "paid_on": &written(at + 20 * DAY)[..10]});
                self.put("ad_spend", &id, Some(at), &spend);
            }
            if day % 30 == 0 {
                let id = format!("EX{day}");
                let expense = json!({"id": id, "kind": "fixed", "category": "nómina", "currency": "COP", "amount": "9000000", "vat": "0",
                    "invoiced_on": date, "from": date, "to": &written(at + 29 * DAY)[..10], "paid_on": date});
                self.put("expenses", &id, Some(at), &expense);
                self.put("inventory", date, Some(at), &json!({"date": date, "value": "40000000"}));
            }
            if day % 7 == 0 {
                let id = format!("PU{day}");
                let purchase = json!({"id": id, "supplier": "x", "currency": "COP", "amount": "12000000", "vat": "2280000",
                    "received_on": date, "due_on": &written(at + 30 * DAY)[..10], "paid_on": &written(at + 30 * DAY)[..10]});
                self.put("purchases", &id, Some(at), &purchase);
                let id = format!("{} bank", written(at));
                self.put("cash", &id, Some(at), &json!({"at": written(at), "account": "bank", "balance": "60000000"}));
            }
        }
    }

    fn order(&mut self) {
        let number = self.next;
        self.next += 1;
        let span = u64::try_from(DAYS * DAY).unwrap_or(1);
        let at = AS_OF - DAYS * DAY
            + i64::try_from(u128::from(number) * u128::from(span) / u128::from(self.size.orders)).unwrap_or(0);
        let id = format!("#{number}");
        let cod = self.any(10) < 4;
        let (mut lines, mut total) = (Vec::new(), 0);
        for line in 0..=self.any(2) {
            let (variant, quantity) = (self.skewed(self.size.products), 1 + self.any(2));
            let price = 20_000 + variant * 90;
            total += price * quantity;
            lines.push(json!({"id": line.to_string(), "variant_id": format!("V{variant}"), "qty": quantity, "unit_price": price.to_string(),
                "discount": "0", "tax": format!("{}.{:02}", price * quantity * 19 / 119, number % 100)}));
        }
        let refunds: Vec<Value> = if self.any(100) < 6 {
            vec![json!({"id": format!("R{number}"), "processed_at": written(at + 9 * DAY),
                "lines": [{"line_id": "0", "qty": 1, "subtotal": "12000", "tax": "2280", "restock": true}]})]
        } else {
            Vec::new()
        };
        let customer = self.any(number * 6 / 10 + 1);
        let cancelled = self.any(100) < 3;
        let order = json!({"id": id, "processed_at": written(at), "customer_id": format!("C{customer}"),
            "payment": if cod { "cod" } else { "prepaid" }, "channel": (["web", "whatsapp", "tienda", "meli"][self.any(4) as usize]),
            "city": format!("Ciudad {}", self.skewed(self.size.cities)), "lines": lines, "shipping": {"price": "9000", "tax": "1436.97"},
            "confirmed_at": cod.then(|| written(at + 3_600)), "paid_at": (!cod).then(|| written(at + 300)),
            "cancelled_at": cancelled.then(|| written(at + 2 * 3_600)), "refunds": refunds});
        self.put("orders", &id, Some(at), &order);
        if cod {
            self.parcel(number, &id, at, total + 9_000);
        } else {
            let payment = format!("P{number}");
            let fee = total * 27 / 1_000 + 700;
            let body = json!({"id": payment, "order_id": id, "gateway": "wompi", "kind": "charge", "amount": (total + 9_000).to_string(),
                "fee": fee.to_string(), "fee_vat": (fee * 19 / 100).to_string(), "withheld": {"income": (total / 100).to_string()},
                "processed_at": written(at + 300), "payout_at": written(at + 2 * DAY)});
            self.put("payments", &payment, Some(at), &body);
        }
    }

    fn parcel(&mut self, number: u64, order: &str, at: i64, due: u64) {
        let id = format!("S{number}");
        let carrier = ["envia", "servientrega", "coordinadora"][self.any(3) as usize];
        let (shipped, arrives) = (at + DAY, at + 4 * DAY + i64::try_from(self.any(200_000)).unwrap_or(0));
        let fate = self.any(100);
        let known = |wanted: bool| (wanted && arrives <= AS_OF).then(|| written(arrives));
        let (delivered, returned) = (known(fate < 76), known((76..98).contains(&fate)));
        let parcel = json!({"id": id, "order_id": order, "carrier": carrier, "shipped_at": written(shipped.min(AS_OF)),
            "delivered_at": delivered, "returned_at": returned, "lost_at": known(fate >= 98), "return_condition": "resellable",
            "cod_amount": due.to_string()});
        self.put("shipments", &id, Some(at), &parcel);
        let charge = |facts: &mut Self, kind: &str, amount: u64, at: i64| {
            let charge = format!("CC{number}{kind}");
            let body = json!({"id": charge, "shipment_id": id, "kind": kind, "amount": amount.to_string(), "vat": "0",
                "occurred_at": written(at.min(AS_OF)), "deducted": true});
            facts.put("carrier_charges", &charge, Some(at), &body);
        };
        charge(self, "outbound", 8_500, shipped);
        if returned.is_some() {
            charge(self, "return", 7_000, arrives);
        }
        if delivered.is_some() {
            self.delivered.push((id, due, arrives));
        }
        if self.delivered.len() == REMITTED {
            self.remittance();
        }
    }

    fn remittance(&mut self) {
        let parcels = std::mem::take(&mut self.delivered);
        let at = parcels.iter().map(|(_, _, at)| *at).max().unwrap_or(0) + 6 * DAY;
        if at > AS_OF {
            return;
        }
        let id = format!("RM{}", self.remittances);
        self.remittances += 1;
        let net: u64 = parcels.iter().map(|(_, due, _)| due - 8_500).sum();
        let lines: Vec<Value> = parcels
            .iter()
            .map(|(id, due, _)| json!({"shipment_id": id, "collected": due.to_string(), "freight": "8500", "fee": "0", "other": "0"}))
            .collect();
        let body =
            json!({"id": id, "carrier": "envia", "remitted_at": written(at), "net": net.to_string(), "lines": lines});
        self.put("remittances", &id, Some(at), &body);
    }
}

impl Iterator for Facts {
    type Item = Entry;
    fn next(&mut self) -> Option<Entry> {
        while self.ready.is_empty() && self.next < self.size.orders {
            self.order();
        }
        self.ready.pop_front()
    }
}

fn written(seconds: i64) -> String {
    Timestamp::from_seconds(seconds).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use recado_domain::finance::facts::FactSet;
    use recado_domain::finance::facts::entry::{put_together, take_apart};

    #[test]
    fn it_is_a_fact_set_and_the_same_every_time() {
        let size = Size { orders: 300, products: 20, cities: 10 };
        let facts: Vec<Entry> = Facts::new(size).collect();
        assert_eq!(facts, Facts::new(size).collect::<Vec<_>>());
        let text = put_together(facts.iter().map(|entry| (entry.kind.as_str(), entry.body.as_str())));
        let set = FactSet::from_json(&text).unwrap();
        assert_eq!(set.orders.len(), 300);
        // Under the ids and days under which an import would keep them.
        let (_, mut entries) = take_apart(&text).unwrap();
        let mut told = facts;
        let order = |entry: &Entry| (entry.kind.clone(), entry.id.clone());
        entries.sort_by_key(order);
        told.sort_by_key(order);
        let keys = |entries: &[Entry]| entries.iter().map(order).collect::<Vec<_>>();
        assert_eq!(keys(&told), keys(&entries));
    }
}
