//! Figures for programs.

use axum::body::Body;
use http::{Request, StatusCode, header};
use recado_admin::api::{API_ROUTES, KINDS};
use recado_domain::finance::facts::entry::take_apart;
use serde_json::{Value, json};

use crate::client::{Answer, Client, HOST};
use crate::support::{self, World};

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");
const REPORT: &str = "/api/v1/analyses/report";

async fn token(world: &World, of_other: bool, finance: bool) -> String {
    let known = world.store.read_directory().await.unwrap();
    let wanted = if of_other { world.other } else { world.merchant };
    let shop = known.merchants().find(|shop| shop.id == wanted).unwrap();
    world.store.add_token(shop, "spreadsheet", finance).await.unwrap().1.expose().to_owned()
}

async fn ask(world: &World, token: Option<&str>, path: &str, body: impl Into<Body>) -> Answer {
    let mut request = Request::builder().method("POST").uri(path).header(header::HOST, HOST);
    request = request.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    Client::new(world).send(request.body(body.into()).unwrap()).await
}

fn september() -> String {
    json!({"from": "2026-09-01", "to": "2026-09-30", "as_of": "2026-11-05T14:00:00Z", "by": ["product"]}).to_string()
}

fn problem(answer: &Answer) -> String {
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["status"], answer.status.as_u16());
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    body["type"].as_str().unwrap().to_owned()
}

async fn audited(world: &World) -> Vec<String> {
    recado_store::read!(world.store.db(), pool => sqlx::query_scalar::<_, String>(
        "SELECT actor || ' | ' || object || ' | ' || outcome FROM audit WHERE action = 'figure.ask' ORDER BY at, id")
        .fetch_all(pool).await)
    .unwrap()
}

