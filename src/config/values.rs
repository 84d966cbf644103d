//! Values that several sections share: what is written, checked, as what it means.

use std::{net::SocketAddr, ops::RangeInclusive};

use jiff::{SignedDuration, Span, civil::Date, tz::TimeZone};
use reqwest::Url;

use crate::domain::phone::{CallerId, Phone};

use super::{durations, nearest, read::some_text, tree::Node};

/// One of a few words.
pub(super) fn word<T: Copy>(node: &Node, words: &[(&str, T)]) -> Result<T, String> {
    let text = node.text()?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known = words.iter().map(|(word, _)| *word);
    let hint = match nearest(text, known.clone()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("write {}", one_of(known)),
    };
    Err(format!("{text:?} is not known here: {hint}"))
}

/// `"a", "b" or "c"`.
pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    match words.split_last() {
        None => "nothing".into(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// A whole number within `range`.
pub(super) fn number<T: TryFrom<i64> + Copy + Into<i64>>(
    node: &Node,
    range: RangeInclusive<T>,
) -> Result<T, String> {
    let (min, max): (i64, i64) = ((*range.start()).into(), (*range.end()).into());
    let number = node.whole()?;
    T::try_from(number)
        .ok()
        .filter(|_| (min..=max).contains(&number))
        .ok_or_else(|| format!("{number} is out of range: write a number from {min} to {max}"))
}

/// A duration on a stopwatch, longer than nothing.
pub(super) fn elapsed(node: &Node) -> Result<SignedDuration, String> {
    durations::elapsed_some(node.text().map_err(as_duration)?)
}

/// A duration on a stopwatch, zero allowed.
pub(super) fn elapsed_or_none(node: &Node) -> Result<SignedDuration, String> {
    durations::elapsed(node.text().map_err(as_duration)?)
}

/// A duration in which a day is a calendar day; longer than nothing.
pub(super) fn span(node: &Node) -> Result<Span, String> {
    let text = node.text().map_err(as_duration)?;
    durations::elapsed_some(text)?;
    durations::span(text)
}

fn as_duration(problem: String) -> String {
    problem.replace("text in quotes", "a duration in quotes, as \"5m\"")
}

/// An IANA time zone.
pub(super) fn time_zone(node: &Node) -> Result<TimeZone, String> {
    let name = node.text()?;
    match TimeZone::get(name) {
        Ok(zone) if !zone.is_unknown() => return Ok(zone),
        _ => {}
    }
    let zones: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let city = |zone: &&String| {
        zone.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name))
    };
    let near = zones.iter().find(city).map(String::as_str);
    Err(match near.or_else(|| nearest(name, zones.iter().map(String::as_str))) {
        Some(near) => format!("unknown time zone {name:?}: did you mean \"{near}\"?"),
        None => format!(
            "unknown time zone {name:?}: write a name of the IANA list, as \"Europe/London\""
        ),
    })
}

/// A date, with or without quotes.
pub(super) fn date(node: &Node) -> Result<Date, String> {
    let text = node.text_or_date()?;
    // jiff would read the date in front of a time and drop the time.
    let short = text.len() == "2026-12-24".len();
    text.parse().ok().filter(|_| short).ok_or_else(|| {
        format!("{text:?} is not a date: write year, month and day, as \"2026-12-24\"")
    })
}

/// An address and a port to listen on.
pub(super) fn address(node: &Node) -> Result<SocketAddr, String> {
    let text = node.text()?;
    text.parse().map_err(|_| {
        format!("{text:?} is not an address to listen on: write an IP address and a port, as \"127.0.0.1:7464\"")
    })
}

/// An `http` or `https` URL that paths are added to: with a host, and without user, query and fragment.
pub(super) fn web_url(node: &Node) -> Result<Url, String> {
    let url = hook_url(node)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("this URL has a query or a fragment, which would be lost: {WEB_URL}"));
    }
    Ok(url)
}

/// An `http` or `https` URL that is called as it stands, without user. It is not repeated in messages: its query may be
/// what lets us in.
pub(super) fn hook_url(node: &Node) -> Result<Url, String> {
    let url = Url::parse(node.text()?.trim())
        .map_err(|problem| format!("this is not a URL ({problem}): {WEB_URL}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "a URL that begins with {}: is not a web address: {WEB_URL}",
            url.scheme()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("this URL holds a user name or a password: {WEB_URL}"));
    }
    Ok(url)
}

const WEB_URL: &str = "write one as \"https://example.co.uk\"";

/// An address that mail is sent from: `a@b.uk`, or `Name <a@b.uk>`.
pub(super) fn sender(node: &Node) -> Result<String, String> {
    let text = some_text(node)?;
    let address = match text.split_once('<') {
        None => Some(text.as_str()),
        Some((_, rest)) => rest.strip_suffix('>'),
    };
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>,;\"".contains(c))
    };
    let right = address
        .and_then(|address| address.split_once('@'))
        .is_some_and(|(name, domain)| plain(name) && plain(domain));
    if right && !text.contains(char::is_control) {
        Ok(text)
    } else {
        Err(format!("{text:?} is not an e-mail address: write it as \"ringback@example.co.uk\""))
    }
}

/// A name that people read: one line, at most 200 characters.
pub(super) fn name(node: &Node) -> Result<String, String> {
    let text = some_text(node)?;
    if text.contains(char::is_control) {
        return Err("this has a line break or another control character in it".into());
    }
    match text.chars().count() {
        0..=200 => Ok(text),
        length => Err(format!("this is {length} characters long: at most 200 are shown anywhere")),
    }
}

/// A phone number that a person can be rung on, written in any way; without a country, one of `region`.
pub(super) fn phone(node: &Node, region: &str) -> Result<Phone, String> {
    let text = node.text()?;
    match CallerId::read(text, region) {
        CallerId::Number(phone) => Ok(phone),
        CallerId::Withheld(reason) => {
            Err(format!("{text:?} is not a phone number ({reason}): write it as \"+442079460000\""))
        }
    }
}

/// An ISO 3166 country code, in capitals.
pub(super) fn country(node: &Node) -> Result<String, String> {
    const RIGHT: &str = "write the two letters of ISO 3166, as \"GB\" or \"IE\"";
    let text = node.text()?;
    if text.eq_ignore_ascii_case("uk") {
        return Err(format!("the code of the United Kingdom is \"GB\", not {text:?}: {RIGHT}"));
    }
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_uppercase());
    }
    Err(format!("{text:?} is not a country: {RIGHT}"))
}
