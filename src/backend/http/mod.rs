//! The routes of the contract's table, one file for each resource. Every route is registered together with its
//! documentation, so that the OpenAPI document cannot miss one.

mod answer;
mod audit;
mod calls;
mod claim;
mod contacts;
mod health;
mod ingest;
mod journal;
mod leads;
mod me;
mod metrics;
mod note;
pub mod openapi;
mod outcome;
mod post;
mod query;
mod queue;
mod stream;
mod team;
mod undo;

use std::sync::Arc;

use axum::{Router, response::Response};
use tower::util::MapResponseLayer;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use super::{app::App, door::Route, failure::Failure};
use crate::wire::problem::Code;

/// Every route there is.
fn all() -> Vec<UtoipaMethodRouter<Arc<App>>> {
    vec![
        routes!(ingest::ingest_lead),
        routes!(calls::ingest_call),
        routes!(contacts::lookup),
        routes!(contacts::merge),
        routes!(queue::queue),
        routes!(leads::lead),
        routes!(leads::history),
        routes!(claim::claim),
        routes!(claim::release),
        routes!(claim::reassign),
        routes!(outcome::outcome),
        routes!(note::note),
        routes!(undo::undo),
        routes!(stream::stream),
        routes!(journal::journal),
        routes!(team::team),
        routes!(team::change),
        routes!(audit::audit),
        routes!(me::me),
        routes!(metrics::prometheus),
        routes!(health::healthz),
        routes!(health::readyz),
        routes!(openapi::openapi),
    ]
}

/// The router, each route with its counters.
pub fn router(app: &Arc<App>) -> Router {
    let routes = all().into_iter().fold(OpenApiRouter::new(), |router, (schemas, paths, route)| {
        let path = paths.paths.keys().next().cloned().unwrap_or_default();
        let tag = Route(app.metrics.route(&path));
        let tagged = MapResponseLayer::new(move |mut response: Response| {
            response.extensions_mut().insert(tag.clone());
            response
        });
        router.routes((schemas, paths, route.layer(tagged)))
    });
    let (router, _) = routes.split_for_parts();
    router
        .fallback(|| async { Failure::from(Code::NoSuchRoute) })
        .method_not_allowed_fallback(|| async { Failure::from(Code::MethodNotAllowed) })
        .with_state(app.clone())
}
