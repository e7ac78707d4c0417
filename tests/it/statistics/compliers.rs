//! Effects on compliers, against 50-digit arithmetic, printed tables and public analyses, with laws and corners.

use proptest::prelude::*;
use readout::domain::definition::{CompliersErrorForm, Conventions};
use readout::domain::evidence::{JointSums, Moments};
use readout::domain::result::{Absence, CompliersEffect, Interval, Known};
use readout::stats::{Comparison, SampleMean, complier_means, compliers, difference, diluted};
use serde::Deserialize;

use super::{NORMAL, TOLERANCE, Theirs, WELCH, assert_close, assert_estimate, reference};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    complier_means: Means,
    third_party: ThirdParty,
    third_party_conversion: Error,
    printed: Vec<Printed>,
    flu: Flu,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    control: Counts,
    treatment: Counts,
    cace: f64,
    itt_d: f64,
    itt_d_se: f64,
    f: f64,
    hc0: Form,
    hc1: Form,
    hc2: Form,
    no_covariance: Form,
    fixed_first_stage: Form,
    classical_n: f64,
    classical_n_minus_2: f64,
    anderson_rubin: (f64, f64),
}

#[derive(Deserialize, Debug)]
struct Counts {
    n: u64,
    y: u64,
    d: u64,
    yd: u64,
}

#[derive(Deserialize)]
struct Form {
    se: f64,
    ci: (f64, f64),
    p: String,
}

#[derive(Deserialize)]
struct Means {
    id: String,
    share: f64,
    treatment: f64,
    control: f64,
}

#[derive(Deserialize)]
struct ThirdParty {
    id: String,
    hc0_ci: (f64, f64),
    no_covariance_se: f64,
    no_covariance_ci: (f64, f64),
    itt: f64,
    cace: f64,
    naive_exposed_against_control: f64,
    exposure_rate: f64,
}

#[derive(Deserialize)]
struct Error {
    id: String,
    no_covariance_se: f64,
}

#[derive(Deserialize)]
struct Printed {
    value: (f64, f64),
    exposure: (f64, f64),
    wald: f64,
    fixed_first_stage: f64,
    no_covariance: f64,
}

#[derive(Deserialize)]
struct Flu {
    control: Counts,
    treatment: Counts,
    cace: f64,
    se_hc2: f64,
    ci: (f64, f64),
}

impl Counts {
    fn moments(&self) -> Moments {
        let (n, y, d, yd) = (self.n as f64, self.y as f64, self.d as f64, self.yd as f64);
        Moments {
            units: self.n,
            means: vec![y / n, d / n],
            central: vec![y * (n - y) / n, yd - y * d / n, d * (n - d) / n],
        }
    }
}

fn file() -> Reference {
    let reference: Reference = reference(include_str!("../../reference/real_compliers.json"));
    assert_eq!(reference.cases.len(), 5);
    reference
}

fn ours(control: &Counts, treatment: &Counts, form: CompliersErrorForm) -> CompliersEffect {
    compliers(&control.moments(), &treatment.moments(), form, &NORMAL)
}

#[test]
fn effects_on_compliers_agree_in_every_form() {
    for case in file().cases {
        for (form, theirs) in [
            (CompliersErrorForm::Hc0, &case.hc0),
            (CompliersErrorForm::Hc1, &case.hc1),
            (CompliersErrorForm::Hc2, &case.hc2),
            (CompliersErrorForm::NoCovariance, &case.no_covariance),
            (CompliersErrorForm::FixedFirstStage, &case.fixed_first_stage),
        ] {
            let theirs = Theirs {
                estimate: case.cace,
                lower: theirs.ci.0,
                upper: theirs.ci.1,
                error: Some(theirs.se),
                freedom: None,
                p: Some(theirs.p.clone()),
            };
            let ours = ours(&case.control, &case.treatment, form);
            assert_estimate(
                ours.estimate.value().unwrap(),
                &theirs,
                &format!("{} {form}", case.id),
            );
        }
        for (form, theirs) in [
            (CompliersErrorForm::HomoskedasticLarge, case.classical_n),
            (CompliersErrorForm::Homoskedastic, case.classical_n_minus_2),
        ] {
            let ours = ours(&case.control, &case.treatment, form);
            let error = ours.estimate.value().unwrap().standard_error.unwrap();
            assert_close(error, theirs, TOLERANCE, &case.id);
        }
    }
}

