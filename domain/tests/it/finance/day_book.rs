//! The day book gives the figures of the ledger, whatever was changed, corrected or taken back, and whenever it is read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use recado_domain::Timestamp;
use recado_domain::finance::advice::{advise, cash, collections, growth, health, planning, pricing};
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::{Entry, put_together, take_apart};
use recado_domain::finance::figures::day_book::{
    Beside, Changes, Cluster, Fold, Gathered, Parts, Reading, Shelves, kin,
};
use recado_domain::finance::figures::{Breakdown, DayBook, Dimension, Scenario, Sums, Tally};
use serde_json::{Value as Json, json};

use super::shop::shop;
use super::*;

/// A store in memory: pages, the fold of each root, and the facts it was folded from.
#[derive(Default)]
struct Kept {
    shelves: Shelves,
    folds: BTreeMap<String, Vec<u8>>,
    clusters: BTreeMap<String, Vec<(String, String)>>,
    products: Vec<Entry>,
    /// How many clusters were folded.
    folded: usize,
    /// What a control leaves out.
    never_wakes: bool,
    keeps_what_was: bool,
}

/// The facts of each root.
fn clusters(entries: &[Entry]) -> BTreeMap<String, Vec<(String, String)>> {
    let links = |entry: &Entry| kin::links(&entry.kind, &entry.body).unwrap();
    let mut above: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| matches!(entry.kind.as_str(), "orders" | "shipments")) {
        for link in links(entry) {
            above.insert(kin::node(&entry.kind, &entry.id).unwrap(), link.parent);
        }
    }
    let root = |mut node: String| {
        while let Some(parent) = above.get(&node) {
            node = parent.clone();
        }
        node
    };
    let mut clusters: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut add = |root: String, kind: &str, body: String| {
        clusters.entry(root).or_default().push((kind.to_owned(), body));
    };
    for entry in entries {
        if kin::is_of_the_shop(&entry.kind) {
            add(kin::SHOP.to_owned(), &entry.kind, entry.body.clone());
            continue;
        }
        if let Some(node) = kin::node(&entry.kind, &entry.id) {
            add(root(node), &entry.kind, entry.body.clone());
        }
        for link in links(entry) {
            let whole = kin::node(&entry.kind, &entry.id).is_none();
            match link.body {
                Some(body) => add(root(link.parent), &entry.kind, body),
                None if whole => add(root(link.parent), &entry.kind, entry.body.clone()),
                None => {}
            }
        }
    }
    clusters
}

impl Kept {
    fn come_to(&mut self, entries: &[Entry], as_of: Timestamp) {
        let clusters = clusters(entries);
        let products: Vec<Entry> = entries.iter().filter(|entry| entry.kind == "products").cloned().collect();
        let recosted = |id: &str| {
            let of = |products: &[Entry]| products.iter().find(|product| product.id == id).cloned();
            of(&products) != of(&self.products)
        };
        let shop: Vec<&Entry> =
            entries.iter().filter(|entry| matches!(entry.kind.as_str(), "merchant" | "reading" | "products")).collect();
        let mut roots: Vec<String> = clusters.keys().chain(self.folds.keys()).cloned().collect();
        roots.sort();
        roots.dedup();
        let mut changes = Changes::default();
        for root in roots {
            let facts = clusters.get(&root);
            let before = self.folds.get(&root).map(|bytes| Fold::unpack(bytes).unwrap());
            let wakes =
                |fold: &Fold| fold.sells(recosted) || !self.never_wakes && fold.wake().is_some_and(|at| at <= as_of);
            if facts == self.clusters.get(&root) && !before.as_ref().is_some_and(wakes) {
                continue;
            }
            self.folded += 1;
            if let Some(before) = before.filter(|_| !self.keeps_what_was) {
                changes.subtract(&before);
            }
            self.folds.remove(&root);
            if let Some(facts) = facts {
                let told = shop.iter().map(|entry| (entry.kind.as_str(), entry.body.as_str()));
                let facts = facts.iter().map(|(kind, body)| (kind.as_str(), body.as_str()));
                let facts = FactSet::from_json(&put_together(told.chain(facts))).unwrap();
                let fold = Fold::of(facts, Cluster::of(&root), as_of);
                assert_eq!(Fold::unpack(&fold.pack()).unwrap(), fold);
                changes.add(&fold);
                self.folds.insert(root, fold.pack());
            }
        }
        self.shelves.change(changes).unwrap();
        self.clusters = clusters;
        self.products = products;
    }

    fn book(&self, facts: &FactSet, as_of: Timestamp) -> DayBook {
        let fold = self.folds.get(kin::SHOP).map(|fold| Fold::unpack(fold).unwrap());
        self.shelves.book(&facts.shop, (as_of, facts.synced_at), fold).unwrap()
    }

