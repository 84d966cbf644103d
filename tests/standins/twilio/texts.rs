//! Texts, out and in.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::{
    ACCOUNT, OURS, Shared, Text,
    callback::{self, Parcel},
    rest::{Answer, Form, get, is_callable, is_e164, refuse},
};

pub(super) fn create(shared: &Arc<Shared>, form: &Form) -> Answer {
    let Some(to) = get(form, "To") else {
        return refuse(400, 21_604, "A 'To' phone number is required.");
    };
    let from = get(form, "From").unwrap_or_default();
    let Some(body) = get(form, "Body") else {
        return refuse(400, 21_602, "Message body is required.");
    };
    if !is_e164(to) {
        return refuse(400, 21_211, format!("Invalid 'To' Phone Number: {to}"));
    }
    if from != OURS {
        return refuse(400, 21_606, format!("The 'From' phone number {from} is not valid"));
    }
    if body.chars().count() > 1_600 {
        return refuse(
            400,
            21_617,
            "The concatenated message body exceeds the 1600 character limit",
        );
    }
    if get(form, "StatusCallback").is_some_and(|url| !is_callable(url)) {
        return refuse(400, 21_609, "Invalid 'StatusCallback' url");
    }
    if shared.state().stopped.contains(to) {
        return refuse(400, 21_610, "Attempt to send to unsubscribed recipient");
    }
    let text = Text {
        sid: shared.sid("SM"),
        to: to.to_owned(),
        from: from.to_owned(),
        body: body.to_owned(),
        status: "queued".into(),
    };
    shared.state().texts.push(text.clone());
    tokio::spawn(deliver(
        Arc::clone(shared),
        text.clone(),
        get(form, "StatusCallback").map(str::to_owned),
    ));
    let answer = json!({
        "sid": text.sid,
        "account_sid": ACCOUNT,
        "status": "queued",
        "error_code": null,
        "error_message": null,
        "num_segments": "1",
        "direction": "outbound-api",
        "from": text.from,
        "to": text.to,
        "body": text.body,
    });
    (201, answer)
}

async fn deliver(shared: Arc<Shared>, text: Text, url: Option<String>) {
    let failure = shared.state().undeliverable.get(&text.to).copied();
    let fates: &[&str] =
        if failure.is_some() { &["sent", "undelivered"] } else { &["sent", "delivered"] };
    for fate in fates {
        shared.seconds(1).await;
        if let Some(known) = shared.state().texts.iter_mut().find(|known| known.sid == text.sid) {
            known.status = (*fate).to_owned();
        }
        let Some(url) = url.clone() else { continue };
        let mut form = message_form(&text);
        form.push(("MessageStatus".into(), (*fate).into()));
        form.push(("SmsStatus".into(), (*fate).into()));
        if let Some(code) = failure.filter(|_| *fate == "undelivered") {
            form.push(("ErrorCode".into(), code.to_string()));
        }
        let _ = shared.courier.send(Parcel { url, form });
    }
}

fn message_form(text: &Text) -> Form {
    [
        ("MessageSid", text.sid.as_str()),
        ("SmsSid", &text.sid),
        ("AccountSid", ACCOUNT),
        ("From", &text.from),
        ("To", &text.to),
        ("ApiVersion", "2010-04-01"),
    ]
    .iter()
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect()
}

/// Somebody texts our number. STOP is remembered before we hear of it.
pub(super) async fn text_in(shared: &Arc<Shared>, from: &str, body: &str) -> String {
    let url = {
        let mut state = shared.state();
        match body.trim().to_uppercase().as_str() {
            "STOP" | "UNSUBSCRIBE" => drop(state.stopped.insert(from.to_owned())),
            "START" => drop(state.stopped.remove(from)),
            _ => {}
        }
        state.sms_url.clone()
    };
    let sid = shared.sid("SM");
    let text = Text {
        sid: sid.clone(),
        to: OURS.into(),
        from: from.into(),
        body: body.into(),
        status: "received".into(),
    };
    let mut form = message_form(&text);
    form.push(("Body".into(), text.body));
    form.push(("NumMedia".into(), "0".into()));
    form.push(("NumSegments".into(), "1".into()));
    if let Some(url) = url
        && let Err(error) =
            tokio::time::timeout(Duration::from_secs(15), callback::post(shared, &url, &form)).await
    {
        shared.warn(11_200, error.to_string());
    }
    sid
}
