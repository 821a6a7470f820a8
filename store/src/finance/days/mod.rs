//! The day book of a shop, kept.
//!
//! **Writing.** Whoever changes facts leaves a row in `finance_unfolded` (an import) or `finance_told` (a webhook) in the
//! same transaction. [`Store::fold_days`](crate::Store::fold_days) takes a bounded part of what is left: it marks the clusters whose facts changed, and folds each marked one (or one whose time
//! has come) from the facts in force, subtracts what it posted before and adds what it posts now. All of it is one transaction that begins
//! by locking the shop's book, so replicas take turns, a crash leaves the book as it was, and a repetition changes nothing.
//!
//! **Reading.** [`MerchantStore::day_book`](crate::merchant::MerchantStore::day_book) reads few rows. It refuses to answer
//! from a book that is behind: a figure is right or it is not there.

mod accounts;
mod behind;
mod beside;
mod clusters;
mod fold;
mod gather;
pub(super) mod keep;
mod pages;
mod read;
pub(crate) mod told;

pub use fold::Folding;
pub use keep::Look;
pub use read::ReadBook;

use recado_domain::MerchantId;
use uuid::Uuid;

use crate::db::{Pair, Tx};
use crate::{StoreError, on};

crate::sql! {
    INSERT_BOOK = "INSERT INTO finance_books (merchant_id, edition, version, folded_at) VALUES ($1, $2, 0, $3) \
        ON CONFLICT (merchant_id) DO NOTHING";
    UPDATE_BOOK = "UPDATE finance_books SET edition = $2, version = version + 1, folded_at = $3, marked = $4 WHERE merchant_id = $1";
    BOOK = "SELECT b.edition, b.version, b.folded_at, b.marked \
        OR EXISTS (SELECT 1 FROM finance_unfolded c WHERE c.merchant_id = $1) \
        OR EXISTS (SELECT 1 FROM finance_told t WHERE t.merchant_id = $1) AS behind, \
        m.timezone, m.currency, \
        EXISTS (SELECT 1 FROM orders o WHERE o.merchant_id = $1) AS tells, \
        (SELECT MIN(r.wake_at) FROM finance_roots r WHERE r.merchant_id = $1 AND r.wake_at IS NOT NULL) AS wake_at \
        FROM finance_books b JOIN merchants m ON m.id = b.merchant_id WHERE b.merchant_id = $1";
    FOLDED_AT = "SELECT folded_at FROM finance_books WHERE merchant_id = $1";
    SHOP_OF_BOOK = "SELECT m.name, m.timezone, m.currency, EXISTS (SELECT 1 FROM orders o WHERE o.merchant_id = $1) AS tells \
        FROM merchants m WHERE m.id = $1";
    CHANGED_ALL = "INSERT INTO finance_unfolded (merchant_id, import_id, stage, after_kind, after_id) \
        SELECT i.merchant_id, i.id, 1, '', '' FROM finance_imports i WHERE i.merchant_id = $1 AND i.undone_at IS NULL \
        ON CONFLICT (merchant_id, import_id) DO UPDATE SET stage = 1, after_kind = '', after_id = ''";
    CHANGED_TOLD = "INSERT INTO finance_unfolded (merchant_id, import_id, stage, after_kind, after_id) VALUES ($1, $2, 2, '', '') \
        ON CONFLICT (merchant_id, import_id) DO UPDATE SET stage = 2, after_kind = '', after_id = ''";
    CHANGED = "INSERT INTO finance_unfolded (merchant_id, import_id, stage, after_kind, after_id) VALUES ($1, $2, 0, '', '') \
        ON CONFLICT (merchant_id, import_id) DO UPDATE SET stage = 0, after_kind = '', after_id = ''";
    MOVE_CHANGE = "UPDATE finance_unfolded SET stage = $3, after_kind = $4, after_id = $5 WHERE merchant_id = $1 AND import_id = $2";
    END_CHANGE = "DELETE FROM finance_unfolded WHERE merchant_id = $1 AND import_id = $2";
    CHANGED_FACTS = "SELECT DISTINCT kind, fact_id FROM finance_entries WHERE merchant_id = $1 AND import_id = $2 \
        AND (kind, fact_id) > ($3, $4) ORDER BY kind, fact_id LIMIT CAST($5 AS BIGINT)";
    CHANGED_OF_KIND = "SELECT DISTINCT fact_id FROM finance_entries WHERE merchant_id = $1 AND import_id = $2 AND kind = $3";
    FACTS_OF_SHOP = "SELECT e.kind, e.fact_id, e.version, e.body FROM finance_entries e \
        WHERE e.merchant_id = $1 AND e.kind IN ('merchant', 'reading', 'fx', 'gateway_fees', 'ad_spend', 'expenses', 'purchases', \
            'inventory', 'invoices', 'cash', 'other_cash') \
        AND (SELECT i.undone_at FROM finance_imports i WHERE i.merchant_id = $1 AND i.id = e.import_id) IS NULL";
    ROOTS_AFTER = "SELECT root, fold FROM finance_roots WHERE merchant_id = $1 AND root > $2 ORDER BY root LIMIT CAST($3 AS BIGINT)";
    DIRTY = "SELECT node FROM finance_dirty WHERE merchant_id = $1 AND node > $2 ORDER BY node LIMIT CAST($3 AS BIGINT)";
    ROOTS_DUE = "SELECT root FROM finance_roots WHERE merchant_id = $1 AND wake_at <= $2 ORDER BY wake_at LIMIT CAST($3 AS BIGINT)";
    EMPTY_ROOTS = "DELETE FROM finance_roots WHERE merchant_id = $1 AND root IN \
        (SELECT r.root FROM finance_roots r WHERE r.merchant_id = $1 LIMIT CAST($2 AS BIGINT))";
    EMPTY_LINKS = "DELETE FROM finance_links WHERE merchant_id = $1 AND parent IN \
        (SELECT l.parent FROM finance_links l WHERE l.merchant_id = $1 LIMIT CAST($2 AS BIGINT))";
    EMPTY_DAYS = "DELETE FROM finance_days WHERE merchant_id = $1 AND period IN \
        (SELECT d.period FROM finance_days d WHERE d.merchant_id = $1 LIMIT CAST($2 AS BIGINT))";
    BOOK_PAGES = "SELECT shelf, period, body FROM finance_days WHERE merchant_id = $1 AND shelf IN ('whole', 'visits', 'held')";
    VERSION = "SELECT version FROM finance_books WHERE merchant_id = $1";
    TALLY_PAGES = "SELECT period, body FROM finance_days WHERE merchant_id = $1 AND shelf = $2 AND period >= $3 AND period <= $4";
    TALLY_SIZE = "SELECT CAST(COALESCE(SUM(LENGTH(body)), 0) AS BIGINT) FROM finance_days WHERE merchant_id = $1 AND shelf = $2";
    SHOP_FOLD = "SELECT fold FROM finance_roots WHERE merchant_id = $1 AND root = 'shop'";
    FACTS_OF_KIND = "SELECT e.kind, e.fact_id, e.version, e.body FROM finance_entries e WHERE e.merchant_id = $1 AND e.kind = $2 \
        AND (SELECT i.undone_at FROM finance_imports i WHERE i.merchant_id = $1 AND i.id = e.import_id) IS NULL";
    PART_PAGES = "SELECT body FROM finance_days WHERE merchant_id = $1 AND shelf = $2 AND period >= $3 AND period <= $4 \
        UNION ALL SELECT body FROM finance_days WHERE merchant_id = $1 AND shelf = $5 AND period >= $6 AND period <= $7 \
        UNION ALL SELECT body FROM finance_days WHERE merchant_id = $1 AND shelf = $5 AND period >= $8 AND period <= $9";
}

