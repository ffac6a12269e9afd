//! Whether the rows fit the task and the model, in words.

/// Whether the rows fit the task and the model. Kinds of rows come as
/// [`ReadingText::kind_name`](super::ReadingText::kind_name) has them, tasks and models by their
/// titles.
pub struct FitText {
    /// The file looks like other rows than it is read for.
    pub looks_like: fn(looks: &str, read: &str) -> String,
    /// The task learns from other rows than the file has.
    pub other_rows: fn(has: &str, task: &str, learns: &str) -> String,
    /// The task needs two texts, the rows have one.
    pub one_text: fn(task: &str) -> String,
    /// The rows have two texts, of these columns; the task is usually for one.
    pub two_texts: fn(first: &str, second: &str) -> String,
    /// Leaves the second text out.
    pub first_alone: &'static str,
    /// Changes to the task that fits.
    pub switch: fn(task: &str) -> String,
    /// Reads the rows as the task needs them.
    pub read_for_task: &'static str,
    /// The rows are Chinese, the model is not.
    pub chinese: fn(model: &str, languages: &str) -> String,
    /// Takes a model that knows Chinese.
    pub take: fn(model: &str) -> String,
}

/// English.
pub const ENGLISH: FitText = FitText {
    looks_like: |looks, read| format!("The file looks like {looks}; it is read as {read}."),
    other_rows: |has, task, learns| {
        format!("The file has {has}, but the task {task} learns from {learns}.")
    },
    one_text: |task| format!("The rows have one text each, but the task {task} reads two."),
    two_texts: |first, second| {
        format!("Two texts are read together, the columns \"{first}\" and \"{second}\".")
    },
    first_alone: "Read the first alone",
    switch: |task| format!("Switch to {task}"),
    read_for_task: "Read for the task",
    chinese: |model, languages| {
        format!(
            "The texts are Chinese, but the chosen model, {model}, has learned {languages} only."
        )
    },
    take: |model| format!("Take {model}"),
};
