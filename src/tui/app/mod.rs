//! Defines the state of the app and how events change it. It refuses to draw, to read a clock and to touch the world:
//! what the world must do is returned as [`Effect`]s.

mod looking;
mod overlay;
mod perform;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use tui_input::Input;

pub(crate) use overlay::{EXPORTS, ExportFormat, Overlay};
pub(crate) use rows::Order;

use super::action::{KeyPress, Keymap};
use super::glyph::Glyphs;
use super::library::{Listing, Subject};
use super::screen::{Panel, Screen};
use super::theme::Theme;
use crate::domain::definition::Population;
use crate::domain::result::Readout;

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A key was pressed.
    Key(KeyPress),
    /// The mouse wheel turned, downwards where positive.
    Scroll(i32),
    /// A job ended.
    Finished {
        ticket: u64,
        experiment: String,
        result: Result<Box<Readout>, String>,
    },
    /// The definition files were read again.
    Reloaded {
        listings: Vec<Listing>,
        problem: Option<String>,
        /// The one experiment to compute again; all where absent.
        only: Option<String>,
    },
    /// The command that reproduces a view.
    CommandLine(String),
    /// Something to tell the user.
    Note { text: String, bad: bool },
}

/// What the world must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    Compute {
        ticket: u64,
        experiment: String,
    },
    Cancel,
    Reload {
        only: Option<String>,
    },
    Export {
        experiments: Vec<String>,
        format: ExportFormat,
    },
    Copy {
        text: String,
        markdown: bool,
    },
    CommandLine(Vec<String>),
    Edit(Subject),
    Mouse(bool),
    Quit,
}

/// What is known of one experiment's readout.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) readout: Option<Box<Readout>>,
    pub(crate) error: Option<String>,
    /// Whether it is still to be computed.
    pub(crate) wanted: bool,
}

/// A job under way, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) ticket: u64,
    pub(crate) experiment: String,
    pub(crate) phase: String,
    pub(crate) rows: u64,
    pub(crate) seconds: u64,
}

/// Something the user was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) bad: bool,
}

/// How things look: all that drawing needs beside the state.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) theme: Theme,
    pub(crate) glyphs: Glyphs,
}

/// What drawing found out about the focused panel: rows in sight, and how far it can scroll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extents {
    pub(crate) page: usize,
    pub(crate) limit: usize,
}

/// The whole state.
pub(crate) struct App {
    pub(crate) workspace: String,
    pub(crate) listings: Vec<Listing>,
    pub(crate) readings: BTreeMap<String, Reading>,
    pub(crate) job: Option<Job>,
    pub(crate) screen: Screen,
    /// The experiment that is selected in the list and shown on the other screens.
    pub(crate) experiment: Option<String>,
    /// The metric that is selected on Summary and shown on Metric.
    pub(crate) metric: Option<String>,
    /// The check that is selected, by position in the readout.
    pub(crate) check: usize,
    pub(crate) population: Population,
    /// The treatment variant that is looked at, by position among the treatments.
    pub(crate) variant: usize,
    /// The segment column that is looked at, by position.
    pub(crate) segment: usize,
    /// Whether days are added up.
    pub(crate) cumulative: bool,
    pub(crate) order: Order,
    pub(crate) marked: BTreeSet<String>,
    pub(crate) filters: BTreeMap<Screen, String>,
    /// The filter while it is typed.
    pub(crate) typing: Option<Input>,
    pub(crate) focus: BTreeMap<Screen, usize>,
    pub(crate) scroll: BTreeMap<Panel, usize>,
    pub(crate) expanded: bool,
    pub(crate) overlay: Option<Overlay>,
    pub(crate) note: Option<Note>,
    pub(crate) mouse: bool,
    pub(crate) extents: Extents,
    pub(crate) keymap: Keymap,
    pub(crate) look: Look,
    tickets: u64,
}

impl App {
    pub(crate) fn new(workspace: String, listings: Vec<Listing>, look: Look) -> Self {
        let experiment = listings.first().map(|listing| listing.id.clone());
        let mut app = Self {
            workspace,
            listings: Vec::new(),
            readings: BTreeMap::new(),
            job: None,
            screen: Screen::Experiments,
            experiment,
            metric: None,
            check: 0,
            population: Population::Itt,
            variant: 0,
            segment: 0,
            cumulative: false,
            order: Order::AsListed,
            marked: BTreeSet::new(),
            filters: BTreeMap::new(),
            typing: None,
            focus: BTreeMap::new(),
            scroll: BTreeMap::new(),
            expanded: false,
            overlay: None,
            note: None,
            mouse: false,
            extents: Extents::default(),
            keymap: Keymap::standard(),
            look,
            tickets: 0,
        };
        app.list(listings);
        app
    }

    /// The first thing to do: nothing is drawn after it that was not before, so the first frame does not wait for it.
    pub(crate) fn begin(&mut self, start: Option<&str>) -> Vec<Effect> {
        if let Some(id) = start {
            if self.listings.iter().any(|listing| listing.id == id) {
                self.select_experiment(id.to_owned());
                self.show(Screen::Summary);
            } else {
                self.tell(&format!("There is no experiment '{id}' here."), true);
            }
        }
        self.schedule().into_iter().collect()
    }

