//! The stand-in's REST API of 2010-04-01.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{ACCOUNT, Call, Fault, OURS, Shared, TOKEN, play, texts};

/// An answer: status and JSON.
pub(super) type Answer = (u16, Value);
pub(super) type Form = Vec<(String, String)>;

pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let app = Router::new().fallback(answer).with_state(shared);
    let _: Result<(), std::io::Error> = axum::serve(listener, app).await;
}

pub(super) fn refuse(status: u16, code: u32, message: impl Into<String>) -> Answer {
    let body = json!({
        "code": code,
        "message": message.into(),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    });
    (status, body)
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Infallible> {
    let query = read_form(uri.query().unwrap_or_default().as_bytes());
    let path = uri.path().to_owned();
    if let Err(refusal) = admit(&shared, &path, &headers) {
        return Ok(render(refusal, None));
    }
    shared.state().requests.push((method.to_string(), path.clone()));
    let resource =
        path.strip_prefix(&format!("/2010-04-01/Accounts/{ACCOUNT}")).unwrap_or_default();
    let parts: Vec<&str> = resource.trim_start_matches('/').split('/').collect();
    let (kind, id) = match (&method, parts[..].as_ref()) {
        (&Method::GET, [".json"]) => ("Account", ""),
        (&Method::POST, ["Calls.json"]) => ("Calls", ""),
        (&Method::GET, ["Calls.json"]) => ("CallList", ""),
        (&Method::GET | &Method::POST, ["Calls", id]) => ("Call", id.trim_end_matches(".json")),
        (&Method::POST, ["Messages.json"]) => ("Messages", ""),
        (&Method::GET, ["IncomingPhoneNumbers.json"]) => ("Numbers", "ours"),
        (&Method::GET, ["OutgoingCallerIds.json"]) => ("Numbers", "verified"),
        _ => {
            return Ok(render(
                refuse(404, 20_404, format!("The requested resource {path} was not found")),
                None,
            ));
        }
    };
    let fault = take_fault(&shared, kind);
    match &fault {
        Some(Fault::Refuse { status, code, message }) => {
            return Ok(render(refuse(*status, *code, message), None));
        }
        Some(Fault::Throttle { retry_after }) => {
            return Ok(render(refuse(429, 20_429, "Too Many Requests"), *retry_after));
        }
        Some(Fault::Break) => {
            return Ok(render(refuse(500, 20_500, "Internal Server Error"), None));
        }
        _ => {}
    }
    let form = if is_form(&headers) { read_form(&body) } else { Vec::new() };
    let done = match (kind, &method) {
        ("Account", _) => (200, account(&shared)),
        ("Calls", _) => create_call(&shared, form),
        ("CallList", _) => (200, list_calls(&shared, &query)),
        ("Call", &Method::GET) => fetch_call(&shared, id),
        ("Call", _) => update_call(&shared, id, &form).await,
        ("Messages", _) => texts::create(&shared, &form),
        (_, _) => (200, numbers(&shared, id, &query)),
    };
    Ok(match fault {
        Some(Fault::BreakAfterwards) => render(refuse(500, 20_500, "Internal Server Error"), None),
        Some(Fault::Garble) => plain(201, "<html>All is well</html>"),
        Some(Fault::LoseAnswer) => broken(),
        Some(Fault::Delay(wait)) => {
            tokio::time::sleep(wait).await;
            render(done, None)
        }
        _ => render(done, None),
    })
}

fn take_fault(shared: &Shared, kind: &str) -> Option<Fault> {
    let mut state = shared.state();
    let place = state.faults.iter().position(|(resource, _)| *resource == kind)?;
    state.faults.remove(place).map(|(_, fault)| fault)
}

/// The right password, for the account in the path, which must be in order.
fn admit(shared: &Shared, path: &str, headers: &HeaderMap) -> Result<(), Answer> {
    let expected = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")));
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(expected.as_str()) {
        return Err(refuse(401, 20_003, "Authenticate"));
    }
    let own =
        path.strip_prefix("/2010-04-01/Accounts/").is_some_and(|rest| rest.starts_with(ACCOUNT));
    if !own {
        return Err(refuse(404, 20_404, format!("The requested resource {path} was not found")));
    }
    if shared.state().suspended && !path.ends_with(&format!("{ACCOUNT}.json")) {
        return Err(refuse(403, 20_005, "Account not active"));
    }
    Ok(())
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn read_form(body: &[u8]) -> Form {
    form_urlencoded::parse(body).into_owned().collect()
}

pub(super) fn get<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(known, value)| known == name && !value.is_empty())
        .map(|(_, value)| value.as_str())
}

