//! Runs with a cold cache, a warm one and none: the same summaries, and no row where everything is known.

use super::scene::{Scene, plan, plan_metric, spend};
use crate::domain::definition::{Conventions, SeveralVariants};
use crate::engine::cache::Cache;
use crate::engine::cache::digest::Digests;
use crate::engine::cache::index::Index;
use crate::engine::cache::inputs::Inputs;
use crate::engine::cache::run::Job;
use crate::engine::{EngineError, Progress};
use crate::plan::{AsOfRule, Plan};

#[test]
fn a_second_run_reads_no_row_and_says_the_same() {
    let scene = Scene::new();
    let cache = scene.cache();
    let mut plan = plan();
    for rule in [SeveralVariants::FirstSeen, SeveralVariants::KeepInBoth] {
        plan.conventions.push(Conventions {
            several_variants: rule,
            ..Conventions::default()
        });
    }
    plan_metric(&mut plan, spend("refunds", "refund", "value"));
    let (none, all_rows) = scene.run(&plan, None);
    let (cold, cold_rows) = scene.run(&plan, Some(&cache));
    let (warm, warm_rows) = scene.run(&plan, Some(&cache));
    assert_eq!(none.len(), 3);
    assert!(none[0].cells.len() > 20);
    assert!(none == cold && cold == warm);
    assert_eq!((cold_rows, warm_rows), (all_rows, 0));
}

/// A run over files as they were found.
fn job<'a>(
    scene: &'a Scene,
    (plan, cache, progress): &'a (Plan, Cache, Progress),
    inputs: Inputs,
) -> Job<'a> {
    Job {
        plans: vec![plan.clone()],
        root: scene.root(),
        resources: scene.resources(),
        progress,
        cache,
        inputs: vec![inputs],
    }
}

#[test]
fn tables_beyond_what_is_hashed_at_once_are_hashed_beside_the_engine() {
    let scene = Scene::new();
    let (none, _) = scene.run(&plan(), None);
    let small = Cache {
        at_once: 0,
        ..scene.cache()
    };
    let with = (plan(), small, Progress::default());
    let young = job(&scene, &with, scene.young());
    assert_eq!(
        young.beside_hashing(Index::default()).remove(0).unwrap(),
        none
    );
    assert_eq!(
        scene.kept().len(),
        0,
        "so young and so large is not read twice"
    );
    let settled = job(&scene, &with, scene.settled());
    assert_eq!(
        settled.beside_hashing(Index::default()).remove(0).unwrap(),
        none
    );
    assert_eq!(scene.kept().len(), 2, "the counts and a metric");
    assert_eq!(scene.run(&plan(), Some(&scene.cache())), (none, 0));
}

#[test]
fn what_is_put_in_a_tables_place_meanwhile_is_kept_under_no_name() {
    let scene = Scene::new();
    let with = (plan(), scene.cache(), Progress::default());
    let replace = || {
        let text = std::fs::read_to_string(scene.path("events")).unwrap();
        scene.write("events", &text.replacen(".25", ".75", 1));
    };
    // Between the look at the files and their hashing.
    for run in [Job::after_hashing, Job::beside_hashing] {
        let late = job(&scene, &with, scene.settled());
        replace();
        let fresh = scene.run(&plan(), None).0;
        assert_eq!(run(&late, Index::default()).remove(0).unwrap(), fresh);
        assert_eq!(scene.kept().len(), 0);
    }
    // Between their hashing and the end of the run.
    let late = job(&scene, &with, scene.settled());
    let digests = Digests::of(&late.inputs[0], &mut Index::default(), &|| false).unwrap();
    assert!(late.is_unchanged(0, &digests));
    replace();
    assert!(!late.is_unchanged(0, &digests));
}

#[test]
fn each_metric_that_comes_finds_the_others_and_changes_nothing() {
    let scene = Scene::new();
    let cache = scene.cache();
    let mut plan = plan();
    // A price that cannot be read rejects its row for all metrics of the table, from the metric on that asks for it.
    for (id, event, column) in [
        ("refunds", "refund", "value"),
        ("prices", "purchase", "price"),
        ("refunded", "refund", "price"),
    ] {
        plan_metric(&mut plan, spend(id, event, column));
        let (none, _) = scene.run(&plan, None);
        let (cold, _) = scene.run(&plan, Some(&cache));
        assert_eq!(cold, none, "{id}");
        assert_eq!(scene.run(&plan, Some(&cache)), (none, 0), "{id}");
    }
    plan.metrics.reverse();
    let (none, _) = scene.run(&plan, None);
    assert_eq!(scene.run(&plan, Some(&cache)).0, none);
}

#[test]
fn how_intervals_are_formed_reads_no_row_again() {
    let scene = Scene::new();
    let cache = scene.cache();
    let (known, _) = scene.run(&plan(), Some(&cache));
    let mut other = plan();
    other.conventions[0].level = 0.9;
    assert_eq!(scene.run(&other, Some(&cache)), (known, 0));
    assert_eq!(scene.run(&other, None).0, scene.run(&plan(), None).0);
}

