//! The words of the Try page.

use crate::tasks::TaskKind;
use crate::ui::pages::typed::Reads;

/// The words of the Try page.
pub struct TryText {
    /// Under the title, for a finished run.
    pub finished: fn(run: &str, best_step: &str) -> String,
    /// Under the title, while the run is on.
    pub training: fn(run: &str, step: &str) -> String,
    /// Over the page without a run.
    pub empty_title: &'static str,
    /// What would be here.
    pub empty: &'static str,
    /// Leads to the Train page.
    pub to_train: &'static str,
    /// The accessible name of the sentence field.
    pub sentence: &'static str,
    /// In the empty field.
    pub hint: &'static str,
    /// Below the field before anything is typed.
    pub at_once: fn(TaskKind, Reads) -> &'static str,
    /// Below the field: time and tokens.
    pub took: fn(milliseconds: &str, tokens: &str) -> String,
    /// Below the field, while training.
    pub tokens: fn(tokens: &str) -> String,
    /// The text was cut.
    pub cut: &'static str,
    /// An answer is awaited.
    pub waiting: &'static str,
    /// The answers of the shown run.
    pub this_run: &'static str,
    /// Beside it: the kept model.
    pub kept_model: &'static str,
    /// Beside it: the model as it is now.
    pub model_now: &'static str,
    /// Before anything was typed.
    pub no_answer: fn(TaskKind) -> &'static str,
    /// In the empty field of the question.
    pub question_hint: &'static str,
    /// In the empty field of the passage.
    pub passage_hint: &'static str,
    /// In the empty field of a second text that may stay empty.
    pub second_hint: &'static str,
    /// Why the likeliest candidate is not the answer.
    pub not_likeliest: &'static str,
    /// Below the scale on which a number lies.
    pub range_note: &'static str,
    /// Above the probe sentences, which can be pressed.
    pub begin_with: &'static str,
    /// The choice of another run.
    pub compare: &'static str,
    /// No other run.
    pub nothing: &'static str,
    /// When no other run is there.
    pub no_others: &'static str,
    /// When another run is chosen but nothing typed.
    pub same_sentence: &'static str,
    /// Sentences tried before.
    pub history: &'static str,
    /// When there are none.
    pub history_empty: &'static str,
    /// A whole file.
    pub file: FileText,
}

/// The words around scoring a whole file.
pub struct FileText {
    /// The card.
    pub title: &'static str,
    /// In the page's header.
    pub button: &'static str,
    /// What kind of file.
    pub hint: fn(TaskKind) -> &'static str,
    /// The field of the file to score.
    pub from: &'static str,
    /// The field of the file to write.
    pub to: &'static str,
    /// In the empty field of the file to score.
    pub from_hint: &'static str,
    /// In the empty field of the file to write.
    pub to_hint: &'static str,
    /// Why it cannot be done now.
    pub after_training: &'static str,
    /// Reading has begun.
    pub reading: &'static str,
    /// How far it is.
    pub progress: fn(done: &str, total: &str) -> String,
    /// All are scored.
    pub done: fn(count: &str) -> String,
    /// Labels with counts.
    pub counts: fn(label: &str, count: &str) -> String,
    /// The mean of all numbers.
    pub mean: fn(&str) -> String,
    /// Questions with and without an answer.
    pub answered: fn(answered: &str, unanswered: &str) -> String,
    /// Writing.
    pub saving: &'static str,
    /// Written.
    pub saved: fn(path: &str) -> String,
    /// Writes the scores.
    pub save: &'static str,
    /// The name suggested for the scores of a file.
    pub beside: fn(stem: &str) -> String,
    /// Another file.
    pub another: &'static str,
}

fn tokens_read(tokens: &str) -> String {
    match tokens {
        "1" => "1 token".to_owned(),
        tokens => format!("{tokens} tokens"),
    }
}

/// English.
pub const ENGLISH: TryText = TryText {
    finished: |run, step| format!("{run} · weights of step {step}"),
    training: |run, step| format!("{run} · the model as it is at step {step}"),
    empty_title: "Nothing to try yet",
    empty: "As soon as a run is on, you can type sentences here and see what the model makes of them.",
    to_train: "Go to Train",
    sentence: "Sentence to try",
    hint: "Type or paste a text",
    at_once: |task, reads| match (task, reads) {
        (TaskKind::Questions, _) => {
            "Answers come as you type, once there is a question and a passage"
        }
        (_, Reads::Two) => "Answers come as you type, once there are two texts",
        _ => "Answers come as you type",
    },
    took: |milliseconds, tokens| format!("{milliseconds} ms · {}", tokens_read(tokens)),
    tokens: tokens_read,
    cut: "longer than the model reads: the end was cut off",
    waiting: "thinking…",
    this_run: "This run",
    kept_model: "the kept model",
    model_now: "the model as it is now",
    no_answer: |task| match task {
        TaskKind::Similarity => "The number appears here.",
        TaskKind::Entities => "The text appears here with its entities lit up.",
        TaskKind::Questions => "The passage appears here with the answer lit up.",
        _ => "The probability of every label appears here.",
    },
    question_hint: "Type a question",
    passage_hint: "Type or paste the passage that may answer it",
    second_hint: "Second text, where there is one",
    not_likeliest: "Between an answer and \"no answer\" not the likelier one counts, but a margin that was chosen on the validation rows.",
    range_note: "from the smallest to the largest number of the rows evaluated",
    begin_with: "To begin with, one of the probe sentences:",
    compare: "Compare with",
    nothing: "nothing",
    no_others: "When another run has finished, it can be asked the same sentence.",
    same_sentence: "The other run is asked the same sentence.",
    history: "Tried before",
    history_empty: "Sentences you have tried are kept here until the window is closed.",
    file: FileText {
        title: "A whole file",
        button: "Score a file…",
        hint: |task| match task {
            TaskKind::Questions => {
                "a table with passages and questions, or both in a line with a tab between them"
            }
            _ if task.may_read_pairs() => {
                "a table with two texts per row, or two in a line with a tab between them"
            }
            _ => {
                "one text per line, or a table with a text column; it can also be dropped on the window"
            }
        },
        from: "File",
        to: "Save to",
        from_hint: "texts.txt, texts.csv",
        to_hint: "scores.csv",
        after_training: "When training has finished",
        reading: "Reading the file",
        progress: |done, total| match total {
            "1" => format!("{done} of 1 text scored"),
            total => format!("{done} of {total} texts scored"),
        },
        done: |count| match count {
            "1" => "1 text scored".to_owned(),
            count => format!("{count} texts scored"),
        },
        counts: |label, count| format!("{label} {count}"),
        mean: |mean| format!("mean {mean}"),
        answered: |answered, unanswered| {
            format!("{answered} answered · {unanswered} without an answer")
        },
        saving: "Writing",
        saved: |path| format!("Saved to {path}"),
        save: "Save",
        beside: |stem| format!("{stem}-scores.csv"),
        another: "Score another file",
    },
};
