//! Defines what is looked at: the experiment, metric, variant, segment, panel and filter that keys and drawing are about.

use super::{App, Reading};
use crate::domain::definition::Population;
use crate::domain::result::{MetricReadout, Readout};
use crate::tui::library::Listing;
use crate::tui::phrase;
use crate::tui::screen::Panel;

impl App {
    /// The readout that is looked at.
    pub(crate) fn readout(&self) -> Option<&Readout> {
        self.readings
            .get(self.experiment.as_ref()?)?
            .readout
            .as_deref()
    }

    /// What is known of the readout that is looked at.
    pub(crate) fn reading(&self) -> Option<&Reading> {
        self.readings.get(self.experiment.as_ref()?)
    }

    /// The listing of the experiment that is looked at.
    pub(crate) fn listing(&self) -> Option<&Listing> {
        let id = self.experiment.as_ref()?;
        self.listings.iter().find(|listing| &listing.id == id)
    }

    /// The metric that is looked at.
    pub(crate) fn metric(&self) -> Option<&MetricReadout> {
        let readout = self.readout()?;
        readout
            .metrics
            .iter()
            .find(|metric| Some(metric.id.as_str()) == self.metric.as_deref())
            .or_else(|| readout.metrics.first())
    }

    /// The treatment variant that is looked at.
    pub(crate) fn treatment(&self) -> Option<&str> {
        let readout = self.readout()?;
        readout
            .treatments()
            .nth(self.variant)
            .or_else(|| readout.treatments().next())
    }

    /// The segment column that is looked at, and how many the metric has.
    pub(crate) fn segment(&self) -> Option<(&str, usize)> {
        let columns = phrase::segment_columns(self.metric()?);
        let column = columns.get(self.segment).or_else(|| columns.first())?;
        Some((column, columns.len()))
    }

    /// The panels of the screen that this readout has something for.
    pub(crate) fn panels(&self) -> Vec<Panel> {
        let diagnosed = self
            .readout()
            .is_some_and(|readout| readout.diagnosis.is_some());
        let panels = self.screen.panels().iter().copied();
        panels
            .filter(|panel| *panel != Panel::Diagnosis || diagnosed)
            .collect()
    }

    /// The panel that keys go to.
    pub(crate) fn panel(&self) -> Panel {
        let panels = self.panels();
        let at = self.focus.get(&self.screen).copied().unwrap_or(0);
        panels
            .get(at)
            .or_else(|| panels.first())
            .copied()
            .unwrap_or(Panel::Experiments)
    }

    pub(crate) fn scrolled(&self, panel: Panel) -> usize {
        self.scroll.get(&panel).copied().unwrap_or(0)
    }

    /// The filter of the screen, in force or being typed.
    pub(crate) fn filter(&self) -> &str {
        match &self.typing {
            Some(input) => input.value(),
            None => self.filters.get(&self.screen).map_or("", String::as_str),
        }
    }

    /// Whether any metric was read out in a population.
    pub(crate) fn has_population(&self, population: Population) -> bool {
        self.readout().is_some_and(|readout| {
            readout
                .metrics
                .iter()
                .any(|metric| phrase::has_population(metric, population))
        })
    }
}
