//! Takes in what background work has brought.

use super::app::{Chore, Workbench};
use super::intent::Intent;
use super::page::Page;
use super::project::Notice;
use std::collections::BTreeMap;

use crate::run::{DataSettings, Preset};
use crate::session::Job;

impl Workbench {
    /// Looks at every job once.
    pub(super) fn poll_jobs(&mut self) {
        let project = &mut self.project;
        project.bundled.poll();
        project.runs.poll();
        project.evaluation.poll();
        project.file_scores.poll();
        project.saved_scores.poll();
        project.exported.poll();
        project.model_card.poll();
        let looked = project.local_model.poll();
        if looked && project.chosen_model().is_none() {
            // Its tokeniser counts other lengths.
            self.intents.push(Intent::ReadData);
        }
        project.saved_set_aside.poll();
        project.inspected.poll();
        let read = project.data.poll();
        let new_sizes = [project.machine.poll(), read, looked];
        self.estimates_stale |= new_sizes.contains(&true);
        if let Some(answer) = project.scorer.as_ref().and_then(|scorer| scorer.poll()) {
            project.answer = Some(answer);
        }
        if let Some(other) = &mut project.compared
            && let Some(answer) = other.scorer.as_ref().and_then(|scorer| scorer.poll())
        {
            other.answer = Some(answer);
        }
        if read {
            self.data_was_read();
        }
        self.poll_pasted();
        self.poll_catalogue();
        self.poll_downloads();
        self.poll_picker();
        self.poll_opening();
        self.poll_chore();
    }

    /// A file whose rows could not be read is looked at, so that a person can correct it.
    fn data_was_read(&mut self) {
        let project = &mut self.project;
        if project.data.fault().is_none() {
            return;
        }
        if project.data_progress.is_cancelled() {
            project.data.clear();
            return;
        }
        self.inspect_data();
    }

    fn poll_pasted(&mut self) {
        if !self.project.pasted.poll() {
            return;
        }
        match std::mem::take(&mut self.project.pasted).into_result() {
            Some(Ok(file)) => self
                .intents
                .push(Intent::SetData(Box::new(DataSettings::file(file)))),
            Some(Err(fault)) => self.project.notice = Some(Notice::Fault(fault)),
            None => {}
        }
    }

    fn poll_catalogue(&mut self) {
        let known = self.project.catalogue.value().is_some();
        let was_ready = self.project.model_is_ready();
        if !self.project.catalogue.poll() {
            return;
        }
        self.estimates_stale = true;
        // Lengths were counted with the built-in tokeniser until the chosen model was downloaded.
        if known && !was_ready && self.project.model_is_ready() {
            self.intents.push(Intent::ReadData);
        }
    }

    fn poll_downloads(&mut self) {
        let mut arrived = Vec::new();
        for (name, download) in &mut self.project.downloads {
            let Some(result) = download.job.as_ref().and_then(Job::poll) else {
                continue;
            };
            download.job = None;
            match result {
                Ok(_) => arrived.push(name.clone()),
                Err(_) if download.progress.is_cancelled() => {}
                Err(fault) => download.fault = Some(fault),
            }
            // Whatever became of it, what lies on the disk has changed.
            self.estimates_stale = true;
        }
        if self.estimates_stale && !self.project.downloads.is_empty() {
            let ended = |download: &super::project::Download| {
                download.job.is_none() && download.fault.is_none()
            };
            let before = self.project.downloads.len();
            self.project
                .downloads
                .retain(|_, download| !ended(download));
            if before != self.project.downloads.len() {
                self.load_catalogue();
            }
        }
        if let Some(name) = arrived.into_iter().next() {
            self.intents.push(Intent::SetModel(name));
        }
    }

    fn poll_picker(&mut self) {
        let Some((purpose, job)) = &self.picker else {
            return;
        };
        let Some(answer) = job.poll() else { return };
        let purpose = *purpose;
        self.picker = None;
        self.project.picking = None;
        match answer {
            Ok(Some(path)) => self.with_pages(|pages, ctx| {
                pages.view(purpose.page()).picked(purpose, path, ctx);
            }),
            Ok(None) => {}
            Err(fault) => {
                self.project.no_dialog = Some(purpose);
                self.project.notice = Some(Notice::Fault(fault));
            }
        }
    }

    fn poll_opening(&mut self) {
        if !self.project.opening.poll() {
            return;
        }
        let opening = std::mem::take(&mut self.project.opening);
        match opening.into_result() {
            Some(Ok(run)) => {
                let finished = run.state.finished.is_some();
                self.show_run(Some(run));
                let page = if finished {
                    Page::Evaluate
                } else {
                    Page::Train
                };
                self.intents.push(Intent::Navigate(page));
            }
            Some(Err(fault)) => self.project.notice = Some(Notice::Fault(fault)),
            None => {}
        }
    }

    fn poll_chore(&mut self) {
        let Some(result) = self.chore.as_ref().and_then(Job::poll) else {
            return;
        };
        self.chore = None;
        self.intents.push(Intent::ReloadRuns);
        let opened = self.project.opened.as_ref().map(|kept| kept.folder.clone());
        match result {
            Ok(Chore::Deleted(run)) if opened.as_ref() == Some(&run) => self.show_run(None),
            Ok(Chore::Renamed { from, to }) if opened.as_ref() == Some(&from) => {
                self.intents.push(Intent::OpenRun(to));
            }
            Ok(_) => {}
            Err(fault) => self.project.notice = Some(Notice::Fault(fault)),
        }
    }

    /// Time and memory with every model and every preset, for the data as it is now.
    pub(super) fn refresh_estimates(&mut self) {
        if !std::mem::take(&mut self.estimates_stale) {
            return;
        }
        let project = &mut self.project;
        project.estimates.clear();
        project.preset_estimates.clear();
        let (Some(view), Some(&machine)) = (project.data.value(), project.machine.value()) else {
            return;
        };
        let hyperparameters = &project.settings.hyperparameters;
        let mean = view.mean_tokens(hyperparameters.max_seq_length);
        let rows = [view.splits[0], view.splits[1]];
        let services = &self.services;
        let estimate = |shape, hyperparameters: &_| {
            services.estimate(shape, rows, mean, hyperparameters, machine)
        };
        let models = project.catalogue.value().map_or(&[][..], Vec::as_slice);
        let named = models
            .iter()
            .map(|model| (model.entry.name.clone(), services.shape_of(&model.entry)));
        let local = project.local_model.value();
        let local = local.map(|local| (local.folder.display().to_string(), local.shape));
        let shapes: BTreeMap<_, _> = named.chain(local).collect();
        if let Some(&shape) = shapes.get(&project.settings.model) {
            project.preset_estimates = Preset::ALL
                .map(|preset| estimate(shape, &project.of_preset(preset)))
                .to_vec();
        }
        project.estimates = shapes
            .into_iter()
            .map(|(name, shape)| (name, estimate(shape, hyperparameters)))
            .collect();
    }
}
