//! Who is in which population and variant, named fact by named fact.

use readout::domain::definition::{Population, SeveralVariants, UnitsRule};
use readout::domain::evidence::{OutOfScope, Partition, RejectionRule, Slice};

use super::scene::{Asked, Scene, instant};

const ASSIGNED: &str = "unit_id,variant_id,assigned_at\n";
const EXPOSED: &str = "unit_id,variant_id,exposed_at,exposure_type\n";
const EVENTS: &str = "unit_id,event_name,value,occurred_at\n";

/// A count of rows in the seven days from entry.
const ACTS: &str = "value = { table = \"events\" }\nwindow = \"7d\"";

fn rows(header: &str, rows: &[&str]) -> String {
    format!("{header}{}\n", rows.join("\n"))
}

/// One unit a row of `assigned`, at noon on 1 March; as-of is in June.
fn trial(assigned: &[&str], exposed: &[&str], events: &[&str]) -> Scene {
    Scene::new()
        .table("assignments", &rows(ASSIGNED, assigned))
        .table("exposures", &rows(EXPOSED, exposed))
        .table("events", &rows(EVENTS, events))
        .metric("acts", "mean", ACTS)
        .known_before("2026-06-01T00:00:00Z")
}

#[test]
fn an_exposure_five_minutes_before_its_assignment_is_forgiven_and_a_second_more_is_not() {
    let summary = trial(
        &[
            "u1,a,2026-03-01T12:00:00Z",
            "u2,a,2026-03-01T12:00:00Z",
            "u3,b,2026-03-01T12:00:00Z",
        ],
        &[
            "u1,a,2026-03-01T11:55:00Z,view",
            "u2,a,2026-03-01T11:54:59Z,view",
        ],
        &[],
    )
    .summary();
    assert_eq!(summary.units_in(Partition::Exposed), [1, 0]);
    assert_eq!(summary.units_in(Partition::Unplaced), [1, 0]);
    assert_eq!(summary.units_in(Partition::Unexposed), [0, 1]);
    assert_eq!(
        summary.left_out("exposures", OutOfScope::BeforeAssignment),
        1
    );
    assert_eq!(summary.exposure.unwrap().only_earlier, [1, 0]);
}

#[test]
fn a_unit_with_only_earlier_exposures_is_neither_exposed_nor_unexposed() {
    let summary = trial(
        &["u1,a,2026-03-02T12:00:00Z", "u2,b,2026-03-02T12:00:00Z"],
        &[
            "u1,a,2026-03-02T09:00:00Z,view",
            "u1,a,2026-03-02T07:00:00Z,view",
        ],
        &["u1,buy,,2026-03-03T00:00:00Z"],
    )
    .summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    assert_eq!(summary.units_in(Partition::Exposed), [0, 0]);
    assert_eq!(summary.units_in(Partition::Unexposed), [0, 1]);
    assert_eq!(summary.units_in(Partition::Unplaced), [1, 0]);
    let exposure = summary.exposure.unwrap();
    assert_eq!(exposure.only_earlier, [1, 0]);
    assert_eq!(exposure.earlier_by_hours, [(3, 1)], "by its latest one");
}

#[test]
fn an_earlier_exposure_does_not_spoil_a_later_valid_one() {
    let summary = trial(
        &["u1,a,2026-03-02T12:00:00Z"],
        &[
            "u1,a,2026-03-02T09:00:00Z,view",
            "u1,a,2026-03-03T12:00:00Z,view",
        ],
        // Inside the window from exposure, outside the one from assignment.
        &["u1,buy,,2026-03-09T13:00:00Z"],
    )
    .summary();
    assert_eq!(summary.sum(0, Population::Exposed, 0), 1.0);
    assert_eq!(summary.sum(0, Population::Itt, 0), 0.0);
    let from_assignment = summary.all(0, Partition::ExposedFromAssignment, 0);
    assert_eq!(from_assignment.moments().means, [0.0]);
}

