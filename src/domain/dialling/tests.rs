use jiff::tz;
use proptest::prelude::*;

use super::*;
use crate::domain::{
    hours::Interval,
    ids::{ContactId, RepId},
    person::{Presence, Role},
    phone::PhoneKind,
};

const TABLE: &str = include_str!("../../../tests/data/destinations.tsv");
/// Tuesday, 11:00 in London.
const MORNING: &str = "2026-09-01T10:00:00Z";

/// One line of the table.
struct Row {
    written: &'static str,
    e164: Option<&'static str>,
    country: &'static str,
    kind: &'static str,
    verdict: &'static str,
}

fn table() -> impl Iterator<Item = Row> {
    TABLE.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut fields = line.split('\t');
        let mut next = || fields.next().expect("five fields");
        let (written, e164) = (next(), Some(next()).filter(|e164| *e164 != "-"));
        Row { written, e164, country: next(), kind: next(), verdict: next() }
    })
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn phone(text: &str) -> Phone {
    text.parse().expect("a phone number")
}

fn rules(countries: &[&str]) -> Rules {
    Rules {
        region: "GB".into(),
        countries: countries.iter().map(|code| (*code).to_owned()).collect(),
        civil_hours: Interval::hours(8, 21).expect("hours"),
        home: tz::TimeZone::get("Europe/London").expect("a zone"),
        own_numbers: vec![phone("+442079460000")],
    }
}

fn everywhere() -> Rules {
    let mut countries: Vec<&str> = table()
        .filter(|row| row.verdict != "country-not-allowed" && row.e164.is_some())
        .map(|row| row.country)
        .filter(|country| *country != "001")
        .collect();
    countries.sort_unstable();
    countries.dedup();
    rules(&countries)
}

fn prospect(number: &str) -> Contact {
    let mut contact = Contact::new(ContactId(uuid::Uuid::from_u128(1)));
    match CallerId::read(number, "GB") {
        CallerId::Number(phone) => contact.phones = vec![phone],
        CallerId::Withheld(_) => contact.phone_as_received = Some(number.to_owned()),
    }
    contact
}

fn priya() -> Person {
    Person {
        id: RepId("priya".into()),
        name: "Priya".into(),
        role: Role::Rep,
        phone: Some(phone("+447700900456")),
        email: None,
        slack_id: None,
        presence: Presence::Available,
        shift: None,
        leave: Vec::new(),
        removed: false,
    }
}

fn wish<'a>(contact: &'a Contact, rep: &'a Person) -> Wish<'a> {
    Wish {
        contact,
        rep,
        via: Via::Bridge { carrier_ready: true },
        live: None,
        last: None,
        confirmed: Confirmed { hours: true, recent: false },
    }
}

fn verdict(contact: &Contact, rules: &Rules) -> &'static str {
    let rep = priya();
    check(&wish(contact, &rep), rules, at(MORNING)).map_or_else(|barred| barred.code(), |_| "ok")
}

/// The reason, in words.
fn refusal(wish: &Wish<'_>, rules: &Rules, now: &str) -> String {
    check(wish, rules, at(now)).expect_err("refused").to_string()
}