    /// Changes the state by what happened; the world must do what is returned.
    pub(crate) fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = match event {
            Event::Key(press) => self.press(press),
            Event::Scroll(lines) => {
                self.move_by(isize::try_from(lines).unwrap_or(0));
                Vec::new()
            }
            Event::Finished {
                ticket,
                experiment,
                result,
            } => {
                self.finish(ticket, &experiment, result);
                Vec::new()
            }
            Event::Reloaded {
                listings,
                problem,
                only,
            } => {
                self.reloaded(listings, problem, only.as_deref());
                Vec::new()
            }
            Event::CommandLine(text) => {
                self.overlay = Some(Overlay::Command(text));
                Vec::new()
            }
            Event::Note { text, bad } => {
                self.tell(&text, bad);
                Vec::new()
            }
        };
        effects.extend(self.schedule());
        effects
    }

    /// Keeps what drawing found out.
    pub(crate) fn noticed(&mut self, extents: Extents) {
        self.extents = extents;
        if let Some(scroll) = self.scroll.get_mut(&self.panel()) {
            *scroll = (*scroll).min(extents.limit);
        }
    }

    pub(crate) fn tell(&mut self, text: &str, bad: bool) {
        self.note = Some(Note {
            text: text.to_owned(),
            bad,
        });
    }

    fn list(&mut self, listings: Vec<Listing>) {
        for listing in &listings {
            self.readings
                .entry(listing.id.clone())
                .or_insert_with(|| Reading {
                    wanted: true,
                    ..Reading::default()
                });
        }
        self.readings
            .retain(|id, _| listings.iter().any(|listing| &listing.id == id));
        self.marked
            .retain(|id| listings.iter().any(|listing| &listing.id == id));
        if !listings
            .iter()
            .any(|listing| Some(&listing.id) == self.experiment.as_ref())
        {
            self.experiment = listings.first().map(|listing| listing.id.clone());
            self.screen = Screen::Experiments;
        }
        self.listings = listings;
    }

    fn reloaded(&mut self, listings: Vec<Listing>, problem: Option<String>, only: Option<&str>) {
        self.list(listings);
        for (id, reading) in &mut self.readings {
            reading.wanted |= only.is_none_or(|only| only == id);
        }
        if let Some(problem) = problem {
            self.tell(&problem, true);
        }
    }

    fn finish(&mut self, ticket: u64, experiment: &str, result: Result<Box<Readout>, String>) {
        if self.job.as_ref().map(|job| job.ticket) != Some(ticket) {
            return;
        }
        self.job = None;
        let Some(reading) = self.readings.get_mut(experiment) else {
            return;
        };
        reading.wanted = false;
        match result {
            Ok(readout) => {
                reading.readout = Some(readout);
                reading.error = None;
            }
            Err(error) => {
                reading.readout = None;
                reading.error = Some(error);
            }
        }
        if self.experiment.as_deref() == Some(experiment) {
            self.settle();
        }
    }

    /// Starts the next job: the experiment that is looked at first, then the others in their order.
    fn schedule(&mut self) -> Option<Effect> {
        let wanted = |id: &str| self.readings.get(id).is_some_and(|reading| reading.wanted);
        let current = self.experiment.clone().filter(|id| wanted(id));
        let running = self.job.as_ref().map(|job| job.experiment.as_str());
        let urgent = self.screen != Screen::Experiments;
        let next = match (current, running) {
            (Some(id), None) => id,
            (Some(id), Some(other)) if urgent && other != id => id,
            (_, Some(_)) => return None,
            (None, None) => self
                .visible_experiments()
                .into_iter()
                .map(|listing| listing.id.clone())
                .chain(self.listings.iter().map(|listing| listing.id.clone()))
                .find(|id| wanted(id))?,
        };
        self.tickets += 1;
        self.job = Some(Job {
            ticket: self.tickets,
            experiment: next.clone(),
            phase: String::new(),
            rows: 0,
            seconds: 0,
        });
        Some(Effect::Compute {
            ticket: self.tickets,
            experiment: next,
        })
    }

    /// Makes the selections fit the readout that is looked at.
    fn settle(&mut self) {
        let treatments = self
            .readout()
            .map_or(0, |readout| readout.treatments().count());
        if self.variant >= treatments {
            self.variant = 0;
        }
        let Some(readout) = self.readout() else {
            return;
        };
        let first = readout.metrics.first().map(|metric| metric.id.to_string());
        let known = readout
            .metrics
            .iter()
            .any(|metric| Some(metric.id.as_str()) == self.metric.as_deref());
        let checks = readout.checks.len();
        if !known {
            self.metric = first;
        }
        self.check = self.check.min(checks.saturating_sub(1));
        if !self.has_population(self.population) {
            self.population = Population::Itt;
        }
    }

    fn select_experiment(&mut self, id: String) {
        if self.experiment.as_ref() != Some(&id) {
            self.experiment = Some(id);
            self.metric = None;
            self.check = 0;
            self.variant = 0;
            self.segment = 0;
            self.scroll.clear();
        }
        self.settle();
    }

    fn show(&mut self, screen: Screen) {
        self.screen = screen;
        self.expanded = false;
        self.settle();
    }
}
