//! Who is calling: one number, one person (requirements §1).
//!
//! Every way of writing a number comes out as the same E.164, and nothing is rejected: what cannot
//! be a person's number is a [`CallerId::Withheld`] with its reason. This is the only file that
//! knows `rlibphonenumber`.

mod scan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region,
    ValidationError,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use scan::Scanned;

/// A telephone number in E.164, with the extension to dial after the answer kept apart.
///
/// On the wire, and in [`Display`](fmt::Display), `+447700900123` or `+442079460958;ext=12`.
/// The identity of a contact is [`e164`](Phone::e164) alone: the extension is how to reach the
/// person, not who they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone {
    e164: String,
    extension: Option<String>,
}

/// What sort of number it is, for the rules of dialling (requirements §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneKind {
    Mobile,
    Landline,
    FixedOrMobile,
    TollFree,
    PremiumRate,
    SharedCost,
    Personal,
    Voip,
    Pager,
    Uan,
    Voicemail,
    Unknown,
}

/// Who a number given by a carrier, a form or a caller belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallerId {
    /// A number that a person can be rung on.
    Number(Phone),
    /// Nobody in particular: two withheld callers are never the same contact.
    Withheld(WithheldReason),
}

/// Why a caller id stands for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithheldReason {
    /// Nothing was given.
    Empty,
    /// It says so: anonymous, restricted, unavailable, unknown, private, withheld, blocked.
    Anonymous,
    /// One of the numbers that a carrier puts in place of a withheld one.
    CarrierSubstitute,
    /// Fewer digits than any number of that country has, or a local number without its area code.
    TooShort,
    /// More digits than any number of that country has.
    TooLong,
    /// Words, but none that says "withheld", and no number.
    NoDigits,
    /// Digits that reach no person: 999, 1471, a short code, a country code that does not exist.
    NotAPhone,
}

impl fmt::Display for WithheldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no number was given",
            Self::Anonymous => "the caller withheld the number",
            Self::CarrierSubstitute => "the carrier's stand-in for a withheld number",
            Self::TooShort => "too short to be a phone number",
            Self::TooLong => "too long to be a phone number",
            Self::NoDigits => "there is no number in it",
            Self::NotAPhone => "a short code or service, not a person's number",
        })
    }
}

/// A text that is not a [`Phone`]'s wire form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is written +447700900123, or +442079460958;ext=12 with an extension")]
pub struct NotAPhoneShape;

/// What carriers send for a withheld number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
/// UNAVAILABLE typed on a keypad (requirements §1).
const CARRIER_SUBSTITUTES: [&str; 5] =
    ["266696687", "7378742833", "2562533", "8656696", "86282452253"];

/// Numbers up to this long, dialled without a country code, are services: 999, 1471, 60000, 118118.
const LONGEST_SHORT_CODE: usize = 6;

/// Most digits of a country code (3) and a national number (17 in `rlibphonenumber`) together.
const MOST_DIGITS: usize = 20;

impl CallerId {
    /// Reads a caller id as it came, in any form people and carriers write it.
    ///
    /// `region` is the ISO country of numbers that do not name their own (an unknown one counts as
    /// `GB`). Numbers that are possible but not assigned, such as `+447700900123`, are numbers.
    pub fn read(text: &str, region: &str) -> CallerId {
        match read_number(text, region) {
            Ok(phone) => CallerId::Number(phone),
            Err(WithheldReason::CarrierSubstitute) => {
                CallerId::Withheld(WithheldReason::CarrierSubstitute)
            }
            Err(_) if scan::says_withheld(text) => CallerId::Withheld(WithheldReason::Anonymous),
            Err(reason) => CallerId::Withheld(reason),
        }
    }

    /// The number, if there is one.
    pub fn number(&self) -> Option<&Phone> {
        match self {
            CallerId::Number(phone) => Some(phone),
            CallerId::Withheld(_) => None,
        }
    }
}

fn read_number(text: &str, region: &str) -> Result<Phone, WithheldReason> {
    let region = known_region(region);
    let scanned = scan::scan(text);
    if let Some(letters) = &scanned.vanity
        && let Some(e164) = dial_letters(letters, region)
    {
        return Ok(Phone { e164, extension: None });
    }
    if scanned.digits.is_empty() {
        let empty = text.chars().all(|c| c.is_whitespace() || c.is_control());
        return Err(if empty { WithheldReason::Empty } else { WithheldReason::NoDigits });
    }
    if is_substitute(&scanned) {
        return Err(WithheldReason::CarrierSubstitute);
    }
    match scanned.digits.len() {
        0..=2 => return Err(WithheldReason::TooShort),
        3..=LONGEST_SHORT_CODE if !scanned.plus => return Err(WithheldReason::NotAPhone),
        n if n > MOST_DIGITS => return Err(WithheldReason::TooLong),
        _ => {}
    }
    let e164 = settle(&scanned, region)?;
    Ok(Phone { e164, extension: scanned.extension })
}

