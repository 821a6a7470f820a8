//! From facts that changed to the clusters they belong to, and to all facts of those.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::MerchantId;
use recado_domain::finance::figures::day_book::kin;
use serde_json::json;
use sqlx::FromRow;

use super::{FACTS_BY_ID, FACTS_OF_SHOP, LINK, LINKS_OF, LINKS_TO, UNLINK};
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
    Ok(nodes)
}

/// Nodes, and all that lie above them: which of them are roots.
pub(super) struct Climbed {
    pub nodes: BTreeSet<String>,
    pub roots: BTreeSet<String>,
}

/// Goes up from nodes to the roots of their clusters.
pub(super) async fn climb(tx: &mut Tx, merchant: MerchantId, from: BTreeSet<String>) -> Result<Climbed, StoreError> {
    let mut climbed = Climbed { nodes: from.clone(), roots: from.clone() };
    let mut above: Vec<String> = from.into_iter().collect();
    // Parcel, order, customer: nothing lies higher.
    while !above.is_empty() {
        let facts: Vec<Key> = above
            .iter()
            .filter_map(|node| kin::fact_of(node))
            // A remittance is a root: its lines are told to the parcels.
            .filter(|(kind, _)| *kind != "remittances")
            .map(|(kind, id)| (kind.to_owned(), id.to_owned()))
            .collect();
        above.clear();
        for link in parents(tx, merchant, &facts).await? {
            if let Some(node) = kin::node(&link.kind, &link.fact_id) {
                climbed.roots.remove(&node);
            }
            if climbed.nodes.insert(link.parent.clone()) {
                climbed.roots.insert(link.parent.clone());
                above.push(link.parent);
            }
        }
    }
    Ok(climbed)
}

/// The clusters of roots.
pub(super) struct Descended {
    /// The facts of each root: kind and JSON.
    pub facts: BTreeMap<String, Vec<(String, String)>>,
    /// The roots, and all nodes below them.
    pub nodes: Vec<String>,
}

/// Goes down from roots to all facts of their clusters.
pub(super) async fn descend(
    tx: &mut Tx,
    merchant: MerchantId,
    roots: &BTreeSet<String>,
) -> Result<Descended, StoreError> {
    // Which root each node below belongs to.
    let mut root_of: BTreeMap<String, String> = roots.iter().map(|root| (root.clone(), root.clone())).collect();
    let mut whole: Vec<(String, Key)> = Vec::new();
    let mut facts: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut below: Vec<String> = roots.iter().cloned().collect();
    let own = |root: &String, node: &str| {
        kin::fact_of(node).map(|(kind, id)| (root.clone(), (kind.to_owned(), id.to_owned())))
    };
    whole.extend(roots.iter().filter_map(|root| own(root, root)));
    while !below.is_empty() {
        let mut next = Vec::new();
        for link in children(tx, merchant, &below).await? {
            let Some(root) = root_of.get(&link.parent).cloned() else { continue };
            match (link.body, kin::node(&link.kind, &link.fact_id)) {
                (Some(body), _) => facts.entry(root).or_default().push((link.kind, body)),
                (None, Some(node)) => {
                    whole.extend(own(&root, &node));
                    root_of.insert(node.clone(), root);
                    next.push(node);
                }
                (None, None) => whole.push((root, (link.kind, link.fact_id))),
            }
        }
        below = next;
    }
    let wanted: Vec<Key> = whole.iter().map(|(_, key)| key.clone()).collect();
    let mut bodies = in_force(tx, merchant, &wanted).await?;
    for (root, key) in whole {
        if let Some(body) = bodies.remove(&key) {
            facts.entry(root).or_default().push((key.0, body));
        }
    }
    Ok(Descended { facts, nodes: root_of.into_keys().collect() })
}

/// The products that orders name.
pub(super) async fn products(
    tx: &mut Tx,
    merchant: MerchantId,
    facts: &BTreeMap<String, Vec<(String, String)>>,
    known: &mut BTreeMap<String, Option<String>>,
) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
    let mut of_root: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut wanted = BTreeSet::new();
    for (root, facts) in facts {
        for (_, body) in facts.iter().filter(|(kind, _)| kind == "orders") {
            let variants = kin::variants(body).map_err(|error| corrupt(&error))?;
            wanted.extend(variants.iter().filter(|id| !known.contains_key(*id)).cloned());
            of_root.entry(root.clone()).or_default().extend(variants);
        }
    }
    let wanted: Vec<Key> = wanted.into_iter().map(|id| ("products".to_owned(), id)).collect();
    let mut found = in_force(tx, merchant, &wanted).await?;
    for key in wanted {
        let body = found.remove(&key);
        known.insert(key.1, body);
    }
    Ok(of_root)
}
