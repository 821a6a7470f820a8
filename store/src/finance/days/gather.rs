//! From facts that changed to the clusters they belong to, and to all facts of those.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::MerchantId;
use recado_domain::finance::facts::ShopFacts;
use recado_domain::finance::figures::day_book::kin;
use serde_json::json;
use sqlx::FromRow;
use uuid::Uuid;

use super::{FACTS_BY_ID, FACTS_OF_KIND, FACTS_OF_SHOP, LINK, LINKS_OF, LINKS_TO, UNLINK};
use crate::db::Tx;
use crate::{StoreError, on};

/// Parameters of one statement.
const LIST: usize = 2_000;

/// A fact by kind and id.
pub(super) type Key = (String, String);
/// Facts in force, by kind and id.
pub(super) type Bodies = BTreeMap<Key, String>;

#[derive(FromRow)]
struct LinkOf {
    kind: String,
    fact_id: String,
    parent: String,
}

#[derive(FromRow)]
struct LinkTo {
    kind: String,
    fact_id: String,
    parent: String,
    body: Option<String>,
}

#[derive(FromRow)]
struct Version {
    kind: String,
    fact_id: String,
    version: i64,
    body: String,
}

fn keys(facts: &[Key]) -> String {
    let list: Vec<_> = facts.iter().map(|(kind, id)| json!({"kind": kind, "id": id})).collect();
    serde_json::Value::from(list).to_string()
}

/// A list of texts as one parameter.
pub(super) fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    serde_json::Value::from_iter(texts.into_iter().map(String::as_str)).to_string()
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt { table: "finance_entries", column: "body", problem: error.to_string() }
}

/// Of several versions the newest is in force.
fn newest(versions: Vec<Version>) -> Bodies {
    let mut found: BTreeMap<Key, (i64, String)> = BTreeMap::new();
    for Version { kind, fact_id, version, body } in versions {
        let known = found.entry((kind, fact_id)).or_insert((0, String::new()));
        if version > known.0 {
            *known = (version, body);
        }
    }
    found.into_iter().map(|(key, (_, body))| (key, body)).collect()
}

