//! Documents about a shop's money. Out: pictures ([`chart`]), a report as PDF, a workbook as XLSX. In: spreadsheets, read
//! into facts. Everything is drawn and computed here from the figures of `domain`; nothing is fetched, nothing is written
//! to disk, and no number is computed that the figures do not hold.

pub mod chart;
pub mod comparison;
mod face;
mod look;
pub mod make;
pub mod report;
pub mod scene;
pub mod sheet;
mod words;
pub mod workbook;
pub mod write;

pub use face::Weight;
pub use look::Ink;
