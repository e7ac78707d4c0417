//! Watches the rows of an event table that are about an experiment's units: on which days they happened, how late they came,
//! which of them say what another row says. What checks need to know of a table, and no metric.
//!
//! Nothing here depends on the order of rows: days and lags are counted, and a sample is of units, by the hash of their id.

use super::days::Days;
#[cfg(test)]
use crate::domain::definition::MICROSECONDS_PER_DAY;
use crate::domain::definition::Timestamp;
use crate::domain::evidence::{Arrivals, ByVariant, DayCounts, OutcomeCounts, Repeats};

/// Rows a shard whose hashes are kept, a million a table in all: at a share of 0.1 %, which is the least that warns, a
/// thousand of them are repeats, so that the share is known to a thirtieth of itself. Beyond that units are sampled.
const KEPT: usize = 4_096;
/// Days that are counted apart: more are no experiment but a column of times gone wrong.
const DAYS: usize = 2_000;
/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// What is asked of a table's rows, the same for every row.
#[derive(Debug, Clone)]
pub(super) struct Watching {
    /// Its position among the experiment's event tables.
    pub(super) position: usize,
    days: Days,
    /// The first day and the one after the last that are counted.
    range: (i64, i64),
    as_of: Option<i64>,
    /// How late rows may come.
    lateness: Option<i64>,
    variants: usize,
}

impl Watching {
    pub(super) fn new(
        position: usize,
        days: &Days,
        (start, as_of): (Option<Timestamp>, Option<i64>),
        lateness: Option<i64>,
        variants: usize,
    ) -> Self {
        let first = start.map_or(i64::MIN, |start| days.day(start.0));
        Self {
            position,
            days: days.clone(),
            range: (
                first,
                as_of.map_or(i64::MAX, |as_of| days.day(as_of - 1) + 1),
            ),
            as_of,
            lateness,
            variants,
        }
    }

    /// An empty watch.
    pub(super) fn begin(&self) -> Watch {
        Watch {
            variants: self.variants,
            ..Watch::default()
        }
    }
}

/// A row of a known unit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched {
    pub(super) unit: u32,
    /// A part of the hash of its id that no shard shares.
    pub(super) word: u64,
    pub(super) variant: u8,
    pub(super) at: i64,
    pub(super) ingested: Option<i64>,
    /// Whether a metric used it.
    pub(super) used: bool,
}

/// What the rows of one event table told, in one shard and then in all of them.
#[derive(Debug, Default)]
pub(super) struct Watch {
    variants: usize,
    /// Rows by day, sorted by day.
    days: Vec<(i64, ByVariant)>,
    /// Where the last row's day stands: rows come in the order of time more often than not.
    last: usize,
    /// Rows by age and lag, sorted.
    arrivals: Vec<((u8, u8), ByVariant)>,
    beyond: ByVariant,
    /// Unit, a part of the hash of its id, and the hash of the row, whose last bit says whether its time is a whole minute.
    kept: Vec<(u32, u32, u64)>,
    /// Units are kept whose hash has none of these bits.
    mask: u32,
    on_whole_minutes: u64,
    /// Settled: rows looked at, repeats among them, units by variant, and those with repeats.
    looked_at: u64,
    repeats: u64,
    units: ByVariant,
    repeating: ByVariant,
    is_sample: bool,
}

