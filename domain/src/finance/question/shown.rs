//! A question in one line, for tests and traces: `cm2 by=product top @last_days:90`.

use std::fmt;

use super::{Order, Question, Versus};
use crate::period::Period;

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject.code())?;
        if let Some(by) = self.by {
            write!(f, " by={}", by.code())?;
        }
        match self.order {
            Some(Order::Top) => f.write_str(" top")?,
            Some(Order::Bottom) => f.write_str(" bottom")?,
            Some(Order::Negative) => f.write_str(" negative")?,
            None => {}
        }
        for filter in &self.filters {
            write!(f, " {}={}", filter.by.code(), filter.name.replace(' ', "_"))?;
        }
        match self.versus {
            Some(Versus::Previous) => f.write_str(" vs=previous")?,
            Some(Versus::YearBefore) => f.write_str(" vs=year")?,
            Some(Versus::LikeDays) => f.write_str(" vs=like")?,
            Some(Versus::Other(period)) => write!(f, " vs={}", word(period))?,
            None => {}
        }
        if let Some(amount) = self.amount {
            write!(f, " amount={amount}")?;
        }
        if let Some(percent) = self.percent {
            write!(f, " percent={percent}")?;
        }
        if let Some(shape) = self.shape {
            write!(f, " as={}", shape.code())?;
        }
        if let Some(period) = self.period {
            write!(f, " @{}", word(period))?;
        }
        Ok(())
    }
}

/// A period in one word.
fn word(period: Period) -> String {
    let of_year = |year: Option<i16>| year.map(|year| format!("-{year}")).unwrap_or_default();
    match period {
        Period::Today => "today".to_owned(),
        Period::Yesterday => "yesterday".to_owned(),
        Period::ThisWeek => "this_week".to_owned(),
        Period::LastWeek => "last_week".to_owned(),
        Period::ThisMonth => "this_month".to_owned(),
        Period::LastMonth => "last_month".to_owned(),
        Period::ThisYear => "this_year".to_owned(),
        Period::Month { month, year } => format!("month:{month}{}", of_year(year)),
        Period::Year { year } => format!("year:{year}"),
        Period::Quarter { quarter, year } => format!("quarter:{quarter}{}", of_year(year)),
        Period::Half { half, year } => format!("half:{half}{}", of_year(year)),
        Period::LastDays { days } => format!("last_days:{days}"),
        Period::Range { first, last } => format!("{first}..{last}"),
    }
}
