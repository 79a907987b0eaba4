//! JSON Lines: one line at a time, numbered, blank ones left out.

use std::io::{self, BufRead, Read};

/// The longest line that is read. A limit, so that a file without line breaks cannot fill the memory.
pub const MAX_LINE_BYTES: usize = 256 * 1024 * 1024;

/// Reads lines, and counts them.
pub struct Lines<R> {
    from: R,
    number: u64,
    line: Vec<u8>,
    longest: usize,
}

/// One line that is not blank.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1, blank lines included.
    pub number: u64,
    /// Its bytes without the line break; `None` where there are more than [`MAX_LINE_BYTES`].
    pub bytes: Option<&'a [u8]>,
}

impl<R: BufRead> Lines<R> {
    /// Reads from here.
    pub fn new(from: R) -> Self {
        Self { from, number: 0, line: Vec::new(), longest: MAX_LINE_BYTES }
    }

    /// The next line that is not blank; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            self.line.clear();
            let limit = self.longest as u64 + 1;
            let read = self.from.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.last() == Some(&b'\n') {
                self.line.pop();
            } else if self.line.len() > self.longest {
                self.from.skip_until(b'\n')?;
                return Ok(Some(Line { number: self.number, bytes: None }));
            }
            if !self.line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
                break;
            }
        }
        Ok(Some(Line { number: self.number, bytes: Some(&self.line) }))
    }

    /// The reader, to ask what it holds.
    pub fn get_ref(&self) -> &R {
        &self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_skipped_and_counted() {
        let mut lines = Lines::new("\n \t\r\na\r\n\nb".as_bytes());
        assert_eq!(lines.next().unwrap(), Some(Line { number: 3, bytes: Some(b"a\r") }));
        assert_eq!(lines.next().unwrap(), Some(Line { number: 5, bytes: Some(b"b") }));
        assert_eq!(lines.next().unwrap(), None);
    }

    #[test]
    fn a_line_over_the_limit_is_told_and_passed_over() {
        let mut lines = Lines { longest: 3, ..Lines::new("abc\nabcd\nabcdefgh\nab\n".as_bytes()) };
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.number, line.bytes.map(<[u8]>::to_vec)));
        }
        assert_eq!(found, [(1, Some(b"abc".to_vec())), (2, None), (3, None), (4, Some(b"ab".to_vec()))]);
    }
}
