//! Pictures of figures, in one style: 1080 units wide and more high, for a phone. The title says the finding, the words
//! are those of the shop's language, every picture has a text for those who cannot see it. Nothing is told by colour
//! alone: what is compared is dashed, what is partial is pale and said, every bar has its number.

mod axis;
mod bars;
mod cod;
mod frame;
mod steps;
mod subject;
mod trend;
mod weeks;

pub use self::axis::Axis;
pub use self::bars::{Bar, Bars};
pub use self::cod::Cod;
pub use self::frame::Head;
pub(crate) use self::frame::mark;
pub use self::steps::{Step, StepKind, Steps};
pub use self::trend::{Series, Trend};
pub use self::weeks::Weeks;

pub use recado_domain::attachment::Picture as Kind;
use recado_domain::finance::figures::{Accounts, Days, Narrowing, Undefined};

use crate::scene::Scene;
use crate::write::Writer;

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// The figure is undefined.
    #[error("there is nothing to draw: {0}")]
    Undefined(#[from] Undefined),
    /// Nothing happened on those days.
    #[error("there is nothing to draw: nothing happened on those days")]
    Nothing,
    /// The figure is no sum over days or parts.
    #[error("{0} cannot be drawn in parts: only sums of money or counts can, such as booked.net_sales or orders")]
    NoSum(&'static str),
    /// The picture shows the whole shop, and a part was asked for.
    #[error("this picture shows the whole shop: a product or a city has none of its own")]
    Whole,
}

/// A picture as data, before it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// Over days.
    Trend(Trend),
    /// In parts.
    Bars(Bars),
    /// Step by step.
    Steps(Steps),
    /// Over weeks.
    Weeks(Weeks),
    /// Parcels.
    Cod(Cod),
}

impl Chart {
    /// The picture of a shop's figures on some days.
    ///
    /// # Errors
    /// Why there is none.
    pub fn of(accounts: &dyn Accounts, kind: Kind, days: Days, writer: Writer) -> Result<Self, ChartError> {
        Self::of_part(accounts, kind, &[], days, writer)
    }
    /// The same of a part of the shop; with no narrowing, of the whole.
    ///
    /// # Errors
    /// Why there is none.
    pub fn of_part(
        accounts: &dyn Accounts,
        kind: Kind,
        parts: &[Narrowing],
        days: Days,
        writer: Writer,
    ) -> Result<Self, ChartError> {
        let subject = subject::Subject { accounts, days, parts, writer };
        match kind {
            Kind::Profit | Kind::Cash if !parts.is_empty() => Err(ChartError::Whole),
            Kind::Days(metric) => subject.trend(metric).map(Self::Trend),
            Kind::Profit => subject.profit().map(Self::Steps),
            Kind::Cash => subject.cash().map(Self::Weeks),
            Kind::Cod => subject.cod().map(Self::Cod),
            Kind::Parts(by, metric) => subject.parts(by, metric).map(Self::Bars),
        }
    }
    /// Its words around the drawing.
    pub const fn head(&self) -> &Head {
        match self {
            Self::Trend(chart) => &chart.head,
            Self::Bars(chart) => &chart.head,
            Self::Steps(chart) => &chart.head,
            Self::Weeks(chart) => &chart.head,
            Self::Cod(chart) => &chart.head,
        }
    }
    /// With its title and foot, as a picture of its own.
    pub fn draw(&self) -> Scene {
        let mut scene = Scene::new(frame::WIDTH, 0.0);
        let top = frame::open(&mut scene, self.head());
        let bottom = self.plot(&mut scene, top);
        frame::close(&mut scene, self.head(), bottom);
        scene
    }
    /// The drawing alone, for a page that has its own titles.
    pub fn inner(&self) -> Scene {
        let mut scene = Scene::new(frame::WIDTH, 0.0);
        scene.alt = self.head().alt();
        scene.height = self.plot(&mut scene, 24.0) + 12.0;
        scene
    }
    /// Draws from a height on; where it ended.
    fn plot(&self, scene: &mut Scene, top: f64) -> f64 {
        match self {
            Self::Trend(chart) => chart.plot(scene, top),
            Self::Bars(chart) => chart.plot(scene, top),
            Self::Steps(chart) => chart.plot(scene, top),
            Self::Weeks(chart) => chart.plot(scene, top),
            Self::Cod(chart) => chart.plot(scene, top),
        }
    }
}