fn known_region(code: &str) -> Region {
    Region::from_code(code)
        .ok()
        .filter(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(*region).is_some())
        .unwrap_or(Region::GB)
}

/// `0800 REVERSE` and the like. Only where it gives a number that exists: letters beside digits
/// are far more often a remark than a number to spell.
fn dial_letters(letters: &str, region: Region) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(letters, Some(region)).ok()?;
    PHONE_NUMBER_UTIL.is_valid_number(&number).then(|| e164_of(&number))
}

fn is_substitute(scanned: &Scanned) -> bool {
    let digits = scanned.digits.as_str();
    let bare = digits.strip_prefix("00").unwrap_or(digits);
    CARRIER_SUBSTITUTES.contains(&bare)
}

/// The E.164 of digits, such that reading it again gives the same.
fn settle(scanned: &Scanned, region: Region) -> Result<String, WithheldReason> {
    // No country code begins with 0: the plus of "+07700 900123" was put there by a form.
    let international = scanned.plus && !scanned.digits.starts_with('0');
    let mut number = if international {
        parse(&format!("+{}", scanned.digits), region)?
    } else {
        parse(&scanned.digits, region)?
    };
    let mut e164 = e164_of(&number);
    // Some texts carry the trunk prefix twice (`+44 00 7700 900123`): each reading takes one off.
    for _ in 0..MOST_DIGITS {
        if stays_as_it_is(&number) {
            break;
        }
        number = parse(&e164, region)?;
        let again = e164_of(&number);
        if again == e164 {
            break;
        }
        e164 = again;
    }
    is_possible(&number)?;
    if CARRIER_SUBSTITUTES.contains(&&e164[1..]) {
        return Err(WithheldReason::CarrierSubstitute);
    }
    Ok(e164)
}

/// Whether a second reading would surely leave the number alone. Every prefix that reading takes
/// off a British number begins with 0 or 1; for other countries we look (1.7 µs).
fn stays_as_it_is(number: &PhoneNumber) -> bool {
    number.country_code == 44
        && !number.italian_leading_zero()
        && !number.national_number.to_string().starts_with('1')
}

fn parse(digits: &str, region: Region) -> Result<PhoneNumber, WithheldReason> {
    use rlibphonenumber::ParseError::*;
    PHONE_NUMBER_UTIL.parse(digits, Some(region)).map_err(|error| match error {
        TooShortAfterIdd | TooShortNsn => WithheldReason::TooShort,
        TooLongNsn => WithheldReason::TooLong,
        InvalidCountryCode | NotANumber(_) => WithheldReason::NotAPhone,
    })
}

/// Whether the number has as many digits as numbers of its country have.
fn is_possible(number: &PhoneNumber) -> Result<(), WithheldReason> {
    let possible = PHONE_NUMBER_UTIL.is_possible_number_with_reason(number);
    match possible {
        Ok(NumberLengthType::IsPossible) if !reaches_nobody(number) => Ok(()),
        // Without its area code the number is somebody else's in the next town.
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
            let digits = number.get_national_significant_number().len();
            Err(if digits <= LONGEST_SHORT_CODE {
                WithheldReason::NotAPhone
            } else {
                WithheldReason::TooShort
            })
        }
        Err(ValidationError::TooLong) => Err(WithheldReason::TooLong),
        Ok(_) | Err(_) => Err(WithheldReason::NotAPhone),
    }
}

/// Nothing but noughts, or a British number that begins with the digit one dials before numbers.
/// (Italy's do begin with 0; Italy has no trunk prefix.)
fn reaches_nobody(number: &PhoneNumber) -> bool {
    number.national_number == 0 || (number.country_code == 44 && number.italian_leading_zero())
}

fn e164_of(number: &PhoneNumber) -> String {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned()
}

