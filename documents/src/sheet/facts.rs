//! From rows to facts of `finance-facts/1`.

use jiff::civil::Date;
use recado_domain::finance::facts::{FactSet, gateway_key};
use recado_domain::{Currency, Money, Timestamp};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::kind::{SheetKind, plain};
use super::problem::Trouble;
use super::rows::{Read, Values};

/// Kinds of expenses by what people call them, without accents.
const EXPENSE_KINDS: [(&str, &[&str]); 7] = [
    ("fixed", &["fijo", "fija", "gasto fijo", "fixo", "despesa fixa", "fixed", "fijos", "fixas"]),
    ("variable", &["variable", "gasto variable", "variavel", "despesa variavel", "variables", "variaveis"]),
    ("marketing", &["marketing", "mercadeo", "publicidad", "publicidade", "pauta", "midia", "advertising"]),
    ("capex", &["capex", "equipo", "equipos", "activo", "activos", "inversion", "equipamento", "ativo", "equipment"]),
    ("financing", &["financing", "prestamo", "credito", "financiacion", "emprestimo", "financiamento", "loan"]),
    ("owner", &["owner", "dueno", "retiro", "socio", "pro labore", "retirada", "owner draw"]),
    ("tax", &["tax", "impuesto", "impuestos", "imposto", "impostos", "taxes"]),
];

/// A fact from a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The row's number.
    pub row: u32,
    /// Its id within the list.
    pub id: String,
    /// The day to which it belongs, when it has one.
    pub day: Option<Date>,
    /// What it adds to the total of the preview.
    pub amount: Option<Money>,
    /// Its JSON, as the fact set writes it.
    pub body: Value,
}

/// A fact, and what is worth a look in it.
pub(super) type Made = (Fact, Option<Trouble>);

/// What facts are made against.
pub(super) struct Maker<'a> {
    pub known: &'a FactSet,
    pub now: Timestamp,
}

fn put(body: &mut Map<String, Value>, key: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        body.insert(key.to_owned(), Value::String(value.to_string()));
    }
}

/// An id that is the same whenever the same row is told again.
pub(super) fn row_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    format!("row-{}", &hex::encode(hash.finalize())[..20])
}

