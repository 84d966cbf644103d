use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{ids::RepId, outcome::Outcome};

/// Tuesday, 11:00 in London.
fn start() -> Timestamp {
    "2026-09-01T10:00:00Z".parse().expect("a timestamp")
}

fn second(n: i64) -> Timestamp {
    start() + SignedDuration::from_secs(n)
}

fn dial(n: u128) -> Dial {
    Dial::requested(
        DialId(Uuid::from_u128(n)),
        LeadId(Uuid::from_u128(1)),
        PersonRef { id: RepId("priya".into()), name: "Priya".into() },
        "+447700900456".parse().expect("a phone number"),
        "+447700900123".parse().expect("a phone number"),
        start(),
    )
}

fn step(leg: Leg, step: Step) -> What {
    let call = match leg {
        Leg::Rep => "CA-rep",
        Leg::Prospect => "CA-prospect",
    };
    What::Leg { leg, call: Some(CallRef(call.into())), step }
}

fn ended(leg: Leg, end: LegEnd, seconds: u32) -> What {
    step(leg, Step::Ended { end, seconds: Some(seconds), sip: None })
}

fn bridged(end: LegEnd, seconds: u32) -> What {
    let joined = Some(end == LegEnd::Completed);
    What::Bridged {
        prospect: Some(CallRef("CA-prospect".into())),
        end,
        seconds: Some(seconds),
        joined,
    }
}

/// Everything a carrier tells, as it happens: seconds after the request, and what.
type Story = Vec<(i64, What)>;

fn rep_answers() -> Story {
    vec![
        (0, What::Placed { call: CallRef("CA-rep".into()) }),
        (1, step(Leg::Rep, Step::Started)),
        (2, step(Leg::Rep, Step::Ringing)),
        (6, step(Leg::Rep, Step::Answered)),
    ]
}

fn prospect_rings() -> Story {
    let mut story = rep_answers();
    story.extend([
        (9, What::Pressed),
        (10, step(Leg::Prospect, Step::Started)),
        (11, step(Leg::Prospect, Step::Ringing)),
    ]);
    story
}

fn prospect_ends(end: LegEnd, seconds: u32) -> Story {
    let mut story = prospect_rings();
    let at = i64::from(seconds) + 20;
    if end == LegEnd::Completed {
        story.push((18, step(Leg::Prospect, Step::Answered)));
    }
    story.extend([
        (at, ended(Leg::Prospect, end, seconds)),
        (at, bridged(end, seconds)),
        (at + 1, ended(Leg::Rep, LegEnd::Completed, seconds + 15)),
    ]);
    story
}

fn rep_ends(end: LegEnd) -> Story {
    let mut story = rep_answers();
    story.truncate(3);
    story.push((25, ended(Leg::Rep, end, 0)));
    story
}

fn answered_by_machine(seconds: u32) -> Story {
    let mut story = prospect_ends(LegEnd::Completed, seconds);
    story.insert(8, (20, step(Leg::Prospect, Step::Judged { by: AnsweredBy::Machine })));
    story
}

fn reps_mailbox() -> Story {
    let mut story = rep_answers();
    story.push((9, step(Leg::Rep, Step::Judged { by: AnsweredBy::Machine })));
    story.push((14, ended(Leg::Rep, LegEnd::Completed, 8)));
    story
}

fn event(dial: &Dial, (at, what): &(i64, What)) -> DialEvent {
    DialEvent { dial: dial.id, at: second(*at), what: what.clone() }
}

fn play(story: &Story) -> Dial {
    story.iter().fold(dial(1), |dial, line| {
        let event = event(&dial, line);
        dial.apply(&event)
    })
}

fn end_of(dial: &Dial) -> (End, u32) {
    match dial.state() {
        DialState::Ended { end, talk_seconds, .. } => (end, talk_seconds),
        other => panic!("not ended: {other:?}"),
    }
}

