//! Pictures, reports, workbooks and spreadsheets of whole shops.

mod at_most;
mod charts;
mod documents;
mod made;
mod sheets;
mod shop;
