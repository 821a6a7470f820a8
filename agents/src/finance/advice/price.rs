//! At what price, how much discount, which bundle, what a change asks for.

use recado_domain::finance::advice::pricing::{Named, Offer, Refusal, combo, offers, price, price_change, shop_terms};
use recado_domain::finance::figures::{Accounts, Undefined};
use recado_domain::finance::ratio::Ratio;
use serde_json::json;

use super::say::Say;
use super::{Answer, Title};

/// Products that are offered when none was named.
const OFFERED: usize = 3;
/// What stands between a product and its variant in a title.
const VARIANT: &str = " · ";
/// Resolved parcels below which the sample is small (FINANCE §2.4).
const SMALL_SAMPLE: i64 = 20;

/// Why no price is told; `ask` is what is asked again of a product that is chosen.
fn refused(refusal: Refusal, ask: Option<&str>) -> Result<Answer, Undefined> {
    Ok(match refusal {
        Refusal::UnknownProduct(name) => Answer::missing("unknown_product", Some(&name)),
        Refusal::Several(products) => several(&products, ask),
        Refusal::CostUnknown(name) => Answer::missing("cost_unknown", Some(&name)),
        Refusal::Impossible => Answer::missing("no_price", None),
        Refusal::Undefined(why) => return Err(why),
    })
}

/// Several were meant by one name: which of them?
fn several(products: &[Named], ask: Option<&str>) -> Answer {
    let titles: Vec<&str> = products.iter().map(|one| one.title.as_str()).collect();
    let (shared, labels) = told_apart(&titles);
    let mut answer = Answer::missing("several_products", Some(&shared));
    match ask {
        Some(ask) => {
            for (one, label) in products.iter().zip(labels) {
                answer.buttons.push((format!("adv:{ask}:{}", one.id), Title::Name(label)));
            }
        }
        None => answer.context["advice"]["names"] = json!(titles.join(", ")),
    }
    answer
}

/// What some titles begin with alike, and what is left of each: of «Toalla · Blanca» and «Toalla · Azul», «Toalla», and
/// «Blanca», «Azul».
fn told_apart(titles: &[&str]) -> (String, Vec<String>) {
    let words: Vec<Vec<&str>> = titles.iter().map(|title| title.split(' ').collect()).collect();
    let Some(first) = words.first() else { return (String::new(), Vec::new()) };
    let alike = (0..first.len()).take_while(|at| words.iter().all(|other| other.get(*at) == Some(&first[*at]))).count();
    let plain = |words: &[&str]| words.join(" ").trim_matches(['·', '-', '/', ',', '(', ' ']).to_owned();
    let rest: Vec<String> = words.iter().map(|words| plain(&words[alike..])).collect();
    if rest.iter().any(String::is_empty) {
        return (String::new(), titles.iter().map(|title| (*title).to_owned()).collect());
    }
    (plain(&first[..alike]), rest)
}

/// Which product? Some whose cost is known are offered, each once whatever its variants.
fn which(accounts: &dyn Accounts, ask: &str) -> Result<Answer, Undefined> {
    let mut known = offers(accounts)?;
    known.retain(|offer: &Offer| offer.cost.is_some());
    if known.is_empty() {
        return Ok(Answer::missing("no_costs", None));
    }
    let mut families: Vec<&str> = Vec::new();
    for offer in &known {
        let family = offer.title.split(VARIANT).next().unwrap_or(&offer.title);
        if !families.contains(&family) {
            families.push(family);
        }
    }
    let mut answer = Answer::new("advice_product", json!({"more": families.len() > OFFERED}));
    for family in families.into_iter().take(OFFERED) {
        answer.buttons.push((format!("adv:{ask}:{family}"), Title::Name(family.to_owned())));
    }
    Ok(answer)
}

