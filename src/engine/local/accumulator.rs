//! Defines how the rows of one unit become one number: a dense accumulator a declaration and anchor.
//!
//! Every state is independent of row order; ties of time go to the smallest value.

use std::collections::HashSet;

use super::exact_column::ExactColumn;
use crate::domain::definition::Aggregate;

/// What one row brings to an accumulator.
#[derive(Debug, Clone, Copy)]
pub(super) enum Input {
    /// A row, where no column is asked for.
    Row,
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Float(f64),
    /// value × 10^−scale.
    Decimal(i128, u32),
    /// A hashed label.
    Label(u128),
}

impl Input {
    fn to_f64(self) -> f64 {
        match self {
            Self::Row | Self::Label(_) => 1.0,
            #[expect(
                clippy::cast_precision_loss,
                reason = "order statistics are of the double nearest the value"
            )]
            Self::Integer(value) => value as f64,
            // −0 is 0.
            Self::Float(value) => value + 0.0,
            Self::Decimal(value, scale) => {
                let mut exact = ExactColumn::new(1);
                exact.add_decimal(0, value, scale);
                exact.value(0)
            }
        }
    }
}

/// One number a unit in the making.
#[derive(Debug)]
pub(super) struct Accumulator {
    /// Whether the unit has a row.
    present: Vec<bool>,
    state: State,
}

#[derive(Debug)]
enum State {
    Count(Vec<u64>),
    Any(Vec<bool>),
    Sum(ExactColumn),
    Mean {
        sum: ExactColumn,
        rows: Vec<u64>,
    },
    Extreme {
        values: Vec<f64>,
        largest: bool,
    },
    Edge {
        times: Vec<i64>,
        values: Vec<f64>,
        latest: bool,
    },
    Distinct {
        seen: HashSet<(u32, u128)>,
        counts: Vec<u64>,
    },
}

impl Accumulator {
    pub(super) fn new(aggregate: Aggregate, units: usize) -> Self {
        let state = match aggregate {
            Aggregate::Count => State::Count(vec![0; units]),
            Aggregate::CountDistinct => State::Distinct {
                seen: HashSet::new(),
                counts: vec![0; units],
            },
            Aggregate::Any => State::Any(vec![false; units]),
            Aggregate::Sum => State::Sum(ExactColumn::new(units)),
            Aggregate::Mean => State::Mean {
                sum: ExactColumn::new(units),
                rows: vec![0; units],
            },
            Aggregate::Min | Aggregate::Max => State::Extreme {
                values: vec![0.0; units],
                largest: aggregate == Aggregate::Max,
            },
            Aggregate::First | Aggregate::Last => State::Edge {
                times: vec![0; units],
                values: vec![0.0; units],
                latest: aggregate == Aggregate::Last,
            },
        };
        Self {
            present: vec![false; units],
            state,
        }
    }

    /// Makes room for units that were met since.
    pub(super) fn grow(&mut self, units: usize) {
        self.present.resize(units, false);
        match &mut self.state {
            State::Count(counts) | State::Distinct { counts, .. } => counts.resize(units, 0),
            State::Any(any) => any.resize(units, false),
            State::Sum(sum) => sum.grow(units),
            State::Mean { sum, rows } => {
                sum.grow(units);
                rows.resize(units, 0);
            }
            State::Extreme { values, .. } => values.resize(units, 0.0),
            State::Edge { times, values, .. } => {
                times.resize(units, 0);
                values.resize(units, 0.0);
            }
        }
    }

    /// Takes in one row of a unit at a time.
    pub(super) fn add(&mut self, unit: u32, at: i64, input: Input) {
        let slot = unit as usize;
        let is_first = !self.present[slot];
        self.present[slot] = true;
        match &mut self.state {
            State::Count(counts) => counts[slot] += 1,
            State::Any(any) => any[slot] |= input.to_f64() != 0.0,
            State::Sum(sum) => add_exactly(sum, unit, input),
            State::Mean { sum, rows } => {
                add_exactly(sum, unit, input);
                rows[slot] += 1;
            }
            State::Extreme { values, largest } => {
                let value = input.to_f64();
                let known = values[slot];
                if is_first
                    || (if *largest {
                        value > known
                    } else {
                        value < known
                    })
                {
                    values[slot] = value;
                }
            }
            State::Edge {
                times,
                values,
                latest,
            } => {
                let value = input.to_f64();
                let beyond = if *latest {
                    at > times[slot]
                } else {
                    at < times[slot]
                };
                if is_first || beyond || (at == times[slot] && value < values[slot]) {
                    times[slot] = at;
                    values[slot] = value;
                }
            }
            State::Distinct { seen, counts } => {
                let key = match input {
                    Input::Label(key) => key,
                    other => u128::from(other.to_f64().to_bits()),
                };
                if seen.insert((unit, key)) {
                    counts[slot] += 1;
                }
            }
        }
    }

    /// The unit's number; `None` where it has no row.
    pub(super) fn value(&self, unit: u32) -> Option<f64> {
        let slot = unit as usize;
        if !self.present[slot] {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "rows of one unit are far below 2^53"
        )]
        Some(match &self.state {
            State::Count(counts) | State::Distinct { counts, .. } => counts[slot] as f64,
            State::Any(any) => f64::from(u8::from(any[slot])),
            State::Sum(sum) => sum.value(unit),
            State::Mean { sum, rows } => sum.value(unit) / rows[slot] as f64,
            State::Extreme { values, .. } | State::Edge { values, .. } => values[slot],
        })
    }
}

fn add_exactly(sum: &mut ExactColumn, unit: u32, input: Input) {
    match input {
        Input::Row | Input::Label(_) => sum.add(unit, 1.0),
        Input::Integer(value) => sum.add_integer(unit, value),
        Input::Float(value) => sum.add(unit, value),
        Input::Decimal(value, scale) => sum.add_decimal(unit, value, scale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    cases! {
        rows_in_any_order_make_the_same_number:
        count(Aggregate::Count, 4.0);
        count_distinct(Aggregate::CountDistinct, 3.0);
        any(Aggregate::Any, 1.0);
        sum(Aggregate::Sum, 9.0);
        mean(Aggregate::Mean, 2.25);
        smallest(Aggregate::Min, 1.0);
        largest(Aggregate::Max, 5.0);
        first(Aggregate::First, 2.0);
        last(Aggregate::Last, 1.0);
    }

    fn rows_in_any_order_make_the_same_number(aggregate: Aggregate, expected: f64) {
        let rows = [(10, 5.0), (3, 2.0), (12, 1.0), (12, 1.0)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let mut accumulator = Accumulator::new(aggregate, 2);
            for position in order {
                let (at, value) = rows[position];
                accumulator.add(1, at, Input::Float(value));
            }
            assert_eq!(accumulator.value(1), Some(expected));
            assert_eq!(
                accumulator.value(0),
                None,
                "a unit without rows has no value"
            );
        }
    }

    #[test]
    fn ties_of_time_go_to_the_smallest_value() {
        for aggregate in [Aggregate::First, Aggregate::Last] {
            for values in [[3.0, 2.0], [2.0, 3.0]] {
                let mut accumulator = Accumulator::new(aggregate, 1);
                for value in values {
                    accumulator.add(0, 7, Input::Float(value));
                }
                assert_eq!(accumulator.value(0), Some(2.0));
            }
        }
    }

    #[test]
    fn any_over_a_column_of_zeros_is_zero_and_not_missing() {
        let mut accumulator = Accumulator::new(Aggregate::Any, 1);
        accumulator.add(0, 0, Input::Integer(0));
        assert_eq!(accumulator.value(0), Some(0.0));
    }
}
