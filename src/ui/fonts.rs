//! Chinese, Japanese and Korean characters.
//!
//! egui's own fonts have none. A simplified Chinese face of the system comes last in the chain,
//! so that it never changes how Latin text looks. It is looked for on a thread of its own: a scan
//! of the font folders and a file of some 20 MB would delay the first frame.

use std::path::PathBuf;

use egui::epaint::text::{FontInsert, FontPriority, InsertFontFamily};
use egui::{Context, FontData, FontFamily};
use fontdb::{Database, Family, Query, Source};

use crate::error::Result;
use crate::session::{Job, Wake};

/// The family names under which simplified Chinese faces are known, best first. The system's own
/// search would take the first face of a collection, which is the Japanese one.
const FAMILIES: [&str; 9] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
];

/// A face found: its file's bytes and its place in a collection.
pub struct Face {
    bytes: Vec<u8>,
    index: u32,
}

/// Looks for a simplified Chinese face; `None` where the system has none.
pub fn find(wake: Wake) -> Job<Option<Face>> {
    Job::spawn("fonts", wake, || {
        Ok(found()?.map(|(bytes, index)| Face { bytes, index }))
    })
}

fn found() -> Result<Option<(Vec<u8>, u32)>> {
    let mut database = Database::new();
    database.load_system_fonts();
    for name in FAMILIES {
        let query = Query {
            families: &[Family::Name(name)],
            ..Query::default()
        };
        let face = database
            .query(&query)
            .and_then(|id| database.face_source(id));
        // A face that cannot be read is as good as none: the next name is tried.
        let Some((Source::File(path), index)) =
            face.map(|(source, index)| (file_of(source), index))
        else {
            continue;
        };
        if let Ok(bytes) = std::fs::read(path) {
            return Ok(Some((bytes, index)));
        }
    }
    Ok(None)
}

fn file_of(source: Source) -> Source {
    match source {
        Source::SharedFile(path, _) => Source::File(path),
        Source::Binary(_) => Source::File(PathBuf::new()),
        file => file,
    }
}

/// Puts the face at the end of both font families.
pub fn install(ctx: &Context, face: Face) {
    let mut data = FontData::from_owned(face.bytes);
    data.index = face.index;
    let last = |family| InsertFontFamily {
        family,
        priority: FontPriority::Lowest,
    };
    let families = vec![last(FontFamily::Proportional), last(FontFamily::Monospace)];
    ctx.add_font(FontInsert::new("simplified-chinese", data, families));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_face_is_no_fault() {
        // Whatever the system has, looking never fails.
        found().unwrap();
    }
}
