//! The money page: its figures are the report's, each has its reason or its entries, and only those see it who may.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http::{StatusCode, header};
use recado_admin::{OPEN, ROUTES, Right};
use recado_domain::finance::facts::entry::take_apart;
use recado_domain::finance::figures::{Days, Ledger, Metric};
use recado_domain::merchant::StaffRole;
use recado_domain::{MerchantId, Money};
use recado_store::finance::BooksLimits;
use recado_store::finance::days::Folding;

use crate::client::Client;
use crate::sign_in::{PASSWORD, sign_in, with_user};
use crate::support::{self, World};

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");
const SEPTEMBER: &str = "from=2026-09-01&to=2026-09-30";
const OCTOBER: &str = "from=2026-10-01&to=2026-10-31";
const EMAIL: &str = "laura@lienzo.co";

async fn import(world: &World, merchant: MerchantId, facts: &str) {
    let (_, entries) = take_apart(facts).unwrap();
    world.store.import_facts(merchant, "test", &entries, |_| {}).await.unwrap();
}

/// A world whose first shop has the worked example of the definitions for its books.
async fn golden() -> World {
    let world = support::empty(true).await;
    import(&world, world.merchant, GOLDEN).await;
    world
}

/// The page of the first shop.
fn page_of(world: &World, query: &str) -> String {
    format!("/admin/finance?merchant={}&{query}", world.merchant)
}

async fn ledger(world: &World) -> std::sync::Arc<Ledger> {
    let known = world.store.read_directory().await.unwrap();
    let shop = known.merchants().find(|shop| shop.id == world.merchant).unwrap().clone();
    let store = world.store.merchant(world.merchant);
    let as_of = store.books_stand_at().await.unwrap();
    store.ledger(&shop, as_of).await.unwrap()
}

async fn audited(world: &World) -> Vec<String> {
    recado_store::read!(world.store.db(), pool => sqlx::query_scalar::<_, String>(
        "SELECT actor || ' | ' || object || ' | ' || outcome FROM audit WHERE action = 'figure.ask' ORDER BY at, id")
        .fetch_all(pool).await)
    .unwrap()
}

/// A browser of an account that is limited to the first shop.
async fn limited(world: &World, finance: bool) -> Client {
    with_user(world, EMAIL, StaffRole::Viewer, true).await;
    world.store.grant_money(EMAIL, finance).await.unwrap();
    let mut client = Client::new(world);
    assert_eq!(sign_in(&mut client, EMAIL, PASSWORD).await, StatusCode::SEE_OTHER);
    client
}

fn money_routes() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().filter(|(_, _, right)| *right == Right::Money).map(|(_, path, _)| *path)
}

#[tokio::test]
async fn the_figures_are_those_of_the_report_in_each_language() {
    let world = golden().await;
    let days = Days::new("2026-09-01".parse().unwrap(), "2026-09-30".parse().unwrap());
    let report = ledger(&world).await.report(days, &[]).unwrap();
    let mut client = Client::entered(&world).await;
    for (language, words) in [
        ("es", ["Ventas netas", "¿Por qué cambió?", "Salud del negocio", "Qué falta", "Últimas consultas"]),
        ("pt", ["Vendas líquidas", "Por que mudou?", "Saúde do negócio", "O que falta", "Últimas consultas"]),
        ("en", ["Net sales", "Why did it change?", "Health of the business", "What is missing", "Latest questions"]),
    ] {
        client.act("/admin/language", &[("language", language), ("back", "/admin")]).await;
        for basis in ["booked", "realised"] {
            let page = client.get(&page_of(&world, &format!("{SEPTEMBER}&basis={basis}"))).await;
            assert_eq!(page.status, StatusCode::OK, "{language}");
            assert!(page.body.trim_end().ends_with("</html>") && !page.body.contains("finance."), "{language}");
            for word in words {
                assert!(page.body.contains(word), "{word} in {language}");
            }
            let sales = if basis == "booked" { Metric::BookedNetSales } else { Metric::RealisedNetSales };
            for metric in [sales, Metric::Cm2, Metric::OperatingProfit, Metric::Aov, Metric::Cash] {
                let Some(value) = report.metrics[metric.id()].as_deref() else { continue };
                let shown = Money::parse(value, report.currency).unwrap().shown();
                let figure = format!("<dd class=\"fig num\">{shown}</dd>");
                assert!(page.body.contains(&figure), "{} is {shown} in {language}", metric.id());
            }
        }
    }
    assert_eq!(report.metrics["booked.net_sales"].as_deref(), Some("663794.12"), "the worked example");
}

