//! What keys do.

use super::*;
use crate::domain::definition::Population;
use crate::tui::action::{Action, Keymap, TABLE};
use crate::tui::app::Overlay;
use crate::tui::library::Subject;
use crate::tui::runtime::write_new;
use crate::tui::screen::{Panel, Screen};

#[test]
fn no_key_does_two_things() {
    assert_eq!(Keymap::standard().clashes(), Vec::<String>::new());
}

#[test]
fn every_action_has_a_key_a_name_of_its_own_and_a_place_in_the_help() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "?");
    let help = text(&mut app, 120, 100);
    for entry in TABLE {
        assert!(!entry.keys.is_empty(), "{}", entry.name);
        assert!(
            help.contains(entry.label),
            "{} is not in the help",
            entry.name
        );
        let same = TABLE
            .iter()
            .filter(|other| other.name == entry.name)
            .count();
        assert_eq!(same, 1, "{}", entry.name);
    }
}

#[test]
fn the_footer_offers_only_what_can_be_done() {
    for keys in ["", "⏎", "⏎⏎", "4"] {
        let mut app = app(vec![fixture::good()]);
        press(&mut app, keys);
        let screen = text(&mut app, 200, 40);
        let footer = screen.lines().last().unwrap().to_owned();
        for entry in TABLE.iter().filter(|entry| !entry.hint.is_empty()) {
            let key = entry.keys[0].label();
            if !app.can(entry.action) {
                assert!(
                    !footer.contains(&format!(" {key} {}", entry.hint)),
                    "{keys}: {}",
                    entry.name
                );
            }
        }
        assert!(footer.contains("? help"), "{footer}");
        assert!(
            !footer.contains("variant"),
            "there is only one treatment: {footer}"
        );
    }
}

#[test]
fn screens_that_are_not_built_have_no_key() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "5");
    assert_eq!(app.screen, Screen::Experiments);
    let screen = text(&mut app, 120, 40);
    for screen_name in ["Compare", "Catalog", "Records"] {
        assert!(!screen.contains(screen_name));
    }
}

#[test]
fn enter_goes_in_and_esc_goes_out() {
    let mut app = app(every_readout());
    press(&mut app, "j⏎");
    assert_eq!(app.screen, Screen::Summary);
    assert_eq!(app.experiment.as_deref(), Some("search-ranking"));
    press(&mut app, "j⏎");
    assert_eq!(app.screen, Screen::Metric);
    assert_eq!(app.metric.as_deref(), Some("net-revenue"));
    press(&mut app, "⎋");
    assert_eq!(app.screen, Screen::Summary);
    press(&mut app, "q");
    assert_eq!(app.screen, Screen::Experiments);
    assert_eq!(press(&mut app, "q"), [Effect::Quit]);
}

#[test]
fn control_c_quits_from_everywhere() {
    for keys in ["", "⏎⏎", "/abc", ":", "?", "x"] {
        let mut app = app(vec![fixture::good()]);
        press(&mut app, keys);
        let effects = app.update(Event::Key(KeyPress {
            code: KeyCode::Char('c'),
            control: true,
        }));
        assert_eq!(effects, [Effect::Quit], "{keys}");
    }
}

#[test]
fn a_filter_narrows_the_list_and_esc_clears_it() {
    let mut app = app(every_readout());
    press(&mut app, "/pri");
    let names = |app: &App| -> Vec<String> {
        app.visible_experiments()
            .iter()
            .map(|listing| listing.id.clone())
            .collect()
    };
    assert_eq!(names(&app), ["pricing"]);
    assert_eq!(
        app.experiment.as_deref(),
        Some("pricing"),
        "the selection is among what is shown"
    );
    press(&mut app, "⏎");
    assert_eq!(names(&app), ["pricing"]);
    press(&mut app, "⎋");
    assert_eq!(names(&app).len(), 5);
    press(&mut app, "/do not ship⏎");
    assert_eq!(names(&app), ["pricing"], "a verdict can be searched for");
}

#[test]
fn the_next_match_goes_round() {
    let mut app = app(every_readout());
    press(&mut app, "/g⏎");
    let first = app.experiment.clone();
    let count = app.visible_experiments().len();
    assert!(count > 1);
    press(&mut app, "n");
    assert_ne!(app.experiment, first);
    press(&mut app, &"n".repeat(count - 1));
    assert_eq!(app.experiment, first);
    press(&mut app, "Nn");
    assert_eq!(app.experiment, first);
}

#[test]
fn what_is_typed_into_a_filter_does_no_action() {
    let mut app = app(every_readout());
    let effects = press(&mut app, "/qxp:?");
    assert_eq!(effects, []);
    assert_eq!(app.filter(), "qxp:?");
    press(&mut app, "⌫⌫");
    assert_eq!(app.filter(), "qxp");
}

