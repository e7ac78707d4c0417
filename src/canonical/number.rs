//! Defines how numbers are written: the shortest text that reads back as the same double.
//!
//! It refuses to guess: whether a number is finite was asked before it gets here.

/// The first whole number whose successor a double cannot hold.
const LIMIT: u128 = 1 << 53;

/// A whole number: itself up to 2⁵³, a string beyond.
pub(super) fn whole(negative: bool, magnitude: u128) -> String {
    let sign = if negative { "-" } else { "" };
    if magnitude > LIMIT {
        format!("\"{sign}{magnitude}\"")
    } else {
        format!("{sign}{magnitude}")
    }
}

/// A finite double. −0 is 0; a whole double up to 2⁵³ looks like the integer it is, so `1` and `1.0` mean the same.
pub(super) fn double(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // Both forms hold the shortest digits that read back the same; the shorter one is chosen, the plain one on a tie.
    let plain = format!("{value}");
    let scientific = format!("{value:e}");
    if scientific.len() < plain.len() && (value.abs() < 1e-6 || value.abs() >= 1e15) {
        scientific
    } else {
        plain
    }
}
