//! Readouts for tests, each named for the fact it shows. Their numbers are made up and not those of any statistic.

use std::collections::BTreeMap;

use crate::domain::definition::{
    Anchor, Cap, Choice, ConventionSource, Conventions, Direction, Duration, ExperimentStatus,
    Identifier, Magnitude, MetricKind, Population, Role, Thresholds, Timestamp, UnitsRule, Version,
    Window,
};
use crate::domain::evidence::{AsOf, LedgerLine, OutOfScope, RejectionRule, Slice, TableLedger};
use crate::domain::result::{
    Absence, Check, CheckId, CheckStage, CheckStatus, CorrectedP, Effect, Estimate, Estimator,
    ExperimentHeader, Guardrail, GuardrailOutcome, InputHeader, Interval, Invalidates, Known,
    MetricReadout, PValue, PopulationUnits, Provenance, Readout, SCHEMA_VERSION, Scope,
    Significance, Trust, VariantHeader, VariantStatistics, Verdict, VerdictClause, VerdictWord,
};
use crate::tui::library::Listing;

pub(crate) fn estimate(point: f64, low: f64, high: f64, p: f64) -> Estimate {
    Estimate {
        estimate: point,
        standard_error: Some((high - low) / 3.92),
        degrees_of_freedom: Some(44_000.0),
        interval: Interval::Between {
            lower: low,
            upper: high,
        },
        p_value: PValue {
            p,
            log10_p: p.log10(),
        },
    }
}

fn scaled(lift: &Estimate, by: f64) -> Estimate {
    let mut scaled = *lift;
    scaled.estimate *= by;
    scaled.interval = match lift.interval {
        Interval::Between { lower, upper } => Interval::Between {
            lower: lower * by,
            upper: upper * by,
        },
        other => other,
    };
    scaled
}

pub(crate) fn effect(
    population: Population,
    variant: &str,
    lift: Estimate,
    control: f64,
) -> Effect {
    let significance = match lift.interval {
        Interval::Between { lower, .. } if lower > 0.0 => Significance::Better,
        Interval::Between { upper, .. } if upper < 0.0 => Significance::Worse,
        _ => Significance::Unclear,
    };
    Effect {
        population,
        slice: Slice::All,
        variant: variant.to_owned(),
        estimator: Estimator::DifferenceOfMeans,
        absolute: Known::Value(scaled(&lift, control)),
        relative: Known::Value(lift),
        unadjusted: None,
        variance_reduction: None,
        significance: Some(significance),
        corrected: None,
        guardrail: None,
        trust: Trust::Trusted,
        parts: None,
    }
}

fn statistics(population: Population, variant: &str, units: u64, mean: f64) -> VariantStatistics {
    VariantStatistics {
        population,
        slice: Slice::All,
        variant: variant.to_owned(),
        units: Known::Value(units),
        mean: Known::Value(mean),
        standard_deviation: Known::Value(mean.abs().sqrt()),
        open: 120,
        missing: 0,
        capped: 0,
    }
}

/// A metric with both populations of some treatments; `lift` is of the first and shrinks with each.
pub(crate) fn metric(
    id: &str,
    role: Role,
    kind: MetricKind,
    treatments: &[&str],
    mean: f64,
    lift: Estimate,
) -> MetricReadout {
    let mut variants = Vec::new();
    let mut effects = Vec::new();
    for (population, units, more) in [
        (Population::Itt, 45_000, 1.0),
        (Population::Exposed, 31_000, 1.2),
    ] {
        variants.push(statistics(population, "control", units, mean));
        let mut shrink = 1.0;
        for variant in treatments {
            let lift = scaled(&lift, more * shrink);
            variants.push(statistics(
                population,
                variant,
                units + 189,
                mean * (1.0 + lift.estimate),
            ));
            effects.push(effect(population, variant, lift, mean));
            shrink *= 0.4;
        }
    }
    MetricReadout {
        id: Identifier::new(id).unwrap(),
        version: Version {
            major: 1,
            minor: 2,
            patch: 0,
        },
        semantic_hash: "3f2a9c04d1e8b7765a".to_owned(),
        owner: "growth".to_owned(),
        description: Some("Units with at least one purchase in their first seven days".to_owned()),
        role,
        kind,
        direction: Direction::Increase,
        unit: None,
        window: Some(Window {
            anchor: Anchor::Entry,
            start: Duration::ZERO,
            end: "7d".parse().unwrap(),
            units: UnitsRule::Matured,
        }),
        cap: None,
        capped_at: (None, None),
        margin: None,
        minimum_effect: Some(Magnitude::Relative(0.005)),
        question: Some("Do we keep the new checkout?".to_owned()),
        variants,
        effects,
    }
}

