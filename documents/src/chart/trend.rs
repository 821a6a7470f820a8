//! A figure day by day, against the period before: bars for a month, an area for more.

use jiff::civil::Date;

use super::axis::Axis;
use super::frame::{Head, LABEL, MARGIN, Swatch, WIDTH, legend};
use crate::look::Ink;
use crate::scene::{Align, Area, Scene, Type};
use crate::write::Writer;

const HEIGHT: f64 = 560.0;
const BEST: Type = Type::semibold(31.0, Ink::Text);
/// More days than this are no bars on a phone.
const MOST_BARS: usize = 31;

/// Values of one period, one a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// Minor units or counts.
    pub values: Vec<i64>,
}

/// A figure over days.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Words around it.
    pub head: Head,
    /// The period.
    pub now: Series,
    /// What it is compared with, day by day from its first.
    pub before: Option<Series>,
    /// The first day.
    pub first: Date,
    /// The last day has not ended.
    pub partial: Option<String>,
    /// Whether the values are money.
    pub money: bool,
    /// How numbers are written.
    pub writer: Writer,
}

impl Trend {
    pub(crate) fn short(&self, value: i64) -> String {
        if self.money { self.writer.short(value) } else { self.writer.count(value) }
    }
    /// The highest day, counted from the first; the earliest of equals.
    pub(crate) fn best(&self) -> Option<(usize, i64)> {
        let days = self.now.values.iter().copied().enumerate();
        days.max_by_key(|(day, value)| (*value, std::cmp::Reverse(*day))).filter(|(_, value)| *value > 0)
    }
    fn day(&self, place: usize) -> String {
        let days = i64::try_from(place).unwrap_or(i64::MAX).min(40_000);
        self.writer.day(self.first.saturating_add(jiff::Span::new().days(days)))
    }

    pub(super) fn plot(&self, scene: &mut Scene, top: f64) -> f64 {
        let mut keys = vec![(Swatch::Block(Ink::Añil), self.now.name.clone())];
        keys.extend(self.before.iter().map(|before| (Swatch::Dashed(Ink::Compare), before.name.clone())));
        keys.extend(self.partial.iter().map(|partial| (Swatch::Pale(Ink::Añil), partial.clone())));
        let top = legend(scene, &keys, top) + 46.0;
        let before = self.before.iter().flat_map(|before| &before.values);
        let unit = if self.money { 10_i128.pow(self.writer.currency.exponent()) } else { 1 };
        let axis = Axis::over(self.now.values.iter().chain(before).copied(), 5, unit);
        let names: Vec<(i64, String)> = axis.ticks().map(|tick| (tick, self.short(tick))).collect();
        let margin = names.iter().map(|(_, name)| LABEL.width(name)).fold(0.0, f64::max) + 18.0;
        let x = MARGIN + margin;
        let plot = Area { x, y: top, width: WIDTH - MARGIN - x, height: HEIGHT };
        for (tick, name) in names {
            let y = axis.y(tick, plot);
            let (ink, width) = if tick == 0 { (Ink::Axis, 3.0) } else { (Ink::Grid, 2.0) };
            scene.line(vec![(plot.x, y), (plot.right(), y)], width, ink);
            scene.words(&name, (plot.x - 18.0, y + 11.0), LABEL, Align::End);
        }
        if self.now.values.len() > MOST_BARS {
            self.area(scene, axis, plot)
        } else {
            self.bars(scene, axis, plot)
        }
        self.compare(scene, axis, plot);
        self.mark_best(scene, axis, plot);
        self.name_days(scene, plot)
    }

    /// The middle of a day across.
    fn x(&self, day: usize, plot: Area) -> f64 {
        plot.x + (day as f64 + 0.5) * plot.width / self.now.values.len().max(1) as f64
    }

    fn bars(&self, scene: &mut Scene, axis: Axis, plot: Area) {
        let width = (plot.width / self.now.values.len().max(1) as f64 * 0.66).min(96.0);
        let zero = axis.y(0, plot);
        for (day, value) in self.now.values.iter().copied().enumerate() {
            let y = axis.y(value, plot);
            let area = Area { x: self.x(day, plot) - width / 2.0, y: y.min(zero), width, height: (y - zero).abs() };
            let pale = self.partial.is_some() && day + 1 == self.now.values.len();
            let ink = if value < 0 { Ink::Ocre } else { Ink::Añil };
            scene.tint(area, (width / 8.0).min(5.0), ink, if pale { 0.4 } else { 1.0 });
        }
    }

    fn area(&self, scene: &mut Scene, axis: Axis, plot: Area) {
        let line: Vec<(f64, f64)> =
            self.now.values.iter().enumerate().map(|(day, value)| (self.x(day, plot), axis.y(*value, plot))).collect();
        let zero = axis.y(0, plot);
        let ends = [line.last(), line.first()].into_iter().flatten().map(|(x, _)| (*x, zero));
        scene.shape(line.iter().copied().chain(ends).collect(), Ink::Añil, 0.14);
        scene.line(line, 5.0, Ink::Añil);
    }

    fn compare(&self, scene: &mut Scene, axis: Axis, plot: Area) {
        let Some(before) = &self.before else { return };
        let days = before.values.iter().take(self.now.values.len()).enumerate();
        let line: Vec<(f64, f64)> = days.map(|(day, value)| (self.x(day, plot), axis.y(*value, plot))).collect();
        if line.len() > 1 {
            scene.line(line.clone(), 8.0, Ink::Paper);
            scene.dashed(line, 4.0, Ink::Compare, (10.0, 7.0));
        }
    }

    fn mark_best(&self, scene: &mut Scene, axis: Axis, plot: Area) {
        let Some((day, value)) = self.best() else { return };
        let text = format!("{} · {}", self.day(day), self.short(value));
        let half = BEST.width(&text) / 2.0;
        let x = self.x(day, plot).clamp(plot.x + half, plot.right() - half);
        // Above both lines of the plot, so that no bar or line runs through it.
        let near = |values: &[i64]| {
            let days = values.iter().enumerate().filter(|(day, _)| (self.x(*day, plot) - x).abs() <= half + 12.0);
            days.map(|(_, value)| *value).max().unwrap_or(0)
        };
        let highest = near(&self.now.values).max(self.before.as_ref().map_or(0, |before| near(&before.values)));
        let y = axis.y(highest, plot) - 16.0;
        let halo = Area { x: x - half - 8.0, y: y - 29.0, width: 2.0 * half + 16.0, height: 39.0 };
        scene.tint(halo, 6.0, Ink::Paper, 0.9);
        scene.words(&text, (x, y), BEST, Align::Middle);
    }

    /// Names of days below: the first, the last and those between that have room.
    fn name_days(&self, scene: &mut Scene, plot: Area) -> f64 {
        let count = self.now.values.len();
        let baseline = plot.bottom() + 48.0;
        let every = match count {
            0..=10 => 1,
            11..=45 => 7,
            _ => count.div_ceil(6),
        };
        let last = count.saturating_sub(1);
        let mut taken: Vec<(f64, f64)> = Vec::new();
        for day in [0, last].into_iter().chain((0..count).step_by(every)) {
            let name = self.day(day);
            let half = LABEL.width(&name) / 2.0;
            let x = self.x(day, plot).clamp(plot.x + half - 10.0, plot.right() - half);
            if count > 0 && taken.iter().all(|(other, room)| (x - other).abs() > half + room + 22.0) {
                scene.words(&name, (x, baseline), LABEL, Align::Middle);
                taken.push((x, half));
            }
        }
        baseline + 24.0
    }
}