/// Some facts in force.
pub(super) async fn in_force(tx: &mut Tx, merchant: MerchantId, wanted: &[Key]) -> Result<Bodies, StoreError> {
    let text = tx.pick(FACTS_BY_ID);
    let mut bodies = Bodies::new();
    for list in wanted.chunks(LIST) {
        let list = keys(list);
        let versions: Vec<Version> = on!(&mut *tx, connection => sqlx::query_as(text)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        bodies.extend(newest(versions));
    }
    Ok(bodies)
}

/// The facts in force that are folded with the shop.
pub(super) async fn of_shop(tx: &mut Tx, merchant: MerchantId) -> Result<Bodies, StoreError> {
    let versions: Vec<Version> = on!(&mut *tx, connection => sqlx::query_as(FACTS_OF_SHOP)
        .bind(merchant.0).fetch_all(connection).await)?;
    Ok(newest(versions))
}

/// The facts in force of a kind.
pub(super) async fn of_kind(tx: &mut Tx, merchant: MerchantId, kind: &str) -> Result<Bodies, StoreError> {
    let versions: Vec<Version> = on!(&mut *tx, connection => sqlx::query_as(FACTS_OF_KIND)
        .bind(merchant.0).bind(kind).fetch_all(connection).await)?;
    Ok(newest(versions))
}

async fn parents(tx: &mut Tx, merchant: MerchantId, facts: &[Key]) -> Result<Vec<LinkOf>, StoreError> {
    let text = tx.pick(LINKS_OF);
    let mut links = Vec::new();
    for list in facts.chunks(LIST) {
        let list = keys(list);
        let found: Vec<LinkOf> = on!(&mut *tx, connection => sqlx::query_as(text)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        links.extend(found);
    }
    Ok(links)
}

async fn children(tx: &mut Tx, merchant: MerchantId, nodes: &[String]) -> Result<Vec<LinkTo>, StoreError> {
    let text = tx.pick(LINKS_TO);
    let mut links = Vec::new();
    for list in nodes.chunks(LIST) {
        let list = texts(list);
        let found: Vec<LinkTo> = on!(&mut *tx, connection => sqlx::query_as(text)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        links.extend(found);
    }
    Ok(links)
}

/// Notes anew what changed facts point at. Gives the nodes that this concerns: those they are, those they pointed at, and
/// those they point at now.
pub(super) async fn relink(tx: &mut Tx, merchant: MerchantId, changed: &[Key]) -> Result<BTreeSet<String>, StoreError> {
    let mut nodes: BTreeSet<String> = changed.iter().filter_map(|(kind, id)| kin::node(kind, id)).collect();
    nodes.extend(parents(tx, merchant, changed).await?.into_iter().map(|link| link.parent));
    let mut links = Vec::new();
    for ((kind, id), body) in in_force(tx, merchant, changed).await? {
        for link in kin::links(&kind, &body).map_err(|error| corrupt(&error))? {
            nodes.insert(link.parent.clone());
            links.push(json!({"kind": kind, "id": id, "parent": link.parent, "body": link.body}));
        }
    }
    write_links(tx, merchant, changed, links).await?;
    Ok(nodes)
}

/// Likewise of what webhooks told: each with the nodes at which it points now.
pub(super) async fn relink_told(
    tx: &mut Tx,
    merchant: MerchantId,
    told: Vec<(Key, Vec<String>)>,
) -> Result<BTreeSet<String>, StoreError> {
    let changed: Vec<Key> = told.iter().map(|(key, _)| key.clone()).collect();
    let mut nodes: BTreeSet<String> = changed.iter().filter_map(|(kind, id)| kin::node(kind, id)).collect();
    nodes.extend(parents(tx, merchant, &changed).await?.into_iter().map(|link| link.parent));
    let mut links = Vec::new();
    for ((kind, id), parents) in told {
        for parent in parents {
            links.push(json!({"kind": kind, "id": id, "parent": parent, "body": null}));
            nodes.insert(parent);
        }
    }
    write_links(tx, merchant, &changed, links).await?;
    Ok(nodes)
}

async fn write_links(
    tx: &mut Tx,
    merchant: MerchantId,
    changed: &[Key],
    links: Vec<serde_json::Value>,
) -> Result<(), StoreError> {
    let unlink = tx.pick(UNLINK);
    for list in changed.chunks(LIST) {
        let list = keys(list);
        on!(&mut *tx, connection => sqlx::query(unlink)
            .bind(merchant.0).bind(&list).execute(connection).await.map(|_| ()))?;
    }
    let link = tx.pick(LINK);
    for list in links.chunks(LIST) {
        let list = serde_json::Value::from(list).to_string();
        on!(&mut *tx, connection => sqlx::query(link)
            .bind(merchant.0).bind(&list).execute(connection).await.map(|_| ()))?;
    }
    Ok(())
}

/// A cluster: what hangs together.
#[derive(Default)]
pub(super) struct Gathered {
    /// Its facts in force: kind and JSON.
    pub facts: Vec<(String, String)>,
    /// Orders that webhooks told, by our id.
    pub orders: Vec<Uuid>,
    /// Parcels that webhooks told, by our id.
    pub parcels: Vec<Uuid>,
}

impl Gathered {
    fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.orders.is_empty() && self.parcels.is_empty()
    }
}

/// The clusters of some nodes.
pub(super) struct Clusters {
    /// By root; those of which nothing is left are not among them.
    pub of_root: BTreeMap<String, Gathered>,
    /// All their nodes, and those that were asked for.
    pub nodes: BTreeSet<String>,
}

/// Nodes that hang together: each knows another of its cluster, and the first of them knows itself.
#[derive(Default)]
struct Hanging {
    places: BTreeMap<String, usize>,
    known: Vec<usize>,
}

impl Hanging {
    /// The place of a node, and whether it is new.
    fn place(&mut self, node: &str) -> (usize, bool) {
        if let Some(place) = self.places.get(node) {
            return (*place, false);
        }
        let place = self.known.len();
        self.places.insert(node.to_owned(), place);
        self.known.push(place);
        (place, true)
    }
    fn first(&mut self, mut place: usize) -> usize {
        while self.known[place] != place {
            self.known[place] = self.known[self.known[place]];
            place = self.known[place];
        }
        place
    }
    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first(one), self.first(other));
        self.known[other] = one;
    }
}

