//! Defines the windows over a screen (help, palette, export, command line) and what keys do in them.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher};
use ratatui::crossterm::event::KeyCode;
use tui_input::{Input, InputRequest};

use super::{App, Effect};
use crate::tui::action::{Action, Entry, KeyPress, TABLE};

/// A format to export to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExportFormat {
    /// Its stable name.
    pub(crate) name: &'static str,
    /// What a reader calls it.
    pub(crate) label: &'static str,
    /// What its files end on.
    pub(crate) extension: &'static str,
}

/// The formats offered.
pub(crate) const EXPORTS: &[ExportFormat] = &[
    ExportFormat {
        name: "markdown",
        label: "Markdown, for a pull request or a document",
        extension: "md",
    },
    ExportFormat {
        name: "json",
        label: "JSON, the whole readout with its version",
        extension: "json",
    },
    ExportFormat {
        name: "csv",
        label: "CSV, a row an effect",
        extension: "csv",
    },
    ExportFormat {
        name: "table",
        label: "Text, as a table",
        extension: "txt",
    },
];

/// A window over the screen.
#[derive(Debug)]
pub(crate) enum Overlay {
    Help { scroll: usize },
    Palette { input: Input, selected: usize },
    Export { selected: usize },
    Command(String),
}

/// Edits a line of text by a key; false where the key is no editing key.
pub(super) fn edit(input: &mut Input, press: KeyPress) -> bool {
    let request = match (press.code, press.control) {
        (KeyCode::Char('u'), true) => InputRequest::DeleteFromStart,
        (KeyCode::Char('w'), true) => InputRequest::DeletePrevWord,
        (KeyCode::Char('a'), true) | (KeyCode::Home, _) => InputRequest::GoToStart,
        (KeyCode::Char('e'), true) | (KeyCode::End, _) => InputRequest::GoToEnd,
        (KeyCode::Char(character), false) => InputRequest::InsertChar(character),
        (KeyCode::Backspace, _) => InputRequest::DeletePrevChar,
        (KeyCode::Delete, _) => InputRequest::DeleteNextChar,
        (KeyCode::Left, _) => InputRequest::GoToPrevChar,
        (KeyCode::Right, _) => InputRequest::GoToNextChar,
        _ => return false,
    };
    input.handle(request);
    true
}

impl App {
    /// The actions that can be done now and match what is typed, best first.
    pub(crate) fn palette(&self, typed: &str) -> Vec<&'static Entry> {
        let possible = TABLE
            .iter()
            .filter(|entry| entry.action != Action::Palette && self.can(entry.action));
        if typed.trim().is_empty() {
            return possible.collect();
        }
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, &'static Entry)> = possible
            .filter_map(|entry| {
                let text = format!("{} {}", entry.name, entry.label);
                let score = pattern.score(
                    nucleo_matcher::Utf32Str::new(&text, &mut buffer),
                    &mut matcher,
                )?;
                Some((score, entry))
            })
            .collect();
        let begins = typed.trim().to_lowercase();
        scored.sort_by_key(|(score, entry)| {
            (!entry.name.starts_with(&begins), std::cmp::Reverse(*score))
        });
        scored.into_iter().map(|(_, entry)| entry).collect()
    }

    /// A key while a window is open.
    pub(super) fn press_in_overlay(&mut self, press: KeyPress) -> Vec<Effect> {
        if press.code == KeyCode::Esc {
            self.overlay = None;
            return Vec::new();
        }
        let page = self.extents.page.max(1);
        let limit = self.extents.limit;
        let action = self.keymap.action(press);
        match &mut self.overlay {
            Some(Overlay::Help { scroll }) => {
                match action {
                    Some(Action::Help | Action::Leave | Action::Open) => self.overlay = None,
                    Some(action) => *scroll = scrolled(action, *scroll, page, limit),
                    None => {}
                }
                Vec::new()
            }
            Some(Overlay::Palette { .. }) => self.press_in_palette(press),
            Some(Overlay::Export { selected }) => {
                let last = EXPORTS.len() - 1;
                match action {
                    Some(Action::Down) => *selected = (*selected + 1).min(last),
                    Some(Action::Up) => *selected = selected.saturating_sub(1),
                    Some(Action::Leave | Action::Export) => self.overlay = None,
                    Some(Action::Open) => {
                        let format = EXPORTS.get(*selected).copied();
                        self.overlay = None;
                        return self.export(format);
                    }
                    _ => {}
                }
                Vec::new()
            }
            Some(Overlay::Command(text)) => match action {
                Some(Action::CopyRow | Action::CopyMarkdown) => {
                    let text = text.clone();
                    self.overlay = None;
                    vec![Effect::Copy {
                        text,
                        markdown: false,
                    }]
                }
                Some(Action::Leave | Action::CommandLine | Action::Open) => {
                    self.overlay = None;
                    Vec::new()
                }
                _ => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    fn press_in_palette(&mut self, press: KeyPress) -> Vec<Effect> {
        let Some(Overlay::Palette { input, selected }) = &mut self.overlay else {
            return Vec::new();
        };
        match press.code {
            KeyCode::Up => *selected = selected.saturating_sub(1),
            KeyCode::Down => *selected += 1,
            KeyCode::Enter => {
                let (typed, at) = (input.value().to_owned(), *selected);
                let chosen = self.palette(&typed).get(at).map(|entry| entry.action);
                self.overlay = None;
                return chosen.map_or_else(Vec::new, |action| self.perform(action));
            }
            _ => {
                if edit(input, press) {
                    *selected = 0;
                }
            }
        }
        self.clamp_palette();
        Vec::new()
    }

    fn clamp_palette(&mut self) {
        let Some(Overlay::Palette { input, .. }) = &self.overlay else {
            return;
        };
        let last = self.palette(input.value()).len().saturating_sub(1);
        if let Some(Overlay::Palette { selected, .. }) = &mut self.overlay {
            *selected = (*selected).min(last);
        }
    }
}

/// Where a scrolled text goes by an action.
pub(super) fn scrolled(action: Action, at: usize, page: usize, limit: usize) -> usize {
    match action {
        Action::Down => at + 1,
        Action::Up => at.saturating_sub(1),
        Action::HalfPageDown => at + page / 2,
        Action::HalfPageUp => at.saturating_sub(page / 2),
        Action::PageDown => at + page,
        Action::PageUp => at.saturating_sub(page),
        Action::Top => 0,
        Action::Bottom => limit,
        _ => at,
    }
    .min(limit)
}
