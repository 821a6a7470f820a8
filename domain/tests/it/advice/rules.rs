//! Every rule speaks when its trigger holds, is silent just beside it, and says no number that it cannot compute.

use super::*;
use recado_domain::finance::advice::{Omitted, Wanted};
use serde_json::{Value, json};

fn silent(ledger: &Ledger, code: Code) {
    assert!(recommended(ledger, code).is_none(), "{} speaks", code.id());
}

fn cash(facts: &mut Value, balance: &str) {
    facts["cash"][1]["balance"] = json!(balance);
}

/// Orders of one product, paid beforehand and delivered, so many times.
fn orders(facts: &mut Value, count: usize, price: i64, cost: &str) {
    let product =
        json!({"variant_id": "PX", "title": "Prueba", "costs": [{"from": "2026-01-01T05:00:00Z", "unit_cost": cost}]});
    facts["products"].as_array_mut().unwrap().push(product);
    for index in 0..count {
        let day = format!("2026-10-{:02}T15:00:00Z", 1 + index % 28);
        facts["orders"].as_array_mut().unwrap().push(json!({"id": format!("X{index}"), "processed_at": day, "customer_id": format!("cx{index}"),
            "payment": "prepaid", "paid_at": day, "lines": [{"id": "1", "variant_id": "PX", "qty": 1, "unit_price": price.to_string(),
            "tax": format!("{:.2}", price as f64 * 19.0 / 119.0)}]}));
    }
}

#[test]
fn a_carrier_that_paid_twice_is_no_money_to_come() {
    // #1014 is paid after all, #1008 in full and #1012 twice: 86,900 is to be given back.
    let ledger = shop(|facts| {
        facts["remittances"].as_array_mut().unwrap().push(json!({"id": "REM3", "carrier": "envia", "remitted_at": "2026-11-03T15:00:00Z",
            "net": "251700", "lines": [{"shipment_id": "S1014", "collected": "164800"}, {"shipment_id": "S1012", "collected": "86900"}]}));
        facts["remittances"][1]["lines"][0]["collected"] = json!("101900");
    });
    assert_eq!(effect(&ledger, Code::CollectCod), Effect::Omitted(Omitted::NothingToSave));
}

#[test]
fn cash_freeze_speaks_below_fifteen_days_and_before_a_week_below_zero() {
    silent(&shop(|_| {}), Code::CashFreeze);
    // 100,000 ÷ 6,916.24 = 14.5 days.
    let short = recommended(&shop(|facts| cash(facts, "100000")), Code::CashFreeze).unwrap();
    // Draws 50,000 and equipment 142,800 in 90 days: × 7 ÷ 90 = 14,995.56 a week; ads pay. The forecast of 410,000
    // closes at 162,219.71 in week 13; with 310,000 less it is below zero in week 13, so 13 weeks.
    assert_eq!(told(&short.details[0], "weekly_draws_and_equipment"), "14995.56");
    assert_eq!(told(&short.details[0], "weekly_ads_that_do_not_pay"), "0.00");
    assert_eq!(told(&short.details[0], "lowest_cash"), "-147780.29");
    assert_eq!(short.effect, Effect::Amount(1_499_556 * 13));
    assert_eq!(Code::CashFreeze.urgency(), 3);
    // 103,800 ÷ 6,916.24 = 15.008 days, and no week below zero once nothing is bought any more: silence needs both.
    let negative = recommended(&shop(|facts| cash(facts, "240000")), Code::CashFreeze);
    assert!(negative.is_some(), "week 13 closes at −7,780.29");
    silent(&shop(|facts| cash(facts, "250000")), Code::CashFreeze);
}

#[test]
fn nothing_is_frozen_that_nobody_spends() {
    let ledger = shop(|facts| {
        cash(facts, "100000");
        let expenses = facts["expenses"].as_array_mut().unwrap();
        expenses.retain(|expense| !matches!(expense["kind"].as_str(), Some("owner" | "capex")));
    });
    assert_eq!(effect(&ledger, Code::CashFreeze), Effect::Omitted(Omitted::NothingToSave));
}

