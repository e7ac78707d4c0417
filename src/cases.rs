//! Defines how one fact is tested over many cases, each a test of its own name.

/// `cases! { fact: name(arguments); … }` makes a test of every name that calls `fact(arguments)`.
macro_rules! cases {
    ($fact:ident: $($name:ident($($argument:expr),* $(,)?);)+) => {
        mod $fact {
            #[allow(unused_imports, reason = "arguments may be plain literals")]
            use super::*;

            $(
                #[test]
                fn $name() {
                    super::$fact($($argument),*);
                }
            )+
        }
    };
}
