-- Whether anything may be marked in finance_dirty, which whoever folds knows: on Postgres a look whether there is a row reads
-- past all that were there since the last vacuum, and every figure begins with that look. A book of before is looked
-- through once more.
ALTER TABLE finance_books ADD COLUMN marked BOOLEAN NOT NULL DEFAULT TRUE;
