use proptest::prelude::*;

use super::*;

fn redacted(text: &str) -> String {
    redact(text).into_owned()
}

/// The whole text with its private part, between `{` and `}`, and what should stand there.
fn check(text: &str, remark: &str) {
    let written = text.replace(['{', '}'], "");
    let mut expected = String::new();
    let mut rest = text;
    while let Some((before, private)) = rest.split_once('{') {
        let (_, after) = private.split_once('}').expect("a closing brace");
        expected.push_str(before);
        expected.push_str(remark);
        rest = after;
    }
    expected.push_str(rest);
    assert_eq!(redacted(&written), expected);
}

#[test]
fn card_numbers_go() {
    for text in [
        "{4242424242424242}",
        "Card {4242 4242 4242 4242}, please.",
        "pay with {4111-1111-1111-1111} now",
        "{4111.1111.1111.1111}",
        "amex {3782 822463 10005}",
        "{378282246310005}",
        "diners {3056 930902 5904}",
        "jcb {3566 0020 2036 0505}",
        "mastercard {5555555555554444} and {2223003122003222}",
        "{6011111111111117}",
        "visa {4222222222222}",
        "{4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2}",
        "{4242, 4242, 4242, 4242}",
        "{4242\u{A0}4242\u{A0}4242\u{A0}4242}",
        "{4242 - 4242 - 4242 - 4242}",
        "{４２４２４２４２４２４２４２４２}",
        "07700 900123, card {4242424242424242}",
        "{4242 4242 4242 4242} exp 04/30",
        "it's my card {1234 5678 1234 5670}",
        "card number is {4242 4242 4242 4243}",
        "I want my money back on my card, {four two four two, four two four two, four two four two, four two four two}",
        "{four two four two four two four two um four two four two er four two four two}",
        "my card's {forty two forty two forty two forty two forty two forty two forty two forty-two}",
        "card {five double five five treble five five treble five five double four double four}",
        "oh, {4242 4242 4242 4242}",
    ] {
        check(text, CARD_REMOVED);
    }
}

#[test]
fn bank_details_go() {
    for text in [
        "sort code {12-34-56}",
        "sort code is {123456}, thanks",
        "Sort code: {12-34-56} Account: {12345678}",
        "sort {12 34 56}, account {12345678}",
        "account number {66374958}",
        "my acct no is {6637 4958}",
        "bank {66374958}",
        "{66374958} is my account number",
        "{12-34-56} is the sort code",
        "{08-99-99 66374958}",
        "sort code and account {08 99 99 66374958}",
        "account is {08-99-99} and {66374958}",
        "it's sort code {oh eight, nine nine, nine nine}, account {six six three seven four nine five eight}",
        "just the double charge refunded, did you get the account, {six six three seven four nine five eight}",
        "sort code {o eight double nine double nine}",
        "IBAN {GB29 NWBK 6016 1331 9268 19}",
        "{GB29NWBK60161331926819} please",
        "{DE89 3704 0044 0532 0130 00}",
        "{gb29 nwbk 6016 1331 9268 19}",
        "{FR14 2004 1010 0505 0001 3M02 606}",
        "{NL91ABNA0417164300}",
        "i b a n {g b two nine n w b k six o one six one three three one nine two six eight one nine}",
    ] {
        check(text, BANK_REMOVED);
    }
}

#[test]
fn national_insurance_numbers_go() {
    for text in [
        "{QQ123456C}",
        "NI number {QQ 12 34 56 C}.",
        "{qq123456c}",
        "it's {AB123456D}, ok",
        "{AB-12-34-56-D}",
        "{AB 123456 D}",
        "national insurance {ab 12 34 56}",
        "NI no {AB123456} thanks",
        "I can give you my national insurance number if you're needing proof, it's {q q one two three four five six c}",
        "{q, q, one two, three four, five six, c}",
        "{Q Q 1 2 3 4 5 6 C}",
    ] {
        check(text, NI_REMOVED);
    }
}

#[test]
fn security_codes_go() {
    for text in [
        "cvv {123}",
        "CVV: {123}",
        "the cvc is {1234}.",
        "security code {one two three}",
        "security code is um {123}, 12/27",
        "the three digits on the back are {one two three}",
        "the last three digits on the back {456}",
        "{123} cvv",
        "cvv2 = {123}",
        "cvv ({123})",
        "security code {double oh seven}",
    ] {
        check(text, CODE_REMOVED);
    }
    assert_eq!(
        redacted("4242 4242 4242 4242 12/27 123"),
        "[card number removed] 12/27 [security code removed]"
    );
    assert_eq!(
        redacted("card 4242424242424242, expiry 04/30, 1234 and then ring me"),
        "[card number removed], expiry 04/30, [security code removed] and then ring me"
            .replacen('[', "card [", 1)
    );
}

