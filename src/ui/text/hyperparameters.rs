//! The words of the Hyperparameters page. The fields' own names and help come from their table.

use crate::run::hyperparameters::Group;

/// The words of the Hyperparameters page.
pub struct HyperparametersText {
    /// Under the page's title.
    pub subtitle: &'static str,
    /// A preset's name.
    pub quick: &'static str,
    /// What it is for.
    pub quick_note: &'static str,
    /// A preset's name.
    pub balanced: &'static str,
    /// What it is for.
    pub balanced_note: &'static str,
    /// A preset's name.
    pub thorough: &'static str,
    /// What it is for.
    pub thorough_note: &'static str,
    /// A preset's time: "about 20 s".
    pub about: fn(&str) -> String,
    /// Heading of a group of fields.
    pub group: fn(Group) -> &'static str,
    /// Values that need translating: a field's name, the value.
    pub choice: fn(&str) -> &str,
    /// Heading of the schedule.
    pub schedule: &'static str,
    /// Beside it.
    pub schedule_note: &'static str,
    /// Under the pointer: step and rate.
    pub schedule_hover: fn(&str, &str) -> String,
    /// Heading of what the run will take.
    pub summary: &'static str,
    /// Total steps.
    pub steps: &'static str,
    /// Behind them: steps per epoch.
    pub per_epoch: fn(&str) -> String,
    /// Time.
    pub time: &'static str,
    /// Memory.
    pub memory: &'static str,
    /// Behind it: how much is free.
    pub free: fn(&str) -> String,
    /// When a run may need more memory than is free.
    pub too_large: &'static str,
    /// Button: gradient checkpointing.
    pub recompute: &'static str,
    /// Button: half the batch, twice the accumulation.
    pub halve: &'static str,
    /// Before there is an estimate.
    pub no_estimate: &'static str,
    /// The footer while a field is wrong.
    pub wrong: fn(&str) -> String,
    /// The footer.
    pub status: &'static str,
}

/// English.
pub const ENGLISH: HyperparametersText = HyperparametersText {
    subtitle: "How it learns; a preset is a good start",
    quick: "Quick look",
    quick_note: "One epoch: does it learn at all?",
    balanced: "Balanced",
    balanced_note: "Three epochs: the usual choice",
    thorough: "Thorough",
    thorough_note: "Up to eight gentler epochs, stops by itself",
    about: |time| format!("about {time}"),
    group: |group| match group {
        Group::Method => "What is trained",
        Group::Learning => "Learning",
        Group::Batches => "Batches",
        Group::Optimiser => "Optimiser",
        Group::Regularisation => "Regularisation",
        Group::Evaluation => "Evaluation",
    },
    choice: |value| value,
    schedule: "Learning rate",
    schedule_note: "over the steps of the run",
    schedule_hover: |step, rate| format!("step {step}\n{rate}"),
    summary: "This run",
    steps: "Steps",
    per_epoch: |steps| format!("{steps} per epoch"),
    time: "Time",
    memory: "Memory",
    free: |memory| format!("{memory} free"),
    too_large: "More than is free: the computer would slow down or end the run.",
    recompute: "Recompute instead of keeping",
    halve: "Half the batch, twice the passes",
    no_estimate: "Known once data and model are chosen",
    wrong: |name| format!("{name} has no valid value"),
    status: "The values are written into the run file, under these names",
};
