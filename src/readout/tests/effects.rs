//! Facts about effects: numbers of real experiments from independent tools, absences, order.

use super::{assert_close, effect, read};
use crate::checks::support::{Scene, cell, metric};
use crate::domain::definition::{
    Application, Correction, Direction, Magnitude, MetricKind, Population, ReferenceDistribution,
    RelativeMethod, Role,
};
use crate::domain::evidence::{JointSums, Layout, Partition, Slice};
use crate::domain::result::{
    Absence, Estimator, GuardrailOutcome, Interval, Known, Readout, Significance,
};

fn cookie_cats() -> Scene {
    Scene::new(&["gate_30", "gate_40"])
        .units(&[44_700, 45_489])
        .proportion(
            "retention-7",
            Role::Primary,
            &[(44_700, 8_502), (45_489, 8_279)],
        )
}

/// Welch on Cookie Cats' seven-day retention: mpmath 1.4.1, scipy 1.17.1, gbstats 0.8.0.
#[test]
fn seven_day_retention_of_cookie_cats() {
    let readout = read(&cookie_cats());
    let found = effect(&readout, "retention-7", Population::Itt, "gate_40");
    let absolute = found.absolute.value().unwrap();
    assert_close(absolute.estimate, -0.008_201_298_315_205_933);
    assert_close(
        absolute.standard_error.unwrap(),
        0.002_592_042_757_246_971_4,
    );
    assert_close(absolute.p_value.p, 0.001_556_530_181_006_611_2);
    assert_close(
        absolute.interval.lower().unwrap(),
        -0.013_281_677_028_690_996,
    );
    assert_close(
        absolute.interval.upper().unwrap(),
        -0.003_120_919_601_720_87,
    );
    let relative = found.relative.value().unwrap();
    assert_close(relative.estimate, -0.043_119_034_896_460_27);
    assert_eq!(found.significance, Some(Significance::Worse));
    assert_eq!(found.estimator, Estimator::DifferenceOfMeans);
}

/// Fieller's interval of the same lift with the normal quantile: mpmath 1.4.1.
#[test]
fn the_reference_distribution_is_a_convention() {
    let mut scene = cookie_cats();
    scene.conventions.reference = ReferenceDistribution::Normal;
    let readout = read(&scene);
    let found = effect(&readout, "retention-7", Population::Itt, "gate_40");
    let relative = found.relative.value().unwrap();
    assert_close(
        relative.interval.lower().unwrap(),
        -0.068_901_744_486_436_16,
    );
    assert_close(
        relative.interval.upper().unwrap(),
        -0.016_635_824_405_621_828,
    );
}

/// The delta interval of the same lift, by the same tools.
#[test]
fn the_relative_method_is_a_convention() {
    let mut scene = cookie_cats();
    scene.conventions.relative = RelativeMethod::Delta;
    let readout = read(&scene);
    let found = effect(&readout, "retention-7", Population::Itt, "gate_40");
    let relative = found.relative.value().unwrap();
    assert_close(
        relative.interval.lower().unwrap(),
        -0.069_245_217_712_077_88,
    );
    assert_close(
        relative.interval.upper().unwrap(),
        -0.016_992_852_080_842_658,
    );
}

/// Hillstrom: two treatments, three primary metrics; spend as somebody published it.
fn hillstrom() -> Scene {
    Scene::new(&["No E-Mail", "Mens E-Mail", "Womens E-Mail"])
        .units(&[21_306, 21_307, 21_387])
        .proportion(
            "visit",
            Role::Primary,
            &[(21_306, 2_262), (21_307, 3_894), (21_387, 3_238)],
        )
        .proportion(
            "conversion",
            Role::Primary,
            &[(21_306, 122), (21_307, 267), (21_387, 189)],
        )
        .published(
            "spend",
            Role::Primary,
            &[
                (
                    21_306,
                    0.652_789_355_111_236_3,
                    134.286_371_853_021_62_f64.sqrt(),
                ),
                (
                    21_307,
                    1.422_616_511_005_772_7,
                    315.211_798_865_554_84_f64.sqrt(),
                ),
                (
                    21_387,
                    1.077_201_571_047_832_9,
                    228.496_674_834_659_47_f64.sqrt(),
                ),
            ],
        )
}