#[tokio::test]
async fn a_program_with_a_token_gets_the_report_of_its_shop_and_of_no_other() {
    let world = support::empty(true).await;
    let (_, entries) = take_apart(GOLDEN).unwrap();
    world.store.import_facts(world.merchant, "golden", &entries, |_| {}).await.unwrap();
    let (own, other) = (token(&world, false, true).await, token(&world, true, true).await);

    let answer = ask(&world, Some(&own), REPORT, september()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let report: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(report["schema"], "finance-report/1");
    assert_eq!(report["metrics"]["booked.net_sales"], "663794.12");
    assert_eq!(report["breakdowns"][0]["by"], "product");

    let foreign = ask(&world, Some(&other), REPORT, september()).await;
    let report: Value = serde_json::from_str(&foreign.body).unwrap();
    assert_eq!(
        (report["metrics"]["booked.net_sales"].as_str(), report["metrics"]["orders"].as_str()),
        (Some("0.00"), Some("0"))
    );
    assert!(!foreign.body.contains("Tienda de ejemplo") && !foreign.body.contains("Sérum"));

    let kept = audited(&world).await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(
        kept[0].contains("token:spreadsheet | report 2026-09-01..2026-09-30") && kept[0].ends_with("| done"),
        "{kept:?}"
    );
}

#[tokio::test]
async fn without_a_token_that_is_in_use_there_is_nothing() {
    let world = support::empty(true).await;
    let token = token(&world, false, true).await;
    let changed = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    for wrong in [None, Some(""), Some("rcd_"), Some("x"), Some(changed.as_str()), Some(&token[4..])] {
        let answer = ask(&world, wrong, REPORT, september()).await;
        assert_eq!((answer.status, problem(&answer).as_str()), (StatusCode::UNAUTHORIZED, "/problems/no_token"));
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
    let basic = Request::builder().method("POST").uri(REPORT).header(header::AUTHORIZATION, format!("Basic {token}"));
    let answer = Client::new(&world).send(basic.body(Body::from(september())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    // A signed-in browser is nobody here: what it may do, it does on its pages.
    let mut browser = Client::entered(&world).await;
    let answer = browser.post(REPORT, &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);

    assert_eq!(ask(&world, Some(&token), REPORT, september()).await.status, StatusCode::OK);
    let made = world.store.tokens(world.merchant).await.unwrap().remove(0);
    assert!(world.store.revoke_token(world.other, made.id).await.is_err(), "only its own shop revokes it");
    world.store.revoke_token(world.merchant, made.id).await.unwrap();
    assert_eq!(ask(&world, Some(&token), REPORT, september()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_without_the_right_to_see_money_is_refused_and_that_is_kept() {
    let world = support::empty(true).await;
    let token = token(&world, false, false).await;
    let answer = ask(&world, Some(&token), REPORT, september()).await;
    assert_eq!((answer.status, problem(&answer).as_str()), (StatusCode::FORBIDDEN, "/problems/no_money"));
    assert!(audited(&world).await[0].ends_with("denied: no right to see money"));
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_said_and_nothing_of_it_is_reflected() {
    let world = support::empty(true).await;
    let token = token(&world, false, true).await;
    let days = |from: &str, to: &str| json!({"from": from, "to": to}).to_string();
    for (body, status, word) in [
        ("<script>".to_owned(), 400, "not_a_question"),
        (json!({"from": "2026-09-01"}).to_string(), 400, "not_a_question"),
        (json!({"from": "2026-09-01", "to": "2026-09-02", "merchant": "<script>"}).to_string(), 400, "not_a_question"),
        (json!({"from": "2026-09-01", "to": "2026-09-02", "by": ["<script>"]}).to_string(), 400, "not_a_question"),
        (days("2026-02-30", "2026-03-01"), 400, "not_a_question"),
        (days("2026-09-02", "2026-09-01"), 422, "days"),
        (days("-009999-01-01", "9999-12-31"), 422, "days"),
        (format!("{{\"from\":\"2026-09-01\",\"x\":\"{}\"}}", "y".repeat(20_000)), 413, "too_large"),
    ] {
        let answer = ask(&world, Some(&token), REPORT, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), problem(&answer)),
            (status, format!("/problems/{word}")),
            "{}",
            &body[..body.len().min(80)]
        );
        assert!(!answer.body.contains("script"));
    }
    let answer = ask(&world, Some(&token), "/api/v1/analyses/guess", september()).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (404, "/problems/unknown"));
    let answer = ask(&world, Some(&token), "/api/v1/nothing", september()).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (404, "/problems/unknown"));
    let text = Request::builder().method("POST").uri(REPORT).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = Client::new(&world).send(text.body(Body::from(september())).unwrap()).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (415, "/problems/not_json"));
    let answer = Client::new(&world).get(REPORT).await;
    assert_eq!((answer.status.as_u16(), problem(&answer).as_str()), (405, "/problems/method"));
    assert_eq!(answer.headers[header::ALLOW], "POST");
}

#[tokio::test]
async fn the_description_names_every_route_and_every_kind() {
    let world = support::empty(true).await;
    let answer = Client::new(&world).get("/openapi.json").await;
    assert_eq!(
        (answer.status, &answer.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/json".parse().unwrap())
    );
    let described: Value = serde_json::from_str(&answer.body).unwrap();
    let paths = described["paths"].as_object().unwrap();
    let mut told: Vec<(String, &str)> = paths
        .iter()
        .flat_map(|(path, verbs)| {
            verbs.as_object().unwrap().keys().map(move |verb| (verb.to_uppercase(), path.as_str()))
        })
        .collect();
    told.sort();
    let mut routes: Vec<(String, &str)> =
        API_ROUTES.iter().map(|(method, path)| ((*method).to_owned(), *path)).collect();
    routes.sort();
    assert_eq!(told, routes);
    let kinds = &paths["/api/v1/analyses/{kind}"]["post"]["parameters"][0]["schema"]["enum"];
    assert_eq!(kinds, &json!(KINDS));
    let dimensions = &described["components"]["schemas"]["Question"]["properties"]["by"]["items"]["enum"];
    let all = recado_domain::finance::figures::Dimension::ALL.map(recado_domain::finance::figures::Dimension::code);
    assert_eq!(dimensions, &json!(all));
}

#[tokio::test]
async fn every_advisor_answers_as_the_command_line_does() {
    use recado_domain::Timestamp;
    use recado_domain::finance::advice::pricing::pricing;
    use recado_domain::finance::advice::{advise, cash, collections, growth, health};
    use recado_domain::finance::figures::{Accounts as _, Scenario};

    let world = support::empty(true).await;
    let (_, entries) = take_apart(GOLDEN).unwrap();
    world.store.import_facts(world.merchant, "golden", &entries, |_| {}).await.unwrap();
    let own = token(&world, false, true).await;
    let as_of = Timestamp::parse("2026-11-05T14:00:00Z").unwrap();
    let known = world.store.read_directory().await.unwrap();
    let shop = known.merchants().find(|shop| shop.id == world.merchant).unwrap();
    let ledger = world.store.merchant(world.merchant).ledger(shop, as_of).await.unwrap();
    let expected = [
        ("health", health(ledger.as_ref(), None).unwrap()),
        ("pricing", pricing(ledger.as_ref(), None, None).unwrap()),
        ("growth", growth::growth(ledger.as_ref()).unwrap()),
        ("cash", cash::cash(ledger.as_ref()).unwrap()),
        ("collections", collections::collections(ledger.as_ref()).unwrap()),
        ("advice", advise(ledger.as_ref()).unwrap()),
    ];
    for (kind, analysis) in expected {
        let body = json!({"as_of": as_of}).to_string();
        let answer = ask(&world, Some(&own), &format!("/api/v1/analyses/{kind}"), body).await;
        assert_eq!(answer.status, StatusCode::OK, "{kind}: {}", answer.body);
        let told: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(told, serde_json::to_value(&analysis).unwrap(), "{kind}");
        for required in ["kind", "version", "as_of", "currency", "inputs", "findings", "actions", "confidence"] {
            assert!(told.get(required).is_some(), "{kind} has no {required}: {told}");
        }
    }
    let body = json!({"as_of": as_of, "scenario": "new_sales"}).to_string();
    let answer = ask(&world, Some(&own), "/api/v1/analyses/forecast", body).await;
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    let closing: Vec<String> =
        told["weeks"].as_array().unwrap().iter().map(|week| week["closing"].as_str().unwrap().to_owned()).collect();
    let currency = ledger.facts().shop.currency;
    let weeks = ledger.forecast(Scenario::NewSales).unwrap().closing;
    assert_eq!(closing, weeks.map(|cash| recado_domain::Money::new(cash, currency).to_decimal()));
    assert_eq!(audited(&world).await.len(), 7);
}

#[tokio::test]
async fn an_advisor_takes_only_what_it_reads_and_reflects_no_name() {
    let world = support::empty(true).await;
    let own = token(&world, false, true).await;
    for (kind, body, status) in [
        ("growth", json!({"product": "<script>"}), 400),
        ("health", json!({"scenario": "committed"}), 400),
        ("forecast", json!({"scenario": "<script>"}), 400),
        ("pricing", json!({"margin": "1.5"}), 400),
        ("pricing", json!({"margin": "<script>"}), 400),
        ("pricing", json!({"product": "<script>"}), 422),
        ("forecast", json!({}), 422),
    ] {
        let answer = ask(&world, Some(&own), &format!("/api/v1/analyses/{kind}"), body.to_string()).await;
        assert_eq!(answer.status.as_u16(), status, "{kind} {body}: {}", answer.body);
        problem(&answer);
        assert!(!answer.body.contains("script"), "{}", answer.body);
    }
    let without = token(&world, true, false).await;
    let answer = ask(&world, Some(&without), "/api/v1/analyses/health", "{}").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}
