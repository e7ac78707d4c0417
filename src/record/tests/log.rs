//! The log: lines that follow from each other, and what is found where they do not; records and their names.

use crate::domain::definition::{Identifier, Timestamp};
use crate::record::decision::{Actor, ActorSource, Decision, Event};
use crate::record::error::RecordError;
use crate::record::id::RecordId;
use crate::record::log::{Log, LogFault};
use crate::record::store::{LOG, SEAL, Store};

pub(super) fn actor() -> Actor {
    Actor {
        name: "Ada".to_owned(),
        source: ActorSource::Flag,
    }
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp(seconds * 1_000_000)
}

pub(super) fn recorded(id: &RecordId) -> Event {
    Event::Recorded {
        record: id.clone(),
        experiment: Identifier::new("checkout").unwrap(),
    }
}

fn decided(id: &RecordId, reason: &str) -> Event {
    Event::Decided {
        record: id.clone(),
        decision: Decision::Ship,
        reason: reason.to_owned(),
    }
}

/// A log of four lines in a folder.
fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::of(folder.path());
    let id = store.put_bytes(b"{}").unwrap().id;
    for reason in ["one", "two", "three", "four"] {
        store
            .append(at(1), &actor(), &decided(&id, reason))
            .unwrap();
    }
    (folder, store)
}

/// The faults of a log after `change` of its lines.
fn after(change: impl FnOnce(&mut Vec<String>)) -> Vec<LogFault> {
    let (folder, store) = store();
    let path = folder.path().join("records").join(LOG);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    change(&mut lines);
    std::fs::write(&path, lines.concat()).unwrap();
    store.log().unwrap().faults
}

#[test]
fn a_log_that_was_not_touched_has_no_fault() {
    assert_eq!(after(|_| {}), []);
}

#[test]
fn a_line_that_was_changed_is_found_wherever_it_stands() {
    let chain = |number| LogFault::BrokenChain { number };
    for (line, fault) in [
        (0, chain(2)),
        (1, chain(3)),
        (2, chain(4)),
        (3, LogFault::NotSealed { number: 4 }),
    ] {
        let found = after(|lines| lines[line] = lines[line].replace("\"Ada\"", "\"Eve\""));
        assert_eq!(found, [fault], "line {line}");
    }
}

#[test]
fn a_log_that_was_cut_is_found_at_either_end_and_in_between() {
    assert_eq!(
        after(|lines| drop(lines.pop())),
        [LogFault::Cut { had: 4, has: 3 }]
    );
    assert_eq!(after(Vec::clear), [LogFault::Cut { had: 4, has: 0 }]);
    assert!(after(|lines| drop(lines.remove(0))).contains(&LogFault::BrokenChain { number: 1 }));
    assert!(after(|lines| drop(lines.remove(1))).contains(&LogFault::BrokenChain { number: 2 }));
    assert!(after(|lines| lines.swap(1, 2)).contains(&LogFault::BrokenChain { number: 2 }));
    let unreadable = after(|lines| lines[1] = "no line\n".to_owned());
    assert!(matches!(
        unreadable[0],
        LogFault::Unreadable { number: 2, .. }
    ));
}

#[test]
fn a_seal_that_is_gone_is_a_fault_and_nothing_is_added_to_such_a_log() {
    let (folder, mut store) = store();
    std::fs::remove_file(folder.path().join("records").join(SEAL)).unwrap();
    assert_eq!(
        store.log().unwrap().faults,
        [LogFault::NoSeal("is not there")]
    );
    let id = RecordId::of(b"{}");
    let refused = store
        .append(at(2), &actor(), &decided(&id, "five"))
        .unwrap_err();
    assert!(matches!(refused, RecordError::BrokenLog(_)), "{refused}");
    assert_eq!(store.log().unwrap().lines.len(), 4);
}