#[test]
fn an_exposure_to_another_variant_contradicts_the_assignment() {
    let summary = trial(
        &["u1,a,2026-03-01T12:00:00Z", "u2,b,2026-03-01T12:00:00Z"],
        &[
            "u1,b,2026-03-01T13:00:00Z,view",
            "u2,a,2026-03-01T13:00:00Z,view",
            "u2,b,2026-03-01T14:00:00Z,view",
        ],
        &[],
    )
    .summary();
    assert_eq!(summary.units_in(Partition::Exposed), [0, 1]);
    assert_eq!(summary.units_in(Partition::Unplaced), [1, 0]);
    assert_eq!(summary.left_out("exposures", OutOfScope::OtherVariant), 2);
    let exposure = summary.exposure.unwrap();
    assert_eq!(exposure.contradicting, [1, 1]);
    assert_eq!(exposure.only_invalid, [1, 0]);
}

#[test]
fn an_exposure_must_follow_within_the_declared_time() {
    let summary = trial(
        &[
            "u1,a,2026-03-01T12:00:00Z",
            "u2,a,2026-03-01T12:00:00Z",
            "u3,b,2026-03-01T12:00:00Z",
        ],
        &[
            "u1,a,2026-03-03T11:59:59Z,view",
            "u2,a,2026-03-03T12:00:01Z,view",
        ],
        &[],
    )
    .experiment("[exposure]\nwithin = \"2d\"")
    .summary();
    assert_eq!(summary.units_in(Partition::Exposed), [1, 0]);
    assert_eq!(summary.units_in(Partition::Unplaced), [1, 0]);
    assert_eq!(summary.left_out("exposures", OutOfScope::TooLate), 1);
}

#[test]
fn assignments_and_exposures_from_the_end_on_are_outside() {
    let summary = trial(
        &[
            "u0,a,2026-02-28T23:59:59Z",
            "u1,a,2026-03-01T00:00:00Z",
            "u2,b,2026-03-19T23:59:59Z",
            "u3,b,2026-03-20T00:00:00Z",
        ],
        &[
            "u1,a,2026-03-19T23:59:59Z,view",
            "u2,b,2026-03-20T00:00:00Z,view",
        ],
        &[],
    )
    .experiment("end = 2026-03-20T00:00:00Z")
    .summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    assert_eq!(summary.units_in(Partition::Exposed), [1, 0]);
    assert_eq!(
        summary.units_in(Partition::Unexposed),
        [0, 1],
        "what happens after the end is not of this experiment"
    );
    assert_eq!(summary.left_out("assignments", OutOfScope::OutsideDates), 2);
    assert_eq!(summary.left_out("exposures", OutOfScope::OutsideDates), 1);
}

#[test]
fn enrolment_stops_before_exposure_does() {
    let summary = trial(
        &[
            "u1,a,2026-03-09T23:59:59Z",
            "u2,b,2026-03-10T00:00:00Z",
            "u3,b,2026-03-09T00:00:00Z",
        ],
        &["u1,a,2026-03-15T00:00:00Z,view"],
        &[],
    )
    .experiment("enrol_stop = 2026-03-10T00:00:00Z\nend = 2026-03-20T00:00:00Z")
    .summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    assert_eq!(summary.units_in(Partition::Exposed), [1, 0]);
    assert_eq!(summary.left_out("assignments", OutOfScope::OutsideDates), 1);
}

#[test]
fn exposures_of_a_type_that_does_not_count_are_no_exposures_at_all() {
    let summary = trial(
        &["u1,a,2026-03-01T12:00:00Z", "u2,b,2026-03-01T12:00:00Z"],
        &[
            "u1,a,2026-03-01T13:00:00Z,preload",
            "u2,b,2026-03-01T13:00:00Z,",
            "u2,b,2026-03-01T14:00:00Z,view",
        ],
        &[],
    )
    .experiment("[exposure]\ntypes = [\"view\"]")
    .summary();
    assert_eq!(summary.units_in(Partition::Exposed), [0, 1]);
    assert_eq!(summary.units_in(Partition::Unexposed), [1, 0]);
    assert_eq!(summary.left_out("exposures", OutOfScope::OtherType), 2);
}

