//! Defines how the rows of one unit become one number: a slot of the unit's row a declaration and anchor.
//!
//! Every state is independent of the order of rows; ties of time go to the smallest value.

use super::exact_lane::{Lane, Wide};
use super::unit_row::{
    Slot, bit, count_at, float_at, instant_at, set_bit, set_count, set_float, set_instant, set_sum,
    sum_at,
};
use super::units::Units;
use crate::domain::definition::Aggregate;

/// What one row brings to a slot.
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
            Self::Decimal(value, scale) => Lane::Decimal(scale).value(value, None),
        }
    }
}

/// Bytes after a sum where `Mean` counts its rows.
const ROWS_AFTER: usize = 16;
/// Bytes after an instant where `First` and `Last` keep their value.
const VALUE_AFTER: usize = 8;

impl Units {
    /// Takes one row of a unit, at an instant, into a slot.
    #[inline]
    pub(super) fn add(&mut self, unit: u32, slot: &Slot, at: i64, input: Input) {
        match slot.aggregate {
            Aggregate::Count => self.count(unit, slot, slot.at),
            Aggregate::Any => {
                let row = self.rows.row_mut(unit);
                set_bit(row, slot.bit);
                if input.to_f64() != 0.0 {
                    set_bit(row, slot.bit + 1);
                }
            }
            Aggregate::Sum => self.sum(unit, slot, input),
            Aggregate::Mean => {
                self.sum(unit, slot, input);
                self.count(unit, slot, slot.at + ROWS_AFTER);
            }
            Aggregate::Min => {
                self.extreme(unit, slot, input.to_f64(), |value, known| value < known);
            }
            Aggregate::Max => {
                self.extreme(unit, slot, input.to_f64(), |value, known| value > known);
            }
            Aggregate::First => self.edge(unit, slot, at, input, |at, known| at < known),
            Aggregate::Last => self.edge(unit, slot, at, input, |at, known| at > known),
            Aggregate::Each => {
                set_bit(self.rows.row_mut(unit), slot.bit);
                let values = self.each.entry((unit, slot.id)).or_default();
                values.push(input.to_f64());
                self.each_values += 1;
            }
            Aggregate::CountDistinct => {
                let key = match input {
                    Input::Label(key) => key,
                    other => u128::from(other.to_f64().to_bits()),
                };
                if self.distinct.insert((unit, slot.id, key)) {
                    self.count(unit, slot, slot.at);
                }
            }
        }
    }

    #[inline]
    fn count(&mut self, unit: u32, slot: &Slot, at: usize) {
        let row = self.rows.row_mut(unit);
        // Four billion rows of one unit are the most that can be told apart; the count then stays there.
        set_count(row, at, count_at(row, at).saturating_add(1));
        debug_assert!(slot.at <= at, "counts stand in their slot");
    }

    #[inline]
    fn sum(&mut self, unit: u32, slot: &Slot, input: Input) {
        let row = self.rows.row_mut(unit);
        set_bit(row, slot.bit);
        if let Some(sum) = slot.lane.add(sum_at(row, slot.at), input) {
            set_sum(row, slot.at, sum);
        } else {
            self.wide.entry((unit, slot.id)).or_default().add(input);
        }
    }

    fn extreme(&mut self, unit: u32, slot: &Slot, value: f64, beyond: fn(f64, f64) -> bool) {
        let row = self.rows.row_mut(unit);
        if !bit(row, slot.bit) || beyond(value, float_at(row, slot.at)) {
            set_bit(row, slot.bit);
            set_float(row, slot.at, value);
        }
    }

    fn edge(
        &mut self,
        unit: u32,
        slot: &Slot,
        at: i64,
        input: Input,
        beyond: fn(i64, i64) -> bool,
    ) {
        let value = input.to_f64();
        let row = self.rows.row_mut(unit);
        let known = (
            instant_at(row, slot.at),
            float_at(row, slot.at + VALUE_AFTER),
        );
        let replaces =
            !bit(row, slot.bit) || beyond(at, known.0) || (at == known.0 && value < known.1);
        if replaces {
            set_bit(row, slot.bit);
            set_instant(row, slot.at, at);
            set_float(row, slot.at + VALUE_AFTER, value);
        }
    }

