//! What a person should know before the first step of a run.

use super::estimate::{ModelShape, too_much_memory};
use super::splits::RunData;
use crate::data::{FEW_VALIDATION, Role};
use crate::run::{Hyperparameters, RunSettings};
use crate::tasks::{Item, TaskKind, TaskModel};

/// Says what to do when the run may need more memory than is free.
pub(super) fn memory_notice(
    shape: &ModelShape,
    train: &[Item],
    validation: usize,
    h: &Hyperparameters,
) -> Option<String> {
    let tokens: usize = train.iter().map(Item::len).sum();
    let mean = tokens as f64 / train.len().max(1) as f64;
    let [needed, free] = too_much_memory(shape, [train.len(), validation], mean, h)?;
    let remedy = if h.gradient_checkpointing {
        "Halve per_device_train_batch_size and double gradient_accumulation_steps: the same step, in less memory."
    } else {
        "Set gradient_checkpointing to true: a third slower, in a fraction of the memory."
    };
    Some(format!(
        "This run may need {} MB of memory, but {} MB are free. {remedy}",
        needed / 1_000_000,
        free / 1_000_000
    ))
}

/// A second text that nobody asked for: it was found, and the task is usually for one.
fn pairs_notice(settings: &RunSettings, data: &RunData) -> Option<String> {
    let column = |role| data.columns.get(role);
    if settings.task.may_read_pairs() || settings.data.text_pair_column.is_some() {
        return None;
    }
    let (first, second) = (column(Role::Text)?, column(Role::TextPair)?);
    Some(format!(
        "Two texts are read together, the columns \"{first}\" and \"{second}\". \
         --text-pair-column \"\", or none on the Data page, reads the first alone."
    ))
}

/// More labels than this, all of them numbers, are hardly names.
const MANY_NUMBERS: usize = 10;

/// Numbers that are learnt as names.
fn numbers_notice(model: &TaskModel) -> Option<String> {
    let one_label = [TaskKind::Sentiment, TaskKind::Topic, TaskKind::Pairs];
    let labels = model.labels();
    (one_label.contains(&model.kind()) && are_measured(labels)).then(|| {
        format!(
            "The {} labels are numbers, but are learnt as names: 4 is no nearer to 5 than to 1. \
             The task similarity learns the numbers themselves.",
            labels.len()
        )
    })
}

/// Whether the labels are numbers, and neither grades of a few steps nor classes counted through.
fn are_measured(labels: &[String]) -> bool {
    let numbers: Option<Vec<f64>> = labels.iter().map(|label| label.parse().ok()).collect();
    let Some(numbers) = numbers else {
        return false;
    };
    let whole = numbers.iter().all(|number| number.fract() == 0.0);
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let counted_through = high - low + 1.0 == numbers.len() as f64;
    !numbers.is_empty() && (!whole || numbers.len() > MANY_NUMBERS && !counted_through)
}

/// What the person should know before the first step.
pub(super) fn notices(settings: &RunSettings, data: &RunData, model: &TaskModel) -> Vec<String> {
    let mut notices = Vec::new();
    if settings
        .data
        .sha256
        .as_ref()
        .is_some_and(|before| *before != data.sha256)
    {
        notices.push(
            "The data has changed since this run file was written; the result will differ."
                .to_owned(),
        );
    }
    if let Some((file, first)) = data.set_aside.first() {
        notices.push(first.told(file, data.set_aside.len()));
    }
    let validation = data.splits.validation.len();
    if validation < FEW_VALIDATION {
        notices.push(match validation {
            1 => "Only 1 row is there to validate: its score is a hint, no more.".to_owned(),
            some => {
                format!("Only {some} rows are there to validate: their scores are a hint, no more.")
            }
        });
    }
    notices.extend(pairs_notice(settings, data));
    notices.extend(numbers_notice(model));
    let drawn = model.drawn();
    if !drawn.is_empty() {
        notices.push(format!(
            "Newly initialised for this task, because the model does not bring them: {}.",
            drawn.join(", ")
        ));
    }
    let wanted = settings.hyperparameters.max_seq_length;
    if model.max_length() < wanted {
        notices.push(format!(
            "Texts are cut at {} tokens, the longest that the model knows, not at {wanted}.",
            model.max_length()
        ));
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_numbers_are_told_from_grades_and_classes() {
        let measured = |labels: &[&str]| {
            let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
            are_measured(&labels)
        };
        let counted: Vec<String> = (0..28).map(|i| i.to_string()).collect();
        let scores: Vec<String> = (0..28).map(|i| (i * 3).to_string()).collect();
        assert!(!measured(&["1", "2", "3", "4", "5"]) && !measured(&["0", "10"]));
        assert!(!are_measured(&counted) && are_measured(&scores));
        assert!(measured(&["0.5", "1", "1.5"]));
        assert!(!measured(&["good", "1.5"]) && !measured(&[]));
    }
}