impl Maker<'_> {
    pub(super) fn fact(&self, kind: SheetKind, values: &Values<'_>) -> Read<Made> {
        match kind {
            SheetKind::Expenses => self.expense(values),
            SheetKind::AdSpend => self.ad_spend(values),
            SheetKind::Costs => self.cost(values),
            SheetKind::Purchases => self.purchase(values),
            SheetKind::Remittances => self.remittance_line(values),
            SheetKind::Invoices => self.invoice(values),
            SheetKind::Cash => self.cash(values),
            SheetKind::Fx => self.rate(values),
            SheetKind::GatewayFees => self.gateway_fee(values),
        }
    }

    fn shop(&self) -> Currency {
        self.known.shop.currency
    }
    /// An instant of a day on the shop's clock, never later than now.
    fn instant(&self, day: Date, hour: i8, minute: i8) -> Timestamp {
        let at = day.at(hour, minute, 0, 0).to_zoned(self.known.shop.zone.clone());
        let micros = at.map_or(self.now.as_micros(), |at| at.timestamp().as_microsecond());
        Timestamp::from_micros(micros).min(self.now)
    }
    /// A credit, or an amount that has no rate.
    fn look(&self, money: Money, day: Date) -> Option<Trouble> {
        let foreign = money.currency != self.shop();
        let rated = self.known.rates.iter().any(|rate| rate.currency == money.currency && rate.date <= day);
        match (foreign && !rated, money.minor < 0) {
            (true, _) => Some(Trouble::NoRate),
            (false, true) => Some(Trouble::Credit),
            (false, false) => None,
        }
    }

    /// The members that spending of any kind has.
    fn spending(&self, values: &Values<'_>, body: &mut Map<String, Value>) -> Read<Money> {
        let currency = values.currency("amount")?;
        let amount = values.needed_money("amount", currency)?;
        put(body, "amount", Some(amount.to_decimal()));
        put(body, "vat", values.money("vat", currency)?.map(Money::to_decimal));
        put(body, "currency", Some(currency).filter(|currency| *currency != self.shop()));
        put(body, "paid_on", values.day("paid")?);
        Ok(amount)
    }

    fn expense(&self, values: &Values<'_>) -> Read<Made> {
        let day = values.needed_day("day")?;
        let mut body = Map::new();
        let amount = self.spending(values, &mut body)?;
        let category = values.text("category")?;
        let kind = self.expense_kind(values, category.as_deref())?;
        let (from, to) = (values.day("from")?, values.day("to")?);
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            return Err(values.wrong("to", Trouble::Range));
        }
        put(&mut body, "kind", Some(kind));
        put(&mut body, "category", category.clone());
        put(&mut body, "invoiced_on", Some(day));
        put(&mut body, "from", from);
        put(&mut body, "to", to);
        put(&mut body, "due_on", values.day("due")?);
        let id = match values.text("id")? {
            Some(id) => id,
            None => self.id_of(SheetKind::Expenses, &body),
        };
        put(&mut body, "id", Some(&id));
        let look = self.look(amount, day);
        Ok((Fact { row: values.row.number, id, day: Some(day), amount: Some(amount), body: body.into() }, look))
    }

    /// The kind that a row says, else the one that its category is, else fixed.
    fn expense_kind(&self, values: &Values<'_>, category: Option<&str>) -> Read<&'static str> {
        let known = |text: &str| {
            let text = plain(text);
            EXPENSE_KINDS.iter().find(|(_, names)| names.contains(&text.as_str())).map(|(kind, _)| *kind)
        };
        match values.text("kind")? {
            Some(said) => known(&said).ok_or_else(|| values.wrong("kind", Trouble::Kind)),
            None => Ok(category.and_then(known).unwrap_or("fixed")),
        }
    }

    fn ad_spend(&self, values: &Values<'_>) -> Read<Made> {
        let day = values.needed_day("day")?;
        let mut body = Map::new();
        let amount = self.spending(values, &mut body)?;
        let campaign = values.text("campaign")?.unwrap_or_default();
        put(&mut body, "date", Some(day));
        put(&mut body, "platform", values.text("platform")?);
        let id = match values.text("id")? {
            Some(id) => format!("{id} {day}"),
            None => row_id(&[SheetKind::AdSpend.code(), &Value::from(body.clone()).to_string(), &campaign]),
        };
        put(&mut body, "id", Some(&id));
        let look = self.look(amount, day);
        Ok((Fact { row: values.row.number, id, day: Some(day), amount: Some(amount), body: body.into() }, look))
    }

    fn purchase(&self, values: &Values<'_>) -> Read<Made> {
        let day = values.needed_day("day")?;
        let mut body = Map::new();
        let amount = self.spending(values, &mut body)?;
        put(&mut body, "supplier", Some(values.needed_text("supplier")?));
        put(&mut body, "received_on", Some(day));
        put(&mut body, "due_on", values.day("due")?);
        let id = match values.text("id")? {
            Some(id) => id,
            None => self.id_of(SheetKind::Purchases, &body),
        };
        put(&mut body, "id", Some(&id));
        let look = self.look(amount, day);
        Ok((Fact { row: values.row.number, id, day: Some(day), amount: Some(amount), body: body.into() }, look))
    }

    fn id_of(&self, kind: SheetKind, body: &Map<String, Value>) -> String {
        row_id(&[kind.code(), &Value::from(body.clone()).to_string()])
    }

    /// A unit cost, added to the costs that are known. Without a day it holds from always for a product without a cost,
    /// and from today for one that has one: what was sold before keeps its cost.
    fn cost(&self, values: &Values<'_>) -> Read<Made> {
        let variant = values.needed_text("variant")?;
        if values.currency("cost")? != self.shop() {
            return Err(values.wrong("cost", Trouble::ForeignCurrency));
        }
        let cost = values.positive("cost", self.shop())?;
        let known = self.known.products.get(&variant);
        let from = match values.day("from")? {
            Some(day) => self.instant(day, 0, 0),
            None if known.is_some_and(|product| !product.costs.is_empty()) => {
                self.instant(self.now.in_zone(&self.known.shop.zone).date(), 0, 0)
            }
            None => Timestamp::from_micros(0),
        };
        let title = values.text("title")?.or_else(|| known.map(|product| product.title.clone())).unwrap_or_default();
        let decimal = |minor: i64| Money::new(minor, self.shop()).to_decimal();
        let earlier = known.into_iter().flat_map(|product| &product.costs).filter(|cost| cost.from != from);
        let mut costs: Vec<(Timestamp, String)> = earlier.map(|cost| (cost.from, decimal(cost.unit_cost))).collect();
        costs.push((from, cost.to_decimal()));
        costs.sort();
        let costs: Vec<Value> =
            costs.into_iter().map(|(from, cost)| json!({"from": from.to_string(), "unit_cost": cost})).collect();
        let body = json!({"variant_id": variant, "title": title, "costs": costs});
        Ok((Fact { row: values.row.number, id: variant, day: None, amount: Some(cost), body }, None))
    }

    /// A line of a remittance; lines are put together afterwards.
    fn remittance_line(&self, values: &Values<'_>) -> Read<Made> {
        let guide = values.needed_text("guide")?;
        let day = values.needed_day("day")?;
        let collected = values.positive("collected", self.shop())?;
        let (freight, fee) = (values.positive_or_zero("freight")?, values.positive_or_zero("fee")?);
        let other = values.positive_or_zero("other")?;
        let less =
            |money: Money, other: Money| money.minus(other).map_err(|_| values.wrong("collected", Trouble::TooLarge));
        let own = less(less(less(collected, freight)?, fee)?, other)?;
        let net = values.money("net", self.shop())?.unwrap_or(own);
        let carrier = values.text("carrier")?.unwrap_or_default();
        let id = match values.text("id")? {
            Some(id) => id,
            None => format!("{carrier} {day}").trim().to_owned(),
        };
        let body = json!({
            "carrier": carrier,
            "remitted_at": self.instant(day, 12, 0).to_string(),
            "net": net.to_decimal(),
            "line": {
                "shipment_id": guide,
                "collected": collected.to_decimal(),
                "freight": freight.to_decimal(),
                "fee": fee.to_decimal(),
                "other": other.to_decimal(),
            },
        });
        let parcel = self.known.shipments.iter().any(|parcel| parcel.id == guide);
        let look = (!parcel && !self.known.shipments.is_empty()).then_some(Trouble::UnknownGuide);
        Ok((Fact { row: values.row.number, id, day: Some(day), amount: Some(net), body }, look))
    }

    fn invoice(&self, values: &Values<'_>) -> Read<Made> {
        let number = values.needed_text("number")?;
        let (issued, due) = (values.needed_day("issued")?, values.needed_day("due")?);
        let currency = values.currency("amount")?;
        let amount = values.positive("amount", currency)?;
        let paid = values.money("paid", currency)?.filter(|paid| paid.minor != 0);
        let payments = match (paid, values.day("paid_on")?) {
            (None, _) => Vec::new(),
            (Some(_), None) => return Err(values.wrong("paid", Trouble::NoPaidDay)),
            (Some(paid), Some(day)) => vec![json!({"date": day.to_string(), "amount": paid.to_decimal()})],
        };
        let mut body = Map::new();
        put(&mut body, "id", Some(&number));
        put(&mut body, "customer", Some(values.needed_text("customer")?));
        put(&mut body, "currency", Some(currency).filter(|currency| *currency != self.shop()));
        put(&mut body, "amount", Some(amount.to_decimal()));
        put(&mut body, "issued_on", Some(issued));
        put(&mut body, "due_on", Some(due));
        body.insert("payments".to_owned(), payments.into());
        let look = self.look(amount, issued);
        Ok((
            Fact { row: values.row.number, id: number, day: Some(issued), amount: Some(amount), body: body.into() },
            look,
        ))
    }

    fn cash(&self, values: &Values<'_>) -> Read<Made> {
        let day = values.needed_day("day")?;
        let account = values.needed_text("account")?;
        let currency = values.currency("balance")?;
        let balance = values.needed_money("balance", currency)?;
        let at = self.instant(day, 23, 59).to_string();
        let mut body = Map::new();
        put(&mut body, "at", Some(&at));
        put(&mut body, "account", Some(&account));
        put(&mut body, "currency", Some(currency).filter(|currency| *currency != self.shop()));
        put(&mut body, "balance", Some(balance.to_decimal()));
        let look = self.look(Money { minor: balance.minor.max(0), ..balance }, day);
        let id = format!("{at} {account}");
        Ok((Fact { row: values.row.number, id, day: Some(day), amount: Some(balance), body: body.into() }, look))
    }

    /// What a gateway takes. Of a fee that is below a fifth without a sign nobody means percent; a VAT below one is a share.
    fn gateway_fee(&self, values: &Values<'_>) -> Read<Made> {
        let gateway = values.needed_text("gateway")?;
        let rate = values.share("rate", 0.2)?.ok_or_else(|| values.wrong("rate", Trouble::Missing))?;
        let fixed = values.positive_or_zero("fixed")?;
        let from = values.day("from")?;
        let days = values.days("payout_days")?;
        let mut body = Map::new();
        put(&mut body, "gateway", Some(&gateway));
        put(&mut body, "rate", Some(rate));
        put(&mut body, "fixed", Some(fixed.to_decimal()));
        put(&mut body, "vat_rate", values.share("vat", 1.0)?);
        put(&mut body, "from", from);
        body.extend(days.map(|days| ("payout_days".to_owned(), days.into())));
        let since = from.map(|from| from.to_string()).unwrap_or_default();
        let id = format!("{} {since}", gateway_key(&gateway)).trim_end().to_owned();
        Ok((Fact { row: values.row.number, id, day: None, amount: None, body: body.into() }, None))
    }

    fn rate(&self, values: &Values<'_>) -> Read<Made> {
        let day = values.needed_day("day")?;
        let text = values.needed_text("currency")?;
        let currency: Currency = text.parse().map_err(|_| values.wrong("currency", Trouble::Currency))?;
        if currency == self.shop() {
            return Err(values.wrong("currency", Trouble::ForeignCurrency));
        }
        let (rate, _) = values.decimal("rate")?.ok_or_else(|| values.wrong("rate", Trouble::Missing))?;
        if !rate.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) || rate.starts_with('-') {
            return Err(values.wrong("rate", Trouble::Negative));
        }
        if rate.len() > 18 {
            return Err(values.wrong("rate", Trouble::TooLarge));
        }
        let body = json!({"date": day.to_string(), "currency": currency.code(), "rate": rate});
        let id = format!("{} {day}", currency.code());
        Ok((Fact { row: values.row.number, id, day: Some(day), amount: None, body }, None))
    }
}

/// Lines put together: one remittance an id, with the sum of its lines as its net.
pub(super) fn remittances(lines: Vec<Fact>, shop: Currency) -> Result<Vec<Fact>, u32> {
    let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    let mut whole: Vec<Fact> = Vec::new();
    for fact in lines {
        let line = fact.body["line"].clone();
        match places.get(&fact.id) {
            None => {
                let mut body = fact.body.clone();
                if let Some(members) = body.as_object_mut() {
                    members.remove("line");
                    members.insert("id".to_owned(), fact.id.clone().into());
                    members.insert("lines".to_owned(), json!([line]));
                }
                places.insert(fact.id.clone(), whole.len());
                whole.push(Fact { body, ..fact });
            }
            Some(place) => {
                let sum = &mut whole[*place];
                let (one, other) = (sum.amount.unwrap_or(Money::zero(shop)), fact.amount.unwrap_or(Money::zero(shop)));
                let net = one.plus(other).map_err(|_| fact.row)?;
                sum.amount = Some(net);
                sum.body["net"] = net.to_decimal().into();
                if let Some(lines) = sum.body["lines"].as_array_mut() {
                    lines.push(line);
                }
            }
        }
    }
    Ok(whole)
}
