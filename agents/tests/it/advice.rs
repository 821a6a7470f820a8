//! Advice for members, over the worked example of FINANCE §5.

use std::sync::Arc;

use recado_agents::finance::advice::{Answer, Title, answer};
use recado_agents::moments::Moments;
use recado_domain::Language;
use recado_domain::effect::Effect;
use recado_domain::finance::advice::{AdviceQuestion, Code, Decision};
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::Ledger;
use recado_domain::merchant::MemberRole;
use serde_json::{Value, json};

use crate::fakes::*;

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");

fn books(change: impl FnOnce(&mut Value)) -> Arc<Ledger> {
    let mut facts: Value = serde_json::from_str(GOLDEN).unwrap();
    change(&mut facts);
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    Arc::new(Ledger::new(facts, as_of))
}

fn asked(ledger: &Ledger, language: Language, question: &AdviceQuestion) -> (Answer, String) {
    let zone = merchant("CO", Language::Es).zone();
    let moments = Moments { wording: DESK.wording(), language, zone, now: at("2026-11-05T14:00:00Z") };
    let answer = answer(ledger, question, &moments, "Marta");
    let text = DESK.wording().say(language, answer.template, &answer.context).unwrap();
    (answer, text)
}

fn says(question: &AdviceQuestion) -> String {
    asked(&books(|_| {}), Language::Es, question).1
}

fn owner(ledger: Arc<Ledger>) -> Dialogue {
    Dialogue::of(member(MemberRole::Owner, false), Facts { ledger: Some(ledger), ..Facts::default() })
}

/// What every text about advice may be filled with.
pub fn full_context() -> Value {
    json!({
        "score": 71, "low": 56, "high": 87, "band": "estable", "confidence": "baja", "parts": "Caja 76", "best": "x", "worst": "y",
        "cap": "días de caja", "cap_at": 55, "missing": "x", "then": 60, "now": "$1", "change": 1, "lines": ["a"], "items": [{"debtor": "Envía", "reference": "#1", "amount": "$1", "age": "7 días", "step": "Cobra."}], "caps": "x",
        "day": "5 de noviembre", "more": 1, "action": "Cobra.", "trigger": "x $1", "computed": "x", "check": "x", "days": 7,
        "accepted": true, "product": "Sérum", "margin": "35 %", "suggested": "$1", "target": "$1", "price": "$1", "margin_now": "1 %",
        "unit": "$1", "loses": true, "enough": true, "cost": "$1", "order": "$1", "freight_known": true, "fee": "3 %", "tax": "19 %",
        "door": "$1", "rate": "71 %", "resolved": 7, "small": true, "elasticity": "-2", "most": "38 %", "possible": true, "floor": "$1",
        "door_floor": "$1", "names": "A + B", "asked": true, "contribution": "$1", "share": "1 %", "list": "$1", "discount": "1 %",
        "given": "$1", "saved": "$1", "sensible": true, "raise": true, "by": "$1", "volume": "75 %", "unit_after": "$1", "units": "2",
        "needed": 3, "week": 13, "lowest": "$1", "negative": 2, "down": "$1", "down_negative": 3, "sales": "$1", "cash": "$1",
        "alerts": ["x"], "left_out": 1, "amount": "$1", "today": true, "affordable": true, "none": true, "total": "$1",
        "debtor": "Envía", "text": "Hola.", "revenue": "$1", "orders": 2, "reached": true, "fixed": "$1",
        "less": true, "same": false, "monthly": "$1", "parcel": "$1", "parcel_now": "$1", "breakeven": "59,5 %",
        "why": "unknown_product", "subject": "zapato", "expense": "nómina", "counted": "$1", "later": "$1", "due": "lunes 30",
        "known": true, "left": "$1", "low": "$1", "opening": "$1", "collected": "$1", "paid": "$1", "ads": "$1", "held": "$1",
        "example": "$3",
    })
}

#[test]
fn the_score_comes_first_with_what_gives_and_takes_it() {
    let text = says(&AdviceQuestion::HealthScore);
    assert!(text.starts_with("Tu negocio está en *71 de 100*: estable (entre 56 y 87, confianza baja)."), "{text}");
    assert!(text.contains("Rentabilidad 54 · Pedidos 80 · Caja 76 · Crecimiento 80"), "{text}");
    // operating_margin gives 41.3 of 100 of its 21 points: 12.3 are missing, more than anywhere else.
    assert!(text.contains("Lo que más te quita: margen operativo 0,4 %"), "{text}");
    let capped =
        asked(&books(|facts| facts["cash"][1]["balance"] = json!("50000")), Language::Es, &AdviceQuestion::HealthScore);
    assert!(capped.1.contains("Tiene tope en 55 por días de caja"), "{}", capped.1);
    let empty = asked(&books(|facts| facts["orders"] = json!([])), Language::Es, &AdviceQuestion::HealthScore);
    assert!(empty.1.starts_with("Todavía no te puedo dar un puntaje"), "{}", empty.1);
}

