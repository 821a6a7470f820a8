//! Shops to draw: the worked example of the finance definitions, and a busy month made by a small formula.

use std::fmt::Write as _;

use jiff::civil::{Date, date};
use recado_documents::write::Writer;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Days, Ledger};
use recado_domain::{Currency, Language};

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");

/// The worked example.
pub(crate) fn example() -> Ledger {
    let facts = FactSet::from_json(GOLDEN).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

pub(crate) fn september() -> Days {
    Days::month(date(2026, 9, 1))
}
pub(crate) fn october() -> Days {
    Days::month(date(2026, 10, 1))
}

pub(crate) fn writer(language: Language) -> Writer {
    Writer { language, currency: Currency::Cop }
}

/// Names as shops give them.
const PRODUCTS: [&str; 10] = [
    "Mantel Ráquira, 6 puestos",
    "Juego de sábanas de lino lavado, doble, color arena",
    "Cojín bordado Mompox",
    "Camino de mesa Usiacurí",
    "Cobija de lana de Nobsa",
    "Vela de soya 🕯️ «lavanda & miel» <200 g>",
    "Individuales de iraca x 4",
    "Delantal de dril",
    "Toalla de manos",
    "Bolsa de tela",
];
const CITIES: [&str; 6] = ["Bogotá", "Medellín", "Cali", "Barranquilla", "San Andrés de Sotavento", "Pasto"];

/// Some three hundred orders of October and November 2026, with parcels, advertising, expenses and cash.
pub(crate) fn busy_json() -> String {
    let mut seed = 42_u64;
    let mut next = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    let (mut orders, mut shipments, mut charges, mut ads) =
        (String::new(), String::new(), String::new(), String::new());
    let mut number = 1000;
    let first = date(2026, 9, 1);
    for place in 0..82_i64 {
        let day: Date = first.saturating_add(jiff::Span::new().days(place));
        let today = 2 + next(4) + u64::from(day.weekday().to_monday_zero_offset() > 4) * 4;
        for _ in 0..today {
            number += 1;
            let product = usize::try_from(next(10).min(next(10))).unwrap();
            let (price, quantity) = (30_000 + 14_000 * product as u64, 1 + next(2));
            let tax = price * quantity * 19 / 119;
            let cod = next(10) < 6;
            let paid = if cod { String::new() } else { format!("\"paid_at\":\"{day}T10:30:00-05:00\",") };
            let city = CITIES[usize::try_from(next(6).min(next(6))).unwrap()];
            let _ = write!(
                orders,
                "{}{{\"id\":\"#{number}\",\"processed_at\":\"{day}T10:00:00-05:00\",\"customer_id\":\"c{}\",\"payment\":\"{}\",{paid}\
                 \"city\":\"{city}\",\"channel\":\"online\",\"lines\":[{{\"id\":\"l1\",\"variant_id\":\"v{product}\",\"qty\":{quantity},\
                 \"unit_price\":\"{price}\",\"tax\":\"{tax}\"}}],\"shipping\":{{\"price\":\"9000\",\"tax\":\"1437\"}}}}",
                if orders.is_empty() { "" } else { "," },
                next(200),
                if cod { "cod" } else { "prepaid" },
            );
            if !cod {
                continue;
            }
            let shipped = day.saturating_add(jiff::Span::new().days(1));
            let ended = day.saturating_add(jiff::Span::new().days(4 + i64::try_from(next(3)).unwrap()));
            let outcome = match next(20) {
                0..=15 => format!(",\"delivered_at\":\"{ended}T15:00:00-05:00\""),
                16..=18 => format!(",\"returned_at\":\"{ended}T15:00:00-05:00\",\"return_condition\":\"resellable\""),
                _ => format!(",\"lost_at\":\"{ended}T15:00:00-05:00\""),
            };
            let comma = if shipments.is_empty() { "" } else { "," };
            let _ = write!(
                shipments,
                "{comma}{{\"id\":\"g{number}\",\"order_id\":\"#{number}\",\"carrier\":\"Coordinadora\",\"shipped_at\":\"{shipped}T09:00:00-05:00\",\
                 \"cod_amount\":\"{}\"{outcome}}}",
                price * quantity + 9_000
            );
            let _ = write!(
                charges,
                "{comma}{{\"id\":\"k{number}\",\"shipment_id\":\"g{number}\",\"kind\":\"outbound\",\"amount\":\"10500\",\"occurred_at\":\"{shipped}T09:00:00-05:00\"}}"
            );
        }
        let comma = if ads.is_empty() { "" } else { "," };
        let _ = write!(
            ads,
            "{comma}{{\"id\":\"a{place}\",\"date\":\"{day}\",\"platform\":\"Meta\",\"amount\":\"{}\",\"paid_on\":\"{day}\"}}",
            60_000 + next(40_000)
        );
    }
    let mut products = String::new();
    for (place, title) in PRODUCTS.iter().enumerate() {
        let cost = 11_000 + 5_000 * place;
        let costs = match place {
            9 => String::new(),
            _ => format!("{{\"from\":\"2026-01-01T00:00:00-05:00\",\"unit_cost\":\"{cost}\"}}"),
        };
        let title = serde_json::to_string(title).unwrap();
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(products, "{comma}{{\"variant_id\":\"v{place}\",\"title\":{title},\"costs\":[{costs}]}}");
    }
    let rent = |month: u32| {
        format!(
            "{{\"id\":\"rent{month}\",\"kind\":\"fixed\",\"category\":\"arriendo\",\"amount\":\"2400000\",\"invoiced_on\":\"2026-{month:02}-01\",\
             \"from\":\"2026-{month:02}-01\",\"to\":\"2026-{month:02}-30\",\"due_on\":\"2026-{month:02}-15\"{}}}",
            if month < 11 { format!(",\"paid_on\":\"2026-{month:02}-10\"") } else { String::new() }
        )
    };
    format!(
        "{{\"schema\":\"finance-facts/1\",\"merchant\":{{\"name\":\"Casa Lienzo\",\"timezone\":\"America/Bogota\",\"currency\":\"COP\",\
         \"vat_registered\":true,\"carriers\":{{\"Coordinadora\":{{\"term_days\":8,\"transit_days\":4}}}}}},\
         \"as_of\":\"2026-11-21T10:40:00-05:00\",\"synced_at\":\"2026-11-21T10:40:00-05:00\",\"products\":[{products}],\"orders\":[{orders}],\
         \"shipments\":[{shipments}],\"carrier_charges\":[{charges}],\"ad_spend\":[{ads}],\"expenses\":[{}],\
         \"purchases\":[{{\"id\":\"p1\",\"supplier\":\"Telar\",\"amount\":\"46000000\",\"received_on\":\"2026-11-10\",\"due_on\":\"2026-12-12\"}}],\
         \"cash\":[{{\"at\":\"2026-11-21T08:00:00-05:00\",\"account\":\"Bancolombia\",\"balance\":\"22480000\"}}]}}",
        [9, 10, 11].map(rent).join(",")
    )
}

pub(crate) fn busy() -> Ledger {
    let facts = FactSet::from_json(&busy_json()).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

pub(crate) fn november() -> Days {
    Days::new(date(2026, 11, 1), date(2026, 11, 21))
}
