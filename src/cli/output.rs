//! Printing results: to standard output, and without a panic when the reader has gone.

use std::io::{self, Write};

use serde::Serialize;

use super::failure::Failure;

/// One line of text.
pub(super) fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    written(writeln!(io::stdout().lock(), "{}", text.as_ref()))
}

/// One value as one line of JSON.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(Failure::failed)?;
    line(text)
}

/// Bytes as they are.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    written(io::stdout().lock().write_all(bytes).and_then(|()| io::stdout().flush()))
}

fn written(done: io::Result<()>) -> Result<(), Failure> {
    done.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::reader_gone(),
        _ => Failure::failed(format!("cannot write to standard output: {error}")),
    })
}
