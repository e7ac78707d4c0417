//! Facts about how effects are made and what stands beside them.

use super::{effect, read};
use crate::checks::support::{Scene, around, cell, instant, metric, zeros_and_ones};
use crate::domain::definition::{
    Conventions, Epoch, Magnitude, MetricKind, Population, ProportionMethod, QuantileType,
    RampMethod, Role, SequentialFamily,
};
use crate::domain::evidence::{
    Cell, Evidence, JointSums, Layout, OrderStatistics, Partition, Slice,
};
use crate::domain::result::{
    Absence, Companion, CompanionKind, Effect, Estimator, Interval, VerdictClause, VerdictWord,
};
use crate::stats::quantile::quantile;

pub(super) fn companion(effect: &Effect, kind: CompanionKind) -> &Companion {
    let mut all = effect.companions.iter();
    all.find(|companion| companion.kind == kind)
        .unwrap_or_else(|| panic!("no {kind} among {:?}", effect.companions))
}

pub(super) fn estimate(effect: &Effect) -> f64 {
    effect.absolute.value().unwrap().estimate
}

/// Nothing happens in either epoch, but the second has a higher level and more treated units.
fn ramp() -> Scene {
    let mut scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(2_000, 340), (2_000, 460)])
        .experiment(|experiment| {
            experiment.epochs = vec![
                Epoch {
                    from: instant("2026-03-01T00:00:00Z"),
                    weights: vec![3.0, 1.0],
                },
                Epoch {
                    from: instant("2026-03-08T00:00:00Z"),
                    weights: vec![1.0, 3.0],
                },
            ];
        });
    let epochs = [[(1_500, 150), (500, 50)], [(500, 190), (1_500, 410)]];
    for (epoch, variants) in epochs.into_iter().enumerate() {
        for (variant, (units, ones)) in variants.into_iter().enumerate() {
            let cell = cell(zeros_and_ones(units, ones));
            scene.put(0, Partition::Itt, Slice::Epoch(epoch), variant, cell);
        }
    }
    scene
}

#[test]
fn a_ramp_is_compared_epoch_by_epoch() {
    let readout = read(&ramp());
    let found = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::Stratified);
    // Both epochs have the same product of sizes over their sum: (0 + (410/1500 − 190/500))/2.
    super::assert_close(estimate(found), 0.5 * (410.0 / 1500.0 - 190.0 / 500.0));
    let pooled = companion(found, CompanionKind::Pooled);
    super::assert_close(pooled.estimate.value().unwrap().estimate, 0.06);
    let mut effects = readout.metrics[0].effects.iter();
    assert!(
        effects.all(|effect| effect.slice == Slice::All),
        "epochs are evidence, no slices"
    );
}

#[test]
fn pooling_a_ramp_is_a_convention_and_is_shown_to_flip_the_verdict() {
    let readout = read(&ramp());
    assert_eq!(readout.verdicts[0].word, VerdictWord::DoNotShip);
    let pooled = readout
        .alternatives
        .iter()
        .find(|other| other.convention == "ramp")
        .unwrap();
    assert_eq!(pooled.value, "pooled");
    assert!(pooled.outcomes[0].flips);
    assert_eq!(pooled.outcomes[0].verdict, VerdictWord::Ship);
    let mut scene = ramp();
    scene.conventions.ramp = RampMethod::Pooled;
    let readout = read(&scene);
    assert_eq!(readout.verdicts[0].word, VerdictWord::Ship);
    let found = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::DifferenceOfMeans);
}

