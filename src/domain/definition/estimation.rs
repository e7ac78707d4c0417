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

vocabulary! {
    /// How a sample quantile is interpolated: the nine definitions of Hyndman and Fan (1996).
    pub enum QuantileType {
        /// Type 1: the inverse of the distribution's steps.
        InvertedSteps = "type-1", "type 1, inverse of the steps";
        /// Type 2: the same, averaged where it is flat (SAS).
        AveragedSteps = "type-2", "type 2, steps averaged";
        /// Type 3: the nearest even order statistic.
        NearestEven = "type-3", "type 3, nearest even rank";
        /// Type 4: linear between the steps.
        LinearSteps = "type-4", "type 4, linear between steps";
        /// Type 5: linear between the middles of the steps (Hazen).
        Hazen = "type-5", "type 5, Hazen";
        /// Type 6: linear between expected ranks (Weibull; SPSS, Minitab).
        Weibull = "type-6", "type 6, Weibull";
        /// Type 7: linear between modes (R, numpy, SQL's `percentile_cont`).
        Linear = "type-7", "type 7, linear";
        /// Type 8: near to unbiased for the median.
        MedianUnbiased = "type-8", "type 8, median unbiased";
        /// Type 9: near to unbiased where values are normal.
        NormalUnbiased = "type-9", "type 9, normal unbiased";
    }
}

vocabulary! {
    /// How the standard error of a quantile is taken from order statistics.
    pub enum QuantileErrorForm {
        /// The width of the binomial interval of its rank over 2z.
        BinomialInterval = "binomial-interval", "binomial interval";
        /// The same with (n − 1)/n more in the variance (GrowthBook).
        BinomialIntervalSample = "binomial-interval-sample", "binomial interval, n − 1";
    }
}

vocabulary! {
    /// How the standard error of the effect on compliers is formed.
    pub enum CompliersErrorForm {
        /// Robust, with N/(N − 2) (Stata, R's `sandwich`).
        Hc1 = "hc1", "robust, HC1";
        /// Robust without a correction (Python's `linearmodels`).
        Hc0 = "hc0", "robust, HC0";
        /// Robust with n − 1 a variant: the delta method with the covariance.
        Hc2 = "hc2", "robust, HC2";
        /// One variance for all residuals, over N − 2.
        Homoskedastic = "homoskedastic", "one variance, N − 2";
        /// One variance for all residuals, over N.
        HomoskedasticLarge = "homoskedastic-large", "one variance, N";
        /// As if the difference of exposure were known.
        FixedFirstStage = "fixed-first-stage", "first stage taken as fixed";
        /// The delta method without the covariance: wrong, and seen in print.
        NoCovariance = "no-covariance", "delta method without covariance";
    }
}

vocabulary! {
    /// How strata are weighted.
    pub enum StratumWeights {
        /// By their share of all units: the effect on the population that was assigned.
        PooledShares = "pooled-shares", "share of units";
        /// By the product of both counts over their sum: the least variance, for the epochs of a ramp.
        Precision = "precision", "precision";
    }
}

vocabulary! {
    /// Whose slope a covariate is adjusted with.
    pub enum SlopeForm {
        /// The slope that makes the pair's difference least variable.
        PerPair = "per-pair", "least variance of the pair";
        /// The slope over both variants together, their difference included.
        Pooled = "pooled", "both variants together";
        /// The slope within variants (analysis of covariance).
        WithinVariants = "within-variants", "within variants";
        /// A slope a variant (Lin).
        PerVariant = "per-variant", "a slope a variant";
        /// The control's slope.
        ControlOnly = "control-only", "the control's";
    }
}

vocabulary! {
    /// Degrees of freedom of the residual variance of an adjusted variant.
    pub enum ResidualFreedom {
        /// Units less one and less the covariates used.
        LessCovariates = "less-covariates", "n − 1 − covariates";
        /// Units less one.
        UnitsLessOne = "units-less-one", "n − 1";
    }
}

vocabulary! {
    /// What the lift of an adjusted difference is relative to.
    pub enum AdjustedLift {
        /// The adjusted control mean.
        AdjustedMean = "adjusted-mean", "adjusted control mean";
        /// The control mean as it is, with its covariance.
        RawMean = "raw-mean", "control mean before adjustment";
        /// The same, as if covariate means were equal.
        RawMeanBalanced = "raw-mean-balanced", "control mean before adjustment, covariates taken as balanced";
        /// The same, without the covariance.
        RawMeanIndependent = "raw-mean-independent", "control mean before adjustment, without covariance";
    }
}