/// Makes a metric a guardrail with a relative margin.
pub(crate) fn guarded(
    mut metric: MetricReadout,
    margin: f64,
    outcome: GuardrailOutcome,
) -> MetricReadout {
    metric.role = Role::Guardrail;
    metric.margin = Some(Magnitude::Relative(margin));
    for effect in &mut metric.effects {
        effect.guardrail = Some(Guardrail {
            margin: Some(Magnitude::Relative(margin)),
            outcome,
            distance: effect.relative.clone(),
            reason: match outcome {
                GuardrailOutcome::Pass => "The interval lies on the safe side of the margin.",
                GuardrailOutcome::Fail => "The interval lies beyond the margin: worse than what was agreed to be acceptable.",
                _ => "The interval holds the margin: neither safe nor breached is shown.",
            }
            .to_owned(),
        });
    }
    metric
}

fn corrected(metric: &mut MetricReadout, family: usize) {
    for effect in &mut metric.effects {
        if effect.population == Population::Itt
            && let Some(absolute) = effect.absolute.value()
        {
            #[expect(clippy::cast_precision_loss, reason = "a handful")]
            let p = (absolute.p_value.p * family as f64).min(1.0);
            effect.corrected = Some(CorrectedP {
                method: "Holm".to_owned(),
                family,
                p,
                significant: p < 0.05,
            });
        }
    }
}

fn segmented(metric: &mut MetricReadout, column: &str, levels: &[(Option<&str>, Estimate)]) {
    let control = 0.12;
    for (level, lift) in levels {
        let slice = Slice::Segment {
            column: column.to_owned(),
            level: level.map(str::to_owned),
        };
        for variant in ["control", "treatment"] {
            let mut row = statistics(Population::Itt, variant, 9_000, control);
            row.slice = slice.clone();
            metric.variants.push(row);
        }
        let mut effect = effect(Population::Itt, "treatment", *lift, control);
        effect.slice = slice;
        metric.effects.push(effect);
    }
}

/// Means by entry day; effects too where asked.
fn daily(metric: &mut MetricReadout, days: u32, with_effects: bool) {
    for day in 1..=days {
        let slice = Slice::EntryDay(format!("2026-03-{day:02}"));
        let wave = f64::from(day % 5) / 200.0;
        for (variant, mean) in [("control", 0.12 + wave), ("treatment", 0.13 + wave / 2.0)] {
            let mut row = statistics(Population::Itt, variant, 3_000, mean);
            row.slice = slice.clone();
            metric.variants.push(row);
        }
        if with_effects {
            let lift = estimate(0.04 + wave, -0.02 + wave, 0.10 + wave, 0.2);
            let mut effect = effect(Population::Itt, "treatment", lift, 0.12);
            effect.slice = slice;
            metric.effects.push(effect);
        }
    }
}

pub(crate) fn check(id: CheckId, number: u32, stage: CheckStage) -> Check {
    Check {
        id,
        number,
        stage,
        question: "Did every variant get its planned share of the units?".to_owned(),
        scope: Scope::Experiment,
        status: CheckStatus::Pass,
        finding: "Nothing found.".to_owned(),
        observed: None,
        observed_as: None,
        warn_at: None,
        fail_at: None,
        evaluated: Some(90_189),
        failing: Some(0),
        invalidates: Vec::new(),
        owner: "experimentation".to_owned(),
        runbook: "Compare the assignment log with the plan, day by day.".to_owned(),
    }
}

