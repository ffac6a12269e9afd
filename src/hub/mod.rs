//! Models to start from: the catalogue, the built-in model, the cache of downloaded ones, local
//! folders. This is the only place of the program that uses the network, and it does so only
//! when the user asks for a download.

mod built_in;
mod cache;
mod catalogue;
mod download;
mod hugging_face;
mod model_files;
mod progress;
mod transfer;
mod wheel;

pub use built_in::{BuiltIn, LUTHIER_MINI};
pub use cache::{Origin, Status, remove, status};
pub use catalogue::{Catalogue, Entry, FileEntry, WheelEntry};
pub use download::Downloader;
pub use model_files::{
    ModelFiles, ModelSource, TokenizerFile, Weights, from_catalogue, from_folder, public_name,
    resolve,
};
pub use progress::{Outcome, Progress, Source};
