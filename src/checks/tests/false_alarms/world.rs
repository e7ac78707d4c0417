//! A healthy experiment day by day, as sums and counts: nothing in it depends on the variant but chance.

use rand_chacha::rand_core::Rng;

use crate::checks::support::{Scene, cell, metric, zeros_and_ones};
use crate::domain::definition::{Covariate, Duration, Epoch, MetricKind, Role};
use crate::domain::evidence::{
    Cell, DayCounts, Evidence, ExactSum, Heaviest, JointSums, Layout, OutcomeCounts, Partition,
    Repeats, Slice,
};

pub(super) const DAYS: usize = 30;
const LEVELS: [&str; 3] = ["DE", "FR", "NL"];
/// Further shares of units, beside the primary one and the guardrail that some lack.
const SHARES: usize = 5;
/// Means of heavy-tailed values, each with what units did before.
const MEANS: usize = 3;
/// The standard deviation of a value's logarithm: its skewness is 11.
const SIGMA: f64 = 1.2;

/// How units are split.
#[derive(Clone, Copy)]
pub(super) struct Design {
    /// First day and how often the treatment's share is halved, an epoch each.
    pub(super) epochs: &'static [(usize, u32)],
}

impl Design {
    fn epoch(&self, day: usize) -> usize {
        self.epochs.partition_point(|(first, _)| *first <= day) - 1
    }
}

/// Successes among `units`, each with probability 2 to the minus `halvings`.
fn drawn(random: &mut impl Rng, units: u64, halvings: u32) -> u64 {
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

/// A pair of standard normal numbers (Box and Muller 1958).
fn normal_pair(random: &mut impl Rng) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    let mut uniform = || (((random.next_u64() >> 11) + 1) as f64) / 9_007_199_254_740_993.0;
    let radius = libm::sqrt(-2.0 * libm::log(uniform()));
    let angle = std::f64::consts::TAU * uniform();
    (radius * libm::cos(angle), radius * libm::sin(angle))
}

/// What units of one variant did by now. Half are exposed, a quarter convert whether exposed or not, one in 2,048 is logged twice, one
/// in 16 has no value of a second metric, and one in 256 was in the other variant too.
#[derive(Clone)]
struct Side {
    units: u64,
    exposed: u64,
    conversions: u64,
    unexposed_conversions: u64,
    twice: u64,
    several: u64,
    missing: u64,
    levels: [u64; 3],
    shares: [u64; SHARES],
    means: Vec<Heavy>,
}

/// Values with what came before: value, covariate, whether that is unknown.
#[derive(Clone)]
struct Heavy {
    sums: JointSums,
    cubes: ExactSum,
    top: Vec<f64>,
}

impl Heavy {
    fn add(&mut self, random: &mut impl Rng) {
        let (own, before) = normal_pair(random);
        let value = libm::round(100.0 * libm::exp(SIGMA * (0.6 * own + 0.8 * before)));
        let earlier = libm::round(100.0 * libm::exp(SIGMA * before));
        self.sums.add(&[value, earlier, 0.0]);
        self.cubes.add(value * value * value);
        let place = self.top.partition_point(|known| *known < value);
        self.top.insert(place, value);
        if self.top.len() > Heaviest::UNITS {
            self.top.remove(0);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.sums.merge(&other.sums);
        self.cubes.merge(&other.cubes);
        self.top.extend_from_slice(&other.top);
        self.top.sort_by(f64::total_cmp);
        let few = self.top.len().saturating_sub(Heaviest::UNITS);
        self.top.drain(..few);
    }

    fn cell(&self) -> Cell {
        let mut cell = Cell::of(Evidence::Exact(self.sums.clone()));
        let mut top = JointSums::new(1);
        self.top.iter().for_each(|value| top.add(&[*value]));
        cell.further.heaviest = Some(Heaviest {
            cubes: self.cubes.clone(),
            top,
        });
        cell
    }
}

impl Default for Side {
    fn default() -> Self {
        let nobody = Heavy {
            sums: JointSums::new(3),
            cubes: ExactSum::default(),
            top: Vec::new(),
        };
        Self {
            units: 0,
            exposed: 0,
            conversions: 0,
            unexposed_conversions: 0,
            twice: 0,
            several: 0,
            missing: 0,
            levels: [0; 3],
            shares: [0; SHARES],
            means: vec![nobody; MEANS],
        }
    }
}

impl Side {
    fn add(&mut self, random: &mut impl Rng, units: u64) {
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
        for (sum, halvings) in self.shares.iter_mut().zip(1..) {
            *sum += drawn(random, units, halvings);
        }
        for mean in &mut self.means {
            (0..units).for_each(|_| mean.add(random));
        }
    }

