//! Twilio's error codes, by what is to be done about them.

use crate::carrier::Why;

/// Why something was refused or failed.
pub(super) fn why(code: Option<u32>) -> Why {
    let Some(code) = code else { return Why::Other };
    match code {
        13_223 | 13_224 | 21_211 | 21_214 | 21_217 | 30_005 => Why::BadNumber,
        13_227 | 21_203 | 21_215 | 21_408 => Why::CountryClosed,
        13_225 | 21_202 | 21_216 | 30_004 | 30_007 | 30_450 => Why::Blocked,
        21_219 | 21_608 => Why::Trial,
        13_214 | 13_247 | 21_201 | 21_205 | 21_210 | 21_212 | 21_213 | 21_264..=21_267 => {
            Why::Configuration
        }
        21_602..=21_604 | 21_606 | 21_609 | 21_612 | 21_617 | 21_703 | 30_034 | 30_040 => {
            Why::Configuration
        }
        21_610 => Why::OptedOut,
        21_614 | 21_635 | 30_006 => Why::NotTextable,
        20_404 | 21_220 => Why::Over,
        10_004 | 20_500 | 20_503 | 21_611 | 30_003 | 30_008 | 30_410 | 30_500 => Why::Temporary,
        _ => Why::Other,
    }
}

/// Codes after which nothing will be done for us until somebody sees to the account.
pub(super) fn is_about_the_account(code: Option<u32>) -> bool {
    matches!(code, Some(10_001 | 20_003 | 20_005 | 20_403 | 70_051))
}

/// What a person reads of it; `None` where Twilio's own words must do.
pub(super) fn in_words(code: Option<u32>) -> Option<&'static str> {
    Some(match code? {
        10_001 | 20_005 | 20_403 => "the Twilio account is not active",
        20_003 => "Twilio does not accept the account SID and token",
        70_051 => "the Twilio key has no permission for this",
        13_227 | 21_203 | 21_215 => {
            "the Twilio account may not ring that country: allow it under Voice, Geographic Permissions"
        }
        21_408 => {
            "the Twilio account may not text that country: allow it under Messaging, Geographic Permissions"
        }
        13_223 | 13_224 | 21_211 | 21_214 | 21_217 => "Twilio says that the number does not exist",
        21_202 => "Twilio does not ring premium-rate numbers",
        13_225 | 21_216 | 30_004 | 30_450 => "Twilio blocks that number",
        21_219 | 21_608 => {
            "a trial account of Twilio reaches only numbers that were verified in its console"
        }
        13_214 | 13_247 | 21_210 | 21_212 | 21_213 | 21_264 | 21_603 | 21_606 => {
            "the configured `from` is not a number of this Twilio account"
        }
        21_205 | 21_609 => {
            "Twilio refuses our address: `public_url` must be reachable from outside, without an underscore in its host"
        }
        21_610 => "they replied STOP to a text: they must not be texted again",
        21_614 | 21_635 | 30_006 => "that number takes no texts",
        21_612 | 21_267 => "Twilio cannot text that number from ours",
        21_617 => "the text is too long",
        10_004 => "too many calls at once for the Twilio account",
        21_611 => "too many texts wait at Twilio",
        20_404 | 21_220 => "the call is over",
        _ => return None,
    })
}