/// u1 is first in b; u2 at one instant in both; u3 in a alone; u4 in b alone.
fn mixed() -> Scene {
    trial(
        &[
            "u1,a,2026-03-05T00:00:00Z",
            "u1,b,2026-03-03T00:00:00Z",
            "u2,b,2026-03-04T00:00:00Z",
            "u2,a,2026-03-04T00:00:00Z",
            "u3,a,2026-03-04T00:00:00Z",
            "u4,b,2026-03-04T00:00:00Z",
        ],
        &["u1,b,2026-03-03T01:00:00Z,view"],
        // Within seven days of the first assignment; and, for u1 in a, beyond seven days of it.
        &[
            "u1,buy,,2026-03-09T00:00:00Z",
            "u1,buy,,2026-03-11T00:00:00Z",
        ],
    )
}

#[test]
fn a_unit_in_several_variants_is_left_out_and_counted() {
    let summary = mixed().summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    let assignment = summary.assignment.as_ref().unwrap();
    assert_eq!(assignment.units, 4);
    assert_eq!(assignment.several_variants, 2);
    assert_eq!(assignment.several_by_first_seen, [1, 1]);
    assert_eq!(assignment.tied_units, 1);
    assert_eq!(assignment.by_epoch, [[1, 1]]);
    // The tied unit was in neither first.
    assert_eq!(assignment.by_epoch_before_exclusions, [[1, 2]]);
    assert_eq!(summary.left_out("events", OutOfScope::SeveralVariants), 2);
    assert_eq!(
        summary.left_out("exposures", OutOfScope::SeveralVariants),
        1
    );
}

#[test]
fn first_seen_is_the_earliest_assignment_and_ties_go_to_the_smallest_label() {
    let summary = mixed().several(SeveralVariants::FirstSeen).summary();
    assert_eq!(summary.units_in(Partition::Itt), [2, 2], "u2 to a, u1 to b");
    assert_eq!(summary.units_in(Partition::Exposed), [0, 1]);
    assert_eq!(summary.sum(0, Population::Itt, 1), 1.0);
}

#[test]
fn kept_in_both_counts_in_each_from_the_first_assignment() {
    let summary = mixed().several(SeveralVariants::KeepInBoth).summary();
    assert_eq!(summary.units_in(Partition::Itt), [3, 3]);
    assert_eq!(summary.sum(0, Population::Itt, 0), 1.0);
    assert_eq!(summary.sum(0, Population::Itt, 1), 1.0);
}

#[test]
fn the_smallest_label_settles_a_tie_also_where_control_is_another() {
    let summary = trial(
        &[
            "u1,b,2026-03-04T00:00:00Z",
            "u1,a,2026-03-04T00:00:00Z",
            "u2,b,2026-03-04T00:00:00Z",
        ],
        &[],
        &[],
    )
    .experiment("control = \"b\"\nvariants = { b = 1, a = 1 }")
    .several(SeveralVariants::FirstSeen)
    .summary();
    assert_eq!(
        summary.units_in(Partition::Itt),
        [1, 1],
        "b is control, u1 is in a"
    );
}

/// Two units whose windows end at as-of and a second after.
fn at_the_boundary() -> Scene {
    trial(
        &[
            "u1,a,2026-03-01T00:00:00Z",
            "u2,a,2026-03-01T00:00:01Z",
            "u3,b,2026-03-01T00:00:00Z",
        ],
        &[],
        &["u2,buy,,2026-03-02T00:00:00Z"],
    )
    .known_before("2026-03-08T00:00:00Z")
}

#[test]
fn a_window_that_ends_at_as_of_is_matured() {
    let summary = at_the_boundary().summary();
    let cell = summary.all(0, Partition::Itt, 0);
    assert_eq!((cell.units(), cell.open), (1, 1));
    assert_eq!(summary.sum(0, Population::Itt, 0), 0.0);
}

#[test]
fn all_units_counts_open_windows_too() {
    let summary = at_the_boundary()
        .conventions(|conventions| conventions.units = Some(UnitsRule::All))
        .summary();
    let cell = summary.all(0, Partition::Itt, 0);
    assert_eq!((cell.units(), cell.open), (2, 0));
    assert_eq!(summary.sum(0, Population::Itt, 0), 1.0);
}