/// One story of each kind, with its end, the seconds of talk and the outcome to suggest.
fn stories() -> Vec<(&'static str, Story, End, u32, Option<Outcome>)> {
    let unknown = End::Answered { by: AnsweredBy::Unknown };
    let machine = End::Answered { by: AnsweredBy::Machine };
    let mut failed = prospect_ends(LegEnd::Failed, 0);
    failed[7].1 =
        step(Leg::Prospect, Step::Ended { end: LegEnd::Failed, seconds: None, sip: Some(404) });
    let mut unjoined = prospect_ends(LegEnd::Completed, 3);
    unjoined[9].1 = What::Bridged {
        prospect: None,
        end: LegEnd::Completed,
        seconds: Some(3),
        joined: Some(false),
    };
    let mut let_go = prospect_rings();
    let_go.push((15, ended(Leg::Rep, LegEnd::Completed, 9)));
    let mut called_off = rep_ends(LegEnd::Cancelled);
    called_off.insert(3, (24, What::HangUpAsked));
    let mut whisper_cut = rep_answers();
    whisper_cut.extend([(7, What::HangUpAsked), (8, ended(Leg::Rep, LegEnd::Completed, 2))]);
    let mut pressed_in_vain = rep_answers();
    pressed_in_vain.extend([
        (7, What::HangUpAsked),
        (8, What::Pressed),
        (9, ended(Leg::Rep, LegEnd::Completed, 3)),
    ]);
    let mut ours = rep_answers();
    ours.push((9, What::Pressed));
    ours.push((
        10,
        What::Bridged { prospect: None, end: LegEnd::Failed, seconds: None, joined: None },
    ));
    let refused = vec![(0, What::Refused { why: "the number is not valid".into() })];
    let lost = vec![(30, What::GivenUp)];
    let talk = |seconds| prospect_ends(LegEnd::Completed, seconds);
    vec![
        ("a talk", talk(184), unknown, 184, Some(Outcome::Connected)),
        ("a greeting heard to its end", talk(9), unknown, 9, Some(Outcome::Voicemail)),
        ("a machine", answered_by_machine(31), machine, 31, Some(Outcome::Voicemail)),
        (
            "a person with a machine's voice",
            answered_by_machine(300),
            machine,
            300,
            Some(Outcome::Connected),
        ),
        ("answered into silence", unjoined, unknown, 0, None),
        ("busy", prospect_ends(LegEnd::Busy, 0), End::Busy, 0, Some(Outcome::Busy)),
        (
            "no answer",
            prospect_ends(LegEnd::NoAnswer, 0),
            End::NoAnswer,
            0,
            Some(Outcome::NoAnswer),
        ),
        ("no such number", failed, End::Failed { sip: Some(404) }, 0, Some(Outcome::WrongNumber)),
        (
            "a network in trouble",
            prospect_ends(LegEnd::Failed, 0),
            End::Failed { sip: None },
            0,
            Some(Outcome::NoAnswer),
        ),
        ("the rep let go", let_go, End::LetGo, 0, Some(Outcome::NoAnswer)),
        ("the rep's mailbox", reps_mailbox(), End::RepUnconfirmed, 0, None),
        ("the rep did not answer", rep_ends(LegEnd::NoAnswer), End::RepNoAnswer, 0, None),
        ("the rep was busy", rep_ends(LegEnd::Busy), End::RepBusy, 0, None),
        ("the rep's phone is off", rep_ends(LegEnd::Failed), End::RepFailed, 0, None),
        ("called off while the rep's phone rang", called_off, End::CalledOff, 0, None),
        ("called off during the whisper", whisper_cut, End::CalledOff, 0, None),
        ("called off before the press", pressed_in_vain, End::CalledOff, 0, None),
        ("a fault of ours", ours, End::Failed { sip: None }, 0, None),
        ("refused", refused, End::Refused, 0, None),
        ("never placed", lost, End::Lost, 0, None),
    ]
}