#[tokio::test]
async fn pictures_are_drawn_in_the_colours_of_the_page_and_have_their_values_beside_them() {
    let world = golden().await;
    let mut client = Client::entered(&world).await;
    let page = client.get(&page_of(&world, SEPTEMBER)).await.body;
    let pictures: Vec<&str> = page.split("<figure class=\"picture\">").skip(1).collect();
    assert!(pictures.len() >= 3, "{} pictures", pictures.len());
    for picture in pictures {
        let svg = picture.split("</svg>").next().unwrap();
        assert!(svg.contains("role=\"img\" aria-label=\"") && svg.contains("class=\"fill-"), "{svg}");
        assert!(!svg.contains("fill=\"#") && !svg.contains("style="), "colours come from the style sheet");
        assert!(picture.split("<details class=\"as-table\">").nth(1).is_some_and(|table| table.contains("<td")));
    }
    assert!(!page.contains("style=\"") && !page.contains("<script>"), "nothing inline");
}

#[tokio::test]
async fn what_is_not_known_is_told_with_its_reason_and_never_as_zero() {
    let world = golden().await;
    let mut client = Client::entered(&world).await;
    let path = format!("/admin/finance?merchant={}", world.other);
    let page = client.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    let cash = page.body.split("<dt>Caja</dt>").nth(1).unwrap().split("</div>").next().unwrap();
    assert!(cash.contains("Sin dato") && cash.contains("Falta el saldo de tus cuentas"), "{cash}");
    assert!(!cash.contains("$0"), "{cash}");
    assert!(page.body.contains("No hubo movimientos"), "and an empty picture says so");
    assert!(!page.body.contains("Sérum") && !page.body.contains("663.794"), "nothing of its neighbour");
}