impl Phone {
    /// The number, `+` and digits only: the key that finds a contact.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The digits to dial once the call is answered.
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// The number as people in `region` (ISO country) write it: `07700 900123` at home,
    /// `+33 1 23 45 67 89` abroad; an extension follows as ` ext 12`.
    pub fn national_display(&self, region: &str) -> String {
        let Some(number) = self.parsed() else { return self.with_extension(&self.e164) };
        let home = Region::from_code(region)
            .ok()
            .and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region));
        let format = if home == Some(number.country_code) {
            PhoneNumberFormat::National
        } else {
            PhoneNumberFormat::International
        };
        self.with_extension(&PHONE_NUMBER_UTIL.format(&number, format))
    }

    fn with_extension(&self, number: &str) -> String {
        match &self.extension {
            Some(extension) => format!("{number} ext {extension}"),
            None => number.to_owned(),
        }
    }

    /// The ISO country the number belongs to (`GB`, `JE`, `FR`), or `001` for one that belongs to
    /// none (satellite and global networks). A number outside the assigned ranges counts to the
    /// main country of its code.
    pub fn region(&self) -> Option<String> {
        let number = self.parsed()?;
        PHONE_NUMBER_UTIL
            .get_region_for_number(&number)
            .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(number.country_code))
            .map(|region| region.to_string())
    }

    /// What sort of number it is.
    ///
    /// British numbers outside the assigned ranges, such as those kept for drama, are judged by
    /// Ofcom's plan: 09 costs a premium whether or not it is in service.
    pub fn kind(&self) -> PhoneKind {
        let Some(number) = self.parsed() else { return PhoneKind::Unknown };
        match PHONE_NUMBER_UTIL.get_number_type(&number) {
            PhoneNumberType::Mobile => PhoneKind::Mobile,
            PhoneNumberType::FixedLine => PhoneKind::Landline,
            PhoneNumberType::FixedLineOrMobile => PhoneKind::FixedOrMobile,
            PhoneNumberType::TollFree => PhoneKind::TollFree,
            PhoneNumberType::PremiumRate => PhoneKind::PremiumRate,
            PhoneNumberType::SharedCost => PhoneKind::SharedCost,
            PhoneNumberType::PersonalNumber => PhoneKind::Personal,
            PhoneNumberType::VoIP => PhoneKind::Voip,
            PhoneNumberType::Pager => PhoneKind::Pager,
            PhoneNumberType::UAN => PhoneKind::Uan,
            PhoneNumberType::VoiceMail => PhoneKind::Voicemail,
            PhoneNumberType::Unknown => self.e164.strip_prefix("+44").map_or_else(
                || PhoneKind::Unknown,
                |national| british_kind_by_range(national.as_bytes()),
            ),
        }
    }

    /// The link that opens a softphone: `tel:+442079460958;ext=12` (RFC 3966).
    pub fn tel_uri(&self) -> String {
        format!("tel:{self}")
    }

    fn parsed(&self) -> Option<PhoneNumber> {
        PHONE_NUMBER_UTIL.parse(&self.e164, None).ok()
    }
}

/// Ofcom's National Telephone Numbering Plan, by the first digits after +44.
fn british_kind_by_range(national: &[u8]) -> PhoneKind {
    match national {
        [b'1' | b'2', ..] => PhoneKind::Landline,
        [b'3', ..] => PhoneKind::Uan,
        [b'5', b'5' | b'6', ..] => PhoneKind::Voip,
        [b'7', b'0', ..] => PhoneKind::Personal,
        // 07624 is the Isle of Man's mobile range in the middle of the pagers'.
        [b'7', b'6', b'2', b'4', ..] => PhoneKind::Mobile,
        [b'7', b'6', ..] => PhoneKind::Pager,
        [b'7', b'1'..=b'9', ..] => PhoneKind::Mobile,
        [b'8', b'0', ..] => PhoneKind::TollFree,
        [b'8', ..] => PhoneKind::SharedCost,
        [b'9', ..] => PhoneKind::PremiumRate,
        _ => PhoneKind::Unknown,
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)?;
        match &self.extension {
            Some(extension) => write!(f, ";ext={extension}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Phone {
    type Err = NotAPhoneShape;

    /// Reads the wire form back. The shape is checked, not the numbering plan: what was stored
    /// under older metadata stays readable.
    fn from_str(text: &str) -> Result<Phone, NotAPhoneShape> {
        let (e164, extension) = match text.split_once(";ext=") {
            Some((e164, extension)) => (e164, Some(extension)),
            None => (text, None),
        };
        let digits = e164.strip_prefix('+').ok_or(NotAPhoneShape)?;
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let number_fits = (3..=MOST_DIGITS).contains(&digits.len())
            && !digits.starts_with('0')
            && all_digits(digits);
        let extension_fits = extension
            .is_none_or(|e| (1..=scan::LONGEST_EXTENSION).contains(&e.len()) && all_digits(e));
        if !number_fits || !extension_fits {
            return Err(NotAPhoneShape);
        }
        Ok(Phone { e164: e164.to_owned(), extension: extension.map(str::to_owned) })
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.extension {
            Some(_) => serializer.collect_str(self),
            None => serializer.serialize_str(&self.e164),
        }
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Phone, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Phone;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a phone number such as \"+447700900123\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Phone, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}
