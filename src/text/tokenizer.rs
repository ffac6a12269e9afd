//! The tokenizer of a model, as its files describe it.

use std::ops::Range;

use rayon::prelude::*;
use serde::Deserialize;
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{AddedToken, EncodeInput, PostProcessor as _};

use crate::error::{Error, Result};
use crate::hub::TokenizerFile;

/// The tokens of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// Token numbers, special tokens included.
    pub ids: Vec<u32>,
    /// Token types, as long as `ids`.
    pub types: Vec<u32>,
    /// Length in tokens of the whole text, special tokens included.
    pub full_length: usize,
    /// Whether other windows have the rest of the text.
    pub is_window: bool,
}

impl Encoding {
    /// A sequence of one segment, as given.
    pub fn of(ids: Vec<u32>) -> Self {
        Self {
            types: vec![0; ids.len()],
            full_length: ids.len(),
            is_window: false,
            ids,
        }
    }

    /// Whether the text was longer than the limit, and nothing reads the rest.
    pub fn is_cut(&self) -> bool {
        self.full_length > self.ids.len() && !self.is_window
    }
}

/// What is done with texts that are longer than a model reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Longest sequence in tokens, special tokens included.
    pub max_length: usize,
    /// Tokens that neighbouring windows of a long text share; at most half of a window's own.
    pub stride: usize,
}

/// A text with what is read beside it, where there is something.
pub type Input<'a> = (&'a str, Option<&'a str>);

/// Where a token stands in its text: its first byte, and the one after its last.
pub type Bytes = (u32, u32);

/// What a person means who writes one line: a text, or for a model that learned `pairs` two texts
/// with a tab between them. To a model of single texts a tab is white space.
pub fn input_of(line: &str, pairs: bool) -> Input<'_> {
    match line.split_once('\t').filter(|_| pairs) {
        Some((text, pair)) => (text, Some(pair)),
        None => (line, None),
    }
}

/// The one line that [`input_of`] reads as this input. A tab in the first text is lost.
pub fn line_of((text, pair): Input<'_>) -> String {
    match pair {
        Some(pair) => format!("{}\t{pair}", text.replace('\t', " ")),
        None => text.replace('\t', " "),
    }
}

/// A part of a long text as the model reads it, and what each of its tokens stands for: `None` for
/// special tokens, and in a pair for those of the first text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window<Place> {
    /// The tokens.
    pub encoding: Encoding,
    /// What they stand for, as long as the tokens.
    pub places: Vec<Option<Place>>,
}

/// Turns texts into the token numbers that a model was trained on.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    whole: tokenizers::Tokenizer,
    limit: Limit,
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

/// The part of `tokenizer_config.json` that a `vocab.json` needs.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Spacing {
    add_prefix_space: bool,
}

/// What tokenizers call the token for everything else.
const UNKNOWN: [&str; 2] = ["[UNK]", "<unk>"];

fn no_text(cause: tokenizers::Error) -> Error {
    Error::new("the tokenizer could not read a text").because(cause)
}

fn input<'a>((text, pair): Input<'a>) -> EncodeInput<'a> {
    match pair {
        Some(pair) => EncodeInput::from((text, pair)),
        None => EncodeInput::from(text),
    }
}

/// Special tokens around a pair of texts.
fn special_tokens(tokenizer: &tokenizers::Tokenizer) -> usize {
    let processor = tokenizer.get_post_processor();
    processor.map_or(0, |processor| processor.added_tokens(true))
}

/// The tokens of the text number `side`; none where it has none.
fn range_of(sides: &[Option<usize>], side: usize) -> Range<usize> {
    let is_own = |own: &Option<usize>| *own == Some(side);
    let begin = sides.iter().position(is_own).unwrap_or(sides.len());
    let end = sides
        .iter()
        .rposition(is_own)
        .map_or(begin, |last| last + 1);
    begin..end
}

