//! Guesses by the words of a name which way is good, and whether numbers are added up or averaged.

use crate::domain::definition::Direction;

/// Words in a name for which less is better.
const LESS_IS_BETTER: &[&str] = &[
    "latency",
    "load",
    "error",
    "fail",
    "crash",
    "cancel",
    "churn",
    "refund",
    "bounce",
    "complaint",
    "support",
    "unsubscribe",
    "abandon",
    "delay",
    "timeout",
    "wait",
];
/// Words in a name of numbers that are averaged, not added up.
const AVERAGED: &[&str] = &[
    "latency", "load", "duration", "time", "ms", "seconds", "score", "rating", "rate", "age",
    "percent", "share",
];

/// The words of a name, in lower case.
fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|character: char| !character.is_alphanumeric())
        .map(str::to_lowercase)
}

/// Which way is good, by its name: nothing else can tell, so it is only a guess.
pub(super) fn direction_of(name: &str) -> Direction {
    let is_less = |word: String| LESS_IS_BETTER.iter().any(|less| word.starts_with(less));
    if words(name).any(is_less) {
        Direction::Decrease
    } else {
        Direction::Increase
    }
}

/// Whether numbers so called are averaged over a unit's rows.
pub(super) fn is_averaged(name: &str) -> bool {
    words(name).any(|word| AVERAGED.contains(&word.as_str()))
}
