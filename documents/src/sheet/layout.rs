//! Where the headings are, and which column is which field.

use std::collections::HashMap;

use super::cell::{Cell, Table};
use super::error::SheetError;
use super::kind::{Field, SheetKind, matched, plain};

/// Rows among which headings are looked for: above them stand logos, titles, the day of the report.
pub(super) const SEARCHED: usize = 60;

/// A table that was understood.
#[derive(Debug)]
pub(super) struct Layout {
    pub kind: SheetKind,
    /// Place of the row of headings among the rows.
    pub head: usize,
    pub headings: Vec<String>,
    pub columns: Vec<Option<&'static Field>>,
}

impl Layout {
    fn missing(&self) -> Vec<&'static str> {
        let has = |name: &str| self.columns.iter().flatten().any(|field| field.name == name);
        self.kind.fields().filter(|field| field.needed && !has(field.name)).map(|field| field.name).collect()
    }
    fn found(&self) -> usize {
        self.columns.iter().flatten().count()
    }
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|field| field.is_some_and(|field| field.name == name))
    }
    pub(super) fn heading(&self, name: &str) -> String {
        self.column(name).map_or_else(|| name.to_owned(), |column| self.headings[column].clone())
    }
    /// How good it is: nothing missing, then more columns.
    fn rank(&self) -> (bool, usize) {
        (self.missing().is_empty(), self.found())
    }
}

/// The texts of a row, with what is joined over several cells in each of them.
fn spread(table: &Table, place: usize) -> Vec<String> {
    let row = &table.rows[place];
    let mut texts: Vec<String> = row.cells.iter().map(Cell::text).collect();
    let number = row.number.saturating_sub(1);
    for (top, left, bottom, right) in &table.merged {
        if !(*top..=*bottom).contains(&number) {
            continue;
        }
        let source = table.rows.iter().find(|row| row.number == top + 1);
        let text = source.and_then(|row| row.cells.get(*left as usize)).map(Cell::text).unwrap_or_default();
        for column in *left as usize..=(*right as usize).min(4_096) {
            if texts.len() <= column {
                texts.resize(column + 1, String::new());
            }
            texts[column].clone_from(&text);
        }
    }
    texts
}

/// The layout of a table, the best of all rows and kinds; `None` when nothing in it looks like headings.
fn best(table: &Table, kind: Option<SheetKind>, map: &[(String, String)]) -> Option<Layout> {
    let kinds: Vec<SheetKind> = kind.map_or_else(|| SheetKind::ALL.to_vec(), |kind| vec![kind]);
    let mut best: Option<Layout> = None;
    for head in 0..table.rows.len().min(SEARCHED) {
        let own = spread(table, head);
        if own.iter().filter(|text| !text.is_empty()).count() < 2 {
            continue;
        }
        let above = if head > 0 { spread(table, head - 1) } else { Vec::new() };
        let spellings: Vec<Vec<String>> = own
            .iter()
            .enumerate()
            .map(|(column, text)| {
                let above = above.get(column).map(String::as_str).unwrap_or_default();
                let both = plain(&format!("{above} {text}"));
                [plain(text), both].into_iter().filter(|text| !text.is_empty()).collect()
            })
            .collect();
        for kind in &kinds {
            let columns = matched(*kind, &spellings);
            let mut layout = Layout { kind: *kind, head, headings: own.clone(), columns };
            apply(&mut layout, map);
            if layout.found() >= 2 && best.as_ref().is_none_or(|best| layout.rank() > best.rank()) {
                best = Some(layout);
            }
        }
    }
    best
}

/// What was said by hand goes before what was recognised.
fn apply(layout: &mut Layout, map: &[(String, String)]) {
    for (column, name) in map {
        let place = layout.headings.iter().position(|heading| plain(heading) == plain(column));
        let field = layout.kind.field(name);
        if let (Some(place), Some(field)) = (place, field) {
            for other in layout.columns.iter_mut().filter(|other| other.is_some_and(|other| other.name == field.name)) {
                *other = None;
            }
            layout.columns[place] = Some(field);
        }
    }
}

/// Every entry of `--map` names a column and a field.
fn check(layout: &Layout, map: &[(String, String)]) -> Result<(), SheetError> {
    for (column, name) in map {
        if !layout.headings.iter().any(|heading| plain(heading) == plain(column)) {
            let known = layout.headings.join(", ");
            return Err(SheetError::Map(format!("there is no column {column:?}; the columns are: {known}")));
        }
        if layout.kind.field(name).is_none() {
            let known: Vec<&str> = layout.kind.fields().map(|field| field.name).collect();
            let kind = layout.kind.code();
            return Err(SheetError::Map(format!(
                "{kind} have no field {name:?}; the fields are: {}",
                known.join(", ")
            )));
        }
    }
    let mut seen = HashMap::new();
    for (column, name) in map {
        if let Some(other) = seen.insert(name, column) {
            return Err(SheetError::Map(format!("{name:?} cannot be both {other:?} and {column:?}")));
        }
    }
    Ok(())
}

/// The table of a file that has the best headings, and its layout.
pub(super) fn find<'a>(
    tables: &'a [Table],
    kind: Option<SheetKind>,
    map: &[(String, String)],
) -> Result<(&'a Table, Layout), SheetError> {
    if tables.iter().all(|table| table.rows.is_empty()) {
        return Err(SheetError::Empty);
    }
    let mut found: Option<(&Table, Layout)> = None;
    for table in tables {
        if let Some(layout) = best(table, kind, map)
            && found.as_ref().is_none_or(|(_, best)| layout.rank() > best.rank())
        {
            found = Some((table, layout));
        }
    }
    let (table, layout) = found.ok_or(SheetError::NoHeadings(SEARCHED))?;
    check(&layout, map)?;
    let missing = layout.missing();
    if let Some(first) = missing.first() {
        let columns: Vec<&str> = layout.headings.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        return Err(SheetError::Missing {
            kind: layout.kind.code(),
            missing: missing.join(", "),
            first,
            columns: columns.join(", "),
        });
    }
    Ok((table, layout))
}
