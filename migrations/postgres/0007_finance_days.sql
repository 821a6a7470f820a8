-- The day book: what facts post, folded by day, so that a figure of a million orders is read from few rows. Everything here
-- follows from finance_entries and can be made anew from them.
CREATE TABLE finance_books (
    merchant_id UUID NOT NULL,
    -- Of the codes and formulas it was folded with.
    edition BIGINT NOT NULL,
    -- Grows with every change of what is read.
    version BIGINT NOT NULL,
    -- Up to which instant facts were known to the last fold.
    folded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (merchant_id)
);

-- Imports, made or taken back, whose facts are not folded yet, and how far folding has come.
CREATE TABLE finance_unfolded (
    merchant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    -- 0: clusters that a changed shop or product concerns are marked; 1: those of the facts themselves.
    stage BIGINT NOT NULL,
    after_kind TEXT NOT NULL,
    after_id TEXT NOT NULL,
    PRIMARY KEY (merchant_id, import_id)
);

-- Customers, orders and parcels whose clusters are to be folded again.
CREATE TABLE finance_dirty (
    merchant_id UUID NOT NULL,
    node TEXT NOT NULL,
    PRIMARY KEY (merchant_id, node)
);

-- What a fact points at: an order at its customer, a parcel at its order, a charge at its parcel.
CREATE TABLE finance_links (
    merchant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    fact_id TEXT NOT NULL,
    parent TEXT NOT NULL,
    -- What it says to that parent, if not all of it.
    body TEXT,
    PRIMARY KEY (merchant_id, kind, fact_id, parent)
);
CREATE INDEX finance_links_parent ON finance_links (merchant_id, parent);

-- What the facts of a cluster posted when they were folded last: it is subtracted when they change.
CREATE TABLE finance_roots (
    merchant_id UUID NOT NULL,
    root TEXT NOT NULL,
    fold BYTEA NOT NULL,
    -- When it must be folded again though no fact changes.
    wake_at TIMESTAMPTZ,
    PRIMARY KEY (merchant_id, root)
);
CREATE INDEX finance_roots_wake ON finance_roots (merchant_id, wake_at) WHERE wake_at IS NOT NULL;

-- The sums: by shelf (the whole, visits, or a dimension by day or month), period and page.
CREATE TABLE finance_days (
    merchant_id UUID NOT NULL,
    shelf TEXT NOT NULL,
    period TEXT NOT NULL,
    page BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, shelf, period, page)
);

-- The facts of an import are read in order, some at a time.
DROP INDEX finance_entries_import;
CREATE INDEX finance_entries_import ON finance_entries (merchant_id, import_id, kind, fact_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_books TO recado_engine, recado_app;
ALTER TABLE finance_books ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_books FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_books TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_books TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_unfolded TO recado_engine, recado_app;
ALTER TABLE finance_unfolded ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_unfolded FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_unfolded TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_unfolded TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_links TO recado_engine, recado_app;
ALTER TABLE finance_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_links FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_links TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_links TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_roots TO recado_engine, recado_app;
ALTER TABLE finance_roots ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_roots FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_roots TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_roots TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_days TO recado_engine, recado_app;
ALTER TABLE finance_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_days FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_days TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_days TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));

GRANT SELECT, INSERT, UPDATE, DELETE ON finance_dirty TO recado_engine, recado_app;
ALTER TABLE finance_dirty ENABLE ROW LEVEL SECURITY;
ALTER TABLE finance_dirty FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON finance_dirty TO recado_engine USING (true) WITH CHECK (true);
CREATE POLICY tenant ON finance_dirty TO recado_app
    USING (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID))
    WITH CHECK (merchant_id = CAST(NULLIF(current_setting('app.merchant', true), '') AS UUID));
