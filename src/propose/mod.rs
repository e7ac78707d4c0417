//! Defines what the program proposes before there is a workspace; so far: worlds with known truth in [`simulate`].

pub mod simulate;