fn render((status, body): Answer, retry_after: Option<u64>) -> Response {
    let mut response = plain(status, &body.to_string());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn plain(status: u16, body: &str) -> Response {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// Headers that promise an answer, and a connection that dies in the middle of it.
fn broken() -> Response {
    let pieces = [Ok("{\"sid\":"), Err(std::io::Error::other("the connection dies"))];
    let mut response = Response::new(Body::from_stream(tokio_stream::iter(pieces)));
    *response.status_mut() = StatusCode::CREATED;
    response
}

pub(super) fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A URL that Twilio would call.
pub(super) fn is_callable(url: &str) -> bool {
    reqwest::Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.contains('_'))
    })
}

fn create_call(shared: &Arc<Shared>, form: Form) -> Answer {
    if let Err(refusal) = check_call(shared, &form) {
        return refusal;
    }
    let (to, from) = (get(&form, "To").unwrap_or_default(), get(&form, "From").unwrap_or_default());
    let call = Call {
        sid: shared.sid("CA"),
        parent: None,
        direction: "outbound-api",
        from: from.to_owned(),
        to: to.to_owned(),
        status: "queued".into(),
        answered_by: None,
        created: shared.now(),
        started: None,
        answered: None,
        answered_instant: None,
        ended: None,
        seconds: 0,
        rang: false,
        heard: Vec::new(),
        digits_sent: None,
        order: form,
    };
    let when_cut = shared.open(call.clone());
    tokio::spawn(play::outbound(Arc::clone(shared), call.clone(), when_cut));
    (201, call_json(&call))
}

fn check_call(shared: &Shared, form: &Form) -> Result<(), Answer> {
    let state = shared.state();
    let Some(to) = get(form, "To") else {
        return Err(refuse(400, 21_201, "No 'To' number is specified"));
    };
    let Some(from) = get(form, "From") else {
        return Err(refuse(400, 21_213, "Caller phone number is required"));
    };
    if !is_e164(to) && !to.starts_with("sip:") {
        return Err(refuse(
            400,
            21_211,
            format!("The phone number you are attempting to call, {to}, is not valid."),
        ));
    }
    if from != OURS && !state.verified.contains(from) {
        return Err(refuse(
            400,
            21_210,
            format!("The source phone number provided, {from}, is not yet verified"),
        ));
    }
    if state.closed.iter().any(|prefix| to.starts_with(prefix)) {
        return Err(refuse(400, 21_215, format!("Account not authorized to call {to}.")));
    }
    if to.starts_with("+449") {
        return Err(refuse(400, 21_202, format!("{to} is a premium number")));
    }
    if shared.options.trial && !state.verified.contains(to) {
        return Err(refuse(
            400,
            21_219,
            format!("The number {to} is unverified. Trial accounts may only call verified numbers"),
        ));
    }
    let documents =
        ["Url", "Twiml", "ApplicationSid"].iter().filter(|name| get(form, name).is_some()).count();
    if documents != 1 || !get(form, "Url").is_some_and(is_callable) {
        return Err(refuse(400, 21_205, "Url is not a valid URL"));
    }
    for name in ["StatusCallback", "AsyncAmdStatusCallback"] {
        if get(form, name).is_some_and(|url| !is_callable(url)) {
            return Err(refuse(400, 21_609, format!("Invalid '{name}' url")));
        }
    }
    Ok(())
}

fn fetch_call(shared: &Shared, sid: &str) -> Answer {
    match shared.call(sid) {
        Some(call) => (200, call_json(&call)),
        None => refuse(404, 20_404, format!("The requested resource {sid} was not found")),
    }
}

async fn update_call(shared: &Shared, sid: &str, form: &Form) -> Answer {
    let Some(call) = shared.call(sid) else {
        return refuse(404, 20_404, format!("The requested resource {sid} was not found"));
    };
    if call.is_over() {
        return refuse(400, 21_220, "Call is not in-progress. Cannot redirect.");
    }
    match get(form, "Status") {
        Some("completed") => shared.cut(sid),
        Some("canceled") if call.answered.is_none() => shared.cut(sid),
        _ => return refuse(400, 21_218, "Invalid status"),
    }
    // The leg's own player ends it; the answer shows it as it was.
    (200, call_json(&call))
}

