//! Rows that repeat, rows that come late, days without rows.

use crate::checks::support::Scene;
use crate::domain::definition::Role;
use crate::domain::evidence::{Arrivals, DayCounts, OutcomeCounts, Repeats, TableLedger};
use crate::domain::result::{CheckId, CheckStatus, Invalidates};

fn scene(counts: OutcomeCounts) -> Scene {
    Scene::new(&["old", "new"])
        .proportion("purchase", Role::Primary, &[(1_000, 100), (1_000, 110)])
        .outcome(OutcomeCounts {
            table: "events".to_owned(),
            ..counts
        })
}

fn repeats(rows: u64) -> Repeats {
    Repeats {
        looked_at: 10_000,
        on_whole_minutes: 170,
        rows,
        units: vec![1_000, 1_000],
        repeating_units: vec![rows / 2, rows - rows / 2],
        ..Repeats::default()
    }
}

fn repeating(repeats: Repeats) -> (CheckStatus, String) {
    let check = scene(OutcomeCounts {
        repeats: Some(repeats),
        ..OutcomeCounts::default()
    })
    .check(CheckId::DuplicateOutcomes);
    (check.status, check.finding)
}

#[test]
fn repeated_events_warn_at_a_thousandth_and_fail_at_a_hundredth() {
    let status = |rows| repeating(repeats(rows)).0;
    assert_eq!(status(9), CheckStatus::Pass);
    assert_eq!(status(10), CheckStatus::Warn);
    assert_eq!(status(99), CheckStatus::Warn);
    assert_eq!(status(100), CheckStatus::Fail);
    assert_eq!(
        repeating(repeats(100)).1,
        "table 'events': 100 of 10,000 rows (1.00 %) repeat unit, event, time and value of another; of units 5.00 % in 'old' and 5.00 % in 'new'"
    );
}

#[test]
fn repeated_events_fail_the_metrics_that_read_their_table() {
    let check = scene(OutcomeCounts {
        repeats: Some(repeats(500)),
        ..OutcomeCounts::default()
    })
    .check(CheckId::DuplicateOutcomes);
    assert_eq!(
        check.invalidates,
        [Invalidates::Metric("purchase".to_owned())]
    );
}

#[test]
fn times_of_whole_minutes_tell_no_repetition_but_event_ids_do() {
    let coarse = Repeats {
        on_whole_minutes: 10_000,
        ..repeats(500)
    };
    assert_eq!(repeating(coarse.clone()).0, CheckStatus::NotRun);
    let told = Repeats {
        by_event_id: true,
        of_sample: true,
        ..coarse
    };
    let (status, finding) = repeating(told);
    assert_eq!(status, CheckStatus::Fail);
    assert!(finding.contains("of a sample of units"), "{finding}");
}

fn late(rows: Vec<(u8, u8, Vec<u64>)>, beyond: Option<Vec<u64>>) -> (CheckStatus, String) {
    let check = scene(OutcomeCounts {
        arrivals: Some(Arrivals {
            rows,
            beyond_declared: beyond,
        }),
        ..OutcomeCounts::default()
    })
    .check(CheckId::LateEvents);
    (check.status, check.finding)
}

#[test]
fn completeness_is_judged_in_the_variant_that_lacks_most() {
    // Of old rows of the treatment a fifth reach edge 2; its 800 young rows stand for a thousand.
    let rows = |young| {
        vec![
            (1, 0, vec![900, young]),
            (9, 0, vec![1_000, 800]),
            (9, 2, vec![0, 200]),
        ]
    };
    let (status, finding) = late(rows(800), None);
    assert_eq!(status, CheckStatus::Fail);
    assert_eq!(
        finding,
        "table 'events': complete to 100.00 % in 'old' and 90.00 % in 'new', by how late earlier rows came"
    );
    assert_eq!(late(rows(160), None).0, CheckStatus::Warn);
    assert_eq!(late(rows(8), None).0, CheckStatus::Pass);
}