#[test]
fn three_things_are_told_in_order_with_what_they_bring() {
    let (answer, text) = asked(&books(|_| {}), Language::Es, &AdviceQuestion::FirstThings);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Empieza por aquí, en este orden:");
    assert_eq!(lines[1], "1. Reclámale a envia con la lista de guías lo que no te ha pagado. Son $166.700.");
    assert_eq!(lines[2], "2. Cobra las facturas vencidas, empezando por Boutique Sol. Son $125.580.");
    assert!(lines[3].starts_with("3. Arregla fotos, tallas o calidad de Faja"), "{text}");
    assert!(lines[3].ends_with("Entre $4.976 y $9.953 al mes."), "{text}");
    assert_eq!(lines[4], "Hay 3 más para después.");
    let buttons: Vec<&str> = answer.buttons.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(buttons, ["adv:accept:collect-cod", "adv:dismiss:collect-cod", "adv:because:collect-cod"]);
    assert!(answer.effects.is_empty(), "telling decides nothing");
}

#[test]
fn why_says_the_figure_the_sum_and_the_check() {
    let text = says(&AdviceQuestion::Because { code: "collect-cod".to_owned() });
    assert!(text.contains("Por qué: recaudo vencido $166.700."), "{text}");
    assert!(text.contains("En 7 días miro si mejoró: recaudo vencido."), "{text}");
    let gone = says(&AdviceQuestion::Because { code: "cash-freeze".to_owned() });
    assert_eq!(gone, "Eso ya no hace falta, según los datos de ahora.");
}

#[test]
fn accepting_is_a_record_and_sends_nothing() {
    let question = AdviceQuestion::Decide { code: "collect-cod".to_owned(), decision: Decision::Accept };
    let (answer, text) = asked(&books(|_| {}), Language::Es, &question);
    assert!(
        text.starts_with("Anotado: lo vas a hacer. El jueves 12 de noviembre miro si funcionó (recaudo vencido)."),
        "{text}"
    );
    let [Effect::DecideRecommendation { proposal, decision, by }, Effect::Audit { action, .. }] =
        answer.effects.as_slice()
    else {
        panic!("{:?}", answer.effects)
    };
    assert_eq!((proposal.code, *decision, by.as_str()), (Code::CollectCod, Decision::Accept, "Marta"));
    assert_eq!((proposal.expected, action.as_str()), (Some((16_670_000, 16_670_000)), "finance.accept"));
    let dismissed = AdviceQuestion::Decide { code: "collect-cod".to_owned(), decision: Decision::Dismiss };
    assert!(says(&dismissed).starts_with("Listo, esto queda a un lado"), "{}", says(&dismissed));
}

#[test]
fn a_price_says_what_it_covers_and_what_it_is_at_the_door() {
    let ask =
        |product: Option<&str>| AdviceQuestion::TargetPrice { product: product.map(str::to_owned), margin: Some(35) };
    let text = says(&ask(Some("sérum")));
    assert!(text.starts_with("Para ganar 35 % con Sérum, véndelo a *$57.900* (mínimo $57.627)."), "{text}");
    assert!(text.contains("Hoy está a $59.900: te deja $18.784 por unidad, 37,3 %. Ya llegas."), "{text}");
    assert!(text.contains("Cubre costo $17.800, envío y empaque $11.773, comisión 3,3 % e IVA 19 %"), "{text}");
    assert!(
        text.contains("Contra entrega tendría que ser $120.900") && text.contains("muestra pequeña, 7 resueltos"),
        "{text}"
    );
    let (which, question) = asked(&books(|_| {}), Language::Es, &ask(None));
    assert_eq!(question, "¿De qué producto?");
    assert_eq!(which.buttons[0], ("adv:price:Faja".to_owned(), Title::Name("Faja".to_owned())));
    assert_eq!(says(&ask(Some("zapato"))), "No encuentro ventas de «zapato». ¿Cómo se llama en tu tienda?");
}

