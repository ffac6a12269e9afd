//! The loop: set the learning rate, take the gradients, step, look, keep the best.

use std::time::Instant;

use super::estimate::shape_of_files;
use super::event::{Change, Evaluated, Event, LiveSettings, Outcome, Stage, Started, Step};
use super::history::History;
use super::learner::{Learned, Learner};
use super::link::{Link, Wishes};
use super::notices::{memory_notice, notices};
use super::pace::Pace;
use super::plan::{Plan, eval_steps};
use super::schedule::Schedule;
use super::splits::{self, RunData};
use super::stopping::Best;
use crate::data::Sealed;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::hub;
use crate::metrics::{higher_is_better, names};
use crate::models::Method;
use crate::run::hyperparameters::{ClassWeights, LongTexts};
use crate::run::{Hyperparameters, RunFolder, RunLock, RunSettings};
use crate::tasks::{Baseline, Item, Objective, TaskModel, TrainingOptions, forget_places};
use crate::text::{Input, input_of};

/// A run that is ready for its first step.
pub struct Trainer {
    pub(super) settings: RunSettings,
    pub(super) folder: RunFolder,
    pub(super) lock: Option<RunLock>,
    pub(super) learner: Learner,
    pub(super) train: Vec<Item>,
    validation: Vec<Item>,
    pub(super) data: KeptData,
    plan: Plan,
    live: LiveSettings,
    total_steps: usize,
    step: usize,
    last_evaluation: Option<usize>,
    best: Best,
    best_metric: String,
    probes: Vec<String>,
    pace: Pace,
    wishes: Wishes,
    curve: CurvePoint,
    pub(super) begun: Instant,
}

/// The examples that the final evaluation writes out again.
pub struct KeptData {
    /// The validation rows as they were read.
    pub validation: Vec<crate::data::Example>,
    /// The test rows, still sealed.
    pub test: Option<Sealed>,
    /// How many training rows there are.
    pub train: usize,
    /// How to answer without having looked.
    pub baseline: Baseline,
}

/// Steps since the last point of the training curve.
#[derive(Default)]
struct CurvePoint {
    loss: f64,
    steps: usize,
}

impl Trainer {
    /// Reads data and model, makes the run folder and tells what is about to be trained. Nothing is
    /// left on disk when this fails.
    pub fn prepare(
        mut settings: RunSettings,
        home: &Home,
        folder: Option<&std::path::Path>,
        link: &mut Link,
    ) -> Result<Self> {
        let begun = Instant::now();
        settings.check()?;
        link.emit(Event::Preparing { stage: Stage::Data })?;
        let h = settings.hyperparameters.clone();
        let data = splits::load(&settings.data, settings.task, h.seed)?;
        link.emit(Event::Preparing {
            stage: Stage::Model,
        })?;
        let files = hub::resolve(&settings.model, home)?;
        let labels = data.splits.names().to_vec();
        let options = TrainingOptions {
            max_length: h.max_seq_length,
            doc_stride: h.doc_stride,
            reads_windows: h.long_texts == LongTexts::Windows,
            dropout: (h.dropout >= 0.0).then_some(h.dropout),
            method: h.method(),
            seed: h.seed,
        };
        let rows = &data.splits.train;
        let model = TaskModel::for_training(&files, settings.task, labels, rows, &options)?;
        let objective = objective(&h, &data, &model)?;
        let baseline = model.task().baseline(rows);
        let best_metric = best_metric(&h, &model, &baseline, &data.splits.validation)?;
        let mut wishes = Wishes::default();
        link.emit(Event::Preparing {
            stage: Stage::Tokens,
        })?;
        let mut train = model.encode(rows)?;
        forget_places(&mut train);
        let mut validation = model.encode(&data.splits.validation)?;
        if options.method == Method::Head {
            link.emit(Event::Preparing {
                stage: Stage::Features,
            })?;
            let mut listen = |_| {
                wishes.take_in(link);
                wishes
                    .stop
                    .then(stopped_before_the_first_step)
                    .map_or(Ok(()), Err)
            };
            for examples in [&mut train, &mut validation] {
                model.keep_features(examples, &mut listen)?;
            }
        }

        let mut notices = notices(&settings, &data, &model, &train);
        notices.extend(memory_notice(
            &shape_of_files(&files)?,
            &train,
            validation.len(),
            &h,
        ));
        settings.data.sha256 = Some(data.sha256);
        let folder = match folder {
            Some(path) => RunFolder::create(path)?,
            None => RunFolder::create_in(home)?,
        };
        let plan = Plan::new(train.len(), &h);
        let total_steps = plan.total_steps(h.num_train_epochs, h.max_steps);
        let live = LiveSettings {
            learning_rate_multiplier: 1.0,
            eval_steps: eval_steps(&h, total_steps, plan.steps_per_epoch()),
            epochs: plan.epoch_of(total_steps),
            patience: h.early_stopping_patience,
        };
        let mut trainer = Self {
            learner: Learner::new(model, objective, &h)?,
            best_metric,
            probes: settings.probes.clone(),
            data: KeptData {
                train: data.splits.train.len(),
                validation: data.splits.validation,
                test: data.splits.test,
                baseline,
            },
            settings,
            folder,
            lock: None,
            train,
            validation,
            plan,
            live,
            total_steps,
            step: 0,
            last_evaluation: None,
            best: Best::default(),
            pace: Pace::default(),
            wishes,
            curve: CurvePoint::default(),
            begun,
        };
        if let Err(fault) = trainer.open_folder(notices, link) {
            link.stop_recording();
            drop(trainer.lock.take());
            trainer.folder.discard();
            return Err(fault);
        }
        Ok(trainer)
    }