#[test]
fn a_table_that_changes_is_read_again() {
    let scene = Scene::new();
    let cache = scene.cache();
    let (before, rows) = scene.run(&plan(), Some(&cache));
    let text = std::fs::read_to_string(scene.path("events")).unwrap();
    let changed = text.replacen("u8,purchase,8.25", "u8,purchase,9.25", 1);
    assert_eq!(changed.len(), text.len());
    let modified = scene.path("events").metadata().unwrap().modified().unwrap();
    scene.write("events", &changed);
    let file = std::fs::File::options()
        .write(true)
        .open(scene.path("events"));
    file.unwrap().set_modified(modified).unwrap();
    let (after, rows_again) = scene.run(&plan(), Some(&cache));
    assert_eq!(rows_again, rows);
    assert_ne!(before, after);
    assert_eq!(after, scene.run(&plan(), None).0);
    scene.write("events", &text);
    assert_eq!(scene.run(&plan(), Some(&cache)), (before, 0));
}

#[test]
fn a_damaged_piece_is_made_again() {
    let scene = Scene::new();
    let cache = scene.cache();
    let mut plan = plan();
    plan.as_of = AsOfRule::FromTables;
    let (known, rows) = scene.run(&plan, Some(&cache));
    let pieces = scene.kept();
    assert_eq!(pieces.len(), 2, "the counts and one metric: {pieces:?}");
    for piece in &pieces {
        let whole = std::fs::read(piece).unwrap();
        let other = std::fs::read(pieces.iter().find(|other| *other != piece).unwrap()).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for damaged in [flipped, whole[..40].to_vec(), Vec::new(), other] {
            std::fs::write(piece, damaged).unwrap();
            assert_eq!(scene.run(&plan, Some(&cache)), (known.clone(), rows));
            assert_eq!(std::fs::read(piece).unwrap(), whole, "made again");
            assert_eq!(scene.run(&plan, Some(&cache)), (known.clone(), 0));
        }
    }
}

#[test]
fn a_cache_that_cannot_be_written_changes_nothing() {
    let scene = Scene::new();
    let cache = scene.cache();
    std::fs::remove_dir(scene.pieces()).unwrap();
    std::fs::write(scene.pieces(), "in the way").unwrap();
    let none = scene.run(&plan(), None);
    assert_eq!(scene.run(&plan(), Some(&cache)), none);
    assert_eq!(scene.run(&plan(), Some(&cache)), none);
    assert!(Cache::open(&scene.pieces()).is_err());
}

#[test]
fn a_missing_table_is_the_engines_to_tell() {
    let scene = Scene::new();
    let cache = scene.cache();
    scene.run(&plan(), Some(&cache));
    std::fs::remove_file(scene.path("units")).unwrap();
    let progress = Progress::default();
    let told = |cache| {
        let resources = scene.resources();
        crate::engine::run_cached(&[plan()], scene.root(), resources, &progress, cache)
            .remove(0)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(told(Some(&cache)), told(None));
}

#[test]
fn a_run_that_is_cancelled_keeps_nothing() {
    let scene = Scene::new();
    let beside = Cache {
        at_once: 0,
        ..scene.cache()
    };
    for cache in [scene.cache(), beside] {
        assert!(matches!(
            scene.cancelled(&plan(), &cache),
            EngineError::Cancelled
        ));
        assert!(scene.kept().is_empty());
    }
}

#[test]
fn of_several_plans_only_the_unknown_are_read_and_each_says_what_it_says_alone() {
    let scene = Scene::new();
    let cache = scene.cache();
    let mut other = plan();
    plan_metric(&mut other, spend("refunds", "refund", "value"));
    let mut unsound = plan();
    unsound.segments[0].column = "nowhere".to_owned();
    let alone: Vec<_> = [&plan(), &other].map(|plan| scene.run(plan, None)).into();
    let (known, _) = scene.run(&plan(), Some(&cache));
    assert_eq!(known, alone[0].0);
    let progress = Progress::default();
    let plans = [plan(), other.clone(), unsound];
    let run = |plans: &[Plan], cache| {
        crate::engine::run_cached(plans, scene.root(), scene.resources(), &progress, cache)
    };
    for cache in [None, Some(&cache)] {
        let outcomes = run(&plans, cache);
        assert_eq!(outcomes[0].as_ref().unwrap(), &alone[0].0);
        assert_eq!(outcomes[1].as_ref().unwrap(), &alone[1].0);
        let error = outcomes[2].as_ref().unwrap_err().to_string();
        assert!(error.contains("nowhere"), "{error}");
    }
    let progress_of_two = Progress::default();
    let two = [plan(), other];
    let none = crate::engine::run_cached(
        &two,
        scene.root(),
        scene.resources(),
        &progress_of_two,
        None,
    );
    assert_eq!(none.len(), 2);
    assert_eq!(
        progress_of_two.rows(),
        alone[0].1,
        "two plans over the same tables read each row once"
    );
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let scene = Scene::new();
    let (known, _) = scene.run(&plan(), None);
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| scene.run(&plan(), Some(&scene.cache())).0))
            .collect();
        for run in runs {
            assert_eq!(run.join().unwrap(), known);
        }
    });
    assert_eq!(scene.run(&plan(), Some(&scene.cache())), (known, 0));
    assert_eq!(scene.kept().len(), 2, "and nothing half-written");
}
