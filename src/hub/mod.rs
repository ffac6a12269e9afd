//! Stand-in until the catalogue lands; the fields are those of the coming `catalogue.rs`.
pub mod catalogue {
    /// A model of the catalogue.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Entry {
        /// The name that settings and commands use.
        pub name: String,
        /// The name to show.
        pub title: String,
        /// One plain sentence.
        pub summary: String,
        /// Part of the program.
        pub built_in: bool,
        /// The Hugging Face repository.
        pub repository: Option<String>,
        /// Branch, tag or commit.
        pub revision: String,
        /// ISO 639-1 codes.
        pub languages: Vec<String>,
        /// SPDX identifier.
        pub licence: String,
        /// `model_type`.
        pub architecture: String,
        /// Trainable numbers.
        pub parameters: u64,
        /// Transformer layers.
        pub layers: usize,
        /// Width.
        pub hidden: usize,
        /// Attention heads per layer.
        pub heads: usize,
        /// Word pieces.
        pub vocabulary: usize,
        /// Longest input, in tokens.
        pub max_length: usize,
        /// What it was trained on.
        pub training_data: Option<String>,
        /// Bytes of a download.
        pub download_bytes: Option<u64>,
        /// A peak learning rate that suits it.
        pub learning_rate: f64,
        /// Files.
        pub files: Vec<FileEntry>,
        /// Wheel.
        pub wheel: Option<WheelEntry>,
    }
    /// A file.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FileEntry {
        /// Its name.
        pub name: String,
    }
    /// A wheel.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct WheelEntry {
        /// Its package.
        pub package: String,
    }
}
