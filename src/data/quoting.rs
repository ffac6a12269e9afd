//! Whether the quotation marks of a record are quoting, or just characters.

/// What stands before a quotation mark, or before itself, to say that it is a character, in files
/// of [`Quoting::Escaped`](super::layout::Quoting::Escaped).
pub(super) const ESCAPE: u8 = b'\\';

/// Whether a quotation mark that opens a field of this record is not closed right before the
/// field's delimiter, as RFC 4180 asks. The byte after an `escape` in a quoted field closes none.
pub(super) fn is_stray(record: &[u8], delimiter: u8, escape: Option<u8>) -> bool {
    let mut state = State::Start;
    for &byte in record {
        let ends_field = byte == delimiter || byte == b'\n' || byte == b'\r';
        state = match state {
            State::Start if byte == b'"' => State::Quoted,
            State::Quoted if Some(byte) == escape => State::Escaped,
            State::Quoted if byte == b'"' => State::Closing,
            State::Quoted | State::Escaped => State::Quoted,
            State::Closing if byte == b'"' => State::Quoted,
            State::Closing if !ends_field => return true,
            _ if ends_field => State::Start,
            _ => State::Bare,
        };
    }
    matches!(state, State::Quoted | State::Escaped)
}

/// Parts a record whose quotation marks are escaped into its fields, one after the other in `text`,
/// each with its end in `ends`. A backslash before anything but a quotation mark or a backslash is
/// a character.
pub(super) fn unescape(record: &[u8], delimiter: u8, text: &mut Vec<u8>, ends: &mut Vec<usize>) {
    let mut state = State::Start;
    let mut bytes = record.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let quoted = state == State::Quoted;
        if byte == ESCAPE
            && let Some(escaped) = bytes.next_if(|next| [b'"', ESCAPE].contains(next))
        {
            text.push(escaped);
            state = if quoted { state } else { State::Bare };
            continue;
        }
        match byte {
            b'"' if state == State::Start => state = State::Quoted,
            b'"' if quoted => state = State::Closing,
            b'"' if state == State::Closing => {
                text.push(byte);
                state = State::Quoted;
            }
            b'\n' | b'\r' if !quoted => break,
            _ if byte == delimiter && !quoted => {
                ends.push(text.len());
                state = State::Start;
            }
            _ => {
                text.push(byte);
                state = if quoted { state } else { State::Bare };
            }
        }
    }
    ends.push(text.len());
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the first byte of a field.
    Start,
    /// In a field that does not begin with a quotation mark.
    Bare,
    /// Between the quotation marks.
    Quoted,
    /// Right after an escape between them.
    Escaped,
    /// Right after a quotation mark inside a quoted field: closing, or the first of a pair.
    Closing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stray(record: &str) -> bool {
        is_stray(record.as_bytes(), b',', None)
    }

    #[test]
    fn proper_quoting_is_not_stray() {
        for record in [
            "\"a, b\",1",
            "\"say \"\"hi\"\"\",0",
            "\"\",1",
            "\"two\nlines\",1\r\n",
            "6\" pipe,1",
            "plain,\"0\"",
        ] {
            assert!(!stray(record), "{record}");
        }
    }

    #[test]
    fn marks_that_nothing_closes_are() {
        for record in ["\"a\" b,1", "\"b,0\nc,1\n", "\"b,0\n\"c\",1\n", "a,\""] {
            assert!(stray(record), "{record}");
        }
    }

    #[test]
    fn an_escaped_mark_closes_nothing() {
        let stray = |record: &str| is_stray(record.as_bytes(), b',', Some(ESCAPE));
        for record in ["\"say \\\"hi\\\"\",0", "\"C:\\\\\",1", "\\\"bare\\\",1"] {
            assert!(!stray(record), "{record}");
        }
        for record in ["\"C:\\\",1", "\"a\\\"\" b,1"] {
            assert!(stray(record), "{record}");
        }
    }
}
