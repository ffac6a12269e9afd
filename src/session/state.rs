//! The fold of a run's events into plain state: what the window draws, the command line's bars
//! show and the tests read. A finished run's history goes through the same fold.

use crate::tasks::Prediction;
use crate::train::event::{
    Change, Evaluated, Event, Finished, LiveSettings, Outcome, Stage, Started, Step,
};

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// The thread has been asked to start.
    #[default]
    Starting,
    /// Work before the first step.
    Preparing(Stage),
    /// Steps are being made.
    Training,
    /// The validation split is being scored.
    Evaluating,
    /// The loop waits.
    Paused,
    /// The kept model is being scored on validation and test.
    Finishing(Outcome),
    /// All is written.
    Finished,
    /// It ended without a result.
    Failed {
        /// What went wrong.
        message: String,
        /// What to do about it.
        remedy: Option<String>,
    },
}

/// A run as seen from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunState {
    /// Where it stands.
    pub phase: Phase,
    /// What is being trained, from the moment it is known.
    pub started: Option<Started>,
    /// The settings that may change, as they are now.
    pub live: Option<LiveSettings>,
    /// Optimiser steps planned, after all changes.
    pub total_steps: usize,
    /// The training curve, by step.
    pub steps: Vec<Step>,
    /// The validation curve, by step.
    pub evaluations: Vec<Evaluated>,
    /// Index into `evaluations` of the best one.
    pub best: Option<usize>,
    /// Each probe, as one line, with its answers so far: step, prediction.
    pub probes: Vec<(String, Vec<(usize, Prediction)>)>,
    /// The last sentence tried while training.
    pub tried: Option<Prediction>,
    /// Everything else worth telling, in order: changes, pauses, notices, evaluations.
    pub log: Vec<Event>,
    /// The result.
    pub finished: Option<Finished>,
}

impl RunState {
    /// Whether the model reads two texts at once, once that is known.
    pub fn pairs(&self) -> Option<bool> {
        match &self.finished {
            Some(finished) => Some(finished.pairs),
            None => self.started.as_ref()?.pairs,
        }
    }

    /// The state after all of `events`.
    pub fn replay(events: impl IntoIterator<Item = Event>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.apply(event);
        }
        state
    }

    /// Folds one event in.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Step(step) => {
                if self.phase != Phase::Paused {
                    self.phase = Phase::Training;
                }
                self.steps.push(step);
                return;
            }
            Event::Tried { prediction, .. } => {
                self.tried = Some(prediction);
                return;
            }
            Event::Probed { step, probes } => {
                self.probed(step, &probes);
                return;
            }
            Event::Preparing { stage } => self.phase = Phase::Preparing(stage),
            Event::Evaluating { .. } => self.phase = Phase::Evaluating,
            Event::Started(ref started) => self.start(started),
            Event::Evaluated(ref evaluated) => self.evaluated(evaluated),
            Event::Changed {
                change,
                total_steps,
                ..
            } => self.change(change, total_steps),
            Event::Paused { .. } => self.phase = Phase::Paused,
            Event::Resumed { .. } => self.phase = Phase::Training,
            Event::Notice { .. } => {}
            Event::Finishing { outcome, .. } => self.phase = Phase::Finishing(outcome),
            Event::Finished(ref finished) => {
                self.phase = Phase::Finished;
                self.finished = Some(finished.clone());
            }
            Event::Failed {
                ref message,
                ref remedy,
            } => {
                self.phase = Phase::Failed {
                    message: message.clone(),
                    remedy: remedy.clone(),
                };
            }
        }
        if !matches!(event, Event::Preparing { .. } | Event::Evaluating { .. }) {
            self.log.push(event);
        }
    }

    fn start(&mut self, started: &Started) {
        self.phase = Phase::Training;
        self.total_steps = started.total_steps;
        self.live = Some(started.live);
        self.started = Some(started.clone());
    }

    fn evaluated(&mut self, evaluated: &Evaluated) {
        self.phase = Phase::Training;
        if evaluated.best {
            self.best = Some(self.evaluations.len());
        }
        self.probed(evaluated.step, &evaluated.probes);
        self.evaluations.push(evaluated.clone());
    }

    fn probed(&mut self, step: usize, probes: &[Prediction]) {
        // Sentences that are no longer asked for go; those that stay keep their history.
        let lines: Vec<String> = probes.iter().map(Prediction::line).collect();
        self.probes.retain(|(line, _)| lines.contains(line));
        for (probe, line) in probes.iter().zip(lines) {
            let index = self.probes.iter().position(|(known, _)| *known == line);
            let index = index.unwrap_or_else(|| {
                self.probes.push((line, Vec::new()));
                self.probes.len() - 1
            });
            let history = &mut self.probes[index].1;
            history.retain(|(at, _)| *at != step);
            history.push((step, probe.clone()));
        }
    }

    fn change(&mut self, change: Change, total_steps: usize) {
        self.total_steps = total_steps;
        if let Some(live) = &mut self.live {
            live.apply(change);
        }
    }

    /// The score that a person looks at first; `None` before it is known what is trained.
    pub fn main_score(&self) -> Option<&str> {
        let main = &self.started.as_ref()?.main_scores;
        main.first().map(String::as_str)
    }

    /// The last point of the training curve.
    pub fn last_step(&self) -> Option<&Step> {
        self.steps.last()
    }

    /// The last scores on the validation split.
    pub fn last_evaluation(&self) -> Option<&Evaluated> {
        self.evaluations.last()
    }

    /// The best scores on the validation split.
    pub fn best_evaluation(&self) -> Option<&Evaluated> {
        self.best.and_then(|index| self.evaluations.get(index))
    }

    /// Whether the training thread still has something to do.
    pub fn is_running(&self) -> bool {
        !matches!(self.phase, Phase::Finished | Phase::Failed { .. })
    }

    /// Share of the planned steps done, in 0..=1.
    pub fn progress(&self) -> f64 {
        match (self.last_step(), self.total_steps) {
            (Some(last), total) if total > 0 => (last.step as f64 / total as f64).min(1.0),
            _ => 0.0,
        }
    }
}
