//! Whether the quotation marks of a record are quoting, or just characters.

/// Whether a quotation mark that opens a field of this record is not closed right before the
/// field's delimiter, as RFC 4180 asks.
pub(super) fn is_stray(record: &[u8], delimiter: u8) -> bool {
    let mut state = State::Start;
    for &byte in record {
        let ends_field = byte == delimiter || byte == b'\n' || byte == b'\r';
        state = match state {
            State::Start if byte == b'"' => State::Quoted,
            State::Quoted if byte == b'"' => State::Closing,
            State::Quoted => State::Quoted,
            State::Closing if byte == b'"' => State::Quoted,
            State::Closing if !ends_field => return true,
            _ if ends_field => State::Start,
            _ => State::Bare,
        };
    }
    state == State::Quoted
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the first byte of a field.
    Start,
    /// In a field that does not begin with a quotation mark.
    Bare,
    /// Between the quotation marks.
    Quoted,
    /// Right after a quotation mark inside a quoted field: closing, or the first of a pair.
    Closing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stray(record: &str) -> bool {
        is_stray(record.as_bytes(), b',')
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
}