    fn merge(&mut self, other: &Self) {
        self.units += other.units;
        self.exposed += other.exposed;
        self.conversions += other.conversions;
        self.unexposed_conversions += other.unexposed_conversions;
        self.twice += other.twice;
        self.several += other.several;
        self.missing += other.missing;
        let sums = self.levels.iter_mut().chain(&mut self.shares);
        for (sum, more) in sums.zip(other.levels.iter().chain(&other.shares)) {
            *sum += more;
        }
        for (ours, theirs) in self.means.iter_mut().zip(&other.means) {
            ours.merge(theirs);
        }
    }
}

/// Both variants of each epoch.
type Epochs = Vec<[Side; 2]>;

/// An experiment day by day, as it looks after each.
pub(super) fn looks(design: Design, random: &mut impl Rng) -> Vec<Scene> {
    let mut epochs: Epochs = vec![Default::default(); design.epochs.len()];
    let mut by_day: Vec<DayCounts> = Vec::new();
    let mut rows: Vec<DayCounts> = Vec::new();
    (0..DAYS)
        .map(|day| {
            // Weekends bring less than half as many.
            let is_weekend = day % 7 > 4;
            let units = if is_weekend { 224 } else { 512 };
            let epoch = design.epoch(day);
            let treated = drawn(random, units, design.epochs[epoch].1);
            let split = [units - treated, treated];
            for (side, units) in epochs[epoch].iter_mut().zip(split) {
                side.add(random, units);
            }
            let whole = whole(&epochs);
            let name = format!("2026-03-{:02}", day + 1);
            by_day.push(DayCounts {
                day: name.clone(),
                units: split.to_vec(),
            });
            // Everyone who came so far does something on one day in four, a heavy unit more of it.
            let quiet = u32::from(is_weekend);
            let doings = |side: &Side, random: &mut dyn FnMut(u64, u32) -> u64| {
                random(side.units, 2 + quiet) + 30 * random(side.units, 9)
            };
            let mut draw = |units, halvings| drawn(random, units, halvings);
            rows.push(DayCounts {
                day: name,
                units: whole.iter().map(|side| doings(side, &mut draw)).collect(),
            });
            scene(design, &epochs, &whole, &by_day, &rows)
        })
        .collect()
}

fn whole(epochs: &Epochs) -> [Side; 2] {
    let mut whole = <[Side; 2]>::default();
    for epoch in epochs {
        for (ours, theirs) in whole.iter_mut().zip(epoch) {
            ours.merge(theirs);
        }
    }
    whole
}

fn scene(
    design: Design,
    epochs: &Epochs,
    whole: &[Side; 2],
    by_day: &[DayCounts],
    rows: &[DayCounts],
) -> Scene {
    let of = |pick: fn(&Side) -> u64| whole.iter().map(pick).collect::<Vec<u64>>();
    let by_epoch = |pick: fn(&Side) -> u64| -> Vec<Vec<u64>> {
        let epochs = epochs.iter();
        epochs
            .map(|sides| sides.iter().map(pick).collect())
            .collect()
    };
    let mut scene = Scene::new(&["old", "new"]);
    let start = scene.experiment.epochs[0].from;
    let day = |day: usize| i64::try_from(day).unwrap() * 86_400_000_000;
    scene.experiment.epochs = design
        .epochs
        .iter()
        .map(|(first, halvings)| Epoch {
            from: start.plus(Duration(day(*first))),
            weights: vec![f64::from((1_u32 << halvings) - 1), 1.0],
        })
        .collect();
    let pairs = |pick: fn(&Side) -> (u64, u64)| [pick(&whole[0]), pick(&whole[1])];
    scene = scene
        .proportion(
            "conversion",
            Role::Primary,
            &pairs(|it| (it.units, it.conversions)),
        )
        .proportion(
            "rated",
            Role::Guardrail,
            &pairs(|it| (it.units - it.missing, it.conversions / 2)),
        );
    for share in 0..SHARES {
        let counts = [0, 1].map(|variant| (whole[variant].units, whole[variant].shares[share]));
        scene = scene.proportion(&format!("share-{share}"), Role::Secondary, &counts);
    }
    for mean in 0..MEANS {
        let cells = whole.iter().map(|side| side.means[mean].cell()).collect();
        let mut defined = metric(&format!("mean-{mean}"), MetricKind::Mean);
        defined.covariates = vec![Covariate::PrePeriod {
            window: Duration(day(14)),
            value: None,
        }];
        let layout = Layout {
            covariates: 1,
            ..Layout::PLAIN
        };
        scene = scene.with(defined, Role::Guardrail, layout, cells);
    }
    scene = scene
        .exposed(&of(|side| side.exposed))
        .exposure(|counts| counts.by_epoch = by_epoch(|side| side.exposed))
        .assignment(|counts| {
            counts.units = whole.iter().map(|side| side.units).sum();
            counts.by_epoch = by_epoch(|side| side.units);
            counts.by_epoch_before_exclusions = by_epoch(|side| side.units);
            counts.by_day = by_day.to_vec();
            counts.several_by_first_seen = of(|side| side.several);
            counts.several_variants = counts.several_by_first_seen.iter().sum();
            counts.duplicate_units = of(|side| side.twice);
        })
        .outcome(OutcomeCounts {
            table: "events".to_owned(),
            rows: rows.iter().flat_map(|day| &day.units).sum(),
            by_day: rows.to_vec(),
            repeats: Some(Repeats {
                looked_at: 1_000_000,
                rows: 240,
                units: of(|side| side.units),
                repeating_units: vec![120, 120],
                ..Repeats::default()
            }),
            ..OutcomeCounts::default()
        });
    for (variant, side) in whole.iter().enumerate() {
        put_slices(&mut scene, variant, side);
        scene = scene.cell(1, variant, |cell| cell.missing = side.missing);
    }
    if epochs.len() > 1 {
        put_epochs(&mut scene, epochs);
    }
    scene
}

/// The parts of the primary metric, and its levels.
fn put_slices(scene: &mut Scene, variant: usize, side: &Side) {
    let met = side.conversions - side.unexposed_conversions;
    for (partition, units, ones) in [
        (
            Partition::Unexposed,
            side.units - side.exposed,
            side.unexposed_conversions,
        ),
        (Partition::ExposedFromAssignment, side.exposed, met),
    ] {
        let part = cell(zeros_and_ones(units, ones));
        scene.put(0, partition, Slice::All, variant, part);
    }
    for (level, units) in LEVELS.iter().zip(side.levels) {
        let slice = Slice::Segment {
            column: "country".to_owned(),
            level: Some((*level).to_owned()),
        };
        let level = cell(zeros_and_ones(units, units / 4));
        scene.put(0, Partition::Itt, slice, variant, level);
    }
}

/// What checks compare within epochs: values that are missing, and what units did before.
fn put_epochs(scene: &mut Scene, epochs: &Epochs) {
    for (epoch, sides) in epochs.iter().enumerate() {
        for (variant, side) in sides.iter().enumerate() {
            let mut put = |metric, cell| {
                scene.put(metric, Partition::Itt, Slice::Epoch(epoch), variant, cell);
            };
            put(0, cell(zeros_and_ones(side.units, side.conversions)));
            let mut rated = cell(zeros_and_ones(
                side.units - side.missing,
                side.conversions / 2,
            ));
            rated.missing = side.missing;
            put(1, rated);
            for mean in 0..MEANS {
                put(2 + SHARES + mean, side.means[mean].cell());
            }
        }
    }
}
