//! Defines units that are nested in what was randomised (households, accounts, villages) as what can be compared: clusters as
//! the draws.
//!
//! It refuses to count units as independent draws: that error stands beside, to show what it would have claimed.

use super::ratio::settled;
use super::sample_mean::{SampleMean, central, mean_of_quantity};
use crate::domain::evidence::Moments;
use crate::domain::result::Absence;

/// Moments over clusters as if each were one unit: of a cluster's linearised sums, q̄_k + (Q_k − q̄_k·n)/n̄, with Q_k its sum of
/// quantity k, n its units, n̄ the mean of those and q̄_k = ΣQ_k/Σn the mean a unit.
///
/// `clusters` are moments over clusters of the sums of a layout's quantities and then the number of units. What comes back has
/// the layout's quantities, means a unit, and clusters in place of units; the variance of a mean is that of the delta method
/// over clusters (Deng, Knoblich and Lu 2018), and so is that of whatever is made of them: ratios, adjusted means, strata.
///
/// # Errors
/// [`Absence::NotApplicable`] when the moments hold no quantity but units; [`Absence::NoUnits`] without a cluster;
/// [`Absence::TooFewUnits`] with one; [`Absence::ZeroDenominator`] when no cluster has a unit; [`Absence::OutOfRange`] when a
/// moment is no finite double.
pub fn as_draws(clusters: &Moments) -> Result<Moments, Absence> {
    let width = clusters.means.len();
    let last = width.checked_sub(1).filter(|last| *last > 0);
    let units = last.ok_or(Absence::NotApplicable)?;
    let size = SampleMean::of_quantity(clusters, units)?.mean;
    if size == 0.0 {
        return Err(Absence::ZeroDenominator);
    }
    let means: Vec<f64> = (0..units)
        .map(|quantity| Ok(mean_of_quantity(clusters, quantity)? / size))
        .collect::<Result<_, Absence>>()?;
    let product = |row: usize, column: usize| -> Result<f64, Absence> {
        let terms = [
            central(clusters, row, column)?,
            -means[row] * central(clusters, units, column)?,
            -means[column] * central(clusters, row, units)?,
            means[row] * means[column] * central(clusters, units, units)?,
        ];
        let scale = terms.iter().map(|term| term.abs()).sum();
        let linearised = settled(terms.iter().sum(), scale) / (size * size);
        // A square that is only rounding may be below zero, which a variance may not.
        Ok(if row == column {
            linearised.max(0.0)
        } else {
            linearised
        })
    };
    let mut centrals = Vec::with_capacity(units * (units + 1) / 2);
    for row in 0..units {
        for column in row..units {
            centrals.push(product(row, column)?);
        }
    }
    Ok(Moments {
        units: clusters.units,
        means,
        central: centrals,
    })
}