    fn parts(&self, by: Dimension, within: Days) -> Parts {
        self.shelves.parts(by, within).unwrap()
    }

    /// What is computed from the book alone, with the facts that are no sale.
    fn computed<T>(&self, facts: &FactSet, as_of: Timestamp, compute: impl Fn(&dyn Accounts) -> T) -> T {
        let synced_at = facts.synced_at.filter(|at| *at <= as_of);
        let reading = Reading { book: self.book(facts, as_of), shop: facts.shop.clone(), synced_at, version: 1 };
        let last_balance = facts.cash.iter().map(|balance| balance.at).filter(|at| *at <= as_of).max();
        let accounts = Gathered::new(reading, Beside { products: facts.products.clone(), last_balance });
        self.shelves.computed(accounts, &Shelves::beside_sales(facts), |accounts| compute(accounts)).unwrap()
    }
}

/// All that advisors say, and what they are made of.
fn advice(accounts: &dyn Accounts) -> Vec<String> {
    let window = Days::before(accounts.today(), 90);
    let mut told = vec![
        format!("{:?}", accounts.open_items()),
        format!("{:?}", accounts.reconciliation()),
        format!("{:?}", accounts.cohorts()),
        format!("{:?}", accounts.debtors()),
        format!("{:?}", accounts.ad_spend_by_platform(window)),
        format!("{:?}", accounts.fixed_by_category(window)),
        format!("{:?}", accounts.expenses_by_category(window)),
        format!("{:?}", accounts.figures(window).stakes()),
        format!("{:?}", accounts.figures(window).order_costs()),
        format!("{:?}", pricing::offers(accounts)),
        format!("{:?}", cash::remittance_lag(accounts, window)),
        format!("{:?}", accounts.baskets(window).map(|baskets| baskets.under(5_000_000, window))),
        format!(
            "{:?}",
            accounts.gateways(window).map(|told| (told.without_fees(window), told.without_payouts(window)))
        ),
        format!("{:?}", planning::required(accounts, 1_000_000, 0)),
        format!("{:?}", cash::outlook(accounts)),
        format!("{:?}", advise(accounts)),
        format!("{:?}", growth::growth(accounts)),
        format!("{:?}", cash::cash(accounts)),
        format!("{:?}", collections::collections(accounts)),
        format!("{:?}", pricing::pricing(accounts, None, None)),
        format!("{:?}", health(accounts, None)),
    ];
    for scenario in [Scenario::Committed, Scenario::CollectionsDown, Scenario::NewSales] {
        told.push(format!("{:?}", accounts.forecast(scenario)));
    }
    told.extend(accounts.products().keys().map(|product| format!("{:?}", pricing::regimes(accounts, product))));
    told
}

/// Every figure, or why it is undefined.
fn figures<S: Sums>(figures: &Figures<'_, S>) -> Vec<String> {
    Metric::ALL.iter().map(|metric| format!("{} {:?}", metric.id(), figures.value(*metric))).collect()
}

fn parts<S: Sums>(breakdown: &Breakdown<'_, S>) -> Vec<(Option<String>, Vec<String>)> {
    let figures = |figures: &Figures<'_, S>| {
        let metrics = Metric::DIVISIBLE.iter().chain(Metric::OF_PARTS);
        metrics.map(|metric| format!("{} {:?}", metric.id(), figures.value(*metric))).collect()
    };
    breakdown.parts.iter().map(|part| (part.key.clone(), figures(&part.figures))).collect()
}

/// The first difference between the two, in words.
fn difference(kept: &Kept, facts: &FactSet, as_of: Timestamp, ranges: &[Days]) -> Option<String> {
    let ledger = Ledger::new(facts.clone(), as_of);
    let book = kept.book(facts, as_of);
    if format!("{:?}", ledger.health()) != format!("{:?}", book.health()) {
        return Some(format!("health: {:?} is not {:?}", book.health(), ledger.health()));
    }
    let (told, found) = (advice(&ledger), kept.computed(facts, as_of, |accounts| advice(accounts)));
    if let Some((told, found)) = told.iter().zip(&found).find(|(told, found)| told != found) {
        return Some(format!("{as_of}: {found}\nis not\n{told}"));
    }
    for range in ranges {
        let (told, found) = (figures(&ledger.figures(*range)), figures(&book.figures(*range)));
        if let Some((told, found)) = told.iter().zip(&found).find(|(told, found)| told != found) {
            return Some(format!("{range:?}: {found} is not {told}"));
        }
        for by in Dimension::ALL {
            let told = parts(&ledger.breakdown(by, *range));
            let found = parts(&book.breakdown(by, *range, &kept.parts(by, *range)));
            if told != found {
                let first = told.iter().zip(&found).find(|(told, found)| told != found);
                return Some(format!(
                    "{range:?} by {}: {} and {} parts, {first:?}",
                    by.code(),
                    told.len(),
                    found.len()
                ));
            }
        }
    }
    None
}

