//! The words of the Settings page.

/// The words of the Settings page.
pub struct SettingsText {
    /// Under the page's title.
    pub subtitle: &'static str,
    /// The card about how it looks.
    pub look: &'static str,
    /// Dark or light.
    pub theme: &'static str,
    /// As the system is.
    pub system: &'static str,
    /// Always dark.
    pub dark: &'static str,
    /// Always light.
    pub light: &'static str,
    /// The language of the window.
    pub language: &'static str,
    /// English, in English.
    pub english: &'static str,
    /// Chinese, in Chinese.
    pub chinese: &'static str,
    /// The card about where things are kept and how they are computed.
    pub work: &'static str,
    /// The storage folder.
    pub storage: &'static str,
    /// What lies there.
    pub storage_note: &'static str,
    /// The variable decides.
    pub storage_from_variable: fn(folder: &str) -> String,
    /// The usual place.
    pub storage_usual: fn(folder: &str) -> String,
    /// Goes back to the usual place.
    pub storage_reset: &'static str,
    /// While a run is on.
    pub storage_busy: &'static str,
    /// Threads that compute.
    pub threads: &'static str,
    /// In the empty field.
    pub threads_all: fn(usize) -> String,
    /// Below the field.
    pub threads_note: &'static str,
    /// What the field may hold.
    pub threads_range: fn(usize) -> String,
    /// The card about the network.
    pub network: &'static str,
    /// Nothing is sent.
    pub network_note: &'static str,
    /// Never use the network.
    pub offline: &'static str,
    /// The address models are fetched from.
    pub hub: &'static str,
    /// In the empty field.
    pub hub_hint: &'static str,
    /// What the field may hold.
    pub hub_range: &'static str,
    /// Where else the address may come from.
    pub hub_note: &'static str,
    /// The card about the program.
    pub about: &'static str,
    /// Name and version.
    pub version: fn(&str) -> String,
    /// What it is.
    pub what: &'static str,
    /// The licence.
    pub licence: &'static str,
    /// The licence of the built-in model.
    pub model_licence: &'static str,
}

/// English.
pub const ENGLISH: SettingsText = SettingsText {
    subtitle: "kept on this computer from one start to the next",
    look: "Look",
    theme: "Theme",
    system: "System",
    dark: "Dark",
    light: "Light",
    language: "Language",
    english: "English",
    chinese: "简体中文",
    work: "Storage and computing",
    storage: "Storage folder",
    storage_note: "Models and runs are kept there. What lies in the old folder stays where it is.",
    storage_from_variable: |folder| format!("LUTHIER_HOME decides: {folder}"),
    storage_usual: |folder| format!("In use: {folder}"),
    storage_reset: "Use the usual place",
    storage_busy: "A run is being trained; wait for its end",
    threads: "Threads",
    threads_all: |all| format!("all {all}"),
    threads_note: "Results do not depend on them, only the time. Empty takes all. A change holds from the next start.",
    threads_range: |all| format!("a whole number from 1 to {all}, or empty"),
    network: "Network",
    network_note: "The network is used for fetching a model when you ask for it, and for nothing else. \
                   Nothing is ever sent.",
    offline: "Never use the network",
    hub: "Model hub",
    hub_hint: "https://huggingface.co",
    hub_range: "an address that begins with http:// or https://",
    hub_note: "Empty takes the Hugging Face hub, or HF_ENDPOINT where it is set.",
    about: "About",
    version: |version| format!("Luthier {version}"),
    what: "Fine-tune language models on an ordinary computer. Your texts never leave it.",
    licence: "Free software under the MIT licence or the Apache licence 2.0, as you like.",
    model_licence: "The built-in model is under the Apache licence 2.0; its notice lies beside its files.",
};
