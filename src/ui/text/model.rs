//! The words of the Model page.

/// The words of the Model page.
pub struct ModelText {
    /// Under the page's title.
    pub subtitle: &'static str,
    /// While the catalogue is read.
    pub loading: &'static str,
    /// The footer, with this computer's threads and free memory.
    pub status: fn(usize, Option<&str>) -> String,
    /// Languages by their codes.
    pub languages: fn(&[String]) -> String,
    /// Layers.
    pub layers: fn(usize) -> String,
    /// Parameters, from their number as words.
    pub parameters: fn(&str) -> String,
    /// Under a time.
    pub time: &'static str,
    /// Under a size of memory.
    pub memory: &'static str,
    /// In place of an estimate that is not there yet.
    pub unknown: &'static str,
    /// Why there is no estimate.
    pub unknown_hover: &'static str,
    /// More memory than is free.
    pub too_large: fn(&str) -> String,
    /// Where the model is and how it gets here.
    pub place: PlaceText,
    /// The local folder.
    pub local: LocalText,
    /// The chosen model.
    pub details: DetailText,
    /// The method.
    pub method: MethodText,
}

/// Where a model is and how it gets here.
pub struct PlaceText {
    /// Part of the program.
    pub built_in: &'static str,
    /// In the storage folder.
    pub downloaded: &'static str,
    /// Fetches it, with the size.
    pub download: fn(&str) -> String,
    /// Fetches it, of unknown size.
    pub download_plain: &'static str,
    /// Goes on fetching.
    pub resume: &'static str,
    /// How much has arrived, of how much.
    pub arrived: fn(&str, &str) -> String,
    /// How much has arrived.
    pub arrived_plain: fn(&str) -> String,
    /// Before anything has arrived.
    pub connecting: &'static str,
    /// Why it cannot be fetched.
    pub offline: &'static str,
    /// The download's name for screen readers.
    pub progress: fn(&str) -> String,
}

/// The local folder.
pub struct LocalText {
    /// Heading.
    pub title: &'static str,
    /// Beside it.
    pub note: &'static str,
    /// The path field.
    pub path: &'static str,
    /// In the empty field.
    pub hint: &'static str,
    /// While it is looked at.
    pub looking: &'static str,
}

/// The chosen model.
pub struct DetailText {
    /// Heading when none is chosen.
    pub none: &'static str,
    /// What it was trained on.
    pub training_data: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Its languages.
    pub languages: &'static str,
    /// Its size.
    pub size: &'static str,
    /// Its longest input.
    pub longest: &'static str,
    /// A number of tokens.
    pub tokens: fn(&str) -> String,
    /// Its learning rate.
    pub learning_rate: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// A local folder.
    pub folder: &'static str,
}

/// The method.
pub struct MethodText {
    /// Heading.
    pub title: &'static str,
    /// Beside it.
    pub note: &'static str,
    /// Training all weights: name and explanation.
    pub full: (&'static str, &'static str),
    /// Training adapters: name and explanation.
    pub lora: (&'static str, &'static str),
    /// Training the classifier: name and explanation.
    pub head: (&'static str, &'static str),
    /// What another method does to the learning rate.
    pub learning_rate: &'static str,
    /// Why the way on is closed while a field is wrong.
    pub wrong: fn(&str) -> String,
}

/// English.
pub const ENGLISH: ModelText = ModelText {
    subtitle: "What the training starts from",
    loading: "Looking at the models…",
    status: |threads, memory| match memory {
        Some(memory) => {
            format!("Times are estimates for this computer: {threads} threads, {memory} free")
        }
        None => format!("Times are estimates for this computer: {threads} threads"),
    },
    languages: |codes| {
        let names: Vec<_> = codes.iter().map(|code| language(code)).collect();
        match names.as_slice() {
            [first, second, third, _, ..] => {
                format!("{first}, {second}, {third} and {} more", names.len() - 3)
            }
            names => names.join(", "),
        }
    },
    layers: |n| format!("{n} layers"),
    parameters: |n| format!("{n} parameters"),
    time: "to train",
    memory: "memory",
    unknown: "–",
    unknown_hover: "Known once the data is read",
    too_large: |free| format!("Only {free} of memory are free now"),
    place: PlaceText {
        built_in: "built in",
        downloaded: "downloaded",
        download: |size| format!("Download {size}"),
        download_plain: "Download",
        resume: "Go on downloading",
        arrived: |done, all| format!("{done} of {all}"),
        arrived_plain: |done| done.to_owned(),
        connecting: "connecting…",
        offline: "Settings say never to use the network",
        progress: |name| format!("Download of {name}"),
    },
    local: LocalText {
        title: "A folder of your own",
        note: "Hugging Face layout: config.json, tokenizer.json, model.safetensors",
        path: "Folder",
        hint: "/folder/of/the/model",
        looking: "looking…",
    },
    details: DetailText {
        none: "No model chosen",
        training_data: "Trained on",
        licence: "Licence",
        languages: "Languages",
        size: "Size",
        longest: "Longest text",
        tokens: |n| format!("{n} tokens"),
        learning_rate: "Suits it",
        source: "Source",
        folder: "Local folder",
    },
    method: MethodText {
        title: "Method",
        note: "which weights learn",
        full: (
            "All weights",
            "Every weight learns: the best quality, and the most time and memory.",
        ),
        lora: (
            "Low-rank adapters (LoRA)",
            "Small matrices beside the frozen weights learn, about 1\u{a0}% of all: steps take a third less time and the optimiser little memory. The result is merged; a PEFT adapter is kept beside it.",
        ),
        head: (
            "Classifier only",
            "The model reads every row once and only its last part learns, so that epochs take seconds: good for a first look, usually less accurate.",
        ),
        learning_rate: "With another method the learning rate is adjusted to suit it, unless it is your own.",
        wrong: |name| format!("{name} on the Model page has no valid value"),
    },
};

fn language(code: &str) -> &str {
    match code {
        "en" => "English",
        "zh" => "Chinese",
        "de" => "German",
        "fr" => "French",
        "es" => "Spanish",
        "it" => "Italian",
        "pt" => "Portuguese",
        "nl" => "Dutch",
        "ja" => "Japanese",
        "ko" => "Korean",
        "ru" => "Russian",
        "ar" => "Arabic",
        other => other,
    }
}