#[test]
fn stop_bleeding_needs_twenty_units_or_a_shop_that_sinks() {
    // 20 units at 20,000 (16,806.72 net) that cost 20,000 lose 3,193.28 each: 63,865.60 in three months.
    let bleeding = |count| shop(|facts| orders(facts, count, 20_000, "20000"));
    silent(&bleeding(19), Code::StopBleeding);
    let said = recommended(&bleeding(20), Code::StopBleeding).unwrap();
    assert_eq!(said.effect, Effect::Amount(2_128_853));
    let product = &said.details[0];
    assert_eq!((product.subject.as_deref(), told(product, "cm2").as_str()), (Some("Prueba"), "-63865.60"));
    // (20,000 + K) ÷ (0.65 ÷ 1.19 − f): a price is told beside the loss.
    assert!(product.money("suggested").unwrap().minor > 2_000_000);
}

#[test]
fn ads_are_cut_where_it_is_known_which_ones_do_not_pay() {
    let costly = |facts: &mut Value| {
        facts["ad_spend"]
            .as_array_mut()
            .unwrap()
            .push(json!({"id": "ADX", "date": "2026-10-10", "platform": "tiktok", "amount": "600000"}));
    };
    // No channel is named like a platform: from nothing to all of (222,841.76 + 600,000) ÷ 3.
    let unmapped = shop(costly);
    assert_eq!(effect(&unmapped, Code::AdsCut), Effect::Range(0, 27_428_059));
    silent(&unmapped, Code::AdsGrow);
    // #1013 came through tiktok: what it left is what tiktok brought.
    let mapped = shop(|facts| {
        costly(facts);
        let orders = facts["orders"].as_array_mut().unwrap();
        orders.iter_mut().find(|order| order["id"] == "#1013").unwrap()["channel"] = json!("TikTok");
    });
    let said = recommended(&mapped, Code::AdsCut).unwrap();
    let tiktok = &said.details[0];
    assert_eq!((said.details.len(), tiktok.subject.as_deref()), (1, Some("tiktok")));
    let brought = tiktok.money("cm2").unwrap().minor;
    assert!(brought > 0);
    let monthly = (60_000_000 - brought) as f64 / 3.0;
    assert!((said.effect.middle() as f64 - monthly).abs() <= 1.0, "{:?} {monthly}", said.effect);
    silent(&shop(|_| {}), Code::AdsCut);
}

#[test]
fn costs_that_nobody_told_are_asked_for_by_what_they_sell() {
    let ledger =
        shop(|facts| facts["products"].as_array_mut().unwrap().retain(|product| product["variant_id"] != "P2"));
    let said = recommended(&ledger, Code::CostsMissing).unwrap();
    assert_eq!(said.effect, Effect::Omitted(Omitted::RaisesConfidence));
    assert_eq!(said.details.len(), 1);
    assert_eq!(said.details[0].subject.as_deref(), Some("P2"), "without a product its variant is its name");
    silent(&shop(|_| {}), Code::CostsMissing);
}

#[test]
fn the_vat_jar_is_told_when_cash_does_not_cover_it_twice() {
    // vat_set_aside of the window 77,172.05: twice is 154,344.10.
    silent(&shop(|facts| cash(facts, "154344.10")), Code::TaxJar);
    let said = recommended(&shop(|facts| cash(facts, "154344.09")), Code::TaxJar).unwrap();
    assert_eq!(said.effect, Effect::Omitted(Omitted::Protects), "it brings no money");
    // 77,172.05 × 7 ÷ 90.
    assert_eq!(told(&said.details[0], "weekly"), "6002.27");
}

#[test]
fn fixed_expenses_are_trimmed_when_revenue_does_not_carry_them() {
    let ledger = shop(|facts| {
        facts["expenses"]
            .as_array_mut()
            .unwrap()
            .push(json!({"id": "EXX", "kind": "fixed", "category": "bodega", "amount": "300000",
            "invoiced_on": "2026-10-01", "from": "2026-10-01", "to": "2026-10-31"}));
    });
    let said = recommended(&ledger, Code::FixedTrim).unwrap();
    // The largest is the 300,000 of the warehouse: 100,000 a month, of it 10 to 100 %.
    assert_eq!(
        (said.details[0].subject.as_deref(), said.effect),
        (Some("bodega"), Effect::Range(1_000_000, 10_000_000))
    );
    silent(&shop(|_| {}), Code::FixedTrim);
}

