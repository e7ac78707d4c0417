//! Defines a kind of experiment: how one is drawn and read, and what is counted over many.

use super::bound::Bound;
use super::random::Draws;
use crate::domain::definition::RelativeMethod;
use crate::domain::result::{Estimate, FigureKind, Known};
use crate::stats::{Contrast, relative};

/// What one experiment showed.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// A bit a figure: whether it was so.
    pub(super) hits: u32,
    /// The p-value, where p-values are to be uniform.
    pub(super) p: Option<f64>,
}

impl Seen {
    /// Notes whether a figure was so.
    pub(super) const fn mark(&mut self, figure: usize, hit: bool) {
        if hit {
            self.hits |= 1 << figure;
        }
    }
}

/// What is counted: its name, what it is, and where it must be.
pub(super) type Figure = (&'static str, FigureKind, Bound);

/// Draws and reads one experiment.
pub(super) type Experiment = Box<dyn Fn(&mut Draws) -> Seen + Send + Sync>;

/// Whether p-values are looked at as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Uniformity {
    /// They are not: values are discrete, or something else is counted.
    Ignored,
    /// They are, and must be uniform.
    Held,
    /// They are, for what it is.
    Shown,
}

/// A kind of experiment.
pub(super) struct Scenario {
    pub(super) subject: &'static str,
    pub(super) figures: Vec<Figure>,
    /// Whether p-values are collected, and must be uniform.
    pub(super) uniform: Uniformity,
    pub(super) experiment: Experiment,
}

/// A readout, and what would have been true: the difference, and the lift where it is known.
pub(super) struct Read {
    pub(super) contrast: Contrast,
    pub(super) difference: f64,
    pub(super) lift: Option<f64>,
}

/// A 95 % interval holds the truth.
pub(super) const fn covers(name: &'static str) -> Figure {
    (name, FigureKind::Coverage, Bound::Around(0.95))
}

/// The same, shown only.
pub(super) const fn covers_shown(name: &'static str) -> Figure {
    (name, FigureKind::Coverage, Bound::Shown)
}

/// Share of experiments without effect whose p-value is below these.
pub(super) const ALARMS: [(f64, Figure); 3] = [
    (0.05, alarm("p below 0.05", 0.05)),
    (0.01, alarm("p below 0.01", 0.01)),
    (0.001, alarm("p below 0.001", 0.001)),
];

const fn alarm(name: &'static str, share: f64) -> Figure {
    (name, FigureKind::FalseAlarms, Bound::Around(share))
}

impl Scenario {
    /// The same, held to nothing: a method where it is known to fall short.
    pub(super) fn shown(mut self) -> Self {
        for (_, _, bound) in &mut self.figures {
            *bound = Bound::Shown;
        }
        if self.uniform == Uniformity::Held {
            self.uniform = Uniformity::Shown;
        }
        self
    }
}

pub(super) fn held(estimate: &Known<Estimate>, truth: f64) -> bool {
    estimate
        .value()
        .is_some_and(|estimate| estimate.interval.contains(truth))
}

/// Intervals of the difference, and of the lift by Fieller and by the delta method, where an effect is there.
pub(super) fn intervals(
    subject: &'static str,
    lifts: bool,
    read: impl Fn(&mut Draws) -> Read + Send + Sync + 'static,
) -> Scenario {
    let mut figures = vec![covers("difference")];
    if lifts {
        figures.extend([covers("lift, Fieller"), covers("lift, delta method")]);
    }
    Scenario {
        subject,
        figures,
        uniform: Uniformity::Ignored,
        experiment: Box::new(move |draws| {
            let read = read(draws);
            let mut seen = Seen::default();
            seen.mark(0, held(&read.contrast.absolute, read.difference));
            if let Some(lift) = read.lift {
                let by_delta = read
                    .contrast
                    .comparison
                    .and_then(|both| relative(&both.with_relative(RelativeMethod::Delta)));
                seen.mark(1, held(&read.contrast.relative, lift));
                seen.mark(2, held(&by_delta.into(), lift));
            }
            seen
        }),
    }
}

/// p-values where no effect is there; uniform where values are continuous.
pub(super) fn alarms(
    subject: &'static str,
    uniform: Uniformity,
    read: impl Fn(&mut Draws) -> Read + Send + Sync + 'static,
) -> Scenario {
    Scenario {
        subject,
        figures: ALARMS.iter().map(|(_, figure)| *figure).collect(),
        uniform,
        experiment: Box::new(move |draws| {
            let found = read(draws).contrast.absolute;
            // Without a p-value nothing is alarmed; the p-value is then 1, which a test of uniformity does see.
            let p = found.value().map_or(1.0, |estimate| estimate.p_value.p);
            let mut seen = Seen {
                p: (uniform != Uniformity::Ignored).then_some(p),
                ..Seen::default()
            };
            for (figure, (level, _)) in ALARMS.iter().enumerate() {
                seen.mark(figure, p < *level);
            }
            seen
        }),
    }
}