#[test]
fn alternatives_are_what_the_conventions_would_give() {
    let scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(1_000, 100), (1_000, 125)])
        .mean(
            "revenue",
            Role::Secondary,
            1_000,
            &[(10.0, 3.0), (10.2, 3.0)],
        );
    let readout = read(&scene);
    let mut seen = 0;
    for other in &readout.alternatives {
        let changed = match (other.convention.as_str(), other.value.as_str()) {
            ("level", level) => Conventions {
                level: level.parse().unwrap(),
                ..scene.conventions
            },
            ("relative", method) => Conventions {
                relative: method.parse().unwrap(),
                ..scene.conventions
            },
            ("proportions", method) => Conventions {
                proportions: Some(method.parse::<ProportionMethod>().unwrap()),
                ..scene.conventions
            },
            ("sequential", family) => Conventions {
                sequential: family.parse().unwrap(),
                ..scene.conventions
            },
            _ => continue,
        };
        seen += 1;
        let mut scene = scene.clone();
        scene.conventions = changed;
        let there = read(&scene);
        let outcome = &other.outcomes[0];
        assert_eq!(outcome.verdict, there.verdicts[0].word, "{}", other.value);
        for moved in &outcome.effects {
            let found = effect(&there, &moved.metric, Population::Itt, "new");
            assert_eq!(moved.absolute, found.absolute, "{}", other.value);
            assert_eq!(moved.relative, found.relative, "{}", other.value);
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn strata_that_the_experiment_names_are_weighted_by_their_share() {
    let mut scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(1_000, 200), (1_000, 250)])
        .experiment(|experiment| experiment.analysis.strata = Some("country".to_owned()));
    let levels = [
        ("de", [(400, 40), (600, 90)]),
        ("fr", [(600, 160), (400, 160)]),
    ];
    for (level, variants) in levels {
        for (variant, (units, ones)) in variants.into_iter().enumerate() {
            let slice = Slice::Segment {
                column: "country".to_owned(),
                level: Some(level.to_owned()),
            };
            let cell = cell(zeros_and_ones(units, ones));
            scene.put(0, Partition::Itt, slice, variant, cell);
        }
    }
    let readout = read(&scene);
    let found = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::Stratified);
    // Half of all units each: (0.15 − 0.1)/2 + (0.4 − 160/600)/2.
    super::assert_close(estimate(found), 0.5 * 0.05 + 0.5 * (0.4 - 160.0 / 600.0));
    assert_eq!(readout.metrics[0].heterogeneity.len(), 1);
    assert!(readout.metrics[0].heterogeneity[0].corrected_p.is_some());
}

fn ordered(values: Vec<f64>) -> Cell {
    let mut sums = JointSums::new(1);
    for value in &values {
        sums.add(&[*value]);
    }
    Cell {
        order: Some(OrderStatistics::of(0.9, values)),
        ..cell(sums)
    }
}

#[test]
fn a_quantile_is_the_difference_of_order_statistics() {
    let values = |shift: f64| {
        (0..500)
            .map(|unit| shift + f64::from(unit * 37 % 500))
            .collect()
    };
    let cells: Vec<Cell> = vec![ordered(values(0.0)), ordered(values(25.0))];
    let mut definition = metric("latency", MetricKind::Quantile);
    definition.quantile = Some(0.9);
    let layout = Layout {
        ordered: true,
        ..Layout::PLAIN
    };
    let control = quantile(cells[0].order.as_ref().unwrap(), 0.9, QuantileType::Linear).unwrap();
    let scene = Scene::new(&["old", "new"]).with(definition, Role::Primary, layout, cells);
    let readout = read(&scene);
    let found = effect(&readout, "latency", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::DifferenceOfQuantiles);
    super::assert_close(estimate(found), 25.0);
    let shown = readout.metrics[0]
        .overall_statistics(Population::Itt, "old")
        .unwrap();
    super::assert_close(*shown.mean.value().unwrap(), control);
}

#[test]
fn tied_values_around_a_quantile_leave_it_without_an_error_and_say_so() {
    let tied = |value: f64| ordered(vec![value; 500]);
    let mut definition = metric("latency", MetricKind::Quantile);
    definition.quantile = Some(0.9);
    let layout = Layout {
        ordered: true,
        ..Layout::PLAIN
    };
    let scene = Scene::new(&["old", "new"]).with(
        definition,
        Role::Primary,
        layout,
        vec![tied(1.0), tied(2.0)],
    );
    let readout = read(&scene);
    let found = effect(&readout, "latency", Population::Itt, "new");
    assert_eq!(found.absolute.absence(), Some(Absence::TiedValues));
}

fn running() -> Scene {
    Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(5_000, 500), (5_000, 700)])
        .units(&[5_000, 5_000])
        .experiment(|experiment| {
            experiment.status = crate::domain::definition::ExperimentStatus::Running;
            experiment.plan.end = Some(instant("2026-05-01T00:00:00Z"));
            experiment.plan.units = Some(20_000);
        })
}

#[test]
fn what_may_be_looked_at_any_time_may_ship_before_the_planned_end() {
    assert_eq!(read(&running()).verdicts[0].word, VerdictWord::KeepRunning);
    for family in [
        SequentialFamily::ConfidenceSequence,
        SequentialFamily::GroupSequential,
    ] {
        let mut scene = running();
        scene.conventions.sequential = family;
        let readout = read(&scene);
        let verdict = &readout.verdicts[0];
        assert_eq!(verdict.clause, VerdictClause::PrimaryImproves, "{family}");
        let found = effect(&readout, "conversion", Population::Itt, "new");
        let watched = found.absolute.value().unwrap().interval;
        let once = companion(found, CompanionKind::OneLook);
        let once = once.estimate.value().unwrap().interval;
        let (Interval::Between { lower, .. }, Interval::Between { lower: narrow, .. }) =
            (watched, once)
        else {
            panic!("both are bounded");
        };
        assert!(lower < narrow, "{family}: looking often costs width");
    }
}

