use reqwest::header::HeaderValue;

use super::*;

fn failed(status: u16, body: &str) -> CarrierError {
    let status = StatusCode::from_u16(status).expect("a status");
    refusal(status, Some(Duration::from_secs(2)), body.as_bytes())
}

#[test]
fn every_failure_says_whether_it_may_have_been_done_and_whether_to_try_again() {
    let throttled = CarrierError::Throttled { retry_after: Some(Duration::from_secs(2)) };
    assert_eq!(
        failed(429, r#"{"code":20429,"message":"Too Many Requests","status":429}"#),
        throttled
    );
    assert_eq!(failed(429, ""), throttled);
    for (status, body) in
        [(500, ""), (503, r#"{"code":20503}"#), (502, "<html>"), (302, ""), (100, "")]
    {
        let error = failed(status, body);
        assert!(error.outcome_unknown() && !error.may_repeat(), "{status}: {error:?}");
    }
    for (status, body) in [
        (401, r#"{"code":20003,"message":"Authenticate"}"#),
        (401, ""),
        (401, r#"{"code":70051,"message":"Authorization Error"}"#),
        (403, r#"{"code":20005,"message":"Account not active"}"#),
    ] {
        let error = failed(status, body);
        assert!(matches!(error, CarrierError::Auth { .. }), "{status}: {error:?}");
        assert!(!error.outcome_unknown() && !error.may_repeat());
    }
    for (status, code, why) in [
        (400, 21_211, Why::BadNumber),
        (400, 21_215, Why::CountryClosed),
        (400, 21_216, Why::Blocked),
        (400, 21_219, Why::Trial),
        (400, 21_210, Why::Configuration),
        (400, 21_610, Why::OptedOut),
        (400, 21_614, Why::NotTextable),
        (400, 21_220, Why::Over),
        (404, 20_404, Why::Over),
        (400, 99_999, Why::Other),
    ] {
        let error =
            failed(status, &format!(r#"{{"code":{code},"message":"no","status":{status}}}"#));
        let CarrierError::Refused { why: found, code: told, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((*found, *told), (why, Some(code)));
        assert!(!error.outcome_unknown() && !error.may_repeat());
    }
}

#[test]
fn nobodys_number_is_passed_on() {
    for (message, shown) in [
        ("The number +447700900123 is odd", "Twilio refused: The number +… is odd"),
        ("The number (020) 7946 0123, is odd", "Twilio refused: The number (…, is odd"),
        ("Error 21999 of 3", "Twilio refused: Error 21999 of 3"),
        ("07700 900123", "Twilio refused: …"),
    ] {
        let body = serde_json::json!({ "code": 99_999, "message": message });
        assert_eq!(failed(400, &body.to_string()).to_string(), shown);
    }
    let known =
        r#"{"code":21211,"message":"The 'To' number +447700900123 is not a valid phone number"}"#;
    assert_eq!(failed(400, known).to_string(), "Twilio says that the number does not exist");
    let newer = r#"{"type":"x","title":"Bad","status":400,"detail":"To +447700900123 no"}"#;
    assert_eq!(failed(400, newer).to_string(), "Twilio refused: To +… no");
    assert_eq!(failed(418, "teapot").to_string(), "Twilio refused with status 418");
}

#[test]
fn the_wait_is_read_in_both_forms_and_is_never_absurd() {
    let wait = |retry: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(retry).expect("a header"));
        headers.insert(DATE, HeaderValue::from_static("Tue, 24 Nov 2026 09:15:00 GMT"));
        retry_after(&headers)
    };
    assert_eq!(wait("7"), Some(Duration::from_secs(7)));
    assert_eq!(wait("Tue, 24 Nov 2026 09:15:30 GMT"), Some(Duration::from_secs(30)));
    assert_eq!(wait("Tue, 24 Nov 2026 09:14:30 GMT"), Some(Duration::ZERO));
    assert_eq!(wait("86400"), Some(LONGEST_WAIT));
    assert_eq!(wait("soon"), None);
    assert_eq!(retry_after(&HeaderMap::new()), None);
}

#[test]
fn a_call_is_read_with_its_parts_as_text_and_one_that_cannot_be_read_is_an_error() {
    let read = |json: serde_json::Value| {
        serde_json::from_value::<Call>(json).expect("a call").into_record()
    };
    let record = read(serde_json::json!({
        "sid": "CA2", "parent_call_sid": "CA1", "direction": "outbound-dial", "from": "+442079460000",
        "to": "+266696687", "status": "completed", "duration": "73", "answered_by": "machine_start",
        "date_created": "Tue, 24 Nov 2026 09:15:02 +0000", "start_time": "Tue, 24 Nov 2026 09:15:03 +0000",
        "end_time": "Tue, 24 Nov 2026 09:16:20 +0000", "price": null, "queue_time": "0"
    }))
    .expect("a record");
    assert_eq!(record.parent, Some(CallRef("CA1".into())));
    assert_eq!(record.seconds, Some(73));
    assert_eq!(record.direction, Direction::Outbound);
    assert!(record.to.number().is_none());
    assert_eq!(record.status, CallStatus::Over(crate::domain::call::LegEnd::Completed));
    let status = |status: &str| {
        read(serde_json::json!({ "sid": "CA1", "status": status, "direction": "inbound",
            "date_created": "Tue, 24 Nov 2026 09:15:02 +0000" }))
    };
    assert_eq!(status("queued").map(|record| record.status), Ok(CallStatus::Queued));
    assert_eq!(status("queued").map(|record| record.direction), Ok(Direction::Inbound));
    assert_eq!(status("unheard-of"), Err(CarrierError::Lost));
    assert_eq!(
        read(serde_json::json!({ "sid": "CA1", "status": "queued" })),
        Err(CarrierError::Lost)
    );
}