#[test]
fn a_name_of_several_products_is_asked_about_with_what_tells_them_apart() {
    let variants = || {
        books(|facts| {
            facts["products"][0]["title"] = json!("Toalla de baño · Blanca");
            facts["products"][1]["title"] = json!("Toalla de baño · Azul petróleo");
        })
    };
    let ask =
        |product: Option<&str>| AdviceQuestion::TargetPrice { product: product.map(str::to_owned), margin: Some(35) };
    let (several, question) = asked(&variants(), Language::Es, &ask(Some("toallas")));
    assert_eq!(question, "Hay varias opciones de Toalla de baño. ¿Cuál?");
    let titles: Vec<&Title> = several.buttons.iter().map(|(_, title)| title).collect();
    assert_eq!(titles, [&Title::Name("Blanca".to_owned()), &Title::Name("Azul petróleo".to_owned())]);
    assert_eq!(several.buttons[1].0, "adv:price:P2");
    let (which, _) = asked(&variants(), Language::Es, &ask(None));
    let offered: Vec<&str> = which.buttons.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(offered, ["adv:price:Toalla de baño", "adv:price:Termo"], "a product is offered once");
}

#[test]
fn a_discount_a_bundle_and_a_change_say_the_number_first() {
    let discount = says(&AdviceQuestion::MaxDiscount { product: Some("sérum".to_owned()) });
    assert!(
        discount.starts_with("Con Sérum aguantas hasta *38,8 %* de descuento: en $36.632 no ganas ni pierdes."),
        "{discount}"
    );
    let products = vec!["faja".to_owned(), "sérum".to_owned()];
    let bundle = says(&AdviceQuestion::Bundle { products: products.clone(), price: Some(12_990_000) });
    assert!(bundle.starts_with("El combo Faja + Sérum a *$129.900* te deja $47.295 (43,3 %)."), "{bundle}");
    assert!(
        bundle.contains("Conviene: el descuento te cuesta $16.723 y enviar todo junto te ahorra $32.031."),
        "{bundle}"
    );
    let open = says(&AdviceQuestion::Bundle { products, price: None });
    assert!(open.starts_with("Pon el combo Faja + Sérum a *$112.900*: te deja"), "{open}");
    let change = says(&AdviceQuestion::PriceChange { product: Some("sérum".to_owned()), by: -1_000_000 });
    assert!(
        change.starts_with("Si bajas Sérum $10.000 (a $49.900), tienes que vender *75,4 % más* para ganar lo mismo."),
        "{change}"
    );
    let deep = says(&AdviceQuestion::PriceChange { product: Some("sérum".to_owned()), by: -4_000_000 });
    assert!(deep.contains("no hay volumen que lo compense"), "{deep}");
}

#[test]
fn cash_says_the_lowest_week_and_whether_a_payment_fits() {
    let cash = says(&AdviceQuestion::CashForecast);
    assert!(cash.starts_with("En tu semana más baja de las próximas 13 quedas con *$162.220*: la 13"), "{cash}");
    assert!(cash.contains("Hoy tienes $410.000, 59 días de gasto."), "{cash}");
    assert!(cash.contains("La transportadora paga más tarde de lo pactado."), "{cash}");
    let pay = |amount: i64, on: &str| AdviceQuestion::Payment { amount, on: Some(on.parse().unwrap()) };
    let fits = says(&pay(10_000_000, "2026-11-10"));
    assert!(fits.starts_with("Sí te alcanza: el martes 10 de noviembre puedes sacar hasta *$162.220*."), "{fits}");
    let too_much = says(&pay(20_000_000, "2026-11-10"));
    assert!(
        too_much.starts_with("No te alcanza para $200.000 el martes 10 de noviembre: lo máximo es *$162.220*."),
        "{too_much}"
    );
    assert!(too_much.contains("Quedarías en rojo en la semana 12"), "{too_much}");
    assert_eq!(says(&pay(1, "2026-11-01")), "Ese día ya pasó. ¿Para cuándo es?");
    let poor = asked(&books(|facts| facts["cash"] = json!([])), Language::Es, &AdviceQuestion::CashForecast).1;
    assert!(poor.starts_with("No sé cuánta plata hay en caja."), "{poor}");
}

#[test]
fn collections_are_told_in_order_with_a_draft_that_nobody_gets() {
    let (answer, text) = asked(&books(|_| {}), Language::Es, &AdviceQuestion::Collections);
    assert!(
        text.starts_with("Te deben *$423.700*. Cobra en este orden:\n1. envia, #1014: $164.800 (7 días de vencido)."),
        "{text}"
    );
    assert!(
        text.contains("2. Boutique Sol, F1: $138.000 (47 días de vencido). Aviso formal y sin más crédito."),
        "{text}"
    );
    assert_eq!(answer.buttons[0], ("rem:all".to_owned(), Title::Word("button.remind_all")));
    assert_eq!(answer.buttons[2], ("adv:draft:F1".to_owned(), Title::Name("Borrador 2".to_owned())));
    let (draft, text) = asked(&books(|_| {}), Language::Es, &AdviceQuestion::Draft { item: "S1014".to_owned() });
    assert!(text.starts_with("Borrador para envia (no lo he enviado):"), "{text}");
    assert!(text.contains("La guía S1014 (pedido #1014) por $164.800"), "{text}");
    assert!(draft.effects.is_empty());
}

