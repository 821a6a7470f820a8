//! The numbers of all repetitions, and the table that they become.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Where a number was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Place {
    Sqlite,
    Postgres,
    /// Nothing of ours took part.
    Ceiling,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Measure {
    Ingest,
    IngestP50,
    IngestP99,
    IngestOurTime,
    IngestPostgresTime,
    IngestWide,
    IngestWideP99,
    IngestSteadyP50,
    IngestSteadyP99,
    IngestSteadyP999,
    IngestSteadyLongest,
    IngestWholeP50,
    IngestWholeP99,
    IngestWholeLongest,
    Turns,
    TurnsP50,
    TurnsP99,
    TurnsSteadyRate,
    TurnsSteadyP50,
    TurnsSteadyP95,
    TurnsSteadyP99,
    TurnsSteadyP999,
    TurnsSteadyLongest,
    TurnsSteadyAcceptedP99,
    BurstsOnce,
    BurstsTwice,
    BurstsOtherwise,
    Refused,
    Lost,
    Unanswered,
    Further,
    Gap,
    Idle,
    AfterIngest,
    AfterTurns,
    BacklogFew,
    BacklogMany,
    BacklogFirst,
    BacklogRate,
    Start,
    Pgbench,
    PgbenchTime,
    PostgresBatches,
    SqliteBatches,
    BareHandler,
    OverPgbench,
    WideOverPgbench,
    OverBatches,
    OverBareHandler,
}

/// What a number should be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At least.
    Least(f64),
    /// At most.
    Most(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::Least(bound) => value >= bound,
            Self::Most(bound) => value <= bound,
        }
    }
}

/// Every number that was measured.
#[derive(Clone, Debug, Default)]
pub struct Report {
    numbers: BTreeMap<(Measure, Place), Vec<f64>>,
}

impl Report {
    /// Keeps a number.
    pub fn add(&mut self, place: Place, measure: Measure, value: f64) {
        self.numbers.entry((measure, place)).or_default().push(value);
    }

    /// The last number kept.
    pub fn last(&self, place: Place, measure: Measure) -> Option<f64> {
        self.numbers.get(&(measure, place))?.last().copied()
    }

    /// The sum of all kept.
    pub fn sum(&self, measure: Measure) -> f64 {
        self.numbers.iter().filter(|((of, _), _)| *of == measure).flat_map(|(_, values)| values).sum()
    }

    /// The whole table as Markdown.
    pub fn table(&self, machine: &str, setting: &Setting) -> String {
        let mut page = format!("# Benchmark\n\n{machine}\n\n{}\n\n", setting.in_words());
        page.push_str("| | SQLite | Postgres + Redis | goal |\n|---|---:|---:|---|\n");
        for row in rows(setting) {
            let cell = |place| self.cell(place, &row);
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                row.words,
                cell(Place::Sqlite),
                cell(Place::Postgres),
                row.goal_in_words()
            );
        }
        page.push_str("\nCeilings, in the same repetitions on the same machine:\n\n| | rate |\n|---|---:|\n");
        for (words, measure) in [
            ("pgbench, one INSERT a commit, 64 clients: commits/s", Measure::Pgbench),
            ("Postgres, 256 rows a commit (UNNEST), 3 connections: rows/s", Measure::PostgresBatches),
            ("SQLite, synchronous=FULL, 256 rows a commit: rows/s", Measure::SqliteBatches),
            ("axum, the same signature check and nothing else: requests/s", Measure::BareHandler),
        ] {
            let row = Row { words: words.to_owned(), measure, form: Form::Whole, goals: [None; 2] };
            let _ = writeln!(page, "| {words} | {} |", self.cell(Place::Ceiling, &row));
            if measure == Measure::Pgbench {
                let row = Row { measure: Measure::PgbenchTime, form: Form::Micros, ..row };
                let _ =
                    writeln!(page, "| · Postgres' processor time for a commit | {} |", self.cell(Place::Ceiling, &row));
            }
        }
        page
    }

    /// `median (lowest–highest)`, with a sign when there is a goal.
    fn cell(&self, place: Place, row: &Row) -> String {
        let Some(values) = self.numbers.get(&(row.measure, place)) else { return "–".to_owned() };
        let Some(middle) = median(values) else { return "–".to_owned() };
        let goal = match place {
            Place::Sqlite => row.goals[0],
            Place::Postgres => row.goals[1],
            Place::Ceiling => None,
        };
        let sign = match goal.map(|goal| goal.is_met(middle)) {
            Some(true) => " ✓",
            Some(false) => " ✗",
            None => "",
        };
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let show = |value| row.form.show(value);
        if values.len() == 1 || least == most {
            format!("{}{sign}", show(middle))
        } else {
            format!("{} ({}–{}){sign}", show(middle), show(least), show(most))
        }
    }
}

