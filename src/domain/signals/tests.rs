use jiff::civil::date;
use proptest::prelude::*;

use super::*;

/// A Tuesday.
const TODAY: Date = date(2026, 11, 3);

fn read(text: &str) -> Signals {
    read_from_notes(text, TODAY)
}

#[test]
fn the_guides_own_call_is_read() {
    let signals = read(
        "Evaluating AI appointment booking for 15-person sales team. Current stack is Salesforce. Timeline: next quarter.",
    );
    let expected = Signals {
        team_size: Some(15),
        timeline: Some("next quarter".to_owned()),
        timeline_days: Some(148),
        ..Signals::default()
    };
    assert_eq!(signals, expected);
    let spoken = read(
        "Alex is evaluating AI appointment booking for a 15-person sales team currently using Salesforce. Timeline is next quarter. No budget discussion; he wants a demo first.",
    );
    assert_eq!(spoken, expected);
}

#[test]
fn teams_are_counted() {
    for (text, size) in [
        ("15-person sales team", 15),
        ("a 15 person team", 15),
        ("team of fifteen", 15),
        ("a team of about 15", 15),
        ("Team size: 8", 8),
        ("headcount of 40", 40),
        ("sales team of twenty-five", 25),
        ("12 of us on the desk", 12),
        ("there's six of us counting the nurses", 6),
        ("we've fourteen on the sales floor here", 14),
        ("I run a home care agency with twenty five carers", 25),
        ("how much for eighteen users", 18),
        ("looking for pricing on forty seats", 40),
        ("pricing for forty agents, roughly", 40),
        ("we are five ladies", 5),
        ("we have 11 people", 11),
        ("10-15 person team", 15),
        ("20 field engineers on the road", 20),
        ("fifteen in the team", 15),
        ("a dozen staff", 12),
        ("a one man band", 1),
        ("sole trader, plumber", 1),
        ("works on his own", 1),
        ("a 40-strong workforce", 40),
        ("one hundred and twenty employees", 120),
        ("firm of 30", 30),
        ("growing from 5 to 15 staff", 15),
        ("8 consultants, team of 12 overall", 12),
    ] {
        assert_eq!(read(text).team_size, Some(size), "{text}");
    }
}

#[test]
fn sites_are_counted() {
    for (text, sites) in [
        ("three sites", 3),
        ("3 branches and a head office", 3),
        ("I look after four dental practices", 4),
        ("cover five depots", 5),
        ("multi-site business", 2),
        ("a multisite operator", 2),
        ("several offices", 2),
        ("for both our clinics", 2),
        ("a couple of shops", 2),
        ("single office in Leeds", 1),
        ("just the one little shop", 1),
        ("they have two offices, one in Leeds", 2),
        ("group of 4 dental practices", 4),
    ] {
        assert_eq!(read(text).sites, Some(sites), "{text}");
        assert_eq!(read(text).team_size, None, "{text}");
    }
}

#[test]
fn other_numbers_are_not_teams_sites_or_values() {
    for text in [
        "call back in 15 minutes",
        "has 2 kids and 3 cats",
        "rang at 10:30, again at 2pm",
        "ring 07700 900123",
        "14 women coming in tomorrow's slots",
        "spoke to 3 people already",
        "two people waiting on the line",
        "we get 40 calls a day",
        "open 9 to 5",
        "20% off",
        "looked at two web sites",
        "3 site visits booked",
        "two new office managers",
        "hiring 5 engineers",
        "not a 15-person team",
        "not multi-site",
        "a 10k run for charity",
        "turnover of £2m",
        "charged twice, £45 each, wants a refund",
        "invoice for £300",
        "currently paying £300 a month",
        "$20k budget",
        "owes £500",
        "budget holder is on holiday",
        "budget for 2027 not set",
        "compensation of up to four thousand pounds",
        "my mate says three nine nine a month",
        "two chicken chow mein and a number forty one please",
        "they have a grand piano",
        "order 12345",
        "a second site survey",
    ] {
        let signals = read(text);
        assert_eq!(
            (signals.team_size, signals.sites, signals.deal_value_pence),
            (None, None, None),
            "{text}"
        );
    }
}

#[test]
fn sums_are_read_in_pence() {
    for (text, pence) in [
        ("£20k", 2_000_000),
        ("around £5,000", 500_000),
        ("20 grand", 2_000_000),
        ("we've got twenty grand set aside", 2_000_000),
        ("budget of 8k", 800_000),
        ("Budget: 5000", 500_000),
        ("budget is about 8,000 for the year", 800_000),
        ("£500 a month", 50_000),
        ("four and a half grand to spend", 450_000),
        ("four and a half thousand pounds tops", 450_000),
        ("a couple of grand", 200_000),
        ("a grand a month", 100_000),
        ("£1.5m contract", 150_000_000),
        ("£499.99", 49_999),
        ("£5k-10k", 1_000_000),
        ("between £5k and £10k", 1_000_000),
        ("£5 to 10k", 1_000_000),
        ("GBP 5000", 500_000),
        ("five hundred quid", 50_000),
        ("up to £12,500.50", 1_250_050),
        ("half a million pounds", 50_000_000),
        ("turnover of £2m, budget £20k", 2_000_000),
    ] {
        assert_eq!(read(text).deal_value_pence, Some(pence), "{text}");
    }
}

