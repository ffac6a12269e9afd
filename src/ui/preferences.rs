//! What survives a restart: the only part of the window's state that is written to disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::page::Page;

/// Dark, light, or as the system is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    /// As the system is.
    #[default]
    System,
    /// Always dark.
    Dark,
    /// Always light.
    Light,
}

impl From<ThemeChoice> for egui::ThemePreference {
    fn from(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::System => Self::System,
            ThemeChoice::Dark => Self::Dark,
            ThemeChoice::Light => Self::Light,
        }
    }
}

/// The language of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    English,
    /// 简体中文.
    Chinese,
}

/// What the person prefers, whatever is being trained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Dark or light.
    pub theme: ThemeChoice,
    /// The language shown.
    pub language: Language,
    /// Where models and runs are kept; `None` is the usual place.
    pub storage: Option<PathBuf>,
    /// Threads that compute; `None` is all.
    pub threads: Option<usize>,
    /// The address models are fetched from; `None` is the Hugging Face hub.
    pub hub: Option<String>,
    /// Never use the network.
    pub offline: bool,
}

/// Everything kept between two starts. A key that is missing or unknown takes its default, so
/// that neither an older nor a newer file keeps the window from opening.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// The page shown last.
    pub page: Page,
    /// What the person prefers.
    pub preferences: Preferences,
    /// The run file of the settings edited last; text, so that a key that is no longer known
    /// costs the settings and not the rest.
    pub settings: Option<String>,
}

impl Kept {
    /// Reads the window's file, for what must be known before there is a window; `None` where
    /// there is no file or it cannot be understood.
    pub fn read(path: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(path).ok()?)
    }

    /// The file is a map of names to values, each written as a text of its own.
    fn parse(text: &str) -> Option<Self> {
        let values: HashMap<String, String> = ron::from_str(text).ok()?;
        ron::from_str(values.get(eframe::APP_KEY)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kept: &Kept) -> String {
        let value = ron::to_string(kept).unwrap();
        ron::to_string(&HashMap::from([(eframe::APP_KEY, value)])).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let kept = Kept {
            page: Page::Model,
            preferences: Preferences {
                threads: Some(3),
                ..Preferences::default()
            },
            settings: Some("task = \"topic\"".into()),
        };
        assert_eq!(Kept::parse(&written(&kept)), Some(kept));
    }

    #[test]
    fn damage_is_not_fatal() {
        let text = written(&Kept::default());
        for end in 0..text.len() {
            Kept::parse(&text[..end]);
        }
        let odd = "{\"app\": \"(page: data, preferences: (threads: 2, moon: 1))\"}";
        assert!(Kept::parse(odd).is_none());
        let newer = "{\"app\": \"(page: data, moon: 1)\"}";
        assert_eq!(Kept::parse(newer).map(|kept| kept.page), Some(Page::Data));
    }
}