#[tokio::test]
async fn a_wrong_choice_is_told_and_this_month_is_shown() {
    let world = golden().await;
    let mut client = Client::entered(&world).await;
    for (query, words) in [
        ("period=siempre", "No conozco ese periodo"),
        ("from=ayer&to=hoy", "Faltan las dos fechas"),
        ("from=2026-09-01", "Faltan las dos fechas"),
        ("from=2999-01-01&to=2999-01-02", "no ha empezado"),
        ("from=1000-01-01&to=2026-09-30", "como máximo diez años"),
        ("from=2026-09-01&from=2026-09-02&to=%FF&basis=%00&by=x&of=cash&why=cash", "Faltan las dos fechas"),
        ("period=dates&from=%22%3E%3Cscript%3E&to=x", "Faltan las dos fechas"),
    ] {
        let page = client.get(&page_of(&world, query)).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(page.body.contains(words), "{query} says {words}");
        assert!(page.body.contains("noviembre de 2026") || page.body.contains("nov 2026"), "{query}");
        assert!(!page.body.contains("<script>"), "{query}");
    }
    for path in ["/admin/finance/proof?figure=nothing", "/admin/finance/proof", "/admin/finance?merchant=x"] {
        assert_eq!(client.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_entries_behind_a_figure_are_listed_page_by_page_and_orders_lead_to_theirs() {
    let world = support::empty(true).await;
    import(&world, world.merchant, &many(120)).await;
    let mut client = Client::entered(&world).await;
    let page = client.get(&page_of(&world, OCTOBER)).await.body;
    let link = page.split("href=\"").find(|part| part.contains("figure=orders\"")).unwrap().split('"').next().unwrap();
    let mut next = Some(link.replace("&amp;", "&"));
    let (mut seen, mut pages) = (BTreeSet::new(), 0);
    while let Some(path) = next {
        let page = client.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("120 entradas"));
        let orders = page.body.split("href=\"/admin/orders?q=").skip(1);
        seen.extend(orders.map(|part| part.split('"').next().unwrap().to_owned()));
        pages += 1;
        let mut links = page.body.split("href=\"").filter_map(|part| part.split('"').next());
        next = links.find(|link| link.contains("after=")).map(|link| link.replace("&amp;", "&"));
    }
    assert_eq!((seen.len(), pages), (120, 3));
}

/// The cells of the entries of a page, and what stands below them.
fn entries(page: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let text = |part: &str| {
        let mut shown = String::new();
        for piece in part.split('<').enumerate().map(|(place, piece)| match place {
            0 => piece,
            _ => piece.split_once('>').map_or("", |(_, text)| text),
        }) {
            shown.push_str(piece);
        }
        shown.trim().to_owned()
    };
    let table = page.split("<table").nth(1).expect("a table").split("</table>").next().unwrap();
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<t").skip(1).filter(|cell| cell.starts_with("h ") || cell.starts_with("d "));
        cells.map(|cell| text(&format!("<t{cell}"))).collect()
    };
    let body = table.split("<tbody").nth(1).unwrap().split("</tbody>").next().unwrap();
    let foot = table.split("<tfoot").nth(1).unwrap_or_default();
    (
        body.split("<tr").skip(1).map(cells).collect(),
        foot.split("<tr").skip(1).map(|row| cells(row).join(" ")).collect(),
    )
}

/// Pesos as they are written: `−$1.200`.
fn pesos(text: &str) -> i64 {
    let digits: i64 = text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    if text.starts_with('\u{2212}') { -digits } else { digits }
}

#[tokio::test]
async fn each_entry_has_its_day_its_order_and_its_amount_and_they_add_up_to_the_figure() {
    let world = golden().await;
    let mut client = Client::entered(&world).await;
    let proof = async |client: &mut Client, figure: &str| {
        let path = page_of(&world, SEPTEMBER).replace("?", &format!("/proof?figure={figure}&"));
        let page = client.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{figure}");
        page.body
    };
    let page = proof(&mut client, "payment_fees").await;
    assert!(page.contains("Comisiones (COP)"), "what it is an amount of, and in which currency");
    let (rows, foot) = entries(&page);
    assert!(rows.len() > 3);
    for row in &rows {
        assert!(row[0].starts_with("Pago ") && row[1].starts_with('#') && row[2].contains(" sep "), "{row:?}");
    }
    let sum: i64 = rows.iter().map(|row| pesos(&row[3])).sum();
    assert!((sum - 15_807).abs() <= 5, "rounded to pesos one by one: {sum}");
    assert_eq!(foot, ["Total $15.807"]);
    // What lowers a figure is below zero, and what belongs to no order has none.
    let (rows, foot) = entries(&proof(&mut client, "operating_profit").await);
    assert!(
        rows.iter().any(|row| row[3].starts_with('\u{2212}')) && rows.iter().any(|row| row[1].is_empty()),
        "{rows:?}"
    );
    assert_eq!(foot, ["Total $24.600"]);
    // A count is shown by its money, a rate of parcels by none.
    let page = proof(&mut client, "orders").await;
    assert!(page.contains("Ventas brutas (COP)") && page.contains("$755.294"), "{page}");
    // Its parcels have no day of their own, so there is no column for it.
    let page = proof(&mut client, "cod.delivery_rate").await;
    let (rows, foot) = entries(&page);
    assert!(!rows.is_empty() && rows.iter().all(|row| row.len() == 1) && foot.is_empty(), "{rows:?}");
    assert!(!page.contains(">Fecha</th>"), "{page}");
    for (language, words) in [("pt", ["Pedido", "Data", "Total"]), ("en", ["Order", "Date", "Total"])] {
        client.act("/admin/language", &[("language", language), ("back", "/admin")]).await;
        let page = proof(&mut client, "payment_fees").await;
        assert!(words.iter().all(|word| page.contains(word)), "{language}");
    }
}

/// So many orders of October, each in a city of its own.
fn many(count: usize) -> String {
    let mut orders = String::new();
    for place in 0..count {
        let comma = if place == 0 { "" } else { "," };
        let day = place % 30 + 1;
        let _ = write!(
            orders,
            r##"{comma}{{"id":"#{place}","processed_at":"2026-10-{day:02}T15:00:00Z","payment":"prepaid",
            "paid_at":"2026-10-{day:02}T15:00:00Z","city":"Ciudad {place:03}","channel":"web",
            "lines":[{{"id":"l{place}","variant_id":"V1","qty":1,"unit_price":"{}","tax":"0","tax_rate":"0"}}]}}"##,
            1_000 + place
        );
    }
    format!(
        r#"{{"merchant":{{"name":"Casa Lienzo","timezone":"America/Bogota","currency":"COP","vat_registered":false}},
        "as_of":"2026-11-05T12:00:00Z","synced_at":"2026-11-05T12:00:00Z","orders":[{orders}],
        "products":[{{"variant_id":"V1","title":"Camiseta <b>","costs":[{{"from":"2026-01-01T00:00:00Z","unit_cost":"400"}}]}}]}}"#
    )
}

