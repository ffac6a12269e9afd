//! The data sets carried inside the program, to start with and to test on.

use super::source::Source;

/// A data set carried inside the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// Its name, as given on the command line.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Its content.
    pub source: Source,
}

/// The data sets carried inside the program. Written for Luthier; CC0 1.0, see `datasets/`.
pub fn bundled() -> Vec<Bundled> {
    let sets: [(&str, &str, &str, &[u8]); 7] = [
        (
            "reviews",
            "Short reviews of products, food, films and hotels, positive or negative.",
            "reviews.csv",
            include_bytes!("../../datasets/reviews/reviews.csv"),
        ),
        (
            "support-intents",
            "Messages to customer service, by what the writer wants.",
            "support-intents.csv",
            include_bytes!("../../datasets/support-intents/support-intents.csv"),
        ),
        (
            "topics",
            "Notices, letters and news items, each with all the subjects that it is about.",
            "topics.csv",
            include_bytes!("../../datasets/topics/topics.csv"),
        ),
        (
            "similarity",
            "Pairs of sentences, by how much they mean the same, from 0 to 5.",
            "similarity.csv",
            include_bytes!("../../datasets/similarity/similarity.csv"),
        ),
        (
            "entities",
            "Sentences with the people, organisations, places and dates in them.",
            "entities.conll",
            include_bytes!("../../datasets/entities/entities.conll"),
        ),
        (
            "questions",
            "Passages with questions, a fifth of which they do not answer.",
            "questions.json",
            include_bytes!("../../datasets/questions/questions.json"),
        ),
        (
            "reviews-zh",
            "Chinese reviews of goods, food, films and hotels, positive or negative.",
            "reviews-zh.csv",
            include_bytes!("../../datasets/reviews-zh/reviews-zh.csv"),
        ),
    ];
    sets.into_iter()
        .map(|(name, about, file, bytes)| Bundled {
            name,
            about,
            source: Source::Bundled { name: file, bytes },
        })
        .collect()
}
