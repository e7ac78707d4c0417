//! Defines tables of a few thousand units with everything in them that could make a difference, and how they are written:
//! in each format, in any order of rows, in parts whose columns are in another order.

use std::collections::BTreeMap;
use std::io::Write as _;

use polars::prelude::{
    Column, DataFrame, DataType, IpcWriter, ParquetWriter, SerWriter as _, TimeUnit,
};
use readout::domain::definition::Timestamp;

use super::worlds::START;

#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Text(String),
    Whole(i64),
    Number(f64),
    Truth(bool),
    Time(i64),
}

/// A table: what its columns are called, and its rows.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// How the tables are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) format: &'static str,
    pub(super) parts: usize,
    /// Rows are shuffled by it; zero leaves them.
    pub(super) seed: u64,
    pub(super) threads: usize,
    /// Bytes that units may take in memory.
    pub(super) memory: Option<u64>,
}

/// A generator small enough to read: Steele, Lea and Flood's `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    /// A whole number below `limit`.
    fn number(&mut self, limit: u32) -> f64 {
        f64::from(u32::try_from(self.next() % u64::from(limit)).unwrap())
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    fn among(&mut self, words: &[&str]) -> Value {
        match words[self.below(words.len())] {
            "" => Value::Null,
            word => Value::Text(word.to_owned()),
        }
    }
}

const HOUR: i64 = 3_600_000_000;
const UNITS: i64 = 3_000;

/// Whole hours mostly, so that instants tie and windows end on them.
fn time(random: &mut Random, from_hour: usize, hours: usize) -> i64 {
    let at = START + i64::try_from(from_hour + random.below(hours)).unwrap() * HOUR;
    if random.one_in(4) { at + 123_456 } else { at }
}

/// Rows of assigned units.
#[derive(Default)]
struct Lives {
    assignments: Vec<Vec<Value>>,
    exposures: Vec<Vec<Value>>,
    units: Vec<Vec<Value>>,
}

fn trial() -> Value {
    Value::Text("trial".to_owned())
}

impl Lives {
    /// A unit: assigned once, or again, or to two variants; exposed or not, to its own variant or another.
    fn live(&mut self, random: &mut Random, unit: i64, is_dirty: bool) {
        let id = Value::Whole(unit);
        let mut variant = random.among(&["a", "b", "c"]);
        let at = time(random, 14 * 24, 7 * 24);
        let platform = random.among(&["web", "app", ""]);
        let mut assign = |variant: Value, at| {
            let platform = platform.clone();
            self.assignments.push(vec![
                id.clone(),
                trial(),
                variant,
                Value::Time(at),
                platform,
            ]);
        };
        assign(variant.clone(), at);
        if random.one_in(50) {
            assign(variant.clone(), at);
        }
        if random.one_in(60) {
            let second = random.among(&["a", "b", "c"]);
            assign(second, time(random, 14 * 24, 7 * 24));
        }
        if is_dirty && random.one_in(40) {
            assign(random.among(&["", "z"]), at);
        }
        if random.one_in(90) {
            variant = random.among(&["a", "b", "c"]);
        }
        for _ in 0..random.below(4) {
            let at = at - HOUR + i64::try_from(random.below(200)).unwrap() * HOUR / 2;
            let kind = random.among(&["view", "view", "click", ""]);
            self.exposures.push(vec![
                id.clone(),
                trial(),
                variant.clone(),
                Value::Time(at),
                kind,
            ]);
        }
        if !random.one_in(12) {
            let country = random.among(&["DE", "FR", "São Tomé", ""]);
            let spent = match random.below(9) {
                0 => Value::Null,
                _ => Value::Number(random.number(9_000) / 100.0),
            };
            let member = Value::Truth(random.one_in(3));
            self.units.push(vec![id, country, spent, member]);
        }
    }
}

/// The tables of three thousand units. Dirty ones hold rows that are rejected.
pub(super) fn tables(is_dirty: bool) -> BTreeMap<&'static str, Rows> {
    let mut random = Random(20_260_301);
    let mut lives = Lives::default();
    for unit in 1..=UNITS {
        lives.live(&mut random, unit, is_dirty);
    }
    let late = Value::Time(START + 400 * HOUR);
    let orphan = Value::Text("a".to_owned());
    lives.exposures.push(vec![
        Value::Whole(77_777),
        trial(),
        orphan,
        late,
        Value::Null,
    ]);
    let events = (0..20_000).map(|_| event(&mut random, is_dirty)).collect();
    let table = |columns: &str, rows| Rows {
        columns: columns.split(' ').map(str::to_owned).collect(),
        rows,
    };
    BTreeMap::from([
        (
            "assignments",
            table(
                "unit_id experiment_id variant_id assigned_at platform",
                lives.assignments,
            ),
        ),
        (
            "exposures",
            table(
                "unit_id experiment_id variant_id exposed_at exposure_type",
                lives.exposures,
            ),
        ),
        ("units", table("unit_id country spent member", lives.units)),
        (
            "events",
            table(
                "unit_id event_name value sku online occurred_at ingested_at",
                events,
            ),
        ),
    ])
}

