//! What a member tells becomes facts that the books can read.

use recado_domain::finance::facts::ExpenseKind;
use recado_domain::finance::facts::entry::{MERCHANT, READING, put_together};
use recado_domain::finance::note::{Note, Told};
use recado_domain::merchant::Merchant;
use recado_domain::{Currency, EventId, Language, MerchantId, Money, Timestamp};

use super::*;

fn shop() -> Merchant {
    Merchant {
        id: MerchantId::derived(&["shop"]),
        name: "Tienda".into(),
        language: Language::Es,
        country: "CO".into(),
        timezone: "America/Bogota".into(),
        currency: Currency::Cop,
    }
}

fn books(notes: &[Note]) -> Ledger {
    let now = Timestamp::parse("2026-11-05T17:00:00Z").unwrap();
    let mut bodies = vec![
        (
            MERCHANT.to_owned(),
            r#"{"name":"T","timezone":"America/Bogota","currency":"COP","vat_registered":true,"carriers":{}}"#
                .to_owned(),
        ),
        (READING.to_owned(), format!("{{\"as_of\":\"{now}\",\"synced_at\":null}}")),
    ];
    for (index, note) in notes.iter().enumerate() {
        let event = EventId::derived(&[&index.to_string()]);
        // A turn that runs twice tells the same facts.
        let entries = note.entries(&shop(), event, now).unwrap();
        assert_eq!(entries, note.entries(&shop(), event, now).unwrap());
        bodies.extend(entries.into_iter().map(|entry| (entry.kind, entry.body)));
    }
    let text = put_together(bodies.iter().map(|(kind, body)| (kind.as_str(), body.as_str())));
    Ledger::new(FactSet::from_json(&text).unwrap(), now)
}

fn note(told: Told, pesos: i64, on: &str) -> Note {
    Note { told, amount: Money::new(pesos * 100, Currency::Cop), alternatives: vec![], day: day(on) }
}

#[test]
fn what_is_told_moves_its_figure_and_no_other() {
    let november = days("2026-11-01", "2026-11-30");
    let rows: [(Told, Metric, &str); 6] = [
        (Told::Ads { platform: "meta".into() }, Metric::AdSpend, "350000.00"),
        (Told::Expense { kind: ExpenseKind::Fixed, category: "arriendo".into() }, Metric::FixedExpenses, "350000.00"),
        (
            Told::Expense { kind: ExpenseKind::Variable, category: "empaques".into() },
            Metric::VariableExpenses,
            "350000.00",
        ),
        (Told::Remittance { carrier: "coordinadora".into() }, Metric::CashRemittances, "350000.00"),
        (Told::Balance { account: "banco".into() }, Metric::Cash, "350000.00"),
        (Told::Owner { into: false }, Metric::CashOwner, "-350000.00"),
    ];
    for (told, metric, expected) in rows {
        let code = told.code();
        let ledger = books(&[note(told, 350_000, "2026-11-04")]);
        assert_eq!(published(&ledger.figures(november), metric), expected, "{code}");
        let sales = published(&ledger.figures(november), Metric::BookedNetSales);
        assert_eq!(sales, "0.00", "{code}");
    }
    let bought = books(&[note(Told::Purchase { supplier: None }, 350_000, "2026-11-04")]);
    assert_eq!(published(&bought.figures(november), Metric::CashSuppliers), "-350000.00");
    assert_eq!(published(&bought.figures(november), Metric::OperatingProfit), "0.00", "stock is no expense");
}