/// What the shop at random does not have: cities, several parcels and remittances, invoices, stock bought, gift cards
/// redeemed, facts of orders nobody knows.
fn richer(mut facts: Json, seed: u64) -> Json {
    let mut state = seed | 1;
    let mut any = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let day = |ordinal: u64| format!("2026-{:02}-{:02}", 8 + ordinal / 28 % 5, 1 + ordinal % 28);
    for order in facts["orders"].as_array_mut().unwrap() {
        order["city"] = [json!("Bogotá"), json!("Cali"), Json::Null][any(3) as usize].clone();
    }
    let parcels = facts["shipments"].as_array_mut().unwrap();
    for place in 0..parcels.len() {
        if any(3) == 0 {
            let mut more = parcels[place].clone();
            more["id"] = json!(format!("{}b", more["id"].as_str().unwrap()));
            more["carrier"] = json!(["envia", "servientrega"][any(2) as usize]);
            more["line_ids"] = json!(["0"]);
            parcels.push(more);
        }
        if any(9) == 0 {
            parcels[place]["order_id"] = json!("#unknown");
        }
    }
    let ids: Vec<Json> = parcels.iter().map(|parcel| parcel["id"].clone()).collect();
    let remittances: Vec<Json> = (0..any(4))
        .map(|place| {
            let lines: Vec<Json> = (0..any(6))
                .filter(|_| !ids.is_empty())
                .map(|_| {
                    let parcel = &ids[any(ids.len() as u64) as usize];
                    json!({"shipment_id": parcel, "collected": any(20_000).to_string(), "freight": "12", "fee": "3", "other": "0"})
                })
                .collect();
            json!({"id": format!("RM{place}"), "carrier": "envia", "remitted_at": format!("{}T12:00:00Z", day(any(140))),
                "net": any(9_000).to_string(), "lines": lines})
        })
        .collect();
    facts["remittances"] = json!(remittances);
    let dated = |any: &mut dyn FnMut(u64) -> u64, id: String| {
        json!({"id": id, "supplier": "x", "customer": "y", "currency": (["COP", "USD"][any(2) as usize]), "amount": any(90_000).to_string(),
            "vat": "7", "received_on": day(any(140)), "issued_on": day(any(140)), "due_on": day(any(140)),
            "paid_on": (any(2) == 0).then(|| day(any(140)))})
    };
    let listed = |prefix: &str, any: &mut dyn FnMut(u64) -> u64| -> Json {
        (0..any(4)).map(|place| dated(any, format!("{prefix}{place}"))).collect()
    };
    facts["purchases"] = listed("PU", &mut any);
    facts["invoices"] = listed("IN", &mut any);
    facts["inventory"] = (0..any(3)).map(|_| json!({"date": day(any(140)), "value": any(500).to_string()})).collect();
    facts["cash"] = (0..any(3))
        .map(|_| json!({"at": format!("{}T10:00:00Z", day(any(140))), "account": "b", "balance": any(5_000).to_string()}))
        .collect();
    for payment in facts["payments"].as_array_mut().unwrap() {
        if any(5) == 0 {
            payment["gateway"] = json!("gift_card");
        }
    }
    if any(3) == 0 {
        facts["products"][0]["costs"][0]["unit_cost"] = json!("77.01");
    }
    if any(8) == 0 {
        facts["fx"] = json!([]);
    }
    facts
}

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn shops() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec((shop(), any::<u64>()), 2..4).prop_map(|shops| {
        let mut told: Vec<Json> = shops.into_iter().map(|(facts, seed)| richer(facts, seed)).collect();
        // Terms and registration of a shop are another book: they are folded anew.
        for place in 1..told.len() {
            told[place]["merchant"] = told[0]["merchant"].clone();
        }
        told.iter().map(Json::to_string).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_day_book_says_what_the_ledger_says(told in shops(), minutes in proptest::collection::vec(0_i64..150 * 24 * 60, 5),
        ends in proptest::collection::vec((0_i64..200, 0_i64..120), 2)) {
        let mut instants: Vec<Timestamp> = minutes.iter().map(|minutes| Timestamp::from_seconds(1_785_542_400 + minutes * 60)).collect();
        instants.push(instant("2026-12-31T12:00:00Z"));
        instants.sort_unstable();
        let ranges: Vec<Days> = ends.iter().map(|(first, length)| {
            let first = day("2026-06-15").saturating_add(jiff::Span::new().days(*first));
            Days::new(first, first.saturating_add(jiff::Span::new().days(*length)))
        }).chain([days("2026-07-01", "2026-12-31")]).collect();
        let mut kept = Kept::default();
        // Each shop corrects the one before; the last step takes everything back to the first.
        for (place, as_of) in instants.into_iter().enumerate() {
            let text = &told[if place == 5 { 0 } else { place % told.len() }];
            // Now and then only time passes.
            let text = if place == 3 { &told[2 % told.len()] } else { text };
            let (facts, entries) = take_apart(text).unwrap();
            kept.come_to(&entries, as_of);
            prop_assert_eq!(difference(&kept, &facts, as_of, &ranges), None);
        }
    }
}

const AUTUMN: [(&str, &str); 3] =
    [("2026-09-01", "2026-09-30"), ("2026-09-12", "2026-10-20"), ("2026-10-31", "2026-10-31")];

#[test]
fn the_worked_example_reads_the_same_from_its_day_book() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    let ranges = AUTUMN.map(|(first, last)| days(first, last));
    let mut kept = Kept::default();
    // Folded early, and again when what was scheduled came.
    for as_of in ["2026-09-20T12:00:00Z", "2026-10-10T03:00:00Z", "2026-11-05T15:00:00Z"] {
        kept.come_to(&entries, instant(as_of));
        assert_eq!(difference(&kept, &facts, instant(as_of), &ranges), None, "{as_of}");
    }
    let before = kept.folded;
    kept.come_to(&entries, instant("2026-11-05T15:00:01Z"));
    assert_eq!(kept.folded, before, "nothing changed, and nothing is folded");
}