#[test]
fn every_story_ends_as_it_was_lived_and_suggests_what_to_log() {
    for (name, story, end, talk, outcome) in stories() {
        let dial = play(&story);
        assert_eq!(end_of(&dial), (end, talk), "{name}");
        assert_eq!(dial.likely_outcome(), outcome, "{name}");
        assert!(!dial.is_live() && !dial.may_ring_prospect(), "{name}");
    }
}

#[test]
fn a_talk_is_followed_live_from_ring_to_hang_up() {
    let mut states = vec![dial(1).state()];
    let mut dial = dial(1);
    for line in prospect_ends(LegEnd::Completed, 60) {
        let event = event(&dial, &line);
        dial = dial.apply(&event);
        if states.last() != Some(&dial.state()) {
            states.push(dial.state());
        }
    }
    assert_eq!(
        states,
        [
            DialState::Requested,
            DialState::RepRinging,
            DialState::RepAnswered,
            DialState::ProspectRinging,
            DialState::Connected { since: second(18) },
            DialState::Ended {
                at: second(80),
                end: End::Answered { by: AnsweredBy::Unknown },
                talk_seconds: 60,
            },
        ]
    );
    assert_eq!(dial.call(), Some(&CallRef("CA-rep".into())));
    assert_eq!(dial.prospect_call(), Some(&CallRef("CA-prospect".into())));
}

#[test]
fn without_a_press_of_1_no_prospect_is_rung() {
    for keys in ["", "2", "11", "*1", "1#", " 1", "#", "0", "one"] {
        assert!(!Dial::confirms(keys), "{keys:?}");
    }
    assert!(Dial::confirms("1"));
    for end in 0..=reps_mailbox().len() {
        let dial = play(&reps_mailbox()[..end].to_vec());
        assert!(!dial.may_ring_prospect());
        assert_eq!(dial.prospect_rung_at(), None);
    }
}

#[test]
fn a_mailbox_on_the_reps_line_is_left_at_once_unless_somebody_pressed_1() {
    let mut story = reps_mailbox();
    story.pop();
    assert!(play(&story).met_reps_mailbox());
    story.push((10, What::Pressed));
    let dial = play(&story);
    assert!(!dial.met_reps_mailbox() && dial.may_ring_prospect());
}

#[test]
fn a_press_of_1_rings_the_prospect_unless_it_was_called_off_ended_or_given_up() {
    let pressed = {
        let mut story = rep_answers();
        story.push((9, What::Pressed));
        story
    };
    assert!(play(&pressed).may_ring_prospect());
    // The carrier repeats a request whose answer it did not get: the answer is the same.
    let mut again = pressed.clone();
    again.push((9, What::Pressed));
    assert!(play(&again).may_ring_prospect());
    for stop in [What::HangUpAsked, What::GivenUp, ended(Leg::Rep, LegEnd::Completed, 3)] {
        for place in 0..=pressed.len() {
            let mut story = pressed.clone();
            story.insert(place, (10, stop.clone()));
            assert!(!play(&story).may_ring_prospect(), "{stop:?} at {place}");
        }
    }
}

#[test]
fn a_rep_who_rang_off_first_ends_the_dial_and_later_events_only_tell_more() {
    let mut story = prospect_ends(LegEnd::Completed, 42);
    let rep = story.pop().expect("the rep's end");
    story.truncate(8);
    story.push((61, rep.1));
    let dial = play(&story);
    assert_eq!(end_of(&dial), (End::Answered { by: AnsweredBy::Unknown }, 43));
    story.push((60, ended(Leg::Prospect, LegEnd::Completed, 42)));
    assert_eq!(end_of(&play(&story)).1, 42);
}

