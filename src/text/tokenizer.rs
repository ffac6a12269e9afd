//! The tokenizer of a model, as its files describe it.

use serde::Deserialize;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, EncodeInput, TruncationParams};

use crate::error::{Error, Result};
use crate::hub::TokenizerFile;

/// The tokens of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Token numbers, special tokens included.
    pub ids: Vec<u32>,
    /// Token types, as long as `ids`.
    pub types: Vec<u32>,
    /// Length in tokens before cutting, special tokens included.
    pub full_length: usize,
}

impl Encoding {
    /// A sequence of one segment, as given.
    pub fn of(ids: Vec<u32>) -> Self {
        Self {
            types: vec![0; ids.len()],
            full_length: ids.len(),
            ids,
        }
    }

    /// Whether the text was longer than the limit.
    pub fn is_cut(&self) -> bool {
        self.full_length > self.ids.len()
    }
}

/// Turns texts into the token numbers that a model was trained on.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    whole: tokenizers::Tokenizer,
    cutting: tokenizers::Tokenizer,
    max_length: usize,
}

/// The part of `tokenizer_config.json` that a `vocab.txt` needs.
#[derive(Deserialize)]
#[serde(default)]
struct Casing {
    do_lower_case: bool,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: bool,
}

impl Default for Casing {
    fn default() -> Self {
        Self {
            do_lower_case: true,
            strip_accents: None,
            tokenize_chinese_chars: true,
        }
    }
}

/// What tokenizers call the token for everything else.
const UNKNOWN: [&str; 2] = ["[UNK]", "<unk>"];

fn no_text(cause: tokenizers::Error) -> Error {
    Error::new("the tokenizer could not read a text").because(cause)
}

/// Texts that are in the tokenizer's own form at the same time, which keeps a string for every
/// token.
const TEXTS_AT_ONCE: usize = 512;

impl Tokenizer {
    /// Reads a model's tokenizer. `config` is its `tokenizer_config.json`; texts are cut at
    /// `max_length` tokens, special tokens included; `vocabulary` is the number of rows of the
    /// model's token table, which every token number must lie below.
    pub fn load(
        file: &TokenizerFile,
        config: Option<&[u8]>,
        max_length: usize,
        vocabulary: usize,
    ) -> Result<Self> {
        let mut whole = match file {
            TokenizerFile::Json(bytes) => tokenizers::Tokenizer::from_bytes(bytes)
                .map_err(|cause| unreadable("tokenizer.json", cause))?,
            TokenizerFile::Vocabulary(bytes) => from_vocabulary(bytes, config)?,
        };
        whole.with_padding(None);
        whole
            .with_truncation(None)
            .map_err(|cause| unreadable("tokenizer", cause))?;
        check_fit(&whole, vocabulary)?;
        let mut cutting = whole.clone();
        let truncation = TruncationParams {
            max_length,
            ..TruncationParams::default()
        };
        cutting
            .with_truncation(Some(truncation))
            .map_err(|cause| unreadable("tokenizer", cause))?;
        Ok(Self {
            whole,
            cutting,
            max_length,
        })
    }

    /// The tokens of each text, cut at the limit; on all threads.
    pub fn encode(&self, texts: &[&str]) -> Result<Vec<Encoding>> {
        let mut encodings = Vec::with_capacity(texts.len());
        for some in texts.chunks(TEXTS_AT_ONCE) {
            encodings.extend(self.encode_at_once(some)?);
        }
        Ok(encodings)
    }

    /// How many tokens each text makes with its second text, before cutting and with special ones,
    /// and how many of them stand for something that the vocabulary lacks; on all threads.
    pub fn count(&self, texts: &[(&str, Option<&str>)]) -> Result<Vec<(usize, usize)>> {
        let unknown = UNKNOWN.iter().find_map(|name| self.whole.token_to_id(name));
        let mut counts = Vec::with_capacity(texts.len());
        for some in texts.chunks(TEXTS_AT_ONCE) {
            let inputs = some.iter().map(|&(text, pair)| match pair {
                Some(pair) => EncodeInput::from((text, pair)),
                None => EncodeInput::from(text),
            });
            let encodings = self.whole.encode_batch_fast(inputs.collect(), true);
            counts.extend(encodings.map_err(no_text)?.iter().map(|encoding| {
                let ids = encoding.get_ids().iter();
                (
                    encoding.len(),
                    ids.filter(|&&id| Some(id) == unknown).count(),
                )
            }));
        }
        Ok(counts)
    }

