//! The words of the Task page.

use crate::tasks::TaskKind;

/// The words of the Task page.
pub struct TaskText {
    /// Under the page's title.
    pub subtitle: &'static str,
    /// Heading of the understanding tasks.
    pub understand: Group,
    /// Heading of the answering tasks.
    pub answer: Group,
    /// Heading of the writing tasks.
    pub write: Group,
    /// Before an example's input.
    pub input: &'static str,
    /// Before an example's output.
    pub output: &'static str,
    /// One label of feeling.
    pub sentiment: Card,
    /// One label of subject.
    pub topic: Card,
    /// Any number of labels.
    pub multi_label: Card,
    /// One label of a pair.
    pub pairs: Card,
    /// A number.
    pub similarity: Card,
    /// A tag per word.
    pub entities: Card,
    /// The place of an answer.
    pub questions: Card,
    /// Answering tasks to come.
    pub answer_coming: &'static [Card],
    /// Writing tasks to come.
    pub write_coming: &'static [Card],
    /// The footer.
    pub status: &'static str,
}

/// A heading with its explanation.
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// What such tasks have in common.
    pub note: &'static str,
}

/// A task with one example.
pub struct Card {
    /// Its name.
    pub title: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// An example's input.
    pub input: &'static str,
    /// What the trained model answers.
    pub output: &'static str,
}

impl TaskText {
    /// The card of a task.
    pub fn card(&self, task: TaskKind) -> &Card {
        match task {
            TaskKind::Sentiment => &self.sentiment,
            TaskKind::Topic => &self.topic,
            TaskKind::MultiLabel => &self.multi_label,
            TaskKind::Pairs => &self.pairs,
            TaskKind::Similarity => &self.similarity,
            TaskKind::Entities => &self.entities,
            TaskKind::Questions => &self.questions,
        }
    }
}

/// English.
pub const ENGLISH: TaskText = TaskText {
    subtitle: "What should the model learn?",
    understand: Group {
        title: "Understand",
        note: "the model gives a text a label, a number or marks",
    },
    answer: Group {
        title: "Answer",
        note: "the model finds or gives the answer to a question",
    },
    write: Group {
        title: "Write",
        note: "the model writes a text of its own",
    },
    input: "In",
    output: "Out",
    sentiment: Card {
        title: "Sentiment",
        summary: "Tells how somebody feels about something",
        input: "The room was spotless and the staff kind",
        output: "positive 0.97",
    },
    topic: Card {
        title: "Topic & intent",
        summary: "Sorts texts into subjects or intents of your own",
        input: "Where is my parcel?",
        output: "delivery 0.95",
    },
    multi_label: Card {
        title: "Several labels",
        summary: "Gives every label that fits, not just one",
        input: "Late again, and the box was torn",
        output: "delivery, damage",
    },
    pairs: Card {
        title: "Sentence pairs",
        summary: "Says how two sentences relate",
        input: "It rains. / The street is dry.",
        output: "contradiction",
    },
    similarity: Card {
        title: "Score & similarity",
        summary: "Gives a text, or a pair of texts, a number",
        input: "Good, but pricey",
        output: "3.6 of 5",
    },
    entities: Card {
        title: "Names in text",
        summary: "Marks people, places, products",
        input: "Ada flew to Oslo",
        output: "Ada: person, Oslo: place",
    },
    questions: Card {
        title: "Find the answer",
        summary: "Marks the answer to a question in a passage",
        input: "When does it open? / Open from nine",
        output: "nine",
    },
    answer_coming: &[Card {
        title: "Customer service",
        summary: "Answers in your own tone",
        input: "Can I return worn shoes?",
        output: "Yes, within 30 days …",
    }],
    write_coming: &[
        Card {
            title: "Summary",
            summary: "Shortens a long text",
            input: "Minutes of a meeting",
            output: "Three decisions …",
        },
        Card {
            title: "Translation",
            summary: "From one language to another",
            input: "Good morning",
            output: "Guten Morgen",
        },
        Card {
            title: "Text",
            summary: "Goes on writing in a style",
            input: "Once upon a time",
            output: "… there lived a luthier",
        },
        Card {
            title: "Code",
            summary: "Writes a function from its description",
            input: "sum of squares",
            output: "xs.iter().map(…)",
        },
    ],
    status: "The task can be changed until training starts",
};