fn corrected(readout: &Readout, id: &str, variant: &str) -> f64 {
    let found = effect(readout, id, Population::Itt, variant);
    let corrected = found.corrected.as_ref().unwrap();
    assert_eq!(corrected.family, 6);
    assert!(corrected.significant);
    corrected.p
}

/// Holm over six tests: mpmath 1.4.1, statsmodels 0.15.0, R 4.2.2.
#[test]
fn holm_runs_over_primary_metrics_and_variants_together() {
    let readout = read(&hillstrom());
    let expected = [
        ("visit", "Mens E-Mail", 8.186_707_177_645_743e-112),
        ("conversion", "Mens E-Mail", 6.007_263_140_617_52e-13),
        ("spend", "Mens E-Mail", 3.491_444_904_676_446e-7),
        ("visit", "Womens E-Mail", 1.216_223_851_156_397_3e-43),
        ("conversion", "Womens E-Mail", 0.000_312_056_790_171_128_1),
        ("spend", "Womens E-Mail", 0.001_129_397_102_363_249_5),
    ];
    for (metric, variant, p) in expected {
        let observed = corrected(&readout, metric, variant);
        // Far tails are compared on their logarithm, as a p-value is known to the digits of its exponent.
        assert_close(observed.log10(), f64::log10(p));
    }
}

#[test]
fn the_correction_is_a_convention_and_is_named() {
    let mut scene = hillstrom();
    scene.conventions.correction = Correction::Bonferroni;
    let readout = read(&scene);
    assert_close(
        corrected(&readout, "spend", "Womens E-Mail"),
        0.006_776_382_614_179_496,
    );
    let found = effect(&readout, "visit", Population::Itt, "Mens E-Mail");
    assert_eq!(found.corrected.as_ref().unwrap().method, "bonferroni");
}

#[test]
fn only_primary_effects_on_all_of_itt_are_in_the_family() {
    let scene = hillstrom()
        .proportion(
            "opens",
            Role::Secondary,
            &[(500, 100), (500, 120), (500, 110)],
        )
        .exposed(&[100, 100, 100]);
    let readout = read(&scene);
    for effect in readout.metrics.iter().flat_map(|metric| {
        metric
            .effects
            .iter()
            .filter(|effect| metric.role != Role::Primary || effect.population != Population::Itt)
    }) {
        assert_eq!(effect.corrected, None);
    }
}

/// Published spend of Hillstrom: mpmath 1.4.1 and scipy 1.17.1 from the raw rows.
#[test]
fn published_moments_give_the_numbers_of_the_rows() {
    let readout = read(&hillstrom());
    let found = effect(&readout, "spend", Population::Itt, "Mens E-Mail");
    let absolute = found.absolute.value().unwrap();
    assert_close(absolute.estimate, 0.769_827_155_894_536_4);
    assert_close(absolute.standard_error.unwrap(), 0.145_246_560_248_686_76);
    assert_close(absolute.degrees_of_freedom.unwrap(), 36_671.157_977_360_51);
}

/// Value, covariate and the indicator that it is unknown.
fn with_covariate(rows: &[(f64, f64)]) -> JointSums {
    let mut sums = JointSums::new(3);
    for (value, covariate) in rows {
        sums.add(&[*value, *covariate, 0.0]);
    }
    sums
}

/// A covariate of equal spread and slope in both variants, which differ in its mean by 2 by bad luck.
fn adjusted_scene() -> Scene {
    let control = [(3.0, 1.0), (3.0, 2.0), (7.0, 3.0), (7.0, 4.0)];
    let treatment = [(8.0, 3.0), (8.0, 4.0), (12.0, 5.0), (12.0, 6.0)];
    let layout = Layout {
        denominator: false,
        covariates: 1,
        ..Layout::PLAIN
    };
    Scene::new(&["old", "new"]).with(
        metric("revenue", MetricKind::Mean),
        Role::Primary,
        layout,
        vec![
            cell(with_covariate(&control)),
            cell(with_covariate(&treatment)),
        ],
    )
}