#[test]
fn a_resize_and_a_new_readout_keep_the_selection() {
    let mut app = app(every_readout());
    press(&mut app, "jjj");
    let selected = app.experiment.clone();
    for (width, height) in [(120, 40), (80, 24), (10, 3), (120, 40)] {
        drawn(&mut app, width, height);
    }
    assert_eq!(app.experiment, selected);
    press(&mut app, "o");
    assert_eq!(app.experiment, selected, "ordering keeps it too");
}

#[test]
fn ordering_by_verdict_puts_what_ships_first() {
    let mut app = app(every_readout());
    press(&mut app, "o");
    let visible = app.visible_experiments();
    assert_eq!(
        visible.first().map(|listing| listing.id.as_str()),
        Some("checkout")
    );
    assert_eq!(
        visible.last().map(|listing| listing.id.as_str()),
        Some("search-ranking")
    );
}

#[test]
fn the_background_computes_one_after_the_other_and_the_opened_one_first() {
    let readouts = every_readout();
    let listings = readouts.iter().map(fixture::listing).collect();
    let mut app = App::new(
        "shop".to_owned(),
        listings,
        options(ThemeName::Default, false).look(),
    );
    let compute = |effects: &[Effect]| match effects {
        [Effect::Compute { ticket, experiment }] => (*ticket, experiment.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(compute(&app.begin(None)), (1, "checkout".to_owned()));
    let effects = press(&mut app, "jjj⏎");
    assert_eq!(
        compute(&effects),
        (2, "pricing".to_owned()),
        "the newest request wins"
    );
    let late = app.update(Event::Finished {
        ticket: 1,
        experiment: "checkout".to_owned(),
        result: Ok(Box::new(fixture::good())),
    });
    assert_eq!(late, [], "a late result starts nothing");
    assert!(
        app.readings["checkout"].readout.is_none(),
        "a late result is dropped"
    );
    let effects = app.update(Event::Finished {
        ticket: 2,
        experiment: "pricing".to_owned(),
        result: Ok(Box::new(fixture::breached())),
    });
    assert_eq!(
        compute(&effects),
        (3, "checkout".to_owned()),
        "what was put off is taken up again"
    );
}

#[test]
fn esc_cancels_the_computation_and_r_starts_it_again() {
    let listings = vec![fixture::listing(&fixture::good())];
    let mut app = App::new(
        "shop".to_owned(),
        listings.clone(),
        options(ThemeName::Default, false).look(),
    );
    app.begin(None);
    assert_eq!(press(&mut app, "⎋"), [Effect::Cancel]);
    assert!(app.job.is_none());
    let only = Some("checkout".to_owned());
    assert_eq!(
        press(&mut app, "r"),
        [Effect::Reload { only: only.clone() }]
    );
    let effects = app.update(Event::Reloaded {
        listings,
        problem: None,
        only,
    });
    assert!(matches!(
        effects.as_slice(),
        [Effect::Compute { ticket: 2, .. }]
    ));
}

#[test]
fn an_error_is_shown_with_its_hint_and_the_others_go_on() {
    let readouts = every_readout();
    let mut app = App::new(
        "shop".to_owned(),
        readouts.iter().map(fixture::listing).collect(),
        options(ThemeName::Default, false).look(),
    );
    app.begin(None);
    let effects = app.update(Event::Finished {
        ticket: 1,
        experiment: "checkout".to_owned(),
        result: Err("the table is missing\nhint: add it".to_owned()),
    });
    assert!(
        matches!(effects.as_slice(), [Effect::Compute { experiment, .. }] if experiment == "search-ranking")
    );
    press(&mut app, "⏎");
    let screen = text(&mut app, 80, 24);
    assert!(screen.contains("the table is missing"), "{screen}");
    assert!(screen.contains("hint: add it"));
}

#[test]
fn the_variant_key_goes_round_the_treatments() {
    let mut app = app(vec![fixture::three_variants()]);
    press(&mut app, "⏎");
    assert_eq!(app.treatment(), Some("one-page"));
    press(&mut app, "v");
    assert_eq!(app.treatment(), Some("two-steps"));
    press(&mut app, "l");
    assert_eq!(app.treatment(), Some("one-page"));
    press(&mut app, "h");
    assert_eq!(app.treatment(), Some("two-steps"));
}

#[test]
fn the_population_key_is_there_only_where_there_are_two() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎p");
    assert_eq!(app.population, Population::Exposed);
    press(&mut app, "p");
    assert_eq!(app.population, Population::Itt);
    let mut readout = fixture::good();
    for metric in &mut readout.metrics {
        metric
            .effects
            .retain(|effect| effect.population == Population::Itt);
    }
    let mut single = super::app(vec![readout]);
    press(&mut single, "⏎p");
    assert_eq!(single.population, Population::Itt);
}

#[test]
fn the_segment_key_goes_round_the_columns() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎⏎");
    assert_eq!(app.segment().map(|(column, _)| column), Some("country"));
    press(&mut app, "s");
    assert_eq!(app.segment().map(|(column, _)| column), Some("platform"));
    press(&mut app, "s");
    assert_eq!(app.segment().map(|(column, _)| column), Some("country"));
}

