//! `[business]`: who we are, when we are open, and which numbers are ours.

use std::collections::BTreeSet;

use jiff::{
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::domain::{
    holidays::{self, Nation},
    hours::{Calendar, Interval, Week},
    phone::Phone,
};

use super::{
    read::{Section, read_beside},
    tree::Node,
    values,
};

/// The business itself.
#[derive(Clone, Debug)]
pub struct Business {
    /// As prospects hear and read it.
    pub name: String,
    pub timezone: TimeZone,
    /// Region of numbers written without a country: ISO 3166 alpha-2.
    pub country: String,
    pub bank_holidays: Nation,
    /// The bank holidays of that nation, built in or from the file that was named.
    pub holidays: BTreeSet<Date>,
    /// Other days off.
    pub closures: BTreeSet<Date>,
    pub hours: Week,
    /// Our own phone numbers: never a prospect's identity (requirements §1).
    pub numbers: Vec<Phone>,
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Business {
    pub(super) fn read(section: &Section<'_>) -> Business {
        let country = section.get("country", values::country).unwrap_or_else(|| "GB".into());
        let nations = Nation::ALL.map(|nation| (nation.as_str(), nation));
        let bank_holidays =
            section.get("bank_holidays", |node| values::word(node, &nations)).unwrap_or_default();
        Business {
            name: section.get("name", values::name).unwrap_or_else(|| "Our business".into()),
            timezone: section.get("timezone", values::time_zone).unwrap_or_else(london),
            bank_holidays,
            holidays: section
                .get("bank_holidays_file", |node| from_file(node, bank_holidays))
                .unwrap_or_else(|| holidays::dates(bank_holidays)),
            closures: section
                .list("closures", values::date)
                .unwrap_or_default()
                .into_iter()
                .collect(),
            hours: week(section),
            numbers: section
                .list("numbers", |node| values::phone(node, &country))
                .unwrap_or_default(),
            country,
        }
    }

    /// The calendar that every clock of the business runs on.
    pub fn calendar(&self) -> Calendar {
        let closed = self.holidays.union(&self.closures).copied().collect();
        Calendar::new(self.timezone.clone(), self.hours.clone(), closed)
    }
}

fn london() -> TimeZone {
    // The zone is bundled with the program; without it, UTC is an hour off for half a year, and better than nothing.
    TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)
}

fn from_file(node: &Node, nation: Nation) -> Result<BTreeSet<Date>, String> {
    let text = read_beside(node)?;
    let holidays = holidays::parse(&text).map_err(|error| error.to_string())?;
    Ok(holidays.dates(nation))
}

/// The hours that are given; where none are, Monday to Friday nine to five.
fn week(business: &Section<'_>) -> Week {
    let section = business.section("hours");
    let mut week = Week::default();
    for (key, weekday) in DAYS {
        let intervals = section
            .list(key, |node| Interval::parse(node.text()?).map_err(|error| error.to_string()));
        if let Err(error) = week.set(weekday, intervals.unwrap_or_default()) {
            section.fault(key, error.to_string());
        }
    }
    if !section.is_given() {
        return Week::mon_to_fri(9, 17);
    }
    if week.never_opens() {
        let problem = "no day has opening hours, so every call counts as after hours and no clock ever starts";
        business.warn("hours", problem.into());
    }
    week
}
