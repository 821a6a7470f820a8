//! Which shops keep a day book, who keeps it up to date, and what is listed behind its figures.

use std::collections::BTreeSet;

use recado_domain::finance::advice::advise;
use recado_domain::finance::figures::day_book::Gathered;
use recado_domain::finance::figures::{
    Accounts as _, Days, Dimension, FactKind, Metric, Narrowing, Report, Scenario, Undefined,
};
use recado_domain::merchant::{Member, MemberRole};
use recado_domain::principal::Principal;
use recado_domain::tools::ToolBox;
use recado_domain::{Clock as _, ContactId};
use recado_store::Store;
use recado_store::finance::BooksLimits;
use recado_store::finance::days::Look;

use crate::facts::tell_one;
use crate::finance_days::{agree, ledger, with};
use crate::shop::{order, told};
use crate::world::{World, noon, on_both};

/// The same store, for which so many orders are many.
fn from(world: &World, large: i64) -> Store {
    world.store.clone().keeping_books(BooksLimits { large, ..BooksLimits::default() })
}

async fn keep(store: &Store, look: Look) -> usize {
    let mut all = 0;
    loop {
        let taken = store.keep_day_books(look).await.unwrap();
        all += taken;
        if taken == 0 {
            return all;
        }
        // What was begun is behind, and is found as that.
        all += store.keep_day_books(Look::Behind).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_keeps_a_day_book_from_so_many_orders_on_and_whoever_looks_next_catches_up() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let shop = world.store.merchant(merchant);
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        tell_one(world, told(order("1", "#900", noon(), 100))).await;
        assert_eq!(keep(&from(world, 1_000), Look::Everywhere).await, 0, "it is small");
        assert!(!shop.keeps_day_book().await.unwrap());
        assert_eq!(world.number("SELECT COUNT(*) FROM finance_told").await, 0, "nobody waits for its folds");
        assert!(world.store.folded_day_book(merchant, world.clock.now(), 5).await.unwrap().is_none());
        assert!(!shop.keeps_day_book().await.unwrap(), "a question begins none");

        let store = from(world, 10);
        assert_eq!(store.keep_day_books(Look::Behind).await.unwrap(), 0, "it is found when all are looked at");
        assert!(keep(&store, Look::Everywhere).await > 10);
        agree(world, merchant, world.clock.now(), "begun").await;
        assert!(!world.store.merchant(world.other.id).keeps_day_book().await.unwrap());
        let member = Member { name: "Leo".to_owned(), role: MemberRole::Owner, finance: true };
        let principal = Principal::Member { merchant, contact: ContactId::derived(&["leo"]), member };
        let ToolBox::Member(tools) = store.tool_box(&principal, &world.merchant, None).await.unwrap() else {
            panic!("a member has a member's box")
        };
        let (read, beside) = tools.day_book().await.unwrap().expect("members ask the day book");
        assert!(beside.products.len() > 1 && beside.last_balance.is_some());
        let days = Days::new("2026-09-01".parse().unwrap(), "2026-11-30".parse().unwrap());
        let parts = tools.day_parts(&read, Dimension::Payment, days).await.unwrap().unwrap();
        assert!(parts.keys().count() > 1);
        assert!(!tools.behind(&read, Metric::Orders, &[], days, 3).await.unwrap().unwrap().facts.is_empty());

        // A change that nobody folded is found by whoever looks next, and by a question.
        tell_one(world, told(order("2", "#901", noon(), 100))).await;
        assert!(shop.day_book(world.clock.now()).await.unwrap().is_none());
        assert!(store.keep_day_books(Look::Behind).await.unwrap() > 0);
        agree(world, merchant, world.clock.now(), "told").await;
        world
            .store
            .import_facts(
                merchant,
                "chat",
                &with(&[("\"unit_price\": \"89900\"", "\"unit_price\": \"99900\"")]),
                |_| {},
            )
            .await
            .unwrap();
        assert!(world.store.folded_day_book(merchant, world.clock.now(), 5).await.unwrap().is_some());
        agree(world, merchant, world.clock.now(), "asked").await;
        assert_eq!(store.keep_day_books(Look::Behind).await.unwrap(), 0, "nothing is left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_from_the_day_book_is_that_of_the_ledger_but_for_what_it_says_it_leaves_out() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        tell_one(world, told(order("1", "#900", noon(), 100))).await;
        keep(&from(world, 1), Look::Everywhere).await;
        let now = world.clock.now();
        let days = Days::new("2026-09-01".parse().unwrap(), "2026-11-30".parse().unwrap());
        let by = Dimension::ALL;
        let found = world.store.day_report(merchant, now, &by, days, 0).await.unwrap().unwrap().unwrap();
        assert_eq!(found.left_out, ["profit_to_cash"]);
        let told = ledger(world, now).await.report(days, &by).unwrap();
        assert!(told.left_out.is_empty() && !told.cohorts.is_empty() && told.forecast_closing.is_some());
        let compared = |report: &Report| {
            let mut json = serde_json::to_value(report).unwrap();
            let whole = json.as_object_mut().unwrap();
            for key in ["left_out", "profit_to_cash"] {
                whole.remove(key);
            }
            whole["reasons"].as_object_mut().unwrap().remove("profit_to_cash");
            json
        };
        assert_eq!(compared(&found), compared(&told));
        let early = now.minus(std::time::Duration::from_secs(86_400));
        assert!(world.store.day_report(merchant, early, &by, days, 9).await.unwrap().is_none(), "it has gone on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_facts_behind_a_figure_come_page_by_page_and_are_those_of_the_ledger() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let shop = world.store.merchant(merchant);
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        for number in 1..=8 {
            let id = number.to_string();
            tell_one(world, told(order(&id, &format!("#90{id}"), noon(), 100))).await;
        }
        keep(&from(world, 1), Look::Everywhere).await;
        let now = world.clock.now();
        let all = ledger(world, now).await;
        let read = shop.day_book(now).await.unwrap().unwrap();
        let city = [Narrowing::Of(Dimension::City, "Bogotá".to_owned())];
        let days = Days::new("2026-09-01".parse().unwrap(), "2026-11-30".parse().unwrap());
        let metrics = [
            Metric::Orders,
            Metric::RealisedOrders,
            Metric::Cm2,
            Metric::RefundsPaid,
            Metric::AdSpend,
            Metric::CodReceivable,
        ];
        for metric in metrics {
            for narrowing in [&[] as &[Narrowing], &city] {
                let expected: BTreeSet<_> = if narrowing.is_empty() {
                    all.figures(days).proof(metric).into_iter().collect()
                } else {
                    let orders = all.orders_behind(narrowing, metric, days).into_iter();
                    orders.map(|id| (FactKind::Order, id)).collect()
                };
                let (mut found, mut from, mut pages) = (BTreeSet::new(), None::<String>, 0);
                loop {
                    let page =
                        shop.behind(&read, (metric, narrowing, days), from.as_deref(), 3).await.unwrap().unwrap();
                    pages += 1;
                    found.extend(page.facts);
                    from = page.next;
                    if from.is_none() {
                        break;
                    }
                }
                assert_eq!(found, expected, "{} of {narrowing:?}", metric.id());
                assert!(pages > 0);
            }
        }
        // One order is read with what hangs together with it.
        let alone = shop.order_ledger("903", now).await.unwrap().unwrap();
        assert!(alone.facts().orders.len() < all.facts().orders.len());
        let part = [Narrowing::Order("#903".to_owned())];
        for metric in Metric::DIVISIBLE {
            let (found, told) = (alone.part(&part, days).value(*metric), all.part(&part, days).value(*metric));
            assert_eq!(found, told, "{}", metric.id());
        }
        assert!(shop.order_ledger("#77777", now).await.unwrap().is_none());

        tell_one(world, told(order("99", "#999", noon(), 100))).await;
        assert!(shop.order_ledger("903", now).await.unwrap().is_none(), "it is behind");
        let moved = shop.behind(&read, (Metric::Orders, &[], days), None, 3).await.unwrap();
        assert!(moved.is_none(), "the book has moved on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_moved_is_not_looked_for_and_looking_ends_with_the_last() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let shop = world.store.merchant(merchant);
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        keep(&from(world, 1), Look::Everywhere).await;
        let now = world.clock.now();
        let all = ledger(world, now).await;
        let read = shop.day_book(now).await.unwrap().unwrap();
        let days = Days::new("2026-09-01".parse().unwrap(), "2026-11-30".parse().unwrap());
        let orders: BTreeSet<_> = all.figures(days).proof(Metric::Orders).into_iter().collect();
        assert!(world.number("SELECT COUNT(*) FROM finance_roots WHERE root LIKE 'r:%'").await > 0);
        // Folds that cannot be read: whoever looks at one fails. Remittances come after every customer.
        let ruin = if world.is_postgres() { "'\\xff'" } else { "x'ff'" };
        world.execute(&format!("UPDATE finance_roots SET fold = {ruin} WHERE root LIKE 'r:%'")).await;
        let found = shop.behind(&read, (Metric::Orders, &[], days), None, 1_000).await.unwrap().unwrap();
        assert_eq!(found.facts, orders);
        assert!(found.next.is_none(), "what comes after the last is not looked at");
        world.execute(&format!("UPDATE finance_roots SET fold = {ruin} WHERE root <> 'shop'")).await;
        let nothing = shop.behind(&read, (Metric::Chargebacks, &[], days), None, 12).await.unwrap().unwrap();
        assert!(nothing.facts.is_empty() && nothing.next.is_none());
        assert!(all.figures(days).proof(Metric::Chargebacks).is_empty());
        let control = shop.behind(&read, (Metric::Orders, &[], days), None, 12).await;
        assert!(control.is_err(), "a fold that is looked at is read");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_open_items_than_are_read_are_said_to_be_too_many_and_are_never_zero() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        keep(&from(world, 1), Look::Everywhere).await;
        let now = world.clock.now();
        let look = |accounts: &Gathered| {
            let forecast = accounts.forecast(Scenario::Committed).map(|_| ());
            (forecast, accounts.reconciliation().map(|_| ()), accounts.health().is_ok(), advise(accounts).is_ok())
        };
        let told = world.store.of_day_book(merchant, now, 0, look).await.unwrap().unwrap();
        assert_eq!(told, (Ok(()), Ok(()), true, true), "the control: a few are read");
        let large = if world.is_postgres() { "decode(repeat('00', 17000000), 'hex')" } else { "zeroblob(17000000)" };
        let first = "SELECT MIN(period) FROM finance_days WHERE shelf = 'open'";
        world
            .execute(&format!("UPDATE finance_days SET body = {large} WHERE shelf = 'open' AND period = ({first})"))
            .await;
        let told = world.store.of_day_book(merchant, now, 0, look).await.unwrap().unwrap();
        let many = Err(Undefined::TooMuchOpen);
        assert_eq!(told, (many, many, true, true), "the rest is told");
    })
    .await;
}