#[tokio::test]
async fn more_than_fifty_parts_are_told_as_others_and_add_up() {
    let world = support::empty(true).await;
    import(&world, world.merchant, &many(60)).await;
    let mut client = Client::entered(&world).await;
    let page = client.get(&page_of(&world, &format!("{OCTOBER}&by=city"))).await.body;
    let table = page.split("class=\"table cards parts\"").nth(1).unwrap().split("</table>").next().unwrap();
    let rows = table.matches("<th role=\"rowheader\"").count();
    assert_eq!(rows, 52, "fifty, the others, and the total");
    // The cities are worth 1 000 to 1 059 pesos; the ten smallest are together 10 045, all of them 61 770.
    for words in ["Ciudad 059", "Otros 10", "$10.045", "$61.770"] {
        assert!(table.contains(words), "{words}");
    }
    assert!(!table.contains("Ciudad 009<"), "it is one of the others");
    let products = client.get(&page_of(&world, &format!("{OCTOBER}&by=product"))).await.body;
    assert!(products.contains("Camiseta &lt;b&gt;") && !products.contains("Camiseta <b>"), "names are only words");
}

#[tokio::test]
async fn only_accounts_that_may_see_money_get_any_of_it() {
    let world = golden().await;
    assert_eq!(money_routes().count(), 4);
    for (_, path, right) in ROUTES {
        let open =
            OPEN.iter().any(|open| path == open || (open.len() > 1 && open.ends_with('/') && path.starts_with(open)));
        assert_eq!(*right == Right::Open, open, "{path}");
        assert_eq!(*right == Right::Money, path.starts_with("/admin/finance"), "{path}");
    }
    let mut client = limited(&world, false).await;
    for path in money_routes() {
        let answer = client.get(&format!("{path}?figure=orders&from=2026-09-01&to=2026-09-30")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.body.contains("No puedes ver el dinero de la tienda"), "{path} says it in its own words");
        assert!(!answer.body.contains("663.794") && !answer.body.starts_with("%PDF"), "{path}");
    }
    assert!(!client.get("/admin").await.body.contains("href=\"/admin/finance\""), "and no link leads there");
    let kept = audited(&world).await;
    assert_eq!(kept.len(), 4, "{kept:?}");
    assert!(kept.iter().all(|entry| entry.ends_with("| denied: no right to see money")), "{kept:?}");

    // The right counts from the next request on, and ends with it.
    world.store.grant_money(EMAIL, true).await.unwrap();
    let page = client.get(&page_of(&world, SEPTEMBER)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("$663.794") && page.body.contains("href=\"/admin/finance\""));
    world.store.grant_money(EMAIL, false).await.unwrap();
    assert_eq!(client.get(&page_of(&world, SEPTEMBER)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_account_of_a_shop_never_sees_the_money_of_another() {
    let world = support::empty(true).await;
    import(&world, world.other, GOLDEN).await;
    let mut client = limited(&world, true).await;
    for path in money_routes() {
        let asked = format!("{path}?merchant={}&figure=orders&from=2026-09-01&to=2026-09-30", world.other);
        let answer = client.get(&asked).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.body.contains("Tienda Ajena") && !answer.body.contains("663.794"), "{path}");
    }
    assert!(audited(&world).await.is_empty(), "nothing was told, and nothing stands in the other shop's record");
    let own = client.get(&page_of(&world, SEPTEMBER)).await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(!own.body.contains("Tienda Ajena") && !own.body.contains("663.794") && !own.body.contains("Sérum"));
    let operator =
        Client::entered(&world).await.get(&format!("/admin/finance?{SEPTEMBER}&merchant={}", world.other)).await;
    assert!(operator.body.contains("$663.794") && operator.body.contains("Tienda Ajena"), "the control");
}

#[tokio::test]
async fn documents_are_handed_over_and_every_look_is_kept() {
    let world = golden().await;
    let mut client = Client::entered(&world).await;
    client.get(&page_of(&world, &format!("{SEPTEMBER}&by=city&why=operating_profit"))).await;
    world.clock.advance(std::time::Duration::from_secs(1));
    for (path, mime_type, name) in [
        ("/admin/finance/report.pdf", "application/pdf", "recado-2026-09-01-2026-09-30.pdf"),
        (
            "/admin/finance/workbook.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "recado-2026-09-01-2026-09-30.xlsx",
        ),
    ] {
        let answer = client.get(&format!("{path}?merchant={}&{SEPTEMBER}", world.merchant)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], mime_type);
        assert_eq!(answer.headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{name}\""));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "figures are not kept by browsers");
        assert!(answer.body.starts_with(if path.ends_with("pdf") { "%PDF" } else { "PK" }), "{path}");
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    client.get(&page_of(&world, SEPTEMBER).replace("?", "/proof?figure=cm2&")).await;
    assert_eq!(
        audited(&world).await,
        [
            "Demo | page 2026-09-01..2026-09-30 booked.net_sales city operating_profit | done",
            "Demo | pdf 2026-09-01..2026-09-30 | done",
            "Demo | xlsx 2026-09-01..2026-09-30 | done",
            "Demo | proof 2026-09-01..2026-09-30 cm2 | done",
        ]
    );
    let page = client.get(&page_of(&world, SEPTEMBER)).await.body;
    let latest = page.split("id=\"h-latest\"").nth(1).unwrap();
    for words in
        ["Descargó el PDF", "Descargó el Excel", "Vio de dónde sale", "Margen de contribución", "septiembre de 2026"]
    {
        assert!(latest.contains(words), "{words}");
    }
}

