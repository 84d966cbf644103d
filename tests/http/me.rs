//! `GET /api/me`

use jiff::SignedDuration;

use crate::harness::{AGENT, PRIYA, SAM, house};

#[test]
fn a_token_tells_whose_it_is_and_how_the_business_counts_time() {
    house(|house| async move {
        for (token, id, role) in
            [(PRIYA, "priya", "rep"), (SAM, "sam", "supervisor"), (AGENT, "agent", "ingest")]
        {
            let me = house.get(token, "/api/me").await.ok();
            assert_eq!((me["id"].as_str(), me["role"].as_str()), (Some(id), Some(role)));
        }
        let me = house.get(PRIYA, "/api/me").await.ok();
        assert_eq!(me["name"], "Priya");
        assert_eq!(me["now"], "2026-09-01T01:10:00Z");
        let business = &me["business"];
        assert_eq!(business["name"], "Harbour & Vale");
        assert_eq!(business["timezone"], "Europe/London");
        assert_eq!(business["region"], "GB");
        assert_eq!(business["open_now"], false);
        assert_eq!(business["opens_at"], "2026-09-01T08:00:00Z");
        assert_eq!(business["closes_at"], "2026-09-01T16:00:00Z");
        house.advance(SignedDuration::from_hours(8));
        assert_eq!(house.get(PRIYA, "/api/me").await.ok()["business"]["open_now"], true);
    });
}

#[test]
fn every_answer_carries_the_servers_time_and_a_request_id() {
    house(|house| async move {
        for (token, path) in
            [(PRIYA, "/api/me"), ("", "/api/me"), ("", "/nowhere"), ("", "/healthz")]
        {
            let reply = house.get(token, path).await;
            assert_eq!(reply.header("x-ringback-now"), "2026-09-01T01:10:00.000Z", "{path}");
            assert_eq!(reply.header("x-request-id").len(), 32, "{path}");
        }
        let request = house.request(reqwest::Method::GET, "/healthz", "");
        let reply = crate::harness::Reply::of(request.header("x-request-id", "mine-7")).await;
        assert_eq!(reply.header("x-request-id"), "mine-7");
        let request = house.request(reqwest::Method::GET, "/healthz", "");
        let reply = crate::harness::Reply::of(request.header("x-request-id", "a b<script>")).await;
        assert_eq!(reply.header("x-request-id").len(), 32, "not taken over");
    });
}
