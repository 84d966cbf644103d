//! Durations as people write them: `90s`, `5m`, `2h`, `1d`, `1h 30m`.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Reads a duration. A day stays a calendar day (`1d` over the night the clocks change is still the same time of day).
///
/// # Errors
/// What is none, is negative, or counts in weeks, months or years.
pub(super) fn span(text: &str) -> Result<Span, String> {
    const RIGHT: &str = "write a number and a unit, as \"90s\", \"5m\", \"2h\" or \"1d\"";
    let span: Span =
        text.trim().parse().map_err(|_| format!("{text:?} is not a duration: {RIGHT}"))?;
    if span.is_negative() {
        return Err(format!("{text:?} is negative: {RIGHT}"));
    }
    if span.get_years() != 0 || span.get_months() != 0 || span.get_weeks() != 0 {
        return Err(format!("{text:?} counts in more than days: {RIGHT}"));
    }
    Ok(span)
}

/// Reads a duration that runs on a stopwatch; a day is 24 hours there.
pub(super) fn elapsed(text: &str) -> Result<SignedDuration, String> {
    span(text)?
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| format!("{text:?} is too long"))
}

/// Like [`elapsed`], but longer than nothing.
pub(super) fn elapsed_some(text: &str) -> Result<SignedDuration, String> {
    match elapsed(text)? {
        SignedDuration::ZERO => Err(format!("{text:?} is no time at all: write at least \"1s\"")),
        duration => Ok(duration),
    }
}

/// Reads a duration of opening time, where a day is a working day of the length given.
pub(super) fn business(text: &str, working_day: SignedDuration) -> Result<SignedDuration, String> {
    let whole = span(text)?;
    let days = whole.get_days();
    let rest = whole.days(0).to_duration(SpanRelativeTo::days_are_24_hours());
    let total = rest.ok().zip(working_day.checked_mul(days)).and_then(|(a, b)| a.checked_add(b));
    match total {
        None => Err(format!("{text:?} is too long")),
        Some(SignedDuration::ZERO) => {
            Err(format!("{text:?} is no time at all: write at least \"1s\""))
        }
        Some(duration) => Ok(duration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("5m", 300),
            ("2h", 7_200),
            ("1d", 86_400),
            ("1h 30m", 5_400),
            ("1h30m", 5_400),
            (" 15 minutes ", 900),
            ("14d", 14 * 86_400),
        ] {
            assert_eq!(elapsed(text), Ok(SignedDuration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn a_day_is_a_calendar_day_and_in_opening_time_a_working_day() {
        assert_eq!(span("1d").unwrap().fieldwise(), Span::new().days(1));
        let eight = SignedDuration::from_hours(8);
        assert_eq!(business("1d", eight), Ok(eight));
        assert_eq!(business("1d 30m", eight), Ok(SignedDuration::from_mins(510)));
        assert_eq!(business("2h", eight), Ok(SignedDuration::from_hours(2)));
    }

    #[test]
    fn what_is_no_duration_says_what_would_be_right() {
        const RIGHT: &str = "write a number and a unit, as \"90s\", \"5m\", \"2h\" or \"1d\"";
        for text in ["", "5", "five minutes", "5 bananas", "m", "next opening"] {
            assert_eq!(span(text).unwrap_err(), format!("{text:?} is not a duration: {RIGHT}"));
        }
        assert_eq!(span("-5m").unwrap_err(), format!("\"-5m\" is negative: {RIGHT}"));
        assert_eq!(span("1mo").unwrap_err(), format!("\"1mo\" counts in more than days: {RIGHT}"));
        assert_eq!(
            elapsed_some("0s").unwrap_err(),
            "\"0s\" is no time at all: write at least \"1s\""
        );
        assert!(elapsed("175307616h").is_ok());
        assert!(business("9999999d", SignedDuration::MAX).is_err());
    }
}
