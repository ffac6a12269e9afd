//! Questions about passages as SQuAD 1.1 and 2.0 nest them: articles of paragraphs of questions.
//!
//! Each question becomes a row as the Hugging Face hub has it, `id`, `title`, `context`,
//! `question` and `answers: {text: [], answer_start: []}`, with `is_impossible` where the file
//! says so.

use std::io::Result;

use serde_json::{Map, Value, json};

use super::json_items::{Item, Items};
use super::json_rows::Row;

/// The questions of a list of articles, in the order of the file.
pub(super) fn rows(articles: Item) -> impl Iterator<Item = Result<Row>> {
    articles.items().flat_map(|article| match article {
        Ok(article) => of_article(article),
        Err(cause) => vec![Err(cause)],
    })
}

fn of_article(article: Item) -> Vec<Result<Row>> {
    let title = string(article.get("title"));
    match article.get("paragraphs") {
        Some(paragraphs) => paragraphs
            .items()
            .flat_map(|paragraph| match paragraph {
                Ok(paragraph) => of_paragraph(&paragraph, &title),
                Err(cause) => vec![Err(cause)],
            })
            .collect(),
        None => vec![Ok(Row::parse(
            article.line,
            &article.bytes,
            Some("the article has no paragraphs"),
        ))],
    }
}

fn of_paragraph(paragraph: &Item, title: &Value) -> Vec<Result<Row>> {
    let context = string(paragraph.get("context"));
    let questions: Items = match paragraph.get("qas") {
        Some(questions) => questions.items(),
        None => return Vec::new(),
    };
    questions
        .map(|question| {
            question.map(|question| {
                let row = Row::parse(question.line, &question.bytes, question.fault);
                Row {
                    value: row.value.and_then(|value| flat(value, title, &context)),
                    ..row
                }
            })
        })
        .collect()
}

/// A question with what stands above it; an error when it is none.
fn flat(
    question: Value,
    title: &Value,
    context: &Value,
) -> std::result::Result<Value, (String, String)> {
    let raw = question.to_string();
    let fault = |fault: &str| (raw.clone(), fault.to_owned());
    let Value::Object(mut question) = question else {
        return Err(fault("an object with a question is expected"));
    };
    let id = question.remove("id").unwrap_or(Value::Null);
    if id.is_null() {
        return Err(fault("the question has no id"));
    }
    if context.is_null() {
        return Err(fault("the question has no passage"));
    }
    let mut row = Map::new();
    row.insert("id".to_owned(), id);
    row.insert("title".to_owned(), title.clone());
    row.insert("context".to_owned(), context.clone());
    let asked = question.remove("question").unwrap_or(Value::Null);
    row.insert("question".to_owned(), asked);
    let answers = question.remove("answers").unwrap_or(Value::Null);
    row.insert("answers".to_owned(), transposed(answers));
    if let Some(impossible) = question.remove("is_impossible") {
        row.insert("is_impossible".to_owned(), impossible);
    }
    Ok(Value::Object(row))
}

/// Lists of texts and starts instead of a list of pairs.
fn transposed(answers: Value) -> Value {
    let Value::Array(answers) = answers else {
        return answers;
    };
    let column = |key: &str| -> Vec<Value> {
        let value = |answer: &Value| answer.get(key).cloned().unwrap_or(Value::Null);
        answers.iter().map(value).collect()
    };
    json!({"text": column("text"), "answer_start": column("answer_start")})
}

fn string(item: Option<Item>) -> Value {
    item.and_then(|item| serde_json::from_str(&String::from_utf8_lossy(&item.bytes)).ok())
        .unwrap_or(Value::Null)
}
