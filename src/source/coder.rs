//! Defines how a column of texts gathers: as codes while few of its texts are distinct, plainly from then on.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::texts::TextColumn;

/// Distinct texts that a column may hold as codes. With more, a reader would gain little from knowing them.
const DISTINCT: usize = 4096;

/// A column of texts that is being filled.
#[derive(Debug, Default)]
pub(super) struct Coder {
    column: TextColumn,
    /// The codes by the hashes of their texts.
    known: HashTable<u32>,
    /// The code of the empty text, once a row has it.
    nothing: Option<u32>,
    /// Where a text is written before it is known.
    scratch: String,
}

impl Coder {
    /// For texts of which few may be distinct.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            column: TextColumn::coded(rows),
            ..Self::default()
        }
    }

    /// For texts of which most are distinct.
    pub(super) fn plain(rows: usize) -> Self {
        Self {
            column: TextColumn::with_capacity(rows),
            ..Self::default()
        }
    }

    /// Whether rows are codes so far.
    #[inline]
    pub(super) fn is_coded(&self) -> bool {
        self.column.codes().is_some()
    }

    /// Adds a row; its code, if it has one.
    pub(super) fn push(&mut self, text: &str) -> Option<u32> {
        if !self.is_coded() {
            self.column.push(text);
            return None;
        }
        let hash = xxh3_64(text.as_bytes());
        let column = &self.column;
        let found = self.known.find(hash, |code| column.text_of(*code) == text);
        let code = match found {
            Some(code) => *code,
            None if self.known.len() >= DISTINCT => {
                self.known = HashTable::new();
                self.column.push(text);
                return None;
            }
            None => self.define(hash, text),
        };
        self.column.push_code(code);
        Some(code)
    }

    fn define(&mut self, hash: u64, text: &str) -> u32 {
        let Self { column, known, .. } = self;
        let code = column.define(text);
        let rehash = |code: &u32| xxh3_64(column.text_of(*code).as_bytes());
        known.insert_unique(hash, code, rehash);
        code
    }

    /// Adds a row written by `write`; its code, if it has one.
    pub(super) fn push_with(&mut self, write: impl FnOnce(&mut String)) -> Option<u32> {
        if !self.is_coded() {
            self.column.push_with(write);
            return None;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        write(&mut scratch);
        let code = self.push(&scratch);
        self.scratch = scratch;
        code
    }

    /// Adds a row without a text.
    pub(super) fn push_nothing(&mut self) {
        match self.nothing {
            Some(code) if self.is_coded() => self.repeat(code),
            _ => self.nothing = self.push(""),
        }
    }

    /// Adds a row that holds what an earlier one held whose code is this, while rows are codes.
    #[inline]
    pub(super) fn repeat(&mut self, code: u32) {
        self.column.push_code(code);
    }

    pub(super) fn finish(self) -> TextColumn {
        self.column
    }
}

/// Values that rows of a column held lately, and the codes of their texts.
///
/// It forgets a value for another with the same place, so looking one up takes the same few steps however many there are.
pub(super) struct Recent {
    places: Vec<Option<(u128, u32)>>,
}

impl Recent {
    /// A power of two.
    const PLACES: usize = 1024;

    pub(super) fn new() -> Self {
        Self {
            places: vec![None; Self::PLACES],
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.fill(None);
    }

    #[inline]
    pub(super) fn get(&self, value: u128) -> Option<u32> {
        match self.places.get(Self::place(value)) {
            Some(Some((held, code))) if *held == value => Some(*code),
            _ => None,
        }
    }

    pub(super) fn set(&mut self, value: u128, code: u32) {
        if let Some(place) = self.places.get_mut(Self::place(value)) {
            *place = Some((value, code));
        }
    }

    /// Multiplies by 2^64 over the golden ratio, whose upper bits mix all of what is below them (Knuth, vol. 3, 6.4).
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of the value, and a place among 1,024"
    )]
    fn place(value: u128) -> usize {
        let folded = (value as u64) ^ ((value >> 64) as u64).rotate_left(29);
        (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_the_same_text_and_counts_from_its_first_row() {
        let mut coder = Coder::new(8);
        for text in ["view", "", "buy", "view"] {
            coder.push(text);
        }
        coder.repeat(1);
        let column = coder.finish();
        assert_eq!(column.codes(), Some((&[0, 1, 2, 0, 1][..], 3)));
        assert_eq!(column.text_of(2), "buy");
        let texts: Vec<&str> = column.iter().collect();
        assert_eq!(texts, ["view", "", "buy", "view", ""]);
        assert_eq!(column.get(5), "");
    }

    #[test]
    fn columns_with_and_without_codes_are_equal_when_their_texts_are() {
        let (mut coded, mut plain) = (Coder::new(3), Coder::plain(3));
        for text in ["a", "b", "a"] {
            coded.push(text);
            plain.push(text);
        }
        let (coded, mut plain) = (coded.finish(), plain.finish());
        assert!(coded.codes().is_some() && plain.codes().is_none());
        assert_eq!(coded, plain);
        plain.push("c");
        assert_ne!(coded, plain);
    }

    #[test]
    fn with_too_many_distinct_texts_a_column_is_plain_and_loses_none() {
        for distinct in [DISTINCT, DISTINCT + 1] {
            let mut coder = Coder::new(0);
            let texts: Vec<String> = (0..distinct + 9)
                .map(|it| (it % distinct).to_string())
                .collect();
            for text in &texts {
                coder.push_with(|end| end.push_str(text));
            }
            assert_eq!(coder.is_coded(), distinct == DISTINCT);
            assert!(coder.finish().iter().eq(texts.iter()));
        }
    }

    #[test]
    fn a_column_of_codes_that_is_pushed_to_is_plain() {
        let mut coder = Coder::new(2);
        coder.push("a");
        let mut column = coder.finish();
        column.push("b");
        assert_eq!(column.codes(), None);
        assert!(column.iter().eq(["a", "b"]));
    }

    proptest! {
        #[test]
        fn what_was_held_lately_is_told_only_for_the_same_value(
            values in proptest::collection::vec(prop_oneof![0_u128..50, any::<u128>()], 1..400),
        ) {
            let mut recent = Recent::new();
            let mut codes = std::collections::HashMap::new();
            for (code, value) in (0..).zip(values) {
                if let Some(told) = recent.get(value) {
                    prop_assert_eq!(Some(&told), codes.get(&value));
                }
                recent.set(value, code);
                codes.insert(value, code);
                prop_assert_eq!(recent.get(value), Some(code));
            }
        }
    }
}