#[test]
fn a_wish_and_another_delivery_rate_are_told_as_money() {
    let wish = says(&AdviceQuestion::RequiredRevenue { target: 10_000_000, more_fixed: 0 });
    assert!(wish.starts_with("Para ganar $100.000 en 30 días necesitas vender *$"), "{wish}");
    let rate = says(&AdviceQuestion::DeliveryRate { percent: 60 });
    assert!(rate.starts_with("Con efectividad de 60 % ganarías *$") && rate.contains("menos* al mes"), "{rate}");
    assert!(rate.contains("Para no perder necesitas 59,5 %."), "{rate}");
}

#[test]
fn every_answer_is_whole_in_three_languages() {
    let product = Some("sérum".to_owned());
    let questions = [
        AdviceQuestion::HealthScore,
        AdviceQuestion::WhyScore,
        AdviceQuestion::FirstThings,
        AdviceQuestion::TargetPrice { product: product.clone(), margin: None },
        AdviceQuestion::MaxDiscount { product: product.clone() },
        AdviceQuestion::PriceChange { product, by: 500_000 },
        AdviceQuestion::CashForecast,
        AdviceQuestion::Payment { amount: 100, on: None },
        AdviceQuestion::Collections,
        AdviceQuestion::RequiredRevenue { target: 0, more_fixed: 1_000_000 },
        AdviceQuestion::DeliveryRate { percent: 90 },
    ];
    let ledger = books(|_| {});
    let codes = Code::ALL.iter().map(|code| AdviceQuestion::Because { code: code.id().to_owned() });
    for question in questions.into_iter().chain(codes) {
        let texts = Language::ALL.map(|language| asked(&ledger, language, &question).1);
        for text in &texts {
            assert!(!text.contains("advice.") && !text.contains('{') && !text.contains("null"), "{question:?}: {text}");
        }
        assert!(texts[0] != texts[1] && texts[1] != texts[2], "{question:?}");
    }
    let wording = DESK.wording();
    for code in Code::ALL {
        for group in ["do", "computed"] {
            let key = format!("advice.{group}.{}", code.id());
            assert_ne!(wording.word(Language::Es, &key), key, "every recommendation has its words");
        }
    }
}

#[tokio::test]
async fn advice_is_asked_and_decided_with_buttons() {
    let mut dialogue = owner(books(|_| {}));
    assert!(dialogue.taps("adv:score").await.contains("*71 de 100*"));
    assert_eq!(dialogue.decision(), ("advice", "health_score"));
    assert_eq!(dialogue.buttons(), ["adv:first", "adv:moved"]);
    dialogue.taps("adv:first").await;
    dialogue.taps("adv:accept:collect-cod").await;
    let decided = dialogue.last.effects.iter().any(|effect| matches!(effect, Effect::DecideRecommendation { .. }));
    assert!(decided, "{:?}", dialogue.last.effects);
    let others = dialogue
        .last
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::NotifyStaff { .. } | Effect::Post { .. }));
    assert_eq!(others.count(), 0, "nothing is sent to third parties");
    // What is forged asks what to do first, and decides nothing.
    dialogue.taps("adv:accept:everything").await;
    assert!(!dialogue.last.effects.iter().any(|effect| matches!(effect, Effect::DecideRecommendation { .. })));
}

#[tokio::test]
async fn only_who_may_see_money_gets_advice() {
    let ledger = books(|_| {});
    let facts = Facts { ledger: Some(Arc::clone(&ledger)), ..Facts::default() };
    for button in ["adv:score", "adv:first", "adv:collect", "adv:accept:collect-cod"] {
        let mut employee = Dialogue::of(member(MemberRole::Employee, false), facts.clone());
        let reply = employee.taps(button).await;
        assert_eq!(employee.decision(), ("advice", "refused"), "{reply}");
        let mut shopper = Dialogue::of(shopper(), facts.clone());
        let reply = shopper.taps(button).await;
        assert!(!reply.contains('$') && numbers(&reply).is_empty(), "{reply}");
        for dialogue in [employee, shopper] {
            assert!(!dialogue.last.effects.iter().any(|effect| matches!(effect, Effect::DecideRecommendation { .. })));
        }
    }
}
