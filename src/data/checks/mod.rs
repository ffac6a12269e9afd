//! What is wrong with labelled data, found before it is trained on.
//!
//! A [`Checker`] is fed the rows of a file, or of the files for training, validation and test, in
//! any number of pieces, and ends in a list of [`Finding`]s: each with its number, its first rows,
//! and what is needed to mend them. Nothing is changed here.
//!
//! What a single row says about itself (`facts`) is worked out on all threads. What rows say about
//! each other is put together in their order: copies, leaks and contradictions (`repeats`), near
//! copies (`near_repeats`), labels, languages, lengths, tags.

mod answers;
mod characters;
mod checker;
mod facts;
mod finding;
mod html;
mod labels;
mod languages;
mod lengths;
mod mojibake;
mod near_repeats;
mod remedy;
mod repeats;
mod sample;
mod spelling;
mod tagging;

pub use checker::{CheckOptions, Checker};
pub use finding::{
    Check, Finding, Group, LabelPair, Level, REVIEWED, SHOWN, Share, Sighting, Variant,
};
pub use languages::are_chinese;
pub use lengths::{CountTokens, TokenCount};