#[test]
fn n_on_a_metric_goes_to_the_next_metric() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎⏎n");
    assert_eq!(app.metric.as_deref(), Some("net-revenue"));
    press(&mut app, "NN");
    assert_eq!(app.metric.as_deref(), Some("searches"));
}

#[test]
fn tab_goes_through_the_panels_and_scrolling_stops_at_the_end() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎j⏎⇥⇥⇥⇥⇥");
    assert_eq!(app.panel(), Panel::Effect);
    drawn(&mut app, 80, 16);
    press(&mut app, &"j".repeat(500));
    drawn(&mut app, 80, 16);
    let limit = app.extents.limit;
    assert!(limit > 0 && limit < 100);
    assert_eq!(app.scrolled(Panel::Effect), limit);
    press(&mut app, "k");
    assert_eq!(app.scrolled(Panel::Effect), limit - 1);
}

#[test]
fn marked_experiments_are_exported_together() {
    let mut app = app(every_readout());
    press(&mut app, "  x");
    assert!(matches!(app.overlay, Some(Overlay::Export { .. })));
    let effects = press(&mut app, "j⏎");
    match effects.as_slice() {
        [
            Effect::Export {
                experiments,
                format,
            },
        ] => {
            assert_eq!(experiments, &["checkout", "search-ranking"]);
            assert_eq!(format.name, "json");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_export_never_overwrites() {
    let directory = tempfile::tempdir().unwrap();
    for expected in ["checkout.md", "checkout-2.md", "checkout-3.md"] {
        let name = write_new(directory.path(), "checkout", "md", expected).unwrap();
        assert_eq!(name, expected);
        assert_eq!(
            std::fs::read_to_string(directory.path().join(name)).unwrap(),
            expected
        );
    }
}

#[test]
fn a_row_is_copied_with_tabs_and_a_table_as_markdown() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎");
    match press(&mut app, "y").as_slice() {
        [
            Effect::Copy {
                text,
                markdown: false,
            },
        ] => {
            assert!(text.starts_with("conversion\tprimary\titt\t"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    match press(&mut app, "Y").as_slice() {
        [
            Effect::Copy {
                text,
                markdown: true,
            },
        ] => {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(
                lines[0],
                "| metric | role | population | control | variant | change | status |"
            );
            assert_eq!(lines.len(), 2 + 5);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn copied_markdown_holds_no_markup_of_the_data() {
    let mut readout = fixture::mismatch();
    readout.checks[0].finding = "a | b <img src=x> @everyone `c`".to_owned();
    let mut app = app(vec![readout]);
    press(&mut app, "4");
    match press(&mut app, "Y").as_slice() {
        [Effect::Copy { text, .. }] => {
            assert!(
                text.contains("a \\| b \\<img src=x\\> &#64;everyone \\`c\\`"),
                "{text}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn enter_on_a_check_shows_it_in_full_and_esc_puts_it_back() {
    let mut app = app(vec![fixture::mismatch()]);
    press(&mut app, "4jjjj⏎");
    assert!(app.expanded);
    assert_eq!(app.panel(), Panel::Check);
    let screen = text(&mut app, 80, 24);
    assert!(
        screen.contains("Compare the assignment log with the plan"),
        "{screen}"
    );
    press(&mut app, "⎋");
    assert!(!app.expanded);
    assert_eq!((app.screen, app.panel()), (Screen::Checks, Panel::Checks));
}

#[test]
fn a_definition_with_problems_is_marked_in_the_list() {
    let mut listing = fixture::listing(&fixture::good());
    listing.problems = vec!["experiments/checkout.toml:4:1: no owner".to_owned()];
    let mut app = App::new(
        "shop".to_owned(),
        vec![listing],
        options(ThemeName::Default, false).look(),
    );
    let screen = text(&mut app, 120, 40);
    assert!(screen.contains("! checkout"), "{screen}");
    assert!(screen.contains("no owner"));
}

#[test]
fn e_edits_what_is_looked_at() {
    let mut app = app(vec![fixture::good()]);
    assert_eq!(
        press(&mut app, "e"),
        [Effect::Edit(Subject::Experiment("checkout".to_owned()))]
    );
    assert_eq!(
        press(&mut app, "⏎je"),
        [Effect::Edit(Subject::Metric("net-revenue".to_owned()))]
    );
}

#[test]
fn the_palette_finds_an_action_by_a_few_letters_and_does_it() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, ":valid");
    let found = app.palette("valid");
    assert_eq!(
        found.first().map(|entry| entry.action),
        Some(Action::Show(Screen::Checks))
    );
    press(&mut app, "⏎");
    assert_eq!(app.screen, Screen::Checks);
    assert!(app.overlay.is_none());
}

#[test]
fn an_unknown_experiment_to_start_with_is_said() {
    let mut app = App::new(
        "shop".to_owned(),
        vec![fixture::listing(&fixture::good())],
        options(ThemeName::Default, false).look(),
    );
    app.begin(Some("nonesuch"));
    assert_eq!(app.screen, Screen::Experiments);
    assert!(text(&mut app, 80, 24).contains("There is no experiment 'nonesuch' here."));
    app.begin(Some("checkout"));
    assert_eq!(app.screen, Screen::Summary);
}

#[test]
fn an_app_without_experiments_says_how_to_begin() {
    let mut app = App::new(
        "shop".to_owned(),
        Vec::new(),
        options(ThemeName::Default, false).look(),
    );
    assert_eq!(app.begin(None), []);
    assert!(text(&mut app, 120, 40).contains("experiments/ID.toml"));
    for keys in ["⏎", "2", "3", "4", "x", "y", "e", "r", "j", "G", " "] {
        press(&mut app, keys);
        drawn(&mut app, 120, 40);
    }
    assert_eq!(app.screen, Screen::Experiments);
}

#[test]
fn a_reload_that_loses_an_experiment_leaves_no_trace_of_it() {
    let mut app = app(every_readout());
    press(&mut app, " ⏎");
    let listings: Vec<_> = every_readout()
        .iter()
        .skip(2)
        .map(fixture::listing)
        .collect();
    app.update(Event::Reloaded {
        listings,
        problem: None,
        only: None,
    });
    assert_eq!(app.screen, Screen::Experiments);
    assert_eq!(app.experiment.as_deref(), Some("onboarding-tour"));
    assert_eq!(app.readings.len(), 3);
    assert!(app.marked.is_empty());
}

#[test]
fn d_adds_days_up_and_shows_them() {
    let mut app = app(vec![fixture::seen_otherwise()]);
    assert!(!app.can(Action::Days), "there are days on Metric only");
    press(&mut app, "⏎⏎");
    assert!(text(&mut app, 120, 40).contains("By entry day · d all up to each"));
    press(&mut app, "d");
    assert_eq!(app.panel(), Panel::Days);
    assert!(text(&mut app, 80, 24).contains("All up to each day · d each by itself"));
    press(&mut app, "d");
    assert!(!text(&mut app, 80, 24).contains("All up to"));
    press(&mut app, "p");
    assert!(
        !app.can(Action::Days),
        "only assigned units are added up here"
    );
}

#[test]
fn enter_drills_from_a_failed_check_to_its_counts_and_to_the_diagnosis_and_q_goes_back() {
    let mut app = app(vec![fixture::drilled()]);
    press(&mut app, "4jjjj⏎");
    assert_eq!((app.panel(), app.expanded), (Panel::Check, true));
    let opened = text(&mut app, 120, 40);
    assert!(opened.contains("Counts behind it") && opened.contains("(suppressed)"));
    press(&mut app, "⏎");
    assert_eq!(app.panel(), Panel::Diagnosis);
    assert!(text(&mut app, 120, 40).contains("Where it begins"));
    press(&mut app, "q");
    assert_eq!(
        (app.screen, app.panel(), app.expanded),
        (Screen::Checks, Panel::Checks, false)
    );
    press(&mut app, "q");
    assert_eq!(app.screen, Screen::Summary);
}

#[test]
fn a_check_that_shows_no_mismatch_opens_no_diagnosis() {
    let mut app = app(vec![fixture::drilled()]);
    press(&mut app, "4⏎⏎");
    assert_eq!(app.panel(), Panel::Check);
    press(&mut app, "⎋D");
    assert_eq!(app.panel(), Panel::Diagnosis);
    assert!(!app.can(Action::Diagnosis));
    press(&mut app, "⎋");
    assert_eq!(app.panel(), Panel::Checks);
}

#[test]
fn without_a_diagnosis_there_is_no_key_and_no_panel_for_it() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "4");
    assert!(!app.can(Action::Diagnosis));
    press(&mut app, "⇥⇥⇥⇥");
    assert_eq!(app.panel(), Panel::Checks, "Tab goes round without it");
}

#[test]
fn another_check_is_read_from_its_first_line() {
    let mut app = app(vec![fixture::drilled()]);
    press(&mut app, "4jjjj⇥");
    text(&mut app, 80, 24);
    press(&mut app, "j");
    assert_eq!(app.scrolled(Panel::Check), 1);
    press(&mut app, "⇥⇥⇥⇥j");
    assert_eq!(app.panel(), Panel::Checks);
    assert_eq!(app.scrolled(Panel::Check), 0);
}
