//! The one typeface of pictures and documents (Hanken Grotesk, fonts/OFL.txt), and how wide its words are.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::Database;

const REGULAR: &[u8] = include_bytes!("../fonts/hanken-grotesk-400.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../fonts/hanken-grotesk-600.ttf");

/// The family, as pictures name it.
pub(crate) const FAMILY: &str = "Hanken Grotesk";

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    Semibold,
}

impl Weight {
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::Regular => 400,
            Self::Semibold => 600,
        }
    }
}

static FACES: LazyLock<[ttf_parser::Face<'static>; 2]> = LazyLock::new(|| {
    [REGULAR, SEMIBOLD].map(|bytes| ttf_parser::Face::parse(bytes, 0).expect("the embedded typeface is sound"))
});

static DATABASE: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut database = Database::new();
    for bytes in [REGULAR, SEMIBOLD] {
        database.load_font_data(bytes.to_vec());
    }
    database.set_sans_serif_family(FAMILY);
    Arc::new(database)
});

/// The typeface and no other: a picture looks the same on every machine.
pub(crate) fn database() -> Arc<Database> {
    Arc::clone(&DATABASE)
}

fn face(weight: Weight) -> &'static ttf_parser::Face<'static> {
    &FACES[usize::from(weight == Weight::Semibold)]
}

/// How wide a text is at a size, in the units of the size. Kerning is off wherever we draw, so this is what is drawn.
pub(crate) fn width(text: &str, weight: Weight, size: f64) -> f64 {
    let face = face(weight);
    let advance = |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(600);
    let units: f64 = text.chars().map(|letter| f64::from(advance(letter))).sum();
    units * size / f64::from(face.units_per_em())
}

/// The text in letters that the typeface has. Letters of other scripts become `?`, signs and pictures go.
pub(crate) fn spelled(text: &str) -> String {
    let face = face(Weight::Regular);
    let mut said = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if letter.is_control() || letter == '\u{2028}' || letter == '\u{2029}' => said.push(' '),
            '\u{202f}' => said.push('\u{a0}'),
            _ if face.glyph_index(letter).is_some() => said.push(letter),
            _ if letter.is_alphanumeric() => said.push('?'),
            _ => {}
        }
    }
    said.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text, cut with an ellipsis where it must be to fit a width.
pub(crate) fn cut(text: &str, weight: Weight, size: f64, room: f64) -> String {
    let text = spelled(text);
    if width(&text, weight, size) <= room {
        return text;
    }
    let mut kept = text.as_str();
    while let Some((last, _)) = kept.char_indices().next_back() {
        kept = kept[..last].trim_end();
        let shorter = format!("{kept}…");
        if width(&shorter, weight, size) <= room {
            return shorter;
        }
    }
    String::new()
}

/// The text in lines that fit a width; the last of at most `most` lines is cut.
pub(crate) fn wrapped(text: &str, weight: Weight, size: f64, room: f64, most: usize) -> Vec<String> {
    let text = spelled(text);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer {
            Some(longer) if width(&longer, weight, size) <= room => *lines.last_mut().expect("it was there") = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > most {
        let rest = lines.split_off(most.max(1) - 1).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|line| cut(line, weight, size, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_are_in_the_database_of_pictures() {
        let database = database();
        let faces: Vec<(u16, &str)> =
            database.faces().map(|face| (face.weight.0, face.families[0].0.as_str())).collect();
        assert_eq!(faces, [(400, FAMILY), (600, FAMILY)]);
    }

    #[test]
    fn lines_fit_and_hold_every_word() {
        let text = "Vendiste $663.794 netos en septiembre, 12,3 % más que en agosto, en 9 pedidos";
        let lines = wrapped(text, Weight::Semibold, 40.0, 500.0, 9);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, Weight::Semibold, 40.0) <= 500.0));
        assert_eq!(lines.join(" "), text);
        let short = wrapped(text, Weight::Semibold, 40.0, 500.0, 2);
        assert!(short.len() == 2 && short[1].ends_with('…'), "{short:?}");
    }

    #[test]
    fn what_the_typeface_lacks_never_becomes_an_empty_box() {
        assert_eq!(spelled("Vela 🕯️ «lavanda»\n 日本"), "Vela «lavanda» ??");
        assert!(FACES[0].glyph_index('日').is_none() && FACES[0].glyph_index('−').is_some());
    }

    #[test]
    fn what_cannot_fit_is_nothing() {
        assert_eq!(cut("palabra", Weight::Regular, 20.0, 1.0), "");
    }
}
