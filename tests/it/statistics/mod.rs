//! The statistics against numbers from independent tools, in `tests/reference/`. No expected number is our own output.

mod distributions;

use serde::de::DeserializeOwned;

/// A reference file, parsed.
fn reference<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// Fails unless two numbers agree to a relative tolerance.
#[track_caller]
fn assert_close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    let difference = (ours - theirs).abs();
    assert!(
        difference <= tolerance * theirs.abs(),
        "{what}: ours {ours:e}, theirs {theirs:e}, relative {:e}",
        difference / theirs.abs()
    );
}