/// What is kept of two texts that are longer than `room` together, by transformers' rule
/// `longest_first`: the longer one is cut down to the other, then both alike, and of an odd room
/// the longer one gets the token that is left over (`truncate_encodings` in tokenizers).
fn longest_first([first, second]: [usize; 2], room: usize) -> [usize; 2] {
    if first > second {
        let [second, first] = longest_first([second, first], room);
        return [first, second];
    }
    let kept = first.min(room / 2);
    [kept, second.min(room - kept)]
}

/// The tokens of an encoding that a window has: it is one of several where it does not have all.
fn part_of(encoding: &tokenizers::Encoding, tokens: &[usize]) -> Encoding {
    let (ids, types) = (encoding.get_ids(), encoding.get_type_ids());
    Encoding {
        ids: tokens.iter().map(|&token| ids[token]).collect(),
        types: tokens.iter().map(|&token| types[token]).collect(),
        full_length: encoding.len(),
        is_window: tokens.len() < encoding.len(),
    }
}

fn encoding_of(encoding: &tokenizers::Encoding) -> Encoding {
    Encoding {
        ids: encoding.get_ids().to_vec(),
        types: encoding.get_type_ids().to_vec(),
        full_length: encoding.len(),
        is_window: false,
    }
}

/// Texts that are in the tokenizer's own form at the same time, which keeps a string for every
/// token.
const TEXTS_AT_ONCE: usize = 512;

impl Tokenizer {
    /// Reads a model's tokenizer. `config` is its `tokenizer_config.json`; `limit` says what is done
    /// with long texts; `vocabulary` is the number of rows of the model's token table, which every
    /// token number must lie below.
    pub fn load(
        file: &TokenizerFile,
        config: Option<&[u8]>,
        limit: Limit,
        vocabulary: usize,
    ) -> Result<Self> {
        let mut whole = match file {
            TokenizerFile::Json(bytes) => tokenizers::Tokenizer::from_bytes(bytes)
                .map_err(|cause| unreadable("tokenizer.json", cause))?,
            TokenizerFile::Vocabulary(bytes) => from_vocabulary(bytes, config)?,
            TokenizerFile::BytePairs { vocabulary, merges } => {
                from_byte_pairs(vocabulary, merges, config)?
            }
        };
        whole.with_padding(None);
        whole
            .with_truncation(None)
            .map_err(|cause| unreadable("tokenizer", cause))?;
        check_fit(&whole, vocabulary)?;
        Ok(Self { whole, limit })
    }

