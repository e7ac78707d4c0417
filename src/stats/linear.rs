//! Defines the solution of a small symmetric system whose columns may depend on each other.

/// The solution of `matrix · x = right` for a symmetric positive semi-definite matrix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Solution {
    /// One coefficient a column; 0 for a column that was left out.
    pub(crate) coefficients: Vec<f64>,
    /// The number of columns that were kept.
    pub(crate) rank: usize,
}

/// A column is kept only when at least this share of its square is not explained by the columns before it.
const INDEPENDENT_SHARE: f64 = 1e-12;

/// Solves by elimination in the given order; columns that are constant, or explained by those before them, are left out.
///
/// `matrix` is square, row by row. Source: the sweep operator (Goodnight 1979), which leaves dependent columns unswept.
pub(crate) fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Solution {
    let width = right.len();
    let mut rows: Vec<Vec<f64>> = matrix
        .iter()
        .zip(right)
        .map(|(row, value)| row.iter().copied().chain([*value]).collect())
        .collect();
    let mut kept = vec![false; width];
    for pivot in 0..width {
        let Some(row) = rows.get(pivot).cloned() else {
            break;
        };
        let original = matrix.get(pivot).and_then(|row| row.get(pivot)).copied();
        let (Some(diagonal), Some(original)) = (row.get(pivot).copied(), original) else {
            break;
        };
        if !(diagonal > INDEPENDENT_SHARE * original && diagonal.is_finite()) {
            continue;
        }
        kept[pivot] = true;
        for (index, other) in rows.iter_mut().enumerate() {
            if index == pivot {
                continue;
            }
            let factor = other[pivot] / diagonal;
            for (target, source) in other.iter_mut().zip(&row) {
                *target -= factor * source;
            }
        }
    }
    let coefficients = (0..width)
        .map(|index| {
            if kept[index] {
                rows[index][width] / rows[index][index]
            } else {
                0.0
            }
        })
        .collect();
    Solution {
        coefficients,
        rank: kept.iter().filter(|kept| **kept).count(),
    }
}
