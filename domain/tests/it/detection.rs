//! Detection stays quiet for small shops and does not change its mind when things get worse.

use recado_domain::detection::{CHANCE, MINIMUM_ACTIVE, MINIMUM_PROBLEMS, judge, poisson_tail};
use recado_domain::tools::ParcelCounts;

fn counts(active: i64, problems: i64, active_elsewhere: i64, problems_elsewhere: i64) -> ParcelCounts {
    ParcelCounts { active, problems, active_elsewhere, problems_elsewhere, orders: Vec::new() }
}

#[test]
fn more_problems_never_end_an_alarm() {
    for active in [15, 20, 60, 300] {
        for elsewhere in [0, 40, 400] {
            let alarms: Vec<bool> = (0..=active)
                .map(|problems| judge(&counts(active, problems, elsewhere, elsewhere / 20)).alarm)
                .collect();
            let first = alarms.iter().position(|alarm| *alarm).unwrap_or(alarms.len());
            assert!(alarms[first..].iter().all(|alarm| *alarm), "{active} active, {elsewhere} elsewhere");
            assert!(first >= MINIMUM_PROBLEMS as usize);
        }
    }
}

#[test]
fn below_the_minimum_of_parcels_nothing_is_said() {
    for active in 0..MINIMUM_ACTIVE {
        assert!(!judge(&counts(active, active, 0, 0)).alarm, "{active}");
    }
}

#[test]
fn what_is_usual_elsewhere_is_usual_here() {
    assert!(judge(&counts(40, 14, 400, 20)).alarm);
    assert!(!judge(&counts(40, 14, 400, 140)).alarm);
}

#[test]
fn odd_counts_are_judged_without_a_panic() {
    for (active, problems) in [(-1, -1), (0, 5), (i64::MAX / 4, 3), (15, 10_000)] {
        let verdict = judge(&counts(active, problems, 0, 0));
        assert!((0.0..=1.0).contains(&verdict.chance) && verdict.expected.is_finite());
    }
    assert!(poisson_tail(1, 0.0005) < CHANCE);
    assert!((poisson_tail(0, 3.0) - 1.0).abs() < f64::EPSILON);
}
