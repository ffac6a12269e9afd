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
pub fn bundled() -> [Bundled; 2] {
    [
        Bundled {
            name: "reviews",
            about: "Short reviews of products, food, films and hotels, positive or negative.",
            source: Source::Bundled {
                name: "reviews.csv",
                bytes: include_bytes!("../../datasets/reviews/reviews.csv"),
            },
        },
        Bundled {
            name: "support-intents",
            about: "Messages to customer service, by what the writer wants.",
            source: Source::Bundled {
                name: "support-intents.csv",
                bytes: include_bytes!("../../datasets/support-intents/support-intents.csv"),
            },
        },
    ]
}