    fn encode_at_once(&self, texts: &[&str]) -> Result<Vec<Encoding>> {
        let encodings = self
            .whole
            .encode_batch_fast(texts.to_vec(), true)
            .map_err(no_text)?;
        let fitting = texts.iter().zip(encodings).map(|(text, encoding)| {
            let full_length = encoding.len();
            let encoding = if full_length > self.max_length {
                self.cutting.encode_fast(*text, true).map_err(no_text)?
            } else {
                encoding
            };
            let types = encoding.get_type_ids().to_vec();
            Ok(Encoding {
                ids: encoding.get_ids().to_vec(),
                types,
                full_length,
            })
        });
        fitting.collect()
    }

    /// Longest sequence in tokens.
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// The complete description in the format of `tokenizer.json`, without padding or cutting.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let text = self.whole.to_string(false).map_err(|cause| {
            Error::new("the tokenizer could not be written down").because(cause)
        })?;
        Ok(text.into_bytes())
    }
}

fn unreadable(file: &str, cause: tokenizers::Error) -> Error {
    Error::new(format!("the model's {file} cannot be used"))
        .remedy("Take the complete folder of one model; its files belong together.")
        .because(cause)
}

/// A token number beyond the model's table would read past its weights: the files of two models
/// were mixed.
fn check_fit(tokenizer: &tokenizers::Tokenizer, vocabulary: usize) -> Result<()> {
    let largest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0) as usize;
    if largest < vocabulary {
        return Ok(());
    }
    Err(Error::new(format!(
        "the tokenizer does not fit the model: it has token number {largest}, the model's table ends at {}",
        vocabulary.saturating_sub(1)
    ))
    .remedy("Take tokenizer.json and config.json from the same model."))
}

/// BERT's tokenizer from its list of word pieces, as `BertTokenizerFast` builds it.
fn from_vocabulary(vocabulary: &[u8], config: Option<&[u8]>) -> Result<tokenizers::Tokenizer> {
    let text =
        std::str::from_utf8(vocabulary).map_err(|cause| unreadable("vocab.txt", cause.into()))?;
    let pieces = text.lines().map(|line| line.trim_end_matches('\r'));
    let numbers: ahash::AHashMap<String, u32> = pieces
        .zip(0..)
        .map(|(piece, number)| (piece.to_owned(), number))
        .collect();
    let special = |name: &str| {
        numbers
            .get(name)
            .map(|&number| (name.to_owned(), number))
            .ok_or_else(|| {
                Error::new(format!("the model's vocab.txt has no {name}")).remedy(
                    "Only BERT's word pieces can be read from a vocab.txt; use a tokenizer.json.",
                )
            })
    };
    let (sep, cls) = (special("[SEP]")?, special("[CLS]")?);
    special("[UNK]")?;
    let casing: Casing = match config {
        Some(bytes) => serde_json::from_slice(bytes)
            .map_err(|cause| unreadable("tokenizer_config.json", cause.into()))?,
        None => Casing::default(),
    };
    let added: Vec<AddedToken> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        .into_iter()
        .filter(|name| numbers.contains_key(*name))
        .map(|name| AddedToken::from(name, true))
        .collect();
    let model = WordPiece::builder()
        .vocab(numbers)
        .unk_token("[UNK]".to_owned())
        .build()
        .map_err(|cause| unreadable("vocab.txt", cause))?;
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    let Casing {
        do_lower_case,
        strip_accents,
        tokenize_chinese_chars,
    } = casing;
    let normalizer =
        BertNormalizer::new(true, tokenize_chinese_chars, strip_accents, do_lower_case);
    tokenizer
        .with_normalizer(Some(normalizer))
        .map_err(|cause| unreadable("vocab.txt", cause))?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_post_processor(Some(BertProcessing::new(sep, cls)));
    tokenizer
        .add_special_tokens(added)
        .map_err(|cause| unreadable("vocab.txt", cause))?;
    Ok(tokenizer)
}
