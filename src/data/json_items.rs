//! The items of a JSON list or object one by one, as they stand in the file, so that one that is
//! malformed costs no other, each has its line, and a list of any length is never held.

use std::io::{BufRead, Result};

use super::lines::LineCount;

/// What is wrong with a text behind the end of its list or object.
pub(super) const MORE: &str = "there is more after the end of the list";

const UNOPENED: &str = "a bracket is closed that nothing opened";

/// The longest item of a list, in bytes.
const LONGEST: usize = 64 << 20;

/// One item of a list, or one key with its value of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The line on which it starts, from 1.
    pub line: usize,
    /// As it stands in the file, without white space around it.
    pub bytes: Vec<u8>,
    /// What is wrong with it as a whole.
    pub fault: Option<&'static str>,
}

impl Item {
    /// The key and the value of an item of an object.
    pub fn entry(&self) -> Option<(String, Item)> {
        let mut stream = serde_json::Deserializer::from_slice(&self.bytes).into_iter::<String>();
        let key = stream.next()?.ok()?;
        let after = &self.bytes[stream.byte_offset()..];
        let value = after
            .trim_ascii_start()
            .strip_prefix(b":")?
            .trim_ascii_start();
        let mut lines = LineCount::new();
        lines.pass(&self.bytes[..self.bytes.len() - value.len()]);
        Some((
            key,
            Item {
                line: self.line + lines.line - 1,
                bytes: value.to_vec(),
                fault: self.fault,
            },
        ))
    }

    /// Its own items, where it is a list or an object.
    pub fn items(self) -> Items<'static> {
        let mut items = Items::new(Box::new(std::io::Cursor::new(self.bytes)));
        items.lines.line = self.line;
        items.longest = usize::MAX;
        items
    }

    /// The value under a key, where it is an object that has it.
    pub fn get(&self, key: &str) -> Option<Item> {
        let entries = self.clone().items().filter_map(|item| item.ok()?.entry());
        entries
            .into_iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }
}

/// The items of a list or an object.
pub(super) struct Items<'a> {
    text: Box<dyn BufRead + 'a>,
    lines: LineCount,
    longest: usize,
    /// Whether the items stand one after the other, without a list around them.
    stream: bool,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the bracket that opens the list.
    Before,
    Inside,
    /// Behind the bracket that closes it.
    Behind,
    Done,
}

impl<'a> Items<'a> {
    /// The items of the list or object that `text` is.
    pub fn new(text: Box<dyn BufRead + 'a>) -> Self {
        Self {
            text,
            lines: LineCount::new(),
            longest: LONGEST,
            stream: false,
            state: State::Before,
        }
    }

    /// Allows items of any length: those of an object are whole lists.
    pub fn unlimited(mut self) -> Self {
        self.longest = usize::MAX;
        self
    }

    /// The objects of a text that is one after the other.
    pub fn stream(mut self) -> Self {
        self.stream = true;
        self.state = State::Inside;
        self
    }

    fn read(&mut self) -> Result<Option<Item>> {
        if self.state == State::Before {
            match self.peek(|_| false)? {
                Some(b'[' | b'{') => self.pass(1)?,
                // A text that is no list is handed out whole, as its only item.
                _ => return self.rest("a list or an object is expected"),
            }
            self.state = State::Inside;
        }
        match self.peek(|byte| byte == b',')? {
            None => {
                self.state = State::Done;
                return Ok(None);
            }
            Some(b']' | b'}') if self.stream => return self.rest(UNOPENED),
            Some(b']' | b'}') => {
                self.pass(1)?;
                self.state = State::Behind;
                return match self.peek(|_| false)? {
                    Some(_) => self.rest(MORE),
                    None => {
                        self.state = State::Done;
                        Ok(None)
                    }
                };
            }
            Some(_) => {}
        }
        self.item().map(Some)
    }

    /// Reads up to the comma or bracket that ends the item.
    fn item(&mut self) -> Result<Item> {
        let line = self.lines.line;
        let mut item = Item {
            line,
            bytes: Vec::new(),
            fault: None,
        };
        let mut nesting = Nesting {
            stream: self.stream,
            ..Nesting::default()
        };
        loop {
            let block = self.text.fill_buf()?;
            if block.is_empty() {
                break;
            }
            let end = block.iter().position(|&byte| nesting.ends_at(byte));
            let length = end.unwrap_or(block.len());
            let room = self.longest.saturating_sub(item.bytes.len());
            if length > room {
                item.fault = Some("the item is longer than 64 MiB");
            }
            item.bytes.extend_from_slice(&block[..length.min(room)]);
            self.lines.pass(&block[..length]);
            self.text.consume(length);
            if end.is_some() {
                break;
            }
        }
        item.bytes.truncate(item.bytes.trim_ascii_end().len());
        Ok(item)
    }