#[test]
fn before_its_first_look_a_family_says_nothing_and_the_experiment_runs_on() {
    let first_look = |units| {
        let mut scene =
            running().experiment(|experiment| experiment.analysis.first_look = Some(units));
        scene.conventions.sequential = SequentialFamily::ConfidenceSequence;
        let readout = read(&scene);
        let found = effect(&readout, "conversion", Population::Itt, "new");
        (found.absolute.absence(), readout.verdicts[0].word)
    };
    let early = (Some(Absence::BeforeFirstLook), VerdictWord::KeepRunning);
    assert_eq!(first_look(10_001), early);
    assert_eq!(first_look(10_000), (None, VerdictWord::Ship));
}

#[test]
fn a_family_that_is_tuned_to_nothing_says_so() {
    let mut scene = running();
    scene.conventions.sequential = SequentialFamily::MixtureSprt;
    let readout = read(&scene);
    let found = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(found.absolute.absence(), Some(Absence::NotPlanned));
    assert!(
        companion(found, CompanionKind::OneLook)
            .estimate
            .value()
            .is_some()
    );
}

#[test]
fn compliers_are_told_from_the_exposed_part_of_itt() {
    let scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(1_000, 100), (1_000, 130)])
        .exposed(&[0, 500]);
    let mut scene = scene;
    let exposed = cell(zeros_and_ones(500, 90));
    scene.put(0, Partition::ExposedFromAssignment, Slice::All, 1, exposed);
    let nobody = cell(JointSums::new(1));
    scene.put(0, Partition::ExposedFromAssignment, Slice::All, 0, nobody);
    let readout = read(&scene);
    let found = effect(&readout, "conversion", Population::Itt, "new");
    let compliers = found.compliers.as_ref().unwrap();
    // 0.03 over half of the units.
    super::assert_close(compliers.estimate.value().unwrap().estimate, 0.06);
    assert!(compliers.one_sided);
    let means = compliers.means.value().unwrap();
    super::assert_close(means.treatment, 0.18);
    // (0.1 − 0.5·0.08)/0.5
    super::assert_close(means.control, 0.12);
}

#[test]
fn shares_by_counts_decide_where_they_are_asked_for() {
    let mut scene = Scene::new(&["old", "new"]).proportion(
        "conversion",
        Role::Primary,
        &[(1_000, 100), (1_000, 128)],
    );
    scene.conventions.proportions = Some(ProportionMethod::ChiSquareYates);
    let readout = read(&scene);
    let found = effect(&readout, "conversion", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::DifferenceOfCounts);
    let (by_counts, as_means) = (
        found.absolute.value().unwrap().p_value.p,
        companion(found, CompanionKind::AsMeans)
            .estimate
            .value()
            .unwrap()
            .p_value
            .p,
    );
    // SciPy 1.17.1: chi2_contingency([[128, 872], [100, 900]], correction=True).
    super::assert_close(by_counts, 0.057_475_684_098_073_31);
    assert!(as_means < 0.05);
    assert_eq!(readout.verdicts[0].word, VerdictWord::Inconclusive);
}

#[test]
fn a_smallest_difference_that_matters_gives_equivalence_and_what_is_left_to_do() {
    let scene = Scene::new(&["old", "new"])
        .proportion("conversion", Role::Primary, &[(1_000, 100), (1_000, 101)])
        .minimum(Magnitude::Absolute(0.02));
    let readout = read(&scene);
    let found = effect(&readout, "conversion", Population::Itt, "new");
    let equivalence = found.equivalence.as_ref().unwrap().value().unwrap();
    assert!(!equivalence.equivalent);
    let power = found.power.as_ref().unwrap().value().unwrap();
    // (1.96 + 0.8416)²·2·0.09·2/0.02² ≈ 7,090 units for both.
    let needed = power.units_needed.unwrap();
    assert!((6_900.0..7_300.0).contains(&needed), "{needed}");
    // 2,000 came in 13.96 days.
    let days = power.days_left.unwrap();
    assert!(
        (days - (needed - 2_000.0) / (2_000.0 / 13.958)).abs() < 0.1,
        "{days}"
    );
    assert_eq!(power.false_positive_risk, None, "nothing is significant");
}

