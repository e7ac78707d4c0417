//! Writers that are stopped at every byte and between any two steps: what was acknowledged is there, and nothing that was half
//! written is ever read as a record or as a line.

use std::collections::BTreeMap;
use std::io;

use super::log::{actor, at, recorded};
use crate::record::disk::{Disk, Folder};
use crate::record::id::RecordId;
use crate::record::store::{LOG, Store};

/// A disk in memory that loses what was not synced when the power goes.
#[derive(Debug, Clone, Default)]
struct Memory {
    files: Vec<Content>,
    names: BTreeMap<String, usize>,
    synced: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, Default)]
struct Content {
    bytes: Vec<u8>,
    synced: Vec<u8>,
}

impl Memory {
    fn content(&mut self, name: &str) -> io::Result<&mut Content> {
        let file = self.names.get(name).copied();
        let file = file.and_then(|file| self.files.get_mut(file));
        file.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The disk after the power was gone: synced names, synced content.
    fn after_power_loss(&self) -> Self {
        let files = self.files.iter().map(|file| Content {
            bytes: file.synced.clone(),
            synced: file.synced.clone(),
        });
        Self {
            files: files.collect(),
            names: self.synced.clone(),
            synced: self.synced.clone(),
        }
    }
}

impl Disk for Memory {
    type Guard = ();

    fn lock(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.names.keys().cloned().collect())
    }
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self
            .clone()
            .content(name)
            .ok()
            .map(|file| file.bytes.clone()))
    }
    fn create(&mut self, name: &str) -> io::Result<()> {
        self.names.insert(name.to_owned(), self.files.len());
        self.files.push(Content::default());
        Ok(())
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.content(name)?.bytes.extend_from_slice(bytes);
        Ok(())
    }
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        let length = usize::try_from(length).unwrap();
        self.content(name)?.bytes.truncate(length);
        Ok(())
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        let content = self.content(name)?;
        content.synced = content.bytes.clone();
        Ok(())
    }
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        let file = self.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        self.names.insert(to.to_owned(), file);
        Ok(())
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        self.synced = self.names.clone();
        Ok(())
    }
}

/// A disk whose writer is stopped after so many steps: a byte that is written is one, and so is every other change.
#[derive(Debug)]
struct Stopping<D> {
    disk: D,
    left: usize,
    stopped: bool,
}

impl<D: Disk> Stopping<D> {
    fn step(&mut self) -> io::Result<&mut D> {
        if self.stopped || self.left == 0 {
            self.stopped = true;
            return Err(io::Error::other("stopped"));
        }
        self.left -= 1;
        Ok(&mut self.disk)
    }
}

impl<D: Disk> Disk for Stopping<D> {
    type Guard = D::Guard;

    fn lock(&mut self) -> io::Result<D::Guard> {
        self.disk.lock()
    }
    fn names(&self) -> io::Result<Vec<String>> {
        self.disk.names()
    }
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(name)
    }
    fn create(&mut self, name: &str) -> io::Result<()> {
        self.step()?.create(name)
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if self.stopped {
            return Err(io::Error::other("stopped"));
        }
        let some = bytes.len().min(self.left);
        self.left -= some;
        self.disk.append(name, &bytes[..some])?;
        if some < bytes.len() {
            self.stopped = true;
            return Err(io::Error::other("stopped"));
        }
        Ok(())
    }
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.step()?.truncate(name, length)
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.step()?.sync(name)
    }
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.step()?.rename(from, to)
    }
    fn sync_folder(&mut self) -> io::Result<()> {
        self.step()?.sync_folder()
    }
}

/// What somebody was told to be there.
#[derive(Debug, Default)]
struct Acknowledged {
    records: Vec<RecordId>,
    lines: usize,
}

const RECORDS: [&[u8]; 3] = [
    b"{\"a\":\"the first record, which is long enough to be stopped in\"}",
    b"{\"b\":2}",
    b"{\"c\":\"the third\"}",
];