#[test]
fn the_prospects_phone_rang_when_they_were_busy_but_not_when_their_number_failed() {
    for (name, rang) in [
        ("a talk", true),
        ("busy", true),
        ("no answer", true),
        ("the rep let go", true),
        ("the rep's mailbox", false),
        ("the rep did not answer", false),
        ("refused", false),
        ("never placed", false),
        ("called off during the whisper", false),
    ] {
        let (_, story, ..) =
            stories().into_iter().find(|(known, ..)| *known == name).expect("a story");
        assert_eq!(play(&story).as_last(None).is_some(), rang, "{name}");
    }
    // A failure whose ringing was reported did ring; one without did not.
    let mut unrung = prospect_ends(LegEnd::Failed, 0);
    unrung.remove(6);
    assert_eq!(play(&unrung).prospect_rung_at(), None);
    // Without any event of the prospect's leg, the report on the joining is enough.
    let story: Story = vec![(9, What::Pressed), (30, bridged(LegEnd::Busy, 0))];
    assert_eq!(play(&story).prospect_rung_at(), Some(second(9)));
}

#[test]
fn the_last_dial_tells_what_was_logged_before_what_is_likely() {
    let dial = play(&prospect_ends(LegEnd::Busy, 0));
    assert_eq!(dial.as_last(None).and_then(|last| last.outcome), Some(Outcome::Busy));
    let last = dial.as_last(Some(Outcome::OptedOut)).expect("it rang");
    assert_eq!((last.outcome, last.at), (Some(Outcome::OptedOut), second(11)));
}

#[test]
fn a_silent_dial_is_asked_about_in_every_state_and_an_ended_one_never() {
    let patience = Patience {
        ring_rep: SignedDuration::from_secs(25),
        ring_prospect: SignedDuration::from_secs(30),
        talk: SignedDuration::from_hours(1),
    };
    let story = prospect_ends(LegEnd::Completed, 60);
    for (events, ask) in [
        (0, Some(30)),        // no answer from the carrier
        (1, Some(55)),        // taken
        (3, Some(55)),        // the rep's phone rings
        (4, Some(96)),        // the whisper
        (7, Some(69)),        // the prospect's phone rings
        (8, Some(18 + 3630)), // they talk
        (9, None),
    ] {
        let dial = play(&story[..events].to_vec());
        assert_eq!(dial.ask_at(&patience), ask.map(second), "after {events} events");
    }
}

#[test]
fn an_event_of_another_dial_or_from_before_the_request_changes_nothing_it_should_not() {
    let (one, other) = (dial(1), dial(2));
    let event = event(&other, &(3, What::Pressed));
    assert_eq!(one.clone().apply(&event), one);
    let early = DialEvent { dial: one.id, at: second(-5), what: What::Pressed };
    let on_time = DialEvent { dial: one.id, at: second(0), what: What::Pressed };
    assert_eq!(one.clone().apply(&early), one.apply(&on_time));
}

#[test]
fn a_dial_is_stored_and_read_back_whole() {
    for (name, story, ..) in stories() {
        let dial = play(&story);
        let json = serde_json::to_string(&dial).expect("serialises");
        assert_eq!(serde_json::from_str::<Dial>(&json).expect("reads back"), dial, "{name}");
        for (_, what) in story {
            let event = DialEvent { dial: dial.id, at: second(1), what };
            let json = serde_json::to_string(&event).expect("serialises");
            assert_eq!(serde_json::from_str::<DialEvent>(&json).expect("reads back"), event);
        }
    }
}

/// A small generator with a seed: the same shuffles every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.roll(end + 1));
        }
    }
}

/// The bar of issue 4: ten thousand events, one in ten told twice, shuffled within each call.
#[test]
fn ten_thousand_shuffled_and_repeated_events_leave_every_dial_as_the_ordered_ones_do() {
    let (stories, mut dice) = (stories(), Dice(4));
    let (mut events, mut repeated) = (0, 0);
    let mut kinds = std::collections::HashSet::new();
    for n in 0.. {
        let (name, story, ..) = &stories[dice.roll(stories.len())];
        kinds.insert(name);
        let ordered: Vec<DialEvent> = story.iter().map(|line| event(&dial(n), line)).collect();
        let mut told = ordered.clone();
        for event in &ordered {
            if dice.roll(10) == 0 {
                told.push(event.clone());
                repeated += 1;
            }
        }
        events += told.len();
        dice.shuffle(&mut told);
        let expected = ordered.iter().fold(dial(n), Dial::apply);
        let found = told.iter().fold(dial(n), Dial::apply);
        assert_eq!(found, expected, "{name}, told as {told:#?}");
        assert_eq!(found.state(), expected.state());
        if events >= 10_000 {
            break;
        }
    }
    assert_eq!(kinds.len(), stories.len());
    assert!((800..1_100).contains(&repeated), "{repeated}");
}

