//! Who is calling, and two contacts that are one person.

use std::{borrow::Cow, sync::Arc};

use axum::{extract::State, http::StatusCode};

use super::{
    answer::{Answered, json, unexpected},
    post::{Id, Post},
    query::Params,
};
use crate::{
    backend::{
        app::App,
        auth::{Anyone, Supervisors, Who},
        failure::Failure,
    },
    domain::{command::Command, decision::Answer, lead::Lead, phone::CallerId},
    store::KnownCaller,
    wire::{self, problem::Code},
};

/// Look a caller up
///
/// For the agent, at connection: contact, account context and open lead behind a number; all `null` for somebody unknown or
/// withheld.
#[utoipa::path(
    get,
    path = "/api/contacts/lookup",
    tag = "contacts",
    security(("ingest" = []), ("rep" = [])),
    params(("phone" = String, Query, description = "In any form")),
    responses(
        (status = 200, body = wire::Lookup),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn lookup(State(app): State<Arc<App>>, who: Who<Anyone>, mut params: Params) -> Answered {
    let phone = params.text("phone").map(plus_again).map(Cow::into_owned).unwrap_or_default();
    if phone.is_empty() {
        params.fault("phone", "must be the caller's number");
    }
    params.finish()?;
    let caller = match CallerId::read(&phone, app.region()) {
        CallerId::Number(phone) => app.store.lookup(phone).await?,
        CallerId::Withheld(_) => None,
    };
    let lead = caller.as_ref().and_then(|known| known.open_lead.as_ref()).map(|lead| lead.id);
    app.looked(&who.known, "lookup", lead);
    json(StatusCode::OK, &answer(caller, app.region()))
}

/// In a query `+` stands for a space. A number that begins with one was meant with its plus.
fn plus_again(phone: &str) -> Cow<'_, str> {
    match phone.strip_prefix(' ') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!("+{rest}").into(),
        _ => phone.trim().into(),
    }
}

fn answer(caller: Option<KnownCaller>, region: &str) -> wire::Lookup {
    let Some(KnownCaller { contact, open_lead, earlier }) = caller else {
        return wire::Lookup { contact: None, open_lead: None, context: None };
    };
    wire::Lookup {
        open_lead: open_lead.map(|lead| wire::Lead::of(&lead, &contact, region)),
        context: Some(wire::Context {
            customer: contact.customer,
            earlier_leads: earlier.iter().map(in_short).collect(),
        }),
        contact: Some(wire::Contact::of(&contact, region)),
    }
}

fn in_short(lead: &Lead) -> wire::EarlierLead {
    wire::EarlierLead {
        id: lead.id.0,
        at: lead.ended_at,
        tier: lead.tier,
        intent: lead.intent.as_str().into(),
        outcome: lead.outcome.map(|outcome| outcome.as_str().into()),
        summary: lead.newest().map(|touch| touch.summary.clone()).unwrap_or_default(),
    }
}

/// Merge a contact into another
///
/// `{id}` was `into` all along: numbers, addresses and open leads become one.
#[utoipa::path(
    post,
    path = "/api/contacts/{id}/merge",
    tag = "contacts",
    security(("supervisor" = [])),
    params(("id" = uuid::Uuid, Path, description = "The contact that goes"), super::openapi::IdempotencyKey),
    request_body = wire::Merge,
    responses(
        (status = 200, body = wire::Contact, description = "The contact that stays"),
        (status = "default", body = wire::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn merge(State(app): State<Arc<App>>, id: Id, post: Post<Supervisors>) -> Answered {
    let merge = id.contact()?;
    let keep = post.members(&["into"], |fields| {
        let into = fields.text("into").map(str::to_owned);
        if into.is_none() {
            fields.fault("into", "must be the id of the contact that stays");
        }
        into.unwrap_or_default()
    })?;
    let keep = keep.parse().map_err(|_| Failure::from(Code::NoSuchContact))?;
    let command = Command::MergeContacts { keep, merge };
    let done = app.execute(post.known(), command, post.key.clone()).await?;
    match done.answer {
        Answer::Contact { contact } => {
            json(StatusCode::OK, &wire::Contact::of(&contact, app.region()))
        }
        _ => Err(unexpected("a contact")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_that_a_query_made_a_space_is_a_plus_again() {
        for (asked, meant) in [
            (" 447700900123", "+447700900123"),
            ("+447700900123", "+447700900123"),
            (" anonymous ", "anonymous"),
            ("07700 900123", "07700 900123"),
        ] {
            assert_eq!(plus_again(asked), meant);
        }
    }
}
