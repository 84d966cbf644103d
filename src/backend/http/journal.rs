//! What happened, a page at a time.

use std::{fmt::Write, sync::Arc};

use axum::{extract::State, http::StatusCode};

use super::{
    answer::{Answered, json_bytes},
    query::Params,
};
use crate::{
    backend::{
        app::App,
        auth::{Reps, Who},
    },
    domain::ids::Seq,
    store::JournalQuery,
    wire,
};

const PAGE: usize = 200;
const LARGEST_PAGE: usize = 1_000;

/// Read the journal
///
/// In order. Without `after`: the newest.
#[utoipa::path(
    get,
    path = "/api/journal",
    tag = "journal",
    security(("rep" = [])),
    params(
        ("after" = Option<i64>, Query, description = "Only entries behind this one"),
        ("limit" = Option<usize>, Query, description = "1 to 1000, 200 by default"),
    ),
    responses(
        (status = 200, body = wire::Journal),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn journal(State(app): State<Arc<App>>, who: Who<Reps>, mut params: Params) -> Answered {
    let after = params.read("after", "a sequence number", sequence);
    let limit = params.number("limit", 1..=LARGEST_PAGE, PAGE);
    params.finish()?;
    let (_, last) = app.store.journal_span().await?;
    let newest = || last.saturating_sub(Seq::try_from(limit).unwrap_or(Seq::MAX)).max(0);
    let after = after.unwrap_or_else(newest);
    let entries = app.store.journal(JournalQuery { after, limit }).await?;
    app.looked(&who.known, "journal", None);
    // The entries are JSON already.
    let seq = entries.last().map_or(last, |entry| entry.seq.max(last));
    let mut body = format!("{{\"seq\":{seq},\"entries\":[");
    for (place, entry) in entries.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(body, "{comma}{}", entry.json);
    }
    body.push_str("]}");
    Ok(json_bytes(StatusCode::OK, body.into_bytes()))
}

/// A place in the journal; 0 is before everything.
pub fn sequence(text: &str) -> Option<Seq> {
    text.trim().parse().ok().filter(|seq| *seq >= 0)
}
