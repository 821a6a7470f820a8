//! Standard output: a table for eyes, JSON lines for programs.

use std::io::{self, Write};

use serde::Serialize;

/// A line of a table, and an object of JSON lines.
pub trait Row: Serialize {
    /// Headings of the columns.
    const HEAD: &'static [&'static str];
    /// The cells, as many as headings.
    fn cells(&self) -> Vec<String>;
}

/// Where data is written.
pub struct Output<'a> {
    out: Box<dyn Write + 'a>,
}

impl Output<'static> {
    /// Standard output, buffered.
    pub fn stdout() -> Self {
        Self { out: Box::new(io::BufWriter::new(io::stdout().lock())) }
    }
}

impl<'a> Output<'a> {
    /// Anything else, for tests.
    pub fn to(out: impl Write + 'a) -> Self {
        Self { out: Box::new(out) }
    }

    /// Rows as a table, or each as a line of JSON.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn rows<R: Row>(&mut self, rows: &[R], json: bool) -> io::Result<()> {
        if json {
            rows.iter().try_for_each(|row| self.json(row))?;
            return self.out.flush();
        }
        let cells: Vec<Vec<String>> =
            rows.iter().map(|row| row.cells().iter().map(|cell| plain(cell)).collect()).collect();
        let head: Vec<String> = R::HEAD.iter().map(|title| title.to_uppercase()).collect();
        let widths: Vec<usize> = (0..head.len())
            .map(|column| {
                let longest = cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
                longest.unwrap_or(0).max(head[column].chars().count())
            })
            .collect();
        for row in std::iter::once(&head).chain(&cells) {
            let line: String = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  ")).collect();
            writeln!(self.out, "{}", line.trim_end())?;
        }
        self.out.flush()
    }

    /// One line of JSON, flushed: a program may wait for it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    /// A text as it is, with a final newline.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            self.out.write_all(b"\n")?;
        }
        self.out.flush()
    }
}

/// A cell on one line: names and texts come from strangers and may hold control characters that a terminal obeys.
fn plain(cell: &str) -> String {
    cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A message for the person at the keyboard, on standard error.
pub fn message(text: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct City {
        name: &'static str,
        people: u32,
    }
    impl Row for City {
        const HEAD: &'static [&'static str] = &["name", "people"];
        fn cells(&self) -> Vec<String> {
            vec![self.name.to_owned(), self.people.to_string()]
        }
    }
    const CITIES: [City; 2] = [City { name: "Bogotá", people: 8 }, City { name: "Cali\u{1b}[31m\n", people: 10 }];

    fn written(json: bool) -> String {
        let mut bytes = Vec::new();
        Output::to(&mut bytes).rows(&CITIES, json).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_table_is_aligned_and_obeys_no_control_characters() {
        assert_eq!(written(false), "NAME        PEOPLE\nBogotá      8\nCali [31m   10\n");
    }

    #[test]
    fn json_is_one_object_per_line() {
        let text = written(true);
        let objects: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), 2);
        assert_eq!(objects[0]["people"], 8);
    }
}
