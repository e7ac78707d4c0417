//! Defines what every check is: its number, its stage, the question it answers, and what to do next when it does not pass.

use crate::domain::result::{CheckId, CheckStage};

/// The number of a check in the runbook, and the stage it looks at.
pub(super) const fn place(id: CheckId) -> (u32, CheckStage) {
    match id {
        CheckId::VariantVocabulary => (9, CheckStage::Integrity),
        CheckId::UnitIds => (10, CheckStage::Integrity),
        CheckId::Identity => (11, CheckStage::Integrity),
        CheckId::Duplicates => (12, CheckStage::Integrity),
        CheckId::JoinIntegrity => (14, CheckStage::Integrity),
        CheckId::DuplicateOutcomes => (13, CheckStage::Integrity),
        CheckId::ContradictingVariant => (15, CheckStage::Integrity),
        CheckId::Contract => (29, CheckStage::Integrity),
        CheckId::SampleRatioSequential => (2, CheckStage::Assignment),
        CheckId::AsymmetricExclusion => (8, CheckStage::Assignment),
        CheckId::SampleRatioOverTime => (5, CheckStage::Assignment),
        CheckId::CarryOver => (23, CheckStage::Assignment),
        CheckId::Eligibility => (28, CheckStage::Assignment),
        CheckId::AllocationChange => (6, CheckStage::Assignment),
        CheckId::SampleRatioBySegment => (4, CheckStage::Assignment),
        CheckId::Placebo => (20, CheckStage::Exposure),
        CheckId::PrePeriodBalance => (21, CheckStage::PrePeriod),
        CheckId::DifferentialMissingness => (22, CheckStage::Outcome),
        CheckId::SampleRatio => (1, CheckStage::Assignment),
        CheckId::SeveralVariants => (7, CheckStage::Assignment),
        CheckId::TimeOrder => (16, CheckStage::Exposure),
        CheckId::ExposureRate => (19, CheckStage::Exposure),
        CheckId::SampleRatioExposed => (3, CheckStage::Exposure),
        CheckId::LateEvents => (17, CheckStage::Outcome),
        CheckId::Gaps => (18, CheckStage::Outcome),
        CheckId::Plausibility => (24, CheckStage::Outcome),
        CheckId::DesignDrift => (25, CheckStage::Inference),
        CheckId::FewUnits => (26, CheckStage::Inference),
        CheckId::Bookkeeping => (27, CheckStage::Inference),
    }
}

/// The question a check answers.
pub(super) const fn question(id: CheckId) -> &'static str {
    match id {
        CheckId::VariantVocabulary => {
            "Does every assignment carry a variant that the experiment knows, and does every variant have units?"
        }
        CheckId::UnitIds => "Do rows carry usable unit ids?",
        CheckId::Identity => {
            "Do ids belong to as many persons in every variant, and are they known as often?"
        }
        CheckId::Duplicates => "Are assignments and exposures logged once?",
        CheckId::JoinIntegrity => {
            "Does every row find its unit, and every unit one row of attributes?"
        }
        CheckId::DuplicateOutcomes => "Does every event stand in its table once?",
        CheckId::CarryOver => {
            "Do units come without a past in an earlier version, and without another experiment's split?"
        }
        CheckId::Eligibility => "Were only units assigned that may be in the experiment?",
        CheckId::LateEvents => "Have the rows come that metrics are about?",
        CheckId::Gaps => "Does every day have its rows, in every variant?",
        CheckId::DesignDrift => "Is the test read as it was planned?",
        CheckId::FewUnits => "Does an effect rest on many units, or on a few heavy ones?",
        CheckId::ContradictingVariant => "Does exposure carry the variant that was assigned?",
        CheckId::Contract => "Do rows keep the rules that readout.toml declares?",
        CheckId::SampleRatioSequential => {
            "Would the split be as planned, had we looked on any day?"
        }
        CheckId::AsymmetricExclusion => {
            "Do units in several variants come from every variant alike?"
        }
        CheckId::SampleRatioOverTime => "Is the split the same on every day?",
        CheckId::AllocationChange => {
            "Did weights change, and does pooling over them move an effect?"
        }
        CheckId::SampleRatioBySegment => "Is the split as planned in every level of the segments?",
        CheckId::Placebo => "Are units that never met the variant the same in all variants?",
        CheckId::PrePeriodBalance => "Were variants the same before assignment?",
        CheckId::DifferentialMissingness => "Do as many units have a value in every variant?",
        CheckId::SampleRatio => "Do variants have the units that the planned weights promise?",
        CheckId::SeveralVariants => "Is every unit in one variant only?",
        CheckId::TimeOrder => "Does assignment come before exposure, and everything before as-of?",
        CheckId::ExposureRate => {
            "Is the same share of units exposed in every variant, and the share that was planned?"
        }
        CheckId::SampleRatioExposed => "Do exposed units keep the planned weights?",
        CheckId::Plausibility => {
            "Are the effects too good, the numbers too small, or is it too soon?"
        }
        CheckId::Bookkeeping => "Do the parts of the population add up to the whole, exactly?",
    }
}

