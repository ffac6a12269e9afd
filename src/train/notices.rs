//! What a person should know before the first step of a run.

use super::estimate::{ModelShape, too_much_memory};
use super::splits::RunData;
use crate::data::checks::are_chinese;
use crate::data::{FEW_VALIDATION, Role, Target};
use crate::hub::{Catalogue, Entry};
use crate::models::is_adapter;
use crate::run::hyperparameters::MethodName;
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

/// Settings that were changed but change nothing beside the others, of a model that reads at most
/// `longest` tokens at once.
fn idle_notices(settings: &RunSettings, longest: usize) -> Vec<String> {
    let h = &settings.hyperparameters;
    let others = MethodName::ALL.into_iter().filter(|&it| it != h.method);
    let mut notices: Vec<String> = others.filter_map(|it| method_notice(h, it)).collect();
    if h.max_steps == 0 {
        notices.push(format!(
            "max_steps is 0, which sets no limit, as -1 does: num_train_epochs decides, which is {}.",
            h.num_train_epochs
        ));
    }
    notices.extend(stride_notice(settings, longest));
    notices
}

/// Settings of `other`, which is not the method of the run.
fn method_notice(h: &Hyperparameters, other: MethodName) -> Option<String> {
    let (own, usual) = (h.to_map(), Hyperparameters::default().to_map());
    let names = other.fields().iter().copied();
    let changed: Vec<&str> = names.filter(|&it| own.get(it) != usual.get(it)).collect();
    let (have, pronoun) = match changed.len() {
        1 => ("has", "it counts"),
        _ => ("have", "they count"),
    };
    (!changed.is_empty()).then(|| {
        format!(
            "With method {}, {} {have} no effect: {pronoun} with method {} only.",
            h.method.name(),
            changed.join(", "),
            other.name()
        )
    })
}

