//! One lead, and what happened to it.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    answer::{Answered, json},
    post::Id,
};
use crate::{
    backend::{
        app::App,
        auth::{Reps, Who},
        failure::Failure,
    },
    domain::{ids::Seq, journal::Actor},
    store::StoredEntry,
    wire::{self, problem::Code},
};

/// Read a lead
#[utoipa::path(
    get,
    path = "/api/leads/{id}",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = wire::Lead),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn lead(State(app): State<Arc<App>>, who: Who<Reps>, id: Id) -> Answered {
    let id = id.lead()?;
    let (lead, contact) = app.store.lead(id).await?.ok_or(Failure::from(Code::NoSuchLead))?;
    app.looked(&who.known, "lead", Some(id));
    json(StatusCode::OK, &wire::Lead::of(&lead, &contact, app.region()))
}

/// Read a lead's history
///
/// Its journal, and its contact's earlier leads.
#[utoipa::path(
    get,
    path = "/api/leads/{id}/history",
    tag = "leads",
    security(("rep" = [])),
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, body = wire::History),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn history(State(app): State<Arc<App>>, who: Who<Reps>, id: Id) -> Answered {
    let id = id.lead()?;
    let history = app.store.history(id).await?.ok_or(Failure::from(Code::NoSuchLead))?;
    app.looked(&who.known, "history", Some(id));
    let history = wire::History {
        entries: history.entries.iter().map(without_lead).collect::<Result<_, _>>()?,
        earlier: history
            .others
            .iter()
            .map(|(lead, contact)| wire::Lead::of(lead, contact, app.region()))
            .collect(),
    };
    json(StatusCode::OK, &history)
}

/// What happened, without the lead as it was then: that would be the same lead over and over.
fn without_lead(entry: &StoredEntry) -> Result<wire::Entry, Failure> {
    #[derive(Deserialize)]
    struct Bare {
        seq: Seq,
        at: Timestamp,
        actor: Actor,
        kind: String,
        detail: serde_json::Value,
    }
    let Bare { seq, at, actor, kind, detail } = serde_json::from_str(&entry.json)
        .map_err(|error| Failure::internal(format!("journal entry {}: {error}", entry.seq)))?;
    Ok(wire::Entry { seq, at, actor, kind, lead: None, detail })
}
