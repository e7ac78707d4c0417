//! How often healthy experiments are blocked: the budget of `checks.md`, for one readout and over thirty daily ones.

use std::collections::BTreeMap;

use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::checks::support::{Scene, cell, zeros_and_ones};
use crate::domain::definition::{ExperimentStatus, Role};
use crate::domain::evidence::{DayCounts, Partition, Slice};
use crate::domain::result::{CheckId, CheckStatus};

/// Successes among `units`, each with probability 2 to the minus `halvings`.
fn drawn(random: &mut rand_chacha::ChaCha8Rng, units: u64, halvings: u32) -> u64 {
    let mut left = units;
    let mut successes = 0;
    while left > 0 {
        let word = (0..halvings).fold(u64::MAX, |word, _| word & random.next_u64());
        let bits = left.min(64);
        successes += u64::from((word >> (64 - bits)).count_ones());
        left -= bits;
    }
    successes
}

const DAYS: usize = 30;
const LEVELS: [&str; 3] = ["DE", "FR", "NL"];

/// What a variant's units did by now. Half are exposed, a quarter convert whether exposed or not, one in 2,048 is logged twice, one
/// in 16 has no value of a second metric, and one in 256 was in the other variant too.
#[derive(Clone, Copy, Default)]
struct Side {
    units: u64,
    exposed: u64,
    conversions: u64,
    unexposed_conversions: u64,
    twice: u64,
    several: u64,
    missing: u64,
    levels: [u64; 3],
}

impl Side {
    fn add(&mut self, random: &mut rand_chacha::ChaCha8Rng, units: u64) {
        let exposed = drawn(random, units, 1);
        let (of_exposed, of_others) =
            (drawn(random, exposed, 2), drawn(random, units - exposed, 2));
        self.units += units;
        self.exposed += exposed;
        self.conversions += of_exposed + of_others;
        self.unexposed_conversions += of_others;
        self.twice += drawn(random, units, 11);
        self.several += drawn(random, units, 8);
        self.missing += drawn(random, units, 4);
        let first = drawn(random, units, 1);
        let second = drawn(random, units - first, 1);
        for (sum, more) in self
            .levels
            .iter_mut()
            .zip([first, second, units - first - second])
        {
            *sum += more;
        }
    }
}

/// An experiment day by day, as it looks after each.
fn looks(random: &mut rand_chacha::ChaCha8Rng) -> Vec<Scene> {
    let mut sides = [Side::default(); 2];
    let mut by_day: Vec<DayCounts> = Vec::new();
    (0..DAYS)
        .map(|day| {
            // Weekends bring less than half as many.
            let units = if day % 7 < 5 { 512 } else { 224 };
            let control = drawn(random, units, 1);
            let split = [control, units - control];
            for (side, units) in sides.iter_mut().zip(split) {
                side.add(random, units);
            }
            by_day.push(DayCounts {
                day: format!("2026-03-{:02}", day + 1),
                units: split.to_vec(),
            });
            scene(&sides, &by_day)
        })
        .collect()
}

fn scene(sides: &[Side; 2], by_day: &[DayCounts]) -> Scene {
    let of = |pick: fn(&Side) -> u64| sides.each_ref().map(pick);
    let counts = sides.each_ref().map(|side| (side.units, side.conversions));
    let known = sides
        .each_ref()
        .map(|side| (side.units - side.missing, side.conversions / 2));
    let mut scene = Scene::new(&["old", "new"])
        .units(&of(|side| side.units))
        .proportion("conversion", Role::Primary, &counts)
        .proportion("rated", Role::Guardrail, &known)
        .exposed(&of(|side| side.exposed))
        .assignment(|counts| {
            counts.by_day = by_day.to_vec();
            counts.several_by_first_seen = of(|side| side.several).to_vec();
            counts.several_variants = counts.several_by_first_seen.iter().sum();
            counts.duplicate_units = of(|side| side.twice).to_vec();
        });
    for (variant, side) in sides.iter().enumerate() {
        let unexposed = cell(zeros_and_ones(
            side.units - side.exposed,
            side.unexposed_conversions,
        ));
        scene.put(0, Partition::Unexposed, Slice::All, variant, unexposed);
        let met = side.conversions - side.unexposed_conversions;
        let exposed = cell(zeros_and_ones(side.exposed, met));
        scene.put(
            0,
            Partition::ExposedFromAssignment,
            Slice::All,
            variant,
            exposed,
        );
        for (level, units) in LEVELS.iter().zip(side.levels) {
            let slice = Slice::Segment {
                column: "country".to_owned(),
                level: Some((*level).to_owned()),
            };
            scene.put(
                0,
                Partition::Itt,
                slice,
                variant,
                cell(zeros_and_ones(units, units / 4)),
            );
        }
        scene = scene.cell(1, variant, |cell| cell.missing = side.missing);
    }
    scene
}

/// How many of so many experiments a check fails in: at the end, and on any of thirty days; and how many anything blocks.
struct Alarms {
    at_the_end: BTreeMap<CheckId, u32>,
    on_any_day: BTreeMap<CheckId, u32>,
    blocked: (u32, u32),
}

fn alarms(experiments: u32) -> Alarms {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_260_301);
    let mut alarms = Alarms {
        at_the_end: BTreeMap::new(),
        on_any_day: BTreeMap::new(),
        blocked: (0, 0),
    };
    for _ in 0..experiments {
        let looks = looks(&mut random);
        let (mut any, mut blocked) = (Vec::new(), false);
        for scene in &looks {
            let scene = scene
                .clone()
                .experiment(|experiment| experiment.status = ExperimentStatus::Running);
            let failed = failed(&scene);
            blocked |= !failed.is_empty();
            any.extend(failed);
        }
        any.sort();
        any.dedup();
        for id in any {
            *alarms.on_any_day.entry(id).or_default() += 1;
        }
        alarms.blocked.1 += u32::from(blocked);
        let over = failed(&looks[DAYS - 1]);
        alarms.blocked.0 += u32::from(!over.is_empty());
        for id in over {
            *alarms.at_the_end.entry(id).or_default() += 1;
        }
    }
    alarms
}

fn failed(scene: &Scene) -> Vec<CheckId> {
    let checks = scene.ask(&[], crate::checks::run);
    let failed = checks
        .into_iter()
        .filter(|check| check.status == CheckStatus::Fail);
    failed.map(|check| check.id).collect()
}

#[test]
fn healthy_experiments_are_rarely_blocked() {
    const EXPERIMENTS: u32 = 2_000;
    let alarms = alarms(EXPERIMENTS);
    // One in a hundred, and three Monte-Carlo errors.
    let bound = 20 + 13;
    assert!(
        alarms.blocked.0 <= bound,
        "{:?} at the end",
        alarms.at_the_end
    );
    assert!(
        alarms.blocked.1 <= bound,
        "{:?} on any day",
        alarms.on_any_day
    );
}
