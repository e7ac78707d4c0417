//! Keeps the rows of shards on disk: what each pass read of them, block after block, in a file without a name.
//!
//! The file is gone when the program ends, however it ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::EngineError;
use super::keyed::{Keyed, What};
use crate::source::Batch;

/// Bytes collected before they are written.
const BUFFER: usize = 1 << 16;
/// Bytes of a row's key and what it is.
const KEY: usize = 17;

/// One file for all shards of a run: descriptors are few on some systems.
#[derive(Debug)]
pub(super) struct SpillSpace {
    folder: PathBuf,
    /// The file, once there is something to write, and where it ends.
    file: Mutex<(Option<File>, u64)>,
}

impl SpillSpace {
    /// A space in a folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            file: Mutex::default(),
        }
    }

    /// Writes bytes at the end; where they begin.
    fn write(&self, bytes: &[u8]) -> Result<u64, EngineError> {
        let mut space = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, end) = &mut *space;
        let written = (|| {
            let file = match file {
                Some(file) => file,
                none => none.insert(tempfile::tempfile_in(&self.folder)?),
            };
            file.seek(SeekFrom::Start(*end))?;
            file.write_all(bytes)
        })();
        written.map_err(|error| self.failed(&error))?;
        let start = *end;
        *end += bytes.len() as u64;
        Ok(start)
    }

    fn read(&self, start: u64, bytes: &mut [u8]) -> Result<(), EngineError> {
        let mut space = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = match &mut space.0 {
            Some(file) => file
                .seek(SeekFrom::Start(start))
                .and_then(|_| file.read_exact(bytes)),
            None => Err(io::Error::other("nothing was written")),
        };
        read.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> EngineError {
        EngineError::Spill {
            folder: self.folder.clone(),
            reason: error.to_string(),
        }
    }
}

/// Rows of a shard.
#[derive(Debug)]
pub(super) struct SpillFile {
    space: Arc<SpillSpace>,
    buffer: Vec<u8>,
    /// The blocks in the buffer, their starts counted from its own.
    buffered: Vec<Block>,
    blocks: Vec<Block>,
}

/// Rows of one batch.
#[derive(Debug)]
struct Block {
    pass: usize,
    start: u64,
    bytes: usize,
    rows: usize,
    /// Whether ids follow the keys they became.
    has_ids: bool,
}

impl SpillFile {
    /// No rows yet.
    pub(super) const fn new(space: Arc<SpillSpace>) -> Self {
        Self {
            space,
            buffer: Vec::new(),
            buffered: Vec::new(),
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
        let has_ids = !keyed.ids.is_empty();
        if has_ids {
            let ids = rows.iter().map(|row| keyed.ids[*row as usize]);
            ids.for_each(|id| self.buffer.extend_from_slice(&id.to_le_bytes()));
        }
        batch.store(rows, unit, &mut self.buffer);
        self.buffered.push(Block {
            pass,
            start: before as u64,
            bytes: self.buffer.len() - before,
            rows: rows.len(),
            has_ids,
        });
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        let start = self.space.write(&self.buffer)?;
        self.buffer.clear();
        let placed = self.buffered.drain(..).map(|block| Block {
            start: start + block.start,
            ..block
        });
        self.blocks.extend(placed);
        Ok(())
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
        for block in self.blocks.iter().filter(|block| block.pass == pass) {
            bytes.resize(block.bytes, 0);
            self.space.read(block.start, &mut bytes)?;
            let damaged = || {
                let error = io::Error::other("a block is not what was written");
                self.space.failed(&error)
            };
            let (keys, columns) = bytes
                .split_at_checked(block.rows * KEY)
                .ok_or_else(damaged)?;
            let ids = if block.has_ids {
                block.rows * size_of::<u128>()
            } else {
                0
            };
            let (ids, columns) = columns.split_at_checked(ids).ok_or_else(damaged)?;
            let keyed = keys_of(keys, ids);
            let batch = Batch::restore(columns).ok_or_else(damaged)?;
            each(&batch, &keyed)?;
        }
        Ok(())
    }
}

fn keys_of(bytes: &[u8], ids: &[u8]) -> Keyed {
    let (mut keys, mut what) = (Vec::new(), Vec::new());
    for row in bytes.chunks_exact(KEY) {
        keys.push(row.first_chunk().map_or(0, |key| u128::from_le_bytes(*key)));
        what.push(match row.last() {
            Some(1) => What::PaddedKey,
            _ => What::Key,
        });
    }
    let ids = ids.as_chunks().0.iter().copied();
    Keyed::of_one_shard(keys, ids.map(u128::from_le_bytes).collect(), what)
}