/// How the run was set, for the head of the table.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Setting {
    pub repetitions: usize,
    pub seconds: f64,
    pub ingest_rate: f64,
    pub turn_rate: f64,
    pub connections: usize,
    pub many_connections: usize,
    pub outstanding: usize,
    pub persons: usize,
    pub bursts: usize,
    pub few: usize,
    pub many: usize,
    pub starts: usize,
}

impl Setting {
    fn in_words(&self) -> String {
        format!(
            "{} repetitions of {} s a load; each number is the median, with the lowest and the highest in brackets. \
             Load, service and databases share the cores.",
            self.repetitions, self.seconds
        )
    }
}

struct Row {
    words: String,
    measure: Measure,
    form: Form,
    /// SQLite, Postgres.
    goals: [Option<Goal>; 2],
}

#[derive(Clone, Copy)]
enum Form {
    Whole,
    Millis,
    Micros,
    Ratio,
    Mebibytes,
}

impl Form {
    fn show(self, value: f64) -> String {
        match self {
            Self::Whole => format!("{value:.0}"),
            Self::Millis if value < 10.0 => format!("{value:.1} ms"),
            Self::Millis => format!("{value:.0} ms"),
            Self::Micros => format!("{value:.0} µs"),
            Self::Ratio => format!("{value:.2} ×"),
            Self::Mebibytes => format!("{value:.1} MiB"),
        }
    }
}

impl Row {
    fn goal_in_words(&self) -> String {
        let words = |goal| match goal {
            Goal::Least(bound) => format!("≥ {}", self.form.show(bound)),
            Goal::Most(0.0) => "0".to_owned(),
            Goal::Most(bound) => format!("≤ {}", self.form.show(bound)),
        };
        match self.goals.map(|goal| goal.map(words)) {
            [Some(sqlite), Some(postgres)] if sqlite == postgres => sqlite,
            [Some(sqlite), None] => format!("SQLite {sqlite}"),
            [None, Some(postgres)] => format!("Postgres {postgres}"),
            [Some(sqlite), Some(postgres)] => format!("SQLite {sqlite}, Postgres {postgres}"),
            [None, None] => String::new(),
        }
    }
}

