//! Our own addresses that Twilio calls: what it is told, and what the server must answer at.
//!
//! Our id of the dial stands in the path, so a callback proves that a call was made even when the answer to the order was
//! lost, and no query is needed that a signer might sort.

use reqwest::Url;
use uuid::Uuid;

use crate::domain::ids::DialId;

/// A call comes in.
pub const VOICE: &str = "/webhooks/twilio/voice";
/// What became of the connection that an incoming call was given: the `action` of its `<Dial>`.
pub const VOICE_DONE: &str = "/webhooks/twilio/voice-done";
/// An incoming call made progress.
pub const STATUS: &str = "/webhooks/twilio/status";
/// A text comes in.
pub const SMS: &str = "/webhooks/twilio/sms";
/// A text of ours made progress.
pub const SMS_STATUS: &str = "/webhooks/twilio/sms/{text}";
/// The rep's phone was answered: what to say.
pub const ANSWERED: &str = "/webhooks/twilio/dial/{dial}/answered";
/// The rep pressed a key: whether to ring the prospect.
pub const PRESSED: &str = "/webhooks/twilio/dial/{dial}/pressed";
/// The joining of the two is over.
pub const BRIDGED: &str = "/webhooks/twilio/dial/{dial}/bridged";
/// The rep's leg made progress.
pub const REP_STATUS: &str = "/webhooks/twilio/dial/{dial}/rep";
/// The prospect's leg made progress.
pub const PROSPECT_STATUS: &str = "/webhooks/twilio/dial/{dial}/prospect";
/// The carrier heard who answered on the rep's leg.
pub const REP_JUDGED: &str = "/webhooks/twilio/dial/{dial}/rep-judged";
/// The carrier heard who answered on the prospect's leg.
pub const PROSPECT_JUDGED: &str = "/webhooks/twilio/dial/{dial}/prospect-judged";

/// Makes the addresses above reachable from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    /// Without a slash at the end.
    public_url: String,
}

impl Hooks {
    /// For a server that the world reaches at `public_url`.
    pub fn new(public_url: &Url) -> Hooks {
        Hooks { public_url: public_url.as_str().trim_end_matches('/').to_owned() }
    }

    /// The address of something about a dial: one of the paths above that hold `{dial}`.
    pub fn dial(&self, path: &str, dial: DialId) -> String {
        format!("{}{}", self.public_url, path.replace("{dial}", &dial.to_string()))
    }

    /// Where the fate of a text is told.
    pub fn text(&self, text: Uuid) -> String {
        format!("{}{}", self.public_url, SMS_STATUS.replace("{text}", &text.to_string()))
    }

    /// The address of something about no dial in particular.
    pub fn plain(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Why Twilio would refuse these addresses, if it would: it takes no host with an underscore.
    pub fn problem(&self) -> Option<&'static str> {
        let host = self.public_url.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        host.contains('_').then_some("Twilio calls no host whose name has an underscore in it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_whole_whether_or_not_the_public_url_ends_in_a_slash() {
        let id = DialId(Uuid::from_u128(7));
        for public in ["https://leads.example.co.uk", "https://leads.example.co.uk/"] {
            let hooks = Hooks::new(&Url::parse(public).expect("a URL"));
            assert_eq!(hooks.plain(VOICE), "https://leads.example.co.uk/webhooks/twilio/voice");
            assert_eq!(
                hooks.dial(ANSWERED, id),
                "https://leads.example.co.uk/webhooks/twilio/dial/00000000-0000-0000-0000-000000000007/answered"
            );
            assert_eq!(hooks.problem(), None);
        }
        let prefixed = Hooks::new(&Url::parse("https://example.co.uk/leads/").expect("a URL"));
        assert_eq!(prefixed.plain(SMS), "https://example.co.uk/leads/webhooks/twilio/sms");
        assert!(Hooks::new(&Url::parse("https://my_host.uk").expect("a URL")).problem().is_some());
    }
}