/// Follows links from nodes, in every direction, to all that hangs together with them.
pub(super) async fn clusters(
    tx: &mut Tx,
    merchant: MerchantId,
    from: BTreeSet<String>,
) -> Result<Clusters, StoreError> {
    let mut hanging = Hanging::default();
    let mut whole: Vec<(usize, Key)> = Vec::new();
    let mut shares: Vec<(usize, String, String)> = Vec::new();
    for node in &from {
        hanging.place(node);
    }
    let mut reached: Vec<String> = from.into_iter().collect();
    while !reached.is_empty() {
        let mut next = Vec::new();
        let mut own: Vec<Key> = Vec::new();
        for node in &reached {
            let Some((kind, id)) = kin::fact_of(node) else { continue };
            let key = (kind.to_owned(), id.to_owned());
            // A remittance is a cluster of its own: its lines are told to the parcels.
            if kind != "remittances" {
                own.push(key.clone());
            }
            whole.push((hanging.place(node).0, key));
        }
        for link in parents(tx, merchant, &own).await? {
            let Some(node) = kin::node(&link.kind, &link.fact_id) else { continue };
            let (below, (above, new)) = (hanging.place(&node).0, hanging.place(&link.parent));
            hanging.join(above, below);
            if new {
                next.push(link.parent);
            }
        }
        for link in children(tx, merchant, &reached).await? {
            let above = hanging.place(&link.parent).0;
            match (link.body, kin::node(&link.kind, &link.fact_id)) {
                (Some(body), _) => shares.push((above, link.kind, body)),
                (None, Some(node)) => {
                    let (below, new) = hanging.place(&node);
                    hanging.join(above, below);
                    if new {
                        next.push(node);
                    }
                }
                (None, None) => whole.push((above, (link.kind, link.fact_id))),
            }
        }
        reached = next;
    }

    let nodes: BTreeSet<String> = hanging.places.keys().cloned().collect();
    let mut roots: BTreeMap<usize, String> = BTreeMap::new();
    for node in &nodes {
        let place = hanging.place(node).0;
        // The first in the order of texts.
        roots.entry(hanging.first(place)).or_insert_with(|| node.clone());
    }
    let mut of_root: BTreeMap<String, Gathered> = BTreeMap::new();
    let at = |place: usize, hanging: &mut Hanging| roots[&hanging.first(place)].clone();
    let wanted: Vec<Key> =
        whole.iter().filter(|(_, (kind, _))| !kin::is_told(kind)).map(|(_, key)| key.clone()).collect();
    let mut bodies = in_force(tx, merchant, &wanted).await?;
    // As the ledger reads them: of two imported copies of one order under two names it keeps the later one.
    whole.sort_by(|(_, one), (_, other)| one.cmp(other));
    for (place, key) in whole {
        let told = kin::is_told(&key.0).then(|| Uuid::parse_str(&key.1).ok()).flatten();
        let gathered = of_root.entry(at(place, &mut hanging)).or_default();
        match told {
            Some(id) if key.0 == kin::TOLD_ORDERS => gathered.orders.push(id),
            Some(id) => gathered.parcels.push(id),
            None => gathered.facts.extend(bodies.remove(&key).map(|body| (key.0, body))),
        }
    }
    for (place, kind, body) in shares {
        of_root.entry(at(place, &mut hanging)).or_default().facts.push((kind, body));
    }
    of_root.retain(|_, gathered| !gathered.is_empty());
    Ok(Clusters { of_root, nodes })
}

/// The products that orders name.
pub(super) async fn products(
    tx: &mut Tx,
    merchant: MerchantId,
    clusters: &BTreeMap<String, Gathered>,
    told: &BTreeMap<String, ShopFacts>,
    known: &mut BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
    let mut of_root: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wanted = BTreeSet::new();
    for (root, gathered) in clusters {
        let variants = of_root.entry(root.clone()).or_default();
        for (_, body) in gathered.facts.iter().filter(|(kind, _)| kind == "orders") {
            variants.extend(kin::variants(body).map_err(|error| corrupt(&error))?);
        }
        let lines = told.get(root).into_iter().flat_map(|told| &told.orders).flat_map(|order| &order.lines);
        variants.extend(lines.filter_map(|line| line.variant_id.clone()));
        wanted.extend(variants.iter().filter(|id| !known.contains_key(*id)).cloned());
    }
    let wanted: Vec<Key> = wanted.into_iter().map(|id| ("products".to_owned(), id)).collect();
    let mut found = in_force(tx, merchant, &wanted).await?;
    for key in wanted {
        let body = found.remove(&key);
        known.insert(key.1, body);
    }
    Ok(of_root)
}