fn list_calls(shared: &Shared, query: &Form) -> Value {
    let date =
        |at: jiff::Timestamp| at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date().to_string();
    let fits = |call: &&Call| {
        let same = |name: &str, value: &str| get(query, name).is_none_or(|wanted| wanted == value);
        let started = |name: &str, is: fn(&str, &str) -> bool| {
            get(query, name)
                .is_none_or(|wanted| call.started.is_some_and(|at| is(&date(at), wanted)))
        };
        same("To", &call.to)
            && same("From", &call.from)
            && same("Status", &call.status)
            && same("ParentCallSid", call.parent.as_deref().unwrap_or_default())
            && started("StartTime", |at, wanted| at == wanted)
            && started("StartTime>", |at, wanted| at >= wanted)
            && started("StartTime<", |at, wanted| at <= wanted)
    };
    let mut calls: Vec<Call> = shared.state().calls.iter().filter(fits).cloned().collect();
    // The newest first.
    calls.reverse();
    calls.sort_by_key(|call| std::cmp::Reverse(call.created));
    let size =
        get(query, "PageSize").and_then(|size| size.parse().ok()).unwrap_or(50).clamp(1, 1000);
    let page: usize = get(query, "Page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let shown: Vec<Value> = calls.iter().skip(page * size).take(size).map(call_json).collect();
    let more = calls.len() > (page + 1) * size;
    let uri = |page: usize| {
        let kept = query.iter().filter(|(name, _)| name != "Page" && name != "PageToken");
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(kept);
        text.append_pair("Page", &page.to_string());
        text.append_pair("PageToken", &format!("PACA{page}"));
        format!("/2010-04-01/Accounts/{ACCOUNT}/Calls.json?{}", text.finish())
    };
    json!({
        "calls": shown,
        "page": page,
        "page_size": size,
        "first_page_uri": uri(0),
        "next_page_uri": more.then(|| uri(page + 1)),
        "previous_page_uri": page.checked_sub(1).map(uri),
        "uri": uri(page),
    })
}

fn call_json(call: &Call) -> Value {
    let (started, ended) = call.dates();
    let date = |at: Option<jiff::Timestamp>| at.map(play::rfc2822);
    json!({
        "sid": call.sid,
        "account_sid": ACCOUNT,
        "parent_call_sid": call.parent,
        "direction": call.direction,
        "from": call.from,
        "to": call.to,
        "from_formatted": call.from,
        "to_formatted": call.to,
        "status": call.status,
        "answered_by": call.answered_by,
        "date_created": date(Some(call.created)),
        "date_updated": date(ended.or(started)),
        "start_time": date(started),
        "end_time": date(ended),
        "duration": call.is_over().then(|| call.seconds.to_string()),
        "price": null,
        "price_unit": "USD",
        "queue_time": "0",
        "forwarded_from": null,
        "caller_name": null,
        "api_version": "2010-04-01",
        "uri": format!("/2010-04-01/Accounts/{ACCOUNT}/Calls/{}.json", call.sid),
    })
}

fn account(shared: &Shared) -> Value {
    json!({
        "sid": ACCOUNT,
        "friendly_name": "Harbour & Vale",
        "status": if shared.state().suspended { "suspended" } else { "active" },
        "type": if shared.options.trial { "Trial" } else { "Full" },
        // As the real one does: nobody may log this answer.
        "auth_token": TOKEN,
    })
}

fn numbers(shared: &Shared, which: &str, query: &Form) -> Value {
    let state = shared.state();
    let wanted = get(query, "PhoneNumber");
    let asked_for = |number: &str| wanted.is_none_or(|wanted| wanted == number);
    if which == "ours" {
        let ours = json!({
            "sid": "PN00000000000000000000000000000001",
            "phone_number": OURS,
            "voice_url": state.voice_url.clone().unwrap_or_default(),
            "status_callback": state.status_url.clone().unwrap_or_default(),
            "sms_url": state.sms_url.clone().unwrap_or_default(),
        });
        return json!({ "incoming_phone_numbers": asked_for(OURS).then_some(ours).into_iter().collect::<Vec<_>>() });
    }
    let verified = state.verified.iter().filter(|number| asked_for(number));
    json!({ "outgoing_caller_ids": verified.map(|number| json!({ "phone_number": number })).collect::<Vec<_>>() })
}
