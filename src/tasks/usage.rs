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
        TaskKind::MultiLabel => pipeline(
            "text-classification",
            &format!("model({input}, top_k=None, truncation=True)"),
        ),
        TaskKind::Similarity => pipeline(
            "text-classification",
            &format!("model({input}, function_to_apply=\"none\", top_k=None, truncation=True)"),
        ),
        TaskKind::Entities => pipeline(
            "token-classification",
            "model(\"Your sentence here\", aggregation_strategy=\"first\")",
        ),
        TaskKind::Questions => format!(
            "import torch\nfrom transformers import AutoModelForQuestionAnswering, AutoTokenizer\n\n\
             tokenizer = AutoTokenizer.from_pretrained({folder:?})\n\
             model = AutoModelForQuestionAnswering.from_pretrained({folder:?})\n\
             question, passage = \"Your question?\", \"The passage that answers it.\"\n\
             inputs = tokenizer(question, passage, truncation=\"only_second\", return_tensors=\"pt\")\n\
             with torch.no_grad():\n    outputs = model(**inputs)\n\
             start, end = outputs.start_logits[0], outputs.end_logits[0]\n\
             score = start[:, None] + end[None, :]\n\
             inside = torch.tensor([side == 1 for side in inputs.sequence_ids(0)])\n\
             span = torch.ones_like(score, dtype=torch.bool).triu().tril(29) & inside & inside[:, None]\n\
             first, last = divmod(int(score.where(span, -torch.inf).argmax()), len(end))\n\
             # None for a model that always answers.\n\
             threshold = getattr(model.config, \"luthier\", {{}}).get(\"no_answer_threshold\")\n\
             none = threshold is not None and score[0, 0] - score[first, last] > threshold\n\
             print(\"\" if none else tokenizer.decode(inputs.input_ids[0, first : last + 1]))\n"
        ),
    }
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
