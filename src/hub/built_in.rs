//! The model that is part of the program, so that the first run needs no network.

/// A model whose files are bytes of the program.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name in the catalogue.
    pub name: &'static str,
    /// `config.json`.
    pub config: &'static [u8],
    /// `tokenizer.json`.
    pub tokenizer: &'static [u8],
    /// `tokenizer_config.json`.
    pub tokenizer_config: &'static [u8],
    /// `model.safetensors`, aligned so that its numbers can be read in place.
    pub weights: &'static [u8],
    /// Licence texts that must go along with copies of the model: file name and content.
    pub notices: &'static [(&'static str, &'static [u8])],
}

/// Gives embedded bytes the alignment that a memory-mapped file would have for its numbers.
#[repr(C, align(64))]
struct Aligned<Bytes: ?Sized>(Bytes);

static WEIGHTS: &Aligned<[u8]> = &Aligned(*include_bytes!(
    "../../assets/models/luthier-mini/model.safetensors"
));

/// The small English encoder described in `assets/models/luthier-mini/README.md`.
pub static LUTHIER_MINI: BuiltIn = BuiltIn {
    name: "luthier-mini",
    config: include_bytes!("../../assets/models/luthier-mini/config.json"),
    tokenizer: include_bytes!("../../assets/models/luthier-mini/tokenizer.json"),
    tokenizer_config: include_bytes!("../../assets/models/luthier-mini/tokenizer_config.json"),
    weights: &WEIGHTS.0,
    notices: &[
        (
            "LICENSE",
            include_bytes!("../../assets/models/luthier-mini/LICENSE"),
        ),
        (
            "NOTICE",
            include_bytes!("../../assets/models/luthier-mini/NOTICE"),
        ),
    ],
};

/// The built-in model of this name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    (name == LUTHIER_MINI.name).then_some(&LUTHIER_MINI)
}