    /// When the unit's first or last row in a slot was; `None` where it has none, or the slot keeps no times.
    pub(super) fn instant(&self, unit: u32, slot: &Slot) -> Option<i64> {
        let row = self.rows.row(unit);
        let keeps_times = matches!(slot.aggregate, Aggregate::First | Aggregate::Last);
        (keeps_times && bit(row, slot.bit)).then(|| instant_at(row, slot.at))
    }

    /// The unit's number in a slot; `None` where it has no row.
    #[inline]
    pub(super) fn value(&self, unit: u32, slot: &Slot) -> Option<f64> {
        let row = self.rows.row(unit);
        match slot.aggregate {
            Aggregate::Count | Aggregate::CountDistinct => {
                let count = count_at(row, slot.at);
                (count > 0).then(|| f64::from(count))
            }
            _ if !bit(row, slot.bit) => None,
            Aggregate::Any => Some(f64::from(u8::from(bit(row, slot.bit + 1)))),
            Aggregate::Sum => Some(self.total(unit, row, slot)),
            Aggregate::Mean => {
                let rows = f64::from(count_at(row, slot.at + ROWS_AFTER));
                Some(self.total(unit, row, slot) / rows)
            }
            Aggregate::Min | Aggregate::Max => Some(float_at(row, slot.at)),
            // Rows that stay by themselves are no number of the unit.
            Aggregate::Each => None,
            Aggregate::First | Aggregate::Last => Some(float_at(row, slot.at + VALUE_AFTER)),
        }
    }

    /// The value of each row in a slot that keeps them, in any order.
    pub(super) fn each(&self, unit: u32, slot: &Slot) -> &[f64] {
        self.each.get(&(unit, slot.id)).map_or(&[], Vec::as_slice)
    }

    #[inline]
    fn total(&self, unit: u32, row: &[u8], slot: &Slot) -> f64 {
        let wide: Option<&Wide> = if self.wide.is_empty() {
            None
        } else {
            self.wide.get(&(unit, slot.id))
        };
        slot.lane.value(sum_at(row, slot.at), wide)
    }
}

#[cfg(test)]
mod tests {
    use super::super::unit_row::RowLayout;
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

    /// Two units with a slot each.
    fn units(aggregate: Aggregate) -> (Units, Slot) {
        let mut layout = RowLayout::default();
        let slot = layout.reserve(aggregate, Lane::Binary);
        let mut units = Units::new(layout.stride());
        for _ in 0..2 {
            units.assign(None, 0, 0);
        }
        (units, layout.place(slot))
    }

    fn rows_in_any_order_make_the_same_number(aggregate: Aggregate, expected: f64) {
        let rows = [(10, 5.0), (3, 2.0), (12, 1.0), (12, 1.0)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let (mut units, slot) = units(aggregate);
            for position in order {
                let (at, value) = rows[position];
                units.add(1, &slot, at, Input::Float(value));
            }
            assert_eq!(units.value(1, &slot), Some(expected));
            assert_eq!(
                units.value(0, &slot),
                None,
                "a unit without rows has no value"
            );
        }
    }

    #[test]
    fn ties_of_time_go_to_the_smallest_value() {
        for aggregate in [Aggregate::First, Aggregate::Last] {
            for values in [[3.0, 2.0], [2.0, 3.0]] {
                let (mut units, slot) = units(aggregate);
                for value in values {
                    units.add(0, &slot, 7, Input::Float(value));
                }
                assert_eq!(units.value(0, &slot), Some(2.0));
            }
        }
    }

    #[test]
    fn any_over_a_column_of_zeros_is_zero_and_not_missing() {
        let (mut units, slot) = units(Aggregate::Any);
        units.add(0, &slot, 0, Input::Integer(0));
        assert_eq!(units.value(0, &slot), Some(0.0));
    }
}
