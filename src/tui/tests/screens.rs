//! Every screen as text, at the sizes that matter, and every size there is without a panic.

use insta::assert_snapshot;

use super::*;
use crate::tui::app::Job;

/// A screen at the three sizes: in full, compact, and too small.
macro_rules! at_every_size {
    ($name:literal, $app:expr) => {
        for (width, height) in [(120, 40), (80, 24), (59, 15)] {
            assert_snapshot!(
                format!("{}_{width}x{height}", $name),
                text(&mut $app, width, height)
            );
        }
    };
}

#[test]
fn experiments_with_their_verdicts() {
    let mut app = app(every_readout());
    at_every_size!("experiments", app);
}

#[test]
fn experiments_while_they_are_computed() {
    let readouts = every_readout();
    let mut app = App::new(
        "shop".to_owned(),
        readouts.iter().map(fixture::listing).collect(),
        options(ThemeName::Default, false).look(),
    );
    app.begin(None);
    app.update(Event::Finished {
        ticket: 1,
        experiment: "checkout".to_owned(),
        result: Ok(Box::new(fixture::good())),
    });
    app.update(Event::Finished {
        ticket: 2,
        experiment: "search-ranking".to_owned(),
        result: Err("tables/events.parquet: the column 'value' is missing\nhint: map it under [tables.events.columns]".to_owned()),
    });
    if let Some(job) = &mut app.job {
        *job = Job {
            phase: "reading events".to_owned(),
            rows: 1_204_331,
            seconds: 3,
            ..job.clone()
        };
    }
    press(&mut app, "j");
    assert_snapshot!("experiments_computing_120x40", text(&mut app, 120, 40));
    press(&mut app, "⏎");
    assert_snapshot!("summary_of_an_error_80x24", text(&mut app, 80, 24));
}

#[test]
fn summary_of_a_win() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎");
    at_every_size!("summary_good", app);
}

#[test]
fn summary_of_a_sample_ratio_mismatch() {
    let mut app = app(vec![fixture::mismatch()]);
    press(&mut app, "⏎");
    at_every_size!("summary_mismatch", app);
}

#[test]
fn summary_of_an_exposure_that_depends_on_the_variant() {
    let mut app = app(vec![fixture::untrusted_exposure()]);
    press(&mut app, "⏎");
    assert_snapshot!("summary_untrusted_120x40", text(&mut app, 120, 40));
    press(&mut app, "p");
    assert_snapshot!("summary_untrusted_exposed_80x24", text(&mut app, 80, 24));
}

#[test]
fn summary_of_three_variants() {
    let mut app = app(vec![fixture::three_variants()]);
    press(&mut app, "⏎v");
    assert_snapshot!("summary_three_120x40", text(&mut app, 120, 40));
    assert_snapshot!("summary_three_80x24", text(&mut app, 80, 24));
}

#[test]
fn summary_of_a_breached_guardrail() {
    let mut app = app(vec![fixture::breached()]);
    press(&mut app, "⏎jjj");
    assert_snapshot!("summary_breached_120x40", text(&mut app, 120, 40));
}

#[test]
fn metric_in_full() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎⏎");
    at_every_size!("metric", app);
    press(&mut app, "⇥");
    assert_snapshot!("metric_segments_80x24", text(&mut app, 80, 24));
    press(&mut app, "⇥");
    assert_snapshot!("metric_days_80x24", text(&mut app, 80, 24));
    press(&mut app, "⇥");
    assert_snapshot!("metric_definition_80x24", text(&mut app, 80, 24));
    press(&mut app, "⇥");
    assert_snapshot!("metric_conventions_80x24", text(&mut app, 80, 24));
}

#[test]
fn summary_of_a_verdict_that_hangs_on_a_convention() {
    let mut app = app(vec![fixture::seen_otherwise()]);
    press(&mut app, "⏎");
    at_every_size!("summary_otherwise", app);
}

#[test]
fn summary_of_a_verdict_that_no_convention_flips() {
    let mut readout = fixture::seen_otherwise();
    readout
        .alternatives
        .retain(|each| each.outcomes.iter().all(|outcome| !outcome.flips));
    let mut app = app(vec![readout]);
    press(&mut app, "⏎");
    let screen = text(&mut app, 120, 40);
    assert!(screen.contains("≈ None of the 4 other conventions tried gives another verdict."));
}

#[test]
fn metric_seen_otherwise() {
    let mut app = app(vec![fixture::seen_otherwise()]);
    press(&mut app, "⏎⏎");
    at_every_size!("metric_otherwise", app);
    press(&mut app, "z");
    assert_snapshot!("metric_otherwise_expanded_120x40", text(&mut app, 120, 40));
    press(&mut app, "⎋⇥");
    assert_snapshot!("metric_otherwise_segments_80x24", text(&mut app, 80, 24));
    press(&mut app, "d");
    assert_snapshot!("metric_otherwise_cumulative_80x24", text(&mut app, 80, 24));
    press(&mut app, "⇥⇥");
    assert_snapshot!("metric_otherwise_conventions_80x24", text(&mut app, 80, 24));
    press(&mut app, "z");
    assert_snapshot!(
        "metric_otherwise_conventions_expanded_120x40",
        text(&mut app, 120, 40)
    );
}