/// By hand: Σ(x − x̄)² = 5, Σ(x − x̄)(y − ȳ) = 8, Σ(y − ȳ)² = 16 in each, so θ = 1.6, Δ = 5 − 1.6 · 2 = 1.8, the residual
/// 16 − 8²/5 = 3.2, se = √(2 · 3.2/2/4), and 80 % of the variance is gone.
#[test]
fn the_headline_is_adjusted_and_the_raw_difference_kept_beside_it() {
    let readout = read(&adjusted_scene());
    let found = effect(&readout, "revenue", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::Adjusted);
    let absolute = found.absolute.value().unwrap();
    assert_close(absolute.estimate, 1.8);
    assert_close(absolute.standard_error.unwrap(), 0.8_f64.sqrt());
    let Some(Known::Value(raw)) = &found.unadjusted else {
        panic!("the raw difference is kept");
    };
    assert_close(raw.estimate, 5.0);
    assert_close(
        raw.standard_error.unwrap(),
        (2.0_f64 * 16.0 / 3.0 / 4.0).sqrt(),
    );
    assert_close(found.variance_reduction.unwrap(), 0.8);
}

#[test]
fn a_covariate_that_a_convention_ignores_changes_nothing() {
    let mut scene = adjusted_scene();
    scene.conventions.covariate = Application::Ignored;
    let readout = read(&scene);
    let found = effect(&readout, "revenue", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::DifferenceOfMeans);
    assert_close(found.absolute.value().unwrap().estimate, 5.0);
    assert_eq!(found.unadjusted, None);
    assert_eq!(found.variance_reduction, None);
}

fn ratio_scene() -> Scene {
    let rows = |numerator: f64| {
        let mut sums = JointSums::new(2);
        for unit in 0..40_u32 {
            let denominator = f64::from(1 + unit % 4);
            sums.add(&[numerator * denominator + f64::from(unit % 3), denominator]);
        }
        cell(sums)
    };
    let layout = Layout {
        denominator: true,
        covariates: 0,
        ..Layout::PLAIN
    };
    Scene::new(&["old", "new"]).with(
        metric("per-order", MetricKind::Ratio),
        Role::Primary,
        layout,
        vec![rows(1.0), rows(2.0)],
    )
}

/// By hand: Σd = 10·(1+2+3+4) = 100, Σ(unit mod 3) = 39, so R = 1.39 and 2.39; the numerator's means differ by 2.5.
#[test]
fn a_ratio_shows_its_parts() {
    let readout = read(&ratio_scene());
    let found = effect(&readout, "per-order", Population::Itt, "new");
    assert_eq!(found.estimator, Estimator::DifferenceOfRatios);
    assert_close(found.absolute.value().unwrap().estimate, 1.0);
    let Some((Known::Value(numerator), Known::Value(denominator))) = &found.parts else {
        panic!("a ratio has parts");
    };
    assert_close(numerator.estimate, 2.5);
    assert_eq!(denominator.estimate, 0.0);
    let row = readout.metrics[0]
        .overall_statistics(Population::Itt, "old")
        .unwrap();
    assert_close(*row.mean.value().unwrap(), 1.39);
}

#[test]
fn a_guardrail_is_judged_in_both_populations() {
    let mut scene = Scene::new(&["old", "new"])
        .mean(
            "latency",
            Role::Guardrail,
            1_000,
            &[(100.0, 5.0), (100.0, 5.0)],
        )
        .last(|metric| metric.direction = Direction::Decrease)
        .margin(Magnitude::Relative(0.02))
        .exposed(&[400, 400]);
    for (variant, mean) in [(0, 100.0), (1, 110.0)] {
        let sums = crate::checks::support::around(400, mean, 5.0);
        scene.put(0, Partition::Exposed, Slice::All, variant, cell(sums));
    }
    let readout = read(&scene);
    let outcome = |population| {
        let found = effect(&readout, "latency", population, "new");
        found.guardrail.as_ref().unwrap().outcome
    };
    assert_eq!(outcome(Population::Itt), GuardrailOutcome::Pass);
    assert_eq!(outcome(Population::Exposed), GuardrailOutcome::Fail);
}