fn checks() -> Vec<Check> {
    use CheckStage::{Assignment, Exposure, Inference, Integrity};
    let mut checks = vec![
        check(CheckId::VariantVocabulary, 9, Integrity),
        check(CheckId::UnitIds, 10, Integrity),
        check(CheckId::Duplicates, 12, Integrity),
        check(CheckId::JoinIntegrity, 14, Integrity),
        check(CheckId::SampleRatio, 1, Assignment),
        check(CheckId::SeveralVariants, 7, Assignment),
        check(CheckId::TimeOrder, 16, Exposure),
        check(CheckId::ExposureRate, 19, Exposure),
        check(CheckId::SampleRatioExposed, 3, Exposure),
        check(CheckId::Plausibility, 24, Inference),
        check(CheckId::Bookkeeping, 27, Inference),
    ];
    if let Some(ratio) = checks.get_mut(4) {
        ratio.observed = Some(0.53);
        ratio.observed_as = Some("p".to_owned());
        ratio.warn_at = Some("p below 0.01".to_owned());
        ratio.fail_at = Some("p below 0.001".to_owned());
        ratio.finding = "45,000 and 45,189 units against a plan of 50 / 50.".to_owned();
    }
    checks
}

fn ledgers() -> Vec<TableLedger> {
    let line = |used: u64, unknown: u64, dates: u64| {
        let mut line = LedgerLine {
            used,
            ..LedgerLine::default()
        };
        if unknown > 0 {
            line.rejected.insert(RejectionRule::UnknownVariant, unknown);
        }
        if dates > 0 {
            line.out_of_scope.insert(OutOfScope::OutsideDates, dates);
        }
        line
    };
    vec![
        TableLedger {
            table: "assignments".to_owned(),
            read: 90_201,
            by_variant: BTreeMap::from([
                (String::new(), line(0, 4, 0)),
                ("control".to_owned(), line(45_000, 0, 8)),
                ("treatment".to_owned(), line(45_189, 0, 0)),
            ]),
            examples: Vec::new(),
        },
        TableLedger {
            table: "events".to_owned(),
            read: 1_204_331,
            by_variant: BTreeMap::from([(String::new(), line(1_204_331, 0, 0))]),
            examples: Vec::new(),
        },
    ]
}

fn choices() -> Vec<Choice> {
    let choice = |name: &str, value: &str, source, reason: &str| Choice {
        name: name.to_owned(),
        value: value.to_owned(),
        source,
        reason: reason.to_owned(),
    };
    vec![
        choice(
            "variance",
            "welch",
            ConventionSource::Default,
            "Variances need not be equal.",
        ),
        choice(
            "relative",
            "fieller",
            ConventionSource::Default,
            "It decides exactly as the absolute test does.",
        ),
        choice(
            "units",
            "matured",
            ConventionSource::Workspace,
            "Units whose window is still open have had less time.",
        ),
        choice(
            "correction",
            "holm",
            ConventionSource::Experiment,
            "Two primary metrics.",
        ),
    ]
}

pub(crate) fn readout(id: &str, treatments: &[&str], metrics: Vec<MetricReadout>) -> Readout {
    let count = treatments.len() + 1;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let share = Some(1.0 / count as f64);
    let names: Vec<&str> = std::iter::once("control")
        .chain(treatments.iter().copied())
        .collect();
    let units = [(Population::Itt, 45_000), (Population::Exposed, 31_000)]
        .into_iter()
        .flat_map(|(population, units)| {
            names
                .iter()
                .enumerate()
                .map(move |(index, name)| PopulationUnits {
                    population,
                    variant: (*name).to_owned(),
                    units: units + 189 * index as u64,
                })
        })
        .collect();
    Readout {
        schema_version: SCHEMA_VERSION,
        experiment: ExperimentHeader {
            id: Identifier::new(id).unwrap(),
            version: 1,
            owner: "checkout".to_owned(),
            status: ExperimentStatus::Running,
            hypothesis: Some("A shorter checkout lets more people finish it.".to_owned()),
            start: Some(Timestamp(1_772_323_200_000_000)),
            end: None,
            planned_end: Some(Timestamp(1_774_137_600_000_000)),
            variants: names
                .iter()
                .enumerate()
                .map(|(index, name)| VariantHeader {
                    id: (*name).to_owned(),
                    share,
                    control: index == 0,
                })
                .collect(),
        },
        provenance: Provenance {
            program: "readout 0.1.0".to_owned(),
            workspace: "shop".to_owned(),
            engine: "local".to_owned(),
            as_of: AsOf {
                instant: Some(Timestamp(1_774_137_600_000_000)),
                reason: "latest ingested_at".to_owned(),
            },
            time_zone: Some("UTC".to_owned()),
            enrolment: None,
            inputs: vec![InputHeader {
                table: "assignments".to_owned(),
                rows: 90_201,
            }],
            command: Vec::new(),
        },
        conventions: Conventions::default(),
        choices: choices(),
        thresholds: Thresholds::default(),
        exploratory: None,
        verdicts: Vec::new(),
        checks: checks(),
        units,
        metrics,
        ledgers: ledgers(),
    }
}

