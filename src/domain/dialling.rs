//! May this number be rung, now, by this rep? (requirements §5)
//!
//! Callback systems are attacked with numbers that cost their owner money: premium rate, 070, satellite, ranges that nobody
//! was given. So a number is rung only if its kind is known to be an ordinary one and its country is on the owner's list.
//! What concerns courtesy rather than money or law (the hour, a call just made) the rep may overrule by a confirmation.

mod numbers;
#[cfg(test)]
mod tests;
mod zones;

use std::fmt;

use jiff::{
    SignedDuration, Timestamp,
    civil::Time,
    tz::{TimeZone, TimeZoneDatabase},
};
use thiserror::Error;

use super::{
    contact::Contact,
    hours::Interval,
    outcome::Outcome,
    person::{Person, PersonRef},
    phone::{CallerId, Phone, PhoneKind, WithheldReason},
};

pub use numbers::{check_country, check_kind, country};

/// A prospect who was rung less than this long ago is rung again only on confirmation (requirements §5).
pub const RECENT: SignedDuration = SignedDuration::from_hours(1);

/// What the owner decided about dialling.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Region of numbers written without a country: ISO 3166 alpha-2.
    pub region: String,
    /// Where prospects may be rung: ISO 3166 alpha-2.
    pub countries: Vec<String>,
    /// When a prospect may be rung without a confirmation, on their own clock.
    pub civil_hours: Interval,
    /// The business's zone: the prospect's, where neither they nor their number tell another.
    pub home: TimeZone,
    /// Never a prospect's: a call to one would ring ourselves.
    pub own_numbers: Vec<Phone>,
}

/// How the rep means to make the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The carrier rings the rep's phone, then the prospect's.
    Bridge { carrier_ready: bool },
    /// The rep's own softphone or handset.
    ByHand,
}

/// The last time a phone of this prospect rang because of us. An attempt that never got beyond the rep's own phone is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastDial {
    pub by: PersonRef,
    pub at: Timestamp,
    /// What came of it, logged or likely.
    pub outcome: Option<Outcome>,
}

/// What the rep has already confirmed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// That the prospect may be rung outside civil hours.
    pub hours: bool,
    /// That they may be rung again so soon.
    pub recent: bool,
}

/// A rep's wish to ring a prospect.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub contact: &'a Contact,
    pub rep: &'a Person,
    pub via: Via,
    /// Who is on the phone to this prospect at this moment, if anybody.
    pub live: Option<&'a PersonRef>,
    pub last: Option<&'a LastDial>,
    pub confirmed: Confirmed,
}

/// What a rep must confirm to ring all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    Hours,
    Recent,
}

/// Why a prospect may not be rung, in words a rep understands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Barred {
    #[error("they asked never to be rung or texted again")]
    OptedOut,
    #[error("there is no number to ring: {0}")]
    Withheld(WithheldReason),
    #[error("this is one of our own numbers, not a prospect's")]
    OwnNumber,
    #[error("this is a premium-rate number, which charges whoever rings it")]
    PremiumRate,
    #[error("this is a shared-cost number (such as 084 or 087), which charges whoever rings it")]
    SharedCost,
    #[error("this is a personal number (such as 070), which is dear to ring and often a trap")]
    Personal,
    #[error("this is a satellite or global-network number, which is very dear to ring")]
    Satellite,
    #[error("this is a short code or a service, not a person's number")]
    ShortCode,
    #[error("this is a pager or a mailbox, which nobody answers")]
    NotAPhone,
    #[error("this number belongs to no range known to be in use: what it costs cannot be told")]
    Unassigned,
    #[error("numbers in {country} are not rung from here: the list allows {}", listed(.allowed))]
    Country { country: String, allowed: Vec<String> },
    #[error("this number takes no texts: only mobiles do")]
    NotTextable,
    #[error("no carrier is set up here to ring you both: dial by hand")]
    NoCarrier,
    #[error("there is no phone number for you here: have one added, or dial by hand")]
    RepWithoutPhone,
    #[error("your own phone cannot be rung from here: {0}")]
    RepPhone(Box<Barred>),
    #[error("{by} is on the phone to them now")]
    Live { by: String },
    #[error("{by} rang them {}: {}", ago(*.minutes), came_of_it(*.outcome))]
    Recent {
        by: String,
        /// Whole minutes since.
        minutes: i64,
        outcome: Option<Outcome>,
    },
    #[error("it is {clock} where they are: outside {civil}")]
    UncivilHours { clock: LocalClock, civil: Interval },
}