/// At what price do I reach a margin?
pub(super) fn target(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    product: Option<&str>,
    margin: Option<u16>,
) -> Result<Answer, Undefined> {
    let Some(product) = product else { return which(accounts, "price") };
    let margin = margin.and_then(|percent| Ratio::new(percent.into(), 100));
    let terms = shop_terms(accounts)?;
    let advice = match price(accounts, &terms, product, margin) {
        Err(refusal) => return refused(refusal, Some("price")),
        Ok(advice) => advice,
    };
    let resolved = terms.door.map_or(0, |door| door.resolved);
    let context = json!({
        "product": advice.offer.title,
        "margin": say.percent(advice.margin),
        "suggested": say.money(advice.prepaid.suggested),
        "target": say.money(advice.prepaid.target),
        "price": say.money(advice.offer.price),
        "margin_now": say.percent(advice.margin_now),
        "unit": say.money(advice.unit),
        "loses": advice.unit < 0,
        "enough": advice.offer.price >= advice.prepaid.target,
        "cost": say.money(advice.prepaid.costs.product),
        "order": say.money(advice.prepaid.costs.order),
        "freight_known": advice.freight_known,
        "fee": say.percent(advice.prepaid.costs.fee),
        "tax": say.percent(advice.prepaid.costs.tax),
        "door": advice.door.map(|door| say.money(door.suggested)),
        "rate": terms.door.map(|door| say.percent(door.rate)),
        "resolved": resolved,
        "small": resolved < SMALL_SAMPLE,
        "elasticity": advice.regimes.ok().map(|seen| say.decimal(seen.elasticity, 1)),
    });
    let id = format!("adv:discount:{}", advice.offer.id);
    Ok(Answer::new("advice_price", context).button(id, "button.advice_discount"))
}

/// How much discount can I afford?
pub(super) fn discount(accounts: &dyn Accounts, say: &Say<'_>, product: Option<&str>) -> Result<Answer, Undefined> {
    let Some(product) = product else { return which(accounts, "discount") };
    let advice = match price(accounts, &shop_terms(accounts)?, product, None) {
        Err(refusal) => return refused(refusal, Some("discount")),
        Ok(advice) => advice,
    };
    let context = json!({
        "product": advice.offer.title,
        "most": say.percent(advice.max_discount),
        "possible": advice.max_discount.is_positive(),
        "floor": say.money(advice.prepaid.floor),
        "price": say.money(advice.offer.price),
        "unit": say.money(advice.unit),
        "suggested": say.money(advice.prepaid.suggested),
        "margin": say.percent(advice.margin),
        "door_floor": advice.door.map(|door| say.money(door.floor)),
    });
    let id = format!("adv:price:{}", advice.offer.id);
    Ok(Answer::new("advice_discount", context).button(id, "button.advice_price"))
}

/// At what price do I sell these together?
pub(super) fn bundle(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    products: &[String],
    asked: Option<i64>,
) -> Result<Answer, Undefined> {
    if products.len() < 2 {
        return Ok(Answer::missing("bundle_of_two", None));
    }
    let advice = match combo(accounts, &shop_terms(accounts)?, products, asked) {
        Err(refusal) => return refused(refusal, None),
        Ok(advice) => advice,
    };
    let names: Vec<&str> = advice.offers.iter().map(|offer| offer.title.as_str()).collect();
    let context = json!({
        "names": names.join(" + "),
        "price": say.money(advice.price),
        "asked": advice.asked,
        "contribution": say.money(advice.bundle.contribution),
        "share": say.percent(advice.bundle.share),
        "loses": advice.bundle.contribution < 0,
        "list": say.money(advice.list),
        "discount": say.percent(advice.bundle.discount),
        "given": say.money(advice.given),
        "saved": say.money(advice.saved),
        "sensible": advice.is_sensible(),
        "floor": say.money(advice.floor),
    });
    Ok(Answer::new("advice_bundle", context))
}

/// What if I raise or lower a price?
pub(super) fn change(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    product: Option<&str>,
    by: i64,
) -> Result<Answer, Undefined> {
    let Some(product) = product else { return which(accounts, "price") };
    let advice = match price_change(accounts, &shop_terms(accounts)?, product, by) {
        Err(refusal) => return refused(refusal, None),
        Ok(advice) => advice,
    };
    let size = |ratio: Ratio| if ratio.numerator() < 0 { Ratio::ZERO.minus(ratio).unwrap_or(ratio) } else { ratio };
    let context = json!({
        "product": advice.offer.title,
        "raise": by >= 0,
        "by": say.money(by.checked_abs().ok_or(Undefined::TooLarge)?),
        "price": say.money(advice.price),
        "volume": advice.volume_change.map(|change| say.percent(size(change))),
        "unit": say.money(advice.unit),
        "unit_after": say.money(advice.unit_after),
        "units": say.decimal(advice.units, 0),
        "needed": advice.units_needed,
    });
    let id = format!("adv:price:{}", advice.offer.id);
    Ok(Answer::new("advice_change", context).button(id, "button.advice_price"))
}
