//! What the deal is worth: "£20k", "£5,000", "20 grand", "budget of 8k".

use super::numbers::Number;
use super::tokens::{Gap, Suffix, Tokens, is_denied};

/// A thousand million pounds: more than that is a slip of the tongue or a joke.
const MOST_PENCE: i64 = 100_000_000_000;

/// Without a currency beside it, a number after "budget" counts from here: "budget for 15 people".
const LEAST_BARE_POUNDS: i64 = 100;

/// The largest sum, in pence, that the notes name as what the caller would spend. As said: "£500 a
/// month" is not multiplied.
pub(super) fn read(tokens: &Tokens<'_>) -> Option<i64> {
    let sums = tokens.numbers().filter_map(|(at, number)| {
        let pence = pence(tokens, at, number)?;
        is_the_deals(tokens, at, number.next).then_some(pence)
    });
    let grands = (1..tokens.len())
        .filter(|at| is_a_grand(tokens, *at) && is_the_deals(tokens, at - 1, at + 1))
        .map(|_| 100_000);
    sums.chain(grands).max()
}

fn pence(tokens: &Tokens<'_>, at: usize, number: Number) -> Option<i64> {
    let figure = number.figure;
    if figure.is_some_and(|figure| figure.is_foreign || figure.has_leading_zero) {
        return None;
    }
    let unit = if tokens.gap(number.next) <= Gap::Hyphen { tokens.word(number.next) } else { "" };
    let scale = match (figure.map(|figure| figure.suffix), unit) {
        (Some(Suffix::Ordinal | Suffix::NoQuantity), _) => return None,
        (Some(Suffix::Thousand), _) | (_, "grand" | "k") => 1000,
        (Some(Suffix::Million), _) => 1_000_000,
        _ => 1,
    };
    let pence = number.milli.checked_mul(scale)? / 10;
    let is_money = figure.is_some_and(|figure| figure.is_pounds)
        || matches!(unit, "grand" | "pounds" | "pound" | "quid" | "gbp" | "sterling")
        || tokens.before(at, 1) == "gbp"
        || continues_a_range(tokens, at)
        || (pence >= LEAST_BARE_POUNDS * 100 && is_a_budget(tokens, at, number.next, scale > 1));
    (is_money && (1..=MOST_PENCE).contains(&pence)).then_some(pence)
}

/// "£5k-10k", "£5 to 10k".
fn continues_a_range(tokens: &Tokens<'_>, at: usize) -> bool {
    let is_pounds = |back: usize| {
        at.checked_sub(back)
            .and_then(|from| tokens.figure(from))
            .is_some_and(|figure| figure.is_pounds)
    };
    (tokens.gap(at) == Gap::Hyphen && is_pounds(1))
        || (matches!(tokens.before(at, 1), "to" | "or") && is_pounds(2))
}

/// "budget of 8k", "budget: 5000", "we could spend four and a half thousand".
fn is_a_budget(tokens: &Tokens<'_>, at: usize, next: usize, is_scaled: bool) -> bool {
    let is_named = tokens.any_before(at, 5, is_budget);
    // "budget for 150 users", "budget for 2027"
    let counts_something = !is_scaled
        && tokens.gap(next) <= Gap::Hyphen
        && !matches!(
            tokens.word(next),
            "a" | "per"
                | "max"
                | "maximum"
                | "tops"
                | "total"
                | "or"
                | "and"
                | "to"
                | "plus"
                | "ex"
                | "but"
                | "for"
        );
    let is_year = matches!(tokens.before(at, 1), "for" | "in" | "the" | "from" | "until" | "by");
    is_named && !counts_something && !is_year
}

/// "a grand", said without a number.
fn is_a_grand(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.word(at) == "grand"
        && tokens.before(at, 1) == "a"
        && (tokens.gap(at + 1) > Gap::Hyphen
            || matches!(
                tokens.word(at + 1),
                "a" | "per" | "to" | "for" | "or" | "and" | "budget" | "max" | "tops"
            ))
}

/// Sums that people mention and would not spend: what they turn over, pay now, or want back. The
/// nearest word before the sum decides.
fn is_the_deals(tokens: &Tokens<'_>, at: usize, next: usize) -> bool {
    let nearest = (at.saturating_sub(5)..at)
        .rev()
        .take_while(|i| tokens.gap(i + 1) != Gap::Sentence)
        .map(|i| tokens.word(i))
        .find(|word| is_budget(word) || is_other_money(word));
    !is_denied(tokens, at, 2)
        && !nearest.is_some_and(is_other_money)
        && !tokens.any_from(next, 3, |word| {
            matches!(
                word,
                "turnover"
                    | "revenue"
                    | "salary"
                    | "invoice"
                    | "refund"
                    | "profit"
                    | "business"
                    | "compensation"
                    | "company"
                    | "deposit"
                    | "debt"
            )
        })
}

fn is_budget(word: &str) -> bool {
    matches!(
        word,
        "budget" | "budgeted" | "spend" | "spending" | "value" | "worth" | "invest" | "aside"
    )
}

fn is_other_money(word: &str) -> bool {
    matches!(
        word,
        "turnover"
            | "revenue"
            | "turning"
            | "turns"
            | "salary"
            | "wage"
            | "wages"
            | "invoice"
            | "invoiced"
            | "invoices"
            | "refund"
            | "refunded"
            | "charged"
            | "overcharged"
            | "owe"
            | "owes"
            | "owed"
            | "owing"
            | "compensation"
            | "profit"
            | "debt"
            | "fine"
            | "paid"
            | "pays"
            | "losing"
            | "lost"
            | "loses"
            | "currently"
            | "deposit"
            | "average"
    )
}