    /// What is left, as an item that is at fault.
    fn rest(&mut self, fault: &'static str) -> Result<Option<Item>> {
        const SHOWN: usize = 1000;
        let line = self.lines.line;
        let mut bytes = Vec::new();
        loop {
            let block = self.text.fill_buf()?;
            let read = block.len();
            if read == 0 {
                break;
            }
            let room = SHOWN.saturating_sub(bytes.len());
            bytes.extend_from_slice(&block[..read.min(room)]);
            self.text.consume(read);
        }
        self.state = State::Done;
        Ok(Some(Item {
            line,
            bytes,
            fault: Some(fault),
        }))
    }

    /// The next byte that is neither white space nor passed over as well.
    fn peek(&mut self, passed: impl Fn(u8) -> bool) -> Result<Option<u8>> {
        loop {
            let block = self.text.fill_buf()?;
            if block.is_empty() {
                return Ok(None);
            }
            let space = block
                .iter()
                .take_while(|&&byte| byte.is_ascii_whitespace() || passed(byte))
                .count();
            let next = block.get(space).copied();
            self.pass(space)?;
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn pass(&mut self, length: usize) -> Result<()> {
        let block = self.text.fill_buf()?;
        self.lines.pass(&block[..length]);
        self.text.consume(length);
        Ok(())
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Done {
            return None;
        }
        let item = self.read();
        if item.is_err() {
            self.state = State::Done;
        }
        item.transpose()
    }
}

/// How deep in brackets and strings a byte stands.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Whether an item ends with its last bracket.
    stream: bool,
    closed: bool,
}

impl Nesting {
    /// Whether the item ends before this byte.
    #[inline]
    fn ends_at(&mut self, byte: u8) -> bool {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
            }
            return false;
        }
        if self.stream && self.closed {
            return true;
        }
        match byte {
            b'"' => self.in_string = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' if self.depth == 0 => return true,
            b']' | b'}' => {
                self.depth -= 1;
                self.closed = self.depth == 0;
            }
            b',' => return self.depth == 0,
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<(usize, String, Option<&'static str>)> {
        let mut all = Vec::new();
        for size in [1, 3, 100] {
            let reader = std::io::BufReader::with_capacity(size, text.as_bytes());
            let found = Items::new(Box::new(reader)).map(|item| {
                let item = item.unwrap();
                (
                    item.line,
                    String::from_utf8(item.bytes).unwrap(),
                    item.fault,
                )
            });
            all.push(found.collect::<Vec<_>>());
        }
        assert!(all.iter().all(|found| *found == all[0]), "{all:?}");
        all.swap_remove(0)
    }

    #[test]
    fn items_stand_between_commas() {
        let found = items("[\n {\"a\": \"x, ]}\\\"\"},\n\n [1, 2] , 3\n]\n");
        let found: Vec<_> = found.iter().map(|item| (item.0, item.1.as_str())).collect();
        assert_eq!(
            found,
            [(2, "{\"a\": \"x, ]}\\\"\"}"), (4, "[1, 2]"), (4, "3")]
        );
        assert!(items("[]").is_empty());
    }

    #[test]
    fn what_is_no_list_is_at_fault() {
        assert_eq!(
            items("[1] 2"),
            [
                (1, "1".to_owned(), None),
                (
                    1,
                    "2".to_owned(),
                    Some("there is more after the end of the list")
                ),
            ]
        );
        assert!(items("text")[0].2.is_some());
        assert_eq!(items("[1, {\"a\"")[1].1, "{\"a\"");
    }

    #[test]
    fn objects_may_follow_each_other_without_a_list() {
        for size in [1, 2, 100] {
            let text = "{\n \"a\": [1]\n}\n{\"b\": {}}{}\n]";
            let reader = std::io::BufReader::with_capacity(size, text.as_bytes());
            let items = Items::new(Box::new(reader)).stream();
            let found: Vec<Item> = items.map(|item| item.unwrap()).collect();
            let lines: Vec<usize> = found.iter().map(|item| item.line).collect();
            assert_eq!(lines, [1, 4, 4, 5]);
            assert_eq!(
                (found[1].bytes.as_slice(), found[1].fault),
                (&b"{\"b\": {}}"[..], None)
            );
            assert_eq!(found[3].fault, Some(UNOPENED));
        }
    }

    #[test]
    fn entries_have_their_lines() {
        let text = "{\"a\": 1,\n\"b\":\n [{\"c\": 2}]}";
        let mut top = Items::new(Box::new(text.as_bytes()));
        assert_eq!(top.next().unwrap().unwrap().entry().unwrap().0, "a");
        let (key, value) = top.next().unwrap().unwrap().entry().unwrap();
        assert_eq!((key.as_str(), value.line), ("b", 3));
        let inner = value.items().next().unwrap().unwrap();
        assert_eq!(
            (inner.line, inner.get("c").unwrap().bytes),
            (3, b"2".to_vec())
        );
    }
}