impl Watch {
    /// Takes in a row.
    #[inline]
    pub(super) fn take(&mut self, watching: &Watching, row: Watched, hash: impl FnOnce() -> u64) {
        let day = watching.days.day(row.at);
        if day >= watching.range.0 && day < watching.range.1 {
            self.count_day(day, row.variant);
        }
        if let (true, Some(ingested), Some(as_of)) = (row.used, row.ingested, watching.as_of) {
            self.count_arrival(watching, row, ingested, as_of);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "32 bits tell units of a shard apart"
        )]
        let word = row.word as u32;
        if word & self.mask == 0 && self.mask != u32::MAX {
            let is_whole = u64::from(row.at % MINUTE == 0);
            self.kept.push((row.unit, word, hash() & !1 | is_whole));
            while self.kept.len() > KEPT {
                self.halve();
            }
        }
    }

    fn count_day(&mut self, day: i64, variant: u8) {
        if self
            .days
            .get(self.last)
            .is_none_or(|(known, _)| *known != day)
        {
            self.last = match self.days.binary_search_by_key(&day, |(known, _)| *known) {
                Ok(position) => position,
                Err(_) if self.days.len() >= DAYS => return,
                Err(position) => {
                    self.days.insert(position, (day, vec![0; self.variants]));
                    position
                }
            };
        }
        self.days[self.last].1[usize::from(variant)] += 1;
    }

    fn count_arrival(&mut self, watching: &Watching, row: Watched, ingested: i64, as_of: i64) {
        let lag = ingested.saturating_sub(row.at).max(0);
        let key = (
            Arrivals::reach(as_of.saturating_sub(row.at)),
            Arrivals::reach(lag),
        );
        let position = match self
            .arrivals
            .binary_search_by_key(&key, |(known, _)| *known)
        {
            Ok(position) => position,
            Err(position) => {
                self.arrivals
                    .insert(position, (key, vec![0; self.variants]));
                position
            }
        };
        self.arrivals[position].1[usize::from(row.variant)] += 1;
        if watching.lateness.is_some_and(|lateness| lag > lateness) {
            self.beyond.resize(self.variants, 0);
            self.beyond[usize::from(row.variant)] += 1;
        }
    }

    /// Keeps half of the units: which ones follows from their ids, and how often it is done from all rows together, since a
    /// half is given up only where it holds too many of them.
    fn halve(&mut self) {
        self.mask = self.mask << 1 | 1;
        let mask = self.mask;
        let is_kept = |word: u32| word & mask == 0 && mask != u32::MAX;
        self.kept.retain(|(_, word, _)| is_kept(*word));
    }

    /// Counts repeats, once every row is in; `variant` is that of a unit.
    pub(super) fn settle(&mut self, variant: impl Fn(u32) -> u8) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.sort_unstable_by_key(|(unit, _, hash)| (*unit, *hash));
        self.looked_at = kept.len() as u64;
        self.is_sample = self.mask != 0;
        self.units = vec![0; self.variants];
        self.repeating = vec![0; self.variants];
        for rows in kept.chunk_by(|one, other| one.0 == other.0) {
            let same = |pair: &&[(u32, u32, u64)]| pair[0].2 >> 1 == pair[1].2 >> 1;
            let repeats = rows.windows(2).filter(same).count();
            self.on_whole_minutes += rows.iter().map(|row| row.2 & 1).sum::<u64>();
            self.repeats += repeats as u64;
            let of = usize::from(variant(rows[0].0));
            self.units[of] += 1;
            self.repeating[of] += u64::from(repeats > 0);
        }
    }

    /// Adds what another shard told; both are settled.
    pub(super) fn merge(&mut self, other: &Self) {
        self.variants = self.variants.max(other.variants);
        for (day, rows) in &other.days {
            match self.days.binary_search_by_key(day, |(known, _)| *known) {
                Ok(position) => add(&mut self.days[position].1, rows),
                Err(position) => self.days.insert(position, (*day, rows.clone())),
            }
        }
        for (key, rows) in &other.arrivals {
            match self.arrivals.binary_search_by_key(key, |(known, _)| *known) {
                Ok(position) => add(&mut self.arrivals[position].1, rows),
                Err(position) => self.arrivals.insert(position, (*key, rows.clone())),
            }
        }
        for (ours, theirs) in [
            (&mut self.beyond, &other.beyond),
            (&mut self.units, &other.units),
            (&mut self.repeating, &other.repeating),
        ] {
            ours.resize(ours.len().max(theirs.len()), 0);
            add(ours, theirs);
        }
        self.on_whole_minutes += other.on_whole_minutes;
        self.looked_at += other.looked_at;
        self.repeats += other.repeats;
        self.is_sample |= other.is_sample;
    }

    /// Puts what was told into the counts of the table.
    pub(super) fn finish(&self, counts: &mut OutcomeCounts, table: Tells, variants: usize) {
        let full = |rows: &ByVariant| {
            let mut rows = rows.clone();
            rows.resize(variants, 0);
            rows
        };
        let days = self.days.iter().map(|(day, units)| DayCounts {
            day: Days::name(*day),
            units: full(units),
        });
        counts.by_day = days.collect();
        let arrivals = self.arrivals.iter();
        counts.arrivals = table.ingestion.then(|| Arrivals {
            rows: arrivals
                .map(|((age, lag), rows)| (*age, *lag, full(rows)))
                .collect(),
            beyond_declared: table.lateness.then(|| full(&self.beyond)),
        });
        counts.repeats = Some(Repeats {
            by_event_id: table.event_ids,
            of_sample: self.is_sample,
            looked_at: self.looked_at,
            on_whole_minutes: self.on_whole_minutes,
            rows: self.repeats,
            units: full(&self.units),
            repeating_units: full(&self.repeating),
        });
    }

    /// Bytes held, about.
    pub(super) fn bytes(&self) -> usize {
        let by_variant = 24 + 8 * self.variants;
        self.kept.capacity() * size_of::<(u32, u32, u64)>()
            + (self.days.len() + self.arrivals.len()) * (16 + by_variant)
    }
}