#[test]
fn timelines_run_to_the_last_day_they_allow() {
    for (text, words, days) in [
        ("Timeline: next quarter.", "next quarter", Some(148)),
        ("needs it by Friday", "by Friday", Some(3)),
        ("wanted by next Friday please", "by next Friday", Some(10)),
        ("before Friday", "before Friday", Some(2)),
        ("by Tuesday", "by Tuesday", Some(7)),
        ("within two weeks", "within two weeks", Some(14)),
        ("within a fortnight", "within a fortnight", Some(14)),
        ("in two months, no hurry", "in two months", Some(60)),
        ("in the next 2-3 weeks", "in the next 2-3 weeks", Some(21)),
        ("in 2 weeks' time", "in 2 weeks' time", Some(14)),
        ("within 48 hours", "within 48 hours", Some(2)),
        ("this week", "this week", Some(5)),
        ("next week", "next week", Some(12)),
        ("by the end of next week", "by the end of next week", Some(10)),
        ("end of the week", "end of the week", Some(3)),
        ("this month", "this month", Some(27)),
        ("by month end", "by month end", Some(27)),
        ("this quarter", "this quarter", Some(58)),
        ("next year", "next year", Some(423)),
        ("Timeline: Q2", "Q2", Some(239)),
        ("go live in quarter two", "in quarter two", Some(239)),
        ("by Q1 2027", "by Q1 2027", Some(148)),
        ("before Christmas", "before Christmas", Some(51)),
        ("by the end of January", "by the end of January", Some(89)),
        ("in March", "in March", Some(148)),
        ("by 15 December", "by 15 December", Some(42)),
        ("by the 15th", "by the 15th", Some(12)),
        ("by 15/12/2026", "by 15/12/2026", Some(42)),
        ("by 2026-12-15", "by 2026-12-15", Some(42)),
        ("no later than Friday", "no later than Friday", Some(3)),
        ("wants it sorted today", "today", Some(0)),
        ("needs it tomorrow", "tomorrow", Some(1)),
        ("ASAP please", "ASAP", Some(0)),
        ("as soon as possible", "as soon as possible", Some(0)),
        ("Timeline: 3 weeks", "3 weeks", Some(21)),
        ("timescale is two to three months", "two to three months", Some(90)),
        ("next weekend, the twenty-first", "next weekend, the twenty-first", Some(18)),
        ("after Christmas", "after Christmas", None),
        ("in the new year some time", "in the new year", None),
        ("before the new tax year", "before the new tax year", None),
        ("in the spring", "in the spring", None),
        ("sometime this side of easter", "this side of easter", None),
        ("from September's intake, so from September", "from September", None),
        ("Next financial year", "Next financial year", None),
        ("Ring him back by Friday. Timeline: next month.", "next month", Some(58)),
        ("Mentioned next year, but needs it within 10 days", "within 10 days", Some(10)),
    ] {
        let signals = read(text);
        assert_eq!(signals.timeline.as_deref(), Some(words), "{text}");
        assert_eq!(signals.timeline_days, days, "{text}");
    }
}

#[test]
fn other_times_are_no_timeline() {
    for text in [
        "called today about a quote",
        "Enquiry today about blinds",
        "our receptionist walked out on Friday",
        "charged twice this month",
        "please call me back by Friday",
        "ring her tomorrow at four",
        "in business for two years",
        "two weeks ago",
        "in the last two weeks",
        "recommended by April",
        "call in 15 minutes",
        "this may be the one",
        "open on Sunday",
        "every two weeks",
        "not this year",
        "a 12 month contract",
        "can wait till tomorrow",
        "in 999999999 weeks",
        "next",
        "by",
    ] {
        assert_eq!(read(text).timeline, None, "{text}");
        assert_eq!(read(text).timeline_days, None, "{text}");
    }
}