/// Notes, in the transaction of whoever makes an import or takes it back, that its facts are to be folded.
pub(super) async fn changed(tx: &mut Tx, merchant: MerchantId, import: Uuid) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(CHANGED)
        .bind(merchant.0).bind(import).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Locks the shop's book, or gives nothing when another has. SQLite has one writer, who began with the lock.
const LOCK_BOOK: Pair = Pair {
    postgres: "SELECT edition, folded_at, marked FROM finance_books WHERE merchant_id = $1 FOR UPDATE SKIP LOCKED",
    sqlite: "SELECT edition, folded_at, marked FROM finance_books WHERE merchant_id = $1",
};

/// The next change to fold, locked: who takes that import back waits, and then sets it back to its beginning.
const NEXT_CHANGE: Pair = Pair {
    postgres: "SELECT import_id, stage, after_kind, after_id FROM finance_unfolded WHERE merchant_id = $1 ORDER BY import_id LIMIT 1 FOR UPDATE",
    sqlite: "SELECT import_id, stage, after_kind, after_id FROM finance_unfolded WHERE merchant_id = $1 ORDER BY import_id LIMIT 1",
};

/// What facts point at; `$2` is a JSON list of `{kind, id}`.
const LINKS_OF: Pair = Pair {
    postgres: "SELECT l.kind, l.fact_id, l.parent FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (kind TEXT, id TEXT) \
        CROSS JOIN LATERAL (SELECT k.kind, k.fact_id, k.parent FROM finance_links k \
            WHERE k.merchant_id = $1 AND k.kind = told.kind AND k.fact_id = told.id OFFSET 0) AS l",
    sqlite: "SELECT l.kind, l.fact_id, l.parent FROM json_each($2) AS told \
        CROSS JOIN finance_links l ON l.merchant_id = $1 AND l.kind = told.value ->> 'kind' AND l.fact_id = told.value ->> 'id'",
};

