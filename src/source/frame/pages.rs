//! Defines what a Parquet file must promise before polars may read it: that nothing it names lies outside it.
//!
//! Polars trusts the footer and the page headers: a wrong offset reads foreign memory and a wrong count allocates all
//! there is, and neither can be caught. So both are checked here, for the columns that are read, before it sees them.
//! What is inside a page is not looked at.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use polars::prelude::{ParquetReader, PolarsResult, SerReader};

use super::thrift::{Field, Incomplete, Thrift};
use crate::source::error::Problem;
use crate::source::parts::{Part, unreadable};

/// Rows a row group may have; writers stay below a few million.
const TALLEST: u64 = 1 << 26;

/// Bytes a page may have, unpacked.
const LARGEST_PAGE: i64 = 1 << 30;

/// Bytes the header of a page may have; it can hold the smallest and the largest text of its page.
const LONGEST_HEADER: u64 = 16 << 20;

/// The bytes of one column in one row group, as the footer tells it.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    column: String,
    start: u64,
    end: u64,
    /// Values over all its pages.
    values: i64,
    rows: u64,
    /// Whether it has one value a row.
    flat: bool,
}

/// Every chunk of a file and the rows they are said to have together.
#[derive(Debug, Clone)]
pub(super) struct Footer {
    chunks: Vec<Chunk>,
    rows: u64,
    rows_of_groups: u64,
    tallest: u64,
}

/// Reads what the footer tells. May panic, and is to be guarded.
pub(super) fn footer(file: File) -> PolarsResult<Footer> {
    let mut reader = ParquetReader::new(file);
    let metadata = reader.get_metadata()?;
    let mut told = Footer {
        chunks: Vec::new(),
        rows: metadata.num_rows as u64,
        rows_of_groups: 0,
        tallest: 0,
    };
    for group in &metadata.row_groups {
        let rows = group.num_rows() as u64;
        told.rows_of_groups = told.rows_of_groups.saturating_add(rows);
        told.tallest = told.tallest.max(rows);
        for chunk in group.parquet_columns() {
            let descriptor = chunk.descriptor();
            let bytes = chunk.byte_range();
            told.chunks.push(Chunk {
                column: descriptor
                    .path_in_schema
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
                start: bytes.start,
                end: bytes.end,
                values: chunk.num_values(),
                rows,
                flat: descriptor.descriptor.max_rep_level == 0,
            });
        }
    }
    Ok(told)
}

impl Footer {
    /// Whether all it names lies in a file of `bytes`.
    pub(super) fn check(&self, bytes: u64) -> Result<(), &'static str> {
        if self.rows != self.rows_of_groups {
            return Err("its footer counts rows in two ways that differ");
        }
        if self.tallest > TALLEST {
            return Err("a row group claims more than 67,108,864 rows");
        }
        for chunk in &self.chunks {
            if chunk.start < 4 || chunk.start > chunk.end || chunk.end > bytes.saturating_sub(8) {
                return Err("its footer names bytes that are outside the file");
            }
            let values =
                u64::try_from(chunk.values).map_err(|_| "its footer counts less than nothing")?;
            if chunk.flat && values != chunk.rows {
                return Err("its footer counts values and rows that differ");
            }
        }
        Ok(())
    }
}

/// Whether the page headers of the columns that `is_read` stay within what the footer told.
pub(super) fn check(
    part: &Part,
    footer: &Footer,
    is_read: impl Fn(&str) -> bool,
) -> Result<(), Problem> {
    let mut file = File::open(&part.path).map_err(|error| unreadable(&error))?;
    for chunk in footer.chunks.iter().filter(|chunk| is_read(&chunk.column)) {
        walk(&mut file, chunk).map_err(|broken| match broken {
            Broken::System(error) => unreadable(&error),
            Broken::File(reason) => Problem::Corrupt {
                format: part.format.name(),
                reason: format!("column '{}': {reason}", chunk.column),
            },
        })?;
    }
    Ok(())
}

