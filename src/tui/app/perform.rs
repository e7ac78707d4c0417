//! Defines what each action does, and when it can be done: what cannot be done is in no footer and no palette.

use ratatui::crossterm::event::KeyCode;
use tui_input::Input;

use super::overlay::{edit, scrolled};
use super::{App, Effect, ExportFormat, Overlay};
use crate::domain::definition::Population;
use crate::tui::action::{Action, KeyPress};
use crate::tui::copy;
use crate::tui::library::Subject;
use crate::tui::phrase;
use crate::tui::screen::{Panel, Screen};

impl App {
    /// A key was pressed.
    pub(super) fn press(&mut self, press: KeyPress) -> Vec<Effect> {
        self.note = None;
        if self.keymap.action(press) == Some(Action::Quit) {
            return vec![Effect::Quit];
        }
        if self.overlay.is_some() {
            return self.press_in_overlay(press);
        }
        if self.typing.is_some() {
            self.press_in_filter(press);
            return Vec::new();
        }
        match self.keymap.action(press) {
            Some(action) if self.can(action) => self.perform(action),
            _ => Vec::new(),
        }
    }

    fn press_in_filter(&mut self, press: KeyPress) {
        match press.code {
            KeyCode::Esc => {
                self.typing = None;
                self.filters.remove(&self.screen);
            }
            KeyCode::Enter => {
                if let Some(input) = self.typing.take() {
                    self.filters.insert(self.screen, input.value().to_owned());
                }
            }
            KeyCode::Down => self.move_by(1),
            KeyCode::Up => self.move_by(-1),
            _ => {
                if let Some(input) = &mut self.typing {
                    edit(input, press);
                }
            }
        }
        self.select_visible();
    }

    /// Whether an action can be done now.
    pub(crate) fn can(&self, action: Action) -> bool {
        let readout = self.readout();
        let on = |screens: &[Screen]| screens.contains(&self.screen);
        match action {
            Action::Right | Action::Left | Action::Variant => {
                on(&[Screen::Summary, Screen::Metric])
                    && readout.is_some_and(|readout| readout.treatments().count() > 1)
            }
            Action::Open => match self.screen {
                Screen::Experiments => self.experiment.is_some(),
                Screen::Summary => self.metric().is_some(),
                Screen::Checks => {
                    self.selected_check().is_some() && (!self.expanded || self.opens_diagnosis())
                }
                _ => false,
            },
            Action::Back => {
                self.screen != Screen::Experiments
                    || self.job.is_some()
                    || !self.filter().is_empty()
                    || self.expanded
            }
            Action::NextPanel | Action::PreviousPanel => {
                self.panels().len() > 1 && readout.is_some()
            }
            Action::Expand => self.screen != Screen::Experiments && readout.is_some(),
            Action::Show(screen) => {
                screen.is_built()
                    && self.screen != screen
                    && (screen == Screen::Experiments || self.experiment.is_some())
            }
            Action::Filter => {
                self.screen == Screen::Experiments
                    || (on(&[Screen::Summary, Screen::Checks]) && readout.is_some())
            }
            Action::NextMatch | Action::PreviousMatch => {
                if self.screen == Screen::Metric {
                    readout.is_some_and(|readout| readout.metrics.len() > 1)
                } else {
                    !self.filter().is_empty()
                }
            }
            Action::Sort => self.screen == Screen::Experiments && self.listings.len() > 1,
            Action::Mark => self.screen == Screen::Experiments && self.experiment.is_some(),
            Action::Population => {
                on(&[Screen::Summary, Screen::Metric]) && self.has_population(Population::Exposed)
            }
            Action::Segment => {
                self.screen == Screen::Metric
                    && self.segment().is_some_and(|(_, columns)| columns > 1)
            }
            Action::Days => {
                self.screen == Screen::Metric
                    && self
                        .metric()
                        .is_some_and(|metric| phrase::has_cumulative(metric, self.population))
            }
            Action::Diagnosis => {
                self.screen == Screen::Checks
                    && self.panel() != Panel::Diagnosis
                    && readout.is_some_and(|readout| readout.diagnosis.is_some())
            }
            Action::Export => readout.is_some() || !self.marked.is_empty(),
            Action::CopyRow | Action::CopyMarkdown => copy::grid(self).is_some(),
            Action::CommandLine | Action::Edit | Action::Recompute => self.experiment.is_some(),
            Action::Down
            | Action::Up
            | Action::Top
            | Action::Bottom
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::PageDown
            | Action::PageUp
            | Action::Leave
            | Action::Palette
            | Action::Help
            | Action::Mouse
            | Action::Quit => true,
        }
    }

