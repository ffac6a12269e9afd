//! Mojibake: UTF-8 that some program took for Windows-1252, so that `é` became `Ã©`.

use encoding_rs::WINDOWS_1252;

/// The text as it was before UTF-8 was read as Windows-1252; `None` when there is no sign of that.
///
/// The bytes of a character beyond ASCII are all at least 80 hex, so that its mojibake is a run of
/// characters beyond ASCII; a run that, written as Windows-1252, is UTF-8 is read as UTF-8, which
/// loses nothing. Because `É»` at the end of a quotation is such a run too, the text must have one
/// that no language writes: see [`is_sure`]. The controls U+0080 to U+009F, which stand in no text,
/// become what Windows-1252 has in their place.
pub(super) fn repaired(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let sure = runs(text).any(|run| reread(run).is_some() && is_sure(run));
    let controls = text.contains(is_c1);
    if !sure && !controls {
        return None;
    }
    let mut repaired = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        repaired.push_str(&rest[..ascii]);
        rest = &rest[ascii..];
        let end = rest.find(|c: char| c.is_ascii()).unwrap_or(rest.len());
        match reread(&rest[..end]).filter(|_| sure) {
            Some(read) => repaired.push_str(&read),
            None => repaired.extend(rest[..end].chars().map(without_c1)),
        }
        rest = &rest[end..];
    }
    (repaired != text).then_some(repaired)
}

/// The longest runs of characters beyond ASCII.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii())
        .filter(|run| !run.is_empty())
}

/// A run written as Windows-1252 and read as UTF-8, when it can be both.
fn reread(run: &str) -> Option<String> {
    let (bytes, _, lossy) = WINDOWS_1252.encode(run);
    if lossy {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

/// Whether a run that can be read as UTF-8 is no text in itself. Two characters may be a capital
/// letter and the quotation mark, dash or dots after it.
fn is_sure(run: &str) -> bool {
    let mut characters = run.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some(_), Some(second), None) => {
            !matches!(
                second,
                '»' | '’' | '”' | '…' | '–' | '—' | '™' | '›' | '®' | '·' | '\u{A0}'
            ) || run.starts_with('Â')
                || run == "Ã\u{A0}"
        }
        _ => true,
    }
}

fn is_c1(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}')
}

fn without_c1(c: char) -> char {
    if !is_c1(c) {
        return c;
    }
    let byte = [c as u8];
    let (read, _) = WINDOWS_1252.decode_without_bom_handling(&byte);
    read.chars().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` as UTF-8 read as Windows-1252.
    fn broken(text: &str) -> String {
        WINDOWS_1252.decode(text.as_bytes()).0.into_owned()
    }

    #[test]
    fn what_was_broken_is_mended() {
        for text in [
            "café",
            "it’s “good” – really…",
            "25 °C",
            "你好，世界",
            "привет мир",
            "😀 ok",
            "à la carte",
        ] {
            assert_eq!(repaired(&broken(text)).as_deref(), Some(text));
            let twice = broken(&broken(text));
            let once = repaired(&twice).unwrap();
            assert_eq!(repaired(&once).as_deref(), Some(text));
        }
    }

    #[test]
    fn mended_and_sound_parts_stand_side_by_side() {
        assert_eq!(repaired("好 cafÃ© é").as_deref(), Some("好 café é"));
    }

    #[test]
    fn sound_text_stays() {
        for text in [
            "plain",
            "café, naïve, Ærøskøbing",
            "«JOSÉ»",
            "CAFÉ… JOSÉ’S",
            "“AMANHÃ”",
            "SÃO PAULO",
            "Ägypten – schön",
            "你好",
            "Привет",
        ] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }

    #[test]
    fn controls_are_what_windows_meant() {
        assert_eq!(repaired("it\u{92}s").as_deref(), Some("it’s"));
        assert_eq!(repaired("\u{81}"), None);
    }
}
