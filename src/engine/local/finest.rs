//! Sums units into one finest cell, from which the slices are merged.

use super::unit_values::Brought;
use crate::domain::evidence::{Cell, Evidence, ExactSum, Layout};

/// A finest cell in the making.
#[derive(Debug)]
pub(super) struct Finest {
    /// Units with one whole number each, which most are: Σx and Σx² of theirs, kept apart from the cell because adding to
    /// these is adding and nothing else.
    units: u64,
    sum: i128,
    squares: i128,
    cell: Cell,
    /// Of a quantile: every value.
    pub(super) values: Vec<f64>,
    /// Of a quantile over rows: how many of them are of each unit in turn.
    pub(super) sizes: Vec<u32>,
    pub(super) ordered: bool,
}

impl Finest {
    pub(super) fn empty(layout: Layout) -> Self {
        Self {
            units: 0,
            sum: 0,
            squares: 0,
            cell: Cell::empty(layout),
            values: Vec::new(),
            sizes: Vec::new(),
            ordered: layout.ordered,
        }
    }

    /// Adds what a unit brings.
    #[inline]
    pub(super) fn put(&mut self, brought: &Brought) {
        match brought {
            Brought::Open => self.cell.open += 1,
            Brought::Missing => self.cell.missing += 1,
            // They come by themselves.
            Brought::Rows => {}
            Brought::One { value, capped } => {
                self.cell.capped += u64::from(*capped);
                if self.ordered {
                    self.values.push(*value);
                }
                if let Some(whole) = whole(*value) {
                    self.units += 1;
                    self.sum += i128::from(whole);
                    self.squares += i128::from(whole * whole);
                } else if let Evidence::Exact(sums) = &mut self.cell.evidence {
                    sums.add(&[*value]);
                }
            }
            Brought::Values {
                values,
                width,
                capped,
            } => {
                self.cell.capped += u64::from(*capped);
                if self.ordered {
                    self.values.push(values[0]);
                }
                if let Evidence::Exact(sums) = &mut self.cell.evidence {
                    sums.add(&values[..*width]);
                }
            }
        }
    }

    /// Adds the value of each of a unit's rows. Its own value is their mean, of the exact sum, whatever order they came in.
    pub(super) fn put_rows(&mut self, rows: &[f64]) {
        let mut sum = ExactSum::default();
        for value in rows {
            sum.add(*value);
        }
        #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
        let mean = sum.to_f64() / rows.len() as f64;
        if let Evidence::Exact(sums) = &mut self.cell.evidence {
            sums.add(&[mean]);
        }
        self.values.extend_from_slice(rows);
        self.sizes
            .push(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    }

    /// The cell with everything in it.
    pub(super) fn cell(&self) -> Cell {
        let mut cell = self.cell.clone();
        if self.units > 0
            && let Evidence::Exact(sums) = &mut cell.evidence
        {
            sums.add_whole(self.units, self.sum, self.squares);
        }
        cell
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.units += other.units;
        self.sum += other.sum;
        self.squares += other.squares;
        self.values.extend_from_slice(&other.values);
        self.sizes.extend_from_slice(&other.sizes);
        merge(&mut self.cell, &other.cell);
    }
}

/// A value as a whole number of at most 31 bits, if it is one: its square fits 62.
#[inline]
fn whole(value: f64) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is cut off shows on the way back"
    )]
    let whole = value as i32;
    (f64::from(whole) == value).then_some(i64::from(whole))
}

/// Adds the units of a disjoint cell to another.
pub(super) fn merge(whole: &mut Cell, part: &Cell) {
    if let (Evidence::Exact(ours), Evidence::Exact(theirs)) = (&mut whole.evidence, &part.evidence)
    {
        ours.merge(theirs);
    }
    whole.open += part.open;
    whole.missing += part.missing;
    whole.capped += part.capped;
}
