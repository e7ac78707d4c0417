//! Defines the one way a closed vocabulary is written: an enum with `ALL`, a stable `name` and a human `label`.
//!
//! Names are what files, JSON and command lines hold and never change; labels are what a reader sees and may.

/// A word that is not in a closed vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not one of {}", known.join(", "))]
pub struct UnknownName {
    /// The word that was found.
    pub found: String,
    /// Every word that would have been understood.
    pub known: Vec<&'static str>,
}

/// Declares a closed vocabulary: each variant with its stable name and its human label.
macro_rules! vocabulary {
    (
        $(#[$outer:meta])*
        pub enum $type:ident {
            $( $(#[$inner:meta])* $variant:ident = $name:literal, $label:literal; )+
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $type {
            $( $(#[$inner])* #[serde(rename = $name)] $variant, )+
        }

        impl $type {
            /// Every member, in declaration order.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The stable name used in files, JSON and command lines.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// The words a reader sees.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $( Self::$variant => $label, )+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::domain::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|member| member.name() == text).ok_or_else(|| {
                    $crate::domain::UnknownName {
                        found: text.to_owned(),
                        known: Self::ALL.iter().map(|member| member.name()).collect(),
                    }
                })
            }
        }
    };
}
pub(crate) use vocabulary;
