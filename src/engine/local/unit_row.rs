//! Defines where the numbers of one unit stand: side by side in one row of bytes, so that a unit's row of a table touches
//! a cache line or two instead of one a metric.
//!
//! A fresh row is all zeros and means: nothing known yet.

use super::exact_lane::Lane;
use crate::domain::definition::Aggregate;

/// When the unit was first assigned, in microseconds.
pub(super) const ASSIGNED_AT: usize = 0;
/// Its first valid exposure; meaningful under [`flags::EXPOSED`].
pub(super) const EXPOSED_AT: usize = 8;
/// Its first-seen variant.
pub(super) const VARIANT: usize = 16;
/// What else is known of it.
pub(super) const FLAGS: usize = 17;
/// Bits of slots and attribute tables begin here.
const BITS: usize = 18;

/// What is known of a unit in one bit each.
pub(super) mod flags {
    /// It was assigned to more than one variant.
    pub(in super::super) const SEVERAL: u8 = 1;
    /// It has more than one assignment row.
    pub(in super::super) const REPEATED: u8 = 1 << 1;
    /// It has a valid exposure.
    pub(in super::super) const EXPOSED: u8 = 1 << 2;
    /// It has an exposure before its assignment.
    pub(in super::super) const EARLIER: u8 = 1 << 3;
    /// It has an exposure to a variant it was never assigned to.
    pub(in super::super) const CONTRADICTS: u8 = 1 << 4;
    /// It has any other exposure that does not count.
    pub(in super::super) const OTHERWISE_INVALID: u8 = 1 << 5;
}

/// Where one aggregate of a unit stands in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) aggregate: Aggregate,
    pub(super) lane: Lane,
    /// Its number among the row's slots: what side tables are keyed by.
    pub(super) id: u32,
    /// Its first bit: whether the unit has a row. `Any` has a second one: whether a value was not zero.
    pub(super) bit: usize,
    /// Its first byte.
    pub(super) at: usize,
}

/// Bytes an aggregate needs beside its bits.
pub(super) const fn bytes_of(aggregate: Aggregate) -> usize {
    match aggregate {
        Aggregate::Any | Aggregate::Each => 0,
        Aggregate::Count | Aggregate::CountDistinct => 4,
        Aggregate::Min | Aggregate::Max => 8,
        Aggregate::Sum | Aggregate::First | Aggregate::Last => 16,
        Aggregate::Mean => 20,
    }
}

/// The row of a unit.
#[derive(Debug, Default)]
pub(super) struct RowLayout {
    bits: usize,
    levels: usize,
    bytes: usize,
    slots: usize,
}

impl RowLayout {
    /// Room for an aggregate; the smallest should come first, to share the row's first line. Its place is relative until [`RowLayout::place`] is asked, once everything is reserved.
    pub(super) fn reserve(&mut self, aggregate: Aggregate, lane: Lane) -> Slot {
        let slot = Slot {
            aggregate,
            lane,
            id: u32::try_from(self.slots).unwrap_or(u32::MAX),
            bit: self.bits,
            at: self.bytes,
        };
        self.slots += 1;
        self.bits += 1 + usize::from(aggregate == Aggregate::Any);
        self.bytes += bytes_of(aggregate);
        slot
    }

    /// Room for `count` bytes; the place of the first is relative until [`RowLayout::byte_at`] is asked, once everything is
    /// reserved.
    pub(super) const fn reserve_bytes(&mut self, count: usize) -> usize {
        self.bytes += count;
        self.bytes - count
    }

    /// The byte of reserved bytes.
    pub(super) fn byte_at(&self, bytes: usize) -> usize {
        self.level_at(self.levels) + bytes
    }

    /// Room for `count` bits; the number of the first.
    pub(super) fn reserve_bits(&mut self, count: usize) -> usize {
        self.bits += count;
        self.bits - count
    }

    /// Room for a segment's level; its position among levels.
    pub(super) fn reserve_level(&mut self) -> usize {
        self.levels += 1;
        self.levels - 1
    }

    /// The byte of a level.
    pub(super) fn level_at(&self, level: usize) -> usize {
        BITS + self.bits.div_ceil(8) + level
    }

    /// The slot with its byte counted from the start of the row.
    pub(super) fn place(&self, slot: Slot) -> Slot {
        Slot {
            at: self.level_at(self.levels) + slot.at,
            ..slot
        }
    }

    /// Bytes of a row.
    pub(super) fn stride(&self) -> usize {
        self.level_at(self.levels) + self.bytes
    }
}

#[inline]
pub(super) fn bit(row: &[u8], bit: usize) -> bool {
    row[BITS + bit / 8] >> (bit % 8) & 1 == 1
}

#[inline]
pub(super) fn set_bit(row: &mut [u8], bit: usize) {
    row[BITS + bit / 8] |= 1 << (bit % 8);
}

