//! What the tasks share that look at a text, or a pair of texts, as a whole.

use super::item::{Item, ItemTarget};
use super::prediction::LabelScore;
use super::task::{Output, Rules};
use crate::data::{Example, Target};
use crate::error::{Error, Result};
use crate::text::{Encoding, Input, Tokenizer};

/// The items of the examples: one each, cut where it is too long; or of a long text without a pair,
/// where `rules` say so, one for each window.
pub fn encode_whole(
    tokenizer: &Tokenizer,
    examples: &[Example],
    rules: &Rules,
    target: impl Fn(&Example) -> Result<Option<ItemTarget>>,
) -> Result<Vec<Item>> {
    let mut items = Vec::with_capacity(examples.len());
    let encodings = encodings(tokenizer, examples, rules)?;
    for (row, (example, encodings)) in examples.iter().zip(encodings).enumerate() {
        let target = target(example)?;
        let own = encodings.into_iter();
        items.extend(own.map(|encoding| Item::whole(row, encoding, target.clone())));
    }
    Ok(items)
}

fn encodings(
    tokenizer: &Tokenizer,
    examples: &[Example],
    rules: &Rules,
) -> Result<Vec<Vec<Encoding>>> {
    let texts: Vec<Input<'_>> = examples
        .iter()
        .map(|example| (example.text.as_str(), example.pair.as_deref()))
        .collect();
    let whole = tokenizer.encode(&texts)?;
    let windowed = |(encoding, (text, pair)): (Encoding, &Input<'_>)| {
        if rules.reads_windows && encoding.is_cut() && pair.is_none() {
            let windows = tokenizer.windows(&[text])?;
            return Ok(windows.into_iter().flatten().collect());
        }
        Ok(vec![encoding])
    };
    whole.into_iter().zip(&texts).map(windowed).collect()
}

/// What `known` makes of the example's target: nothing of one that is not known.
///
/// # Errors
/// The target is of another kind than the task learns.
pub fn target_of<T>(
    example: &Example,
    known: impl FnOnce(&Target) -> Option<Result<T>>,
) -> Result<Option<T>> {
    if example.target == Target::Nothing {
        return Ok(None);
    }
    match known(&example.target) {
        Some(target) => target.map(Some),
        None => Err(Error::new(format!(
            "row {} is not of the kind that this task learns from",
            example.row
        ))
        .remedy("Choose the task that fits the file, or the columns that fit the task.")),
    }
}

/// The numbers of the items' targets, one item after the other: of each label whether it is there,
/// or the numbers themselves.
pub fn flat_targets(items: &[&Item]) -> Vec<f32> {
    let numbers = items.iter().flat_map(|item| match &item.target {
        Some(ItemTarget::Labels(numbers) | ItemTarget::Values(numbers)) => numbers.as_slice(),
        _ => &[],
    });
    numbers.copied().collect()
}

/// The number of a label. One that the model does not have is an error that names the row.
pub fn label_id(labels: &[String], label: &str, example: &Example) -> Result<usize> {
    let id = labels.iter().position(|known| known == label);
    id.ok_or_else(|| {
        Error::new(format!(
            "row {} has the label \"{label}\", which the model does not know",
            example.row
        ))
        .remedy(format!(
            "It knows: {}. Mend the row, take it out, or rename the label: on the Data page, or with \
             --clean 'labels={{ \"{label}\" = \"…\" }}'.",
            labels.join(", ")
        ))
    })
}

/// Each label with its probability.
pub fn label_scores(labels: &[String], output: &Output) -> Vec<LabelScore> {
    let probabilities: &[f32] = match output {
        Output::Probabilities(probabilities) => probabilities,
        _ => &[],
    };
    let scores = labels.iter().zip(probabilities);
    scores
        .map(|(label, &score)| LabelScore {
            label: label.clone(),
            score: f64::from(score),
        })
        .collect()
}