    fn open_folder(&mut self, notices: Vec<String>, link: &mut Link) -> Result<()> {
        self.lock = Some(self.folder.lock()?);
        self.folder.write_settings(&self.settings)?;
        link.record(History::open(&self.folder.history_path())?);
        link.emit(Event::Started(self.started()))?;
        for message in notices {
            link.emit(Event::Notice { step: 0, message })?;
        }
        self.wishes.take_in(link);
        if self.wishes.stop {
            return Err(stopped_before_the_first_step());
        }
        Ok(())
    }

    fn started(&self) -> Started {
        let h = &self.settings.hyperparameters;
        let model = self.learner.model();
        let parameters = model.parameters().values();
        Started {
            run: self.folder.path().to_path_buf(),
            labels: model.labels().to_vec(),
            rows: [
                self.data.train,
                self.data.validation.len(),
                self.data.test.as_ref().map_or(0, Sealed::len),
            ],
            total_steps: self.total_steps,
            steps_per_epoch: self.plan.steps_per_epoch(),
            live: self.live,
            best_metric: self.best_metric.clone(),
            main_scores: model
                .task()
                .main_scores()
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
            pairs: Some(model.learned_pairs()),
            learning_rate: h.learning_rate,
            parameters: parameters
                .map(|parameter| parameter.var().elem_count())
                .sum(),
            threads: rayon::current_num_threads(),
            cut: self
                .train
                .iter()
                .filter(|item| item.encoding.is_cut())
                .count(),
            majority: model.baseline_scores(&self.data.baseline, &self.data.validation),
        }
    }

    /// Trains to the end: all steps, patience out, or told to stop. Returns why it ended and the
    /// step whose weights the run keeps.
    pub fn train(&mut self, link: &mut Link) -> Result<(Outcome, usize)> {
        let outcome = loop {
            self.obey(link)?;
            if self.wishes.stop {
                break Outcome::Stopped;
            }
            if self.step >= self.total_steps {
                break Outcome::Completed;
            }
            self.train_step(link)?;
            if self.evaluation_is_due() {
                self.evaluate(link)?;
                if self.best.is_out_of(self.live.patience) && self.step < self.total_steps {
                    break Outcome::StoppedEarly;
                }
            }
        };
        if self.last_evaluation != Some(self.step) && self.step > 0 {
            self.evaluate(link)?;
        }
        match self.kept_step() {
            Some(step) => Ok((outcome, step)),
            None => Err(stopped_before_the_first_step()),
        }
    }

    /// The step whose weights lie in the run folder.
    fn kept_step(&self) -> Option<usize> {
        if self.settings.hyperparameters.load_best_model_at_end {
            self.best.step()
        } else {
            self.last_evaluation
        }
    }

    /// Optimiser steps done.
    pub(super) fn steps_done(&self) -> usize {
        self.step
    }

    fn evaluation_is_due(&self) -> bool {
        let since = self.step - self.last_evaluation.unwrap_or(0);
        since >= self.live.eval_steps || self.step >= self.total_steps
    }

