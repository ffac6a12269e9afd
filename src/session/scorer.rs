//! A model kept open on a thread of its own, for scoring sentences as they are typed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::job::{Wake, panic_error};
use crate::error::{Error, Result};
use crate::tasks::{Classifier, Prediction};

/// Texts per batch when many are scored.
const BATCH: usize = 32;

/// An answer and how long the model took for it.
#[derive(Debug)]
pub struct Answer {
    /// The prediction, or why there is none.
    pub prediction: Result<Prediction>,
    /// Time of tokenising and the forward pass.
    pub elapsed: Duration,
}

/// A model that answers one sentence at a time; a newer question replaces one still waiting.
pub struct Scorer {
    questions: Sender<String>,
    answers: Receiver<Answer>,
}

impl Scorer {
    /// Opens the model folder on a new thread. A folder that cannot be read is told by the first
    /// answer.
    pub fn open(model: PathBuf, wake: Wake) -> Self {
        // Unbounded, but the thread takes everything that waits before each answer, and a person
        // types slowly: blocking the asker is the one thing that must not happen.
        let (questions, waiting) = unbounded::<String>();
        let (answer_sender, answers) = unbounded();
        let work = move |answers: Sender<Answer>| answer_all(&model, &waiting, &answers, &wake);
        let sender = answer_sender.clone();
        let spawned = thread::Builder::new()
            .name("scorer".to_owned())
            .spawn(move || {
                let guarded = AssertUnwindSafe(|| work(sender.clone()));
                if let Err(panic) = catch_unwind(guarded) {
                    let prediction = Err(panic_error("scoring", &*panic));
                    sender
                        .send(Answer {
                            prediction,
                            elapsed: Duration::ZERO,
                        })
                        .ok();
                }
            });
        if let Err(cause) = spawned {
            let fault = Error::new("the thread that scores sentences could not be started");
            let prediction = Err(fault.because(cause));
            answer_sender
                .send(Answer {
                    prediction,
                    elapsed: Duration::ZERO,
                })
                .ok();
        }
        Self { questions, answers }
    }

    /// Asks for `text` to be scored.
    pub fn ask(&self, text: &str) {
        // When the thread has ended its last answer says why.
        self.questions.send(text.to_owned()).ok();
    }

    /// The newest answer, once.
    pub fn poll(&self) -> Option<Answer> {
        self.answers.try_iter().last()
    }
}

fn answer_all(model: &Path, questions: &Receiver<String>, answers: &Sender<Answer>, wake: &Wake) {
    let mut classifier = None;
    while let Ok(first) = questions.recv() {
        let text = questions.try_iter().last().unwrap_or(first);
        let begun = Instant::now();
        let (prediction, begun) = match &classifier {
            Some(classifier) => (answer(classifier, &text), begun),
            None => match Classifier::open(model) {
                Ok(opened) => {
                    let begun = Instant::now();
                    (answer(classifier.insert(opened), &text), begun)
                }
                Err(fault) => (Err(fault), begun),
            },
        };
        let elapsed = begun.elapsed();
        if answers
            .send(Answer {
                prediction,
                elapsed,
            })
            .is_err()
        {
            return;
        }
        wake();
    }
}

fn answer(classifier: &Classifier, text: &str) -> Result<Prediction> {
    let answer = classifier.predict(&[text])?.pop();
    answer.ok_or_else(|| Error::new("the model gave no answer"))
}

/// Scores many texts with the model folder, in order. `progress` is told how many are done.
pub fn predict_all(
    model: &Path,
    texts: &[String],
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Prediction>> {
    let classifier = Classifier::open(model)?;
    let mut predictions = Vec::with_capacity(texts.len());
    for batch in texts.chunks(BATCH) {
        let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
        predictions.extend(classifier.predict(&batch)?);
        progress(predictions.len());
    }
    Ok(predictions)
}