fn verdict(
    variant: &str,
    word: VerdictWord,
    clause: VerdictClause,
    reason: &str,
    notes: &[&str],
) -> Verdict {
    Verdict {
        variant: variant.to_owned(),
        word,
        clause,
        reason: reason.to_owned(),
        notes: notes.iter().map(|note| (*note).to_owned()).collect(),
    }
}

/// A clean win: the primary improves, every guardrail passes, every check too.
pub(crate) fn good() -> Readout {
    let one = ["treatment"];
    let mut conversion = metric(
        "conversion",
        Role::Primary,
        MetricKind::Proportion,
        &one,
        0.1235,
        estimate(0.0431, 0.0210, 0.0652, 0.0004),
    );
    corrected(&mut conversion, 2);
    segmented(
        &mut conversion,
        "country",
        &[
            (Some("DE"), estimate(0.051, 0.004, 0.098, 0.03)),
            (Some("FR"), estimate(0.038, -0.012, 0.088, 0.14)),
            (Some("US"), estimate(0.044, 0.011, 0.077, 0.008)),
            (None, estimate(0.02, -0.15, 0.19, 0.8)),
        ],
    );
    segmented(
        &mut conversion,
        "platform",
        &[
            (Some("android"), estimate(0.030, -0.003, 0.063, 0.07)),
            (Some("ios"), estimate(0.055, 0.021, 0.089, 0.001)),
        ],
    );
    daily(&mut conversion, 14, true);
    let mut revenue = metric(
        "net-revenue",
        Role::Primary,
        MetricKind::Mean,
        &one,
        12.84,
        estimate(0.0121, -0.0098, 0.0340, 0.28),
    );
    revenue.unit = Some("EUR".to_owned());
    revenue.cap = Some(Cap::Quantile(0.999));
    revenue.capped_at = (Some(412.5), None);
    corrected(&mut revenue, 2);
    for row in &mut revenue.variants {
        row.capped = 45;
    }
    for effect in &mut revenue.effects {
        effect.estimator = Estimator::Adjusted;
        effect.unadjusted = Some(effect.absolute.clone());
        effect.variance_reduction = Some(0.32);
    }
    daily(&mut revenue, 14, false);
    let orders = metric(
        "orders-per-unit",
        Role::Secondary,
        MetricKind::Mean,
        &one,
        0.2011,
        estimate(0.0305, 0.0011, 0.0599, 0.042),
    );
    let mut latency = guarded(
        metric(
            "latency",
            Role::Guardrail,
            MetricKind::Mean,
            &one,
            812.0,
            estimate(-0.0012, -0.0048, 0.0024, 0.51),
        ),
        0.01,
        GuardrailOutcome::Pass,
    );
    latency.direction = Direction::Decrease;
    latency.unit = Some("ms".to_owned());
    let searches = metric(
        "searches",
        Role::Diagnostic,
        MetricKind::Mean,
        &one,
        3.31,
        estimate(-0.004, -0.019, 0.011, 0.6),
    );
    let mut readout = readout(
        "checkout",
        &one,
        vec![conversion, revenue, orders, latency, searches],
    );
    readout.verdicts = vec![verdict(
        "treatment",
        VerdictWord::Ship,
        VerdictClause::PrimaryImproves,
        "conversion improves by +4.31 % [+2.10, +6.52], p 0.0008 after Holm over 2, and every guardrail passes.",
        &["net-revenue is not significant after correction."],
    )];
    readout
}

