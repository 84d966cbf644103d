//! Twilio, over its REST API of 2010-04-01.
//!
//! [`Twilio`] asks it to do things; what it tells in return are forms posted to our [`hooks`], proved by [`signature`], read
//! by [`event`] and answered with documents of [`twiml`]. Numbers, names and secrets stand in none of our logs.

mod codes;
pub mod event;
pub mod form;
pub mod hooks;
pub mod signature;
pub mod twiml;
mod wire;

use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{
    Account, Answer, CallRecord, CallerIdStanding, Carrier, CarrierError, Direction, HangUp,
    RingOrder, Search, SentText, TextFate, TextOrder, Why,
};
use crate::{
    domain::{call::CallRef, phone::Phone},
    http_client,
};
use hooks::Hooks;
use signature::Verifier;

/// How long an answer may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a rep may need to listen and press a key, on top of all ringing and talking.
const WHISPER: Duration = Duration::from_secs(60);
/// How far Twilio's clock, which shows whole seconds, may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(5);
const PAGE: &str = "200";
/// No list of ours is longer: 200,000 calls.
const MOST_PAGES: usize = 1_000;

/// What is needed to be a customer of Twilio.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `AC…`.
    pub account_sid: String,
    pub auth_token: SecretString,
    /// The business's number, which prospects see.
    pub from: Phone,
    pub base_url: Url,
    /// Where Twilio reaches us.
    pub public_url: Url,
    /// How long an answer may take before it counts as lost; ten seconds unless a test is in a hurry.
    pub patience: Option<Duration>,
}

/// A customer of Twilio.
#[derive(Clone, Debug)]
pub struct Twilio {
    http: reqwest::Client,
    settings: Settings,
    hooks: Hooks,
    patience: Duration,
}

impl Twilio {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(settings: Settings) -> Result<Twilio, reqwest::Error> {
        let patience = settings.patience.unwrap_or(PATIENCE);
        let hooks = Hooks::new(&settings.public_url);
        Ok(Twilio { http: http_client::build(patience)?, settings, hooks, patience })
    }

    /// Our addresses that Twilio calls.
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// What proves that a request to them comes from Twilio.
    pub fn verifier(&self) -> Verifier {
        Verifier::new(self.settings.public_url.as_str(), [self.settings.auth_token.clone()])
    }

    /// The number that prospects see.
    pub fn caller_id(&self) -> &Phone {
        &self.settings.from
    }

    async fn place(&self, order: &RingOrder) -> Result<CallRef, CarrierError> {
        let form = self.ring_form(order);
        let call: wire::Call = self.send(self.post("Calls.json").form(&form)).await?;
        Ok(CallRef(call.sid))
    }

    fn ring_form(&self, order: &RingOrder) -> Vec<(&'static str, String)> {
        let hook = |path| self.hooks.dial(path, order.dial);
        let limits = &order.limits;
        let whole = limits.ring_prospect + limits.talk + WHISPER;
        let mut form = vec![
            ("To", order.rep.e164().to_owned()),
            ("From", self.settings.from.e164().to_owned()),
            ("Url", hook(hooks::ANSWERED)),
            ("Method", "POST".into()),
            ("StatusCallback", hook(hooks::REP_STATUS)),
            ("StatusCallbackMethod", "POST".into()),
            ("Timeout", limits.ring_rep.as_secs().clamp(5, 600).to_string()),
            ("TimeLimit", whole.as_secs().clamp(1, 14_400).to_string()),
        ];
        for event in ["initiated", "ringing", "answered", "completed"] {
            form.push(("StatusCallbackEvent", event.into()));
        }
        if let Some(extension) = order.rep.extension() {
            // Keys sent at the answer switch the listening for machines off.
            form.push(("SendDigits", format!("{}{extension}", twiml::EXTENSION_PAUSE)));
        } else if order.detect_machines {
            // Beside the call and not before it: a rep who says hello hears the whisper at once.
            form.push(("MachineDetection", "Enable".into()));
            form.push(("AsyncAmd", "true".into()));
            form.push(("AsyncAmdStatusCallback", hook(hooks::REP_JUDGED)));
            form.push(("AsyncAmdStatusCallbackMethod", "POST".into()));
        }
        form
    }

    async fn end(&self, call: &CallRef) -> Result<HangUp, CarrierError> {
        let request = self.post(&format!("Calls/{}.json", segment(call)?));
        let form = [("Status", "completed")];
        match self.send::<wire::Call>(request.form(&form)).await {
            Ok(_) => Ok(HangUp::Ending),
            Err(CarrierError::Refused { why: Why::Over, .. }) => Ok(HangUp::AlreadyOver),
            Err(error) => Err(error),
        }
    }

