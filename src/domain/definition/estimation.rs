//! Defines the choices inside single estimators that tools make silently: which test of two shares, which quantile.

use crate::domain::vocabulary;

vocabulary! {
    /// How the difference of two proportions is tested and its interval formed, from counts.
    pub enum ProportionMethod {
        /// One pooled variance for the test and the interval.
        PooledZ = "pooled-z", "pooled z";
        /// The same with Yates' continuity correction in both.
        PooledZYates = "pooled-z-yates", "pooled z, continuity corrected";
        /// A variance a variant, divided by n.
        UnpooledZ = "unpooled-z", "unpooled z";
        /// A variance a variant, divided by n − 1.
        UnpooledZSample = "unpooled-z-sample", "unpooled z, n − 1";
        /// A variance a variant, with Yates' continuity correction.
        UnpooledZYates = "unpooled-z-yates", "unpooled z, continuity corrected";
        /// Pearson's χ² (pooled) for the test, the unpooled interval beside it.
        ChiSquare = "chi-square", "χ² test, unpooled interval";
        /// The same with Yates' continuity correction in both.
        ChiSquareYates = "chi-square-yates", "χ² test, unpooled interval, continuity corrected";
        /// Newcombe's hybrid of two Wilson intervals.
        Newcombe = "newcombe", "Newcombe";
        /// Agresti and Caffo: one success and one failure added to each variant.
        AgrestiCaffo = "agresti-caffo", "Agresti–Caffo";
        /// Miettinen and Nurminen's score interval.
        MiettinenNurminen = "miettinen-nurminen", "Miettinen–Nurminen";
    }
}
