//! Clusters and impact at scale, against sums made cluster by cluster and against GrowthBook, with their corners.

use readout::domain::definition::{Conventions, StratumWeights};
use readout::domain::evidence::{JointSums, Layout, Moments};
use readout::domain::result::{Absence, CompanionKind, Effect};
use readout::stats::impact::DAYS_A_YEAR;
use readout::stats::{Contrast, Method, Side, Stratum, impact, stratified, units_a_year};
use serde::Deserialize;

use super::{
    NORMAL, TOLERANCE, Theirs, WELCH, absolute_of, assert_close, assert_estimate, moments_of_sums,
    reference, with_delta,
};
use readout::stats::SampleMean;

/// Variants of (moments over clusters, moments over units), with clusters as the draws.
fn clustered(
    control: &(Moments, Moments),
    treatment: &(Moments, Moments),
    conventions: &Conventions,
) -> Contrast {
    let method = Method::plain(Layout::PLAIN, conventions);
    readout::stats::contrast(&side(control), &side(treatment), &method)
}

fn side(of: &(Moments, Moments)) -> Side<'_> {
    Side {
        clusters: Some(&of.0),
        ..Side::of(&of.1)
    }
}

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    impact: Impact,
    with_covariate: Vec<WithCovariate>,
    over_strata: Vec<OverStrata>,
}

/// Clusters of units of (value, covariate).
type Pairs = Vec<Vec<[f64; 2]>>;

#[derive(Deserialize)]
struct WithCovariate {
    name: String,
    control: Pairs,
    treatment: Pairs,
    difference: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
}

#[derive(Deserialize)]
struct OverStrata {
    name: String,
    strata: Vec<(Pairs, Pairs)>,
    by_shares: Effects,
    by_precision: Effects,
}

#[derive(Deserialize)]
struct Effects {
    difference: f64,
    standard_error: f64,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    control: Vec<Vec<f64>>,
    treatment: Vec<Vec<f64>>,
    difference: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
    lift: f64,
    lift_standard_error: f64,
    unit_standard_error: f64,
}

#[derive(Deserialize)]
struct Impact {
    id: String,
    control: Variant,
    treatment: Variant,
    units: u64,
    days: f64,
    effect: f64,
    se: f64,
    ci: (f64, f64),
    df: f64,
    p: String,
}

#[derive(Deserialize)]
struct Variant {
    n: u64,
    sums: Vec<f64>,
    products: Vec<f64>,
}

fn file() -> Reference {
    reference(include_str!("../../reference/clusters.json"))
}

/// Moments over clusters of (sum, units) and over units of the value.
fn both(clusters: &[Vec<f64>]) -> (Moments, Moments) {
    let (mut over_clusters, mut over_units) = (JointSums::new(2), JointSums::new(1));
    for values in clusters {
        over_clusters.add(&[values.iter().sum(), values.len() as f64]);
        for value in values {
            over_units.add(&[*value]);
        }
    }
    (over_clusters.moments(), over_units.moments())
}

#[test]
fn errors_over_clusters_agree() {
    for case in file().cases {
        let (control, treatment) = (both(&case.control), both(&case.treatment));
        let ours = clustered(&control, &treatment, &with_delta(WELCH));
        let absolute = ours.absolute.value().unwrap();
        assert_close(absolute.estimate, case.difference, TOLERANCE, &case.name);
        assert_close(
            absolute.standard_error.unwrap(),
            case.standard_error,
            TOLERANCE,
            &case.name,
        );
        assert_eq!(
            absolute.degrees_of_freedom.unwrap(),
            case.degrees_of_freedom
        );
        let lift = ours.relative.value().unwrap();
        assert_close(lift.estimate, case.lift, TOLERANCE, &case.name);
        assert_close(
            lift.standard_error.unwrap(),
            case.lift_standard_error,
            TOLERANCE,
            &case.name,
        );
        let beside = &ours.companions[0];
        assert_eq!(beside.kind, CompanionKind::UnitLevel);
        let error = beside.estimate.value().unwrap().standard_error.unwrap();
        assert_close(error, case.unit_standard_error, TOLERANCE, &case.name);
        assert!(ours.clusters.unwrap() < Effect::ENOUGH_CLUSTERS);
    }
}

/// Moments over clusters of the sums of (value, covariate, whether that is unknown) and of units, and over units of those three.
fn both_pairs(clusters: &Pairs) -> (Moments, Moments) {
    let (mut over_clusters, mut over_units) = (JointSums::new(4), JointSums::new(3));
    for units in clusters {
        let sum = |quantity: usize| units.iter().map(|unit| unit[quantity]).sum();
        over_clusters.add(&[sum(0), sum(1), 0.0, units.len() as f64]);
        for [value, covariate] in units {
            over_units.add(&[*value, *covariate, 0.0]);
        }
    }
    (over_clusters.moments(), over_units.moments())
}

#[test]
fn covariates_are_adjusted_for_over_clusters() {
    for case in file().with_covariate {
        let (control, treatment) = (both_pairs(&case.control), both_pairs(&case.treatment));
        let layout = Layout {
            covariates: 1,
            ..Layout::PLAIN
        };
        let method = Method::plain(layout, &WELCH);
        let (control, treatment) = (side(&control), side(&treatment));
        let ours = readout::stats::contrast(&control, &treatment, &method);
        let absolute = ours.absolute.value().unwrap();
        assert_close(absolute.estimate, case.difference, TOLERANCE, &case.name);
        let error = absolute.standard_error.unwrap();
        assert_close(error, case.standard_error, TOLERANCE, &case.name);
        let freedom = absolute.degrees_of_freedom.unwrap();
        assert_close(freedom, case.degrees_of_freedom, 1e-12, &case.name);
        assert!(ours.variance_reduction.unwrap() > 0.0);
        assert!(ours.unadjusted.unwrap().value().is_some());
    }
}