#[test]
fn everything_else_survives() {
    for text in [
        "",
        "Evaluating AI appointment booking for 15-person sales team. Timeline: next quarter.",
        "Ring 07700 900123 or 020 7946 0958, or +44 7700 900123",
        "07700900123 02079460958 01632960001",
        "+4915112345678 and 00447700900123",
        "oh seven seven double oh nine double oh one two three",
        "seven seven double oh, nine double oh, one seven four, with a nought at the front",
        "0161 496 0000 / 0001 and 0161 496 0018",
        "£20,000 now, £15,000 later, £4,500 3,200 1,000 2,500 1,200",
        "Order 12345678 and order no. 5012345678900",
        "order 4242424242424241",
        "invoice 20261103, account manager wants invoice 12345678",
        "On 2026-11-03 at 14:30:05, 03/11/2026, 03-11-26, 20261103143005",
        "12.03.26 14.05.26 15.06.26 16.07.26",
        "bank holiday 20261228 and 28-12-26",
        "The account was opened on 03-11-26",
        "CA1234567890abcdef1234567890abcdef and tr_123",
        "CA42424242424242424242424242424242",
        "550e8400-e29b-41d4-a716-446655440000",
        "alex4242424242424242@example.com",
        "they pay people at 150000 a year and we 123456 a month",
        "BG123456A ZZ123456C DA123456A QV123456C AB123456E AB1234567",
        "security code on the door, ring first on 07700 900123",
        "The security team of 150 people, code name 7",
        "call back at 4, double check the 3 sites",
        "VAT 123456789, company 01234567, postcode SW1A 1AA",
        "two of us, three sites, four vans, five grand, six weeks, seven days, eight people, nine to five, one two many",
        "GB29 NWBK 6016 1331 9268 18",
        "IMEI 356938035643809",
        "my card's been charged £123.45 twice on 12/27",
        "[card number removed] and [bank details removed]",
        "expiry oh four thirty",
        "naïve café № 12 — ٣٤ 東京",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn ordinary_notes_are_not_copied() {
    let notes = "Alex is evaluating AI appointment booking for a 15-person sales team. He wants a demo first, budget £20,000.";
    assert!(!suspect::may_hold_private_numbers(notes));
    assert!(matches!(redact(notes), Cow::Borrowed(_)));
    assert!(matches!(redact("ring 07700 900123"), Cow::Borrowed(_)));
}

#[test]
fn hostile_texts_are_read_in_a_moment() {
    for piece in [
        "1 ",
        "4242 ",
        "one ",
        "cvv ",
        "4242424242424242 ",
        "GB29",
        "q q 1",
        "account 66374958 ",
        "double ",
    ] {
        let text = piece.repeat(64_000 / piece.len());
        let started = std::time::Instant::now();
        redact(&text);
        assert!(started.elapsed().as_secs() < 5, "{piece:?} took {:?}", started.elapsed());
    }
}

/// Appends the checksum that makes the digits a card number.
fn with_check_digit(digits: &str) -> String {
    (0..10)
        .map(|check| format!("{digits}{check}"))
        .find(|number| passes(number))
        .expect("one of ten digits fits")
}

/// The checksum, written another way than in `card`.
fn passes(number: &str) -> bool {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let digits: Vec<u32> = number.bytes().rev().map(|b| u32::from(b - b'0')).collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] + pair.get(1).map_or(0, |d| DOUBLED[*d as usize]))
        .sum::<u32>()
        % 10
        == 0
}

const WORDS: [&str; 10] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

proptest! {
    #[test]
    fn every_branded_card_goes_in_figures_and_in_words(
        prefix in "4[0-9]{3}|5[1-5][0-9]{2}|222[1-9]|6011", rest in "[0-9]{11}", separator in " |-|\\.|",
    ) {
        let card = with_check_digit(&format!("{prefix}{rest}"));
        let groups: Vec<&str> = (0..4).map(|i| &card[i * 4..i * 4 + 4]).collect();
        let written = format!("Take it from {} today", groups.join(&separator));
        prop_assert_eq!(redacted(&written), format!("Take it from {CARD_REMOVED} today"));
        let words: Vec<&str> = card.bytes().map(|b| WORDS[usize::from(b - b'0')]).collect();
        let spoken = format!("take it from {} today", words.join(" "));
        prop_assert_eq!(redacted(&spoken), format!("take it from {CARD_REMOVED} today"));
    }

    #[test]
    fn no_british_phone_number_goes(
        number in "0[12378][0-9]{9}", at in 3usize..6, separator in " |-|\\.|", other in "0[12378][0-9]{9}",
    ) {
        let written = format!("{}{separator}{} or {other}", &number[..at], &number[at..]);
        prop_assert_eq!(redacted(&written), written);
    }

    #[test]
    fn redacting_again_changes_nothing(text in private_text()) {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once, "from {}", text);
    }

    #[test]
    fn nothing_written_by_strangers_panics(text in any::<String>()) {
        redact(&text);
    }

    /// The look over the text must never stop the search from finding something.
    #[test]
    fn the_first_look_misses_nothing(text in private_text()) {
        let tokens = Tokens::read(&text);
        let removals = find_all(&tokens);
        prop_assert!(removals.found.is_empty() || suspect::may_hold_private_numbers(&text), "{}", text);
    }
}

/// Texts dense in what the rules look for.
fn private_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,4}",
        "[0-9]{6,9}",
        prop::sample::select(vec![
            "4242",
            "4242424242424242",
            "12-34-56",
            "66374958",
            "QQ",
            "C",
            "q",
            "o",
            "oh",
            "one",
            "two",
            "double",
            "forty",
            "account",
            "sort",
            "code",
            "security",
            "cvv",
            "card",
            "order",
            "NI",
            "um",
            "back",
            "digits",
            "GB29",
            "NWBK",
            "[card number removed]",
            "[bank details removed]",
            "the",
            "12/27",
            "+44",
            "national",
            "a",
            "in",
        ])
        .prop_map(String::from),
    ];
    let separator = prop::sample::select(vec![" ", " ", " ", "-", ", ", ". ", "", ": ", "/"]);
    prop::collection::vec((piece, separator), 0..14)
        .prop_map(|parts| parts.into_iter().map(|(piece, separator)| piece + separator).collect())
}
