//! A drawing as data: boxes, lines, shapes and words in a frame. Written as SVG, rendered as PNG, put on pages of PDF.

mod png;
mod svg;

pub(crate) use self::png::tree;
pub use self::png::{DrawError, png};

use crate::face::{self, Weight};
use crate::look::Ink;

/// Where a text stands in relation to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// A box with its left and upper edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    pub(crate) fn right(self) -> f64 {
        self.x + self.width
    }
    pub(crate) fn bottom(self) -> f64 {
        self.y + self.height
    }
    /// Whether two boxes share more than an edge.
    pub fn meets(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
    /// Whether the other is inside.
    pub fn holds(self, other: Self) -> bool {
        self.x <= other.x && self.y <= other.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }
}

/// A word or line of words.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What it says.
    pub text: String,
    /// Its point: by `align` across, the baseline down.
    pub at: (f64, f64),
    /// Height of an em.
    pub size: f64,
    /// How heavy.
    pub weight: Weight,
    /// In relation to the point.
    pub align: Align,
    /// Colour.
    pub ink: Ink,
}

impl Label {
    /// The box that it fills.
    pub fn area(&self) -> Area {
        let width = face::width(&self.text, self.weight, self.size);
        let x = match self.align {
            Align::Start => self.at.0,
            Align::Middle => self.at.0 - width / 2.0,
            Align::End => self.at.0 - width,
        };
        Area { x, y: self.at.1 - self.size * 0.76, width, height: self.size }
    }
}

/// A part of a drawing.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A filled box.
    Box {
        /// Where.
        area: Area,
        /// Of its corners.
        radius: f64,
        /// Colour.
        ink: Ink,
        /// From 0 to 1.
        opacity: f64,
    },
    /// Points joined by straight lines.
    Line {
        /// The points.
        points: Vec<(f64, f64)>,
        /// Thickness.
        width: f64,
        /// Colour.
        ink: Ink,
        /// Drawn and left out, in turn.
        dash: Option<(f64, f64)>,
    },
    /// A filled shape.
    Shape {
        /// Its corners.
        points: Vec<(f64, f64)>,
        /// Colour.
        ink: Ink,
        /// From 0 to 1.
        opacity: f64,
    },
    /// A filled circle with a rim.
    Dot {
        /// The middle.
        at: (f64, f64),
        /// Radius.
        radius: f64,
        /// Colour.
        ink: Ink,
        /// Colour of the rim.
        rim: Ink,
    },
    /// Words.
    Words(Label),
}

/// A drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// The finding, in one line.
    pub title: String,
    /// From back to front.
    pub marks: Vec<Mark>,
}

impl Scene {
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, alt: String::new(), title: String::new(), marks: Vec::new() }
    }
    /// The whole of it.
    pub fn frame(&self) -> Area {
        Area { x: 0.0, y: 0.0, width: self.width, height: self.height }
    }
    /// All words.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Words(label) => Some(label),
            _ => None,
        })
    }
    pub(crate) fn fill(&mut self, area: Area, radius: f64, ink: Ink) {
        self.marks.push(Mark::Box { area, radius, ink, opacity: 1.0 });
    }
    pub(crate) fn tint(&mut self, area: Area, radius: f64, ink: Ink, opacity: f64) {
        self.marks.push(Mark::Box { area, radius, ink, opacity });
    }
    pub(crate) fn line(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink) {
        self.marks.push(Mark::Line { points, width, ink, dash: None });
    }
    pub(crate) fn dashed(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink, dash: (f64, f64)) {
        self.marks.push(Mark::Line { points, width, ink, dash: Some(dash) });
    }
    pub(crate) fn shape(&mut self, points: Vec<(f64, f64)>, ink: Ink, opacity: f64) {
        self.marks.push(Mark::Shape { points, ink, opacity });
    }
    pub(crate) fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink, rim: Ink) {
        self.marks.push(Mark::Dot { at, radius, ink, rim });
    }
    /// Words in letters of the typeface; the label that was set.
    pub(crate) fn words(&mut self, text: &str, at: (f64, f64), kind: Type, align: Align) {
        let text = face::spelled(text);
        let label = Label { text, at, size: kind.size, weight: kind.weight, align, ink: kind.ink };
        self.marks.push(Mark::Words(label));
    }
    /// Words on a piece of paper that covers what runs behind them.
    pub(crate) fn words_on_paper(&mut self, text: &str, at: (f64, f64), kind: Type, align: Align) {
        let place = self.marks.len();
        self.words(text, at, kind, align);
        if let Some(Mark::Words(label)) = self.marks.last() {
            let area = label.area();
            let area = Area { x: area.x - 5.0, width: area.width + 10.0, ..area };
            self.marks.insert(place, Mark::Box { area, radius: 0.0, ink: Ink::Paper, opacity: 1.0 });
        }
    }
    /// Lines of words under each other; where the next line would stand.
    pub(crate) fn lines(&mut self, lines: &[String], at: (f64, f64), kind: Type, leading: f64) -> f64 {
        let mut y = at.1;
        for line in lines {
            self.words(line, (at.0, y), kind, Align::Start);
            y += leading;
        }
        y
    }
    /// Another drawing inside this one.
    pub(crate) fn place(&mut self, other: &Self, at: (f64, f64), scale: f64) {
        let point = |(x, y): (f64, f64)| (at.0 + x * scale, at.1 + y * scale);
        let points = |points: &[(f64, f64)]| points.iter().map(|place| point(*place)).collect::<Vec<_>>();
        for mark in &other.marks {
            self.marks.push(match mark {
                Mark::Box { area, radius, ink, opacity } => {
                    let (x, y) = point((area.x, area.y));
                    let area = Area { x, y, width: area.width * scale, height: area.height * scale };
                    Mark::Box { area, radius: radius * scale, ink: *ink, opacity: *opacity }
                }
                Mark::Line { points: line, width, ink, dash } => Mark::Line {
                    points: points(line),
                    width: width * scale,
                    ink: *ink,
                    dash: dash.map(|(on, off)| (on * scale, off * scale)),
                },
                Mark::Shape { points: corners, ink, opacity } => {
                    Mark::Shape { points: points(corners), ink: *ink, opacity: *opacity }
                }
                Mark::Dot { at, radius, ink, rim } => {
                    Mark::Dot { at: point(*at), radius: radius * scale, ink: *ink, rim: *rim }
                }
                Mark::Words(label) => {
                    Mark::Words(Label { at: point(label.at), size: label.size * scale, ..label.clone() })
                }
            });
        }
    }
}

/// How words are set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Type {
    pub size: f64,
    pub weight: Weight,
    pub ink: Ink,
}

impl Type {
    pub(crate) const fn regular(size: f64, ink: Ink) -> Self {
        Self { size, weight: Weight::Regular, ink }
    }
    pub(crate) const fn semibold(size: f64, ink: Ink) -> Self {
        Self { size, weight: Weight::Semibold, ink }
    }
    pub(crate) fn width(self, text: &str) -> f64 {
        face::width(text, self.weight, self.size)
    }
    pub(crate) fn cut(self, text: &str, room: f64) -> String {
        face::cut(text, self.weight, self.size, room)
    }
    pub(crate) fn wrapped(self, text: &str, room: f64, most: usize) -> Vec<String> {
        face::wrapped(text, self.weight, self.size, room, most)
    }
}
