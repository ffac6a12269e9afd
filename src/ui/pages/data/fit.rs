//! Whether the rows fit the task and the model, with what would fit in one press.

use egui::Ui;

use crate::data::checks::are_chinese;
use crate::data::{Kind, Role};
use crate::run::DataSettings;
use crate::session::dataset::DatasetView;
use crate::tasks::TaskKind;
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::services::ModelChoice;
use crate::ui::widgets::{self, Tone};

/// Rows whose script is looked at.
const LOOKED_AT: usize = 64;

/// Room below a remark and below its buttons, beside what lines have between them anyway.
const BELOW: f32 = 3.0;

/// Says what does not fit; nothing where all does.
pub fn show(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
    task(ui, ctx, view);
    second_text(ui, ctx, view);
    language(ui, ctx, view);
}

fn task(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.fit;
    let kind_name = ctx.text.data.reading.kind_name;
    let task = ctx.project.settings.task;
    let title = |task| ctx.text.task.name(task);
    let (read, looks, pairs) = (view.file.kind, view.file.detected, view.has_pairs());
    let line = if read != task.rows() {
        let learns = kind_name(task.rows());
        (words.other_rows)(kind_name(read), title(task), learns)
    } else if task.reads_pairs() && !pairs {
        (words.one_text)(title(task))
    } else if looks != read && !is_whole_numbers(read, looks) {
        (words.looks_like)(kind_name(looks), kind_name(read))
    } else {
        return;
    };
    let trainable = view.is_trainable_for(task);
    let tone = if trainable { Tone::Weak } else { Tone::Warn };
    widgets::remark(ui, tone, &line);
    ui.add_space(BELOW);
    ui.horizontal(|ui| {
        // What a person has chosen by hand counts for more than what the file looks like.
        let wanted = if ctx.project.kind.is_some() {
            read
        } else {
            looks
        };
        let fitting = TaskKind::for_rows(wanted, pairs).filter(|fitting| *fitting != task);
        if let Some(fitting) = fitting
            && widgets::small_button(ui, &(words.switch)(title(fitting))).clicked()
        {
            ctx.send(Intent::SetTask(fitting));
        }
        if ctx.project.kind.is_some() && widgets::small_button(ui, words.read_for_task).clicked() {
            let data = Box::new(ctx.project.settings.data.clone());
            ctx.send(Intent::ReadAs(data, None));
        }
    });
    ui.add_space(BELOW);
}

/// The task is usually for one text; a second one changes what is learned.
fn second_text(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.fit;
    let task = ctx.project.settings.task;
    let read = view.file.kind;
    if read != task.rows() || !view.has_pairs() || task.may_read_pairs() {
        return;
    }
    let column = |role| view.file.roles.get(role).unwrap_or_default();
    let line = (words.two_texts)(column(Role::Text), column(Role::TextPair));
    let is_asked_for = ctx.project.settings.data.text_pair_column.is_some();
    let tone = if is_asked_for { Tone::Weak } else { Tone::Warn };
    widgets::remark(ui, tone, &line);
    ui.add_space(BELOW);
    ui.horizontal(|ui| {
        let fitting = TaskKind::for_rows(read, true).filter(|fitting| *fitting != task);
        if let Some(fitting) = fitting
            && widgets::small_button(ui, &(words.switch)(ctx.text.task.name(fitting))).clicked()
        {
            ctx.send(Intent::SetTask(fitting));
        }
        if widgets::small_button(ui, words.first_alone).clicked() {
            ctx.send(Intent::SetData(Box::new(DataSettings {
                text_pair_column: Some(String::new()),
                ..ctx.project.settings.data.clone()
            })));
        }
    });
    ui.add_space(BELOW);
}

/// Whole numbers may be labels as well.
fn is_whole_numbers(read: Kind, looks: Kind) -> bool {
    read == Kind::Score && looks == Kind::Label
}

fn language(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
    let knows = |model: &ModelChoice| model.entry.knows_chinese();
    let project = ctx.project;
    let Some(chosen) = project.chosen_model().filter(|model| !knows(model)) else {
        return;
    };
    let looked_at = view.rows.iter().take(LOOKED_AT);
    if !are_chinese(looked_at.map(|row| row.text.as_str())) {
        return;
    }
    let words = &ctx.text.data.fit;
    let languages = (ctx.text.model.languages)(&chosen.entry.languages);
    widgets::remark(
        ui,
        Tone::Warn,
        &(words.chinese)(&chosen.entry.title, &languages),
    );
    ui.add_space(BELOW);
    let models = project.catalogue.value().map_or(&[][..], Vec::as_slice);
    if let Some(model) = models.iter().find(|model| knows(model))
        && widgets::small_button(ui, &(words.take)(&model.entry.title)).clicked()
    {
        ctx.send(Intent::SetModel(model.entry.name.clone()));
    }
    ui.add_space(BELOW);
}