#[test]
fn first_stages_and_anderson_rubin_sets_agree() {
    for case in file().cases {
        let ours = ours(&case.control, &case.treatment, CompliersErrorForm::Hc1);
        let first = ours.first_stage.value().unwrap();
        assert_close(first.estimate, case.itt_d, TOLERANCE, &case.id);
        assert_close(
            first.standard_error.unwrap(),
            case.itt_d_se,
            TOLERANCE,
            &case.id,
        );
        assert_close(
            *ours.first_stage_f.value().unwrap(),
            case.f,
            TOLERANCE,
            &case.id,
        );
        let set = ours.anderson_rubin.value().unwrap();
        assert_close(
            set.lower().unwrap(),
            case.anderson_rubin.0,
            TOLERANCE,
            &case.id,
        );
        assert_close(
            set.upper().unwrap(),
            case.anderson_rubin.1,
            TOLERANCE,
            &case.id,
        );
        assert_eq!(ours.one_sided, !case.id.starts_with("udacity"));
        assert!(!ours.is_weak());
    }
}

#[test]
fn means_of_compliers_agree_with_sommer_and_zeger() {
    let file = file();
    let case = file
        .cases
        .iter()
        .find(|case| case.id == file.complier_means.id)
        .unwrap();
    let ours = complier_means(&case.control.moments(), &case.treatment.moments()).unwrap();
    assert_close(ours.share, file.complier_means.share, TOLERANCE, "share");
    assert_close(
        ours.treatment,
        file.complier_means.treatment,
        TOLERANCE,
        "treatment",
    );
    assert_close(
        ours.control,
        file.complier_means.control,
        TOLERANCE,
        "control",
    );
    // Where controls are exposed too, means alone do not tell compliers apart.
    let two_sided = &file.cases[0];
    let refused = complier_means(&two_sided.control.moments(), &two_sided.treatment.moments());
    assert_eq!(refused, Err(Absence::NotApplicable));
}

#[test]
fn two_public_analyses_of_one_table_differ_by_the_covariance() {
    let file = file();
    let theirs = &file.third_party;
    let find = |id: &str| file.cases.iter().find(|case| case.id == id).unwrap();
    let case = find(&theirs.id);
    let of = |form| {
        *ours(&case.control, &case.treatment, form)
            .estimate
            .value()
            .unwrap()
    };
    let bounds = of(CompliersErrorForm::Hc0).interval;
    assert_close(bounds.lower().unwrap(), theirs.hc0_ci.0, TOLERANCE, "HC0");
    assert_close(bounds.upper().unwrap(), theirs.hc0_ci.1, TOLERANCE, "HC0");
    let without = of(CompliersErrorForm::NoCovariance);
    assert_close(
        without.standard_error.unwrap(),
        theirs.no_covariance_se,
        TOLERANCE,
        "se",
    );
    assert_close(
        without.interval.lower().unwrap(),
        theirs.no_covariance_ci.0,
        TOLERANCE,
        "low",
    );
    assert_close(
        without.interval.upper().unwrap(),
        theirs.no_covariance_ci.1,
        TOLERANCE,
        "high",
    );
    let other = find(&file.third_party_conversion.id);
    let without = ours(
        &other.control,
        &other.treatment,
        CompliersErrorForm::NoCovariance,
    );
    let error = without.estimate.value().unwrap().standard_error.unwrap();
    assert_close(
        error,
        file.third_party_conversion.no_covariance_se,
        TOLERANCE,
        "conversion",
    );
}

/// The effect of assignment, the effect on compliers, and the naive comparison of the exposed with all of control.
#[test]
fn selection_into_exposure_is_not_an_effect() {
    let file = file();
    let theirs = &file.third_party;
    let case = file.cases.iter().find(|case| case.id == theirs.id).unwrap();
    let (control, treatment) = (case.control.moments(), case.treatment.moments());
    let effect = ours(&case.control, &case.treatment, CompliersErrorForm::Hc1);
    let assigned = treatment.mean(0) - control.mean(0);
    assert_close(assigned, theirs.itt, TOLERANCE, "itt");
    assert_close(
        effect.estimate.value().unwrap().estimate,
        theirs.cace,
        TOLERANCE,
        "cace",
    );
    let means = effect.means.value().unwrap();
    assert_close(
        means.share,
        theirs.exposure_rate,
        TOLERANCE,
        "exposure rate",
    );
    let naive = means.treatment - control.mean(0);
    assert_close(
        naive,
        theirs.naive_exposed_against_control,
        TOLERANCE,
        "naive",
    );
    assert_close(
        means.treatment - means.control,
        theirs.cace,
        TOLERANCE,
        "complier means",
    );
}

