//! `luthier export`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{Out, table};
use super::settings::absolute;
use super::units::{bytes, counted};
use crate::error::Result;
use crate::home::Home;
use crate::session::export::{Exported, export};
use crate::session::runs;
use crate::tasks::{TaskKind, python_snippet};

/// Options of `luthier export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Name or folder of a finished run
    run: String,
    /// Folder to write, new or empty
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Write the result as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

impl Export {
    /// Exports, and tells what was written and how it was checked.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let run = runs::open(&self.run, &home)?;
        let exported = export(&run.folder, &absolute(&self.to)?)?;
        let mut out = Out::standard();
        if self.json {
            return out.json(&as_json(&exported));
        }
        tell(&exported, &mut out)
    }
}

fn tell(exported: &Exported, out: &mut Out) -> Result<()> {
    out.line(format!("Written to {}:", exported.folder.display()))?;
    let files = exported.files.iter();
    let rows: Vec<_> = files
        .map(|(name, size)| vec![format!("  {name}"), bytes(*size)])
        .collect();
    for line in table(&rows, &[1]) {
        out.line(line)?;
    }
    let number = match exported.task {
        TaskKind::Similarity => "number",
        _ => "probability",
    };
    let difference = match exported.largest_difference {
        0.0 => format!("every {number} is the same"),
        some => format!("no {number} differs by more than {some:.1e}"),
    };
    out.line(format!(
        "Read back and checked on {}: {difference}.",
        counted(exported.compared_rows, "row")
    ))?;
    out.line("\nIn Python:\n")?;
    let folder = exported.folder.display().to_string();
    for line in python_snippet(&folder, exported.task, exported.pairs).lines() {
        out.line(format!("    {line}").trim_end())?;
    }
    Ok(())
}

fn as_json(exported: &Exported) -> serde_json::Value {
    let files = exported.files.iter();
    let files: Vec<_> = files
        .map(|(name, bytes)| json!({"name": name, "bytes": bytes}))
        .collect();
    json!({
        "event": "exported",
        "folder": exported.folder,
        "files": files,
        "compared_rows": exported.compared_rows,
        "largest_difference": exported.largest_difference,
    })
}