    /// The tokens of each text, or pair of texts, cut at the limit; on all threads.
    pub fn encode(&self, texts: &[Input<'_>]) -> Result<Vec<Encoding>> {
        let mut encodings = Vec::with_capacity(texts.len());
        for some in texts.chunks(TEXTS_AT_ONCE) {
            encodings.extend(self.encode_at_once(some)?);
        }
        Ok(encodings)
    }

    /// The windows of each text, which share `stride` tokens; on all threads.
    pub fn windows(&self, texts: &[&str]) -> Result<Vec<Vec<Encoding>>> {
        let windows = texts.par_iter().map(|&text| {
            let encoding = self.whole.encode_fast(text, true).map_err(no_text)?;
            let windows = self.slide(&encoding, 0)?.into_iter();
            Ok(windows.map(|tokens| part_of(&encoding, &tokens)).collect())
        });
        windows.collect()
    }

    /// The windows of each sentence of words, which share `stride` tokens. A token's place is the
    /// number of its word. On all threads.
    pub fn word_windows(&self, sentences: &[Vec<&str>]) -> Result<Vec<Vec<Window<u32>>>> {
        let windows = sentences.par_iter().map(|words| {
            let words = words.as_slice();
            let encoding = self.whole.encode(words, true).map_err(no_text)?;
            let places = encoding.get_word_ids();
            let windows = self.slide(&encoding, 0)?.into_iter().map(|tokens| Window {
                encoding: part_of(&encoding, &tokens),
                places: tokens.iter().map(|&token| places[token]).collect(),
            });
            Ok(windows.collect())
        });
        windows.collect()
    }

    /// The windows of each passage after its question, which share `stride` tokens. A token's place
    /// is its bytes in the passage. Of a question longer than half a window only the beginning is
    /// read. On all threads.
    ///
    /// # Errors
    /// The limit leaves no room for a passage.
    pub fn passage_windows(&self, questions: &[(&str, &str)]) -> Result<Vec<Vec<Window<Bytes>>>> {
        let windows = questions.par_iter().map(|&(question, passage)| {
            let pair = (self.shortened(question)?, passage);
            let encoding = self.whole.encode(pair, true).map_err(no_text)?;
            let (sides, offsets) = (encoding.get_sequence_ids(), encoding.get_offsets());
            let place = |&token: &usize| {
                let (start, end) = offsets[token];
                (sides[token] == Some(1)).then_some((start as u32, end as u32))
            };
            let windows = self.slide(&encoding, 1)?.into_iter().map(|tokens| Window {
                encoding: part_of(&encoding, &tokens),
                places: tokens.iter().map(place).collect(),
            });
            Ok(windows.collect())
        });
        windows.collect()
    }

    /// The tokens of each window of the text number `side`, with all that stands around that text.
    ///
    /// Done here because tokenizers 0.23.2 itself forgets what lies beyond the first windows when
    /// it is asked for a stride.
    fn slide(&self, encoding: &tokenizers::Encoding, side: usize) -> Result<Vec<Vec<usize>>> {
        let length = encoding.len();
        let own = range_of(&encoding.get_sequence_ids(), side);
        let around = length - own.len();
        if length <= self.limit.max_length {
            return Ok(vec![(0..length).collect()]);
        }
        let room = self.limit.max_length.saturating_sub(around);
        if room == 0 {
            return Err(Error::new(format!(
                "max_seq_length {} leaves no room for a text beside {around} other tokens",
                self.limit.max_length
            ))
            .remedy("Raise max_seq_length (128 is usual, 384 for questions)."));
        }
        let mut windows = Vec::new();
        for begin in own.clone().step_by(room - self.limit.stride.min(room / 2)) {
            let end = (begin + room).min(own.end);
            let tokens = (0..own.start).chain(begin..end).chain(own.end..length);
            windows.push(tokens.collect());
            if end == own.end {
                break;
            }
        }
        Ok(windows)
    }

    /// The question, or so much of it that half of a window is left to the passage.
    fn shortened<'a>(&self, question: &'a str) -> Result<&'a str> {
        let tokens = self.whole.encode(question, false).map_err(no_text)?;
        let special = special_tokens(&self.whole);
        let half = self.limit.max_length.saturating_sub(special) / 2;
        let kept = tokens.len().min(half);
        if kept == tokens.len() {
            return Ok(question);
        }
        let end = kept
            .checked_sub(1)
            .map_or(0, |last| tokens.get_offsets()[last].1);
        Ok(&question[..end])
    }

    /// The token for everything that the vocabulary lacks; `None` where it lacks nothing.
    pub fn unknown(&self) -> Option<u32> {
        UNKNOWN.iter().find_map(|name| self.whole.token_to_id(name))
    }

    /// How many tokens each text makes with its second text, before cutting and with special ones,
    /// and how many of them stand for something that the vocabulary lacks; on all threads.
    pub fn count(&self, texts: &[Input<'_>]) -> Result<Vec<(usize, usize)>> {
        let unknown = self.unknown();
        let mut counts = Vec::with_capacity(texts.len());
        for some in texts.chunks(TEXTS_AT_ONCE) {
            let inputs = some.iter().map(|&text| input(text));
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

    fn encode_at_once(&self, texts: &[Input<'_>]) -> Result<Vec<Encoding>> {
        let inputs = texts.iter().map(|&text| input(text));
        let encodings = self
            .whole
            .encode_batch_fast(inputs.collect(), true)
            .map_err(no_text)?;
        Ok(encodings
            .iter()
            .map(|encoding| self.cut(encoding))
            .collect())
    }

    /// As much of a text, or of both texts of a pair, as the limit allows, with all special tokens.
    ///
    /// Done here because tokenizers 0.23.2 stops reading a text at the limit when it is asked to
    /// cut, and then takes what it read for the text's length when it chooses the longer of two.
    fn cut(&self, encoding: &tokenizers::Encoding) -> Encoding {
        let length = encoding.len();
        if length <= self.limit.max_length {
            return encoding_of(encoding);
        }
        let sides = encoding.get_sequence_ids();
        let own = [0, 1].map(|side| range_of(&sides, side));
        let lengths = own.each_ref().map(Range::len);
        let around = length - lengths[0] - lengths[1];
        let kept = longest_first(lengths, self.limit.max_length.saturating_sub(around));
        let stays = |&token: &usize| match sides[token] {
            Some(side) => token < own[side].start + kept[side],
            None => true,
        };
        let tokens: Vec<usize> = (0..length).filter(stays).collect();
        Encoding {
            is_window: false,
            ..part_of(encoding, &tokens)
        }
    }

    /// Longest sequence in tokens.
    pub fn max_length(&self) -> usize {
        self.limit.max_length
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

/// RoBERTa's tokenizer from its numbered tokens and the pairs to be merged, as
/// `RobertaTokenizerFast` builds it.
fn from_byte_pairs(
    vocabulary: &[u8],
    merges: &[u8],
    config: Option<&[u8]>,
) -> Result<tokenizers::Tokenizer> {
    let numbers: ahash::AHashMap<String, u32> = serde_json::from_slice(vocabulary)
        .map_err(|cause| unreadable("vocab.json", cause.into()))?;
    let merges =
        std::str::from_utf8(merges).map_err(|cause| unreadable("merges.txt", cause.into()))?;
    let pairs = merges.lines().filter(|line| !line.starts_with("#version"));
    let pairs = pairs.map(str::trim_end).filter(|line| !line.is_empty());
    let pairs: Option<Vec<_>> = pairs
        .map(|line| {
            let (left, right) = line.split_once(' ')?;
            Some((left.to_owned(), right.to_owned()))
        })
        .collect();
    let pairs = pairs.ok_or_else(|| unreadable("merges.txt", "a line is not a pair".into()))?;
    let special = |name: &str| {
        let number = numbers.get(name).map(|&number| (name.to_owned(), number));
        number.ok_or_else(|| {
            Error::new(format!("the model's vocab.json has no {name}")).remedy(
                "Only RoBERTa's byte pairs can be read from a vocab.json; use a tokenizer.json.",
            )
        })
    };
    let (sep, cls) = (special("</s>")?, special("<s>")?);
    let spacing: Spacing = match config {
        Some(bytes) => serde_json::from_slice(bytes)
            .map_err(|cause| unreadable("tokenizer_config.json", cause.into()))?,
        None => Spacing::default(),
    };
    let named = |name: &&str| numbers.contains_key(*name);
    let plain = ["<s>", "<pad>", "</s>", "<unk>"].into_iter().filter(named);
    let mut added: Vec<AddedToken> = plain.map(|name| AddedToken::from(name, true)).collect();
    // The mask takes the place of a word, with the space before it.
    let mask = ["<mask>"].into_iter().filter(named);
    added.extend(mask.map(|name| AddedToken::from(name, true).lstrip(true)));
    let model = BPE::builder().vocab_and_merges(numbers, pairs).build();
    let model = model.map_err(|cause| unreadable("merges.txt", cause))?;
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    let prefix = spacing.add_prefix_space;
    let bytes = ByteLevel::default().add_prefix_space(prefix);
    tokenizer.with_pre_tokenizer(Some(bytes));
    tokenizer.with_decoder(Some(ByteLevel::default()));
    let processing = RobertaProcessing::new(sep, cls).add_prefix_space(prefix);
    tokenizer.with_post_processor(Some(processing));
    tokenizer
        .add_special_tokens(added)
        .map_err(|cause| unreadable("vocab.json", cause))?;
    Ok(tokenizer)
}