/// Two units a variant whose difference has the printed standard error, without covariance.
fn printed(value: (f64, f64), exposure: (f64, f64)) -> (Moments, Moments) {
    let still = Moments {
        units: 2,
        means: vec![0.0, 0.0],
        central: vec![0.0; 3],
    };
    let moved = Moments {
        units: 2,
        means: vec![value.0, exposure.0],
        central: vec![2.0 * value.1 * value.1, 0.0, 2.0 * exposure.1 * exposure.1],
    };
    (still, moved)
}

#[test]
fn wald_estimates_agree_with_printed_differences() {
    for case in file().printed {
        let (control, treatment) = printed(case.value, case.exposure);
        for (form, theirs) in [
            (CompliersErrorForm::FixedFirstStage, case.fixed_first_stage),
            (CompliersErrorForm::NoCovariance, case.no_covariance),
        ] {
            let ours = *compliers(&control, &treatment, form, &NORMAL)
                .estimate
                .value()
                .unwrap();
            assert_close(ours.estimate, case.wald, TOLERANCE, "Wald");
            assert_close(ours.standard_error.unwrap(), theirs, TOLERANCE, form.name());
        }
    }
}

#[test]
fn the_flu_example_agrees_to_its_digits() {
    let flu = file().flu;
    let ours = *ours(&flu.control, &flu.treatment, CompliersErrorForm::Hc2)
        .estimate
        .value()
        .unwrap();
    assert_close(ours.estimate, flu.cace, 1e-9, "estimate");
    assert_close(
        ours.standard_error.unwrap(),
        flu.se_hc2,
        1e-9,
        "standard error",
    );
    assert_close(ours.interval.lower().unwrap(), flu.ci.0, 1e-5, "lower");
    assert_close(ours.interval.upper().unwrap(), flu.ci.1, 1e-5, "upper");
}

fn units(units: &[[f64; 2]]) -> Moments {
    let mut sums = JointSums::new(2);
    for unit in units {
        sums.add(unit);
    }
    sums.moments()
}

fn by_default(control: &Moments, treatment: &Moments) -> CompliersEffect {
    compliers(control, treatment, CompliersErrorForm::Hc1, &WELCH)
}

#[test]
fn without_exposure_there_is_no_effect_on_compliers() {
    let same = units(&[[1.0, 0.0], [2.0, 0.0], [4.0, 0.0]]);
    let other = units(&[[2.0, 0.0], [2.0, 0.0], [3.0, 0.0]]);
    let ours = by_default(&same, &other);
    assert_eq!(ours.estimate.absence(), Some(Absence::ZeroDenominator));
    assert_eq!(ours.anderson_rubin, Known::Value(Interval::WholeLine));
    assert_eq!(ours.first_stage_f.absence(), Some(Absence::ZeroVariance));
    assert_eq!(ours.means.absence(), Some(Absence::ZeroDenominator));
    // The values differ and nobody was exposed: no effect on compliers explains that.
    let far = units(&[[90.0, 0.0], [91.0, 0.0], [92.0, 0.0]]);
    assert_eq!(
        by_default(&same, &far).anderson_rubin.absence(),
        Some(Absence::NotApplicable)
    );
}

#[test]
fn a_weak_first_stage_has_no_bounds_and_says_so() {
    let control = units(&[[1.0, 0.0], [2.0, 0.0], [4.0, 0.0], [3.0, 0.0]]);
    let treatment = units(&[[2.0, 0.0], [2.0, 0.0], [3.0, 1.0], [9.0, 0.0]]);
    let ours = by_default(&control, &treatment);
    assert!(ours.is_weak());
    assert_eq!(ours.anderson_rubin, Known::Value(Interval::WholeLine));
    assert!(ours.estimate.value().is_some());
    let far = units(&[[92.0, 0.0], [92.0, 0.0], [93.0, 1.0], [99.0, 0.0]]);
    let outside = *by_default(&control, &far).anderson_rubin.value().unwrap();
    assert!(matches!(outside, Interval::Outside { .. }), "{outside:?}");
    assert!(!outside.contains(0.0), "the effect of assignment is clear");
}

#[test]
fn full_compliance_gives_the_effect_of_assignment() {
    let control = units(&[[1.0, 0.0], [2.0, 0.0], [4.0, 0.0]]);
    let treatment = units(&[[2.0, 1.0], [5.0, 1.0], [9.0, 1.0]]);
    let ours = compliers(&control, &treatment, CompliersErrorForm::Hc2, &WELCH);
    let mean = |moments| SampleMean::of_quantity(moments, 0).unwrap();
    let plain =
        difference(&Comparison::new(&mean(&control), &mean(&treatment), &WELCH).unwrap()).unwrap();
    let effect = *ours.estimate.value().unwrap();
    assert_close(effect.estimate, plain.estimate, 1e-12, "estimate");
    assert_close(
        effect.standard_error.unwrap(),
        plain.standard_error.unwrap(),
        1e-12,
        "se",
    );
    let set = ours.anderson_rubin.value().unwrap();
    assert_close(
        set.lower().unwrap(),
        plain.interval.lower().unwrap(),
        1e-12,
        "lower",
    );
    assert_close(
        set.upper().unwrap(),
        plain.interval.upper().unwrap(),
        1e-12,
        "upper",
    );
    assert_eq!(ours.first_stage_f.absence(), Some(Absence::ZeroVariance));
}