#[test]
fn only_eligible_assignments_make_units() {
    let assigned = "unit_id,variant_id,assigned_at,country,age\n\
                    u1,a,2026-03-01T00:00:00Z,DE,30\nu2,a,2026-03-01T00:00:00Z,FR,30\n\
                    u3,b,2026-03-01T00:00:00Z,DE,17\nu4,b,2026-03-01T00:00:00Z,NL,18\nu5,b,2026-03-01T00:00:00Z,,40\n";
    let summary = Scene::new()
        .table("assignments", assigned)
        .table("events", &rows(EVENTS, &["u2,buy,,2026-03-02T00:00:00Z"]))
        .metric("acts", "mean", ACTS)
        .experiment(
            "[eligibility]\nwhere = [{ column = \"country\", op = \"in\", value = [\"DE\", \"NL\"] }, { column = \"age\", op = \">=\", value = 18 }]",
        )
        .known_before("2026-06-01T00:00:00Z")
        .summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    assert_eq!(summary.left_out("assignments", OutOfScope::NotEligible), 3);
    assert_eq!(summary.left_out("events", OutOfScope::OtherUnit), 1);
}

#[test]
fn other_names_count_and_other_versions_and_experiments_do_not() {
    let assigned = "unit_id,experiment_id,experiment_version,variant_id,assigned_at\n\
                    u1,trial,1,a,2026-03-01T00:00:00Z\nu2,Trial (old tool),1,b,2026-03-01T00:00:00Z\n\
                    u3,trial,2,b,2026-03-01T00:00:00Z\nu4,another,1,b,2026-03-01T00:00:00Z\nu5,,1,b,2026-03-01T00:00:00Z\n";
    let summary = Scene::new()
        .table("assignments", assigned)
        .table(
            "events",
            &rows(
                EVENTS,
                &[
                    "u4,buy,,2026-03-02T00:00:00Z",
                    "u9,buy,,2026-03-02T00:00:00Z",
                ],
            ),
        )
        .metric("acts", "mean", ACTS)
        .experiment("also_known_as = [\"Trial (old tool)\"]")
        .known_before("2026-06-01T00:00:00Z")
        .summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    assert_eq!(summary.left_out("assignments", OutOfScope::OtherVersion), 1);
    assert_eq!(
        summary.left_out("assignments", OutOfScope::OtherExperiment),
        1
    );
    assert_eq!(
        summary.rejected("assignments", RejectionRule::NullExperiment),
        1
    );
    assert_eq!(
        summary.outcomes[0].orphan_rows, 1,
        "a unit of another experiment is no orphan"
    );
}

#[test]
fn a_table_s_own_labels_are_mapped_to_variants() {
    let summary = Scene::new()
        .table_with(
            "assignments",
            "variants = { \"0\" = \"a\", \"1\" = \"b\" }, columns = { unit_id = \"user\", variant_id = \"bucket\" }",
            "user,bucket,assigned_at\nu1,0,2026-03-01T00:00:00Z\nu2,1,2026-03-01T00:00:00Z\nu3,2,2026-03-01T00:00:00Z\n",
        )
        .table("events", EVENTS)
        .metric("acts", "mean", ACTS)
        .known_before("2026-06-01T00:00:00Z")
        .summary();
    assert_eq!(summary.units_in(Partition::Itt), [1, 1]);
    assert_eq!(
        summary.rejected("assignments", RejectionRule::UnknownVariant),
        1
    );
    assert_eq!(
        summary.assignment.unwrap().unknown_labels,
        [("2".to_owned(), 1)]
    );
}

#[test]
fn enrolment_and_days_are_those_of_the_units_that_count() {
    let summary = mixed().zone(Some("America/New_York")).summary();
    let midnight = instant("2026-03-04T00:00:00Z");
    assert_eq!(summary.enrolment, Some((midnight, midnight)));
    let slices = summary.slices(0, Partition::Itt);
    // Midnight in UTC is still the evening before in New York.
    let day = Slice::EntryDay("2026-03-03".to_owned());
    assert_eq!(slices, [Slice::All, day]);
}