/// Reads and writes numbers at a byte of a row.
macro_rules! number {
    ($read:ident, $write:ident, $type:ty) => {
        #[inline]
        pub(super) fn $read(row: &[u8], at: usize) -> $type {
            row[at..]
                .first_chunk()
                .map_or(Default::default(), |bytes| <$type>::from_le_bytes(*bytes))
        }

        #[inline]
        pub(super) fn $write(row: &mut [u8], at: usize, value: $type) {
            if let Some(bytes) = row[at..].first_chunk_mut() {
                *bytes = value.to_le_bytes();
            }
        }
    };
}

number!(count_at, set_count, u32);
number!(instant_at, set_instant, i64);
number!(float_at, set_float, f64);
number!(sum_at, set_sum, i128);
number!(label_at, set_label, u128);
number!(word_at, set_word, u64);

/// Bytes that memory hands over at once. Rows begin with such a line, so that what every row of a table needs of its unit
/// comes in one piece.
const LINE: usize = 64;

/// Units a chunk: large enough to be few, small enough that the last, half empty one costs little in each shard.
const CHUNK: usize = 512;
/// Units that the first piece of a chunk holds, so that a shard of a handful of units stays small.
const FIRST: usize = 16;

/// Rows of units, in chunks: growing hardly ever copies them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Bytes of a row: whole lines.
    stride: usize,
    chunks: Vec<Chunk>,
    len: usize,
    bytes: usize,
}

/// Zeros and rows, the first of which begins a line.
#[derive(Debug)]
struct Chunk {
    bytes: Vec<u8>,
    start: usize,
}

impl Chunk {
    fn new(bytes: usize) -> Self {
        let bytes = vec![0; bytes + LINE];
        let start = bytes.as_ptr().align_offset(LINE).min(LINE);
        Self { bytes, start }
    }
}

impl Rows {
    /// No rows yet; each will have `bytes` bytes or a few more.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            stride: bytes.next_multiple_of(LINE),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds a row of zeros.
    pub(super) fn push(&mut self) {
        let inside = self.len % CHUNK;
        if inside == 0 {
            self.chunks.push(Chunk::new(FIRST * self.stride));
            self.bytes += FIRST * self.stride;
        } else if inside == FIRST
            && let Some(last) = self.chunks.last_mut()
        {
            let mut whole = Chunk::new(CHUNK * self.stride);
            let known = &last.bytes[last.start..last.start + FIRST * self.stride];
            whole.bytes[whole.start..whole.start + known.len()].copy_from_slice(known);
            *last = whole;
            self.bytes += (CHUNK - FIRST) * self.stride;
        }
        self.len += 1;
    }

    /// The row of a unit.
    #[inline]
    pub(super) fn row(&self, unit: u32) -> &[u8] {
        let unit = unit as usize;
        let chunk = &self.chunks[unit / CHUNK];
        let start = chunk.start + unit % CHUNK * self.stride;
        &chunk.bytes[start..start + self.stride]
    }

    #[inline]
    pub(super) fn row_mut(&mut self, unit: u32) -> &mut [u8] {
        let unit = unit as usize;
        let chunk = &mut self.chunks[unit / CHUNK];
        let start = chunk.start + unit % CHUNK * self.stride;
        &mut chunk.bytes[start..start + self.stride]
    }

    /// Bytes held.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_bits_and_levels_do_not_overlap() {
        let mut layout = RowLayout::default();
        let first = layout.reserve(Aggregate::Any, Lane::Binary);
        let second = layout.reserve(Aggregate::Sum, Lane::Binary);
        let third = layout.reserve(Aggregate::Count, Lane::Binary);
        let table = layout.reserve_bits(2);
        let level = layout.reserve_level();
        let [first, second, third] = [first, second, third].map(|slot| layout.place(slot));
        assert_eq!((first.bit, second.bit, third.bit, table), (0, 2, 3, 4));
        let mut rows = Rows::new(layout.stride());
        for _ in 0..2 * CHUNK {
            rows.push();
        }
        let unit = u32::try_from(CHUNK).unwrap();
        let row = rows.row_mut(unit);
        set_sum(row, second.at, -1);
        set_count(row, third.at, u32::MAX);
        row[layout.level_at(level)] = 255;
        assert!(!bit(row, first.bit) && !bit(row, table + 1));
        assert_eq!(instant_at(row, ASSIGNED_AT), 0);
        set_bit(row, table + 1);
        assert_eq!(sum_at(row, second.at), -1);
        assert_eq!(count_at(row, third.at), u32::MAX);
        assert!(rows.row(unit - 1).iter().all(|byte| *byte == 0));
        assert!(rows.row(unit + 1).iter().all(|byte| *byte == 0));
    }
}
