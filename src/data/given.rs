//! Splits that a data set brings along, told by the names of files, folders and values.

use std::path::Path;

use super::open::EXTENSIONS;
use super::part::Part;
use super::source::Source;

/// The part that a split of this name is, as data sets name them: by the whole name, or by the one
/// word in it that says so (`oos_val`, `test-matched`); `None` for any other name.
pub fn part_named(name: &str) -> Option<Part> {
    let name = name.trim().to_lowercase();
    word(&name).or_else(|| {
        let mut parts = name.split(['.', '-', '_', ' ', '/']).filter_map(word);
        // "train-test" says too much.
        parts.next().filter(|_| parts.next().is_none())
    })
}

fn word(word: &str) -> Option<Part> {
    Some(match word {
        "train" | "training" | "trn" => Part::Train,
        "dev" | "val" | "valid" | "validation" | "eval" | "devel" | "development" | "testa" => {
            Part::Validation
        }
        "test" | "testing" | "testb" => Part::Test,
        _ => return None,
    })
}

/// The files of a folder that are training, validation and test, as GLUE and many others lay them
/// out (`train.tsv`, `dev.tsv`, `eng.testb`, …); `None` when the folder has no training file.
///
/// Of several files for one part the first by name counts, one of a known format before others.
pub fn splits_of_folder(path: &Path) -> Option<[Option<Source>; 3]> {
    let mut names: Vec<String> = std::fs::read_dir(path)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let is_file = entry.path().is_file();
            is_file
                .then(|| entry.file_name().into_string().ok())
                .flatten()
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort_by_key(|name| (!is_known(name), name.clone()));
    let find = |wanted: Part| {
        let name = names.iter().find(|name| part_named(name) == Some(wanted))?;
        Some(Source::File(path.join(name)))
    };
    let train = find(Part::Train)?;
    Some([Some(train), find(Part::Validation), find(Part::Test)])
}

fn is_known(name: &str) -> bool {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| EXTENSIONS.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_splits_are_known() {
        assert_eq!(part_named("dev.tsv"), Some(Part::Validation));
        assert_eq!(part_named("eng.testb"), Some(Part::Test));
        assert_eq!(part_named("sts-train.csv"), Some(Part::Train));
        assert_eq!(part_named("train.char.bmes"), Some(Part::Train));
        assert_eq!(
            part_named("train-00000-of-00001.parquet"),
            Some(Part::Train)
        );
        assert_eq!(part_named("labels.txt"), None);
    }

    #[test]
    fn a_folder_of_splits_is_taken_apart() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(splits_of_folder(folder.path()), None);
        for name in ["train.tsv", "dev.tsv", "labels.txt"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let file = |name: &str| Some(Source::File(folder.path().join(name)));
        assert_eq!(
            splits_of_folder(folder.path()),
            Some([file("train.tsv"), file("dev.tsv"), None])
        );
    }
}
