//! A model kept open on a thread of its own, for scoring sentences as they are typed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::job::{Wake, panic_error};
use super::texts::Asked;
use crate::error::{Error, Result};
use crate::tasks::{Prediction, TaskModel};
use crate::text::{Input, input_of};

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

    /// Asks for an answer to a text, or to two with a tab between them where the model reads two.
    pub fn ask(&self, line: &str) {
        // When the thread has ended its last answer says why.
        self.questions.send(line.to_owned()).ok();
    }

    /// The newest answer, once.
    pub fn poll(&self) -> Option<Answer> {
        self.answers.try_iter().last()
    }
}

fn answer_all(model: &Path, questions: &Receiver<String>, answers: &Sender<Answer>, wake: &Wake) {
    let mut model_kept = None;
    while let Ok(first) = questions.recv() {
        let line = questions.try_iter().last().unwrap_or(first);
        let begun = Instant::now();
        let (prediction, begun) = match &model_kept {
            Some(model) => (answer(model, &line), begun),
            None => match TaskModel::open(model) {
                Ok(opened) => {
                    let begun = Instant::now();
                    (answer(model_kept.insert(opened), &line), begun)
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

fn answer(model: &TaskModel, line: &str) -> Result<Prediction> {
    let input = input_of(line, model.learned_pairs());
    let answer = model.predict(&[input])?.pop();
    answer.ok_or_else(|| Error::new("the model gave no answer"))
}

/// Scores many texts with their numbers, in order. `progress` is told how many are done.
///
/// # Errors
/// The model reads two texts, and of one of these, which is named, there is only one.
pub fn predict_all(
    model: &TaskModel,
    asked: &[(usize, Asked)],
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Prediction>> {
    let is_half = |(_, asked): &&(usize, Asked)| !model.reads(asked.input());
    if let Some((row, _)) = asked.iter().find(is_half) {
        return Err(model.half(*row));
    }
    let mut predictions = Vec::with_capacity(asked.len());
    for batch in asked.chunks(BATCH) {
        let batch: Vec<Input<'_>> = batch.iter().map(|(_, asked)| asked.input()).collect();
        predictions.extend(model.predict(&batch)?);
        progress(predictions.len());
    }
    Ok(predictions)
}
