//! A figure in parts, the largest first: the name and the number above, the bar below.

use super::axis::Axis;
use super::frame::{Head, MARGIN, ROOM, WIDTH};
use crate::look::Ink;
use crate::scene::{Align, Area, Scene, Type};

const ROW: f64 = 104.0;
const THICK: f64 = 30.0;
const NAME: Type = Type::regular(34.0, Ink::Text);
const NUMBER: Type = Type::semibold(34.0, Ink::Text);
const SHARE: Type = Type::regular(34.0, Ink::Least);

/// A part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Minor units or a count.
    pub value: i64,
    /// The same as people write it.
    pub written: String,
    /// Of the whole.
    pub share: Option<String>,
    /// All that was not worth a bar of its own.
    pub rest: bool,
}

/// A figure in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// Words around it.
    pub head: Head,
    /// The parts.
    pub parts: Vec<Bar>,
}

impl Bars {
    pub(super) fn plot(&self, scene: &mut Scene, top: f64) -> f64 {
        let axis = Axis::over(self.parts.iter().map(|part| part.value), i128::MAX, 1);
        // The longest bar takes the whole width: numbers stand beside the names, so no axis is needed.
        let (low, high) =
            self.parts.iter().fold((0, 0), |(low, high), part| (part.value.min(low), part.value.max(high)));
        let axis = Axis { low: low.into(), high: i128::from(high).max(i128::from(low) + 1), ..axis };
        let share_room = self.parts.iter().filter_map(|part| part.share.as_deref()).map(|share| SHARE.width(share));
        let share_room = share_room.fold(0.0, f64::max);
        let mut y = top + 10.0;
        for part in &self.parts {
            let mut right = WIDTH - MARGIN;
            if let Some(share) = &part.share {
                scene.words(share, (right, y + 30.0), SHARE, Align::End);
            }
            if share_room > 0.0 {
                right -= share_room + 28.0;
            }
            scene.words(&part.written, (right, y + 30.0), NUMBER, Align::End);
            let room = right - NUMBER.width(&part.written) - MARGIN - 28.0;
            scene.words(&NAME.cut(&part.name, room), (MARGIN, y + 30.0), NAME, Align::Start);
            let track = Area { x: MARGIN, y: y + 46.0, width: ROOM, height: THICK };
            scene.fill(track, 6.0, Ink::Sunken);
            let (zero, end) = (MARGIN + axis.share(0) * ROOM, MARGIN + axis.share(part.value) * ROOM);
            let ink = match (part.value < 0, part.rest) {
                (true, _) => Ink::Ocre,
                (false, true) => Ink::Least,
                (false, false) => Ink::Añil,
            };
            let bar = Area { x: zero.min(end), width: (end - zero).abs().max(3.0), ..track };
            scene.fill(bar, 6.0, ink);
            if low < 0 {
                scene.line(vec![(zero, track.y - 4.0), (zero, track.bottom() + 4.0)], 3.0, Ink::Axis);
            }
            y += ROW;
        }
        y - 4.0
    }
}