/// Stores three records and their lines, until stopped. What is there already is not done again, as the command line does it.
fn work<D: Disk>(store: &mut Store<D>) -> Acknowledged {
    let mut done = Acknowledged::default();
    for bytes in RECORDS {
        let Ok(put) = store.put_bytes(bytes) else {
            return done;
        };
        done.records.push(put.id.clone());
        let event = recorded(&put.id);
        if store.append_once(at(1), &actor(), &event).is_err() {
            return done;
        }
        done.lines += 1;
    }
    done
}

/// Holds that a disk is whole and has everything that was acknowledged; then that whoever comes next can go on.
fn is_whole<D: Disk>(disk: D, done: &Acknowledged, point: usize) {
    let mut store = Store { disk };
    for id in store.ids().unwrap() {
        let bytes = store.bytes(&id).unwrap().unwrap();
        assert!(
            RECORDS.contains(&bytes.as_slice()),
            "{point}: half a record"
        );
    }
    for id in &done.records {
        assert!(store.bytes(id).unwrap().is_some(), "{point}: lost {id}");
    }
    let log = store.log().unwrap();
    assert_eq!(log.faults, [], "{point}");
    assert!(log.lines.len() >= done.lines, "{point}: a line was lost");
    let torn = log.torn;
    let raw = store.disk.read(LOG).unwrap().unwrap_or_default();
    let tail = raw[raw.len() - torn..].to_vec();

    let again = work(&mut store);
    assert_eq!((again.records.len(), again.lines), (3, 3), "{point}");
    let log = store.log().unwrap();
    assert_eq!(
        (log.faults.len(), log.torn, log.lines.len()),
        (0, 0, 3),
        "{point}"
    );
    assert!(log.is_sealed);
    if torn > 0 {
        let digest = crate::canonical::sha256_hex(&tail);
        let kept = store.disk.read(&format!("log.torn-{}", &digest[..12]));
        assert_eq!(
            kept.unwrap(),
            Some(tail),
            "{point}: half a line is kept, not dropped"
        );
    }
}

/// Steps that the whole work takes.
fn steps() -> usize {
    let disk = Stopping {
        disk: Memory::default(),
        left: usize::MAX,
        stopped: false,
    };
    let mut store = Store { disk };
    assert_eq!(work(&mut store).lines, 3);
    usize::MAX - store.disk.left
}

fn stopped_at<D: Disk>(disk: D, point: usize) -> (D, Acknowledged) {
    let disk = Stopping {
        disk,
        left: point,
        stopped: false,
    };
    let mut store = Store { disk };
    let done = work(&mut store);
    assert!(store.disk.stopped, "{point}");
    (store.disk.disk, done)
}

#[test]
fn a_writer_that_is_killed_at_any_byte_leaves_a_whole_store() {
    let points = steps();
    assert!(points > 1_000, "{points} points");
    for point in 0..points {
        let (disk, done) = stopped_at(Memory::default(), point);
        is_whole(disk, &done, point);
    }
}

#[test]
fn power_that_goes_at_any_byte_loses_nothing_that_was_acknowledged() {
    for point in 0..steps() {
        let (disk, done) = stopped_at(Memory::default(), point);
        is_whole(disk.after_power_loss(), &done, point);
    }
}

/// Killed once, then killed again while going on.
#[test]
fn a_second_writer_that_is_killed_too_leaves_a_whole_store() {
    for point in (0..steps()).step_by(7) {
        let (disk, _) = stopped_at(Memory::default(), point);
        for second in (0..steps() - point).step_by(41) {
            let disk = Stopping {
                disk: disk.clone(),
                left: second,
                stopped: false,
            };
            let mut store = Store { disk };
            let done = work(&mut store);
            is_whole(store.disk.disk.clone(), &done, point);
            is_whole(store.disk.disk.after_power_loss(), &done, point);
        }
    }
}

/// The same on a real folder, at points that are not all the same kind of step.
#[test]
fn a_real_folder_is_whole_wherever_its_writer_stops() {
    for point in (0..steps()).step_by(5) {
        let workspace = tempfile::tempdir().unwrap();
        let (disk, done) = stopped_at(Folder::of(workspace.path()), point);
        is_whole(disk, &done, point);
    }
}
