//! From sales to profit: each step stands where the one before ended.

use super::frame::{Head, MARGIN, ROOM, Swatch, WIDTH, legend};
use crate::look::Ink;
use crate::scene::{Align, Area, Scene, Type};

const ROW: f64 = 90.0;
const THICK: f64 = 24.0;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It says where we are: drawn from zero.
    Total,
    /// It adds or takes away.
    Change,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is called.
    pub name: String,
    /// Whether it is a total.
    pub kind: StepKind,
    /// Minor units: the total, or what is added; negative takes away.
    pub value: i64,
    /// The same as people write it.
    pub written: String,
    /// Of revenue.
    pub share: Option<String>,
}

/// Steps in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Words around it.
    pub head: Head,
    /// The steps; the first is a total.
    pub steps: Vec<Step>,
    /// The words for what comes in or remains, and for what goes.
    pub legend: (String, String),
}

impl Steps {
    /// Where each step begins and ends, in minor units.
    pub fn spans(&self) -> Vec<(i128, i128)> {
        let mut reached = 0_i128;
        self.steps
            .iter()
            .map(|step| {
                let from = if step.kind == StepKind::Total { 0 } else { reached };
                reached = from + i128::from(step.value);
                (from, reached)
            })
            .collect()
    }

    pub(super) fn plot(&self, scene: &mut Scene, top: f64) -> f64 {
        let (gain, cost) = &self.legend;
        let keys = [(Swatch::Block(Ink::Añil), gain.clone()), (Swatch::Block(Ink::Ocre), cost.clone())];
        let mut y = legend(scene, &keys, top) + 14.0;
        let spans = self.spans();
        let ends = spans.iter().flat_map(|(from, to)| [*from, *to]);
        let (low, high) = ends.fold((0_i128, 1_i128), |(low, high), end| (low.min(end), high.max(end)));
        let x = |value: i128| MARGIN + (value - low) as f64 / (high - low) as f64 * ROOM;
        let share_room = self.steps.iter().filter_map(|step| step.share.as_deref());
        let share_room = share_room.map(|share| Type::semibold(33.0, Ink::Text).width(share)).fold(0.0, f64::max);
        // What joins the bars runs behind the words of the next row, which stand on paper of their own.
        for (place, (_, to)) in spans.iter().enumerate().take(spans.len().saturating_sub(1)) {
            let bar = y + 46.0 + ROW * place as f64;
            scene.line(vec![(x(*to), bar + THICK), (x(*to), bar + ROW)], 2.0, Ink::Axis);
        }
        for (step, (from, to)) in self.steps.iter().zip(&spans) {
            let total = step.kind == StepKind::Total;
            let name = if total { Type::semibold(33.0, Ink::Text) } else { Type::regular(33.0, Ink::Second) };
            let share = if total { name } else { Type::regular(33.0, Ink::Least) };
            let mut right = WIDTH - MARGIN;
            if let Some(text) = &step.share {
                scene.words_on_paper(text, (right, y + 30.0), share, Align::End);
            }
            if share_room > 0.0 {
                right -= share_room + 30.0;
            }
            scene.words_on_paper(&step.written, (right, y + 30.0), name, Align::End);
            let room = right - name.width(&step.written) - MARGIN - 24.0;
            scene.words_on_paper(&name.cut(&step.name, room), (MARGIN, y + 30.0), name, Align::Start);
            let bar = y + 46.0;
            let track = Area { x: MARGIN, y: bar, width: ROOM, height: THICK };
            scene.fill(track, 5.0, Ink::Sunken);
            let (start, end) = (x(*from), x(*to));
            let area = Area { x: start.min(end), width: (end - start).abs().max(3.0), ..track };
            scene.fill(area, 5.0, if step.value < 0 { Ink::Ocre } else { Ink::Añil });
            y += ROW;
        }
        if low < 0 {
            let first = y - ROW * self.steps.len() as f64 + 46.0;
            scene.dashed(vec![(x(0), first), (x(0), y - 20.0)], 2.0, Ink::Axis, (6.0, 5.0));
        }
        y - 2.0
    }
}