#[test]
fn pairs_of_treatments_are_compared_epoch_by_epoch_too() {
    let readout = read(&ramp_of_three());
    let found = effect(&readout, "conversion", Population::Itt, "b");
    let against = companion(found, CompanionKind::Against);
    assert_eq!(against.subject.as_deref(), Some("a"));
    // In both epochs b − a is 0.1 at equal sizes; pooled over control's shares it would be something else.
    super::assert_close(against.estimate.value().unwrap().estimate, 0.1);
}

/// Two epochs in which the level rises and control's share falls; b is always 0.1 above a.
fn ramp_of_three() -> Scene {
    let mut scene = Scene::new(&["control", "a", "b"])
        .proportion(
            "conversion",
            Role::Primary,
            &[(2_000, 340), (1_000, 350), (1_000, 450)],
        )
        .experiment(|experiment| {
            experiment.analysis.all_pairs = true;
            experiment.epochs = vec![
                Epoch {
                    from: instant("2026-03-01T00:00:00Z"),
                    weights: vec![3.0, 1.0, 1.0],
                },
                Epoch {
                    from: instant("2026-03-08T00:00:00Z"),
                    weights: vec![1.0, 3.0, 3.0],
                },
            ];
        });
    let epochs = [
        [(1_500, 150), (250, 50), (250, 75)],
        [(500, 190), (750, 300), (750, 375)],
    ];
    for (epoch, variants) in epochs.into_iter().enumerate() {
        for (variant, (units, ones)) in variants.into_iter().enumerate() {
            let cell = cell(zeros_and_ones(units, ones));
            scene.put(0, Partition::Itt, Slice::Epoch(epoch), variant, cell);
        }
    }
    scene
}

#[test]
fn what_accumulates_day_by_day_never_gives_a_small_day_away() {
    let mut scene = Scene::new(&["old", "new"]).mean(
        "revenue",
        Role::Primary,
        220,
        &[(10.0, 1.0), (11.0, 1.0)],
    );
    scene.privacy.min_cell = 10;
    for (day, units) in [("2026-03-01", 100), ("2026-03-02", 4), ("2026-03-03", 116)] {
        for (variant, mean) in [10.0, 11.0].into_iter().enumerate() {
            let slice = Slice::EntryDay(day.to_owned());
            scene.put(
                0,
                Partition::Itt,
                slice,
                variant,
                cell(around(units, mean, 1.0)),
            );
        }
    }
    let readout = read(&scene);
    let days: Vec<(&str, u64)> = readout.metrics[0]
        .cumulative
        .iter()
        .map(|effect| (effect.day.as_str(), effect.units.0))
        .collect();
    // The first day is withheld with the second, or it would give it away: what is up to it would too.
    assert_eq!(days, [("2026-03-02", 104), ("2026-03-03", 220)]);
    let last = readout.metrics[0].cumulative.last().unwrap();
    let whole = effect(&readout, "revenue", Population::Itt, "new");
    assert_eq!(last.absolute, whole.absolute);
}

#[test]
fn the_trend_since_entry_is_by_unit() {
    // The treatment adds 1 on the first of three days and nothing later.
    let variant = |first: f64| {
        let mut parts = JointSums::new(3);
        let mut sums = JointSums::new(1);
        for unit in 0..400 {
            let noise = f64::from(unit % 5) - 2.0;
            parts.add(&[first + noise, noise, noise]);
            sums.add(&[first + 3.0 * noise]);
        }
        let mut cell = Cell::of(Evidence::Exact(sums));
        cell.further.parts = Some(parts);
        cell
    };
    let mut definition = metric("visits", MetricKind::Mean);
    definition.window = Some(crate::domain::definition::Window {
        anchor: crate::domain::definition::Anchor::Entry,
        start: crate::domain::definition::Duration::ZERO,
        end: "3d".parse().unwrap(),
        units: crate::domain::definition::UnitsRule::Matured,
    });
    let cells = vec![variant(0.0), variant(1.0)];
    let scene = Scene::new(&["old", "new"]).with(definition, Role::Primary, Layout::PLAIN, cells);
    let readout = read(&scene);
    let novelty = &readout.metrics[0].novelty[0];
    let parts: Vec<f64> = novelty
        .parts
        .iter()
        .map(|part| part.absolute.value().unwrap().estimate)
        .collect();
    assert_eq!(parts, [1.0, 0.0, 0.0]);
    // A line through 1, 0, 0 falls by a half a day; within units nothing else varies, so it is certain.
    let trend = novelty.trend.absence();
    assert_eq!(trend, Some(Absence::ZeroVariance));
}