#[test]
fn four_hundred_numbers_of_every_kind_get_the_verdict_of_the_table() {
    let rules = everywhere();
    let mut rows = 0;
    let mut wrong = Vec::new();
    for row in table() {
        rows += 1;
        let contact = prospect(row.written);
        let number = contact.phone();
        let found = verdict(&contact, &rules);
        if number.map(Phone::e164) != row.e164
            || number.is_some_and(|number| country(number) != row.country)
            || found != row.verdict
        {
            wrong.push(format!("{}: {number:?}, {found}, not {}", row.written, row.verdict));
        }
    }
    assert!(rows >= 400, "{rows}");
    assert!(rules.countries.len() >= 30, "{:?}", rules.countries);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The kinds in the table come from Google's own metadata, so a drift of ours or of the library's shows here.
#[test]
fn the_kind_of_each_number_is_libphonenumbers() {
    for row in table() {
        let contact = prospect(row.written);
        let (Some(number), expected) = (contact.phone(), row.kind) else { continue };
        let kind = match number.kind() {
            PhoneKind::Mobile => "MOBILE",
            PhoneKind::Landline => "FIXED_LINE",
            PhoneKind::FixedOrMobile => "FIXED_LINE_OR_MOBILE",
            PhoneKind::TollFree => "TOLL_FREE",
            PhoneKind::PremiumRate => "PREMIUM_RATE",
            PhoneKind::SharedCost => "SHARED_COST",
            PhoneKind::Personal => "PERSONAL_NUMBER",
            PhoneKind::Voip => "VOIP",
            PhoneKind::Pager => "PAGER",
            PhoneKind::Uan => "UAN",
            PhoneKind::Voicemail => "VOICEMAIL",
            PhoneKind::Unknown => "UNKNOWN",
        };
        // British numbers that are in no service are judged by Ofcom's ranges.
        let by_range = expected == "UNKNOWN" && number.e164().starts_with("+44");
        assert!(kind == expected || by_range, "{}: {kind}, not {expected}", row.written);
    }
}

#[test]
fn no_number_that_costs_more_than_a_call_to_a_phone_is_ever_allowed() {
    const DEAR: [&str; 5] =
        ["PREMIUM_RATE", "SHARED_COST", "PERSONAL_NUMBER", "PAGER", "VOICEMAIL"];
    for row in table().filter(|row| DEAR.contains(&row.kind)) {
        assert_ne!(verdict(&prospect(row.written), &everywhere()), "ok", "{}", row.written);
    }
}

#[test]
fn with_the_starter_list_only_britain_itself_is_rung() {
    for row in table() {
        let found = verdict(&prospect(row.written), &rules(&["GB"]));
        let expected = match row.verdict {
            "ok" if row.country != "GB" => "country-not-allowed",
            other => other,
        };
        assert_eq!(found, expected, "{}", row.written);
    }
}

#[test]
fn numbers_that_no_reading_makes_are_short_codes() {
    for wire in ["+44999", "+44112", "+441471", "+44118118", "+35312", "+1911"] {
        assert_eq!(check_kind(&phone(wire)), Err(Barred::ShortCode), "{wire}");
    }
}

#[test]
fn a_contact_without_a_number_says_what_came_in_its_place() {
    let rep = priya();
    for (received, words) in [
        (Some("anonymous"), "there is no number to ring: the caller withheld the number"),
        (
            Some("+266696687"),
            "there is no number to ring: the carrier's stand-in for a withheld number",
        ),
        (Some("60000"), "this is a short code or a service, not a person's number"),
        (None, "there is no number to ring: no number was given"),
        (Some("+442079460000"), "there is no number to ring: no number was given"),
    ] {
        let mut contact = prospect("");
        contact.phone_as_received = received.map(str::to_owned);
        assert_eq!(refusal(&wish(&contact, &rep), &rules(&["GB"]), MORNING), words);
    }
}

#[test]
fn whoever_opted_out_is_never_rung_whatever_is_confirmed() {
    let mut contact = prospect("+447700900123");
    contact.opted_out = true;
    let rep = priya();
    let mut wish = wish(&contact, &rep);
    for via in [Via::Bridge { carrier_ready: true }, Via::ByHand] {
        wish.via = via;
        wish.confirmed = Confirmed { hours: true, recent: true };
        assert_eq!(check(&wish, &rules(&["GB"]), at(MORNING)), Err(Barred::OptedOut));
    }
}

#[test]
fn the_rep_needs_a_phone_that_can_be_rung_and_a_carrier_unless_they_dial_by_hand() {
    let contact = prospect("+447700900123");
    let rules = rules(&["GB"]);
    let with_phone = |number: Option<&str>| Person { phone: number.map(phone), ..priya() };
    for (rep, carrier_ready, code) in [
        (with_phone(None), true, "rep-without-phone"),
        (with_phone(Some("+447700900456")), false, "no-carrier"),
        (with_phone(Some("+449098790123")), true, "rep-phone-barred"),
        (with_phone(Some("+8816123456789")), true, "rep-phone-barred"),
        (with_phone(Some("+447700900123")), true, "own-number"),
    ] {
        let mut wish = wish(&contact, &rep);
        wish.via = Via::Bridge { carrier_ready };
        let barred = check(&wish, &rules, at(MORNING)).expect_err("refused");
        assert_eq!((barred.code(), barred.confirm()), (code, None), "{barred}");
        wish.via = Via::ByHand;
        assert_eq!(check(&wish, &rules, at(MORNING)), Ok(&phone("+447700900123")));
    }
    // A rep abroad is still a rep.
    let abroad = with_phone(Some("+34612345678"));
    assert!(check(&wish(&contact, &abroad), &rules, at(MORNING)).is_ok());
}

#[test]
fn only_mobiles_are_texted_and_never_whoever_opted_out() {
    let rules = rules(&["GB", "US"]);
    for (number, barred) in [
        ("+447700900123", None),
        ("+14158675309", None),
        ("+442079460958", Some(Barred::NotTextable)),
        ("+448081570192", Some(Barred::NotTextable)),
        ("+447012345678", Some(Barred::Personal)),
        ("+442079460000", Some(Barred::OwnNumber)),
    ] {
        let mut contact = prospect(number);
        assert_eq!(check_text(&contact, &rules).err(), barred, "{number}");
        contact.opted_out = true;
        assert_eq!(check_text(&contact, &rules), Err(Barred::OptedOut));
    }
}

#[test]
fn our_own_number_is_nobodys_prospect() {
    let (contact, rep) = (prospect("020 7946 0000"), priya());
    assert_eq!(check(&wish(&contact, &rep), &rules(&["GB"]), at(MORNING)), Err(Barred::OwnNumber));
}

#[test]
fn a_prospect_on_the_phone_with_us_is_not_rung_a_second_time() {
    let (contact, rep) = (prospect("+447700900123"), priya());
    let tom = PersonRef { id: RepId("tom".into()), name: "Tom".into() };
    let mut wish = wish(&contact, &rep);
    wish.live = Some(&tom);
    wish.confirmed.recent = true;
    assert_eq!(refusal(&wish, &rules(&["GB"]), MORNING), "Tom is on the phone to them now");
}

#[test]
fn a_prospect_rung_within_the_hour_needs_a_confirm_that_says_who_and_what_came_of_it() {
    let (contact, rep) = (prospect("+447700900123"), priya());
    let rules = rules(&["GB"]);
    for (rang_at, outcome, words) in [
        (
            "2026-09-01T09:42:00Z",
            Some(Outcome::NoAnswer),
            "Tom rang them 18 minutes ago: no answer",
        ),
        (
            "2026-09-01T09:59:31Z",
            None,
            "Tom rang them less than a minute ago: nothing is noted of it yet",
        ),
        ("2026-09-01T09:58:40Z", Some(Outcome::Busy), "Tom rang them a minute ago: busy"),
        (
            "2026-09-01T09:00:00.001Z",
            Some(Outcome::Voicemail),
            "Tom rang them 59 minutes ago: voicemail",
        ),
        // A clock that is ahead of ours is no reason to ring twice.
        (
            "2026-09-01T10:00:05Z",
            Some(Outcome::Connected),
            "Tom rang them less than a minute ago: connected",
        ),
    ] {
        let last = LastDial {
            by: PersonRef { id: RepId("tom".into()), name: "Tom".into() },
            at: at(rang_at),
            outcome,
        };
        let mut wish = wish(&contact, &rep);
        wish.last = Some(&last);
        let barred = check(&wish, &rules, at(MORNING)).expect_err("refused");
        assert_eq!((barred.to_string().as_str(), barred.confirm()), (words, Some(Confirm::Recent)));
        wish.confirmed.recent = true;
        assert!(check(&wish, &rules, at(MORNING)).is_ok());
    }
}

#[test]
fn after_an_hour_nobody_needs_to_confirm() {
    let (contact, rep) = (prospect("+447700900123"), priya());
    let last = LastDial {
        by: PersonRef { id: RepId("tom".into()), name: "Tom".into() },
        at: at("2026-09-01T09:00:00Z"),
        outcome: None,
    };
    let mut wish = wish(&contact, &rep);
    wish.last = Some(&last);
    assert!(check(&wish, &rules(&["GB"]), at(MORNING)).is_ok());
}

#[test]
fn an_uncivil_hour_is_judged_where_the_prospect_is_and_can_be_confirmed() {
    let rules = rules(&["GB", "FR", "US", "AE", "ES"]);
    let rep = priya();
    for (number, told, now, words) in [
        (
            "+447700900123",
            None,
            "2026-09-01T06:59:59Z",
            Some("it is 07:59 (London) where they are: outside 08:00-21:00"),
        ),
        ("+447700900123", None, "2026-09-01T07:00:00Z", None),
        (
            "+447700900123",
            None,
            "2026-09-01T20:00:00Z",
            Some("it is 21:00 (London) where they are: outside 08:00-21:00"),
        ),
        // The caller told where they are: that counts, not the number.
        (
            "+447700900123",
            Some("America/New_York"),
            "2026-09-01T10:00:00Z",
            Some("it is 06:00 (New York) where they are: outside 08:00-21:00"),
        ),
        ("+14158675309", Some("europe/london"), "2026-09-01T10:00:00Z", None),
        // A zone that does not exist tells nothing.
        ("+447700900123", Some("Moon/Tycho"), "2026-09-01T10:00:00Z", None),
        ("+447700900123", Some("Etc/Unknown"), "2026-09-01T10:00:00Z", None),
        ("+33612345678", None, "2026-09-01T06:00:00Z", None),
        (
            "+33612345678",
            None,
            "2026-09-01T19:30:00Z",
            Some("it is 21:30 (Paris) where they are: outside 08:00-21:00"),
        ),
        // A wide country: civil only where it is so at both ends.
        (
            "+14158675309",
            None,
            "2026-09-01T13:00:00Z",
            Some(
                "it is 09:00 (New York) or 06:00 (Los Angeles) where they are: outside 08:00-21:00",
            ),
        ),
        ("+14158675309", None, "2026-09-01T15:00:00Z", None),
        // The night the clocks go back, and the one they go forward.
        ("+447700900123", None, "2026-10-25T08:00:00Z", None),
        (
            "+447700900123",
            None,
            "2026-10-25T07:30:00Z",
            Some("it is 07:30 (London) where they are: outside 08:00-21:00"),
        ),
        ("+447700900123", None, "2026-03-29T07:00:00Z", None),
    ] {
        let mut contact = prospect(number);
        contact.timezone = told.map(str::to_owned);
        let mut wish = wish(&contact, &rep);
        wish.confirmed.hours = false;
        let found = check(&wish, &rules, at(now)).err();
        assert_eq!(found.as_ref().map(ToString::to_string).as_deref(), words, "{number} at {now}");
        if let Some(barred) = found {
            assert_eq!(barred.confirm(), Some(Confirm::Hours));
            wish.confirmed.hours = true;
            assert!(check(&wish, &rules, at(now)).is_ok());
        }
    }
}

#[test]
fn the_business_clock_stands_in_where_no_other_is_known() {
    let contact = prospect("+80012345678");
    let number = contact.phone().expect("a number");
    let home = tz::TimeZone::get("Europe/London").expect("a zone");
    assert_eq!(local_clock(&contact, number, &home, at(MORNING)).to_string(), "11:00 (London)");
}

#[test]
fn each_refusal_has_a_name_of_its_own_and_a_sentence() {
    let clock = LocalClock { shows: vec![(Time::midnight(), "Europe/London".into())] };
    let every = [
        Barred::OptedOut,
        Barred::Withheld(WithheldReason::Anonymous),
        Barred::OwnNumber,
        Barred::PremiumRate,
        Barred::SharedCost,
        Barred::Personal,
        Barred::Satellite,
        Barred::ShortCode,
        Barred::NotAPhone,
        Barred::Unassigned,
        Barred::Country { country: "FR".into(), allowed: vec!["GB".into(), "IE".into()] },
        Barred::NotTextable,
        Barred::NoCarrier,
        Barred::RepWithoutPhone,
        Barred::RepPhone(Box::new(Barred::PremiumRate)),
        Barred::Live { by: "Tom".into() },
        Barred::Recent { by: "Tom".into(), minutes: 3, outcome: None },
        Barred::UncivilHours { clock, civil: Interval::hours(8, 21).expect("hours") },
    ];
    let mut codes: Vec<&str> = every.iter().map(Barred::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), every.len());
    for barred in &every {
        assert!(barred.to_string().len() > 20, "{barred}");
    }
    assert_eq!(
        every[10].to_string(),
        "numbers in FR are not rung from here: the list allows GB and IE"
    );
}

