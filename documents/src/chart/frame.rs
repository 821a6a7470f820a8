//! What stands around every drawing: the finding, what is drawn, its legend, its source.

use crate::look::Ink;
use crate::scene::{Align, Area, Mark, Scene, Type};

pub(crate) const WIDTH: f64 = 1080.0;
pub(crate) const MARGIN: f64 = 64.0;
/// Between the margins.
pub(crate) const ROOM: f64 = WIDTH - 2.0 * MARGIN;

const TITLE: Type = Type::semibold(54.0, Ink::Text);
const NOTE: Type = Type::regular(33.0, Ink::Second);
const FOOT: Type = Type::regular(29.0, Ink::Least);
const BRAND: Type = Type::semibold(29.0, Ink::Accent);
pub(crate) const KEY: Type = Type::regular(31.0, Ink::Second);
pub(crate) const LABEL: Type = Type::regular(31.0, Ink::Second);

/// Words around a drawing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// The finding.
    pub title: String,
    /// What is drawn: figure, unit, days.
    pub note: String,
    /// A caveat, when there is one.
    pub caveat: Option<String>,
    /// Shop and age of the data.
    pub source: String,
    /// The values, for those who cannot see them.
    pub values: String,
}

impl Head {
    /// The whole picture in words.
    pub fn alt(&self) -> String {
        let parts = [Some(&self.title), Some(&self.note), self.caveat.as_ref(), Some(&self.values), Some(&self.source)];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        parts.map(|part| format!("{}.", part.trim_end_matches('.'))).collect::<Vec<_>>().join(" ")
    }
}

/// Draws what stands above; where the drawing begins.
pub(crate) fn open(scene: &mut Scene, head: &Head) -> f64 {
    scene.title.clone_from(&head.title);
    scene.alt = head.alt();
    let y = scene.lines(&TITLE.wrapped(&head.title, ROOM, 4), (MARGIN, 106.0), TITLE, 64.0);
    let mut y = scene.lines(&NOTE.wrapped(&head.note, ROOM, 2), (MARGIN, y - 4.0), NOTE, 44.0);
    if let Some(caveat) = &head.caveat {
        y = badge(scene, caveat, y - 12.0);
    }
    y + 4.0
}

/// A caveat on its soft ground; what follows stands below.
fn badge(scene: &mut Scene, caveat: &str, y: f64) -> f64 {
    const CAVEAT: Type = Type::regular(30.0, Ink::WarnText);
    let lines = CAVEAT.wrapped(caveat, ROOM - 40.0, 3);
    let widest = lines.iter().map(|line| CAVEAT.width(line)).fold(0.0, f64::max);
    let height = 40.0 * lines.len() as f64 + 22.0;
    scene.fill(Area { x: MARGIN, y, width: widest + 40.0, height }, 12.0, Ink::WarnSoft);
    scene.lines(&lines, (MARGIN + 20.0, y + 41.0), CAVEAT, 40.0);
    y + height + 40.0
}

/// Draws what stands below, and gives the picture its height and its paper.
pub(crate) fn close(scene: &mut Scene, head: &Head, bottom: f64) {
    let baseline = bottom + 76.0;
    scene.line(vec![(MARGIN, bottom + 26.0), (WIDTH - MARGIN, bottom + 26.0)], 2.0, Ink::Grid);
    let brand = BRAND.width("Recado") + 44.0;
    scene.words(&FOOT.cut(&head.source, ROOM - brand - 24.0), (MARGIN, baseline), FOOT, Align::Start);
    scene.words("Recado", (WIDTH - MARGIN, baseline), BRAND, Align::End);
    mark(scene, (WIDTH - MARGIN - brand, baseline - 27.0), 34.0);
    scene.height = (baseline + 44.0).ceil();
    let paper = Mark::Box { area: scene.frame(), radius: 0.0, ink: Ink::Paper, opacity: 1.0 };
    scene.marks.insert(0, paper);
}

/// Our mark: a folded note with a tick.
pub(crate) fn mark(scene: &mut Scene, at: (f64, f64), size: f64) {
    let point = |x: f64, y: f64| (at.0 + x * size / 24.0, at.1 + y * size / 24.0);
    let note = [(2.8, 2.3), (4.0, 2.0), (20.0, 2.0), (21.4, 2.6), (22.0, 4.0), (22.0, 13.5), (16.5, 19.0), (9.5, 19.0)];
    let note = note.into_iter().chain([(4.9, 22.4), (4.0, 22.0), (4.0, 19.0), (2.6, 18.4), (2.0, 17.0), (2.0, 4.0)]);
    scene.shape(note.map(|(x, y)| point(x, y)).collect(), Ink::Accent, 1.0);
    scene.shape([(22.0, 13.5), (16.5, 13.5), (16.5, 19.0)].map(|(x, y)| point(x, y)).to_vec(), Ink::Fold, 1.0);
    scene.line([(7.5, 10.0), (10.5, 13.0), (16.5, 6.7)].map(|(x, y)| point(x, y)).to_vec(), size / 12.0, Ink::Paper);
}

/// How a series is drawn, in the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swatch {
    Block(Ink),
    Pale(Ink),
    Line(Ink),
    Dashed(Ink),
}

/// The legend, in as many lines as it takes; what follows stands below.
pub(crate) fn legend(scene: &mut Scene, keys: &[(Swatch, String)], top: f64) -> f64 {
    let (mut x, mut y) = (MARGIN, top + 24.0);
    for (swatch, name) in keys {
        let name = KEY.cut(name, ROOM - 60.0);
        let width = 50.0 + KEY.width(&name);
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, y) = (MARGIN, y + 44.0);
        }
        let middle = y - 11.0;
        match swatch {
            Swatch::Block(ink) => scene.fill(Area { x, y: middle - 13.0, width: 26.0, height: 26.0 }, 4.0, *ink),
            Swatch::Pale(ink) => scene.tint(Area { x, y: middle - 13.0, width: 26.0, height: 26.0 }, 4.0, *ink, 0.18),
            Swatch::Line(ink) => scene.line(vec![(x, middle), (x + 34.0, middle)], 6.0, *ink),
            Swatch::Dashed(ink) => scene.dashed(vec![(x - 2.0, middle), (x + 36.0, middle)], 4.0, *ink, (10.0, 6.0)),
        }
        scene.words(&name, (x + 46.0, y), KEY, Align::Start);
        x += width + 36.0;
    }
    y + 36.0
}
