//! What became of cash-on-delivery parcels: one bar of all of them, and the rate against the one that pays.

use recado_domain::finance::ratio::Ratio;

use super::frame::{Head, LABEL, MARGIN, ROOM, WIDTH};
use crate::look::Ink;
use crate::scene::{Align, Area, Scene, Type};
use crate::write::Writer;

const NAME: Type = Type::regular(34.0, Ink::Text);
const NUMBER: Type = Type::semibold(34.0, Ink::Text);
const THICK: f64 = 72.0;

/// Parcels by outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Cod {
    /// Words around it.
    pub head: Head,
    /// Delivered, returned, lost, on the way: name and count.
    pub outcomes: [(String, i64); 4],
    /// Delivered of those that are settled.
    pub rate: Option<Ratio>,
    /// Below it, cash on delivery loses money.
    pub needed: Option<Ratio>,
    /// Words for the two.
    pub legend: (String, String),
    /// How numbers are written.
    pub writer: Writer,
}

/// Between 0 and 1, for drawing.
fn part(ratio: Ratio) -> f64 {
    (ratio.scaled(6).unwrap_or(0) as f64 / 1e6).clamp(0.0, 1.0)
}

impl Cod {
    pub(super) fn plot(&self, scene: &mut Scene, top: f64) -> f64 {
        const INKS: [Ink; 4] = [Ink::Añil, Ink::Ocre, Ink::Mora, Ink::Axis];
        let all: i64 = self.outcomes.iter().map(|(_, count)| count).sum::<i64>().max(1);
        let mut y = top + 10.0;
        let mut x = MARGIN;
        for ((_, count), ink) in self.outcomes.iter().zip(INKS) {
            let width = *count as f64 / all as f64 * ROOM;
            if *count > 0 {
                scene.fill(Area { x, y, width: (width - 4.0).max(2.0), height: THICK }, 4.0, ink);
            }
            x += width;
        }
        y += THICK + 62.0;
        let widest = self.outcomes.iter().map(|(_, count)| self.writer.percent(share(*count, all)));
        let widest = widest.map(|text| LABEL.width(&text)).fold(0.0, f64::max);
        for ((name, count), ink) in self.outcomes.iter().zip(INKS) {
            scene.fill(Area { x: MARGIN, y: y - 27.0, width: 28.0, height: 28.0 }, 4.0, ink);
            scene.words(name, (MARGIN + 48.0, y), NAME, Align::Start);
            let percent = self.writer.percent(share(*count, all));
            scene.words(&percent, (WIDTH - MARGIN, y), Type { ink: Ink::Least, ..NAME }, Align::End);
            let right = WIDTH - MARGIN - widest - 52.0;
            scene.words(&self.writer.count(*count), (right, y), NUMBER, Align::End);
            y += 58.0;
        }
        self.bullet(scene, y + 20.0)
    }

    /// The rate as a bar, the needed one as a mark across it.
    fn bullet(&self, scene: &mut Scene, top: f64) -> f64 {
        let Some(rate) = self.rate else { return top };
        let (name, needed_name) = &self.legend;
        scene.words(name, (MARGIN, top + 30.0), NAME, Align::Start);
        scene.words(&self.writer.percent(rate), (WIDTH - MARGIN, top + 30.0), NUMBER, Align::End);
        let track = Area { x: MARGIN, y: top + 52.0, width: ROOM, height: 44.0 };
        scene.fill(track, 6.0, Ink::Sunken);
        let enough = self.needed.is_none_or(|needed| part(rate) >= part(needed));
        let ink = if enough { Ink::Añil } else { Ink::Ocre };
        scene.fill(Area { width: (part(rate) * ROOM).max(3.0), ..track }, 6.0, ink);
        let Some(needed) = self.needed else { return track.bottom() + 20.0 };
        let x = MARGIN + part(needed) * ROOM;
        scene.line(vec![(x, track.y - 10.0), (x, track.bottom() + 10.0)], 10.0, Ink::Paper);
        scene.line(vec![(x, track.y - 10.0), (x, track.bottom() + 10.0)], 5.0, Ink::Text);
        let text = format!("{needed_name} {}", self.writer.percent(needed));
        let half = LABEL.width(&text) / 2.0;
        let middle = x.clamp(MARGIN + half, WIDTH - MARGIN - half);
        scene.words(&text, (middle, track.bottom() + 50.0), LABEL, Align::Middle);
        track.bottom() + 74.0
    }
}

fn share(count: i64, all: i64) -> Ratio {
    Ratio::new(count.into(), all.into()).unwrap_or(Ratio::ZERO)
}
