//! Defines the store: records under the hash of their bytes, the log, and the only order in which either may be written.
//!
//! A record: a draft beside it is written and synced, then takes the record's name, then the names are synced. So under a
//! record's name there is all of it or nothing. A line of the log: it is written and synced, then the seal is replaced as a
//! record would be. Only then is it said to be there.

use super::content::Record;
use super::decision::{Actor, Event};
use super::disk::{Disk, Folder};
use super::error::RecordError;
use super::id::{RecordId, is_prefix};
use super::log::Log;
use crate::canonical;
use crate::domain::definition::Timestamp;

pub(super) const LOG: &str = "log.ndjson";
pub(super) const SEAL: &str = "log.seal";
/// What is being written; nobody reads it, and the next writer begins it anew.
const DRAFT: &str = ".draft";

/// What became of storing a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Its id.
    pub id: RecordId,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// The records of a workspace.
#[derive(Debug)]
pub struct Store<D = Folder> {
    pub(super) disk: D,
}

impl Store<Folder> {
    /// The records of the workspace in a folder. Nothing is made before something is stored.
    #[must_use]
    pub fn of(workspace: &std::path::Path) -> Self {
        Self {
            disk: Folder::of(workspace),
        }
    }
}

impl<D: Disk> Store<D> {
    /// Stores a record; the same record again writes nothing.
    ///
    /// # Errors
    /// [`RecordError`] when it cannot be written, or when what is stored under its id has been changed.
    pub fn put(&mut self, record: &Record) -> Result<Put, RecordError> {
        self.put_bytes(&canonical::to_bytes(record)?)
    }

    pub(super) fn put_bytes(&mut self, bytes: &[u8]) -> Result<Put, RecordError> {
        let id = RecordId::of(bytes);
        let name = file_name(&id);
        let _guard = self.disk.lock().map_err(RecordError::io("", "locked"))?;
        if self.bytes(&id)?.is_some() {
            // Whoever stored it may have been stopped before its name was sure to stay.
            self.disk
                .sync_folder()
                .map_err(RecordError::io("", "written"))?;
            return Ok(Put { id, is_new: false });
        }
        self.replace(&name, bytes)
            .map_err(RecordError::io(&name, "written"))?;
        Ok(Put { id, is_new: true })
    }

    /// Puts a file in its place, whole or not at all.
    fn replace(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.disk.create(DRAFT)?;
        self.disk.append(DRAFT, bytes)?;
        self.disk.sync(DRAFT)?;
        self.disk.rename(DRAFT, name)?;
        self.disk.sync_folder()
    }

    /// The bytes of a record, which are those it was stored with; `None` where there is none.
    pub(super) fn bytes(&self, id: &RecordId) -> Result<Option<Vec<u8>>, RecordError> {
        let name = file_name(id);
        let read = self.disk.read(&name);
        let Some(bytes) = read.map_err(RecordError::io(&name, "read"))? else {
            return Ok(None);
        };
        let found = RecordId::of(&bytes);
        if found == *id {
            Ok(Some(bytes))
        } else {
            let id = id.clone();
            Err(RecordError::Edited { id, found })
        }
    }

    /// A record.
    ///
    /// # Errors
    /// [`RecordError::Unknown`] where there is none, [`RecordError::Edited`] where its bytes are not those it was stored
    /// with, [`RecordError::Unreadable`] where another version of the program wrote it.
    pub fn get(&self, id: &RecordId) -> Result<Record, RecordError> {
        let bytes = self
            .bytes(id)?
            .ok_or_else(|| RecordError::Unknown(id.to_string()))?;
        Record::parse(&bytes).map_err(|reason| RecordError::Unreadable {
            id: id.clone(),
            reason,
        })
    }

