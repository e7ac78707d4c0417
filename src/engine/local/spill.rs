//! Keeps the rows of one shard on disk: what each pass read of it, block after block, in a file without a name.
//!
//! The file is gone when the program ends, however it ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::EngineError;
use super::keyed::{Keyed, What};
use crate::source::Batch;

/// Bytes collected before they are written.
const BUFFER: usize = 1 << 16;
/// Bytes of a row's key and what it is.
const KEY: usize = 17;

/// Rows of a shard.
#[derive(Debug)]
pub(super) struct SpillFile {
    folder: PathBuf,
    file: Option<File>,
    /// The end of what has been written.
    end: u64,
    buffer: Vec<u8>,
    blocks: Vec<Block>,
}

/// Rows of one batch.
#[derive(Debug)]
struct Block {
    pass: usize,
    start: u64,
    bytes: usize,
    rows: usize,
}

impl SpillFile {
    /// A file in a folder, made when there is something to write.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            file: None,
            end: 0,
            buffer: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Writes rows of a batch; of `unit`, the column of ids, only keys are kept.
    pub(super) fn write(
        &mut self,
        pass: usize,
        batch: &Batch,
        keyed: &Keyed,
        rows: &[u32],
        unit: usize,
    ) -> Result<(), EngineError> {
        let before = self.buffer.len();
        for row in rows {
            let row = *row as usize;
            self.buffer
                .extend_from_slice(&keyed.keys[row].to_le_bytes());
            self.buffer
                .push(u8::from(keyed.what[row] == What::PaddedKey));
        }
        batch.store(rows, unit, &mut self.buffer);
        self.blocks.push(Block {
            pass,
            start: self.end + before as u64,
            bytes: self.buffer.len() - before,
            rows: rows.len(),
        });
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        let written = (|| {
            if self.file.is_none() {
                self.file = Some(tempfile::tempfile_in(&self.folder)?);
            }
            if let Some(file) = &mut self.file {
                file.write_all(&self.buffer)?;
            }
            Ok(())
        })();
        written.map_err(|error| self.failed(&error))?;
        self.end += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn failed(&self, error: &io::Error) -> EngineError {
        EngineError::Spill {
            folder: self.folder.clone(),
            reason: error.to_string(),
        }
    }

    /// Reads back what a pass wrote, block after block.
    pub(super) fn read(
        &mut self,
        pass: usize,
        each: &mut dyn FnMut(&Batch, &Keyed) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        if !self.buffer.is_empty() {
            self.flush()?;
        }
        let mut bytes = Vec::new();
        for position in 0..self.blocks.len() {
            let block = &self.blocks[position];
            if block.pass != pass {
                continue;
            }
            let (start, rows) = (block.start, block.rows);
            bytes.resize(block.bytes, 0);
            let read = match &mut self.file {
                Some(file) => file
                    .seek(SeekFrom::Start(start))
                    .and_then(|_| file.read_exact(&mut bytes)),
                None => Ok(()),
            };
            read.map_err(|error| self.failed(&error))?;
            let damaged = || self.failed(&io::Error::other("a block is not what was written"));
            let (keys, columns) = bytes.split_at_checked(rows * KEY).ok_or_else(damaged)?;
            let keyed = keys_of(keys);
            let batch = Batch::restore(columns).ok_or_else(damaged)?;
            each(&batch, &keyed)?;
        }
        Ok(())
    }
}

fn keys_of(bytes: &[u8]) -> Keyed {
    let (mut keys, mut what) = (Vec::new(), Vec::new());
    for row in bytes.chunks_exact(KEY) {
        keys.push(row.first_chunk().map_or(0, |key| u128::from_le_bytes(*key)));
        what.push(match row.last() {
            Some(1) => What::PaddedKey,
            _ => What::Key,
        });
    }
    Keyed::sorted(keys, what)
}