/// What the clock shows where a prospect is: one time, or two where their country is wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalClock {
    /// One for each zone they may be in, with its IANA name; never empty.
    pub shows: Vec<(Time, String)>,
}

impl Barred {
    /// The stable name of this refusal: the end of the problem's `type`.
    pub fn code(&self) -> &'static str {
        match self {
            Barred::OptedOut => "opted-out",
            Barred::Withheld(_) => "number-withheld",
            Barred::OwnNumber => "own-number",
            Barred::PremiumRate => "premium-rate-number",
            Barred::SharedCost => "shared-cost-number",
            Barred::Personal => "personal-number",
            Barred::Satellite => "satellite-number",
            Barred::ShortCode => "short-code",
            Barred::NotAPhone => "not-a-phone",
            Barred::Unassigned => "unassigned-number",
            Barred::Country { .. } => "country-not-allowed",
            Barred::NotTextable => "not-textable",
            Barred::NoCarrier => "no-carrier",
            Barred::RepWithoutPhone => "rep-without-phone",
            Barred::RepPhone(_) => "rep-phone-barred",
            Barred::Live { .. } => "dial-in-progress",
            Barred::Recent { .. } => "rung-recently",
            Barred::UncivilHours { .. } => "uncivil-hours",
        }
    }

    /// The confirmation that lifts it; `None` where nothing does.
    pub fn confirm(&self) -> Option<Confirm> {
        match self {
            Barred::Recent { .. } => Some(Confirm::Recent),
            Barred::UncivilHours { .. } => Some(Confirm::Hours),
            _ => None,
        }
    }
}

/// Whether the prospect may be rung at `now`: the number to ring if so.
///
/// # Errors
/// The first reason why not; those that no confirmation lifts come first.
pub fn check<'a>(wish: &Wish<'a>, rules: &Rules, now: Timestamp) -> Result<&'a Phone, Barred> {
    let phone = reachable(wish.contact, rules)?;
    if let Via::Bridge { carrier_ready } = wish.via {
        check_rep(wish.rep, carrier_ready, phone)?;
    }
    if let Some(by) = wish.live {
        return Err(Barred::Live { by: by.name.clone() });
    }
    if !wish.confirmed.recent {
        check_recent(wish.last, now)?;
    }
    if !wish.confirmed.hours {
        check_hours(wish.contact, phone, rules, now)?;
    }
    Ok(phone)
}

/// Whether the prospect may be texted: the number to text if so. Networks read a text to a landline out by voice, at any
/// hour, so only mobiles are texted.
///
/// # Errors
/// The reason why not. Nothing lifts it.
pub fn check_text<'a>(contact: &'a Contact, rules: &Rules) -> Result<&'a Phone, Barred> {
    let phone = reachable(contact, rules)?;
    match phone.kind() {
        PhoneKind::Mobile | PhoneKind::FixedOrMobile => Ok(phone),
        _ => Err(Barred::NotTextable),
    }
}

/// The number at which a prospect may be reached at all, now or ever.
fn reachable<'a>(contact: &'a Contact, rules: &Rules) -> Result<&'a Phone, Barred> {
    if contact.opted_out {
        return Err(Barred::OptedOut);
    }
    let phone = contact.phone().ok_or_else(|| no_number(contact, &rules.region))?;
    if rules.own_numbers.iter().any(|own| own.e164() == phone.e164()) {
        return Err(Barred::OwnNumber);
    }
    check_kind(phone)?;
    check_country(phone, &rules.countries)?;
    Ok(phone)
}