/// What to do next, in one line.
pub(super) const fn next_step(id: CheckId) -> &'static str {
    match id {
        CheckId::VariantVocabulary => {
            "Map the label to a variant in the table's `variants`, or correct the experiment's; then look why a variant is empty."
        }
        CheckId::UnitIds => {
            "Find the client or job that writes empty, placeholder or re-formatted ids, and fix it at the source."
        }
        CheckId::Identity => {
            "Look whether the variant changes when people log in; compare persons with `by = \"person\"` under [analysis]."
        }
        CheckId::Duplicates => {
            "Look for a retry without a request id or a job that loads a day twice; compare the affected units by variant."
        }
        CheckId::JoinIntegrity => {
            "Compare unit ids of both tables for one affected unit: format, hashing and late assignment are the usual causes."
        }
        CheckId::DuplicateOutcomes => {
            "Look for a retry without an event id or a day that was loaded twice, and count each event once."
        }
        CheckId::CarryOver => {
            "Give the experiment a salt of its own and start it anew; else wait until what the earlier one did has worn off."
        }
        CheckId::Eligibility => {
            "Move the condition to where units are assigned, and look on which day it began to let others in."
        }
        CheckId::LateEvents => "Wait as long as rows come late, or read out with an earlier as-of.",
        CheckId::Gaps => {
            "Ask who loads the table for the missing days; then run the readout again."
        }
        CheckId::DesignDrift => {
            "Keep running to the planned end, or declare a sequential family before the next experiment."
        }
        CheckId::FewUnits => {
            "Look at the heavy units: bots, tests, resellers; a cap or a share of units says more of the others."
        }
        CheckId::ContradictingVariant => {
            "Find where the exposure takes its variant from: a second lookup, a cache, or another experiment's flag."
        }
        CheckId::Contract => {
            "Look at the rows that `readout check EXPERIMENT --quarantine` writes, with the rule's owner; correct the source or the rule."
        }
        CheckId::SampleRatioSequential => {
            "Stop enrolling before more units are lost; then look as for the sample ratio."
        }
        CheckId::AsymmetricExclusion => {
            "Read out with units kept where they were first seen, and find what moves units out of one variant."
        }
        CheckId::SampleRatioOverTime => {
            "Find the day on which it changes and what was released then; the first day often holds a warm-up."
        }
        CheckId::AllocationChange => {
            "Keep `ramp = \"stratified\"`, or read out the longest epoch alone."
        }
        CheckId::SampleRatioBySegment => {
            "Look at what is particular to that level: a client version, a redirect, a bot filter."
        }
        CheckId::Placebo => {
            "Read itt. Exposure is logged too late or not at all for some units, or the variant acts before it."
        }
        CheckId::PrePeriodBalance => {
            "Look for a re-used salt, an earlier experiment on the same units, or a filter that depends on the variant."
        }
        CheckId::DifferentialMissingness => {
            "Find what logs the value and whether the variant changes when it does; count missing as zero where that is true."
        }
        CheckId::SampleRatio => {
            "Before anyone reads the effects, check weights and ramp dates, then redirects, bots, and filters that depend on the variant."
        }
        CheckId::SeveralVariants => {
            "Look for units that change id or device, a changed salt, or overlapping flags; compare with the units left out."
        }
        CheckId::TimeOrder => {
            "Compare the clocks and time zones of the two tables for a few affected units."
        }
        CheckId::ExposureRate => {
            "Check that exposure is logged at the same point in every variant, before anything the variant changes."
        }
        CheckId::SampleRatioExposed => {
            "Read itt. Then find what decides about exposure after assignment and differs between variants."
        }
        CheckId::Plausibility => {
            "Wait for more units or windows to end; look for a logging change behind an effect that is too good."
        }
        CheckId::Bookkeeping => {
            "This is an error of the program or of a custom engine: keep the inputs and report it."
        }
    }
}
