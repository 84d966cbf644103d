//! Picks the digits of a number out of what people, forms and SIP headers write around it.

use crate::domain::text::digit_value;

/// Longest extension kept; longer runs of digits after a number are another number.
pub(super) const LONGEST_EXTENSION: usize = 11;

/// From this many digits on, a separator or a word ends the number instead of sitting inside it.
const ENOUGH: usize = 9;

/// From this many digits on, `x`, `#`, `,` and `;` can introduce an extension.
const ENOUGH_BEFORE_EXTENSION: usize = 7;

/// No number needs more text than this; the rest is not looked at.
const LONGEST_TEXT: usize = 512;

/// More digits than any number has: reading stops, and the number is too long.
const STOP_AT: usize = 24;

/// The digits found, not yet judged by any numbering plan.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scanned {
    /// A `+` stood before the digits.
    pub plus: bool,
    /// ASCII digits only.
    pub digits: String,
    pub extension: Option<String>,
    /// The text, if it begins as a number and goes on in letters that could be dialled.
    pub vanity: Option<String>,
}

const WITHHELD_WORDS: [&str; 9] = [
    "anonymous",
    "restricted",
    "unavailable",
    "unknown",
    "private",
    "withheld",
    "blocked",
    "no caller id",
    "hidden",
];

/// Whether the text says that there is no number to be had.
pub(super) fn says_withheld(text: &str) -> bool {
    let text = head(text).to_ascii_lowercase();
    WITHHELD_WORDS.iter().any(|word| text.contains(word))
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_TEXT)]
}

/// Finds the first number in `text`.
pub(super) fn scan(text: &str) -> Scanned {
    let text = head(text).trim();
    let Some(number) = address_part(text) else { return Scanned::default() };
    if number.contains('%') {
        return scan_plain(&number.replace("%2B", "+").replace("%2b", "+"));
    }
    scan_plain(number)
}

/// The part of `tel:`, `sip:` and `"Name" <sip:user@host>` that holds the number: `None` if it is
/// an address with no number in it.
fn address_part(text: &str) -> Option<&str> {
    let uri = match text.split_once('<') {
        Some((_, inner)) => inner.split('>').next().unwrap_or(inner),
        None => text,
    };
    let (is_sip, rest) = match (strip_prefix_ci(uri, "sip:"), strip_prefix_ci(uri, "sips:")) {
        (Some(rest), _) | (None, Some(rest)) => (true, rest),
        (None, None) => (false, uri),
    };
    match rest.split_once('@') {
        Some((user, _)) if is_sip => Some(user),
        // An e-mail address is not a number, whatever digits it has.
        Some((user, _)) => (!user.contains(|c: char| c.is_alphabetic())).then_some(user),
        // `sip:192.0.2.7` names a host and no user.
        None if is_sip && rest.contains('.') => None,
        None => Some(rest),
    }
}

fn strip_prefix_ci<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn scan_plain(text: &str) -> Scanned {
    let mut found = Scanned::default();
    let mut letters_seen = false;
    for (at, c) in text.char_indices() {
        if let Some(digit) = digit_value(c) {
            found.digits.push(char::from(b'0' + digit));
            if found.digits.len() >= STOP_AT {
                break;
            }
            continue;
        }
        let so_far = found.digits.len();
        match c {
            '+' | '\u{FF0B}' if so_far >= ENOUGH => break,
            '+' | '\u{FF0B}' => {
                found.digits.clear();
                found.plus = true;
            }
            '#' | ',' | ';' if so_far >= ENOUGH_BEFORE_EXTENSION => {
                read_tail(&text[at..], &mut found);
                break;
            }
            // What came so far was a service code (`#31#`), not the number.
            '#' | '*' => found.digits.clear(),
            '(' if so_far >= ENOUGH => {
                read_tail(&text[at + 1..], &mut found);
                break;
            }
            '/' | '|' | '&' | '\n' | '\r' if so_far >= ENOUGH => break,
            c if !c.is_alphabetic() => {}
            _ if so_far >= ENOUGH_BEFORE_EXTENSION => {
                read_tail(&text[at..], &mut found);
                break;
            }
            // A word before the number ("mob", "line 2:"), or a number spelled in letters.
            _ => {
                if so_far > 0 && !letters_seen {
                    found.vanity = dialable(text);
                }
                letters_seen = true;
                found.digits.clear();
                found.plus = false;
            }
        }
    }
    found
}

/// The text if a keypad could dial all of it, letters included.
fn dialable(text: &str) -> Option<String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b" -()+.".contains(&b);
    (text.len() <= 32 && text.bytes().all(fits)).then(|| text.to_owned())
}

/// Reads what follows the number: an extension, the parameters of a `tel:` URI, or a remark.
fn read_tail(tail: &str, found: &mut Scanned) {
    if let Some(context) = parameter(tail, ";phone-context=")
        && let Some(code) = context.strip_prefix('+')
        && !found.plus
    {
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        found.digits.insert_str(0, &code);
        found.plus = true;
    }
    if let Some(extension) = parameter(tail, ";ext=") {
        found.extension = leading_digits(extension);
    } else if let Some(rest) = after_extension_label(tail) {
        found.extension = leading_digits(rest);
    }
}

/// The value of a parameter such as `;ext=`, up to the next one.
fn parameter<'a>(tail: &'a str, name: &str) -> Option<&'a str> {
    let at = tail.bytes().position(|b| b == b';')?;
    tail[at..]
        .match_indices(';')
        .find_map(|(i, _)| strip_prefix_ci(&tail[at + i..], name))
        .map(|value| value.split(';').next().unwrap_or(value))
}

/// What follows `x`, `ext.`, `extension`, `#`, `,,` and their like, if the tail begins so.
fn after_extension_label(tail: &str) -> Option<&str> {
    const LABELS: [&str; 6] = ["extension", "extn", "ext", "xtn", "x", "#"];
    let label = tail.trim_start_matches([',', ';', ' ']);
    let rest = match LABELS.iter().find_map(|name| strip_prefix_ci(label, name)) {
        Some(rest) => rest,
        // A comma or semicolon is a pause, and the extension must end the text: otherwise
        // "020 7946 0958, 2 lines" would have one.
        None => {
            let only_digits = label.trim_end().bytes().all(|b| b.is_ascii_digit());
            return (label.len() < tail.len() && only_digits).then_some(label);
        }
    };
    Some(rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | '-' | '=')))
}

fn leading_digits(text: &str) -> Option<String> {
    let digits: String =
        text.chars().map_while(digit_value).map(|digit| char::from(b'0' + digit)).collect();
    (1..=LONGEST_EXTENSION).contains(&digits.len()).then_some(digits)
}