fn rows(setting: &Setting) -> Vec<Row> {
    use Goal::{Least, Most};
    use Measure as M;
    let row = |words: &str, measure, form, goals| Row { words: words.to_owned(), measure, form, goals };
    let (none, zero) = ([None; 2], [Some(Most(0.0)); 2]);
    let both = |goal| [Some(goal); 2];
    let Setting { ingest_rate, turn_rate, connections, many_connections, .. } = *setting;
    let Setting { outstanding, bursts, few, many, starts, .. } = *setting;
    let steady = |what: &str| format!("· at {ingest_rate:.0}/s, {what}");
    let talking = |what: &str| format!("· at {turn_rate:.0}/s, {what}");
    let on_postgres = |goal| [None, Some(goal)];
    vec![
        row(
            &format!("**Ingest** (edge replica, {connections} connections): accepted/s"),
            M::Ingest,
            Form::Whole,
            [Some(Least(5_000.0)), None],
        ),
        row("· ÷ pgbench", M::OverPgbench, Form::Ratio, on_postgres(Least(1.5))),
        row("· ÷ batch insert of the same database", M::OverBatches, Form::Ratio, none),
        row("· ÷ bare axum handler", M::OverBareHandler, Form::Ratio, none),
        row("· p50", M::IngestP50, Form::Millis, none),
        row("· p99", M::IngestP99, Form::Millis, none),
        row("· processor time of the service for each", M::IngestOurTime, Form::Micros, none),
        row("· processor time of Postgres for each", M::IngestPostgresTime, Form::Micros, none),
        row(&format!("· over {many_connections} connections: accepted/s"), M::IngestWide, Form::Whole, none),
        row("· over as many ÷ pgbench at 64", M::WideOverPgbench, Form::Ratio, none),
        row("· over as many, p99", M::IngestWideP99, Form::Millis, none),
        row(&steady("p50"), M::IngestSteadyP50, Form::Millis, none),
        row(&steady("p99"), M::IngestSteadyP99, Form::Millis, both(Most(100.0))),
        row(&steady("p99.9"), M::IngestSteadyP999, Form::Millis, none),
        row(&steady("longest"), M::IngestSteadyLongest, Form::Millis, none),
        row(&steady("one replica that also answers: p50"), M::IngestWholeP50, Form::Millis, none),
        row(&steady("one replica that also answers: p99"), M::IngestWholeP99, Form::Millis, both(Most(100.0))),
        row(&steady("one replica that also answers: longest"), M::IngestWholeLongest, Form::Millis, none),
        row(
            &format!("**Full turns** ({outstanding} persons waiting): replies/s"),
            M::Turns,
            Form::Whole,
            both(Least(1_000.0)),
        ),
        row("· p50", M::TurnsP50, Form::Millis, none),
        row("· p99", M::TurnsP99, Form::Millis, none),
        row(&talking("replies/s"), M::TurnsSteadyRate, Form::Whole, none),
        row(&talking("p50"), M::TurnsSteadyP50, Form::Millis, none),
        row(&talking("p95"), M::TurnsSteadyP95, Form::Millis, none),
        row(&talking("p99"), M::TurnsSteadyP99, Form::Millis, both(Most(250.0))),
        row(&talking("p99.9"), M::TurnsSteadyP999, Form::Millis, none),
        row(&talking("longest"), M::TurnsSteadyLongest, Form::Millis, none),
        row(&talking("webhook → 200: p99"), M::TurnsSteadyAcceptedP99, Form::Millis, none),
        row(&format!("**Bursts** of 20 messages answered once, of {bursts}"), M::BurstsOnce, Form::Whole, none),
        row("· answered twice", M::BurstsTwice, Form::Whole, none),
        row("· answered not at all or oftener", M::BurstsOtherwise, Form::Whole, zero),
        row("**Right?** webhooks refused", M::Refused, Form::Whole, zero),
        row("· acknowledged and lost", M::Lost, Form::Whole, zero),
        row("· conservation gap", M::Gap, Form::Whole, zero),
        row("· messages unanswered", M::Unanswered, Form::Whole, zero),
        row("· further replies", M::Further, Form::Whole, zero),
        row("**Memory** (resident), idle after start", M::Idle, Form::Mebibytes, both(Most(60.0))),
        row("· after ingest", M::AfterIngest, Form::Mebibytes, none),
        row("· after turns", M::AfterTurns, Form::Mebibytes, none),
        row(&format!("· most, worker with {few} conversations queued"), M::BacklogFew, Form::Mebibytes, none),
        row(&format!("· most, worker with {many} conversations queued"), M::BacklogMany, Form::Mebibytes, none),
        row(&format!("· the same, when the first {few} of them were answered"), M::BacklogFirst, Form::Mebibytes, none),
        row(&format!("· those {many} answered: replies/s"), M::BacklogRate, Form::Whole, none),
        row(
            &format!("**Start** on an existing database, median of {starts}"),
            M::Start,
            Form::Millis,
            both(Most(500.0)),
        ),
    ]
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_the_median_the_range_and_whether_the_goal_is_met() {
        let mut report = Report::default();
        for value in [6_000.0, 4_000.0, 5_500.0] {
            report.add(Place::Sqlite, Measure::Ingest, value);
        }
        let goals = [Some(Goal::Least(5_000.0)), None];
        let row = Row { words: String::new(), measure: Measure::Ingest, form: Form::Whole, goals };
        assert_eq!(report.cell(Place::Sqlite, &row), "5500 (4000–6000) ✓");
        assert_eq!(report.cell(Place::Postgres, &row), "–");
        assert_eq!(row.goal_in_words(), "SQLite ≥ 5000");
        report.add(Place::Sqlite, Measure::Ingest, 1.0);
        assert!(report.cell(Place::Sqlite, &row).ends_with('✗'));
    }

    #[test]
    fn ratios_and_ceilings_stand_in_the_table() {
        let setting = Setting {
            repetitions: 3,
            seconds: 8.0,
            ingest_rate: 500.0,
            turn_rate: 500.0,
            connections: 64,
            many_connections: 256,
            outstanding: 128,
            persons: 2_000,
            bursts: 10,
            few: 1_000,
            many: 10_000,
            starts: 10,
        };
        let mut report = Report::default();
        report.add(Place::Ceiling, Measure::Pgbench, 2_345.6);
        report.add(Place::Postgres, Measure::OverPgbench, 1.75);
        let table = report.table("a machine", &setting);
        assert!(table.contains("| · ÷ pgbench | – | 1.75 × ✓ | Postgres ≥ 1.50 × |"), "{table}");
        assert!(table.contains("commits/s | 2346 |"), "{table}");
    }
}
