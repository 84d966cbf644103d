//! What every request passes on its way in and out: the peer's address, a request id, the server's time, a limit of time, a
//! net for panics, the log and the counters. One thin service instead of a stack of layers: it stands in the hot path.

use std::{
    any::Any,
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    http::{HeaderName, HeaderValue, Method, Request, Response, Version, header},
    response::IntoResponse,
};
use futures_util::FutureExt;
use tokio::sync::OwnedSemaphorePermit;
use tower::Service;

use super::{
    app::App,
    auth::Peer,
    failure::{Cause, Close, Doubt, Failure, NOW},
    metrics::RouteMetrics,
};
use crate::{ids, wire::problem::Code};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id taken over from a client.
const LONGEST_ID: usize = 64;

/// Goes with the response of a route that was found.
#[derive(Clone, Debug)]
pub struct Route(pub Arc<RouteMetrics>);

/// The way in for one connection.
#[derive(Clone)]
pub struct Door {
    app: Arc<App>,
    router: Router,
    peer: SocketAddr,
    /// Given back when the last copy goes, with the connection.
    _slot: Option<Arc<OwnedSemaphorePermit>>,
}

impl Door {
    pub fn new(app: Arc<App>, router: Router, peer: SocketAddr) -> Door {
        Door { app, router, peer, _slot: None }
    }

    /// Keeps a slot for as long as the connection lives.
    pub fn holding(self, slot: OwnedSemaphorePermit) -> Door {
        Door { _slot: Some(Arc::new(slot)), ..self }
    }

    pub fn turned_away(&self) {
        self.app.metrics.turned_away.increment(1);
    }
}

impl<B> Service<Request<B>> for Door
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let started = Instant::now();
        request.extensions_mut().insert(Peer(self.peer));
        let about = About {
            id: request_id(&request),
            method: method(request.method()),
            http1: request.version() <= Version::HTTP_11,
        };
        let app = self.app.clone();
        let routed = self.router.call(request);
        Box::pin(async move {
            let within = tokio::time::timeout(app.settings.limits.answer_within, routed);
            let response = match AssertUnwindSafe(within).catch_unwind().await {
                Ok(Ok(Ok(response))) => response,
                Ok(Ok(Err(never))) => match never {},
                Ok(Err(_)) => Failure::from(Code::TimedOut).into_response(),
                Err(panic) => {
                    app.metrics.panics.increment(1);
                    Failure::internal(said(&*panic)).into_response()
                }
            };
            Ok(about.finish(&app, response, started.elapsed()))
        })
    }
}

/// What is known of a request when its answer goes out.
struct About {
    id: HeaderValue,
    method: &'static str,
    http1: bool,
}

impl About {
    fn finish(self, app: &App, mut response: Response<Body>, took: Duration) -> Response<Body> {
        let status = response.status().as_u16();
        let extensions = response.extensions_mut();
        let route = extensions.remove::<Route>();
        let route = route.as_ref().map_or(&app.metrics.unmatched, |route| &route.0);
        let cause = extensions.remove::<Cause>();
        if extensions.remove::<Doubt>().is_some() {
            app.database.doubt();
        }
        let close = extensions.remove::<Close>().is_some() && self.http1;
        self.log(&route.route, status, took, cause.as_ref());
        app.metrics.answered(route, self.method, status, took);
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, self.id);
        if let Ok(now) = HeaderValue::try_from(format!("{:.3}", app.clock.now())) {
            headers.insert(NOW, now);
        }
        if close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The route as a template, so that nobody's number or name gets into the log. An answer of 5xx is worth a line, except
    /// that of an overload: a line for each would add to it.
    fn log(&self, route: &str, status: u16, took: Duration, cause: Option<&Cause>) {
        let (ms, method) = (took.as_secs_f64() * 1e3, self.method);
        let id = self.id.to_str().unwrap_or_default();
        if status >= 500 && (status != 503 || cause.is_some()) {
            let cause = cause.map_or("", |cause| &cause.0);
            tracing::warn!(
                request.id = id,
                http.method = method,
                http.route = route,
                http.status = status,
                ms,
                cause,
                "a request failed"
            );
        } else {
            tracing::debug!(
                request.id = id,
                http.method = method,
                http.route = route,
                http.status = status,
                ms,
                "answered"
            );
        }
    }
}

/// The client's own id if it is a decent one, else a fresh one.
fn request_id<B>(request: &Request<B>) -> HeaderValue {
    let decent = |value: &&HeaderValue| {
        (1..=LONGEST_ID).contains(&value.len())
            && value
                .as_bytes()
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    request.headers().get(REQUEST_ID).filter(decent).cloned().unwrap_or_else(|| {
        let mut text = uuid::Uuid::encode_buffer();
        let text = ids::fresh().as_simple().encode_lower(&mut text);
        HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("-"))
    })
}

/// For labels: a stranger's own method is not worth a counter of its own.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic")
}
