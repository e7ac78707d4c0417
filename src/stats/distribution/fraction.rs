//! Defines the evaluation of a continued fraction.

/// Enough for every fraction used here: the slowest takes a number of terms like the square root of its parameter.
const MOST_TERMS: u32 = 200_000;

/// b₀ + a₁/(b₁ + a₂/(b₂ + …)) by the modified Lentz method (Thompson and Barnett 1986).
///
/// `term(j)` gives (a_j, b_j) for j ≥ 1.
pub(super) fn continued_fraction(first: f64, term: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let guarded = |value: f64| if value == 0.0 { TINY } else { value };
    let mut value = guarded(first);
    let mut numerator = value;
    let mut denominator = 0.0;
    for index in 1..=MOST_TERMS {
        let (over, under) = term(f64::from(index));
        denominator = 1.0 / guarded(under + over * denominator);
        numerator = guarded(under + over / numerator);
        let factor = numerator * denominator;
        value *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON || !value.is_finite() {
            break;
        }
    }
    value
}