#[test]
fn clusters_are_the_draws_within_strata() {
    for case in file().over_strata {
        let strata: Vec<Stratum> = case
            .strata
            .iter()
            .map(|(control, treatment)| Stratum {
                name: case.name.clone(),
                control: values_only(&both_pairs(control).0),
                treatment: values_only(&both_pairs(treatment).0),
                of_clusters: true,
            })
            .collect();
        for (weights, theirs) in [
            (StratumWeights::PooledShares, &case.by_shares),
            (StratumWeights::Precision, &case.by_precision),
        ] {
            let pair = stratified(&strata, Layout::PLAIN, weights).pair.unwrap();
            assert_close(pair.difference, theirs.difference, TOLERANCE, &case.name);
            let error = pair.difference_variance.sqrt();
            assert_close(error, theirs.standard_error, TOLERANCE, &case.name);
        }
    }
}

/// Moments of the first quantity and of the units.
fn values_only(of: &Moments) -> Moments {
    Moments {
        units: of.units,
        means: vec![of.means[0], of.means[3]],
        central: vec![of.central(0, 0), of.central(0, 3), of.central(3, 3)],
    }
}

#[test]
fn clusters_of_one_unit_are_units() {
    let one = |shift: f64| -> Vec<Vec<f64>> {
        (0..30)
            .map(|index| vec![shift + f64::from(index * 7 % 11)])
            .collect()
    };
    let (control, treatment) = (both(&one(1.0)), both(&one(2.0)));
    let ours = clustered(&control, &treatment, &NORMAL);
    let mean = |moments| SampleMean::of_quantity(moments, 0).unwrap();
    let plain = absolute_of(&mean(&control.1), &mean(&treatment.1), NORMAL);
    let shown = ours.absolute.value().unwrap();
    assert_close(
        shown.standard_error.unwrap(),
        plain.standard_error.unwrap(),
        1e-12,
        "se",
    );
    assert_close(shown.p_value.p, plain.p_value.p, 1e-9, "p");
    assert_eq!(ours.clusters, Some(60));
}

#[test]
fn clusters_have_their_corners() {
    let of = |control: &[Vec<f64>], treatment: &[Vec<f64>]| {
        let ours = clustered(&both(control), &both(treatment), &WELCH);
        (ours.absolute.absence(), ours.relative.absence())
    };
    let some = vec![vec![1.0, 2.0], vec![4.0], vec![5.0, 7.0, 8.0]];
    let absent = |absence| (Some(absence), Some(absence));
    assert_eq!(of(&[], &some), absent(Absence::NoUnits));
    assert_eq!(of(&some, &[vec![1.0, 2.0]]), absent(Absence::TooFewUnits));
    assert_eq!(
        of(&some, &[vec![], vec![]]),
        absent(Absence::ZeroDenominator)
    );
    let same = vec![vec![2.0], vec![2.0, 2.0]];
    assert_eq!(of(&same, &same), absent(Absence::ZeroVariance));
    let zero = vec![vec![-1.0], vec![1.0]];
    assert_eq!(of(&zero, &some), (None, Some(Absence::ZeroControlMean)));
}

#[test]
fn impact_at_scale_agrees_with_growthbooks_a_day() {
    let case = file().impact;
    let mean = |variant: &Variant| {
        SampleMean::of_quantity(
            &moments_of_sums(variant.n, &variant.sums, &variant.products),
            0,
        )
        .unwrap()
    };
    let plain = absolute_of(&mean(&case.control), &mean(&case.treatment), WELCH);
    let a_day = units_a_year(case.units, case.days, 1.0).unwrap() / DAYS_A_YEAR;
    let theirs = Theirs {
        estimate: case.effect,
        lower: case.ci.0,
        upper: case.ci.1,
        error: Some(case.se),
        freedom: Some(case.df),
        p: Some(case.p),
    };
    assert_estimate(&impact::impact(&plain, a_day).unwrap(), &theirs, &case.id);
}

#[test]
fn impact_has_its_corners() {
    let mean = |mean| SampleMean::of_quantity(&Moments::published(50, mean, 1.0), 0).unwrap();
    let plain = absolute_of(&mean(1.0), &mean(2.0), WELCH);
    for units in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(impact::impact(&plain, units), Err(Absence::NotApplicable));
    }
    let large = absolute_of(&mean(1.0), &mean(1e300), WELCH);
    assert_eq!(impact::impact(&large, 1e9), Err(Absence::OutOfRange));
    assert_eq!(impact::impact(&plain, 1.0), Ok(plain));
    assert_eq!(units_a_year(0, 7.0, 1.0), Err(Absence::NoUnits));
    for (days, share) in [
        (0.0, 1.0),
        (f64::NAN, 1.0),
        (7.0, 0.0),
        (7.0, 1.5),
        (7.0, f64::NAN),
    ] {
        assert_eq!(units_a_year(10, days, share), Err(Absence::NotApplicable));
    }
    assert_eq!(units_a_year(70, 7.0, 0.5), Ok(7300.0));
}
