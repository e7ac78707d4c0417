//! Defines the screens and their panels. A screen that is not built yet has its place and number, and no key.

/// A screen, in the order of the number keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Screen {
    Experiments,
    Summary,
    Metric,
    Checks,
    Compare,
    Catalog,
    Records,
}

impl Screen {
    pub(crate) const ALL: [Self; 7] = [
        Self::Experiments,
        Self::Summary,
        Self::Metric,
        Self::Checks,
        Self::Compare,
        Self::Catalog,
        Self::Records,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Experiments => "Experiments",
            Self::Summary => "Summary",
            Self::Metric => "Metric",
            Self::Checks => "Checks",
            Self::Compare => "Compare",
            Self::Catalog => "Catalog",
            Self::Records => "Records",
        }
    }

    /// Whether the screen can be shown.
    pub(crate) const fn is_built(self) -> bool {
        !matches!(self, Self::Compare | Self::Catalog | Self::Records)
    }

    /// The panels that Tab goes through.
    pub(crate) const fn panels(self) -> &'static [Panel] {
        match self {
            Self::Experiments => &[Panel::Experiments],
            Self::Summary => &[Panel::Effects, Panel::Verdict],
            Self::Metric => &[
                Panel::Effect,
                Panel::Segments,
                Panel::Days,
                Panel::Definition,
                Panel::Conventions,
            ],
            // The diagnosis stands last: not every readout has one.
            Self::Checks => &[
                Panel::Checks,
                Panel::Check,
                Panel::Counts,
                Panel::Rows,
                Panel::Diagnosis,
            ],
            Self::Compare | Self::Catalog | Self::Records => &[],
        }
    }
}

/// A part of a screen that can be focused and expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Panel {
    Experiments,
    Effects,
    Verdict,
    Effect,
    Segments,
    Days,
    Definition,
    Conventions,
    Checks,
    Check,
    Counts,
    Rows,
    Diagnosis,
}

impl Panel {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Experiments => "Experiments",
            Self::Effects => "Effects",
            Self::Verdict => "Verdict",
            Self::Effect => "Effect",
            Self::Segments => "Segments",
            Self::Days => "By entry day",
            Self::Definition => "Definition",
            Self::Conventions => "Conventions",
            Self::Checks => "Checks",
            Self::Check => "This check",
            Self::Counts => "Counts",
            Self::Rows => "Rows",
            Self::Diagnosis => "Diagnosis",
        }
    }

    /// Whether it is a list with a selected row; other panels scroll.
    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::Experiments | Self::Effects | Self::Checks)
    }
}