#[test]
fn metric_that_is_a_quantile() {
    let mut app = app(vec![fixture::seen_otherwise()]);
    press(&mut app, "⏎jjj⏎");
    let screen = text(&mut app, 120, 40);
    assert!(screen.contains("Measures      90 % quantile: "), "{screen}");
    assert!(screen.contains("units  90 % quantile"), "{screen}");
}

#[test]
fn metric_with_a_covariate_and_a_cap() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎j⏎");
    assert_snapshot!("metric_adjusted_120x40", text(&mut app, 120, 40));
}

#[test]
fn metric_that_is_a_ratio() {
    let mut app = app(vec![fixture::three_variants()]);
    press(&mut app, "⏎⏎");
    assert_snapshot!("metric_ratio_120x40", text(&mut app, 120, 40));
}

#[test]
fn checks_with_a_failure() {
    let mut app = app(vec![fixture::mismatch()]);
    press(&mut app, "4jjjj");
    at_every_size!("checks", app);
    press(&mut app, "⇥⇥⇥");
    assert_snapshot!("checks_rows_80x24", text(&mut app, 80, 24));
}

#[test]
fn checks_with_the_counts_behind_them() {
    let mut app = app(vec![fixture::drilled()]);
    press(&mut app, "4jjjj");
    at_every_size!("checks_counts", app);
    press(&mut app, "⏎");
    at_every_size!("check_opened", app);
    press(&mut app, "⏎");
    at_every_size!("diagnosis", app);
    press(&mut app, "G");
    text(&mut app, 80, 24);
    assert_snapshot!("diagnosis_end_80x24", text(&mut app, 80, 24));
}

#[test]
fn hostile_text_and_absent_values() {
    let mut app = app(vec![fixture::hostile()]);
    assert_snapshot!("hostile_experiments_80x24", text(&mut app, 80, 24));
    press(&mut app, "⏎");
    assert_snapshot!("hostile_summary_120x40", text(&mut app, 120, 40));
    press(&mut app, "⏎");
    assert_snapshot!("hostile_metric_120x40", text(&mut app, 120, 40));
}

#[test]
fn windows_over_a_screen() {
    let mut app = app(every_readout());
    press(&mut app, "?");
    assert_snapshot!("help_120x40", text(&mut app, 120, 40));
    press(&mut app, "⎋:exp");
    assert_snapshot!("palette_80x24", text(&mut app, 80, 24));
    press(&mut app, "⎋x");
    assert_snapshot!("export_80x24", text(&mut app, 80, 24));
    press(&mut app, "⎋");
    app.update(Event::CommandLine(
        "readout -C ../shop report checkout --as-of 2026-03-22".to_owned(),
    ));
    assert_snapshot!("command_80x24", text(&mut app, 80, 24));
}

#[test]
fn ascii_marks() {
    let mut app = app_in(vec![fixture::good()], &options(ThemeName::Mono, true));
    press(&mut app, "⏎");
    let screen = text(&mut app, 120, 40);
    assert_snapshot!("summary_ascii_120x40", screen);
    let beyond: String = screen
        .chars()
        .filter(|character| !character.is_ascii())
        .collect();
    // The true minus sign of numbers is the only mark that is not ours to choose.
    assert_eq!(beyond.replace('−', ""), "");
}

#[test]
fn every_size_of_every_screen_is_drawn_without_a_panic() {
    let keys = [
        "",
        "⏎",
        "⏎⏎",
        "⏎⏎⇥",
        "⏎⏎⇥⇥",
        "⏎⏎⇥⇥⇥",
        "⏎⏎⇥⇥⇥⇥",
        "⏎⏎d",
        "4",
        "4⇥",
        "4⇥⇥",
        "2z",
        "2⇥z",
        "4z",
        "?",
        ":",
        "x",
        "/a",
    ];
    let readouts = || {
        vec![
            fixture::good(),
            fixture::hostile(),
            fixture::three_variants(),
            fixture::seen_otherwise(),
            fixture::empty(),
        ]
    };
    for (index, _) in readouts().iter().enumerate() {
        for keys in keys {
            let mut app = app(readouts());
            press(&mut app, &"j".repeat(index));
            press(&mut app, keys);
            let sizes = (1..=130_u16)
                .step_by(7)
                .flat_map(|width| (1..=45_u16).step_by(4).map(move |height| (width, height)));
            for (width, height) in
                sizes.chain([(60, 16), (110, 30), (109, 30), (110, 29), (250, 80)])
            {
                drawn(&mut app, width, height);
            }
        }
    }
}

#[test]
fn the_sizes_around_every_limit_are_drawn_without_a_panic() {
    for keys in ["", "⏎", "⏎⏎", "4"] {
        let mut app = app(every_readout());
        press(&mut app, keys);
        for width in 1..=130 {
            drawn(&mut app, width, 16);
            drawn(&mut app, width, 30);
        }
        for height in 1..=45 {
            drawn(&mut app, 60, height);
            drawn(&mut app, 110, height);
        }
    }
}
