//! Tokenizers of every kind that encoders have against transformers: word pieces, byte pairs and
//! unigrams. How the expected numbers were made is told in tests/fixtures/README.md.

#[path = "reference/files.rs"]
mod files;

use std::path::Path;

use files::{expected, fixture};
use luthier::hub::TokenizerFile;
use luthier::text::{Input, Limit, Tokenizer};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    max_length: usize,
    #[serde(rename = "word-pieces")]
    word_pieces: Kind,
    #[serde(rename = "byte-pairs")]
    byte_pairs: Kind,
    unigram: Kind,
}

#[derive(Deserialize)]
struct Kind {
    vocabulary: usize,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    /// One text, or a pair.
    texts: Vec<String>,
    ids: Vec<u32>,
    types: Vec<u32>,
    cut_ids: Vec<u32>,
}

impl Row {
    fn input(&self) -> Input<'_> {
        (&self.texts[0], self.texts.get(1).map(String::as_str))
    }
}

fn read(path: &Path) -> std::borrow::Cow<'static, [u8]> {
    std::fs::read(path).unwrap().into()
}

/// Special tokens, token types and cutting are transformers', for texts and for pairs.
fn assert_kind(file: &TokenizerFile, kind: &Kind, cut_at: usize) {
    let limit = |max_length| Limit {
        max_length,
        stride: 0,
    };
    let load = |max_length| Tokenizer::load(file, None, limit(max_length), kind.vocabulary);
    let (whole, cutting) = (load(512).unwrap(), load(cut_at).unwrap());
    let inputs: Vec<Input<'_>> = kind.rows.iter().map(Row::input).collect();
    let encodings = whole.encode(&inputs).unwrap();
    for (row, encoding) in kind.rows.iter().zip(encodings) {
        assert_eq!(encoding.ids, row.ids, "{:?}", row.texts);
        assert_eq!(encoding.types, row.types, "{:?}", row.texts);
    }
    for (row, encoding) in kind.rows.iter().zip(cutting.encode(&inputs).unwrap()) {
        assert_eq!(encoding.ids, row.cut_ids, "{:?}", row.texts);
        assert_eq!(encoding.full_length, row.ids.len(), "{:?}", row.texts);
    }
    let fault = Tokenizer::load(file, None, limit(8), kind.vocabulary - 1).unwrap_err();
    assert!(fault.to_string().contains("does not fit"), "{fault}");
}

#[test]
fn every_kind_gives_the_tokens_of_transformers() {
    let all: Fixture = expected("tokenizers/tokenizers.json");
    let word_pieces = TokenizerFile::Vocabulary(read(&fixture("bert-tiny/vocab.txt")));
    assert_kind(&word_pieces, &all.word_pieces, all.max_length);
    let byte_pairs = TokenizerFile::BytePairs {
        vocabulary: read(&fixture("tokenizers/byte-pairs/vocab.json")),
        merges: read(&fixture("tokenizers/byte-pairs/merges.txt")),
    };
    assert_kind(&byte_pairs, &all.byte_pairs, all.max_length);
    let unigram = TokenizerFile::Json(read(&fixture("tokenizers/unigram/tokenizer.json")));
    assert_kind(&unigram, &all.unigram, all.max_length);
}

/// What is written out in one file reads back as the same tokenizer.
#[test]
fn byte_pairs_are_exported_as_one_file() {
    let all: Fixture = expected("tokenizers/tokenizers.json");
    let byte_pairs = TokenizerFile::BytePairs {
        vocabulary: read(&fixture("tokenizers/byte-pairs/vocab.json")),
        merges: read(&fixture("tokenizers/byte-pairs/merges.txt")),
    };
    let limit = Limit {
        max_length: 512,
        stride: 0,
    };
    let tokenizer = Tokenizer::load(&byte_pairs, None, limit, 320).unwrap();
    let exported = TokenizerFile::Json(tokenizer.to_json().unwrap().into());
    assert_kind(&exported, &all.byte_pairs, all.max_length);
}

#[test]
fn damaged_byte_pairs_say_what_is_wrong() {
    let refused = |vocabulary: &'static str, merges: &'static str| {
        let file = TokenizerFile::BytePairs {
            vocabulary: vocabulary.as_bytes().into(),
            merges: merges.as_bytes().into(),
        };
        let limit = Limit {
            max_length: 8,
            stride: 0,
        };
        let fault = Tokenizer::load(&file, None, limit, 100).unwrap_err();
        fault.to_string()
    };
    let whole = r#"{"<s>": 0, "</s>": 1, "a": 2, "b": 3, "ab": 4}"#;
    assert!(refused("[]", "").contains("vocab.json"));
    assert!(refused(r#"{"a": 0}"#, "").contains("</s>"));
    assert!(refused(whole, "#version: 0.2\nab").contains("merges.txt"));
    assert!(refused(whole, "#version: 0.2\na c").contains("merges.txt"));
}
