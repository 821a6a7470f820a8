//! CSV as programs of the region write it: any of four separators, any of four encodings.

use std::borrow::Cow;

use super::cell::{Cell, Row, Table};
use super::error::SheetError;
use super::{MOST_CELLS, clipped};

/// Separators, the likelier first.
const SEPARATORS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// Lines that decide about the separator.
const SAMPLE: usize = 60;

/// The text of a file: by its mark, else UTF-8, else UTF-16 without a mark, else Windows-1252 (which holds Latin-1).
pub(super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    let sample = &bytes[..bytes.len().min(2_000)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let most = sample.len() / 4;
    if sample.len() > 3 && zeros(1) > most {
        return encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0;
    }
    if sample.len() > 3 && zeros(0) > most {
        return encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// How often each separator stands outside quotes in a line.
fn counts(line: &str) -> [usize; 4] {
    let (mut counts, mut quoted) = ([0; 4], false);
    for byte in line.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ => {
                if let Some(place) = SEPARATORS.iter().position(|separator| *separator == byte) {
                    counts[place] += 1;
                }
            }
        }
    }
    counts
}

/// The separator whose number per line is most often the same, and not zero.
fn separator(text: &str) -> u8 {
    let lines: Vec<[usize; 4]> = text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE).map(counts).collect();
    let score = |place: usize| {
        let mut seen: Vec<usize> = lines.iter().map(|counts| counts[place]).filter(|count| *count > 0).collect();
        seen.sort_unstable();
        let runs = seen.chunk_by(|one, other| one == other).map(|run| (run.len(), run[0]));
        runs.max().unwrap_or((0, 0))
    };
    let best = (0..SEPARATORS.len()).max_by_key(|place| (score(*place), std::cmp::Reverse(*place)));
    best.filter(|place| score(*place).0 > 0).map_or(b',', |place| SEPARATORS[place])
}

pub(super) fn read(bytes: &[u8]) -> Result<Table, SheetError> {
    let text = decoded(bytes);
    // Excel's own hint in the first line: `sep=;`.
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let hint = first.trim().strip_prefix("sep=").and_then(|hint| hint.bytes().next());
    let (body, before) = if hint.is_some() { (rest, 1) } else { (text.as_ref(), 0) };
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(hint.unwrap_or_else(|| separator(body)))
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    let mut rows = Vec::new();
    let mut cells = 0;
    let mut record = ::csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| SheetError::Workbook(error.to_string()))? {
        cells += record.len();
        if cells > MOST_CELLS {
            return Err(SheetError::TooMany(MOST_CELLS));
        }
        // A record is said to begin where the one before ended: empty lines stand between.
        let line = record.position().map_or(0, |at| {
            let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
            let gap = body.as_bytes().get(start..).unwrap_or_default().iter().take_while(|byte| b"\r\n".contains(byte));
            at.line() + before + gap.filter(|byte| **byte == b'\n').count() as u64
        });
        let cells: Vec<Cell> = record.iter().map(cell).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push(Row { number: u32::try_from(line).unwrap_or(u32::MAX), cells });
        }
    }
    Ok(Table { name: String::new(), rows, merged: Vec::new() })
}

fn cell(text: &str) -> Cell {
    // Some exports guard text against spreadsheets: ="0012".
    let guarded = text.trim().strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    let text = guarded.unwrap_or(text).trim();
    if text.is_empty() { Cell::Empty } else { Cell::Text(clipped(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = read(bytes).unwrap();
        table.rows.iter().map(|row| row.cells.iter().map(Cell::text).collect()).collect()
    }

    #[test]
    fn every_encoding_says_the_same() {
        let text = "Fecha;Categoría;Valor\n2026-09-01;Papelería «A»;1.500,00\n";
        let expected = texts(text.as_bytes());
        assert_eq!(expected[1], ["2026-09-01", "Papelería «A»", "1.500,00"]);
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let wide = |big: bool, mark: bool| -> Vec<u8> {
            let mark = mark.then_some('\u{feff}');
            let units: Vec<u16> = mark.into_iter().chain(text.chars()).collect::<String>().encode_utf16().collect();
            units.into_iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        for bytes in [marked, wide(false, true), wide(true, true), wide(false, false), wide(true, false), latin] {
            assert_eq!(texts(&bytes), expected);
        }
    }

    #[test]
    fn every_separator_is_found_also_beside_decimal_commas_and_quotes() {
        for separator in [";", "\t", "|"] {
            let text = ["a", "b,c", "1,5"].join(separator) + "\n" + &["d", "\"e;|,\"", "2,5"].join(separator);
            assert_eq!(texts(text.as_bytes())[1], ["d", "e;|,", "2,5"], "{separator:?}");
        }
        assert_eq!(texts(b"a,b\n\"1,5\",2\n")[1], ["1,5", "2"]);
        assert_eq!(texts(b"sep=|\na|b\n1;2|3\n")[1], ["1;2", "3"]);
    }

    #[test]
    fn rows_keep_the_number_of_their_line() {
        let table = read(b"titulo\n\n\nfecha,valor\n\"2026\n-01\",5\n2026,6\n").unwrap();
        assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 4, 5, 7]);
    }
}
