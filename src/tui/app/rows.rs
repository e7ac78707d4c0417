//! Defines which rows a list shows, in which order, and how the selection moves through them.

use super::App;
use crate::domain::definition::ExperimentStatus;
use crate::domain::result::{Check, MetricReadout, Readout};
use crate::tui::library::Listing;
use crate::tui::phrase;
use crate::tui::screen::{Panel, Screen};

/// How experiments are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    AsListed,
    Verdict,
    Effect,
    Checks,
}

impl Order {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::AsListed => "as listed",
            Self::Verdict => "by verdict",
            Self::Effect => "by primary effect",
            Self::Checks => "by checks",
        }
    }

    pub(crate) const fn next(self) -> Self {
        match self {
            Self::AsListed => Self::Verdict,
            Self::Verdict => Self::Effect,
            Self::Effect => Self::Checks,
            Self::Checks => Self::AsListed,
        }
    }
}

fn matches<'a>(needle: &str, haystack: impl IntoIterator<Item = &'a str>) -> bool {
    let needle = needle.trim().to_lowercase();
    needle.is_empty()
        || haystack
            .into_iter()
            .any(|text| text.to_lowercase().contains(&needle))
}

impl App {
    /// The experiments that the filter leaves, in the chosen order.
    pub(crate) fn visible_experiments(&self) -> Vec<&Listing> {
        let filter = if self.screen == Screen::Experiments {
            self.filter()
        } else {
            self.filters
                .get(&Screen::Experiments)
                .map_or("", String::as_str)
        };
        let mut visible: Vec<&Listing> = self
            .listings
            .iter()
            .filter(|listing| {
                let readout = self.ready(&listing.id);
                let words = readout.iter().flat_map(|readout| {
                    readout.verdicts.iter().map(|verdict| verdict.word.label())
                });
                matches(
                    filter,
                    [listing.id.as_str(), listing.owner.as_str()]
                        .into_iter()
                        .chain(listing.status.map(ExperimentStatus::label))
                        .chain(words),
                )
            })
            .collect();
        let ready = |listing: &Listing| self.ready(&listing.id);
        match self.order {
            Order::AsListed => {}
            Order::Verdict => visible.sort_by_key(|listing| {
                ready(listing)
                    .and_then(|readout| readout.verdicts.iter().map(|verdict| verdict.word).min())
                    .map_or((1, None), |word| (0, Some(word)))
            }),
            Order::Effect => visible.sort_by(|left, right| {
                let gain = |listing: &Listing| {
                    ready(listing)
                        .and_then(phrase::headline_gain)
                        .unwrap_or(f64::NEG_INFINITY)
                };
                gain(right).total_cmp(&gain(left))
            }),
            Order::Checks => visible.sort_by_key(|listing| {
                std::cmp::Reverse(ready(listing).map(|readout| {
                    let counts = phrase::CheckCounts::of(&readout.checks);
                    (counts.fail, counts.warn, counts.other)
                }))
            }),
        }
        visible
    }

    fn ready(&self, id: &str) -> Option<&Readout> {
        self.readings.get(id)?.readout.as_deref()
    }

    /// The metrics that the filter of Summary leaves.
    pub(crate) fn visible_metrics(&self) -> Vec<&MetricReadout> {
        let filter = if self.screen == Screen::Summary {
            self.filter()
        } else {
            ""
        };
        self.readout().map_or_else(Vec::new, |readout| {
            readout
                .metrics
                .iter()
                .filter(|metric| {
                    matches(
                        filter,
                        [
                            metric.id.as_str(),
                            metric.owner.as_str(),
                            metric.role.label(),
                        ],
                    )
                })
                .collect()
        })
    }

    /// The checks that the filter leaves, with their positions in the readout.
    pub(crate) fn visible_checks(&self) -> Vec<(usize, &Check)> {
        let filter = if self.screen == Screen::Checks {
            self.filter()
        } else {
            ""
        };
        self.readout().map_or_else(Vec::new, |readout| {
            readout
                .checks
                .iter()
                .enumerate()
                .filter(|(_, check)| {
                    matches(
                        filter,
                        [
                            check.id.label(),
                            check.status.label(),
                            check.stage.label(),
                            check.finding.as_str(),
                        ],
                    )
                })
                .collect()
        })
    }

    /// The check that is selected.
    pub(crate) fn selected_check(&self) -> Option<&Check> {
        let visible = self.visible_checks();
        visible
            .iter()
            .find(|(index, _)| *index == self.check)
            .or_else(|| visible.first())
            .map(|(_, check)| *check)
    }

    /// Where the selection is in the list of the focused panel, and how long that is.
    pub(crate) fn position(&self) -> (usize, usize) {
        match self.panel() {
            Panel::Experiments => {
                let visible = self.visible_experiments();
                let at = visible
                    .iter()
                    .position(|listing| Some(&listing.id) == self.experiment.as_ref());
                (at.unwrap_or(0), visible.len())
            }
            Panel::Effects => {
                let visible = self.visible_metrics();
                let at = visible
                    .iter()
                    .position(|metric| Some(metric.id.as_str()) == self.metric.as_deref());
                (at.unwrap_or(0), visible.len())
            }
            Panel::Checks => {
                let visible = self.visible_checks();
                let at = visible.iter().position(|(index, _)| *index == self.check);
                (at.unwrap_or(0), visible.len())
            }
            _ => (self.scrolled(self.panel()), self.extents.limit + 1),
        }
    }

    /// Selects a row of the focused list, or scrolls the focused panel to a line.
    pub(super) fn go_to(&mut self, target: usize) {
        match self.panel() {
            Panel::Experiments => {
                let id = self
                    .visible_experiments()
                    .get(target)
                    .map(|listing| listing.id.clone());
                if let Some(id) = id {
                    self.select_experiment(id);
                }
            }
            Panel::Effects => {
                let id = self
                    .visible_metrics()
                    .get(target)
                    .map(|metric| metric.id.to_string());
                if id.is_some() {
                    self.metric = id;
                    self.segment = 0;
                }
            }
            Panel::Checks => {
                let index = self.visible_checks().get(target).map(|(index, _)| *index);
                if let Some(index) = index {
                    self.check = index;
                    // What was scrolled was of another check.
                    self.scroll.remove(&Panel::Check);
                    self.scroll.remove(&Panel::Counts);
                }
            }
            panel => {
                self.scroll.insert(panel, target);
            }
        }
    }

    /// Moves the selection, or scrolls, by some rows; stops at the ends.
    pub(super) fn move_by(&mut self, rows: isize) {
        let (at, length) = self.position();
        self.go_to(at.saturating_add_signed(rows).min(length.saturating_sub(1)));
    }

    /// Makes sure that the selected row is one that the filter leaves.
    pub(super) fn select_visible(&mut self) {
        if self.panel().is_list() {
            let (at, _) = self.position();
            self.go_to(at);
        }
    }
}