enum Broken {
    System(std::io::Error),
    File(&'static str),
}

/// Steps from page header to page header.
fn walk(file: &mut File, chunk: &Chunk) -> Result<(), Broken> {
    let mut place = chunk.start;
    let mut values = 0_i64;
    while place < chunk.end && values < chunk.values {
        let (header, length) = header(file, place, chunk.end)?;
        header
            .check(chunk.values - values, chunk.flat)
            .map_err(Broken::File)?;
        values += header.values;
        let page = u64::try_from(header.packed).unwrap_or(u64::MAX);
        place = place.saturating_add(length).saturating_add(page);
        if place > chunk.end {
            return Err(Broken::File("a page is longer than its column"));
        }
    }
    if values != chunk.values {
        return Err(Broken::File("its pages end before its rows do"));
    }
    Ok(())
}

/// What is told of a page; sizes in bytes.
#[derive(Debug, Default)]
struct Header {
    unpacked: i64,
    packed: i64,
    /// Values of a data page; none in a dictionary.
    values: i64,
    /// Values of a dictionary; none in a data page.
    entries: i64,
    /// Bytes of its levels, where they are told.
    levels: [i64; 2],
}

impl Header {
    /// Whether it fits a column that has `left` values left.
    fn check(&self, left: i64, flat: bool) -> Result<(), &'static str> {
        let sizes = [self.unpacked, self.packed, self.values, self.entries];
        if sizes.iter().chain(&self.levels).any(|size| *size < 0) {
            return Err("a page claims less than nothing");
        }
        if self.unpacked > LARGEST_PAGE {
            return Err("a page claims more than 1 GiB");
        }
        if self.entries > self.unpacked * 8 {
            return Err("a dictionary claims more entries than it has room for");
        }
        if self.levels.iter().sum::<i64>() > self.packed.min(self.unpacked) {
            return Err("the levels of a page are longer than the page");
        }
        if flat && self.values > left {
            return Err("its pages claim more values than it has rows");
        }
        Ok(())
    }
}

/// The page header at `place` and its length.
fn header(file: &mut File, place: u64, end: u64) -> Result<(Header, u64), Broken> {
    let mut room = 128;
    loop {
        let taken = (end - place).min(room);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(place)).map_err(Broken::System)?;
        file.by_ref()
            .take(taken)
            .read_to_end(&mut bytes)
            .map_err(Broken::System)?;
        let mut reader = Thrift::new(&bytes);
        match page(&mut reader) {
            Ok(header) => return Ok((header, reader.read() as u64)),
            Err(Incomplete::Short) if taken == room && room < LONGEST_HEADER => room *= 8,
            Err(_) => return Err(Broken::File("a page header cannot be read")),
        }
    }
}

/// Reads the fields of a page header that bound what is allocated; parquet.thrift numbers them.
fn page(reader: &mut Thrift) -> Result<Header, Incomplete> {
    let mut header = Header::default();
    reader.structure(&mut |reader, field, kind| {
        match field {
            2 => header.unpacked = reader.integer(kind)?,
            3 => header.packed = reader.integer(kind)?,
            5 | 7 | 8 if kind == Field::STRUCTURE => {
                let of_dictionary = field == 7;
                let second_version = field == 8;
                reader.structure(&mut |reader, inner, kind| {
                    match inner {
                        1 if of_dictionary => header.entries = reader.integer(kind)?,
                        1 => header.values = reader.integer(kind)?,
                        5 if second_version => header.levels[0] = reader.integer(kind)?,
                        6 if second_version => header.levels[1] = reader.integer(kind)?,
                        _ => reader.skip(kind)?,
                    }
                    Ok(())
                })?;
            }
            _ => reader.skip(kind)?,
        }
        Ok(())
    })?;
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::{Incomplete, Thrift, page};

    /// Field headers are a step and a type in one byte; integers are zigzag varints: parquet.thrift and Thrift's own
    /// specification of its compact protocol, by hand.
    const DATA_PAGE: [u8; 13] = [
        0x15, 0x00, // 1: a data page
        0x15, 0x28, // 2: 20 bytes unpacked
        0x15, 0x14, // 3: 10 bytes packed
        0x2c, // 5: the header of a data page
        0x15, 0x06, // 1: 3 values
        0x15, 0x00, // 2: plain
        0x00, 0x00,
    ];

    #[test]
    fn a_page_header_says_what_it_holds() {
        let mut reader = Thrift::new(&DATA_PAGE);
        let header = page(&mut reader).expect("a header");
        assert_eq!((header.unpacked, header.packed, header.values), (20, 10, 3));
        assert_eq!(reader.read(), DATA_PAGE.len());
        assert_eq!(header.check(3, true), Ok(()));
        assert_eq!(
            header.check(2, true),
            Err("its pages claim more values than it has rows")
        );
        assert_eq!(header.check(2, false), Ok(()));
    }

    #[test]
    fn a_negative_count_is_refused_before_anyone_allocates_for_it() {
        let mut bytes = DATA_PAGE;
        bytes[8] = 0x05;
        let header = page(&mut Thrift::new(&bytes)).expect("a header");
        assert_eq!(header.values, -3);
        assert_eq!(
            header.check(3, true),
            Err("a page claims less than nothing")
        );
    }

    #[test]
    fn a_header_that_is_cut_short_or_never_ends_is_refused() {
        for length in 0..DATA_PAGE.len() {
            let cut = page(&mut Thrift::new(&DATA_PAGE[..length]));
            assert_eq!(cut.expect_err("cut short"), Incomplete::Short);
        }
        let nested = [0x1c; 100];
        assert_eq!(
            page(&mut Thrift::new(&nested)).expect_err("endless"),
            Incomplete::Bad
        );
        let list = [0x19, 0x15];
        assert_eq!(
            page(&mut Thrift::new(&list)).expect_err("a list"),
            Incomplete::Bad
        );
    }
}