#[test]
fn hurry_is_told_from_its_denial() {
    use Urgency::{Normal, Urgent};
    for (text, urgency) in [
        ("it is urgent, yes", Some(Urgent)),
        ("ASAP", Some(Urgent)),
        ("pretty urgent bro", Some(Urgent)),
        ("needs it today", Some(Urgent)),
        ("we need it fixed now", Some(Urgent)),
        ("please do something urgently", Some(Urgent)),
        ("it is an emergency, the agent is hanging up", Some(Urgent)),
        ("fairly pressing", Some(Urgent)),
        ("in a hurry", Some(Urgent)),
        ("Urgency: high", Some(Urgent)),
        ("no, it's urgent", Some(Urgent)),
        ("no rush", Some(Normal)),
        ("no no, nae rush", Some(Normal)),
        ("it's not urgent urgent", Some(Normal)),
        ("isn't particularly urgent", Some(Normal)),
        ("it isn’t urgent mind", Some(Normal)),
        ("not like emergency urgent", Some(Normal)),
        ("there's no urgency", Some(Normal)),
        ("not mad urgent, no", Some(Normal)),
        ("it can wait till tomorrow", Some(Normal)),
        ("it'll keep to this afternoon", Some(Normal)),
        ("no hurry at all", Some(Normal)),
        ("Urgency is low", Some(Normal)),
        ("whenever", Some(Normal)),
        ("they run an urgent care clinic", None),
        ("an emergency plumber", None),
        ("pressing one does nothing", None),
        ("we can't wait to see it", None),
        ("wants a demo", None),
    ] {
        assert_eq!(read(text).urgency, urgency, "{text}");
    }
}

