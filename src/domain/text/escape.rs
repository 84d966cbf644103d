//! Terminal escape sequences (ECMA-48), measured so that they go as wholes: `\x1b[31mBob` is "Bob",
//! not "[31mBob".

/// Measures the sequences of one text.
#[derive(Default)]
pub(super) struct Escapes {
    /// A search for the end of a control string found none, so none follows later either. Keeps
    /// the work linear for a text full of openings.
    no_more_terminators: bool,
}

impl Escapes {
    /// Bytes of the escape sequence that `text` begins with; 0 if it does not begin with one.
    ///
    /// A control string (a title, a link, a picture) that never ends loses its opening only: what
    /// was meant as words stays.
    pub(super) fn sequence_len(&mut self, text: &str) -> usize {
        match text.as_bytes() {
            [0x1B, b'[', ..] => 2 + control_sequence_len(&text.as_bytes()[2..]),
            [0x1B, b']' | b'P' | b'X' | b'^' | b'_' | b'k', ..] => self.string_len(text),
            [0x1B, rest @ ..] => 1 + short_sequence_len(rest),
            // The same introducers as single C1 characters, two bytes each in UTF-8.
            [0xC2, 0x9B, rest @ ..] => 2 + control_sequence_len(rest),
            [0xC2, 0x90 | 0x98 | 0x9D | 0x9E | 0x9F, ..] => self.string_len(text),
            _ => 0,
        }
    }

    fn string_len(&mut self, text: &str) -> usize {
        const INTRODUCER: usize = 2;
        if !self.no_more_terminators {
            let body = &text.as_bytes()[INTRODUCER..];
            let end = body.iter().enumerate().find_map(|(at, byte)| match byte {
                0x07 => Some(at + 1),
                0x1B if body.get(at + 1) == Some(&b'\\') => Some(at + 2),
                0xC2 if body.get(at + 1) == Some(&0x9C) => Some(at + 2),
                _ => None,
            });
            if let Some(end) = end {
                return INTRODUCER + end;
            }
            self.no_more_terminators = true;
        }
        INTRODUCER
    }
}

/// Parameters, intermediates and the final byte after a control sequence introducer.
fn control_sequence_len(body: &[u8]) -> usize {
    let parameters = body.iter().take_while(|b| matches!(b, 0x30..=0x3F)).count();
    parameters + ended_by(&body[parameters..], 0x40..=0x7E)
}

/// What follows ESC in a sequence that is neither a control sequence nor a string.
fn short_sequence_len(body: &[u8]) -> usize {
    ended_by(body, 0x30..=0x7E)
}

fn ended_by(body: &[u8], finals: std::ops::RangeInclusive<u8>) -> usize {
    let intermediates = body.iter().take_while(|b| matches!(b, 0x20..=0x2F)).count();
    intermediates + usize::from(body.get(intermediates).is_some_and(|b| finals.contains(b)))
}
