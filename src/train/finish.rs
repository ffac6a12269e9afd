//! The end of a run: the kept weights are read back from disk and scored, on validation and, here
//! and nowhere else, on the test split.

use std::time::Instant;

use super::event::{Event, Finished, Outcome};
use super::link::Link;
use super::trainer::{KeptData, Trainer};
use crate::data::Example;
use crate::error::Result;
use crate::nn::release_buffers;
use crate::run::atomic::write_file;
use crate::run::folder::{FinalEvaluation, ScoredSplit};
use crate::run::model_card;
use crate::run::{RunFolder, RunLock, RunSettings};
use crate::runtime::give_back_memory;
use crate::tasks::{Evaluation, Scored, TaskModel};

/// What is left of a run when its model has been put down.
struct Ending {
    settings: RunSettings,
    folder: RunFolder,
    /// Held until everything is written.
    _lock: Option<RunLock>,
    data: KeptData,
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
            settings: self.settings,
            folder: self.folder,
            _lock: self.lock,
            data: self.data,
            begun: self.begun,
        };
        drop(self.learner);
        drop(self.train);
        release_buffers();
        give_back_memory();
        ending.finish(outcome, best_step)
    }
}

impl Ending {
    fn finish(self, outcome: Outcome, best_step: usize) -> Result<Finished> {
        self.folder.keep_checkpoint(best_step)?;
        let (kept, scored) = self.tuned()?;
        let rows = &self.data.validation;
        let validation = self.score_split(&kept, ScoredSplit::Validation, rows, &scored)?;
        let test = match &self.data.test {
            Some(sealed) => {
                let scored = self.score(&kept, sealed.open())?;
                Some(self.score_split(&kept, ScoredSplit::Test, sealed.open(), &scored)?)
            }
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
        kept: &TaskModel,
        split: ScoredSplit,
        examples: &[Example],
        scored: &Scored,
    ) -> Result<Evaluation> {
        let rows = kept.scored_rows(examples, scored);
        self.folder.write_predictions(split, &rows)?;
        let baseline = Some(&self.data.baseline);
        let seed = self.settings.hyperparameters.seed;
        Ok(kept.evaluation(examples, scored, baseline, seed))
    }

    fn score(&self, kept: &TaskModel, examples: &[Example]) -> Result<Scored> {
        let batch = self.settings.hyperparameters.per_device_eval_batch_size;
        let items = kept.encode(examples)?;
        kept.score(examples, &items, batch, &mut |_| Ok(()))
    }

    /// The kept model, read back from disk, with what is chosen on the validation rows, and its
    /// answers to them: what is scored is what was saved, not what memory holds.
    fn tuned(&self) -> Result<(TaskModel, Scored)> {
        let folder = self.folder.model();
        let mut kept = TaskModel::open(&folder)?;
        let scored = self.score(&kept, &self.data.validation)?;
        let before = kept.task().rules();
        kept.tune(&self.data.validation, &scored);
        if kept.task().rules() != before {
            write_file(&folder.join("config.json"), &kept.config_json()?)?;
            kept = TaskModel::open(&folder)?;
        }
        Ok((kept, scored))
    }
}
