//! What the generator promises.

mod expectations;
mod files;
mod rows;

use super::*;

/// A small experiment to turn one knob of.
fn small(turn: impl FnOnce(&mut ExperimentScenario)) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.experiments[0].units = 2_000;
    turn(&mut scenario.experiments[0]);
    scenario
}

fn world(scenario: &Scenario) -> World {
    generate(scenario, 11).unwrap()
}
