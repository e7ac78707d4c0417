//! Keeps who was left out of an experiment by what it declares: not eligible, without consent, known from an earlier version.
//!
//! Keys are told by their number in the shard: most of those left out are no unit.

use std::collections::{HashMap, HashSet};

use crate::domain::evidence::OutOfScope;

/// Keys of one shard of one experiment whose assignments do not count.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// First instant and variant of those that are not eligible; ties go to the first variant.
    pub(super) ineligible: HashMap<u32, (i64, u8)>,
    /// Variant of those without consent; the first where rows name several.
    pub(super) without_consent: HashMap<u32, u8>,
    /// Keys that an earlier version assigned, until every assignment is in.
    pub(super) earlier: HashSet<u32>,
    /// Units among them.
    pub(super) seen_earlier: Vec<u32>,
}

impl LeftOut {
    /// Enters a key that is not eligible, assigned at an instant.
    pub(super) fn enter_ineligible(&mut self, number: u32, at: i64, variant: u8) {
        let first = self.ineligible.entry(number).or_insert((at, variant));
        *first = (*first).min((at, variant));
    }

    /// Enters a key without consent.
    pub(super) fn enter_without_consent(&mut self, number: u32, variant: u8) {
        let first = self.without_consent.entry(number).or_insert(variant);
        *first = (*first).min(variant);
    }

    /// Enters a key that an earlier version assigned.
    pub(super) fn enter_earlier(&mut self, number: u32) {
        self.earlier.insert(number);
    }

    /// Why a key was left out.
    pub(super) fn reason(&self, number: u32) -> Option<OutOfScope> {
        if self.without_consent.contains_key(&number) {
            Some(OutOfScope::NoConsent)
        } else if self.ineligible.contains_key(&number) {
            Some(OutOfScope::NotEligible)
        } else {
            None
        }
    }

    /// Bytes held, about.
    pub(super) fn bytes(&self) -> usize {
        self.ineligible.len() * 24
            + (self.without_consent.len() + self.earlier.len() + self.seen_earlier.len()) * 8
    }
}