#[tokio::test]
async fn the_change_is_told_in_parts() {
    let world = golden().await;
    let mut client = Client::entered(&world).await;
    for metric in ["booked.net_sales", "operating_profit", "cm2", "aov", "orders", "return_rate", "cod.delivery_rate"] {
        let page = client.get(&page_of(&world, &format!("{OCTOBER}&why={metric}"))).await;
        assert_eq!(page.status, StatusCode::OK, "{metric}");
        let why = page.body.split("id=\"h-why\"").nth(1).unwrap().split("</section>").next().unwrap();
        let name = Metric::of_id(metric).unwrap().name(recado_domain::Language::Es);
        assert!(why.to_lowercase().contains(name), "{metric}: {why}");
    }
}

#[tokio::test]
async fn a_large_shop_is_told_the_same_from_its_day_book() {
    let mut world = support::empty(true).await;
    import(&world, world.merchant, &many(120)).await;
    // Everything but who looked.
    let told = |body: String| body.split("aria-labelledby=\"h-latest\"").next().unwrap().to_owned();
    let path = page_of(&world, &format!("{OCTOBER}&by=city&why=cm2"));
    let small = told(Client::entered(&world).await.get(&path).await.body);

    let store = world.store.clone().keeping_books(BooksLimits { large: 1, most: 1, ..BooksLimits::default() });
    world.state.store = store.clone();
    let mut client = Client::entered(&world).await;
    let early = client.get(&path).await;
    assert_eq!(early.status, StatusCode::OK);
    assert!(early.body.contains("Todavía no hay cuentas por día"), "nothing is guessed before its books are there");
    while store.fold_days(world.merchant, store.merchant(world.merchant).books_stand_at().await.unwrap()).await.unwrap()
        != Folding::Complete(0)
    {}
    let large = told(client.get(&path).await.body);
    let without_token = |page: &str| page.split("<h1>").nth(1).unwrap().to_owned();
    assert_eq!(without_token(&large), without_token(&small));
    let workbook = client.get(&page_of(&world, OCTOBER).replace("?", "/workbook.xlsx?")).await;
    assert!(workbook.location().ends_with("told=large_workbook"), "{}", workbook.location());
    assert!(client.get(workbook.location()).await.body.contains("El Excel lista cada pedido"));
    let proof = client.get(&page_of(&world, OCTOBER).replace("?", "/proof?figure=orders&")).await;
    assert_eq!(proof.body.matches("href=\"/admin/orders?q=").count(), 50, "{}", proof.status);
    assert!(proof.body.contains("after="), "and from where on the next ones are");

    // Page by page the amounts of a large shop are the figure, too.
    let mut next = Some(page_of(&world, OCTOBER).replace("?", "/proof?figure=booked.net_sales&"));
    let (mut sum, mut pages) = (0, 0);
    while let Some(path) = next {
        let page = client.get(&path).await.body;
        let (rows, foot) = entries(&page);
        let of_page: i64 = rows.iter().map(|row| pesos(&row[3])).sum();
        assert_eq!(pesos(foot[0].rsplit(' ').next().unwrap()), of_page, "{foot:?}");
        assert_eq!(foot[1], "Total $127.140");
        (sum, pages) = (sum + of_page, pages + 1);
        let mut links = page.split("href=\"").filter_map(|part| part.split('"').next());
        next = links.find(|link| link.contains("after=")).map(|link| link.replace("&amp;", "&"));
    }
    assert_eq!((sum, pages), (127_140, 3));
}