    /// A call that still waits for its turn has no start, so a second question finds those.
    async fn look_for(&self, search: &Search) -> Result<Vec<CallRecord>, CarrierError> {
        let since = search.since.checked_sub(SKEW).unwrap_or(search.since);
        let parties =
            [("To", search.to.e164().to_owned()), ("From", self.settings.from.e164().to_owned())];
        let mut started = parties.to_vec();
        started.push(("StartTime>", day(since)));
        let mut waiting = parties.to_vec();
        waiting.push(("Status", "queued".into()));
        let mut found = self.list(&started).await?;
        for record in self.list(&waiting).await? {
            if !found.iter().any(|known| known.call == record.call) {
                found.push(record);
            }
        }
        found
            .retain(|record| record.created_at >= since && record.direction == Direction::Outbound);
        Ok(found)
    }

    async fn family(&self, call: &CallRef) -> Result<Vec<CallRecord>, CarrierError> {
        let request = self.get(&format!("Calls/{}.json", segment(call)?));
        let parent = match self.send::<wire::Call>(request).await {
            Ok(parent) => parent.into_record()?,
            Err(CarrierError::Refused { why: Why::Over, .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut records = vec![parent];
        records.extend(self.list(&[("ParentCallSid", call.0.clone())]).await?);
        Ok(records)
    }

    /// The days of the span, and of those calls the ones within it: the list is asked by whole days.
    async fn span(&self, from: Timestamp, to: Timestamp) -> Result<Vec<CallRecord>, CarrierError> {
        let day_after = to.checked_add(SignedDuration::from_hours(24)).unwrap_or(to);
        let days = [("StartTime>", day(from)), ("StartTime<", day(day_after))];
        let mut records = self.list(&days).await?;
        records.retain(|record| {
            let start = record.started_at.unwrap_or(record.created_at);
            from <= start && start < to
        });
        Ok(records)
    }

    /// All pages of a list of calls.
    async fn list(&self, query: &[(&str, String)]) -> Result<Vec<CallRecord>, CarrierError> {
        let mut request = self.get("Calls.json").query(query).query(&[("PageSize", PAGE)]);
        let mut records = Vec::new();
        for _ in 0..MOST_PAGES {
            let page: wire::CallPage = self.send(request).await?;
            for call in page.calls {
                records.push(call.into_record()?);
            }
            let Some(next) = page.next_page_uri.filter(|uri| !uri.is_empty()) else {
                return Ok(records);
            };
            request = self.authorised(self.http.get(self.page_url(&next)?));
        }
        // A list without an end is no list.
        Err(CarrierError::Lost)
    }

    async fn text(&self, order: &TextOrder) -> Result<SentText, CarrierError> {
        let form = [
            ("To", order.to.e164().to_owned()),
            ("From", self.settings.from.e164().to_owned()),
            ("Body", order.body.clone()),
            ("StatusCallback", self.hooks.text(order.id)),
            ("ValidityPeriod", order.valid_for.as_secs().clamp(1, 36_000).to_string()),
        ];
        let message: wire::Message = self.send(self.post("Messages.json").form(&form)).await?;
        let fate = event::text_fate(&message.status, message.error_code);
        Ok(SentText { message: message.sid, fate: fate.unwrap_or(TextFate::Taken) })
    }

    async fn who_are_we(&self) -> Result<Account, CarrierError> {
        let account: wire::Account =
            self.send(self.authorised(self.http.get(self.url(".json")))).await?;
        Ok(Account {
            active: account.status == "active",
            status: account.status,
            trial: account.kind.is_some_and(|kind| kind.eq_ignore_ascii_case("trial")),
            caller_id: self.caller_id_standing().await?,
        })
    }

    async fn caller_id_standing(&self) -> Result<CallerIdStanding, CarrierError> {
        let number = [("PhoneNumber", self.settings.from.e164())];
        let request = self.get("IncomingPhoneNumbers.json").query(&number);
        let ours: wire::NumberPage = self.send(request).await?;
        let is_it = |known: &&wire::Number| known.phone_number == self.settings.from.e164();
        if let Some(number) = ours.incoming_phone_numbers.iter().find(is_it) {
            return Ok(CallerIdStanding::Ours {
                voice_url: number.voice_url.clone().filter(|url| !url.is_empty()),
                sms_url: number.sms_url.clone().filter(|url| !url.is_empty()),
            });
        }
        let request = self.get("OutgoingCallerIds.json").query(&number);
        let verified: wire::NumberPage = self.send(request).await?;
        Ok(match verified.outgoing_caller_ids.iter().find(is_it) {
            Some(_) => CallerIdStanding::Verified,
            None => CallerIdStanding::Unknown,
        })
    }

    fn post(&self, resource: &str) -> RequestBuilder {
        self.authorised(self.http.post(self.url(&format!("/{resource}"))))
    }

    fn get(&self, resource: &str) -> RequestBuilder {
        self.authorised(self.http.get(self.url(&format!("/{resource}"))))
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        let Settings { account_sid, auth_token, .. } = &self.settings;
        request.basic_auth(account_sid, Some(auth_token.expose_secret())).timeout(self.patience)
    }

    fn url(&self, rest: &str) -> String {
        let base = self.settings.base_url.as_str().trim_end_matches('/');
        format!("{base}/2010-04-01/Accounts/{}{rest}", self.settings.account_sid)
    }

    /// The next page is named without its host. One that names another would be sent our token.
    fn page_url(&self, uri: &str) -> Result<String, CarrierError> {
        if !uri.starts_with("/2010-04-01/Accounts/") {
            return Err(CarrierError::Lost);
        }
        Ok(format!("{}{uri}", self.settings.base_url.as_str().trim_end_matches('/')))
    }

    /// Sends a request, and reads the answer or what stood in its way.
    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CarrierError> {
        // Before the connection stands, nothing is sent; after that, anything may have been done.
        let response = request.send().await.map_err(|error| match error.is_connect() {
            true => CarrierError::NotReached,
            false => CarrierError::Lost,
        })?;
        let (status, retry_after) = (response.status(), wire::retry_after(response.headers()));
        let body = response.bytes().await.map_err(|_| CarrierError::Lost);
        if status.is_success() {
            return serde_json::from_slice(&body?).map_err(|_| CarrierError::Lost);
        }
        Err(wire::refusal(status, retry_after, &body.unwrap_or_default()))
    }
}

/// A call's name as part of a path: whatever else it may be, it is not several parts.
fn segment(call: &CallRef) -> Result<&str, CarrierError> {
    let plain = !call.0.is_empty() && call.0.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain {
        Ok(&call.0)
    } else {
        Err(CarrierError::Refused {
            why: Why::Other,
            code: None,
            detail: "that is not the name of a call at Twilio".into(),
        })
    }
}

/// `YYYY-MM-DD`, UTC: all that Twilio's lists can be asked by.
fn day(at: Timestamp) -> String {
    at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date().to_string()
}

impl Carrier for Twilio {
    fn name(&self) -> &'static str {
        "Twilio"
    }

    fn ring<'a>(&'a self, order: &'a RingOrder) -> Answer<'a, CallRef> {
        self.place(order).boxed()
    }

    fn hang_up<'a>(&'a self, call: &'a CallRef) -> Answer<'a, HangUp> {
        self.end(call).boxed()
    }

    fn find<'a>(&'a self, search: &'a Search) -> Answer<'a, Vec<CallRecord>> {
        self.look_for(search).boxed()
    }

    fn legs<'a>(&'a self, call: &'a CallRef) -> Answer<'a, Vec<CallRecord>> {
        self.family(call).boxed()
    }

    fn calls_between(&self, from: Timestamp, to: Timestamp) -> Answer<'_, Vec<CallRecord>> {
        self.span(from, to).boxed()
    }

    fn send_text<'a>(&'a self, order: &'a TextOrder) -> Answer<'a, SentText> {
        self.text(order).boxed()
    }

    fn probe(&self) -> Answer<'_, Account> {
        self.who_are_we().boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carrier() -> Twilio {
        let url = |text: &str| Url::parse(text).expect("a URL");
        Twilio::new(Settings {
            account_sid: "AC1".into(),
            auth_token: "secret".to_owned().into(),
            from: "+442079460000".parse().expect("a phone number"),
            base_url: url("https://api.example.com/"),
            public_url: url("https://leads.example.co.uk"),
            patience: None,
        })
        .expect("a client")
    }

    #[test]
    fn a_page_elsewhere_is_not_asked_for_with_our_token() {
        let page = "/2010-04-01/Accounts/AC1/Calls.json?Page=1&PageToken=PACA1";
        assert_eq!(carrier().page_url(page), Ok(format!("https://api.example.com{page}")));
        for page in [
            "https://evil.example/2010-04-01/Accounts/AC1/Calls.json",
            "//evil.example/2010-04-01/Accounts/AC1/Calls.json",
            "@evil.example/2010-04-01/Accounts/AC1/Calls.json",
            "",
        ] {
            assert_eq!(carrier().page_url(page), Err(CarrierError::Lost), "{page}");
        }
    }

    #[test]
    fn the_token_does_not_print() {
        assert!(!format!("{:?}", carrier()).contains("secret"));
    }
}
