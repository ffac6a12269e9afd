//! Usages of naming columns that give away what the rows are for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A usage of naming columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// `instruction`, `input`, `output`.
    Alpaca,
    /// `conversations` of turns with `from` and `value`.
    ShareGpt,
    /// `messages` with `role` and `content`, as OpenAI's interface and ChatML have them.
    ChatMl,
    /// `prompt` and `completion` or `response`.
    Prompt,
    /// `translation`: an object of languages; or a column per language.
    Translation,
    /// A long text and its `summary` or `highlights`.
    Summary,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alpaca => "Alpaca",
            Self::ShareGpt => "ShareGPT",
            Self::ChatMl => "ChatML",
            Self::Prompt => "prompt and completion",
            Self::Translation => "translation",
            Self::Summary => "summarisation",
        })
    }
}

/// Where a dialect keeps what is read and what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    pub dialect: Dialect,
    /// The column of what is read.
    pub text: &'static str,
    /// The column of what is read beside it, which a file may leave out.
    pub pair: Option<&'static str>,
    /// The column of what is written; the same as `text` where one column holds both.
    pub target: &'static str,
}

const fn usage(dialect: Dialect, text: &'static str, target: &'static str) -> Usage {
    Usage {
        dialect,
        text,
        pair: None,
        target,
    }
}

/// The usages, the most telling first.
const USAGES: [Usage; 17] = [
    Usage {
        dialect: Dialect::Alpaca,
        text: "instruction",
        pair: Some("input"),
        target: "output",
    },
    Usage {
        dialect: Dialect::Alpaca,
        text: "instruction",
        pair: Some("context"),
        target: "response",
    },
    usage(Dialect::ShareGpt, "conversations", "conversations"),
    usage(Dialect::ShareGpt, "conversation", "conversation"),
    usage(Dialect::ChatMl, "messages", "messages"),
    usage(Dialect::Prompt, "prompt", "completion"),
    usage(Dialect::Prompt, "prompt", "response"),
    usage(Dialect::Prompt, "prompt", "chosen"),
    usage(Dialect::Translation, "translation", "translation"),
    usage(Dialect::Translation, "source", "target"),
    usage(Dialect::Translation, "src", "tgt"),
    usage(Dialect::Summary, "document", "summary"),
    usage(Dialect::Summary, "article", "highlights"),
    usage(Dialect::Summary, "article", "summary"),
    usage(Dialect::Summary, "dialogue", "summary"),
    usage(Dialect::Summary, "text", "summary"),
    usage(Dialect::Summary, "content", "summary"),
];

/// The usage that these columns follow; `has` says whether there is one of this name.
pub(super) fn recognise(has: impl Fn(&str) -> bool) -> Option<Usage> {
    USAGES
        .into_iter()
        .find(|usage| has(usage.text) && has(usage.target))
}

/// Whether a column of this name has what is read and what is written, both.
pub(super) fn holds_both(name: &str) -> bool {
    let mut usages = USAGES.iter();
    usages.any(|usage| usage.text == usage.target && usage.text == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> Option<Dialect> {
        recognise(|name| names.contains(&name)).map(|usage| usage.dialect)
    }

    #[test]
    fn dialects_are_told_by_their_columns() {
        assert_eq!(
            told(&["instruction", "input", "output"]),
            Some(Dialect::Alpaca)
        );
        assert_eq!(told(&["id", "conversations"]), Some(Dialect::ShareGpt));
        assert_eq!(told(&["messages"]), Some(Dialect::ChatMl));
        assert_eq!(told(&["id", "dialogue", "summary"]), Some(Dialect::Summary));
        assert_eq!(told(&["text", "label"]), None);
    }
}
