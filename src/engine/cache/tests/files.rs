//! Files that change: what their fingerprints tell, what is remembered of them, and when hashing gives up.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use super::scene::Scene;
use crate::canonical::sha256_hex;
use crate::engine::cache::digest::Digests;
use crate::engine::cache::index::Index;
use crate::engine::cache::inputs::Inputs;

fn never() -> bool {
    false
}

/// What a later run knows of files that were hashed.
fn remembered(inputs: &Inputs, scene: &Scene) -> Index {
    let shelf = scene.cache().shelf;
    let mut index = Index::default();
    Digests::of(inputs, &mut index, &never).unwrap();
    index.save(&shelf);
    Index::load(&shelf)
}

#[test]
fn a_digest_is_of_the_bytes() {
    let scene = Scene::new();
    let inputs = scene.young();
    let digests = Digests::of(&inputs, &mut Index::default(), &never).unwrap();
    let bytes = std::fs::read(scene.path("events")).unwrap();
    let files = vec![("events.csv".to_owned(), sha256_hex(&bytes))];
    assert_eq!(digests.tables[2], ("events".to_owned(), files));
}

#[test]
fn a_file_younger_than_two_seconds_is_hashed_again() {
    let scene = Scene::new();
    let mut almost = scene.young();
    almost.taken += 1_999_999_999;
    for (inputs, trusted) in [(scene.young(), 0), (almost, 0), (scene.settled(), 4)] {
        let cache = Scene::new();
        let index = remembered(&inputs, &cache);
        let known = inputs
            .files()
            .filter(|file| index.find(&file.fingerprint).is_some());
        assert_eq!(known.count(), trusted, "at {}", inputs.taken);
    }
}

#[test]
fn a_file_is_hashed_once_a_run_however_young() {
    let scene = Scene::new();
    let inputs = scene.young();
    let mut index = Index::default();
    let first = Digests::of(&inputs, &mut index, &never).unwrap();
    let again = Digests::of(&inputs, &mut index, &|| true).expect("nothing to stop");
    assert_eq!(first.tables, again.tables);
    assert!(again.still_hold(u64::MAX, &never) && !again.still_hold(0, &never));
}

#[test]
fn what_is_remembered_survives_and_others_entries_stay() {
    let (scene, cache) = (Scene::new(), Scene::new());
    let shelf = cache.cache().shelf;
    let inputs = scene.settled();
    let (mut ours, mut theirs) = (Index::load(&shelf), Index::load(&shelf));
    for (position, file) in inputs.files().enumerate() {
        let index = if position == 0 {
            &mut ours
        } else {
            &mut theirs
        };
        index.add(file.fingerprint, "00", inputs.taken);
    }
    theirs.save(&shelf);
    ours.save(&shelf);
    let index = Index::load(&shelf);
    assert!(
        inputs
            .files()
            .all(|file| index.find(&file.fingerprint) == Some("00"))
    );
}

#[test]
fn content_that_changes_behind_its_modification_time_changes_the_fingerprint() {
    let scene = Scene::new();
    let before = scene.settled();
    let modified = scene.path("events").metadata().unwrap().modified().unwrap();
    let mut bytes = std::fs::read(scene.path("events")).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    std::fs::write(scene.path("events"), bytes).unwrap();
    let file = std::fs::File::options()
        .write(true)
        .open(scene.path("events"));
    file.unwrap().set_modified(modified).unwrap();
    let after = scene.settled();
    let changed = before.files().zip(after.files());
    let changed: Vec<_> = changed.filter(|(before, after)| before != after).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].0.name, "events.csv");
}

#[test]
fn a_file_that_is_replaced_before_it_is_hashed_has_no_digest() {
    let scene = Scene::new();
    let inputs = scene.young();
    let other = scene.root().join("other");
    std::fs::copy(scene.path("events"), &other).unwrap();
    std::fs::rename(other, scene.path("events")).unwrap();
    assert!(Digests::of(&inputs, &mut Index::default(), &never).is_none());
}

#[test]
fn a_young_file_that_changed_unseen_is_found_out_by_its_content() {
    let scene = Scene::new();
    let inputs = scene.young();
    let digests = Digests::of(&inputs, &mut Index::default(), &never).unwrap();
    assert!(digests.still_hold(u64::MAX, &never));
    // A change within one tick of the clock keeps the fingerprint: its content is all that tells.
    let mut other = digests.clone();
    other.forget_content();
    assert!(!other.still_hold(u64::MAX, &never));
    // And what would take long to read again is not kept at all.
    assert!(!digests.still_hold(100, &never));
    let settled = scene.settled();
    let digests = Digests::of(&settled, &mut Index::default(), &never).unwrap();
    assert!(digests.still_hold(0, &never), "none of them is young");
}

#[test]
fn hashing_stops_within_a_block() {
    let scene = Scene::new();
    std::fs::write(scene.path("assignments"), vec![b'\n'; 8 << 20]).unwrap();
    let inputs = scene.young();
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    };
    assert!(Digests::of(&inputs, &mut Index::default(), &stop).is_none());
    assert_eq!(asked.get(), 3, "asked before each block of a megabyte");
}

#[test]
fn a_file_from_the_future_is_never_settled() {
    let scene = Scene::new();
    let taken = scene.settled().taken;
    let units = std::fs::File::options()
        .write(true)
        .open(scene.path("units"))
        .unwrap();
    units
        .set_modified(SystemTime::now() + Duration::from_hours(1))
        .unwrap();
    let mut inputs = scene.young();
    inputs.taken = taken;
    let index = remembered(&inputs, &scene);
    let unknown = inputs
        .files()
        .filter(|file| index.find(&file.fingerprint).is_none());
    assert!(unknown.map(|file| file.name.as_str()).eq(["units.csv"]));
}
