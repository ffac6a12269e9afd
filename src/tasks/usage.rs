//! How a finished model is used elsewhere.

use super::kind::TaskKind;

/// The Python lines that use an exported folder of a model for `task`, which reads two texts at
/// once if `pairs`.
pub fn python_snippet(folder: &str, task: TaskKind, pairs: bool) -> String {
    let input = match pairs {
        true => "{\"text\": \"One text\", \"text_pair\": \"Another\"}",
        false => "\"Your sentence here\"",
    };
    let pipeline = |name: &str, call: &str| {
        format!(
            "from transformers import pipeline\n\n\
             model = pipeline(\"{name}\", model={folder:?})\nprint({call})\n"
        )
    };
    match task {
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs => pipeline(
            "text-classification",
            &format!("model({input}, truncation=True)"),
        ),
        TaskKind::MultiLabel => multi_label_snippet(folder, pairs),
        TaskKind::Similarity => pipeline(
            "text-classification",
            &format!("model({input}, function_to_apply=\"none\", top_k=None, truncation=True)"),
        ),
        TaskKind::Entities => pipeline(
            "token-classification",
            "model(\"Your sentence here\", aggregation_strategy=\"first\")",
        ),
        TaskKind::Questions => questions_snippet(folder),
    }
}

/// Tokenizer and model by transformers' class `class`.
fn loaded(folder: &str, class: &str) -> String {
    format!(
        "import torch\nfrom transformers import {class}, AutoTokenizer\n\n\
         tokenizer = AutoTokenizer.from_pretrained({folder:?})\n\
         model = {class}.from_pretrained({folder:?})\n"
    )
}

fn multi_label_snippet(folder: &str, pairs: bool) -> String {
    let texts = match pairs {
        true => "\"One text\", \"Another\"",
        false => "\"Your sentence here\"",
    };
    loaded(folder, "AutoModelForSequenceClassification")
        + &format!("inputs = tokenizer({texts}, truncation=True, return_tensors=\"pt\")\n")
        + "with torch.no_grad():\n    probabilities = model(**inputs).logits[0].sigmoid()\n\
           # Each label is given from its own probability on, chosen on the validation rows.\n\
           thresholds = torch.tensor(getattr(model.config, \"luthier\", {}).get(\"thresholds\", 0.5))\n\
           given = (probabilities >= thresholds).nonzero().flatten().tolist()\n\
           print(\"; \".join(model.config.id2label[label] for label in given))\n"
}

fn questions_snippet(folder: &str) -> String {
    loaded(folder, "AutoModelForQuestionAnswering")
        + "question, passage = \"Your question?\", \"The passage that answers it.\"\n\
           inputs = tokenizer(question, passage, truncation=\"only_second\",\n    \
           return_offsets_mapping=True, return_tensors=\"pt\")\n\
           places = inputs.pop(\"offset_mapping\")[0]\n\
           with torch.no_grad():\n    outputs = model(**inputs)\n\
           start, end = outputs.start_logits[0], outputs.end_logits[0]\n\
           score = start[:, None] + end[None, :]\n\
           inside = torch.tensor([side == 1 for side in inputs.sequence_ids(0)])\n\
           span = torch.ones_like(score, dtype=torch.bool).triu().tril(29) & inside & inside[:, None]\n\
           first, last = divmod(int(score.where(span, -torch.inf).argmax()), len(end))\n\
           # None for a model that always answers.\n\
           threshold = getattr(model.config, \"luthier\", {}).get(\"no_answer_threshold\")\n\
           none = threshold is not None and score[0, 0] - score[first, last] > threshold\n\
           print(\"\" if none else passage[places[first, 0] : places[last, 1]])\n"
}

/// The Rust lines that use an exported folder of a model for `task`, which reads two texts at once
/// if `pairs`.
pub fn rust_snippet(folder: &str, task: TaskKind, pairs: bool) -> String {
    let input = match task {
        TaskKind::Questions => "(\"The passage\", Some(\"Your question?\"))",
        _ if pairs => "(\"One text\", Some(\"Another\"))",
        _ => "(\"Your sentence here\", None)",
    };
    format!(
        "let model = luthier::TaskModel::open(Path::new({folder:?}))?;\n\
         let answers = model.predict(&[{input}])?;\nprintln!(\"{{}}\", answers[0].answer);\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_answer_as_the_model_was_scored() {
        let several = python_snippet("a/b", TaskKind::MultiLabel, true);
        assert!(several.contains("from_pretrained(\"a/b\")"), "{several}");
        assert!(
            several.contains("tokenizer(\"One text\", \"Another\","),
            "{several}"
        );
        assert!(several.contains("probabilities >= thresholds"), "{several}");
        let answer = python_snippet("a/b", TaskKind::Questions, true);
        assert!(answer.contains("return_offsets_mapping=True"), "{answer}");
        assert!(
            answer.contains("passage[places[first, 0] : places[last, 1]]"),
            "{answer}"
        );
        assert!(!answer.contains("decode"), "{answer}");
    }
}
