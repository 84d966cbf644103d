//! UK bank holidays by nation (requirements §3).
//!
//! The built-in dates, 2025 to 2035, are `assets/bank-holidays.json`, in the format of GOV.UK's
//! <https://www.gov.uk/bank-holidays.json>, which is published under the Open Government Licence v3.0
//! (<https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/>). A proclamation can add or move a
//! holiday, so an installation may replace the built-in file by a newer one in the same format. Where a holiday falls
//! on a weekend, both that day and its substitute are in the file, and both are closed.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

const BUILT_IN: &str = include_str!("../../assets/bank-holidays.json");

/// Whose bank holidays the business keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nation {
    #[default]
    EnglandAndWales,
    Scotland,
    NorthernIreland,
    /// Open on bank holidays.
    None,
}

impl Nation {
    pub const ALL: [Nation; 4] =
        [Nation::EnglandAndWales, Nation::Scotland, Nation::NorthernIreland, Nation::None];

    /// As it is written in the configuration and in GOV.UK's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Nation::EnglandAndWales => "england-and-wales",
            Nation::Scotland => "scotland",
            Nation::NorthernIreland => "northern-ireland",
            Nation::None => "none",
        }
    }
}

/// The bank holidays of the three nations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holidays {
    england_and_wales: BTreeSet<Date>,
    scotland: BTreeSet<Date>,
    northern_ireland: BTreeSet<Date>,
}

/// Why a file is not a bank-holiday file.
#[derive(Debug, Error)]
pub enum HolidayError {
    #[error("not a bank-holiday file in the format of https://www.gov.uk/bank-holidays.json: {0}")]
    Format(#[from] serde_json::Error),
    #[error("the bank-holiday file has no dates for {}", .0.as_str())]
    NoDates(Nation),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    england_and_wales: Division,
    scotland: Division,
    northern_ireland: Division,
}

#[derive(Deserialize)]
struct Division {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    date: Date,
}

impl Holidays {
    /// The dates that come with the program.
    pub fn built_in() -> Holidays {
        #[expect(clippy::expect_used, reason = "the embedded file cannot change at run time")]
        parse(BUILT_IN).expect("the embedded file is parsed by this module's tests")
    }

    /// The days on which `nation` has a bank holiday; none for [`Nation::None`].
    pub fn dates(&self, nation: Nation) -> BTreeSet<Date> {
        match nation {
            Nation::EnglandAndWales => self.england_and_wales.clone(),
            Nation::Scotland => self.scotland.clone(),
            Nation::NorthernIreland => self.northern_ireland.clone(),
            Nation::None => BTreeSet::new(),
        }
    }
}

/// The built-in bank holidays of `nation`.
pub fn dates(nation: Nation) -> BTreeSet<Date> {
    Holidays::built_in().dates(nation)
}

/// Reads a file in GOV.UK's format. Titles, notes and whatever else it holds are not looked at.
///
/// # Errors
/// Text that is not JSON, lacks a nation or a date (with line and column), or has a nation without any date: an
/// emptied file would open the desk on Christmas Day.
pub fn parse(json: &str) -> Result<Holidays, HolidayError> {
    let file: File = serde_json::from_str(json)?;
    let dates = |nation, division: Division| {
        let dates: BTreeSet<Date> = division.events.into_iter().map(|event| event.date).collect();
        if dates.is_empty() { Err(HolidayError::NoDates(nation)) } else { Ok(dates) }
    };
    Ok(Holidays {
        england_and_wales: dates(Nation::EnglandAndWales, file.england_and_wales)?,
        scotland: dates(Nation::Scotland, file.scotland)?,
        northern_ireland: dates(Nation::NorthernIreland, file.northern_ireland)?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_nation_keeps_its_own_days() {
        for (day, england_and_wales, scotland, northern_ireland) in [
            (date(2026, 12, 25), true, true, true),
            (date(2026, 1, 2), false, true, false), // the second day of the Scottish New Year
            (date(2026, 4, 6), true, false, true),  // Easter Monday
            (date(2026, 3, 17), false, false, true), // St Patrick
            (date(2026, 7, 13), false, false, true), // Battle of the Boyne, substitute day
            (date(2026, 11, 30), false, true, false), // St Andrew
            (date(2026, 8, 31), true, false, true), // late summer
            (date(2026, 8, 3), false, true, false), // Scotland's summer holiday is the first Monday
            (date(2026, 12, 28), true, true, true), // Boxing Day 2026 is a Saturday
            (date(2027, 12, 27), true, true, true), // Christmas Day 2027 is a Saturday
            (date(2026, 11, 24), false, false, false), // an ordinary Tuesday
        ] {
            assert_eq!(dates(Nation::EnglandAndWales).contains(&day), england_and_wales, "{day}");
            assert_eq!(dates(Nation::Scotland).contains(&day), scotland, "{day}");
            assert_eq!(dates(Nation::NorthernIreland).contains(&day), northern_ireland, "{day}");
            assert!(!dates(Nation::None).contains(&day), "{day}");
        }
    }

    #[test]
    fn the_built_in_file_covers_every_year_up_to_2035_for_every_nation() {
        for nation in [Nation::EnglandAndWales, Nation::Scotland, Nation::NorthernIreland] {
            for year in 2025..=2035 {
                let days = dates(nation).into_iter().filter(|date| date.year() == year).count();
                assert!(days >= 8, "{} has {days} days in {year}", nation.as_str());
            }
        }
    }

    #[test]
    fn a_nation_is_written_alike_in_configuration_json_and_code() {
        for nation in Nation::ALL {
            let json = serde_json::to_string(&nation).unwrap();
            assert_eq!(json, format!("{:?}", nation.as_str()));
            assert_eq!(serde_json::from_str::<Nation>(&json).unwrap(), nation);
        }
    }

    #[test]
    fn a_newer_file_replaces_the_built_in_one() {
        let newer = r#"{
            "england-and-wales": {"division": "england-and-wales", "events": [
                {"title": "Coronation", "date": "2036-05-08", "notes": "", "bunting": true}]},
            "scotland": {"division": "scotland", "events": [
                {"title": "Coronation", "date": "2036-05-08", "notes": "", "bunting": true}]},
            "northern-ireland": {"division": "northern-ireland", "events": [
                {"title": "Coronation", "date": "2036-05-08", "notes": "", "bunting": true}]}
        }"#;
        let only = BTreeSet::from([date(2036, 5, 8)]);
        assert_eq!(parse(newer).unwrap().dates(Nation::Scotland), only);
    }

    #[test]
    fn a_file_that_is_something_else_says_what_is_wrong_and_where() {
        for (json, message) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            ("{}", "missing field `england-and-wales` at line 1 column 2"),
            (r#"{"england-and-wales": {"events": [{"date": "2026-02-30"}]}}"#, "column 55"),
        ] {
            let error = parse(json).unwrap_err().to_string();
            assert!(error.starts_with("not a bank-holiday file"), "{error}");
            assert!(error.contains(message), "{error}");
        }
        let empty = r#"{"england-and-wales": {"events": [{"date": "2026-12-25"}]},
            "scotland": {"events": []}, "northern-ireland": {"events": []}}"#;
        assert_eq!(
            parse(empty).unwrap_err().to_string(),
            "the bank-holiday file has no dates for scotland"
        );
    }
}
