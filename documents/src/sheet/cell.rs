//! Cells and tables as they stood in the file.

use jiff::civil::Date;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, which may be a number or a day as somebody wrote it.
    Text(String),
    /// A number, as plain decimal text.
    Number(String),
    /// A day; what time it was is not kept.
    Day(Date),
    /// A formula whose value is an error (`#REF!`).
    Fault(String),
}

impl Cell {
    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
    /// As a person reads it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Fault(text) => text.trim().to_owned(),
            Self::Number(number) => number.clone(),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// A row and its number in the file, counted from one.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A sheet, or a whole CSV file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The name of the sheet; empty for CSV.
    pub name: String,
    /// Rows that hold something, in their order.
    pub rows: Vec<Row>,
    /// Cells joined over several: first row, first column, last row, last column, from zero.
    pub merged: Vec<(u32, u32, u32, u32)>,
}
