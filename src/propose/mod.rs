//! What `quick` and `init` guess about tables, and simulated workspaces with known truth.

pub mod quick;
