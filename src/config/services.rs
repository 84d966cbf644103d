//! Services outside: each section switches its integration on, and holds what is needed to reach and to trust it.

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::phone::Phone;

use super::{
    read::{Section, some_text},
    values,
};

/// The carrier that rings people and sends SMS.
#[derive(Clone, Debug)]
pub struct Twilio {
    pub account_sid: String,
    pub auth_token: SecretString,
    /// The business's number, which prospects see.
    pub from: Phone,
    pub base_url: Url,
}

/// Chat: one message per after-hours lead, and the board.
#[derive(Clone, Debug)]
pub struct Slack {
    pub bot_token: SecretString,
    /// Proves that a press comes from Slack.
    pub signing_secret: SecretString,
    /// With its `#`, or a channel id.
    pub overnight_channel: String,
    /// Where in-hours priority leads are told. `None`: nowhere.
    pub sdr_channel: Option<String>,
    pub base_url: Url,
}

/// The mail server that messages are handed to.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// With user and password: `smtps://user:pass@mail.example.co.uk`.
    pub url: SecretString,
    pub from: String,
}

#[derive(Clone, Debug)]
pub struct Hubspot {
    pub token: SecretString,
    pub base_url: Url,
}

/// Any CRM that takes signed JSON.
#[derive(Clone, Debug)]
pub struct CrmWebhook {
    pub url: Url,
    /// Signs each message.
    pub secret: SecretString,
}

impl Twilio {
    pub(super) fn read(section: &Section<'_>, region: &str) -> Option<Twilio> {
        let account_sid = section.require("account_sid", "\"AC…\"", some_text);
        if account_sid.as_ref().is_some_and(|sid| !sid.starts_with("AC")) {
            // Not repeated: people paste the token here.
            let problem =
                "an account SID begins with AC: Twilio's console shows it above the token";
            section.warn("account_sid", problem.into());
        }
        let auth_token = section.require_secret("auth_token", "auth_token_file", "\"…\"");
        let from = section.require("from", "\"+442079460000\"", |node| values::phone(node, region));
        let base_url = base_url(section, "https://api.twilio.com");
        Some(Twilio {
            account_sid: account_sid?,
            auth_token: auth_token?,
            from: from?,
            base_url: base_url?,
        })
    }
}

impl Slack {
    pub(super) fn read(section: &Section<'_>) -> Option<Slack> {
        let bot_token = section.require_secret("bot_token", "bot_token_file", "\"xoxb-…\"");
        let signing_secret =
            section.require_secret("signing_secret", "signing_secret_file", "\"…\"");
        let overnight_channel =
            section.require("overnight_channel", "\"#inbound-overnight\"", values::name);
        let sdr_channel = section.get("sdr_channel", values::name);
        let base_url = base_url(section, "https://slack.com/api/");
        Some(Slack {
            bot_token: bot_token?,
            signing_secret: signing_secret?,
            overnight_channel: overnight_channel?,
            sdr_channel,
            base_url: base_url?,
        })
    }
}

impl Smtp {
    pub(super) fn read(section: &Section<'_>) -> Option<Smtp> {
        const EXAMPLE: &str = "\"smtps://user:pass@mail.example.co.uk\"";
        let url = section.require_secret("url", "url_file", EXAMPLE);
        let url = url.filter(|url| match smtp_url(url.expose_secret()) {
            Some(_) => true,
            None => {
                let key = if section.node("url").is_some() { "url" } else { "url_file" };
                section.fault(
                    key,
                    format!("this is not the URL of a mail server: write it as {EXAMPLE}"),
                );
                false
            }
        });
        let from = section.require("from", "\"ringback@example.co.uk\"", values::sender);
        Some(Smtp { url: url?, from: from? })
    }
}

impl Hubspot {
    pub(super) fn read(section: &Section<'_>) -> Option<Hubspot> {
        let token = section.require_secret("token", "token_file", "\"…\"");
        let base_url = base_url(section, "https://api.hubapi.com");
        Some(Hubspot { token: token?, base_url: base_url? })
    }
}

impl CrmWebhook {
    pub(super) fn read(section: &Section<'_>) -> Option<CrmWebhook> {
        let url = section.require("url", "\"https://…\"", values::hook_url);
        let secret = section.require_secret("secret", "secret_file", "\"whsec_…\"");
        Some(CrmWebhook { url: url?, secret: secret? })
    }
}

/// Where the service is reached: configurable, so that a compatible or a test service can stand in.
fn base_url(section: &Section<'_>, default: &'static str) -> Option<Url> {
    section.get("base_url", values::web_url).or_else(|| Url::parse(default).ok())
}

fn smtp_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "smtp" | "smtps")
        && url.host_str().is_some_and(|host| !host.is_empty()))
    .then_some(url)
}

/// Whether nothing leaves this machine for the service: a stand-in for rehearsals and tests.
fn on_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// The names of the services that would reach real people or real records (contract "Command line": `--at` and `--speed`
/// are refused while there are any).
pub(super) fn live(config: &super::Config) -> Vec<&'static str> {
    let smtp = config.smtp.as_ref().and_then(|smtp| smtp_url(smtp.url.expose_secret()));
    let services = [
        ("twilio", config.twilio.as_ref().map(|twilio| &twilio.base_url)),
        ("slack", config.slack.as_ref().map(|slack| &slack.base_url)),
        ("smtp", smtp.as_ref()),
        ("hubspot", config.hubspot.as_ref().map(|hubspot| &hubspot.base_url)),
        (
            "crm_webhook",
            config.crm_webhooks.iter().map(|hook| &hook.url).find(|url| !on_loopback(url)),
        ),
    ];
    services
        .into_iter()
        .filter(|(_, url)| url.is_some_and(|url| !on_loopback(url)))
        .map(|(name, _)| name)
        .collect()
}