/// What points at nodes; `$2` is a JSON list of texts.
const LINKS_TO: Pair = Pair {
    postgres: "SELECT l.kind, l.fact_id, l.parent, l.body FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (node) \
        CROSS JOIN LATERAL (SELECT k.kind, k.fact_id, k.parent, k.body FROM finance_links k \
            WHERE k.merchant_id = $1 AND k.parent = told.node OFFSET 0) AS l",
    sqlite: "SELECT l.kind, l.fact_id, l.parent, l.body FROM json_each($2) AS told \
        CROSS JOIN finance_links l ON l.merchant_id = $1 AND l.parent = told.value",
};

/// Every version of some facts whose import stands; `$2` is a JSON list of `{kind, id}`. The facts first and then their
/// imports, whatever is known of the sizes of both: the other way round all facts are read for a few.
const FACTS_BY_ID: Pair = Pair {
    postgres: "SELECT e.kind, e.fact_id, e.version, e.body FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (kind TEXT, id TEXT) \
        CROSS JOIN LATERAL (SELECT f.kind, f.fact_id, f.version, f.body, f.import_id FROM finance_entries f \
            WHERE f.merchant_id = $1 AND f.kind = told.kind AND f.fact_id = told.id OFFSET 0) AS e \
        WHERE (SELECT i.undone_at FROM finance_imports i WHERE i.merchant_id = $1 AND i.id = e.import_id) IS NULL",
    sqlite: "SELECT e.kind, e.fact_id, e.version, e.body FROM json_each($2) AS told \
        CROSS JOIN finance_entries e ON e.merchant_id = $1 AND e.kind = told.value ->> 'kind' AND e.fact_id = told.value ->> 'id' \
        WHERE (SELECT i.undone_at FROM finance_imports i WHERE i.merchant_id = $1 AND i.id = e.import_id) IS NULL",
};

/// Has each statement of this transaction planned for the tables as they are: Postgres would keep the plan that it made when
/// they were empty. What is looked up by a list is a `LATERAL` look by key for each of it, so that no statistics are needed
/// to know that a few rows are wanted of many.
const BY_KEY: Pair =
    Pair { postgres: "SELECT set_config('plan_cache_mode', 'force_custom_plan', true)", sqlite: "SELECT 1" };