#[test]
fn customers_are_won_back_from_fifty_on() {
    // 9 customers and 41 more who bought once: 50, of whom 2 came back.
    silent(&shop(|facts| orders(facts, 40, 90_000, "30000")), Code::WinBack);
    let ledger = shop(|facts| orders(facts, 41, 90_000, "30000"));
    let said = recommended(&ledger, Code::WinBack).unwrap();
    assert!(said.effect.middle() > 0);
    assert_eq!(Code::WinBack.check().1, Wanted::Up);
}

#[test]
fn a_price_is_raised_and_discounts_are_capped_when_little_is_left() {
    // 60 units at 40,000 that cost 30,000: gross margin below 50 %, little left.
    let thin = |facts: &mut Value| {
        orders(facts, 60, 40_000, "30000");
        facts["ad_spend"]
            .as_array_mut()
            .unwrap()
            .push(json!({"id": "ADX", "date": "2026-10-10", "platform": "meta", "amount": "250000"}));
    };
    let said = recommended(&shop(thin), Code::PriceUp).unwrap();
    let product = &said.details[0];
    assert_eq!(product.subject.as_deref(), Some("Prueba"));
    // At most 10 % at once: 44,000, up to the next ending in 900.
    assert_eq!(told(product, "next_price"), "44900.00");
    let Effect::Range(0, most) = said.effect else { panic!("{:?}", said.effect) };
    assert!(most > 0, "without an elasticity the effect runs from the break-even to none lost");
    silent(&shop(|_| {}), Code::PriceUp);
    silent(&shop(thin), Code::DiscountCap);
    let discounted = shop(|facts| {
        thin(facts);
        for order in facts["orders"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .filter(|order| order["id"].as_str().unwrap().starts_with('X'))
        {
            order["lines"][0]["discount"] = json!("8000");
            order["lines"][0]["tax"] = json!("5109.24");
        }
    });
    let said = recommended(&discounted, Code::DiscountCap).unwrap();
    assert!(matches!(said.effect, Effect::Range(low, high) if low > 0 && high > low), "{:?}", said.effect);
}

#[test]
fn deliveries_come_first_when_the_cushion_is_thin() {
    // 20 refused parcels more: 5 of 27 delivered.
    let ledger = shop(|facts| {
        for index in 0..20 {
            let id = format!("Z{index}");
            facts["orders"]
                .as_array_mut()
                .unwrap()
                .push(json!({"id": id, "processed_at": "2026-10-05T15:00:00Z", "payment": "cod",
                "lines": [{"id": "1", "variant_id": "P1", "qty": 1, "unit_price": "89900", "tax": "14353.78"}]}));
            facts["shipments"].as_array_mut().unwrap().push(json!({"id": format!("SZ{index}"), "order_id": id, "carrier": "envia",
                "shipped_at": "2026-10-06T15:00:00Z", "returned_at": "2026-10-12T15:00:00Z", "return_condition": "resellable", "cod_amount": "89900"}));
            facts["carrier_charges"]
                .as_array_mut()
                .unwrap()
                .push(json!({"id": format!("CZ{index}"), "shipment_id": format!("SZ{index}"),
                "kind": "outbound", "amount": "9500", "occurred_at": "2026-10-06T15:00:00Z", "deducted": true}));
        }
    });
    let said = recommended(&ledger, Code::DeliveryUp).unwrap();
    // 28 parcels ÷ 3 × 5 points × (M + L): both are told.
    let (gain, loss) =
        (said.details[0].money("gain_per_delivered").unwrap(), said.details[0].money("cost_of_a_failure").unwrap());
    assert_eq!(told(&said.details[0], "parcels"), "28");
    let expected = 28.0 / 3.0 * 0.05 * (gain.minor + loss.minor) as f64;
    assert!((said.effect.middle() as f64 - expected).abs() <= 1.0, "{:?} {expected}", said.effect);
    silent(&shop(|_| {}), Code::DeliveryUp);
}
