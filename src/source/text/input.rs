//! Defines how the bytes of a text file arrive: decompressed, metered, bounded, without a byte-order mark.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use crate::source::error::Problem;
use crate::source::parts::{Compression, Format, Part, unreadable};

/// Decompressed bytes for each stored one, beyond which a file is taken for a trap.
const RATIO: u64 = 1_000;

/// Decompressed bytes that any file may have.
const FREE: u64 = 64 << 20;

/// Bytes read ahead.
const BUFFER: usize = 256 << 10;

/// A text file that is open.
pub(super) struct Input {
    pub(super) bytes: Box<dyn BufRead>,
    stored: Rc<Cell<u64>>,
    format: Format,
    compression: Compression,
}

impl Input {
    /// Opens a file and looks at its first bytes.
    pub(super) fn open(part: &Part) -> Result<Self, Problem> {
        let (Format::Delimited(_, compression) | Format::JsonLines(compression)) = part.format
        else {
            return Err(Problem::UnknownFormat);
        };
        let file = File::open(&part.path).map_err(|error| unreadable(&error))?;
        let stored = Rc::new(Cell::new(0));
        let metered = Metered {
            file,
            stored: stored.clone(),
        };
        let plain: Box<dyn Read> = match compression {
            Compression::None => Box::new(metered),
            Compression::Gzip => Box::new(Bounded::new(
                flate2::read::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, metered)),
                &stored,
            )),
            Compression::Zstandard => {
                let decoder = zstd::Decoder::new(metered).map_err(|error| unreadable(&error))?;
                Box::new(Bounded::new(decoder, &stored))
            }
        };
        let mut input = Self {
            bytes: Box::new(io::empty()),
            stored,
            format: part.format,
            compression,
        };
        input.begin(plain)?;
        Ok(input)
    }

    /// Bytes of the file that have been read, as stored.
    pub(super) fn stored(&self) -> u64 {
        self.stored.get()
    }

    /// What a failed read means.
    pub(super) fn problem(&self, error: &io::Error) -> Problem {
        if matches!(error.get_ref(), Some(cause) if cause.is::<TooDense>()) {
            return Problem::BeyondLimit {
                reason: format!("it unpacks to more than {RATIO} times its size"),
                fix: "unpack it yourself if it is what you expect".to_owned(),
            };
        }
        match self.compression {
            Compression::None => unreadable(error),
            Compression::Gzip => {
                self.corrupt(&format!("its gzip data is damaged or cut short ({error})"))
            }
            Compression::Zstandard => {
                self.corrupt(&format!("its zstd data is damaged or cut short ({error})"))
            }
        }
    }

    pub(super) fn corrupt(&self, reason: &str) -> Problem {
        Problem::Corrupt {
            format: self.format.name(),
            reason: reason.to_owned(),
        }
    }

    /// Drops a byte-order mark and refuses what is no text.
    fn begin(&mut self, mut plain: Box<dyn Read>) -> Result<(), Problem> {
        let mut head = Vec::with_capacity(4);
        plain
            .by_ref()
            .take(4)
            .read_to_end(&mut head)
            .map_err(|error| self.problem(&error))?;
        let foreign = match head.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("it is UTF-16, and UTF-8 is read"),
            [0x1f, 0x8b, ..] => Some("it is compressed with gzip, which its name does not say"),
            [0x28, 0xb5, 0x2f, 0xfd] => {
                Some("it is compressed with zstd, which its name does not say")
            }
            b"PAR1" => Some("it is a Parquet file"),
            b"PK\x03\x04" => Some("it is a zip archive or a spreadsheet"),
            _ => None,
        };
        if let Some(reason) = foreign {
            return Err(self.corrupt(reason));
        }
        if head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        let whole = io::Cursor::new(head).chain(plain);
        self.bytes = Box::new(BufReader::with_capacity(BUFFER, whole));
        Ok(())
    }
}

/// Counts the bytes that leave a file.
struct Metered {
    file: File,
    stored: Rc<Cell<u64>>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.stored.set(self.stored.get() + read as u64);
        Ok(read)
    }
}

/// Stops a decoder that makes far too much of too little.
struct Bounded<R> {
    decoder: R,
    stored: Rc<Cell<u64>>,
    unpacked: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("it unpacks to far too much")]
struct TooDense;

impl<R> Bounded<R> {
    fn new(decoder: R, stored: &Rc<Cell<u64>>) -> Self {
        Self {
            decoder,
            stored: stored.clone(),
            unpacked: 0,
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer)?;
        self.unpacked += read as u64;
        if self.unpacked > FREE && self.unpacked / RATIO > self.stored.get() {
            return Err(io::Error::other(TooDense));
        }
        Ok(read)
    }
}
