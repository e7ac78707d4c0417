//! Defines experiments on shares of units, on quantiles, and on units that do not all take what they were assigned.

use super::bound::Bound;
use super::random::Draws;
use super::scenario::{
    Figure, Read, Scenario, Seen, Uniformity, alarms, covers, covers_shown, held, intervals,
};
use super::world::{compared, moments};
use crate::domain::definition::{
    CompliersErrorForm, Conventions, ProportionMethod, RelativeMethod,
};
use crate::domain::evidence::{Layout, Moments, OrderStatistics};
use crate::domain::result::{FigureKind, Interval};
use crate::stats::{
    Method, Proportion, Side, compliers, contrast, proportion_difference, relative,
};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        intervals("share of 5 %, 2,000 + 2,000", true, |d| rate(d, 0.055)),
        alarms("share of 5 %, 2,000 + 2,000", Uniformity::Ignored, |d| {
            rate(d, 0.05)
        }),
        agreement(),
        by_counts(),
        intervals("median, lognormal, 1,000 + 1,000", false, |d| {
            quantile(d, 0.5, 0.0, 1.1)
        }),
        alarms("median, lognormal, 1,000 + 1,000", Uniformity::Held, |d| {
            quantile(d, 0.5, 0.0, 1.0)
        }),
        intervals("0.9 quantile, lognormal, 1,000 + 1,000", false, |d| {
            quantile(d, 0.9, 1.281_551_565_544_600_4, 1.1)
        }),
        rare_alarms_shown(alarms(
            "0.9 quantile, lognormal, 1,000 + 1,000",
            Uniformity::Shown,
            |d| quantile(d, 0.9, 1.281_551_565_544_600_4, 1.0),
        )),
        complying(
            "compliers, 60 % of 1,000 + 1,000",
            1_000,
            0.6,
            covers("effect, delta method (HC1)"),
        ),
        complying(
            "compliers, 4 % of 100 + 100: a weak first stage",
            100,
            0.04,
            covers_shown("effect, delta method (HC1)"),
        ),
    ]
}

/// Its standard error comes from 37 spacings and is 2 % too large: intervals at 95 % hold, p-values far out are too small.
fn rare_alarms_shown(mut scenario: Scenario) -> Scenario {
    if let Some((_, _, bound)) = scenario.figures.last_mut() {
        *bound = Bound::Shown;
    }
    scenario
}

/// A value whose order statistics are kept.
const ORDERED: Layout = Layout {
    ordered: true,
    ..Layout::PLAIN
};

fn of_rate(draws: &mut Draws, units: u32, rate: f64) -> Moments {
    moments(units, draws, |draws| {
        [f64::from(u8::from(draws.chance(rate)))]
    })
}

fn rate(draws: &mut Draws, treated: f64) -> Read {
    let (control, treatment) = (of_rate(draws, 2_000, 0.05), of_rate(draws, 2_000, treated));
    Read {
        contrast: compared(&control, &treatment, Layout::PLAIN),
        difference: treated - 0.05,
        lift: Some((treated - 0.05) / 0.05),
    }
}

/// Where an effect is about as large as it takes: whether the interval of the lift says the same as the absolute p-value.
fn agreement() -> Scenario {
    let otherwise = |name, bound| -> Figure { (name, FigureKind::FalseAlarms, bound) };
    Scenario {
        subject: "share of 5 % against 6.5 %, 2,000 + 2,000",
        figures: vec![
            otherwise(
                "Fieller's interval decides otherwise than p",
                Bound::Exactly(0.0),
            ),
            otherwise("the delta method's does", Bound::Shown),
        ],
        uniform: Uniformity::Ignored,
        experiment: Box::new(|draws| {
            let mut seen = Seen::default();
            let found = rate(draws, 0.065).contrast;
            let (Some(absolute), Ok(both)) = (found.absolute.value(), found.comparison) else {
                return seen;
            };
            let significant = absolute.p_value.p < 0.05;
            for (figure, method) in [RelativeMethod::Fieller, RelativeMethod::Delta]
                .into_iter()
                .enumerate()
            {
                let lift = relative(&both.with_relative(method));
                seen.mark(
                    figure,
                    lift.is_ok_and(|lift| lift.interval.contains(0.0) == significant),
                );
            }
            seen
        }),
    }
}