fn any_what() -> impl Strategy<Value = What> {
    let call = || prop::option::of("[a-c]".prop_map(CallRef));
    let end = || {
        prop_oneof![
            Just(LegEnd::Failed),
            Just(LegEnd::Cancelled),
            Just(LegEnd::NoAnswer),
            Just(LegEnd::Busy),
            Just(LegEnd::Completed),
        ]
    };
    let by =
        prop_oneof![Just(AnsweredBy::Unknown), Just(AnsweredBy::Person), Just(AnsweredBy::Machine)];
    let seconds = || prop::option::of(0u32..200);
    let step = prop_oneof![
        Just(Step::Started),
        Just(Step::Ringing),
        Just(Step::Answered),
        by.prop_map(|by| Step::Judged { by }),
        (end(), seconds(), prop::option::of(400u16..610))
            .prop_map(|(end, seconds, sip)| Step::Ended { end, seconds, sip }),
    ];
    prop_oneof![
        1 => "[a-c]".prop_map(|call| What::Placed { call: CallRef(call) }),
        1 => "[a-c]".prop_map(|why| What::Refused { why }),
        8 => (prop_oneof![Just(Leg::Rep), Just(Leg::Prospect)], call(), step)
            .prop_map(|(leg, call, step)| What::Leg { leg, call, step }),
        2 => Just(What::Pressed),
        2 => (call(), end(), seconds(), prop::option::of(any::<bool>()))
            .prop_map(|(prospect, end, seconds, joined)| What::Bridged { prospect, end, seconds, joined }),
        1 => Just(What::HangUpAsked),
        1 => Just(What::GivenUp),
    ]
}

fn rank(state: &DialState) -> u8 {
    match state {
        DialState::Requested => 0,
        DialState::RepRinging => 1,
        DialState::RepAnswered => 2,
        DialState::ProspectRinging => 3,
        DialState::Connected { .. } => 4,
        DialState::Ended { .. } => 5,
    }
}

proptest! {
    /// Even of events that make no sense together.
    #[test]
    fn any_events_in_any_order_any_number_of_times_are_one_dial(
        events in prop::collection::vec((-5i64..100, any_what()), 0..14), seed: u64,
    ) {
        let mut dice = Dice(seed);
        let mut told = events.clone();
        for line in &events {
            if dice.roll(3) == 0 {
                told.push(line.clone());
            }
        }
        dice.shuffle(&mut told);
        prop_assert_eq!(play(&told), play(&events));
    }

    #[test]
    fn a_dial_only_ever_moves_on_and_stays_ended(
        events in prop::collection::vec((0i64..100, any_what()), 0..14),
    ) {
        let mut dial = dial(1);
        for line in &events {
            let next = dial.clone().apply(&event(&dial, line));
            prop_assert!(rank(&next.state()) >= rank(&dial.state()), "{:?} to {:?}", dial.state(), next.state());
            dial = next;
        }
    }

    #[test]
    fn only_a_press_of_1_opens_the_way_to_the_prospect(
        events in prop::collection::vec((0i64..100, any_what()), 0..14),
    ) {
        let pressed = events.iter().any(|(_, what)| *what == What::Pressed);
        let stopped = events.iter().any(|(_, what)| matches!(
            what,
            What::HangUpAsked | What::GivenUp | What::Refused { .. } | What::Bridged { .. }
                | What::Leg { step: Step::Ended { .. }, .. }
        ));
        prop_assert_eq!(play(&events).may_ring_prospect(), pressed && !stopped);
    }
}
