//! The end of a run: the kept weights are read back from disk and scored, on validation and, here
//! and nowhere else, on the test split.

use std::time::Instant;

use super::event::{Event, Finished, Outcome};
use super::link::Link;
use super::trainer::{KeptData, Trainer};
use crate::data::Example;
use crate::error::Result;
use crate::nn::release_buffers;
use crate::run::folder::{FinalEvaluation, ScoredSplit};
use crate::run::model_card::ModelCard;
use crate::run::{RunFolder, RunLock, RunSettings};
use crate::runtime::give_back_memory;
use crate::tasks::{Evaluation, TaskModel};

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
        // Read back from disk: what is scored is what was saved, not what memory holds.
        let kept = TaskModel::open(&self.folder.model())?;
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
            pairs: kept.learned_pairs(),
            steps: self.steps,
            seconds: self.begun.elapsed().as_secs_f64(),
            validation: scores(&validation),
            test: test.as_ref().map(scores),
        };
        let evaluation = FinalEvaluation { validation, test };
        let name = self.folder.path().file_name().unwrap_or_default();
        let card = ModelCard {
            name: &name.to_string_lossy(),
            settings: &self.settings,
            scores: Some(&evaluation),
            ended: true,
            pairs: finished.pairs,
        };
        card.write(&self.folder.model())?;
        self.folder.write_evaluation(&evaluation)?;
        Ok(finished)
    }

    fn score_split(
        &self,
        kept: &TaskModel,
        split: ScoredSplit,
        examples: &[Example],
    ) -> Result<Evaluation> {
        let h = &self.settings.hyperparameters;
        let (items, batch) = (kept.encode(examples)?, h.per_device_eval_batch_size);
        let scored = kept.score(examples, &items, batch, &mut |_| Ok(()))?;
        let rows = kept.scored_rows(examples, &scored);
        self.folder.write_predictions(split, &rows)?;
        let baseline = Some(&self.data.baseline);
        Ok(kept.evaluation(examples, &scored, baseline, h.seed))
    }
}
