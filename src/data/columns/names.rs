//! The names that data sets usually give to their columns.

use crate::data::dialect;

/// Names that data sets of the Hugging Face world give to the text, the most telling first.
pub(super) const TEXT_NAMES: [&str; 31] = [
    "text",
    "sentence",
    "review",
    "content",
    "message",
    "comment",
    "utterance",
    "tweet",
    "query",
    "question",
    "sms",
    "post",
    "document",
    "body",
    "review_text",
    "reviewtext",
    "review_body",
    "clean_text",
    "text_a",
    "input",
    "description",
    "article",
    "headline",
    "summary",
    "title",
    "文本",
    "内容",
    "评论",
    "评论内容",
    "句子",
    "正文",
];

/// Names that they give to the label, the most telling first.
pub(super) const LABEL_NAMES: [&str; 39] = [
    "label",
    "labels",
    "sentiment",
    "intent",
    "category",
    "class",
    "target",
    "topic",
    "emotion",
    "label_text",
    "label_name",
    "gold_label",
    "polarity",
    "stars",
    "rating",
    "star_rating",
    "overall",
    "score",
    "tag",
    "genre",
    "type",
    "output",
    "answer",
    "y",
    "gold",
    "is_duplicate",
    "quality",
    "similarity",
    "similarity_score",
    "relatedness_score",
    "label_id",
    "toxic",
    "spam",
    "标签",
    "类别",
    "情感",
    "分类",
    "意图",
    "主题",
];

/// How many of the names of labels mean nothing else.
pub(super) const STRONG: usize = 18;

/// Names of the column that says which split a row belongs to.
pub(super) const SPLIT_NAMES: [&str; 4] = ["split", "subset", "partition", "fold_name"];

/// Names of other columns that also give a header away.
pub(super) const OTHER_NAMES: [&str; 10] = [
    "id", "idx", "index", "qid", "guid", "date", "split", "user", "lang", "language",
];

/// How many of them count rows, so that they label none.
pub(super) const COUNTING: usize = 6;

/// Names of the two texts of a pair, where both are there.
pub(super) const PAIR_NAMES: [[&str; 2]; 16] = [
    ["sentence1", "sentence2"],
    ["sentence_1", "sentence_2"],
    ["premise", "hypothesis"],
    ["question1", "question2"],
    ["question", "sentence"],
    ["text_a", "text_b"],
    ["text1", "text2"],
    ["text_1", "text_2"],
    ["#1 string", "#2 string"],
    ["sentence_a", "sentence_b"],
    ["sentencea", "sentenceb"],
    ["text", "text_pair"],
    ["query", "passage"],
    ["query", "document"],
    ["question", "passage"],
    ["anchor", "positive"],
];

/// Names of what says to which sentence a word belongs.
pub(super) const SENTENCE_NAMES: [&str; 8] = [
    "sentence #",
    "sentence#",
    "sentence_#",
    "sentence_id",
    "sentence id",
    "sentence_idx",
    "sentence_number",
    "sent_id",
];

/// Names of the words of a sentence.
pub(super) const TOKENS_NAMES: [&str; 5] = ["tokens", "words", "token", "word", "sentence_tokens"];

/// Names of their tags.
pub(super) const TAGS_NAMES: [&str; 9] = [
    "ner_tags",
    "tags",
    "tag",
    "ner",
    "labels",
    "bio_tags",
    "label",
    "pos_tags",
    "chunk_tags",
];

/// Names of the passage of a question.
pub(super) const PASSAGE_NAMES: [&str; 3] = ["context", "passage", "paragraph"];

/// Names of the answers in it.
pub(super) const ANSWERS_NAMES: [&str; 3] = ["answers", "answer", "answer_text"];

/// Whether this is a name that data sets usually give to a column.
pub fn is_known(name: &str) -> bool {
    let name = normalised(name);
    TEXT_NAMES
        .iter()
        .chain(&LABEL_NAMES)
        .chain(&OTHER_NAMES)
        .chain(PAIR_NAMES.as_flattened())
        .chain(&SENTENCE_NAMES)
        .chain(&TOKENS_NAMES)
        .chain(&TAGS_NAMES)
        .chain(&PASSAGE_NAMES)
        .chain(&ANSWERS_NAMES)
        .any(|known| *known == name)
}

/// Whether a column of this name has objects that are read whole: answers with their places, a
/// text in several languages.
pub fn hold_objects(name: &str) -> bool {
    let name = normalised(name);
    ANSWERS_NAMES.contains(&&*name) || dialect::holds_both(&name)
}

/// The columns of a table of words that have the sentence and the word, where it has tags too.
pub fn sentence_and_word(names: &[String]) -> Option<(usize, usize)> {
    let first = |usual: &[&str]| {
        let mut usual = usual.iter();
        usual.find_map(|usual| names.iter().position(|name| normalised(name) == *usual))
    };
    first(&TAGS_NAMES)?;
    Some((first(&SENTENCE_NAMES)?, first(&TOKENS_NAMES)?))
}

/// A name without what does not tell it from another.
pub(super) fn normalised(name: &str) -> String {
    name.trim().to_lowercase()
}