#[test]
fn control_what_is_not_taken_back_is_seen() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    let ranges = AUTUMN.map(|(first, last)| days(first, last));
    let as_of = facts.as_of;
    let mut kept = Kept { keeps_what_was: true, ..Kept::default() };
    kept.come_to(&entries, as_of);
    assert_eq!(difference(&kept, &facts, as_of, &ranges), None);
    let corrected = GOLDEN.replacen("\"unit_price\": \"89900\"", "\"unit_price\": \"99900\"", 1);
    let (facts, entries) = take_apart(&corrected).unwrap();
    kept.come_to(&entries, as_of);
    assert!(difference(&kept, &facts, as_of, &ranges).is_some());
}

#[test]
fn control_a_book_that_time_does_not_change_is_seen() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    let ranges = AUTUMN.map(|(first, last)| days(first, last));
    let mut kept = Kept { never_wakes: true, ..Kept::default() };
    for (as_of, differs) in [("2026-09-20T12:00:00Z", false), ("2026-11-05T15:00:00Z", true)] {
        kept.come_to(&entries, instant(as_of));
        assert_eq!(difference(&kept, &facts, instant(as_of), &ranges).is_some(), differs, "{as_of}");
    }
}

#[test]
fn control_a_tally_that_is_lost_is_seen() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    // Imports tell what a gateway took; only of what webhooks tell it may be missing.
    for tally in Tally::ALL.into_iter().filter(|tally| !matches!(tally, Tally::Moved | Tally::Gateways)) {
        let mut kept = Kept::default();
        kept.come_to(&entries, facts.as_of);
        assert_eq!(difference(&kept, &facts, facts.as_of, &[]), None);
        let before = kept.shelves.0.len();
        kept.shelves.0.retain(|place, _| place.shelf != tally.shelf());
        assert!(kept.shelves.0.len() < before, "the worked example posts no {tally:?}");
        assert!(difference(&kept, &facts, facts.as_of, &[]).is_some(), "{tally:?}");
    }
}

#[test]
fn amounts_that_do_not_fit_are_an_error_in_the_day_book_too() {
    let mut facts: Json = serde_json::from_str(GOLDEN).unwrap();
    for order in facts["orders"].as_array_mut().unwrap() {
        order["lines"][0]["unit_price"] = "90000000000000000".into();
        order["lines"][0]["qty"] = 1.into();
    }
    let (facts, entries) = take_apart(&facts.to_string()).unwrap();
    let mut kept = Kept::default();
    kept.come_to(&entries, facts.as_of);
    let book = kept.book(&facts, facts.as_of);
    let sales = book.figures(days("2026-09-01", "2026-10-31")).value(Metric::BookedGrossSales);
    assert_eq!(sales, Err(recado_domain::finance::figures::Undefined::TooLarge));
}