    /// Every record, by id. Whether each is still what was stored, [`Store::get`] tells.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn ids(&self) -> Result<Vec<RecordId>, RecordError> {
        let names = self.disk.names().map_err(RecordError::io("", "read"))?;
        let mut ids: Vec<RecordId> = names
            .iter()
            .filter_map(|name| RecordId::new(name.strip_suffix(".json")?))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// The one record whose id begins so.
    ///
    /// # Errors
    /// When there is none, or more than one: these are listed.
    pub fn find(&self, prefix: &str) -> Result<RecordId, RecordError> {
        let prefix = prefix.to_ascii_lowercase();
        if !is_prefix(&prefix) {
            return Err(RecordError::NotAnId(prefix));
        }
        let mut ids = self.ids()?;
        ids.retain(|id| id.as_str().starts_with(&prefix));
        match ids.as_slice() {
            [] => Err(RecordError::Unknown(prefix)),
            [only] => Ok(only.clone()),
            _ => Err(RecordError::Ambiguous { prefix, ids }),
        }
    }

    /// The log.
    ///
    /// # Errors
    /// When a file of it cannot be read. What is wrong with what it holds is in [`Log::faults`].
    pub fn log(&self) -> Result<Log, RecordError> {
        let read = |name| self.disk.read(name).map_err(RecordError::io(name, "read"));
        let log = read(LOG)?.unwrap_or_default();
        Ok(Log::parse(&log, read(SEAL)?.as_deref()))
    }

    /// Adds a line to the log. A last line that was only half written is moved to a file of its own first.
    ///
    /// # Errors
    /// [`RecordError::BrokenLog`] when the log is not what was written; when it cannot be written to.
    pub fn append(
        &mut self,
        at: Timestamp,
        actor: &Actor,
        event: &Event,
    ) -> Result<(), RecordError> {
        self.add(at, actor, event, false).map(|_| ())
    }

    /// Adds a line to the log, unless one says the same already. Says whether it was added.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_once(
        &mut self,
        at: Timestamp,
        actor: &Actor,
        event: &Event,
    ) -> Result<bool, RecordError> {
        self.add(at, actor, event, true)
    }

    fn add(
        &mut self,
        at: Timestamp,
        actor: &Actor,
        event: &Event,
        once: bool,
    ) -> Result<bool, RecordError> {
        let _guard = self.disk.lock().map_err(RecordError::io("", "locked"))?;
        let log = self.log()?;
        if let Some(fault) = log.faults.first() {
            return Err(RecordError::BrokenLog(fault.to_string()));
        }
        self.settle(&log).map_err(RecordError::io(LOG, "written"))?;
        if once && log.says(event) {
            return Ok(false);
        }
        let line = log.next(at, actor, event)?;
        self.disk
            .append(LOG, &line)
            .map_err(RecordError::io(LOG, "written"))?;
        let written = self.log()?;
        self.seal(&written)
            .map_err(RecordError::io(SEAL, "written"))?;
        Ok(true)
    }

    /// Brings a log to where the next line can be written, whenever the writer before was stopped: half a line is set aside,
    /// and the last whole line is sealed. The seal may be one line behind, never two.
    fn settle(&mut self, log: &Log) -> std::io::Result<()> {
        match self.disk.read(LOG)? {
            None => {
                self.disk.create(LOG)?;
                self.disk.sync_folder()?;
            }
            Some(bytes) if log.torn > 0 => {
                let torn = bytes.get(log.whole..).unwrap_or_default();
                let digest = canonical::sha256_hex(torn);
                let digest = digest.get(..12).unwrap_or_default();
                self.replace(&format!("log.torn-{digest}"), torn)?;
                self.disk.truncate(LOG, log.whole as u64)?;
            }
            Some(_) => {}
        }
        if log.is_sealed {
            return Ok(());
        }
        self.seal(log)
    }

    /// Seals the last line. It must be sure to stay before its seal is.
    fn seal(&mut self, log: &Log) -> std::io::Result<()> {
        self.disk.sync(LOG)?;
        let seal = canonical::to_bytes(&log.seal()).map_err(std::io::Error::other)?;
        self.replace(SEAL, &seal)
    }
}

fn file_name(id: &RecordId) -> String {
    format!("{id}.json")
}
