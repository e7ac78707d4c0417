//! Facts about whole readouts, from summaries made by hand.

mod alternatives;
mod drawn;
mod drill_down;
mod effects;
mod methods;
mod panics;
mod suppression;
mod trust;
mod verdict;

use super::{Request, assemble};
use crate::checks::support::Scene;
use crate::domain::definition::Population;
use crate::domain::result::{Effect, Provenance, Readout};

/// The scene's readout.
fn read(scene: &Scene) -> Readout {
    read_asking(scene, false)
}

/// The scene's readout, its sample ratio diagnosed in any case where that is asked for.
fn read_asking(scene: &Scene, diagnose: bool) -> Readout {
    let request = Request {
        experiment: &scene.experiment,
        metrics: &scene.planned(),
        conventions: scene.conventions,
        choices: Vec::new(),
        thresholds: scene.thresholds,
        contract: &scene.contract,
        privacy: scene.privacy,
        provenance: Provenance {
            program: "readout".to_owned(),
            workspace: "shop".to_owned(),
            engine: "by hand".to_owned(),
            as_of: scene.summary.as_of.clone(),
            time_zone: None,
            enrolment: None,
            inputs: Vec::new(),
            command: Vec::new(),
        },
        same_salt: &scene.same_salt,
        exploratory: scene.exploratory.clone(),
        diagnose,
    };
    assemble(&request, &scene.summary)
}

/// The effect of a metric on the whole of a population.
#[track_caller]
fn effect<'a>(
    readout: &'a Readout,
    metric: &str,
    population: Population,
    variant: &str,
) -> &'a Effect {
    readout
        .metrics
        .iter()
        .find(|readout| readout.id.as_str() == metric)
        .unwrap()
        .overall(population, variant)
        .unwrap()
}

/// Asserts a number to nine digits.
#[track_caller]
fn assert_close(observed: f64, expected: f64) {
    assert!(
        (observed - expected).abs() <= 1e-9 * expected.abs(),
        "{observed} is not {expected}"
    );
}
