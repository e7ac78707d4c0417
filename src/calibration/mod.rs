//! Defines the proof of the statistics by simulation: many seeded experiments whose truth is known, read as readouts are,
//! and how often what was said of them was so.
//!
//! It refuses rows and files: units go straight into moments, as an engine hands them over. The same seed gives the same
//! figures with any number of threads.

mod adjusted;
mod bound;
mod grouped;
mod means;
mod random;
mod repeated;
mod sample_ratios;
mod scenario;
mod shares_of_units;
mod uniformity;
mod world;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

pub use bound::Strictness;

use crate::domain::result::{Calibration, CalibrationFigure};
use random::Draws;
use scenario::{Scenario, Uniformity};

/// How experiments are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The seed.
    pub seed: u64,
    /// Experiments of each kind; at least one.
    pub experiments: u32,
    /// Threads; no figure depends on them.
    pub threads: usize,
    /// How strictly figures are held.
    pub strictness: Strictness,
}

/// The seed where nobody names one.
pub const DEFAULT_SEED: u64 = 20_260_301;
/// The experiments of each kind where nobody says how many.
pub const DEFAULT_EXPERIMENTS: u32 = 20_000;

/// Experiments that a thread takes at a time.
const BATCH: u32 = 50;

/// Simulates experiments of every kind; `watch` hears which kind is next, of how many, and says whether to go on.
///
/// `None` when it said not to.
pub fn calibrate(
    request: &Request,
    watch: &(dyn Fn(&str, usize, usize) -> bool + Sync),
) -> Option<Calibration> {
    let scenarios = scenarios();
    let mut figures = Vec::new();
    for (position, scenario) in scenarios.iter().enumerate() {
        let goes_on = || watch(scenario.subject, position, scenarios.len());
        figures.extend(run(scenario, position, request, &goes_on)?);
    }
    Some(Calibration {
        seed: request.seed,
        experiments: request.experiments,
        figures,
    })
}

fn scenarios() -> Vec<Scenario> {
    let rooms = [
        means::scenarios,
        shares_of_units::scenarios,
        adjusted::scenarios,
        grouped::scenarios,
        repeated::scenarios,
        sample_ratios::scenarios,
    ];
    rooms.iter().flat_map(|room| room()).collect()
}

/// What all threads found together: sums of counts and sorted p-values, so that the order they came in is lost.
struct Found {
    hits: Vec<u64>,
    p_values: Vec<f64>,
}

fn run(
    scenario: &Scenario,
    position: usize,
    request: &Request,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<CalibrationFigure>> {
    let stream = u32::try_from(position).unwrap_or(u32::MAX);
    let found = Mutex::new(Found {
        hits: vec![0; scenario.figures.len()],
        p_values: Vec::new(),
    });
    let (next, stopped) = (AtomicU32::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..request.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(BATCH, Ordering::Relaxed);
                    if first >= request.experiments || stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    if !goes_on() {
                        stopped.store(true, Ordering::Relaxed);
                        return;
                    }
                    let last = first.saturating_add(BATCH).min(request.experiments);
                    let batch = batch(scenario, request.seed, stream, first..last);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    for (sum, hits) in found.hits.iter_mut().zip(batch.hits) {
                        *sum += hits;
                    }
                    found.p_values.extend(batch.p_values);
                }
            });
        }
    });
    if stopped.into_inner() {
        return None;
    }
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    Some(figures(scenario, found, request))
}

fn batch(scenario: &Scenario, seed: u64, stream: u32, range: std::ops::Range<u32>) -> Found {
    let mut found = Found {
        hits: vec![0; scenario.figures.len()],
        p_values: Vec::new(),
    };
    for experiment in range {
        let seen = (scenario.experiment)(&mut Draws::new(seed, stream, experiment));
        for (figure, hits) in found.hits.iter_mut().enumerate() {
            *hits += u64::from((seen.hits >> figure) & 1);
        }
        found.p_values.extend(seen.p);
    }
    found
}

fn figures(scenario: &Scenario, found: Found, request: &Request) -> Vec<CalibrationFigure> {
    let shares = scenario.figures.iter().zip(&found.hits);
    let mut figures: Vec<CalibrationFigure> = shares
        .map(|(figure, hits)| {
            bound::share(
                scenario.subject,
                *figure,
                *hits,
                request.experiments,
                request.strictness,
            )
        })
        .collect();
    if scenario.uniform != Uniformity::Ignored {
        let p = uniformity::uniform_p_value(found.p_values);
        let held = (scenario.uniform == Uniformity::Held).then_some(request.strictness);
        figures.push(bound::uniformity(scenario.subject, p, held));
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::Layout;
    use crate::domain::result::CalibrationOutcome;

    fn quick(threads: usize, experiments: u32) -> Calibration {
        let request = Request {
            seed: DEFAULT_SEED,
            experiments,
            threads,
            strictness: Strictness::NeverByChance,
        };
        calibrate(&request, &|_, _, _| true).unwrap()
    }

    #[test]
    fn intervals_cover_and_alarms_are_rare_in_a_few_hundred_experiments() {
        let calibration = quick(4, 200);
        let missed: Vec<_> = calibration.missed().collect();
        assert!(missed.is_empty(), "{missed:#?}");
        assert!(calibration.figures.len() > 100);
    }

    #[test]
    fn figures_do_not_depend_on_threads() {
        assert_eq!(quick(1, 60), quick(3, 60));
    }

    #[test]
    fn intervals_beside_the_truth_are_found_out_by_a_few_hundred() {
        let beside = scenario::intervals("beside", false, |draws| {
            let mut group = || world::moments(100, draws, |draws| [draws.normal()]);
            let (control, treatment) = (group(), group());
            scenario::Read {
                contrast: world::compared(&control, &treatment, Layout::PLAIN),
                // Off by nearly two standard errors.
                difference: 0.25,
                lift: None,
            }
        });
        let request = Request {
            seed: 1,
            experiments: 200,
            threads: 2,
            strictness: Strictness::NeverByChance,
        };
        let figures = run(&beside, 0, &request, &|| true).unwrap();
        assert_eq!(figures[0].outcome, CalibrationOutcome::Fail);
    }

    #[test]
    fn it_stops_when_told_to() {
        let request = Request {
            seed: 1,
            experiments: 10,
            threads: 2,
            strictness: Strictness::Claimed,
        };
        assert_eq!(calibrate(&request, &|_, _, _| false), None);
    }
}
