//! The end of a run: the kept weights are read back from disk and scored, on validation and, here
//! and nowhere else, on the test split.

use std::time::Instant;

use super::event::{Event, Finished, Outcome};
use super::link::Link;
use super::trainer::{KeptData, Trainer};
use crate::data::Example;
use crate::error::Result;
use crate::metrics::{Scores, bootstrap};
use crate::nn::release_buffers;
use crate::run::evaluation::{Evaluation, Interval, LabelReport, ScoredRow};
use crate::run::folder::{FinalEvaluation, ScoredSplit};
use crate::run::model_card;
use crate::run::{RunFolder, RunLock, RunSettings};
use crate::runtime::give_back_memory;
use crate::tasks::Classifier;
use crate::tasks::classification::{EncodedExample, ScoredSet, majority_scores};

/// What is left of a run when its model has been put down.
struct Ending {
    settings: RunSettings,
    folder: RunFolder,
    /// Held until everything is written.
    _lock: Option<RunLock>,
    data: KeptData,
    /// The training rows' labels.
    train: Vec<usize>,
    steps: usize,
    begun: Instant,
}

impl Trainer {
    /// Keeps the weights of `best_step`, scores them and writes what a finished run has.
    pub fn finish(self, outcome: Outcome, best_step: usize, link: &mut Link) -> Result<Finished> {
        link.emit(Event::Finishing {
            step: best_step,
            outcome,
        })?;
        // The model and its optimiser are dropped here, before the kept weights are read back: a
        // run never holds two models.
        let ending = Ending {
            steps: self.steps_done(),
            train: self.train.iter().map(|example| example.label).collect(),
            settings: self.settings,
            folder: self.folder,
            _lock: self.lock,
            data: self.data,
            begun: self.begun,
        };
        drop(self.learner);
        release_buffers();
        give_back_memory();
        ending.finish(outcome, best_step)
    }
}

impl Ending {
    fn finish(self, outcome: Outcome, best_step: usize) -> Result<Finished> {
        self.folder.keep_checkpoint(best_step)?;
        // Read back from disk: what is scored is what was saved, not what memory holds.
        let kept = Classifier::open(&self.folder.model())?;
        let validation = self.score_split(&kept, ScoredSplit::Validation, &self.data.validation)?;
        let test = match &self.data.test {
            Some(sealed) => Some(self.score_split(&kept, ScoredSplit::Test, sealed.open())?),
            None => None,
        };
        let scores = |evaluation: &Evaluation| evaluation.scores.clone();
        let finished = Finished {
            run: self.folder.path().to_path_buf(),
            outcome,
            best_step,
            steps: self.steps,
            seconds: self.begun.elapsed().as_secs_f64(),
            validation: scores(&validation),
            test: test.as_ref().map(scores),
        };
        let evaluation = FinalEvaluation { validation, test };
        model_card::write(&self.folder, &self.settings, &evaluation)?;
        self.folder.write_evaluation(&evaluation)?;
        Ok(finished)
    }

    fn score_split(
        &self,
        kept: &Classifier,
        split: ScoredSplit,
        examples: &[Example],
    ) -> Result<Evaluation> {
        let h = &self.settings.hyperparameters;
        let encoded = kept.encode(examples)?;
        let scored = kept.score(&encoded, h.per_device_eval_batch_size, &mut |_| Ok(()))?;
        self.folder
            .write_predictions(split, &scored_rows(kept, examples, &encoded, &scored))?;
        let train = self.train.iter().copied();
        let majority = majority_scores(train, &scored.gold, kept.labels().len());
        Ok(evaluation(kept, &scored, majority, h.seed))
    }
}

/// Every row with its answer.
pub fn scored_rows(
    classifier: &Classifier,
    examples: &[Example],
    encoded: &[EncodedExample],
    scored: &ScoredSet,
) -> Vec<ScoredRow> {
    let rows = examples.iter().zip(encoded).zip(&scored.probabilities);
    rows.map(|((example, encoded), probabilities)| ScoredRow {
        row: example.row,
        gold: example.label().to_owned(),
        prediction: classifier.prediction(&example.text, &encoded.encoding, probabilities.clone()),
    })
    .collect()
}

/// The full report on a scored set. `seed` draws the resamples behind the intervals.
pub fn evaluation(
    classifier: &Classifier,
    scored: &ScoredSet,
    majority: Scores,
    seed: u64,
) -> Evaluation {
    let labels = classifier.labels().to_vec();
    let confusion = scored.confusion();
    let count = labels.len();
    let per_label = labels
        .iter()
        .zip(confusion.per_label())
        .map(|(label, scores)| LabelReport {
            label: label.clone(),
            precision: scores.precision,
            recall: scores.recall,
            f1: scores.f1,
            support: scores.support,
        });
    Evaluation {
        rows: scored.gold.len(),
        scores: scored.scores(),
        intervals: intervals(scored, count, seed),
        majority,
        confusion: (0..count)
            .map(|gold| {
                (0..count)
                    .map(|given| confusion.count(gold, given))
                    .collect()
            })
            .collect(),
        per_label: per_label.collect(),
        labels,
    }
}

fn intervals(scored: &ScoredSet, labels: usize, seed: u64) -> Vec<Interval> {
    use crate::metrics::names::{ACCURACY, F1_MACRO};
    let Some(found) = bootstrap(&scored.pairs(), labels, seed) else {
        return Vec::new();
    };
    [(ACCURACY, found.accuracy), (F1_MACRO, found.f1_macro)]
        .map(|(score, ends)| Interval {
            score: score.to_owned(),
            low: ends.low,
            high: ends.high,
        })
        .into()
}
