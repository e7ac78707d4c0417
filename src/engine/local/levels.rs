//! Defines the levels of a segment column as they are met, numbered for all shards alike.
//!
//! Numbers follow arrival and never reach output: levels are told by name.

use std::sync::{PoisonError, RwLock};

/// Levels a segment column may have; more is not a segment but an identifier.
pub(in crate::engine) const LEVELS: usize = 200;

/// Names of levels; a level's number is its position and one, so that zero means none is known.
#[derive(Debug, Default)]
pub(super) struct Levels(RwLock<Vec<String>>);

impl Levels {
    /// The number of a level; `None` where there are too many.
    pub(super) fn number(&self, label: &str) -> Option<u8> {
        let number = |names: &[String]| names.iter().position(|name| name == label);
        let known = number(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        if let Some(position) = known {
            return u8::try_from(position + 1).ok();
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let position = match number(&names) {
            Some(position) => position,
            None if names.len() >= LEVELS => return None,
            None => {
                names.push(label.to_owned());
                names.len() - 1
            }
        };
        u8::try_from(position + 1).ok()
    }

    /// The one of two levels whose label is the smaller: what a unit with several has.
    pub(super) fn smaller(&self, one: u8, other: u8) -> u8 {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let name = |number: u8| names.get(usize::from(number).wrapping_sub(1));
        if name(other) < name(one) { other } else { one }
    }

    /// Names by number, the first being of number 1.
    pub(super) fn names(&self) -> Vec<String> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_one_number_each_until_there_are_too_many() {
        let levels = Levels::default();
        for level in 0..LEVELS {
            assert!(levels.number(&format!("{level:03}")).is_some());
        }
        assert_eq!(levels.number("007"), Some(8));
        assert_eq!(levels.number("another"), None);
        assert_eq!(levels.smaller(9, 8), 8);
        assert_eq!(levels.smaller(8, 9), 8);
    }
}