/// See [`BY_KEY`].
async fn by_key(tx: &mut Tx) -> Result<(), StoreError> {
    let text = tx.pick(BY_KEY);
    on!(tx, connection => sqlx::query(text).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Forgets what facts point at; `$2` is a JSON list of `{kind, id}`.
const UNLINK: Pair = Pair {
    postgres: "DELETE FROM finance_links WHERE merchant_id = $1 AND ctid = ANY (ARRAY(SELECT l.place FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (kind TEXT, id TEXT) \
        CROSS JOIN LATERAL (SELECT k.ctid AS place FROM finance_links k WHERE k.merchant_id = $1 AND k.kind = told.kind AND k.fact_id = told.id OFFSET 0) AS l))",
    sqlite: "DELETE FROM finance_links WHERE merchant_id = $1 AND (kind, fact_id) IN \
        (SELECT told.value ->> 'kind', told.value ->> 'id' FROM json_each($2) AS told)",
};

/// Notes what facts point at; `$2` is a JSON list of `{kind, id, parent, body}`.
const LINK: Pair = Pair {
    postgres: "INSERT INTO finance_links (merchant_id, kind, fact_id, parent, body) \
        SELECT $1, told.kind, told.id, told.parent, told.body \
        FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (kind TEXT, id TEXT, parent TEXT, body TEXT)",
    sqlite: "INSERT INTO finance_links (merchant_id, kind, fact_id, parent, body) \
        SELECT $1, told.value ->> 'kind', told.value ->> 'id', told.value ->> 'parent', told.value ->> 'body' FROM json_each($2) AS told",
};

/// Marks nodes whose clusters are to be folded; `$2` is a JSON list of texts.
const MARK: Pair = Pair {
    postgres: "INSERT INTO finance_dirty (merchant_id, node) SELECT $1, told.node \
        FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (node) ON CONFLICT (merchant_id, node) DO NOTHING",
    sqlite: "INSERT INTO finance_dirty (merchant_id, node) SELECT $1, told.value FROM json_each($2) AS told WHERE true \
        ON CONFLICT (merchant_id, node) DO NOTHING",
};

/// Unmarks nodes; `$2` is a JSON list of texts.
const UNMARK: Pair = Pair {
    postgres: "DELETE FROM finance_dirty WHERE merchant_id = $1 AND ctid = ANY (ARRAY(SELECT l.place FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (node) \
        CROSS JOIN LATERAL (SELECT k.ctid AS place FROM finance_dirty k WHERE k.merchant_id = $1 AND k.node = told.node OFFSET 0) AS l))",
    sqlite: "DELETE FROM finance_dirty WHERE merchant_id = $1 AND node IN (SELECT told.value FROM json_each($2) AS told)",
};

/// The folds of nodes; `$2` is a JSON list of texts.
const FOLDS_OF: Pair = Pair {
    postgres: "SELECT r.root, r.fold FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (node) \
        CROSS JOIN LATERAL (SELECT k.root, k.fold FROM finance_roots k WHERE k.merchant_id = $1 AND k.root = told.node OFFSET 0) AS r",
    sqlite: "SELECT r.root, r.fold FROM json_each($2) AS told CROSS JOIN finance_roots r ON r.merchant_id = $1 AND r.root = told.value",
};

/// Forgets roots; `$2` is a JSON list of texts.
const DELETE_ROOTS: Pair = Pair {
    postgres: "DELETE FROM finance_roots WHERE merchant_id = $1 AND ctid = ANY (ARRAY(SELECT l.place FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (node) \
        CROSS JOIN LATERAL (SELECT k.ctid AS place FROM finance_roots k WHERE k.merchant_id = $1 AND k.root = told.node OFFSET 0) AS l))",
    sqlite: "DELETE FROM finance_roots WHERE merchant_id = $1 AND root IN (SELECT told.value FROM json_each($2) AS told)",
};

/// Keeps roots; `$2` is a JSON list of `{root, fold, wake}`: bytes in hexadecimal, microseconds.
const KEEP_ROOTS: Pair = Pair {
    postgres: "INSERT INTO finance_roots (merchant_id, root, fold, wake_at) \
        SELECT $1, told.root, decode(told.fold, 'hex'), TIMESTAMPTZ 'epoch' + told.wake * INTERVAL '1 microsecond' \
        FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (root TEXT, fold TEXT, wake BIGINT) \
        ON CONFLICT (merchant_id, root) DO UPDATE SET fold = excluded.fold, wake_at = excluded.wake_at",
    sqlite: "INSERT INTO finance_roots (merchant_id, root, fold, wake_at) \
        SELECT $1, told.value ->> 'root', unhex(told.value ->> 'fold'), told.value ->> 'wake' FROM json_each($2) AS told WHERE true \
        ON CONFLICT (merchant_id, root) DO UPDATE SET fold = excluded.fold, wake_at = excluded.wake_at",
};

/// Pages; `$2` is a JSON list of `{shelf, period, page}`.
const PAGES_AT: Pair = Pair {
    postgres: "SELECT d.shelf, d.period, d.page, d.body FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (shelf TEXT, period TEXT, page BIGINT) \
        CROSS JOIN LATERAL (SELECT k.shelf, k.period, k.page, k.body FROM finance_days k \
            WHERE k.merchant_id = $1 AND k.shelf = told.shelf AND k.period = told.period AND k.page = told.page OFFSET 0) AS d",
    sqlite: "SELECT d.shelf, d.period, d.page, d.body FROM json_each($2) AS told CROSS JOIN finance_days d ON d.merchant_id = $1 \
        AND d.shelf = told.value ->> 'shelf' AND d.period = told.value ->> 'period' AND d.page = told.value ->> 'page'",
};

/// Keeps pages; `$2` is a JSON list of `{shelf, period, page, body}`.
const KEEP_PAGES: Pair = Pair {
    postgres: "INSERT INTO finance_days (merchant_id, shelf, period, page, body) \
        SELECT $1, told.shelf, told.period, told.page, decode(told.body, 'hex') \
        FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (shelf TEXT, period TEXT, page BIGINT, body TEXT) \
        ON CONFLICT (merchant_id, shelf, period, page) DO UPDATE SET body = excluded.body",
    sqlite: "INSERT INTO finance_days (merchant_id, shelf, period, page, body) \
        SELECT $1, told.value ->> 'shelf', told.value ->> 'period', told.value ->> 'page', unhex(told.value ->> 'body') \
        FROM json_each($2) AS told WHERE true ON CONFLICT (merchant_id, shelf, period, page) DO UPDATE SET body = excluded.body",
};

/// Forgets pages; `$2` is a JSON list of `{shelf, period, page}`.
const DELETE_PAGES: Pair = Pair {
    postgres: "DELETE FROM finance_days WHERE merchant_id = $1 AND ctid = ANY (ARRAY(SELECT l.place FROM json_to_recordset(CAST(CAST($2 AS TEXT) AS JSON)) AS told (shelf TEXT, period TEXT, page BIGINT) \
        CROSS JOIN LATERAL (SELECT k.ctid AS place FROM finance_days k WHERE k.merchant_id = $1 AND k.shelf = told.shelf AND k.period = told.period AND k.page = told.page OFFSET 0) AS l))",
    sqlite: "DELETE FROM finance_days WHERE merchant_id = $1 AND (shelf, period, page) IN \
        (SELECT told.value ->> 'shelf', told.value ->> 'period', told.value ->> 'page' FROM json_each($2) AS told)",
};

/// Where the two databases differ: locks, and how lists are read from JSON.
pub const PAIRS: &[(&str, Pair)] = &[
    ("LOCK_BOOK", LOCK_BOOK),
    ("BY_KEY", BY_KEY),
    ("NEXT_CHANGE", NEXT_CHANGE),
    ("LINKS_OF", LINKS_OF),
    ("LINKS_TO", LINKS_TO),
    ("FACTS_BY_ID", FACTS_BY_ID),
    ("UNLINK", UNLINK),
    ("LINK", LINK),
    ("MARK", MARK),
    ("UNMARK", UNMARK),
    ("FOLDS_OF", FOLDS_OF),
    ("DELETE_ROOTS", DELETE_ROOTS),
    ("KEEP_ROOTS", KEEP_ROOTS),
    ("PAGES_AT", PAGES_AT),
    ("KEEP_PAGES", KEEP_PAGES),
    ("DELETE_PAGES", DELETE_PAGES),
    told::PAIRS[0],
    told::PAIRS[1],
    told::PAIRS[2],
];