/// Digits as attackers and forms might send them, and whatever else.
fn written() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "\\+?(44|1|33|88[0-9]|97[0-9]|353)?[0-9 ]{3,15}",
        1 => ".{0,24}",
    ]
}

proptest! {
    #[test]
    fn what_may_be_rung_is_an_ordinary_number_in_an_allowed_country(text in written()) {
        let rules = rules(&["GB", "IE", "US"]);
        let (contact, rep) = (prospect(&text), priya());
        if let Ok(number) = check(&wish(&contact, &rep), &rules, at(MORNING)) {
            prop_assert!(rules.countries.contains(&country(number)));
            prop_assert!(matches!(
                number.kind(),
                PhoneKind::Mobile | PhoneKind::Landline | PhoneKind::FixedOrMobile
                    | PhoneKind::TollFree | PhoneKind::Voip | PhoneKind::Uan
            ));
        }
    }

    #[test]
    fn a_british_number_gets_one_verdict_however_it_is_written(national in "[1-9][0-9]{8,9}") {
        let rules = rules(&["GB"]);
        let one = verdict(&prospect(&format!("+44{national}")), &rules);
        for other in [format!("0{national}"), format!("0044 {national}"), format!("+44 (0){national}")] {
            prop_assert_eq!(verdict(&prospect(&other), &rules), one, "{}", other);
        }
    }

    #[test]
    fn confirming_lifts_what_can_be_confirmed_and_nothing_else(
        text in written(), second in 0i64..200_000, minutes in -10i64..90, hours: bool, recent: bool,
    ) {
        let rules = rules(&["GB", "US"]);
        let (contact, rep) = (prospect(&text), priya());
        let now = Timestamp::from_second(1_788_000_000 + second).expect("in range");
        let last = LastDial {
            by: rep.as_ref(),
            at: now - SignedDuration::from_mins(minutes),
            outcome: None,
        };
        let mut wish = wish(&contact, &rep);
        wish.last = Some(&last);
        wish.confirmed = Confirmed { hours: true, recent: true };
        let firm = check(&wish, &rules, now);
        wish.confirmed = Confirmed { hours, recent };
        match check(&wish, &rules, now) {
            Err(barred) if barred.confirm() == Some(Confirm::Hours) => prop_assert!(!hours && firm.is_ok()),
            Err(barred) if barred.confirm() == Some(Confirm::Recent) => {
                prop_assert!(!recent && firm.is_ok() && minutes < 60);
            }
            settled => prop_assert_eq!(settled, firm),
        }
    }

    #[test]
    fn an_hour_is_civil_exactly_when_the_prospects_clock_says_so(minute in 0i64..600_000) {
        let rules = rules(&["FR"]);
        let (contact, rep) = (prospect("+33612345678"), priya());
        let now = Timestamp::from_second(1_788_000_000 + 60 * minute).expect("in range");
        let mut wish = wish(&contact, &rep);
        wish.confirmed.hours = false;
        let hour = now.to_zoned_datetime(tz::TimeZone::get("Europe/Paris").expect("a zone")).hour();
        prop_assert_eq!(check(&wish, &rules, now).is_ok(), (8..21).contains(&hour));
    }
}