/// What a table tells of its rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tells {
    /// When they were ingested.
    pub(super) ingestion: bool,
    /// How late they may come.
    pub(super) lateness: bool,
    /// Ids of events.
    pub(super) event_ids: bool,
}

/// The middle of a day of UTC.
#[cfg(test)]
const fn noon(day: i64) -> i64 {
    day * MICROSECONDS_PER_DAY + MICROSECONDS_PER_DAY / 2
}

fn add(ours: &mut [u64], theirs: &[u64]) {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        *ours += theirs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn watching() -> Watching {
        let range = (Some(Timestamp(noon(10))), Some(noon(20)));
        Watching::new(0, &Days::Utc, range, Some(MICROSECONDS_PER_DAY), 2)
    }

    fn row(unit: u32, at: i64) -> Watched {
        Watched {
            unit,
            word: u64::from(unit).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32,
            variant: u8::try_from(unit % 2).unwrap(),
            at,
            ingested: Some(at + MINUTE),
            used: true,
        }
    }

    fn told(watch: &Watch) -> OutcomeCounts {
        let tells = Tells {
            ingestion: true,
            lateness: true,
            event_ids: false,
        };
        let mut counts = OutcomeCounts::default();
        watch.finish(&mut counts, tells, 2);
        counts
    }

    fn settled(rows: &[(u32, i64, u64)]) -> Watch {
        let watching = watching();
        let mut watch = watching.begin();
        for (unit, at, hash) in rows {
            watch.take(&watching, row(*unit, *at), || *hash);
        }
        watch.settle(|unit| u8::try_from(unit % 2).unwrap());
        watch
    }

    #[test]
    fn repeats_are_counted_by_row_and_by_unit() {
        let counts = told(&settled(&[
            (0, noon(11), 1),
            (1, noon(11), 1),
            (0, noon(12), 1),
            (0, noon(12), 1),
            (2, noon(25), 9),
        ]));
        let repeats = counts.repeats.unwrap();
        assert_eq!((repeats.looked_at, repeats.rows), (5, 2));
        assert_eq!(repeats.units, [2, 1]);
        assert_eq!(repeats.repeating_units, [1, 0]);
        assert!(!repeats.of_sample);
        let days: Vec<_> = counts.by_day.iter().map(|day| day.units.clone()).collect();
        assert_eq!(days, [[1, 1], [2, 0]], "the 25th is after as-of");
    }

    #[test]
    fn a_lag_past_what_is_declared_is_counted() {
        let watching = watching();
        let mut watch = watching.begin();
        for lag in [0, MICROSECONDS_PER_DAY, MICROSECONDS_PER_DAY + 1] {
            let late = Watched {
                ingested: Some(noon(11) + lag),
                ..row(1, noon(11))
            };
            watch.take(&watching, late, || 0);
        }
        watch.settle(|_| 1);
        let arrivals = told(&watch).arrivals.unwrap();
        assert_eq!(arrivals.beyond_declared, Some(vec![0, 1]));
        let rows: u64 = arrivals.rows.iter().map(|(.., rows)| rows[1]).sum();
        assert_eq!(rows, 3);
    }

    proptest! {
        #[test]
        fn nothing_depends_on_the_order_of_rows(
            mut rows in proptest::collection::vec((0_u32..3_000, 0_i64..30, 0_u64..3), 0..9_000),
            turn in 0_usize..9_000,
        ) {
            for (_, at, _) in &mut rows {
                *at = noon(*at);
            }
            let before = told(&settled(&rows));
            let length = rows.len().max(1);
            rows.rotate_left(turn % length);
            rows.reverse();
            prop_assert_eq!(told(&settled(&rows)), before);
        }
    }
}
