//! Texts, out and in.

use std::time::Duration;

use ringback::{
    carrier::{Carrier, CarrierError, Event, TextFate, TextOrder, Why, twilio::event::TextWish},
    ids,
};

use crate::office::{Office, PROSPECT, phone};

fn order(body: &str) -> TextOrder {
    TextOrder {
        id: ids::fresh(),
        to: phone(PROSPECT),
        body: body.into(),
        valid_for: Duration::from_secs(1800),
    }
}

#[tokio::test]
async fn a_text_is_followed_until_it_is_delivered() {
    let office = Office::open().await;
    let order = order("Sorry we missed you – we'll ring at 9. £0 & no strings");
    let sent = office.carrier.send_text(&order).await.unwrap();
    assert_eq!(sent.fate, TextFate::Taken);
    office.until("both fates", |desk| desk.text_events.len() == 2).await;
    let told = |fate| Event::Text { id: order.id, fate };
    assert_eq!(office.desk().text_events, [told(TextFate::Sent), told(TextFate::Delivered)]);
    assert_eq!(office.twilio.texts()[0].body, order.body);
}

#[tokio::test]
async fn a_text_that_cannot_be_delivered_says_why() {
    let office = Office::open().await;
    office.twilio.undeliverable(PROSPECT, 30_006);
    let order = order("hello");
    office.carrier.send_text(&order).await.unwrap();
    office.until("both fates", |desk| desk.text_events.len() == 2).await;
    let fate = TextFate::Failed { why: Why::NotTextable, code: Some(30_006) };
    assert_eq!(office.desk().text_events[1], Event::Text { id: order.id, fate });
}

#[tokio::test]
async fn whoever_texts_stop_is_heard_and_the_carrier_refuses_the_next_text() {
    let office = Office::open().await;
    let message = office.twilio.text_in(PROSPECT, "Stop").await;
    {
        let desk = office.desk();
        assert_eq!(desk.texts_in[0].wish, Some(TextWish::Stop));
        assert_eq!(desk.texts_in[0].from.number(), Some(&phone(PROSPECT)));
        assert_eq!(desk.texts_in[0].message, message);
    }
    let error = office.carrier.send_text(&order("hello")).await.expect_err("refused");
    assert!(
        matches!(error, CarrierError::Refused { why: Why::OptedOut, code: Some(21_610), .. }),
        "{error:?}"
    );
    office.twilio.text_in(PROSPECT, "Can you ring after four?").await;
    assert_eq!(office.desk().texts_in[1].wish, None);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_and_not_cut() {
    let office = Office::open().await;
    let error = office.carrier.send_text(&order(&"a".repeat(1_601))).await.expect_err("refused");
    assert_eq!(error.to_string(), "the text is too long");
    assert!(office.twilio.texts().is_empty());
}