    /// Does an action that can be done.
    pub(super) fn perform(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Down
            | Action::Up
            | Action::Top
            | Action::Bottom
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::PageDown
            | Action::PageUp => {
                let (at, length) = self.position();
                let page = self.extents.page.max(1);
                self.go_to(scrolled(action, at, page, length.saturating_sub(1)));
            }
            Action::Right | Action::Variant => self.turn_variant(1),
            Action::Left => self.turn_variant(-1),
            Action::Open => self.open(),
            Action::Back => return self.back(),
            Action::Leave if self.screen == Screen::Experiments => return vec![Effect::Quit],
            Action::Leave => self.leave(),
            Action::NextPanel => self.turn_panel(1),
            Action::PreviousPanel => self.turn_panel(-1),
            Action::Show(screen) => self.show(screen),
            Action::Filter => {
                let now = self.filter().to_owned();
                self.focus.remove(&self.screen);
                self.typing = Some(Input::new(now));
            }
            Action::NextMatch => self.turn_row(1),
            Action::PreviousMatch => self.turn_row(-1),
            Action::Sort => {
                self.order = self.order.next();
                self.tell(&format!("Experiments {}.", self.order.label()), false);
            }
            Action::Mark => self.mark(),
            Action::Population => {
                self.population = match self.population {
                    Population::Itt => Population::Exposed,
                    Population::Exposed => Population::Itt,
                };
            }
            Action::Segment => {
                let columns = self.segment().map_or(1, |(_, columns)| columns);
                self.segment = (self.segment + 1) % columns.max(1);
            }
            Action::Days => {
                self.cumulative = !self.cumulative;
                // Where only one panel is shown, the key would else seem to do nothing.
                let panels = self.screen.panels();
                let days = panels.iter().position(|panel| *panel == Panel::Days);
                self.focus.insert(self.screen, days.unwrap_or(0));
            }
            Action::Diagnosis => self.drill(Panel::Diagnosis),
            Action::Expand => self.expanded = !self.expanded,
            Action::Export => self.overlay = Some(Overlay::Export { selected: 0 }),
            Action::CopyRow => return self.copy(false),
            Action::CopyMarkdown => return self.copy(true),
            Action::CommandLine => return vec![Effect::CommandLine(self.subjects())],
            Action::Edit => return self.edit_definition(),
            Action::Recompute => {
                return vec![Effect::Reload {
                    only: self.experiment.clone(),
                }];
            }
            Action::Palette => {
                self.overlay = Some(Overlay::Palette {
                    input: Input::default(),
                    selected: 0,
                });
            }
            Action::Help => self.overlay = Some(Overlay::Help { scroll: 0 }),
            Action::Mouse => {
                self.mouse = !self.mouse;
                return vec![Effect::Mouse(self.mouse)];
            }
            Action::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    fn open(&mut self) {
        match self.screen {
            Screen::Experiments => self.show(Screen::Summary),
            Screen::Summary => self.show(Screen::Metric),
            Screen::Checks if self.opens_diagnosis() => self.drill(Panel::Diagnosis),
            Screen::Checks => self.drill(Panel::Check),
            _ => {}
        }
    }

    /// Gives a panel the whole body, from its first line.
    fn drill(&mut self, into: Panel) {
        let at = self.panels().iter().position(|panel| *panel == into);
        self.focus.insert(self.screen, at.unwrap_or(0));
        self.scroll.remove(&into);
        self.expanded = true;
    }

    /// Whether Enter goes on from an opened check to the diagnosis.
    fn opens_diagnosis(&self) -> bool {
        self.expanded
            && self.panel() == Panel::Check
            && self
                .readout()
                .zip(self.selected_check())
                .is_some_and(|(readout, check)| readout.is_diagnosed(check))
    }

    /// Puts an opened check, or the diagnosis, back to the list.
    fn close_drill_down(&mut self) {
        self.expanded = false;
        if matches!(self.panel(), Panel::Check | Panel::Diagnosis) {
            self.focus.remove(&self.screen);
        }
    }

    /// Esc: the innermost thing first.
    fn back(&mut self) -> Vec<Effect> {
        if self.expanded || self.panel() == Panel::Diagnosis {
            self.close_drill_down();
        } else if self
            .filters
            .get(&self.screen)
            .is_some_and(|filter| !filter.is_empty())
        {
            self.filters.remove(&self.screen);
        } else if self.cancels() {
            return self.cancel();
        } else {
            self.leave();
        }
        Vec::new()
    }

    /// Whether Esc cancels the job: the one that is waited for, or on Experiments any.
    pub(crate) fn cancels(&self) -> bool {
        self.job.as_ref().is_some_and(|job| {
            self.screen == Screen::Experiments || Some(&job.experiment) == self.experiment.as_ref()
        })
    }

    fn cancel(&mut self) -> Vec<Effect> {
        let Some(job) = self.job.take() else {
            return Vec::new();
        };
        let all = self.screen == Screen::Experiments;
        for (id, reading) in &mut self.readings {
            if all || id == &job.experiment {
                reading.wanted = false;
            }
        }
        self.tell("Cancelled. r computes it again.", false);
        vec![Effect::Cancel]
    }

    fn leave(&mut self) {
        match self.screen {
            Screen::Checks if self.expanded || self.panel() == Panel::Diagnosis => {
                self.close_drill_down();
            }
            Screen::Metric | Screen::Checks => self.show(Screen::Summary),
            _ => self.show(Screen::Experiments),
        }
    }

    fn turn_variant(&mut self, by: isize) {
        let count = self
            .readout()
            .map_or(0, |readout| readout.treatments().count());
        self.variant = turned(self.variant, by, count);
    }

    fn turn_panel(&mut self, by: isize) {
        let count = self.panels().len();
        let at = self.focus.get(&self.screen).copied().unwrap_or(0);
        self.focus.insert(self.screen, turned(at, by, count));
    }

    fn turn_row(&mut self, by: isize) {
        if self.screen != Screen::Metric {
            let (at, length) = self.position();
            self.go_to(turned(at, by, length));
            return;
        }
        let Some(readout) = self.readout() else {
            return;
        };
        let at = readout
            .metrics
            .iter()
            .position(|metric| Some(metric.id.as_str()) == self.metric.as_deref());
        let next = turned(at.unwrap_or(0), by, readout.metrics.len());
        self.metric = readout
            .metrics
            .get(next)
            .map(|metric| metric.id.to_string());
        self.segment = 0;
        self.scroll.clear();
    }

    fn mark(&mut self) {
        if let Some(id) = self.experiment.clone() {
            if !self.marked.remove(&id) {
                self.marked.insert(id);
            }
            self.move_by(1);
        }
    }

    /// The experiments an action is about: those marked, else the one that is looked at.
    fn subjects(&self) -> Vec<String> {
        if self.screen == Screen::Experiments && !self.marked.is_empty() {
            self.marked.iter().cloned().collect()
        } else {
            self.experiment.iter().cloned().collect()
        }
    }

    /// Exports what is ready of the subjects.
    pub(super) fn export(&mut self, format: Option<ExportFormat>) -> Vec<Effect> {
        let experiments: Vec<String> = self
            .subjects()
            .into_iter()
            .filter(|id| {
                self.readings
                    .get(id)
                    .is_some_and(|reading| reading.readout.is_some())
            })
            .collect();
        match format {
            Some(format) if !experiments.is_empty() => vec![Effect::Export {
                experiments,
                format,
            }],
            _ => {
                self.tell("There is no readout to export yet.", true);
                Vec::new()
            }
        }
    }

    fn copy(&mut self, markdown: bool) -> Vec<Effect> {
        let Some(grid) = copy::grid(self) else {
            return Vec::new();
        };
        let text = if markdown {
            grid.markdown()
        } else {
            grid.row()
        };
        vec![Effect::Copy { text, markdown }]
    }

    fn edit_definition(&mut self) -> Vec<Effect> {
        let metric = self.metric().map(|metric| metric.id.to_string());
        let subject = match (self.screen, metric, self.experiment.clone()) {
            (Screen::Summary | Screen::Metric, Some(metric), _) => Subject::Metric(metric),
            (_, _, Some(experiment)) => Subject::Experiment(experiment),
            _ => return Vec::new(),
        };
        vec![Effect::Edit(subject)]
    }
}

/// A position moved around a ring.
fn turned(at: usize, by: isize, count: usize) -> usize {
    if count == 0 {
        return 0;
    }
    if by < 0 {
        (at + count - 1) % count
    } else {
        (at + 1) % count
    }
}