#[test]
fn half_a_line_is_told_kept_and_gone_on_after() {
    let (folder, mut store) = store();
    let path = folder.path().join("records").join(LOG);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"actor\":{\"na");
    std::fs::write(&path, bytes).unwrap();
    let log = store.log().unwrap();
    assert_eq!((log.torn, log.lines.len(), log.faults.len()), (13, 4, 0));
    let id = RecordId::of(b"{}");
    store
        .append(at(2), &actor(), &decided(&id, "five"))
        .unwrap();
    let log = store.log().unwrap();
    assert_eq!((log.torn, log.lines.len(), log.faults.len()), (0, 5, 0));
    let names = std::fs::read_dir(folder.path().join("records")).unwrap();
    let torn = names
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("log.torn-"))
        .unwrap();
    assert_eq!(std::fs::read(torn).unwrap(), b"{\"actor\":{\"na");
}

#[test]
fn every_byte_of_the_log_counts() {
    let (folder, store) = store();
    let records = folder.path().join("records");
    let log = std::fs::read(records.join(LOG)).unwrap();
    let seal = std::fs::read(records.join(SEAL)).unwrap();
    assert_eq!(Log::parse(&log, Some(&seal)).faults, []);
    for position in 0..log.len() {
        let mut changed = log.clone();
        changed[position] ^= 1;
        let found = Log::parse(&changed, Some(&seal));
        assert!(
            !found.faults.is_empty(),
            "byte {position} was changed unseen"
        );
    }
    drop(store);
}

#[test]
fn the_same_bytes_are_one_record_and_prefixes_resolve() {
    let (_folder, mut store) = store();
    let again = store.put_bytes(b"{}").unwrap();
    assert!(!again.is_new);
    assert_eq!(store.find(again.id.short()).unwrap(), again.id);
    assert_eq!(
        store.find(&again.id.short().to_uppercase()).unwrap(),
        again.id
    );
    assert!(matches!(store.find("../x"), Err(RecordError::NotAnId(_))));
    assert!(matches!(store.find(""), Err(RecordError::NotAnId(_))));
    assert!(matches!(
        store.find("ffffffff"),
        Err(RecordError::Unknown(_))
    ));
    // Seventeen records cannot all begin differently.
    for number in 0..17 {
        store.put_bytes(format!("{number}").as_bytes()).unwrap();
    }
    let ids = store.ids().unwrap();
    let twice = ids
        .windows(2)
        .find(|pair| pair[0].as_str()[..1] == pair[1].as_str()[..1]);
    let prefix = &twice.unwrap()[0].as_str()[..1];
    let error = store.find(prefix).unwrap_err().to_string();
    assert!(error.contains("write more digits"), "{error}");
    assert!(error.contains(twice.unwrap()[1].as_str()), "{error}");
}

#[test]
fn a_record_that_was_edited_is_found_and_never_written_over() {
    let (folder, mut store) = store();
    let id = RecordId::of(b"{}");
    let path = folder.path().join("records").join(format!("{id}.json"));
    std::fs::write(&path, b"{ }").unwrap();
    for error in [
        store.get(&id).unwrap_err(),
        store.put_bytes(b"{}").unwrap_err(),
    ] {
        assert!(matches!(error, RecordError::Edited { .. }), "{error}");
        assert!(error.to_string().contains(id.as_str()), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), b"{ }");
}

#[cfg(unix)]
#[test]
fn records_are_as_public_as_other_documents_and_links_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, mut store) = store();
    let records = folder.path().join("records");
    for entry in std::fs::read_dir(&records).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != ".lock" {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o644, "{entry:?}");
        }
    }
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    std::fs::write(&target, "not ours").unwrap();
    symlink(&target, records.join(".draft")).unwrap();
    let put = store.put_bytes(b"{\"new\":1}").unwrap();
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "not ours");
    let path = records.join(format!("{}.json", put.id));
    std::fs::remove_file(&path).unwrap();
    symlink(&target, &path).unwrap();
    assert!(store.get(&put.id).is_err());
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(outside.path(), elsewhere.path().join("records")).unwrap();
    assert!(Store::of(elsewhere.path()).put_bytes(b"{}").is_err());
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}