/// Small counts, where the default is known to fall short and intervals from counts are there for it.
fn by_counts() -> Scenario {
    const METHODS: [(ProportionMethod, Figure); 4] = [
        (ProportionMethod::UnpooledZ, covers_shown("unpooled z")),
        (ProportionMethod::Newcombe, covers_shown("Newcombe")),
        (
            ProportionMethod::AgrestiCaffo,
            ("Agresti–Caffo", FigureKind::Coverage, Bound::AtLeast(0.95)),
        ),
        (
            ProportionMethod::MiettinenNurminen,
            covers_shown("Miettinen–Nurminen"),
        ),
    ];
    Scenario {
        subject: "share of 10 % against 20 %, 50 + 50, by counts",
        figures: METHODS.iter().map(|(_, figure)| *figure).collect(),
        uniform: Uniformity::Ignored,
        experiment: Box::new(|draws| {
            let mut seen = Seen::default();
            let (control, treatment) = (of_rate(draws, 50, 0.1), of_rate(draws, 50, 0.2));
            let (Ok(control), Ok(treatment)) =
                (Proportion::of(&control), Proportion::of(&treatment))
            else {
                return seen;
            };
            for (figure, (method, _)) in METHODS.iter().enumerate() {
                let found = proportion_difference(control, treatment, *method, 0.95);
                seen.mark(
                    figure,
                    found.is_ok_and(|found| found.estimate.interval.contains(0.1)),
                );
            }
            seen
        }),
    }
}

/// A quantile of lognormal values, `normal` the standard normal's at that share.
fn quantile(draws: &mut Draws, share: f64, normal: f64, scale: f64) -> Read {
    let mut group = |scale: f64| -> (Moments, OrderStatistics) {
        let mut values = Vec::with_capacity(1_000);
        let of_units = moments(1_000, draws, |draws| {
            let value = scale * libm::exp(draws.normal());
            values.push(value);
            [value]
        });
        (of_units, OrderStatistics::of(share, values))
    };
    let (control, treatment) = (group(1.0), group(scale));
    let method = Method {
        quantile: Some(share),
        ..Method::plain(ORDERED, &Conventions::DEFAULT)
    };
    let side = |order, moments| Side {
        order: Some(order),
        ..Side::of(moments)
    };
    Read {
        contrast: contrast(
            &side(&control.1, &control.0),
            &side(&treatment.1, &treatment.0),
            &method,
        ),
        difference: (scale - 1.0) * libm::exp(normal),
        lift: None,
    }
}

/// One-sided non-compliance: those who comply differ from those who do not, and gain 1 by it.
fn complying(subject: &'static str, units: u32, share: f64, by_delta: Figure) -> Scenario {
    Scenario {
        subject,
        figures: vec![by_delta, covers("effect, Anderson–Rubin")],
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let mut group = |treated: bool| {
                moments(units, draws, |draws| {
                    let complies = draws.chance(share);
                    let exposed = treated && complies;
                    let value = 2.0
                        + f64::from(u8::from(complies))
                        + f64::from(u8::from(exposed))
                        + draws.normal();
                    [value, f64::from(u8::from(exposed))]
                })
            };
            let (control, treatment) = (group(false), group(true));
            let found = compliers(
                &control,
                &treatment,
                CompliersErrorForm::Hc1,
                &Conventions::DEFAULT,
            );
            let mut seen = Seen::default();
            seen.mark(0, held(&found.estimate, 1.0));
            let inside = |set: &Interval| set.contains(1.0);
            seen.mark(1, found.anderson_rubin.value().is_some_and(inside));
            seen
        }),
    }
}
