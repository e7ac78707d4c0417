//! Facts about what is withheld so that no number describes single people.

use super::read;
use crate::checks::support::{Scene, cell, zeros_and_ones};
use crate::domain::definition::{Population, Role};
use crate::domain::evidence::{Partition, Slice};
use crate::domain::result::{Absence, Known, Readout, VariantStatistics};

fn level(name: &str) -> Slice {
    Slice::Segment {
        column: "country".to_owned(),
        level: Some(name.to_owned()),
    }
}

fn day(name: &str) -> Slice {
    Slice::EntryDay(name.to_owned())
}

/// One proportion over 1,000 units a variant, with (control, treatment) units in each slice.
fn sliced(slices: &[(Slice, u64, u64)]) -> Scene {
    let mut scene = Scene::new(&["old", "new"]).proportion(
        "conversion",
        Role::Primary,
        &[(1_000, 100), (1_000, 120)],
    );
    for (slice, control, treatment) in slices {
        for (variant, units) in [(0, *control), (1, *treatment)] {
            let sums = zeros_and_ones(units, units / 3);
            scene.put(0, Partition::Itt, slice.clone(), variant, cell(sums));
        }
    }
    scene
}

/// The slices of itt that show nothing.
fn hidden(readout: &Readout) -> Vec<Slice> {
    let metric = &readout.metrics[0];
    metric
        .effects
        .iter()
        .filter(|effect| effect.population == Population::Itt)
        .filter(|effect| effect.absolute.absence() == Some(Absence::Suppressed))
        .map(|effect| effect.slice.clone())
        .collect()
}

#[test]
fn a_small_cell_takes_its_smallest_sibling_with_it() {
    let readout = read(&sliced(&[
        (level("DE"), 500, 500),
        (level("FR"), 490, 60),
        (level("LI"), 10, 9),
        (level("NL"), 200, 200),
    ]));
    assert_eq!(hidden(&readout), [level("FR"), level("LI")]);
}

#[test]
fn a_withheld_slice_shows_no_number_for_any_variant() {
    let readout = read(&sliced(&[(level("DE"), 500, 500), (level("LI"), 500, 9)]));
    let itt = |row: &&VariantStatistics| row.population == Population::Itt;
    for row in readout.metrics[0].variants.iter().filter(itt) {
        if row.slice == Slice::All {
            assert_eq!(row.units, Known::Value(1_000));
        } else {
            assert_eq!(row.units, Known::Absent(Absence::Suppressed));
            assert_eq!(row.mean, Known::Absent(Absence::Suppressed));
            assert_eq!(row.standard_deviation, Known::Absent(Absence::Suppressed));
            assert_eq!((row.open, row.missing, row.capped), (0, 0, 0));
        }
    }
    assert_eq!(hidden(&readout), [level("DE"), level("LI")]);
}

#[test]
fn ten_units_are_shown_and_a_workspace_can_ask_for_more() {
    let scene = sliced(&[(level("DE"), 990, 990), (level("LI"), 10, 10)]);
    assert!(hidden(&read(&scene)).is_empty());
    let mut careful = scene;
    careful.privacy.min_cell = 11;
    assert_eq!(hidden(&read(&careful)), [level("DE"), level("LI")]);
}

#[test]
fn several_small_cells_that_are_small_together_take_another() {
    let readout = read(&sliced(&[
        (level("AD"), 400, 3),
        (level("DE"), 400, 900),
        (level("FR"), 100, 94),
        (level("LI"), 100, 3),
    ]));
    assert_eq!(hidden(&readout), [level("AD"), level("FR"), level("LI")]);
}

#[test]
fn small_days_are_withheld_like_small_levels() {
    let readout = read(&sliced(&[
        (day("2026-03-01"), 500, 500),
        (day("2026-03-02"), 400, 400),
        (day("2026-03-03"), 100, 5),
        (level("DE"), 900, 900),
        (level("FR"), 100, 100),
    ]));
    assert_eq!(hidden(&readout), [day("2026-03-02"), day("2026-03-03")]);
}

#[test]
fn the_whole_population_is_never_withheld() {
    let readout = read(&Scene::new(&["old", "new"]).proportion(
        "conversion",
        Role::Primary,
        &[(5, 2), (5, 3)],
    ));
    assert!(hidden(&readout).is_empty());
}

#[test]
fn units_without_a_level_are_a_level_of_their_own() {
    let unknown = Slice::Segment {
        column: "country".to_owned(),
        level: None,
    };
    let readout = read(&sliced(&[
        (unknown.clone(), 4, 4),
        (level("DE"), 496, 496),
        (level("FR"), 500, 500),
    ]));
    assert_eq!(hidden(&readout), [unknown, level("DE")]);
}

/// Whether anything of the exposed is shown, of so many exposed units a variant.
fn shows_exposed(exposed: [u64; 2]) -> bool {
    let mut scene = sliced(&[]).exposed(&exposed);
    for (variant, units) in exposed.into_iter().enumerate() {
        let sums = cell(zeros_and_ones(units, units / 2));
        scene.put(0, Partition::Exposed, Slice::All, variant, sums);
    }
    let readout = read(&scene);
    let mut effects = readout.metrics[0].effects.iter();
    let exposed = effects.find(|effect| effect.population == Population::Exposed);
    exposed.unwrap().absolute.absence() != Some(Absence::Suppressed)
}

#[test]
fn nothing_of_the_exposed_is_shown_where_they_are_few_or_all_but_a_few() {
    assert!(shows_exposed([500, 500]));
    assert!(shows_exposed([1_000, 1_000]), "all, so that nobody is told");
    assert!(!shows_exposed([500, 1]), "one person's value");
    assert!(
        !shows_exposed([500, 999]),
        "itt less the exposed is one person"
    );
    assert!(shows_exposed([500, 990]));
}

#[test]
fn a_level_whose_exposed_lack_a_few_of_itt_is_withheld() {
    let mut scene =
        sliced(&[(level("DE"), 500, 500), (level("FR"), 500, 500)]).exposed(&[800, 800]);
    for variant in 0..2 {
        for (slice, units) in [(Slice::All, 800), (level("DE"), 499), (level("FR"), 301)] {
            let sums = cell(zeros_and_ones(units, units / 2));
            scene.put(0, Partition::Exposed, slice, variant, sums);
        }
    }
    let readout = read(&scene);
    let exposed = readout.metrics[0]
        .effects
        .iter()
        .filter(|effect| effect.population == Population::Exposed);
    let hidden: Vec<Slice> = exposed
        .filter(|effect| effect.absolute.absence() == Some(Absence::Suppressed))
        .map(|effect| effect.slice.clone())
        .collect();
    assert_eq!(
        hidden,
        [level("DE"), level("FR")],
        "the sibling goes with it"
    );
}