    fn train_step(&mut self, link: &mut Link) -> Result<()> {
        let begun = Instant::now();
        let h = &self.settings.hyperparameters;
        let rows: Vec<&Item> = self
            .plan
            .rows_of(self.step)
            .iter()
            .map(|&row| &self.train[row])
            .collect();
        let row_count = rows.len();
        let schedule = Schedule::new(h, self.total_steps);
        let learning_rate =
            h.learning_rate * schedule.multiplier(self.step) * self.live.learning_rate_multiplier;
        let Learned { loss, grad_norm } = self.learner.step(self.step, &rows, learning_rate)?;
        self.step += 1;
        if !(loss.is_finite() && grad_norm.is_finite()) {
            return Err(self.diverged(loss));
        }
        self.pace.step(row_count, begun.elapsed());
        self.curve.loss += loss;
        self.curve.steps += 1;
        if self.curve.steps >= h.logging_steps || self.step >= self.total_steps {
            let point = std::mem::take(&mut self.curve);
            let rest = self.total_steps - self.step.min(self.total_steps);
            link.emit(Event::Step(Step {
                step: self.step,
                epoch: self.plan.epoch_of(self.step),
                loss: point.loss / point.steps as f64,
                learning_rate,
                grad_norm,
                samples_per_second: self.pace.rows_per_second(),
                seconds_left: self.pace.seconds_left(rest, self.live.eval_steps),
            }))?;
        }
        Ok(())
    }

    fn diverged(&self, loss: f64) -> Error {
        let what = if loss.is_finite() {
            "the gradient"
        } else {
            "the loss"
        };
        let kept = match self.kept_step() {
            Some(step) => format!(" The weights of step {step} are kept in the run folder."),
            None => String::new(),
        };
        Error::new(format!(
            "training diverged: {what} is not a number at step {}",
            self.step
        ))
        .remedy(format!(
            "Start again with a lower learning_rate or a longer warm-up.{kept}"
        ))
    }

    fn evaluate(&mut self, link: &mut Link) -> Result<()> {
        let begun = Instant::now();
        let h = &self.settings.hyperparameters;
        link.emit(Event::Evaluating { step: self.step })?;
        let wishes = &mut self.wishes;
        let scored = {
            let link = &*link;
            let mut listen = |_| {
                wishes.take_in(link);
                Ok(())
            };
            self.learner.model().score(
                &self.data.validation,
                &self.validation,
                h.per_device_eval_batch_size,
                &mut listen,
            )?
        };
        // The thresholds belong to the checkpoint: what it is chosen by is what it will do.
        let model = self.learner.model_mut();
        model.tune(&self.data.validation, &scored);
        let scores = model.scores(&self.data.validation, &scored);
        let metric = self.best_metric.as_str();
        let best = self.best.is_best(
            self.step,
            scores.get(metric),
            higher_is_better(metric),
            h.early_stopping_threshold,
        );
        self.last_evaluation = Some(self.step);
        if best || !h.load_best_model_at_end {
            let model = self.learner.model();
            self.folder
                .write_checkpoint(self.step, |folder| model.save(folder))?;
        }
        let evaluated = Evaluated {
            step: self.step,
            epoch: self.plan.epoch_of(self.step),
            scores,
            best,
            probes: self.probes_or_notice(link)?,
            seconds: begun.elapsed().as_secs_f64(),
        };
        self.pace.evaluation(begun.elapsed());
        link.emit(Event::Evaluated(evaluated))
    }

    /// Answers a text on the model as it is now. One that cannot be read is told: it does not end
    /// the run.
    fn answer(&self, text: &str, link: &mut Link) -> Result<()> {
        let step = self.step;
        let model = self.learner.model();
        match model.predict(&[input_of(text, model.learned_pairs())]) {
            Ok(predictions) => predictions
                .into_iter()
                .try_for_each(|prediction| link.emit(Event::Tried { step, prediction })),
            Err(fault) => link.emit(Event::Notice {
                step,
                message: fault.to_string(),
            }),
        }
    }

    /// The probes' answers. Probes that cannot be read are told and forgotten: they do not end the
    /// run.
    fn probes_or_notice(&mut self, link: &mut Link) -> Result<Vec<crate::tasks::Prediction>> {
        let fault = match self.score_probes() {
            Ok(answers) => return Ok(answers),
            Err(fault) => fault,
        };
        self.probes.clear();
        link.emit(Event::Notice {
            step: self.step,
            message: format!("The probes are left out: {fault}"),
        })?;
        Ok(Vec::new())
    }

    fn score_probes(&self) -> Result<Vec<crate::tasks::Prediction>> {
        let model = self.learner.model();
        let probes = self.probes.iter();
        let probes: Vec<Input<'_>> = probes
            .map(|probe| input_of(probe, model.learned_pairs()))
            .collect();
        model.predict(&probes)
    }

