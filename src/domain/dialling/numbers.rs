//! Which numbers may be rung at all, by what they cost and where they are.

use super::Barred;
use crate::domain::phone::{CallerId, Phone, PhoneKind};

/// Country codes that belong to no country: networks in the sky and at sea, and services that span the world (ITU list of
/// assigned codes).
const SATELLITES: [&str; 6] = ["870", "881", "882", "883", "888", AUSTRALIAN_SATELLITES];
/// The library takes these for internet telephony.
const AUSTRALIAN_SATELLITES: &str = "61147";
const WORLD_PERSONAL: &str = "878";
const WORLD_SHARED_COST: &str = "808";
const WORLD_PREMIUM: &str = "979";

/// The Crown dependencies' ranges within +44 of which the library knows only a part: the whole of each is theirs, and an
/// allow list must name them on purpose.
const CROWN_DEPENDENCIES: [(&str, &str); 4] =
    [("441481", "GG"), ("441534", "JE"), ("441624", "IM"), ("447624", "IM")];

/// Whether a number of this kind may be rung, wherever it is.
///
/// # Errors
/// The kind that bars it.
pub fn check_kind(phone: &Phone) -> Result<(), Barred> {
    let digits = digits(phone);
    if SATELLITES.iter().any(|code| digits.starts_with(code)) {
        return Err(Barred::Satellite);
    }
    if !reaches_a_person(phone) {
        return Err(Barred::ShortCode);
    }
    if digits.starts_with(WORLD_PERSONAL) {
        return Err(Barred::Personal);
    }
    if digits.starts_with(WORLD_SHARED_COST) {
        return Err(Barred::SharedCost);
    }
    if digits.starts_with(WORLD_PREMIUM) {
        return Err(Barred::PremiumRate);
    }
    match phone.kind() {
        PhoneKind::Mobile
        | PhoneKind::Landline
        | PhoneKind::FixedOrMobile
        | PhoneKind::TollFree
        | PhoneKind::Voip
        | PhoneKind::Uan => Ok(()),
        // The library calls 084 and 087 premium rate; people know them apart from 09, and so does Ofcom.
        PhoneKind::PremiumRate if digits.starts_with("448") => Err(Barred::SharedCost),
        PhoneKind::PremiumRate => Err(Barred::PremiumRate),
        PhoneKind::SharedCost => Err(Barred::SharedCost),
        PhoneKind::Personal => Err(Barred::Personal),
        PhoneKind::Pager | PhoneKind::Voicemail => Err(Barred::NotAPhone),
        PhoneKind::Unknown => Err(Barred::Unassigned),
    }
}

/// Whether the number is in a country on the list.
///
/// # Errors
/// The country, and the list.
pub fn check_country(phone: &Phone, allowed: &[String]) -> Result<(), Barred> {
    let country = country(phone);
    if allowed.iter().any(|code| code.eq_ignore_ascii_case(&country)) {
        return Ok(());
    }
    Err(Barred::Country { country, allowed: allowed.to_vec() })
}

/// The country a number is in: ISO 3166, or `001` for none.
pub fn country(phone: &Phone) -> String {
    CROWN_DEPENDENCIES
        .iter()
        .find(|(range, _)| digits(phone).starts_with(range))
        .map(|(_, country)| (*country).to_owned())
        .or_else(|| phone.region())
        .unwrap_or_else(|| "001".into())
}

/// Whether the number, read again, is still one that a person can have: numbers stored under older rules, or put together
/// by hand (`+44999`), need not be.
fn reaches_a_person(phone: &Phone) -> bool {
    // With a plus the region does not matter.
    CallerId::read(phone.e164(), "GB").number().is_some_and(|read| read.e164() == phone.e164())
}

fn digits(phone: &Phone) -> &str {
    phone.e164().trim_start_matches('+')
}