#[test]
fn every_absence_says_why() {
    let scene = Scene::new(&["old", "new"])
        .proportion("nobody", Role::Primary, &[(100, 10), (0, 0)])
        .proportion("open", Role::Secondary, &[(100, 10), (0, 0)])
        .cell(1, 1, |cell| cell.open = 70)
        .proportion("missing", Role::Secondary, &[(100, 10), (0, 0)])
        .cell(2, 1, |cell| cell.missing = 70)
        .proportion("constant", Role::Secondary, &[(100, 100), (100, 100)])
        .mean("zero", Role::Secondary, 100, &[(0.0, 1.0), (1.0, 1.0)]);
    let readout = read(&scene);
    let absence = |id| {
        let found = effect(&readout, id, Population::Itt, "new");
        (found.absolute.absence(), found.relative.absence())
    };
    let both = |absence| (Some(absence), Some(absence));
    assert_eq!(absence("nobody"), both(Absence::NoUnits));
    assert_eq!(absence("open"), both(Absence::NoneMatured));
    assert_eq!(absence("missing"), both(Absence::AllMissing));
    assert_eq!(absence("constant"), both(Absence::ZeroVariance));
    assert_eq!(absence("zero"), (None, Some(Absence::ZeroControlMean)));
    let exposed = effect(&readout, "zero", Population::Exposed, "new");
    assert_eq!(exposed.absolute.absence(), Some(Absence::NoExposures));
}

#[test]
fn one_unit_has_a_mean_and_no_spread() {
    let readout = read(&Scene::new(&["old", "new"]).proportion(
        "conversion",
        Role::Primary,
        &[(1, 1), (100, 30)],
    ));
    let row = readout.metrics[0]
        .overall_statistics(Population::Itt, "old")
        .unwrap();
    assert_eq!(row.mean, Known::Value(1.0));
    assert_eq!(row.standard_deviation, Known::Absent(Absence::TooFewUnits));
}

/// The control mean is within its noise of zero: no lift is excluded.
#[test]
fn an_unbounded_lift_says_so() {
    let readout = read(&Scene::new(&["old", "new"]).mean(
        "profit",
        Role::Primary,
        100,
        &[(0.01, 1.0), (0.01, 1.0)],
    ));
    let found = effect(&readout, "profit", Population::Itt, "new");
    assert_eq!(
        found.relative.value().unwrap().interval,
        Interval::WholeLine
    );
}

#[test]
fn metrics_are_ordered_by_role_and_then_as_planned() {
    let counts = [(100, 10), (100, 12)];
    let readout = read(
        &Scene::new(&["old", "new"])
            .proportion("d", Role::Diagnostic, &counts)
            .proportion("g", Role::Guardrail, &counts)
            .proportion("b", Role::Primary, &counts)
            .proportion("a", Role::Primary, &counts)
            .proportion("s", Role::Secondary, &counts),
    );
    let order: Vec<&str> = readout
        .metrics
        .iter()
        .map(|metric| metric.id.as_str())
        .collect();
    assert_eq!(order, ["b", "a", "s", "g", "d"]);
    let units = |id: &str| {
        let metric = readout
            .metrics
            .iter()
            .find(|metric| metric.id.as_str() == id);
        metric.unwrap().variants[0].units.clone()
    };
    assert_eq!(units("d"), Known::Value(100));
}

#[test]
fn the_header_says_who_control_is_and_the_last_shares() {
    let readout = read(
        &Scene::new(&["old", "new", "newer"])
            .weights(&[2.0, 1.0, 1.0])
            .units(&[200, 100, 100])
            .exposed(&[20, 10, 10]),
    );
    assert_eq!(readout.control(), "old");
    let shares: Vec<_> = readout
        .experiment
        .variants
        .iter()
        .map(|variant| variant.share.unwrap())
        .collect();
    assert_eq!(shares, [0.5, 0.25, 0.25]);
    let units: Vec<u64> = readout.units.iter().map(|row| row.units).collect();
    assert_eq!(units, [200, 100, 100, 20, 10, 10]);
}