#[test]
fn too_few_units_and_values_that_are_no_numbers() {
    let some = units(&[[1.0, 0.0], [2.0, 0.0], [4.0, 1.0]]);
    let none = units(&[]);
    let one = units(&[[1.0, 1.0]]);
    for (control, treatment, expected) in [
        (&none, &some, Absence::NoUnits),
        (&some, &none, Absence::NoUnits),
        (&some, &one, Absence::TooFewUnits),
        (&one, &some, Absence::TooFewUnits),
    ] {
        let ours = by_default(control, treatment);
        assert_eq!(ours.estimate.absence(), Some(expected));
        assert_eq!(ours.anderson_rubin.absence(), Some(expected));
    }
    let mut broken = some.clone();
    broken.central[1] = f64::NAN;
    assert_eq!(
        by_default(&some, &broken).estimate.absence(),
        Some(Absence::OutOfRange)
    );
    let narrow = Moments::published(5, 1.0, 1.0);
    assert_eq!(
        by_default(&narrow, &some).estimate.absence(),
        Some(Absence::NotApplicable)
    );
    let level = Conventions {
        level: 1.0,
        ..WELCH
    };
    let ours = compliers(&some, &some, CompliersErrorForm::Hc0, &level);
    assert_eq!(ours.anderson_rubin.absence(), Some(Absence::NotApplicable));
}

#[test]
fn a_diluted_effect_is_the_exposed_one_where_all_are_exposed() {
    let mean = |mean, deviation| {
        SampleMean::of_quantity(&Moments::published(50, mean, deviation), 0).unwrap()
    };
    let exposed = Comparison::new(&mean(2.0, 1.0), &mean(3.0, 1.5), &WELCH).unwrap();
    let whole = diluted(&exposed, &mean(1.0, 0.0)).unwrap();
    assert_eq!(whole, difference(&exposed).unwrap());
    let half = diluted(&exposed, &mean(0.5, 0.5)).unwrap();
    assert_eq!(half.estimate, 0.5);
    // se² = ¼·(1 + 2.25)/50 + 1·¼/50.
    assert_close(
        half.standard_error.unwrap(),
        (4.25_f64 / 200.0).sqrt(),
        1e-12,
        "se",
    );
    assert_eq!(
        diluted(&exposed, &mean(0.0, 0.0)),
        Err(Absence::ZeroVariance)
    );
}

prop_compose! {
    fn counts()(cells in prop::array::uniform4(1_u64..400)) -> Counts {
        let [neither, value, exposed, both] = cells;
        Counts { n: neither + value + exposed + both, y: value + both, d: exposed + both, yd: both }
    }
}

proptest! {
    #[test]
    fn anderson_rubin_decides_as_the_effect_of_assignment(a in counts(), b in counts()) {
        let (a, b) = (a.moments(), b.moments());
        let mean = |moments| SampleMean::of_quantity(moments, 0).unwrap();
        let plain = difference(&Comparison::new(&mean(&a), &mean(&b), &WELCH).unwrap()).unwrap();
        prop_assume!((plain.p_value.p - 0.05).abs() > 1e-9);
        let ours = by_default(&a, &b);
        let set = ours.anderson_rubin.value().unwrap();
        prop_assert_eq!(set.contains(0.0), plain.interval.contains(0.0));
        if let Some(estimate) = ours.estimate.value() {
            prop_assert!(set.contains(estimate.estimate));
        }
    }

    #[test]
    fn swapping_variants_leaves_the_effect_on_compliers(a in counts(), b in counts()) {
        let (a, b) = (a.moments(), b.moments());
        for form in CompliersErrorForm::ALL {
            let forth = compliers(&a, &b, *form, &WELCH).estimate;
            let back = compliers(&b, &a, *form, &WELCH).estimate;
            if let (Some(forth), Some(back)) = (forth.value(), back.value()) {
                prop_assert_eq!(forth.estimate, back.estimate);
                let (one, other) = (forth.standard_error.unwrap(), back.standard_error.unwrap());
                prop_assert!((one - other).abs() <= 1e-9 * one);
            } else {
                prop_assert_eq!(forth.absence(), back.absence());
            }
        }
    }
}