/// A sample ratio that fails: everything is invalid, the numbers are still shown under a banner.
pub(crate) fn mismatch() -> Readout {
    let mut readout = good();
    readout.experiment.id = Identifier::new("search-ranking").unwrap();
    readout.verdicts = vec![verdict(
        "treatment",
        VerdictWord::Invalid,
        VerdictClause::CheckFailed,
        "Sample ratio failed: 46,012 and 44,177 units against a plan of 50 / 50, p 9.4e-10.",
        &["No effect of this experiment may be used."],
    )];
    if let Some(ratio) = readout.checks.get_mut(4) {
        ratio.status = CheckStatus::Fail;
        ratio.observed = Some(9.4e-10);
        ratio.failing = Some(1_835);
        ratio.finding = "46,012 and 44,177 units against a plan of 50 / 50, p 9.4e-10.".to_owned();
        ratio.invalidates = vec![Invalidates::All];
    }
    if let Some(late) = readout.checks.get_mut(6) {
        late.status = CheckStatus::Warn;
        late.finding =
            "0.2 % of exposed units were exposed before their assignment only.".to_owned();
    }
    if let Some(skipped) = readout.checks.get_mut(8) {
        skipped.status = CheckStatus::NotRun;
        skipped.finding = "Not run because Sample ratio failed.".to_owned();
    }
    for effect in readout
        .metrics
        .iter_mut()
        .flat_map(|metric| &mut metric.effects)
    {
        effect.trust = Trust::NotTrusted {
            check: "sample-ratio".to_owned(),
            reason: "The variants did not get their planned share of units.".to_owned(),
        };
    }
    readout
}

/// Exposure depends on the variant: the exposed-only effect has the other sign and is not to be trusted.
pub(crate) fn untrusted_exposure() -> Readout {
    let mut readout = good();
    readout.experiment.id = Identifier::new("onboarding-tour").unwrap();
    for metric in &mut readout.metrics {
        for effect in &mut metric.effects {
            if effect.population == Population::Exposed {
                effect.trust = Trust::NotTrusted {
                    check: "exposure-rate".to_owned(),
                    reason: "68.9 % of control and 51.2 % of treatment were exposed: who is exposed depends on the variant.".to_owned(),
                };
                if let Known::Value(lift) = &mut effect.relative {
                    *lift = scaled(lift, -1.0);
                    if let Interval::Between { lower, upper } = lift.interval {
                        lift.interval = Interval::Between {
                            lower: upper,
                            upper: lower,
                        };
                    }
                }
            }
        }
    }
    if let Some(rate) = readout.checks.get_mut(7) {
        rate.status = CheckStatus::Fail;
        rate.finding = "68.9 % of control and 51.2 % of treatment were exposed.".to_owned();
        rate.observed = Some(0.177);
        rate.observed_as = Some("difference of the rates".to_owned());
        rate.invalidates = vec![Invalidates::Exposed];
    }
    readout
}

/// Two treatments, a ratio metric.
pub(crate) fn three_variants() -> Readout {
    let two = ["one-page", "two-steps"];
    let mut ratio = metric(
        "revenue-per-order",
        Role::Primary,
        MetricKind::Ratio,
        &two,
        63.8,
        estimate(0.0251, 0.0040, 0.0462, 0.02),
    );
    corrected(&mut ratio, 2);
    for effect in &mut ratio.effects {
        effect.estimator = Estimator::DifferenceOfRatios;
        effect.parts = Some((
            Known::Value(estimate(0.32, 0.08, 0.56, 0.009)),
            Known::Value(estimate(0.001, -0.004, 0.006, 0.7)),
        ));
    }
    let refunds = guarded(
        metric(
            "refunds",
            Role::Guardrail,
            MetricKind::Proportion,
            &two,
            0.031,
            estimate(-0.01, -0.06, 0.04, 0.6),
        ),
        0.02,
        GuardrailOutcome::Inconclusive,
    );
    let mut readout = readout("ramp", &two, vec![ratio, refunds]);
    readout.experiment.status = ExperimentStatus::Ramping;
    readout.verdicts = vec![
        verdict(
            "one-page",
            VerdictWord::KeepRunning,
            VerdictClause::BeforePlannedEnd,
            "The planned end, 2026-04-01, is not reached.",
            &[],
        ),
        verdict(
            "two-steps",
            VerdictWord::Inconclusive,
            VerdictClause::GuardrailNotShown,
            "refunds is not shown to be within its margin of 2.00 %.",
            &[],
        ),
    ];
    readout
}

