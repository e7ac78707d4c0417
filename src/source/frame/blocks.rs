//! Defines what an Arrow file must promise before polars may read it: that no block or buffer lies outside it, and that
//! none unpacks to more than a limit. A wrong length allocates all there is, which cannot be caught.
//!
//! The footer and the batches are described by flatbuffers; only the few fields that bound memory are followed here.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::flat::Table;

/// Rows of one record batch.
const TALLEST: i64 = 1 << 31;

/// Bytes a compressed buffer may unpack to.
const LARGEST: i64 = 1 << 30;

/// Bytes of the description of a file or a batch.
const LONGEST: u64 = 256 << 20;

/// Length of the mark at the end and of the footer's length before it.
const TRAILER: u64 = 10;

/// Whether every block and buffer lies in the file and unpacks to something bounded.
///
/// # Errors
/// The reason why not; the outer error is the system's.
pub(super) fn check(file: &mut File, bytes: u64) -> std::io::Result<Result<(), &'static str>> {
    let tail = take(file, bytes.saturating_sub(TRAILER), 4)?;
    let length = tail.try_into().map_or(u32::MAX, u32::from_le_bytes);
    let start = bytes.saturating_sub(TRAILER + u64::from(length));
    let footer = take(file, start, u64::from(length))?;
    let Some(root) = Table::root(&footer) else {
        return Ok(Err("its footer cannot be read"));
    };
    // In the footer, field 2 lists the dictionaries and field 3 the batches.
    for list in [2, 3] {
        let Some(blocks) = root.structures(list, 24) else {
            return Ok(Err("its footer cannot be read"));
        };
        for block in blocks {
            let checked = check_block(file, block, start)?;
            if checked.is_err() {
                return Ok(checked);
            }
        }
    }
    Ok(Ok(()))
}

/// Checks one batch; its block tells where it is, how long its description is, and how long its body.
fn check_block(
    file: &mut File,
    block: &[u8],
    end: u64,
) -> std::io::Result<Result<(), &'static str>> {
    const OUTSIDE: &str = "its footer names bytes that are outside the file";
    let place = long(block, 0).and_then(|place| u64::try_from(place).ok());
    let described = int(block, 8).and_then(|length| u64::try_from(length).ok());
    let body = long(block, 16).and_then(|length| u64::try_from(length).ok());
    let (Some(place), Some(described), Some(body)) = (place, described, body) else {
        return Ok(Err(OUTSIDE));
    };
    let start = place.saturating_add(described);
    if start.saturating_add(body) > end {
        return Ok(Err(OUTSIDE));
    }
    let message = take(file, place, described)?;
    // Since format version 5 a mark of four bytes comes before the length of the description.
    let marked = message.starts_with(&[0xff; 4]);
    let description = message
        .get(if marked { 8 } else { 4 }..)
        .unwrap_or_default();
    let Some(buffers) = Table::root(description).and_then(|message| Buffers::of(&message)) else {
        return Ok(Err("the description of a batch cannot be read"));
    };
    buffers.check(file, start, body)
}

/// What a batch says about its memory.
struct Buffers {
    rows: i64,
    /// Rows of its first column, where it has one.
    rows_of_first: Option<i64>,
    /// Where each begins in the body, and its length there.
    places: Vec<(i64, i64)>,
    compressed: bool,
}

impl Buffers {
    /// Of a message, whose header is a batch (3), or a dictionary (2) that holds one.
    fn of(message: &Table) -> Option<Self> {
        let header = message.table(2)?;
        let batch = match message.byte(1)? {
            2 => header.table(1)?,
            3 => header,
            _ => return None,
        };
        let mut places = Vec::new();
        for buffer in batch.structures(2, 16)? {
            places.push((long(buffer, 0)?, long(buffer, 8)?));
        }
        Some(Self {
            rows: batch.long(0),
            rows_of_first: batch
                .structures(1, 16)?
                .next()
                .and_then(|node| long(node, 0)),
            places,
            compressed: batch.table(3).is_some(),
        })
    }

    fn check(
        &self,
        file: &mut File,
        start: u64,
        body: u64,
    ) -> std::io::Result<Result<(), &'static str>> {
        if !(0..=TALLEST).contains(&self.rows) {
            return Ok(Err("a batch claims more rows than any may have"));
        }
        if self.rows_of_first.is_some_and(|rows| rows != self.rows) {
            return Ok(Err("a batch counts rows in two ways that differ"));
        }
        for (place, length) in &self.places {
            let (Ok(place), Ok(length)) = (u64::try_from(*place), u64::try_from(*length)) else {
                return Ok(Err("a buffer lies outside its batch"));
            };
            if place.saturating_add(length) > body {
                return Ok(Err("a buffer lies outside its batch"));
            }
            if !self.compressed || length == 0 {
                continue;
            }
            // A compressed buffer begins with its unpacked length; -1 says that it is not compressed after all.
            let told = take(file, start + place, 8)?;
            if !long(&told, 0).is_some_and(|unpacked| (-1..=LARGEST).contains(&unpacked)) {
                return Ok(Err("a buffer claims to unpack to more than 1 GiB"));
            }
        }
        Ok(Ok(()))
    }
}

fn take(file: &mut File, place: u64, length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(place))?;
    file.take(length.min(LONGEST)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn long(bytes: &[u8], place: usize) -> Option<i64> {
    let found = bytes.get(place..place.checked_add(8)?)?;
    found.try_into().ok().map(i64::from_le_bytes)
}

fn int(bytes: &[u8], place: usize) -> Option<i32> {
    let found = bytes.get(place..place.checked_add(4)?)?;
    found.try_into().ok().map(i32::from_le_bytes)
}
