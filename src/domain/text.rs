//! What strangers wrote, made safe to store and to show.

mod clean;
mod escape;
mod glyphs;
#[cfg(test)]
mod tests;

pub use clean::{clean_line, clean_text};

/// First code points of the decimal digits of the world's scripts (Unicode `Nd`): each run of ten
/// begins here. ASCII is not in it.
const DIGIT_ZEROS: [u32; 44] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E950, 0x1FBF0,
];

/// The value of a decimal digit in any common script: `7`, `７`, `٧`, `७`.
pub fn digit_value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.is_ascii_digit().then(|| c as u8 - b'0');
    }
    let code = u32::from(c);
    let below = DIGIT_ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    u8::try_from(code - DIGIT_ZEROS[below]).ok().filter(|value| *value < 10)
}
