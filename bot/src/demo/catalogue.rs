//! What the sample shop sells: products, variants, prices with VAT, and what they cost.

use recado_domain::Timestamp;
use serde_json::{Value, json};

use super::bodies::{gid, iso};

/// Whole pesos; the shop's prices have no cents.
pub(super) type Pesos = i64;

/// A product with its variants.
pub(super) struct Product {
    pub title: &'static str,
    pub kind: &'static str,
    pub gift_card: bool,
    /// Title, stock keeping unit, price with VAT, cost without, stock.
    pub variants: &'static [(&'static str, &'static str, Pesos, Pesos, i64)],
}

const fn product(
    title: &'static str,
    kind: &'static str,
    variants: &'static [(&'static str, &'static str, Pesos, Pesos, i64)],
) -> Product {
    Product { title, kind, gift_card: false, variants }
}

/// The whole range.
pub(super) const PRODUCTS: &[Product] = &[
    product(
        "Juego de sábanas de algodón",
        "Alcoba",
        &[
            ("Sencilla / Blanco", "SAB-SEN-BLA", 129_900, 58_400, 42),
            ("Doble / Blanco", "SAB-DOB-BLA", 169_900, 77_900, 35),
            ("Queen / Arena", "SAB-QUE-ARE", 199_900, 91_500, 18),
        ],
    ),
    product(
        "Cobija térmica ovejera",
        "Alcoba",
        &[("Gris", "COB-TER-GRI", 119_900, 52_300, 27), ("Terracota", "COB-TER-TER", 119_900, 52_300, 9)],
    ),
    product(
        "Toalla de baño",
        "Baño",
        &[
            ("Blanca", "TOA-BAN-BLA", 45_900, 17_800, 120),
            ("Azul petróleo", "TOA-BAN-AZU", 45_900, 17_800, 64),
            ("Ocre", "TOA-BAN-OCR", 45_900, 17_800, 0),
        ],
    ),
    product(
        "Sartén antiadherente",
        "Cocina",
        &[("24 cm", "SAR-ANT-24", 84_900, 36_200, 31), ("28 cm", "SAR-ANT-28", 104_900, 45_100, 22)],
    ),
    product("Olla de hierro esmaltado", "Cocina", &[("24 cm / Rojo", "OLL-HIE-24R", 289_900, 148_000, 7)]),
    product("Prensa francesa", "Cocina", &[("600 ml", "PRE-FRA-600", 74_900, 30_900, 40)]),
    product("Vajilla de barro, 16 piezas", "Mesa", &[("Natural", "VAJ-BAR-16", 219_900, 112_000, 11)]),
    product(
        "Cojín bordado a mano",
        "Sala",
        &[("Mostaza", "COJ-BOR-MOS", 62_900, 24_500, 33), ("Verde selva", "COJ-BOR-VER", 62_900, 24_500, 29)],
    ),
    product("Cortina que no deja pasar la luz", "Alcoba", &[("140 × 220 cm", "COR-LUZ-140", 154_900, 71_300, 16)]),
    product("Mantel de lino", "Mesa", &[("6 puestos", "MAN-LIN-6P", 94_900, 41_200, 24)]),
    Product {
        title: "Tarjeta de regalo",
        kind: "Tarjetas",
        gift_card: true,
        variants: &[("$100.000", "REGALO-100", 100_000, 0, 999)],
    },
];

/// A variant with everything that a line of an order needs.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub product_id: i64,
    pub variant_id: i64,
    pub title: &'static str,
    pub variant: &'static str,
    pub sku: &'static str,
    pub price: Pesos,
    pub cost: Pesos,
    pub gift_card: bool,
}

/// Every variant, in order.
pub(super) fn items() -> Vec<Item> {
    let mut items = Vec::new();
    for (index, product) in (0_i64..).zip(PRODUCTS) {
        for (place, &(variant, sku, price, cost, _)) in (0_i64..).zip(product.variants) {
            items.push(Item {
                product_id: product_id(index),
                variant_id: variant_id(index, place),
                title: product.title,
                variant,
                sku,
                price,
                cost,
                gift_card: product.gift_card,
            });
        }
    }
    items
}

fn product_id(index: i64) -> i64 {
    8_100_000_000_001 + index * 16
}

fn variant_id(index: i64, place: i64) -> i64 {
    44_200_000_000_001 + index * 16 + place
}

/// The body of `products/create`.
pub(super) fn product_body(index: i64, product: &Product, at: Timestamp) -> Value {
    let id = product_id(index);
    let variants: Vec<Value> = (0_i64..)
        .zip(product.variants)
        .map(|(place, (title, sku, price, _, stock))| {
            json!({
                "id": variant_id(index, place), "admin_graphql_api_id": gid("ProductVariant", variant_id(index, place)),
                "product_id": id, "title": title, "sku": sku, "price": format!("{price}.00"),
                "compare_at_price": null, "position": place + 1, "option1": title, "option2": null, "option3": null,
                "inventory_quantity": stock, "old_inventory_quantity": stock, "inventory_policy": "deny",
                "inventory_item_id": variant_id(index, place) + 1_000_000_000, "taxable": !product.gift_card,
                "created_at": iso(at), "updated_at": iso(at),
            })
        })
        .collect();
    json!({
        "id": id, "admin_graphql_api_id": gid("Product", id), "title": product.title,
        "handle": handle(product.title), "status": "active", "vendor": super::SHOP_NAME, "product_type": product.kind,
        "tags": product.kind.to_lowercase(), "published_at": iso(at), "created_at": iso(at), "updated_at": iso(at),
        "variants": variants, "options": [], "images": [], "image": null,
    })
}

fn handle(title: &str) -> String {
    let plain = super::people::ascii(title);
    let words = plain.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