    /// Does what has been asked for between two steps; waits here while paused.
    fn obey(&mut self, link: &mut Link) -> Result<()> {
        self.wishes.take_in(link);
        let mut paused = false;
        loop {
            while let Some(change) = self.wishes.changes.pop_front() {
                self.change(change, link)?;
            }
            if let Some(probes) = self.wishes.probes.take() {
                self.set_probes(probes, link)?;
            }
            if let Some(text) = self.wishes.try_text.take() {
                self.answer(&text, link)?;
            }
            if !self.wishes.pause || self.wishes.stop {
                break;
            }
            if !paused {
                paused = true;
                link.emit(Event::Paused { step: self.step })?;
            }
            self.wishes.wait(link);
        }
        if paused {
            link.emit(Event::Resumed { step: self.step })?;
        }
        Ok(())
    }

    fn change(&mut self, change: Change, link: &mut Link) -> Result<()> {
        let fits = match change {
            Change::LearningRateMultiplier(factor) => factor > 0.0 && factor <= 100.0,
            Change::EvalSteps(steps) => steps > 0,
            Change::Epochs(epochs) => {
                epochs <= 1000.0 && epochs >= self.plan.epoch_of(self.step) && epochs > 0.0
            }
            Change::Patience(_) => true,
        };
        if !fits {
            let message = format!("{change:?} was not taken over: it is out of range");
            return link.emit(Event::Notice {
                step: self.step,
                message,
            });
        }
        self.live.apply(change);
        if let Change::Epochs(epochs) = change {
            self.total_steps = self.plan.total_steps(epochs, -1).max(self.step);
        }
        let total_steps = self.total_steps;
        link.emit(Event::Changed {
            step: self.step,
            change,
            total_steps,
        })
    }

    fn set_probes(&mut self, probes: Vec<String>, link: &mut Link) -> Result<()> {
        let step = self.step;
        let before = std::mem::replace(&mut self.probes, probes);
        match self.score_probes() {
            Ok(probes) => link.emit(Event::Probed { step, probes }),
            Err(fault) => {
                self.probes = before;
                link.emit(Event::Notice {
                    step,
                    message: fault.to_string(),
                })
            }
        }
    }
}

fn stopped_before_the_first_step() -> Error {
    Error::new("the run was stopped before its first step")
        .remedy("Nothing was trained and nothing was kept.")
}

/// The score that decides which checkpoint is kept.
///
/// # Errors
/// The task does not have it.
fn best_metric(
    h: &Hyperparameters,
    model: &TaskModel,
    baseline: &Baseline,
    validation: &[crate::data::Example],
) -> Result<String> {
    let main = model.task().main_scores();
    let Some(metric) = h.metric_for_best_model.name() else {
        return Ok(main[0].to_owned());
    };
    let known = model.baseline_scores(baseline, validation);
    if metric == names::LOSS || main.contains(&metric) || known.get(metric).is_some() {
        return Ok(metric.to_owned());
    }
    Err(Error::new(format!(
        "metric_for_best_model is {metric}, which this task does not have"
    ))
    .remedy(format!(
        "Choose auto, loss, or one of: {}.",
        main.join(", ")
    )))
}

/// How mistakes are weighed, after the settings and the training rows.
fn objective(h: &Hyperparameters, data: &RunData, model: &TaskModel) -> Result<Objective> {
    let labels = model.labels();
    let weighs_nothing = || {
        Error::new("class_weights is set, but the task has no labels to weigh")
            .remedy("Set class_weights to none.")
    };
    let class_weights = match &h.class_weights {
        ClassWeights::None => None,
        ClassWeights::Balanced => {
            let weights = model.task().balanced_weights(&data.splits.train);
            Some(weights.ok_or_else(weighs_nothing)?)
        }
        ClassWeights::PerLabel(_) if data.splits.labels.is_empty() => return Err(weighs_nothing()),
        ClassWeights::PerLabel(weights) => {
            if let Some((unknown, _)) = weights.iter().find(|(name, _)| !labels.contains(name)) {
                return Err(Error::new(format!(
                    "class_weights names the label \"{unknown}\", which the data does not have"
                ))
                .remedy(format!("The labels are: {}.", labels.join(", "))));
            }
            let weight = |label: &String| {
                weights
                    .iter()
                    .find(|(name, _)| name == label)
                    .map_or(1.0, |&(_, weight)| weight as f32)
            };
            Some(labels.iter().map(weight).collect())
        }
    };
    Ok(Objective {
        class_weights,
        label_smoothing: h.label_smoothing_factor as f32,
    })
}
