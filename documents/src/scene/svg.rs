//! A scene as SVG.

use std::fmt::Write as _;

use super::{Align, Mark, Scene};
use crate::face::FAMILY;
use crate::look::Ink;

impl Scene {
    /// The drawing as SVG, with its title and description for screen readers.
    pub fn to_svg(&self) -> String {
        let mut text = String::with_capacity(4096);
        let (width, height) = (Number(self.width), Number(self.height));
        let _ = write!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"t d\" font-family=\"'{FAMILY}', system-ui, sans-serif\" font-kerning=\"none\">\
             <title id=\"t\">{}</title><desc id=\"d\">{}</desc>",
            Escaped(&self.title),
            Escaped(&self.alt)
        );
        for mark in &self.marks {
            write_mark(&mut text, mark, Dye::Fixed);
        }
        text.push_str("</svg>\n");
        text
    }

    /// The drawing as SVG inside a page of ours: its colours are classes (`fill-text`, `line-grid`), so that it follows the
    /// page's theme, its letters are the page's, and it is one picture with a description for screen readers.
    pub fn to_page_svg(&self) -> String {
        let mut text = String::with_capacity(4096);
        let (width, height) = (Number(self.width), Number(self.height));
        let _ = write!(
            text,
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" font-kerning=\"none\">",
            Escaped(&self.alt)
        );
        for mark in &self.marks {
            write_mark(&mut text, mark, Dye::Themed);
        }
        text.push_str("</svg>");
        text
    }
}

/// How marks get their colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dye {
    /// As they are.
    Fixed,
    /// From the style sheet of the page around.
    Themed,
}

impl Dye {
    fn fill(self, ink: Ink) -> String {
        match self {
            Self::Fixed => format!("fill=\"{}\"", ink.hex()),
            Self::Themed => format!("class=\"fill-{}\"", ink.code()),
        }
    }
    fn line(self, ink: Ink) -> String {
        match self {
            Self::Fixed => format!("stroke=\"{}\"", ink.hex()),
            Self::Themed => format!("class=\"line-{}\"", ink.code()),
        }
    }
    fn both(self, fill: Ink, line: Ink) -> String {
        match self {
            Self::Fixed => format!("{} {}", self.fill(fill), self.line(line)),
            Self::Themed => format!("class=\"fill-{} line-{}\"", fill.code(), line.code()),
        }
    }
}

fn write_mark(text: &mut String, mark: &Mark, dye: Dye) {
    // Writing to a string cannot fail.
    let _ = match mark {
        Mark::Box { area, radius, ink, opacity } => write!(
            text,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" {}{}/>",
            Number(area.x),
            Number(area.y),
            Number(area.width.max(0.0)),
            Number(area.height.max(0.0)),
            Number(*radius),
            dye.fill(*ink),
            opacity_of(*opacity)
        ),
        Mark::Line { points, width, ink, dash } => {
            let dash = dash
                .map_or_else(String::new, |(on, off)| format!(" stroke-dasharray=\"{} {}\"", Number(on), Number(off)));
            write!(
                text,
                "<polyline points=\"{}\" fill=\"none\" {} stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"{}\"{dash}/>",
                Points(points),
                dye.line(*ink),
                Number(*width),
                if dash.is_empty() { "round" } else { "butt" },
            )
        }
        Mark::Shape { points, ink, opacity } => {
            write!(text, "<polygon points=\"{}\" {}{}/>", Points(points), dye.fill(*ink), opacity_of(*opacity))
        }
        Mark::Dot { at, radius, ink, rim } => write!(
            text,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {} stroke-width=\"{}\"/>",
            Number(at.0),
            Number(at.1),
            Number(*radius),
            dye.both(*ink, *rim),
            Number(radius / 2.5)
        ),
        Mark::Words(label) => {
            let anchor = match label.align {
                Align::Start => "start",
                Align::Middle => "middle",
                Align::End => "end",
            };
            write!(
                text,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" font-weight=\"{}\" text-anchor=\"{anchor}\" {}>{}</text>",
                Number(label.at.0),
                Number(label.at.1),
                Number(label.size),
                label.weight.number(),
                dye.fill(label.ink),
                Escaped(&label.text)
            )
        }
    };
}

fn opacity_of(opacity: f64) -> String {
    if opacity >= 1.0 { String::new() } else { format!(" fill-opacity=\"{}\"", Number(opacity)) }
}

/// A coordinate with at most two decimals.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.2}", if self.0.is_finite() { self.0 } else { 0.0 });
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

struct Points<'a>(&'a [(f64, f64)]);

impl std::fmt::Display for Points<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, (x, y)) in self.0.iter().enumerate() {
            let gap = if place == 0 { "" } else { " " };
            write!(f, "{gap}{},{}", Number(*x), Number(*y))?;
        }
        Ok(())
    }
}

/// Text that is only text in XML.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                _ if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => f.write_str(" ")?,
                _ => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Area, Type};

    #[test]
    fn on_a_page_colours_are_classes_and_nothing_is_inline() {
        let mut scene = Scene::new(100.0, 50.0);
        scene.alt = "Ventas \"netas\"".to_owned();
        scene.fill(Area { x: 0.0, y: 0.0, width: 10.0, height: 5.0 }, 0.0, Ink::Añil);
        scene.line(vec![(0.0, 0.0), (1.0, 1.0)], 2.0, Ink::Grid);
        scene.dot((1.0, 1.0), 5.0, Ink::Ocre, Ink::Paper);
        scene.words("<b>", (0.0, 9.0), Type::regular(9.0, Ink::Text), Align::Start);
        let svg = scene.to_page_svg();
        for part in ["fill-anil", "line-grid", "fill-ocre line-paper", "fill-text", "&lt;b&gt;", "netas&quot;"] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(!svg.contains('#') && !svg.contains("style") && svg.contains("role=\"img\""), "{svg}");
    }

    #[test]
    fn names_of_products_are_only_words() {
        let said = Escaped("<script>\"&\u{0}\u{b}</script>").to_string();
        assert_eq!(said, "&lt;script&gt;&quot;&amp;  &lt;/script&gt;");
    }

    #[test]
    fn coordinates_are_short_and_always_numbers() {
        assert_eq!((Number(1.5).to_string(), Number(100.0).to_string()), ("1.5".to_owned(), "100".to_owned()));
        assert_eq!((Number(f64::NAN).to_string(), Number(-0.001).to_string().as_str()), ("0".to_owned(), "-0"));
    }
}
