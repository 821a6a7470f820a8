//! Cash of the next thirteen weeks: what is committed, and between which lines it may lie.

use jiff::civil::Date;

use super::axis::Axis;
use super::frame::{Head, LABEL, MARGIN, Swatch, WIDTH, legend};
use crate::look::Ink;
use crate::scene::{Align, Area, Scene, Type};
use crate::write::Writer;

const HEIGHT: f64 = 540.0;
const POINT: Type = Type::semibold(32.0, Ink::Text);

/// Cash by week; the first value is today's.
#[derive(Clone, Debug, PartialEq)]
pub struct Weeks {
    /// Words around it.
    pub head: Head,
    /// Today.
    pub today: Date,
    /// Minor units, today and at the end of each week.
    pub committed: Vec<i64>,
    /// With collections a fifth lower.
    pub low: Vec<i64>,
    /// With new sales at the pace of late.
    pub high: Vec<i64>,
    /// Words of the legend: the line, the band, zero.
    pub legend: (String, String, String),
    /// How numbers are written.
    pub writer: Writer,
}

impl Weeks {
    /// The lowest week, counted from one; the first of equals.
    pub(crate) fn lowest(&self) -> (usize, i64) {
        let weeks = self.committed.iter().copied().enumerate().skip(1);
        weeks.min_by_key(|(week, cash)| (*cash, *week)).unwrap_or((0, 0))
    }
    /// The last day of a week.
    pub fn day(&self, week: usize) -> Date {
        let days = i64::try_from(week).unwrap_or(0).min(5_000) * 7;
        self.today.saturating_add(jiff::Span::new().days((days - 1).max(0)))
    }

    pub(super) fn plot(&self, scene: &mut Scene, top: f64) -> f64 {
        let (line, band, _) = &self.legend;
        let keys = [(Swatch::Line(Ink::Añil), line.clone()), (Swatch::Pale(Ink::Añil), band.clone())];
        let top = legend(scene, &keys, top) + 46.0;
        let unit = 10_i128.pow(self.writer.currency.exponent());
        let all = self.committed.iter().chain(&self.low).chain(&self.high).copied();
        let axis = Axis::over(all, 5, unit);
        let names: Vec<(i64, String)> = axis.ticks().map(|tick| (tick, self.writer.short(tick))).collect();
        let margin = names.iter().map(|(_, name)| LABEL.width(name)).fold(0.0, f64::max) + 18.0;
        let x = MARGIN + margin;
        let plot = Area { x, y: top, width: WIDTH - MARGIN - x - 14.0, height: HEIGHT };
        let point = |(week, cash): (usize, &i64)| {
            let last = self.committed.len().max(2) - 1;
            (plot.x + week as f64 * plot.width / last as f64, axis.y(*cash, plot))
        };
        for (tick, name) in names {
            let y = axis.y(tick, plot);
            let (ink, width) = if tick == 0 { (Ink::Text, 4.0) } else { (Ink::Grid, 2.0) };
            scene.line(vec![(plot.x, y), (plot.right(), y)], width, ink);
            scene.words(&name, (plot.x - 18.0, y + 11.0), LABEL, Align::End);
        }
        let back = self.low.iter().enumerate().rev().map(point);
        scene.shape(self.high.iter().enumerate().map(point).chain(back).collect(), Ink::Añil, 0.18);
        let line: Vec<(f64, f64)> = self.committed.iter().enumerate().map(point).collect();
        scene.line(line.clone(), 11.0, Ink::Paper);
        scene.line(line.clone(), 6.0, Ink::Añil);
        for at in &line {
            scene.dot(*at, 7.0, Ink::Añil, Ink::Paper);
        }
        self.mark_lowest(scene, axis, plot, &line);
        self.name_weeks(scene, plot)
    }

    fn mark_lowest(&self, scene: &mut Scene, axis: Axis, plot: Area, line: &[(f64, f64)]) {
        let (week, cash) = self.lowest();
        let Some(at) = line.get(week).copied() else { return };
        let ink = if cash < 0 { Ink::Ocre } else { Ink::Añil };
        scene.dot(at, 13.0, ink, Ink::Paper);
        let text = self.writer.short(cash);
        let (half, line_height) = (POINT.width(&text) / 2.0, 40.0);
        let x = at.0.clamp(plot.x + half + 8.0, plot.right() - half);
        // Below the point; above it, when there is no room below or the zero line runs there.
        let below = Area { x: x - half, y: at.1 + 20.0, width: 2.0 * half, height: line_height };
        let zero = axis.y(0, plot);
        let crossed = below.y - 6.0 < zero && zero < below.bottom() + 6.0;
        let y = if below.bottom() > plot.bottom() || crossed { at.1 - 30.0 } else { at.1 + 50.0 };
        let halo = Area { x: x - half - 8.0, y: y - 30.0, width: 2.0 * half + 16.0, height: 40.0 };
        scene.tint(halo, 6.0, Ink::Paper, 0.85);
        scene.words(&text, (x, y), POINT, Align::Middle);
    }

    fn name_weeks(&self, scene: &mut Scene, plot: Area) -> f64 {
        let baseline = plot.bottom() + 48.0;
        let last = self.committed.len().saturating_sub(1);
        let mut free = f64::MIN;
        for week in 0..=last {
            if week % 3 != 0 && week != last {
                continue;
            }
            let name = self.writer.day(self.day(week));
            let half = LABEL.width(&name) / 2.0;
            let middle = plot.x + week as f64 * plot.width / last.max(1) as f64;
            let x = middle.clamp(plot.x + half - 20.0, WIDTH - MARGIN - half);
            let ends_well = week == last || last - week >= 2;
            if x - half >= free && ends_well {
                scene.words(&name, (x, baseline), LABEL, Align::Middle);
                free = x + half + 22.0;
            }
        }
        baseline + 24.0
    }
}
