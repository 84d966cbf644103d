//! Payloads from a file or from standard input: one JSON value, or one on each line (NDJSON).

use std::{
    io::{self, Read},
    path::PathBuf,
};

use serde_json::value::RawValue;

use super::failure::Failure;

/// Where payloads come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// `-`
    Stdin,
    File(PathBuf),
}

/// One payload, as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Payload {
    /// Where it begins, from one.
    pub(super) line: usize,
    pub(super) bytes: Vec<u8>,
}

impl std::str::FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Source::Stdin } else { Source::File(text.into()) })
    }
}

impl Source {
    /// Reads everything there is. A payload that is no JSON is handed on: whoever takes it says what is wrong with it.
    pub(super) fn payloads(&self) -> Result<Vec<Payload>, Failure> {
        let mut text = Vec::new();
        let (name, read) = match self {
            Source::Stdin => ("standard input".into(), io::stdin().lock().read_to_end(&mut text)),
            Source::File(path) => {
                let read =
                    std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut text));
                (path.display().to_string(), read)
            }
        };
        read.map_err(|error| Failure::failed(format!("{name}: {error}")))?;
        let payloads = split(&text);
        if payloads.is_empty() {
            return Err(Failure::failed(format!(
                "{name} is empty: give one JSON payload, or one on each line"
            )));
        }
        Ok(payloads)
    }
}

/// A whole text that is one JSON value, written over any number of lines, is one payload (a list: each of its elements);
/// everything else is taken line by line. A text of several lines of which the first is no JSON by itself is one broken
/// payload rather than as many broken ones as it has lines.
fn split(text: &[u8]) -> Vec<Payload> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let whole = |bytes: &[u8]| Payload { line: 1, bytes: bytes.trim_ascii().to_vec() };
    match serde_json::from_slice::<Vec<&RawValue>>(text) {
        Ok(list) if !list.is_empty() => {
            return list.iter().map(|item| whole(item.get().as_bytes())).collect();
        }
        _ => {}
    }
    if serde_json::from_slice::<&RawValue>(text).is_ok() {
        return vec![whole(text)];
    }
    let lines: Vec<Payload> = text
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(index, line)| Payload { line: index + 1, bytes: line.trim_ascii().to_vec() })
        .filter(|payload| !payload.bytes.is_empty())
        .collect();
    let closed = |line: &Payload| line.bytes.starts_with(b"{") && line.bytes.ends_with(b"}");
    let is_json = |line: &Payload| serde_json::from_slice::<&RawValue>(&line.bytes).is_ok();
    if lines.len() > 1 && !lines.iter().any(|line| closed(line) || is_json(line)) {
        return vec![whole(text)];
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(usize, String)> {
        split(text.as_bytes())
            .into_iter()
            .map(|payload| (payload.line, String::from_utf8(payload.bytes).unwrap()))
            .collect()
    }

    fn lines(payloads: &[(usize, &str)]) -> Vec<(usize, String)> {
        payloads.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn a_value_over_several_lines_is_one_payload() {
        assert_eq!(read("{\n  \"a\": 1\n}\n"), lines(&[(1, "{\n  \"a\": 1\n}")]));
    }

    #[test]
    fn a_value_on_each_line_is_a_payload_each_and_empty_lines_are_none() {
        assert_eq!(
            read("{\"a\":1}\n\n{\"b\":2}\r\n"),
            lines(&[(1, "{\"a\":1}"), (3, "{\"b\":2}")])
        );
    }

    #[test]
    fn a_bad_line_does_not_hide_the_good_ones() {
        assert_eq!(read("nonsense\n{\"b\":2}\n"), lines(&[(1, "nonsense"), (2, "{\"b\":2}")]));
    }

    #[test]
    fn a_list_is_a_payload_for_each_element() {
        assert_eq!(read("[{\"a\":1}, {\"b\":2}]"), lines(&[(1, "{\"a\":1}"), (1, "{\"b\":2}")]));
    }

    #[test]
    fn a_broken_value_over_several_lines_is_one_payload_and_nothing_is_none() {
        assert_eq!(read("{\n \"a\": 1,\n"), lines(&[(1, "{\n \"a\": 1,")]));
        assert_eq!(read(" \n\n"), lines(&[]));
    }
}
