//! A queue, in its order.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::{
    answer::{Answered, json},
    query::Params,
};
use crate::{
    backend::{
        app::App,
        auth::{Reps, Who},
        failure::Failure,
    },
    domain::{ids::RepId, queue::View},
    store::{Cursor, QueuePage, QueueQuery, StoreError},
    wire,
};

/// Leads on a page unless asked otherwise, and at most.
const PAGE: usize = 200;
const LARGEST_PAGE: usize = 1_000;

/// Read a queue
///
/// In the order in which it is to be worked: the first lead is the next to ring. `seq` is the journal's head at that
/// moment: a stream opened `after` it misses nothing. While the server cannot reach its database it answers with the most
/// urgent leads as they were last known: `stale` is true, `as_of` says when, and the header `Age` how many seconds ago.
#[utoipa::path(
    get,
    path = "/api/queue",
    tag = "queue",
    security(("rep" = [])),
    params(
        ("view" = Option<String>, Query, description = "`overnight`, `callbacks`, `booked`, `answers`, `partnerships`, `general`, `mine` or `all` (the default)"),
        ("limit" = Option<usize>, Query, description = "1 to 1000, 200 by default"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses(
        (status = 200, body = wire::Queue),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn queue(State(app): State<Arc<App>>, who: Who<Reps>, mut params: Params) -> Answered {
    let view = params.read("view", views(), View::read).unwrap_or(View::All);
    let limit = params.number("limit", 1..=LARGEST_PAGE, PAGE);
    let after = params.read("cursor", "the `next` of a page before", cursor);
    params.finish()?;
    let query = QueueQuery { view, me: Some(RepId(who.known.id.clone())), limit, after };
    let Read { page, as_of, stale } = read(&app, query).await?;
    app.looked(&who.known, &format!("queue {}", view.as_str()), None);
    let queue = wire::Queue {
        as_of,
        stale,
        seq: page.seq,
        leads: page
            .leads
            .iter()
            .map(|(lead, contact)| wire::Lead::of(lead, contact, app.region()))
            .collect(),
        next: page.next.as_ref().and_then(opaque),
        total: page.total,
    };
    let mut response = json(StatusCode::OK, &queue)?;
    if stale {
        let age = app.clock.now().duration_since(as_of).as_secs().max(0);
        response.headers_mut().insert(header::AGE, age.into());
    }
    Ok(response)
}

/// A page, when it was true, and whether that is the past.
struct Read {
    page: QueuePage,
    as_of: Timestamp,
    stale: bool,
}

/// The queue as it is; while the database is away, as it was when it answered last.
async fn read(app: &App, query: QueueQuery) -> Result<Read, Failure> {
    let away = match app.database.away() {
        Some(_) => StoreError::Unavailable("it is known to be away".into()),
        None => {
            let as_of = app.clock.now();
            match app.store.queue(query.clone()).await {
                Ok(page) => return Ok(Read { page, as_of, stale: false }),
                Err(error @ StoreError::Unavailable(_)) => error,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let Some(known) = app.database.last_known() else { return Err(away.into()) };
    app.database.doubt();
    Ok(Read { page: known.page(&query), as_of: known.as_of, stale: true })
}

fn views() -> String {
    let words: Vec<&str> = View::ALL.iter().map(|view| view.as_str()).collect();
    format!("one of {}", words.join(", "))
}

fn opaque(cursor: &Cursor) -> Option<String> {
    serde_json::to_vec(cursor).ok().map(|json| URL_SAFE_NO_PAD.encode(json))
}

fn cursor(text: &str) -> Option<Cursor> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_an_invented_one_does_not() {
        let end = Cursor {
            tier_rank: 1,
            value: 2_000_000_000_000,
            due_at: i64::MAX,
            ended_at: 1_790_000_000_000,
            id: crate::ids::lead(),
        };
        assert_eq!(cursor(&opaque(&end).expect("a cursor")), Some(end));
        for invented in ["", "2", "e30", "!!"] {
            assert_eq!(cursor(invented), None, "{invented}");
        }
    }
}