/// The primary wins and a guardrail is breached.
pub(crate) fn breached() -> Readout {
    let mut readout = good();
    readout.experiment.id = Identifier::new("pricing").unwrap();
    let one = ["treatment"];
    let mut latency = guarded(
        metric(
            "latency",
            Role::Guardrail,
            MetricKind::Mean,
            &one,
            812.0,
            estimate(0.031, 0.022, 0.040, 1e-9),
        ),
        0.01,
        GuardrailOutcome::Fail,
    );
    latency.direction = Direction::Decrease;
    if let Some(slot) = readout.metrics.get_mut(3) {
        *slot = latency;
    }
    readout.verdicts = vec![verdict(
        "treatment",
        VerdictWord::DoNotShip,
        VerdictClause::GuardrailBreached,
        "latency is worse than its margin of 1.00 %: +3.10 % [+2.20, +4.00].",
        &["conversion improves, and does not outweigh a guardrail."],
    )];
    readout
}

/// Everything that is hard to draw: names of 10,000 characters with control characters, intervals that are no intervals,
/// absent values.
pub(crate) fn hostile() -> Readout {
    let long: String = "evil\u{1b}[31m\u{202e}name ".repeat(600);
    let treatment = long.as_str();
    let mut odd = metric(
        "odd-lift",
        Role::Primary,
        MetricKind::Mean,
        &[treatment],
        0.001,
        estimate(0.4, -0.1, 0.9, 0.2),
    );
    for (effect, interval) in odd.effects.iter_mut().zip([
        Interval::Outside {
            below: -0.3,
            above: 0.2,
        },
        Interval::WholeLine,
    ]) {
        if let Known::Value(lift) = &mut effect.relative {
            lift.interval = interval;
        }
        effect.significance = Some(Significance::Unclear);
    }
    odd.owner.clone_from(&long);
    odd.description = Some(long.clone());
    odd.unit = Some(long.clone());
    odd.question = Some(long.clone());
    let mut absent = metric(
        "no-control",
        Role::Secondary,
        MetricKind::Mean,
        &[treatment],
        0.0,
        estimate(0.5, 0.1, 0.9, 0.01),
    );
    for effect in &mut absent.effects {
        effect.relative = Known::Absent(Absence::ZeroControlMean);
    }
    let mut empty = guarded(
        metric(
            "nothing",
            Role::Guardrail,
            MetricKind::Proportion,
            &[treatment],
            0.1,
            estimate(0.0, 0.0, 0.0, 1.0),
        ),
        0.02,
        GuardrailOutcome::CouldNotRun,
    );
    for row in &mut empty.variants {
        row.units = Known::Absent(Absence::NoUnits);
        row.mean = Known::Absent(Absence::NoUnits);
        row.standard_deviation = Known::Absent(Absence::TooFewUnits);
    }
    for effect in &mut empty.effects {
        effect.absolute = Known::Absent(Absence::NoUnits);
        effect.relative = Known::Absent(Absence::NoUnits);
        effect.significance = None;
    }
    let huge = metric(
        "huge",
        Role::Diagnostic,
        MetricKind::Mean,
        &[treatment],
        1e300,
        estimate(1e300, -1e308, f64::MAX, 1e-300),
    );
    let mut readout = readout("hostile", &[treatment], vec![odd, absent, empty, huge]);
    readout.experiment.owner.clone_from(&long);
    readout.provenance.engine.clone_from(&long);
    readout.provenance.as_of.instant = None;
    readout.exploratory = Some(long.clone());
    readout.verdicts = vec![verdict(
        treatment,
        VerdictWord::None,
        VerdictClause::Exploratory,
        &long,
        &[&long, &long],
    )];
    for check in &mut readout.checks {
        check.status = CheckStatus::CouldNotRun;
        check.finding.clone_from(&long);
        check.runbook.clone_from(&long);
        check.invalidates = vec![Invalidates::Metric(long.clone())];
    }
    if let Some(ledger) = readout.ledgers.first_mut() {
        ledger.table.clone_from(&long);
        ledger.read = u64::MAX;
    }
    for choice in &mut readout.choices {
        choice.reason.clone_from(&long);
        choice.value.clone_from(&long);
    }
    readout
}

/// A readout with nothing in it.
pub(crate) fn empty() -> Readout {
    let mut readout = readout("empty", &[], Vec::new());
    readout.checks.clear();
    readout.units.clear();
    readout.ledgers.clear();
    readout.choices.clear();
    readout
}

pub(crate) fn listing(readout: &Readout) -> Listing {
    Listing {
        id: readout.experiment.id.to_string(),
        status: Some(readout.experiment.status),
        owner: readout.experiment.owner.clone(),
        hypothesis: readout.experiment.hypothesis.clone(),
        problems: Vec::new(),
    }
}