#[test]
fn rows_later_than_declared_are_held_against_the_declaration() {
    let rows = vec![(20, 0, vec![1_000, 1_000])];
    assert_eq!(late(rows.clone(), Some(vec![9, 9])).0, CheckStatus::Pass);
    assert_eq!(late(rows.clone(), Some(vec![20, 20])).0, CheckStatus::Warn);
    let (status, finding) = late(rows, Some(vec![60, 60]));
    assert_eq!(status, CheckStatus::Fail);
    assert!(
        finding.contains("120 of 2,000 rows came later"),
        "{finding}"
    );
}

fn gaps(rows: &[[u64; 2]]) -> (CheckStatus, String) {
    let first: jiff::civil::Date = "2026-03-01".parse().unwrap();
    let days = first.series(jiff::Span::new().days(1)).zip(rows);
    let by_day = days
        .filter(|(_, rows)| rows.iter().sum::<u64>() > 0)
        .map(|(day, rows)| DayCounts {
            day: day.to_string(),
            units: rows.to_vec(),
        });
    let check = scene(OutcomeCounts {
        by_day: by_day.collect(),
        ..OutcomeCounts::default()
    })
    .check(CheckId::Gaps);
    (check.status, check.finding)
}

#[test]
fn a_day_without_rows_fails_and_a_weekend_does_not() {
    let mut days = vec![[200, 210]; 24];
    assert_eq!(gaps(&days).0, CheckStatus::Pass);
    days[10] = [0, 0];
    let (status, finding) = gaps(&days);
    assert_eq!(status, CheckStatus::Fail);
    assert_eq!(
        finding,
        "table 'events': no rows on 2026-03-11, where 410 are usual"
    );
    let weekdays: Vec<[u64; 2]> = (0..24)
        .map(|day| if day % 7 > 4 { [0, 0] } else { [200, 210] })
        .collect();
    assert_eq!(gaps(&weekdays).0, CheckStatus::Pass);
}

#[test]
fn the_gap_of_one_variant_fails() {
    let mut days = vec![[200, 210]; 24];
    days[4] = [195, 3];
    let (status, finding) = gaps(&days);
    assert_eq!(status, CheckStatus::Fail);
    assert!(
        finding.contains("'new' has a gap on 2026-03-05"),
        "{finding}"
    );
}

#[test]
fn a_day_of_twice_the_usual_rows_warns() {
    let mut days = vec![[200, 210]; 24];
    days[9] = [450, 440];
    let (status, finding) = gaps(&days);
    assert_eq!(status, CheckStatus::Warn);
    assert!(
        finding.contains("890 rows on 2026-03-10, where 410 are usual"),
        "{finding}"
    );
    days[9] = [390, 400];
    assert_eq!(gaps(&days).0, CheckStatus::Pass);
}

#[test]
fn two_days_are_no_pattern() {
    assert_eq!(gaps(&[[200, 210], [0, 0]]).0, CheckStatus::NotRun);
}

#[test]
fn a_table_without_any_row_fails_and_one_that_nobody_asks_for_warns() {
    let read = |rows: u64| {
        let mut ledger = TableLedger::new("events");
        ledger.read = rows;
        scene(OutcomeCounts::default())
            .ledger(ledger)
            .check(CheckId::Gaps)
            .status
    };
    assert_eq!(read(0), CheckStatus::Fail);
    assert_eq!(read(500), CheckStatus::Warn);
}

#[test]
fn enrolment_that_begins_and_ends_is_nothing_unusual() {
    let rows: Vec<[u64; 2]> = (0..24_u64)
        .map(|day| {
            let rows = match day {
                0..7 => 15 * (day + 1),
                7..14 => 105,
                _ => 105_u64.saturating_sub(12 * (day - 13)),
            };
            [rows, rows]
        })
        .collect();
    let (status, finding) = gaps(&rows);
    assert_eq!(status, CheckStatus::Pass, "{finding}");
}