fn event(random: &mut Random, is_dirty: bool) -> Vec<Value> {
    // A few units more than were assigned: orphans.
    let unit = Value::Whole(1 + i64::try_from(random.below(3_100)).unwrap());
    let unit = if is_dirty && random.one_in(200) {
        Value::Null
    } else {
        unit
    };
    let value = match random.below(10) {
        0 => Value::Null,
        1 => Value::Number(-(random.number(500)) / 100.0),
        2 => Value::Number(0.1 * random.number(1_000_000)),
        3 => Value::Number(1e12 + 0.5),
        _ => Value::Number(random.number(20_000) / 100.0),
    };
    let at = time(random, 0, 40 * 24);
    let ingested = if random.one_in(5) {
        at + 30 * HOUR
    } else {
        at + 1
    };
    vec![
        unit,
        random.among(&[
            "purchase",
            "purchase",
            "refund",
            "page_view",
            "page_leave",
            "",
        ]),
        value,
        random.among(&["k-1", "k-2", "k-3", "K-1", ""]),
        if random.one_in(6) {
            Value::Null
        } else {
            Value::Truth(random.one_in(2))
        },
        Value::Time(at),
        Value::Time(ingested),
    ]
}

fn column(name: &str, cells: &[&Value]) -> Column {
    let numbers = cells.iter().any(|cell| matches!(cell, Value::Number(_)));
    let name = name.into();
    let whole = |cell: &&Value| match cell {
        Value::Whole(value) | Value::Time(value) => Some(*value),
        _ => None,
    };
    match cells.iter().find(|cell| !matches!(cell, Value::Null)) {
        _ if numbers => {
            let cells: Vec<Option<f64>> = cells
                .iter()
                .map(|cell| {
                    if let Value::Number(value) = cell {
                        Some(*value)
                    } else {
                        None
                    }
                })
                .collect();
            Column::new(name, cells)
        }
        Some(Value::Truth(_)) => {
            let cells: Vec<Option<bool>> = cells
                .iter()
                .map(|cell| {
                    if let Value::Truth(value) = cell {
                        Some(*value)
                    } else {
                        None
                    }
                })
                .collect();
            Column::new(name, cells)
        }
        Some(Value::Time(_)) => {
            let cells: Vec<Option<i64>> = cells.iter().map(whole).collect();
            Column::new(name, cells)
                .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
                .unwrap()
        }
        Some(Value::Whole(_)) => Column::new(name, cells.iter().map(whole).collect::<Vec<_>>()),
        _ => {
            let cells: Vec<Option<&str>> = cells
                .iter()
                .map(|cell| {
                    if let Value::Text(text) = cell {
                        Some(text.as_str())
                    } else {
                        None
                    }
                })
                .collect();
            Column::new(name, cells)
        }
    }
}

fn json(cell: &Value) -> serde_json::Value {
    match cell {
        Value::Null => serde_json::Value::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Whole(value) => (*value).into(),
        Value::Number(value) => (*value).into(),
        Value::Truth(value) => (*value).into(),
        Value::Time(value) => Timestamp(*value).to_string().into(),
    }
}

fn csv(columns: &[&str], rows: &[Vec<&Value>]) -> Vec<u8> {
    let mut text = columns.join(",") + "\n";
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| match cell {
                Value::Null => String::new(),
                Value::Text(text) => text.clone(),
                // As money is written: with its zeros.
                Value::Number(value) if format!("{value:.2}").parse() == Ok(*value) => {
                    format!("{value:.2}")
                }
                other => json(other).to_string().trim_matches('"').to_owned(),
            })
            .collect();
        text += &(cells.join(",") + "\n");
    }
    text.into_bytes()
}

fn encoded(columns: &[&str], rows: &[Vec<&Value>], format: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let frame = || {
        let columns = columns
            .iter()
            .enumerate()
            .map(|(position, name)| {
                let cells: Vec<&Value> = rows.iter().map(|row| row[position]).collect();
                column(name, &cells)
            })
            .collect();
        DataFrame::new_infer_height(columns).unwrap()
    };
    match format {
        "csv" => bytes = csv(columns, rows),
        "csv.gz" => {
            let mut writer = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            writer.write_all(&csv(columns, rows)).unwrap();
            writer.finish().unwrap();
        }
        "ndjson" => {
            for row in rows {
                let object: serde_json::Map<_, _> = columns
                    .iter()
                    .zip(row)
                    .map(|(name, cell)| ((*name).to_owned(), json(cell)))
                    .collect();
                serde_json::to_writer(&mut bytes, &object).unwrap();
                bytes.push(b'\n');
            }
        }
        "parquet" => {
            ParquetWriter::new(&mut bytes).finish(&mut frame()).unwrap();
        }
        _ => IpcWriter::new(&mut bytes).finish(&mut frame()).unwrap(),
    }
    bytes
}

impl Rows {
    /// Its files: parts of equal size, each with its columns in another order.
    pub(super) fn files(&self, written: Written) -> Vec<Vec<u8>> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        if written.seed > 0 {
            let mut random = Random(written.seed);
            for last in (1..order.len()).rev() {
                order.swap(last, random.below(last + 1));
            }
        }
        order
            .chunks(self.rows.len().div_ceil(written.parts))
            .enumerate()
            .map(|(part, rows)| {
                let mut positions: Vec<usize> = (0..self.columns.len()).collect();
                positions.rotate_left(part % self.columns.len());
                let columns: Vec<&str> = positions
                    .iter()
                    .map(|at| self.columns[*at].as_str())
                    .collect();
                let rows: Vec<Vec<&Value>> = rows
                    .iter()
                    .map(|row| positions.iter().map(|at| &self.rows[*row][*at]).collect())
                    .collect();
                encoded(&columns, &rows, written.format)
            })
            .collect()
    }
}
