//! Facts about each guess, on tables that are written for it.

mod dbt;
mod experiments;
mod tables;

use std::path::Path;

use super::{InitAsked, InitError, InitProposal, discover, propose_workspace, read_manifest};
use crate::domain::definition::Table;

/// A folder of tables that goes away with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (file, text) in files {
            folder.write(file, text);
        }
        folder
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn tried(&self, asked: &InitAsked) -> Result<InitProposal, InitError> {
        let (found, unread) = discover(self.path(), &[]).unwrap();
        let manifest = self.path().join("manifest.json");
        let manifest = manifest.exists().then(|| read_manifest(&manifest).unwrap());
        propose_workspace(
            self.path(),
            found,
            unread,
            manifest.as_ref(),
            asked,
            &|_| true,
        )
    }

    fn proposal(&self) -> InitProposal {
        self.tried(&asked()).unwrap()
    }
}

fn asked() -> InitAsked {
    InitAsked {
        name: "Shop".to_owned(),
        owner: Some("growth".to_owned()),
        time_zone: None,
    }
}

impl InitProposal {
    #[track_caller]
    fn table(&self, name: &str) -> &Table {
        self.workspace.tables.get(name).unwrap_or_else(|| {
            let names: Vec<&String> = self.workspace.tables.keys().collect();
            panic!("no table {name} among {names:?}")
        })
    }

    /// The reason of a guess.
    #[track_caller]
    fn reason(&self, subject: &str) -> String {
        let found = self.guesses.iter().find(|guess| guess.subject == subject);
        let guess = found.unwrap_or_else(|| panic!("no guess of {subject} in {:#?}", self.guesses));
        format!("{}: {}", guess.value, guess.reason)
    }

    fn metric_ids(&self) -> Vec<&str> {
        self.metrics
            .iter()
            .map(|one| one.metric.id.as_str())
            .collect()
    }
}
