//! Defines what the tables say once rows are gone: exact sums, moments, counts, ledgers, and the [`Summary`] that holds them.
//!
//! The summary lives here and not beside the plan because checks, statistics and comparison read it without knowing any plan.

mod contract;
mod counts;
mod exact;
mod exact_text;
mod ledger;
mod moments;
mod order_statistics;
mod quarantine;
mod resampling;
mod summary;
mod wide;

pub use contract::ContractCounts;
pub use counts::{
    Arrivals, AssignmentCounts, AttributeCounts, ByVariant, DayCounts, ExposureCounts,
    IdentifierCounts, IdentityCounts, OutcomeCounts, Repeats,
};
pub use exact::ExactSum;
pub use ledger::{LedgerLine, OutOfScope, Rejection, RejectionRule, RowRule, TableLedger};
pub use moments::{JointSums, Moments};
pub use order_statistics::{OrderStatistics, QUANTILE_LEVEL, effective_values, quantile_ranks};
pub use quarantine::{QuarantinedRow, QuarantinedTable};
pub use resampling::{REPLICATES_A_BLOCK, philox, poisson_weight, poisson_weights};
pub use summary::{
    AsOf, Cell, CellKey, Draw, Draws, Evidence, Further, Heaviest, Layout, Partition, Slice,
    Summary,
};
