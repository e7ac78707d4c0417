//! Where summaries are kept between runs, and how to do without.

use crate::command::{Folder, Ran, program};
use crate::shop;

/// Runs in the shop's folder with a folder of caches of its own.
fn run(shop: &Folder, caches: &Folder, words: &[&str]) -> Ran {
    let mut command = program(shop.path());
    command.env("XDG_CACHE_HOME", caches.path()).args(words);
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what it writes is text");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn kept(caches: &Folder) -> usize {
    let entries = caches.at("readout/summaries").read_dir();
    entries.map_or(0, Iterator::count)
}

#[test]
fn summaries_are_kept_below_the_users_caches_and_change_no_byte() {
    let (shop, caches) = (shop::open(), Folder::new());
    let plain = run(&shop, &caches, &["report", "checkout", "--no-cache"]).exits(0);
    assert!(!caches.at("readout").exists(), "nothing is kept unasked");
    for _ in 0..2 {
        let ran = run(&shop, &caches, &["report", "checkout"]);
        assert_eq!(ran, plain);
        assert!(kept(&caches) >= 3, "the counts and two metrics");
    }
    let before = kept(&caches);
    let check = run(&shop, &caches, &["check", "checkout"]).exits(0);
    assert_eq!(kept(&caches), before, "a check reads what a report kept");
    assert_eq!(
        run(&shop, &caches, &["check", "checkout", "--no-cache"]),
        check
    );
}

#[test]
fn a_table_that_changes_is_read_again() {
    let (shop, caches) = (shop::open(), Folder::new());
    let before = run(&shop, &caches, &["report", "checkout", "--format", "json"]).exits(0);
    shop.replace("tables/events.csv", "purchase,10", "purchase,90");
    let after = run(&shop, &caches, &["report", "checkout", "--format", "json"]).exits(0);
    assert_ne!(before.stdout, after.stdout);
    let fresh = ["report", "checkout", "--format", "json", "--no-cache"];
    assert_eq!(run(&shop, &caches, &fresh), after);
}

#[test]
fn a_cache_that_cannot_be_is_no_failure() {
    let (shop, caches) = (shop::open(), Folder::new());
    let plain = run(&shop, &caches, &["report", "checkout", "--no-cache"]);
    caches.write("readout", "a file where the folder would be");
    assert_eq!(run(&shop, &caches, &["report", "checkout"]), plain);
}

#[test]
fn a_single_file_is_read_and_nothing_kept() {
    let (folder, caches) = (Folder::new(), Folder::new());
    folder.write("users.csv", shop::users());
    run(&folder, &caches, &["quick", "users.csv"]).exits(0);
    assert_eq!(kept(&caches), 0);
}
