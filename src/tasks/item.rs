//! An example as the model takes it.

use crate::text::Encoding;

/// One sequence of tokens: an example, or one window of a long one.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The number of its example among those that were encoded together.
    pub row: usize,
    /// Its tokens.
    pub encoding: Encoding,
    /// What its tokens stand for, where the task asks for single ones.
    pub places: Places,
    /// What is to be learned from it; `None` where that is not known.
    pub target: Option<ItemTarget>,
    /// What the encoder says of it, where that is kept because the encoder does not change.
    pub features: Option<Vec<f32>>,
}

/// What the tokens of an item stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Places {
    /// The item is looked at as a whole.
    Whole,
    /// The first tokens of words: token within the item, word of the sentence. Of two windows that
    /// hold a word, only the one in which more stands around it has it.
    Words(Vec<(u32, u32)>),
    /// For each token its bytes in the passage; `None` for those of the question and special ones.
    Passage(Vec<Option<(u32, u32)>>),
}

/// What is to be learned from an item.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemTarget {
    /// The number of its label.
    Label(usize),
    /// For each label whether it is there, as 1 or 0.
    Labels(Vec<f32>),
    /// Its numbers.
    Values(Vec<f32>),
    /// The numbers of its words' tags, as long as its [`Places::Words`].
    Tags(Vec<usize>),
    /// The first and the last token of the answer; both 0 where the item has none.
    Span(usize, usize),
}

impl Item {
    /// An item that is looked at as a whole.
    pub fn whole(row: usize, encoding: Encoding, target: Option<ItemTarget>) -> Self {
        Self {
            row,
            encoding,
            places: Places::Whole,
            target,
            features: None,
        }
    }

    /// Length in tokens.
    pub fn len(&self) -> usize {
        self.encoding.ids.len()
    }

    /// Whether it has no token.
    pub fn is_empty(&self) -> bool {
        self.encoding.ids.is_empty()
    }

    /// Its words' places; none where it is looked at otherwise.
    pub fn words(&self) -> &[(u32, u32)] {
        match &self.places {
            Places::Words(words) => words,
            _ => &[],
        }
    }
}