#[test]
fn deciders_are_those_who_are_named() {
    let names = |text: &str| read(text).deciders;
    for (text, expected) in [
        ("Decision maker: Jane Smith", vec!["Jane Smith"]),
        ("Decision-maker is Jane Smith (MD), wants it soon", vec!["Jane Smith (MD)"]),
        ("deciders: Jane Smith, Tom Okafor and Priya", vec!["Jane Smith", "Tom Okafor", "Priya"]),
        ("our managing director Lorraine Tasker signs it off", vec!["Lorraine Tasker"]),
        ("Signed off by Lorraine Tasker.", vec!["Lorraine Tasker"]),
        ("José Núñez is the decision maker", vec!["José Núñez"]),
        ("Sam and Ali decide together. Uncle Yaqub decides", vec!["Yaqub"]),
        ("The decision is with Mr Patel", vec!["Mr Patel"]),
        ("Anna will decide", vec!["Anna"]),
    ] {
        assert_eq!(names(text), expected, "{text}");
    }
    for text in [
        "He decides",
        "my wife decides",
        "the MD signs it off",
        "Decision maker: the board",
        "no decision maker",
        "signed off",
        "She is the decision maker",
        "decided on Tuesday",
        "ice cream maker is Gelato",
    ] {
        assert_eq!(names(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn given_facts_win_one_by_one() {
    let given =
        Signals { team_size: Some(3), timeline: Some("soon".to_owned()), ..Signals::default() };
    let read =
        read("15-person team, two sites, next week, £20k, no rush. Decision maker: Jane Smith");
    let merged = Signals::merged(given, read);
    assert_eq!(
        merged,
        Signals {
            team_size: Some(3),
            sites: Some(2),
            timeline: Some("soon".to_owned()),
            timeline_days: None,
            urgency: Some(Urgency::Normal),
            deal_value_pence: Some(2_000_000),
            deciders: vec!["Jane Smith".to_owned()],
        }
    );
}

#[test]
fn a_given_timeline_gets_its_days() {
    let given = |words: &str| Signals { timeline: Some(words.to_owned()), ..Signals::default() };
    for (words, days) in [
        ("next quarter", Some(148)),
        ("by Friday", Some(3)),
        ("Friday", Some(3)),
        ("3 weeks", Some(21)),
        ("today", Some(0)),
        ("after Christmas", None),
        ("soon", None),
    ] {
        assert_eq!(given(words).with_timeline_days(TODAY).timeline_days, days, "{words}");
    }
    let known = Signals { timeline_days: Some(5), ..given("next quarter") };
    assert_eq!(known.with_timeline_days(TODAY).timeline_days, Some(5));
}

#[test]
fn a_second_call_never_shrinks_the_deal() {
    let older = read("15-person team, £5k, next quarter, urgent. Decision maker: Jane Smith");
    let newer = read("team of 4, three sites, £20k, by Friday, no rush");
    let both = Signals::combined(&older, &newer);
    assert_eq!(
        (both.team_size, both.sites, both.deal_value_pence),
        (Some(15), Some(3), Some(2_000_000))
    );
    assert_eq!((both.timeline.as_deref(), both.timeline_days), (Some("by Friday"), Some(3)));
    assert_eq!(both.urgency, Some(Urgency::Normal));
    assert_eq!(both.deciders, ["Jane Smith"]);
    assert_eq!(Signals::combined(&both, &Signals::default()), both);
}

#[test]
fn a_large_deal_is_explained() {
    let rule = LargeDeal::default();
    for (text, explanation) in [
        ("team of 10", Some("team of 10")),
        ("team of 9", None),
        ("multi-site", Some("2 sites")),
        ("one shop", None),
        ("£5,000", Some("deal value £5,000")),
        ("£1,234,567.89", Some("deal value £1,234,567.89")),
        ("£4,999.99", None),
        ("within two weeks, Anna will decide", Some("wanted within 14 days, decided by Anna")),
        ("needs it today. Anna will decide", Some("wanted today, decided by Anna")),
        ("within 15 days, Anna will decide", None),
        ("within two weeks", None),
    ] {
        assert_eq!(rule.matches(&read(text)).as_deref(), explanation, "{text}");
    }
    let strict = LargeDeal { team_size: 50, ..LargeDeal::default() };
    assert_eq!(strict.matches(&read("team of 49")), None);
}

#[test]
fn value_bands_follow_the_size() {
    for (text, band) in [
        ("", 0),
        ("by Friday, urgent", 0),
        ("team of 4", 1),
        ("one shop", 1),
        ("£1,999", 1),
        ("team of 5", 2),
        ("£2,000", 2),
        ("team of 10", 3),
        ("two sites", 3),
        ("£5,000", 3),
    ] {
        assert_eq!(value_band(&read(text)), band, "{text}");
    }
}

#[test]
fn only_what_is_known_is_written() {
    assert_eq!(serde_json::to_string(&Signals::default()).unwrap(), "{}");
    let json = serde_json::to_value(read("team of 4, urgent, next week")).unwrap();
    let expected = serde_json::json!({
        "team_size": 4, "urgency": "urgent", "timeline": "next week", "timeline_days": 12,
    });
    assert_eq!(json, expected);
    assert_eq!(
        serde_json::from_value::<Signals>(json).unwrap(),
        read("team of 4, urgent, next week")
    );
}

#[test]
fn hostile_texts_are_read_in_a_moment() {
    for piece in [
        "5 ",
        "end of the ",
        "the next ",
        "about 5 ",
        "one and a half ",
        "by ",
        "decides ",
        "the the ",
        "Jane and ",
        "signs off ",
        "not ",
        "twenty ",
        "1,000,",
        "urgent ",
        "call back ",
        "£5-",
        "team of ",
    ] {
        let text = piece.repeat(64_000 / piece.len());
        let started = std::time::Instant::now();
        read(&text);
        assert!(started.elapsed().as_secs() < 5, "{piece:?} took {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn nothing_written_by_strangers_panics(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_order_of_its_own_words_panics(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..14),
        separator in " |-|, |\\. |/",
        year in 1990i16..2100, month in 1i8..=12, day in 1i8..=31,
    ) {
        let Ok(today) = Date::new(year, month, day) else { return Ok(()) };
        let text = words.join(&separator);
        let signals = read_from_notes(&text, today).with_timeline_days(today);
        prop_assert!(signals.deciders.iter().all(|name| text.contains(name.as_str())));
        prop_assert!(signals.deal_value_pence.is_none_or(|pence| pence > 0));
        LargeDeal::default().matches(&signals);
    }

    #[test]
    fn a_stated_team_is_read_in_figures_and_in_words(size in 2u32..1000, lead in "|We are a |Busy\\. ") {
        let text = format!("{lead}{size}-person team by Friday");
        prop_assert_eq!(read(&text).team_size, Some(size));
    }

    #[test]
    fn combining_keeps_the_larger(a in 0u32..50, b in 0u32..50) {
        let signals = |n: u32| Signals { team_size: (n > 0).then_some(n), ..Signals::default() };
        let both = Signals::combined(&signals(a), &signals(b));
        prop_assert_eq!(both.team_size.unwrap_or(0), a.max(b));
    }
}

const WORDS: [&str; 62] = [
    "by",
    "before",
    "in",
    "within",
    "the",
    "next",
    "this",
    "end",
    "of",
    "week",
    "month",
    "quarter",
    "year",
    "friday",
    "march",
    "may",
    "15th",
    "31",
    "02",
    "2027",
    "29",
    "feb",
    "q3",
    "q9",
    "twenty",
    "thirty",
    "first",
    "two",
    "hundred",
    "thousand",
    "million",
    "grand",
    "£20k",
    "£99999999",
    "999999999",
    "and",
    "a",
    "half",
    "couple",
    "dozen",
    "person",
    "team",
    "sites",
    "multi",
    "both",
    "timeline",
    "asap",
    "urgent",
    "not",
    "call",
    "back",
    "Jane",
    "Smith",
    "(MD)",
    "decides",
    "decision",
    "maker",
    "signs",
    "off",
    "christmas",
    "eve",
    "£",
];
