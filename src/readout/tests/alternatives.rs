//! Alternatives are made with what a convention cannot reach left as it is; here they are held to whole readouts.

use super::read;
use crate::checks::support::{Scene, cell, metric};
use crate::domain::definition::{
    Application, Conventions, Correction, Magnitude, MetricKind, Population, ProportionMethod,
    ReferenceDistribution, RelativeMethod, Role, SequentialFamily, SlopeForm, VarianceForm,
};
use crate::domain::evidence::{JointSums, Layout};
use crate::domain::result::{AlternativeOutcome, Readout};

#[test]
fn every_alternative_is_the_whole_readout_under_its_convention_and_what_is_left_out_moves_nothing()
{
    let scene = scene();
    let now = read(&scene);
    let (mut listed, mut flips) = (0, 0);
    for (convention, value, conventions) in others() {
        let mut scene = scene.clone();
        scene.conventions = conventions;
        let there = read(&scene);
        let found = now
            .alternatives
            .iter()
            .find(|other| other.convention == convention && other.value == value);
        let none = Vec::new();
        let outcomes = found.map_or(&none, |other| &other.outcomes);
        listed += outcomes.len();
        for (position, verdict) in there.verdicts.iter().enumerate() {
            let outcome = outcomes.get(position);
            let before = now.verdicts[position].word;
            let word = outcome.map_or(before, |outcome| outcome.verdict);
            assert_eq!(word, verdict.word, "{convention} {value}");
            assert!(outcome.is_none_or(|outcome| outcome.flips == (word != before)));
            flips += usize::from(word != before);
            assert_effects(outcome, (&now, &there), &verdict.variant);
        }
    }
    assert_eq!(listed, 2 * now.alternatives.len(), "each one was asked for");
    assert!(listed >= 30, "{listed}");
    assert!(flips >= 2, "{flips}");
}

/// The effects of an outcome are those there, and all others are those of now.
#[track_caller]
fn assert_effects(
    outcome: Option<&AlternativeOutcome>,
    (now, there): (&Readout, &Readout),
    variant: &str,
) {
    let moved = |id: &str| outcome?.effects.iter().find(|effect| effect.metric == id);
    for (metric, other) in now.metrics.iter().zip(&there.metrics) {
        let here = metric.overall(Population::Itt, variant).unwrap();
        let there = other.overall(Population::Itt, variant).unwrap();
        let (absolute, relative) = match moved(metric.id.as_str()) {
            Some(moved) => (&moved.absolute, &moved.relative),
            None if metric.role == Role::Diagnostic => continue,
            None => (&here.absolute, &here.relative),
        };
        assert_eq!(absolute, &there.absolute, "{}", metric.id);
        assert_eq!(relative, &there.relative, "{}", metric.id);
    }
}

/// Two treatments, one of them on the verge; every kind of metric and role.
fn scene() -> Scene {
    const COVARIATE: Layout = Layout {
        covariates: 1,
        ..Layout::PLAIN
    };
    let cells = |lifts: [f64; 3]| lifts.map(|lift| cell(with_history(lift))).to_vec();
    let mean = |id| metric(id, MetricKind::Mean);
    Scene::new(&["old", "new", "newer"])
        .mean(
            "depth",
            Role::Diagnostic,
            1_000,
            &[(4.0, 1.0), (4.1, 1.5), (4.0, 2.0)],
        )
        .with(
            mean("revenue"),
            Role::Secondary,
            COVARIATE,
            cells([0.0, 1.0, 9.0]),
        )
        .proportion(
            "conversion",
            Role::Primary,
            &[(1_000, 100), (1_000, 130), (1_000, 128)],
        )
        .with(
            mean("orders"),
            Role::Guardrail,
            COVARIATE,
            cells([0.0, 0.0, -8.0]),
        )
        .margin(Magnitude::Relative(0.05))
        .with(
            mean("visits"),
            Role::Primary,
            COVARIATE,
            cells([0.0, 4.0, 6.0]),
        )
}

/// A thousand units whose value goes with what they did before, more so where the lift is.
fn with_history(lift: f64) -> JointSums {
    let mut sums = JointSums::new(3);
    for unit in 0..1_000_u32 {
        let before = f64::from(unit.wrapping_mul(2_654_435_761) % 97);
        let noise = f64::from(unit.wrapping_mul(40_503) % 89);
        sums.add(&[
            100.0 + lift + before * (1.0 + 0.01 * lift) + noise,
            before,
            0.0,
        ]);
    }
    sums
}

/// Every convention that needs no row again, one changed at a time.
fn others() -> Vec<(&'static str, String, Conventions)> {
    let now = Conventions::default();
    let mut all: Vec<(&'static str, String, Conventions)> = Vec::new();
    let mut add = |convention, value: &str, other| all.push((convention, value.to_owned(), other));
    for variance in VarianceForm::ALL.iter().copied() {
        add("variance", variance.name(), Conventions { variance, ..now });
    }
    for reference in ReferenceDistribution::ALL.iter().copied() {
        add(
            "reference",
            reference.name(),
            Conventions { reference, ..now },
        );
    }
    for relative in RelativeMethod::ALL.iter().copied() {
        add("relative", relative.name(), Conventions { relative, ..now });
    }
    for correction in Correction::ALL.iter().copied() {
        add(
            "correction",
            correction.name(),
            Conventions { correction, ..now },
        );
    }
    for slope in SlopeForm::ALL.iter().copied() {
        add("slope", slope.name(), Conventions { slope, ..now });
    }
    for covariate in Application::ALL.iter().copied() {
        add(
            "covariate",
            covariate.name(),
            Conventions { covariate, ..now },
        );
    }
    let on_counts = [
        ProportionMethod::ChiSquare,
        ProportionMethod::ChiSquareYates,
        ProportionMethod::MiettinenNurminen,
    ];
    for proportions in on_counts.map(Some).into_iter().chain([None]) {
        let value = proportions.map_or("as-means", ProportionMethod::name);
        add("proportions", value, Conventions { proportions, ..now });
    }
    for sequential in [
        SequentialFamily::Fixed,
        SequentialFamily::ConfidenceSequence,
    ] {
        add(
            "sequential",
            sequential.name(),
            Conventions { sequential, ..now },
        );
    }
    for level in [0.9, 0.95, 0.99] {
        add("level", &level.to_string(), Conventions { level, ..now });
    }
    all.retain(|(_, _, other)| *other != now);
    all
}