/// A stride that was chosen, where there are no windows or where it is too much for them.
fn stride_notice(settings: &RunSettings, longest: usize) -> Option<String> {
    let stride = settings.hyperparameters.doc_stride;
    if stride == Hyperparameters::default().doc_stride {
        return None;
    }
    if !settings.reads_windows() {
        return Some(
            "doc_stride has no effect while longer texts are cut: long_texts = windows reads all of \
             them."
                .to_owned(),
        );
    }
    (stride > longest / 2).then(|| {
        format!(
            "doc_stride is {stride}, but neighbouring windows share at most half of what they read; \
             they read {longest} tokens at once."
        )
    })
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

/// A model answers numbers near 0 at first, and learns others the slower the farther they lie.
const FAR: f64 = 20.0;

/// Numbers to be learned that a model hardly reaches.
fn far_numbers_notice(data: &RunData) -> Option<String> {
    let rows = data.splits.train.iter();
    let numbers = rows.filter_map(|row| match &row.target {
        Target::Scores(numbers) => Some(numbers),
        _ => None,
    });
    let sizes = numbers.flatten().map(|number| number.abs());
    let farthest = sizes.fold(0.0, f64::max);
    (farthest > FAR).then(|| {
        format!(
            "The numbers go up to {farthest} from 0, where the model begins; it learns such numbers \
             slowly or not at all. Divide them so that they lie between -5 and 5, and multiply its \
             answers again."
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

/// A model that lacks more than this share of the tokens can hardly read the texts.
const MANY_UNKNOWN: f64 = 0.1;

/// Rows whose language is looked at.
const LOOKED_AT: usize = 64;

/// Texts in a language that the model called `name` has not learned: `unknown` is the share of
/// their tokens that its vocabulary lacks.
fn language_notice(name: &str, unknown: f64, chinese: bool) -> Option<String> {
    let catalogue = Catalogue::embedded().ok()?;
    let knows = |entry: &&Entry| match chinese {
        true => entry.knows_chinese(),
        false => entry.languages.len() > 1,
    };
    let own = catalogue
        .by_name(name)
        .or_else(|| catalogue.by_repository(name));
    let what = if unknown > MANY_UNKNOWN {
        format!(
            "{:.0} % of the tokens of the training texts are unknown to the model",
            100.0 * unknown
        )
    } else if chinese && own.is_some_and(|own| !knows(&own)) {
        "The training texts are Chinese, which the model has not learned".to_owned()
    } else {
        return None;
    };
    let mut others = catalogue.entries.iter().filter(|other| Some(*other) != own);
    Some(match others.find(knows) {
        Some(other) => format!(
            "{what}. Take one that knows their language, such as {0}: with --model {0}, or on the \
             Model page.",
            other.name
        ),
        None => format!("{what}."),
    })
}

/// What the person should know before the first step.
pub(super) fn notices(
    settings: &RunSettings,
    data: &RunData,
    model: &TaskModel,
    train: &[Item],
) -> Vec<String> {
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
    notices.extend(idle_notices(settings, model.max_length()));
    notices.extend(pairs_notice(settings, data));
    notices.extend(numbers_notice(model));
    notices.extend(far_numbers_notice(data));
    let rows = data.splits.train.iter().take(LOOKED_AT);
    notices.extend(language_notice(
        &settings.model,
        model.unknown_share(train),
        are_chinese(rows.map(|row| row.text.as_str())),
    ));
    // An adapter is new wherever it is asked for.
    let drawn = model.drawn().iter().map(String::as_str);
    let drawn: Vec<&str> = drawn.filter(|name| !is_adapter(name)).collect();
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
    fn a_model_that_cannot_read_the_texts_is_told_with_one_that_can() {
        let notice = |name, unknown, chinese| language_notice(name, unknown, chinese);
        let told = notice("luthier-mini", 0.5, true).unwrap();
        assert!(
            told.contains("50 %") && told.contains("bert-base-chinese"),
            "{told}"
        );
        let told = notice("a/folder", 0.3, false).unwrap();
        assert!(told.contains("bert-base-multilingual-cased"), "{told}");
        // Tokens of bytes are never unknown, but English is all that this model has read.
        let told = notice("roberta-base", 0.0, true).unwrap();
        assert!(
            told.contains("Chinese, which the model has not learned"),
            "{told}"
        );
        assert_eq!(notice("bert-base-chinese", 0.02, true), None);
        assert_eq!(notice("luthier-mini", 0.02, false), None);
        assert_eq!(notice("a/folder", 0.0, true), None);
    }

    #[test]
    fn settings_that_change_nothing_are_told() {
        let told = |task: &str, settings: &[(&str, &str)]| {
            let text = format!("task = \"{task}\"\n[data]\nfile = \"a.csv\"\n");
            let mut run = RunSettings::parse(&text).unwrap();
            for (name, value) in settings {
                run.hyperparameters.set_text(name, value).unwrap();
            }
            idle_notices(&run, 128).join("\n")
        };
        for method in ["full", "lora", "head"] {
            assert_eq!(told("topic", &[("method", method)]), "");
            assert_eq!(told("entities", &[("method", method)]), "");
        }
        let lora = ("method", "lora");
        let frozen = told("topic", &[lora, ("freeze_layers", "2"), ("lora_r", "4")]);
        assert_eq!(
            frozen,
            "With method lora, freeze_layers has no effect: it counts with method full only."
        );
        let adapted = told("topic", &[("lora_r", "4"), ("lora_alpha", "3")]);
        assert!(
            adapted.contains("lora_r, lora_alpha have no effect"),
            "{adapted}"
        );
        assert!(
            told("topic", &[("max_steps", "0")]).contains("num_train_epochs decides, which is 3")
        );
        let cut = told("topic", &[("doc_stride", "32")]);
        assert!(cut.contains("long_texts = windows"), "{cut}");
        let windows = ("long_texts", "windows");
        assert_eq!(told("topic", &[windows, ("doc_stride", "64")]), "");
        let wide = told("entities", &[("doc_stride", "65")]);
        assert!(
            wide.contains("doc_stride is 65") && wide.contains("128 tokens"),
            "{wide}"
        );
    }

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