/// Why a contact has no number: what came in its place says it.
fn no_number(contact: &Contact, region: &str) -> Barred {
    match CallerId::read(contact.phone_as_received.as_deref().unwrap_or_default(), region) {
        CallerId::Withheld(WithheldReason::NotAPhone) => Barred::ShortCode,
        CallerId::Withheld(reason) => Barred::Withheld(reason),
        // It was taken away again: one of ours, or a merge.
        CallerId::Number(_) => Barred::Withheld(WithheldReason::Empty),
    }
}

/// Whether the carrier can ring the rep. Reps may be anywhere, but a number that costs money costs it on their leg too.
fn check_rep(rep: &Person, carrier_ready: bool, prospect: &Phone) -> Result<(), Barred> {
    if !carrier_ready {
        return Err(Barred::NoCarrier);
    }
    let phone = rep.phone.as_ref().ok_or(Barred::RepWithoutPhone)?;
    if phone.e164() == prospect.e164() {
        return Err(Barred::OwnNumber);
    }
    check_kind(phone).map_err(|barred| Barred::RepPhone(Box::new(barred)))
}

fn check_recent(last: Option<&LastDial>, now: Timestamp) -> Result<(), Barred> {
    let Some(last) = last else { return Ok(()) };
    let since = now.duration_since(last.at);
    if since >= RECENT {
        return Ok(());
    }
    Err(Barred::Recent {
        by: last.by.name.clone(),
        minutes: since.as_mins().max(0),
        outcome: last.outcome,
    })
}

fn check_hours(
    contact: &Contact,
    phone: &Phone,
    rules: &Rules,
    now: Timestamp,
) -> Result<(), Barred> {
    let clock = local_clock(contact, phone, &rules.home, now);
    if clock.shows.iter().all(|(time, _)| rules.civil_hours.contains(*time)) {
        return Ok(());
    }
    Err(Barred::UncivilHours { clock, civil: rules.civil_hours })
}

/// What the clock shows where the prospect is: in the zone they told, else in their number's country, else at home.
pub fn local_clock(
    contact: &Contact,
    phone: &Phone,
    home: &TimeZone,
    now: Timestamp,
) -> LocalClock {
    let shows = prospect_zones(contact, phone, home)
        .into_iter()
        .map(|zone| {
            let name = zone.iana_name().unwrap_or_default().to_owned();
            (now.to_zoned_datetime(zone).time(), name)
        })
        .collect();
    LocalClock { shows }
}

fn prospect_zones(contact: &Contact, phone: &Phone, home: &TimeZone) -> Vec<TimeZone> {
    // The zones compiled in: a rule reads no files.
    let known = TimeZoneDatabase::bundled();
    let read = |name: &str| known.get(name).ok().filter(|zone| !zone.is_unknown());
    if let Some(told) = contact.timezone.as_deref().and_then(read) {
        return vec![told];
    }
    let by_country: Vec<TimeZone> =
        zones::of_country(&country(phone)).iter().filter_map(|name| read(name)).collect();
    if by_country.is_empty() { vec![home.clone()] } else { by_country }
}

impl fmt::Display for LocalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (time, zone)) in self.shows.iter().enumerate() {
            let before = if n == 0 { "" } else { " or " };
            write!(f, "{before}{:02}:{:02}", time.hour(), time.minute())?;
            if let Some(place) = zone.rsplit('/').next().filter(|place| !place.is_empty()) {
                write!(f, " ({})", place.replace('_', " "))?;
            }
        }
        Ok(())
    }
}

fn listed(countries: &[String]) -> String {
    match countries.split_last() {
        None => "none".into(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

fn ago(minutes: i64) -> String {
    match minutes {
        0 => "less than a minute ago".into(),
        1 => "a minute ago".into(),
        _ => format!("{minutes} minutes ago"),
    }
}

fn came_of_it(outcome: Option<Outcome>) -> &'static str {
    outcome.map_or("nothing is noted of it yet", Outcome::in_words)
}
