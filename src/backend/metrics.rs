//! What Prometheus sees. Every service has a recorder of its own, so that two in one process (tests, two servers) do not
//! count each other's requests. Nothing personal: routes, statuses, words of ours.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Upper bounds of the histogram of answers, in seconds.
const ANSWERED_WITHIN: [f64; 12] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// The counters of one service, made once and then only raised.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    pub arrived: Counter,
    pub joined: Counter,
    pub repeated: Counter,
    pub turned_down: Counter,
    pub subscribers: Gauge,
    pub turned_away: Counter,
    pub deadlines: Counter,
    pub panics: Counter,
    /// Requests that no route takes.
    pub unmatched: Arc<RouteMetrics>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

/// The counters of one route.
#[derive(Debug)]
pub struct RouteMetrics {
    /// The template, never the address as asked: that may name a person.
    pub route: String,
    seconds: Histogram,
    by_status: RwLock<Vec<(u16, &'static str, Counter)>>,
}

const ABOUT: Metadata<'static> = Metadata::new("ringback", Level::INFO, None);
const REQUESTS: &str = "ringback_http_requests_total";
const SECONDS: &str = "ringback_http_answer_seconds";
const INGESTED: &str = "ringback_ingested_total";
const QUEUE: &str = "ringback_queue_leads";
const DATABASE: &str = "ringback_database_up";

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

impl Metrics {
    pub fn new() -> Metrics {
        let builder = PrometheusBuilder::new();
        let builder = match builder.set_buckets(&ANSWERED_WITHIN) {
            Ok(builder) => builder,
            // Only an empty list of bounds is refused.
            Err(_) => PrometheusBuilder::new(),
        };
        let recorder = builder.build_recorder();
        describe(&recorder);
        let counter = |name: &'static str, labels: Vec<Label>| {
            recorder.register_counter(&Key::from_parts(name, labels), &ABOUT)
        };
        let ingested = |result: &'static str| counter(INGESTED, vec![Label::new("result", result)]);
        Metrics {
            arrived: ingested("arrived"),
            joined: ingested("joined"),
            repeated: ingested("repeated"),
            turned_down: ingested("refused"),
            subscribers: recorder
                .register_gauge(&Key::from_name("ringback_stream_subscribers"), &ABOUT),
            turned_away: counter("ringback_connections_turned_away_total", vec![]),
            deadlines: counter("ringback_deadlines_total", vec![]),
            panics: counter("ringback_panics_total", vec![]),
            unmatched: route_metrics(&recorder, "unmatched"),
            handle: recorder.handle(),
            recorder,
        }
    }

    /// The counters of a route.
    pub fn route(&self, route: &str) -> Arc<RouteMetrics> {
        route_metrics(&self.recorder, route)
    }

    /// Counts an answered request.
    pub fn answered(
        &self,
        route: &RouteMetrics,
        method: &'static str,
        status: u16,
        took: Duration,
    ) {
        route.seconds.record(took.as_secs_f64());
        let known = route.by_status.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, _, counter)) =
            known.iter().find(|(code, how, _)| *code == status && *how == method)
        {
            counter.increment(1);
            return;
        }
        drop(known);
        let labels = vec![
            Label::new("route", route.route.clone()),
            Label::new("method", method),
            Label::new("status", status.to_string()),
        ];
        let counter = self.recorder.register_counter(&Key::from_parts(REQUESTS, labels), &ABOUT);
        counter.increment(1);
        route
            .by_status
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push((status, method, counter));
    }

    /// How many leads a view shows.
    pub fn queue(&self, view: &'static str, leads: u64) {
        let key = Key::from_parts(QUEUE, vec![Label::new("view", view)]);
        // A gauge holds 2^53 leads exactly.
        self.recorder.register_gauge(&key, &ABOUT).set(leads as f64);
    }

    /// Whether the database answers.
    pub fn database(&self, answers: bool) {
        let key = Key::from_name(DATABASE);
        self.recorder.register_gauge(&key, &ABOUT).set(f64::from(u8::from(answers)));
    }

    /// Everything in Prometheus's text form.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Drains the histograms. To be called every few seconds, or they grow for ever.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

fn route_metrics(recorder: &PrometheusRecorder, route: &str) -> Arc<RouteMetrics> {
    let label = Label::new("route", route.to_owned());
    let seconds = recorder.register_histogram(&Key::from_parts(SECONDS, vec![label]), &ABOUT);
    Arc::new(RouteMetrics { route: route.to_owned(), seconds, by_status: RwLock::new(Vec::new()) })
}

fn describe(recorder: &PrometheusRecorder) {
    let counter = |name: &'static str, what: &'static str| {
        recorder.describe_counter(KeyName::from_const_str(name), Some(Unit::Count), what.into());
    };
    let gauge = |name: &'static str, what: &'static str| {
        recorder.describe_gauge(KeyName::from_const_str(name), Some(Unit::Count), what.into());
    };
    counter(REQUESTS, "Requests answered, by route, method and status.");
    counter(
        INGESTED,
        "Calls ingested: new leads, calls that joined an open lead, repeats, refusals.",
    );
    counter("ringback_connections_turned_away_total", "Connections refused: too many were open.");
    counter("ringback_deadlines_total", "Deadlines acted on.");
    counter("ringback_panics_total", "Requests that ended in a panic.");
    gauge("ringback_stream_subscribers", "Open live streams.");
    gauge(QUEUE, "Leads shown by each view.");
    gauge(DATABASE, "1 while the database answers, 0 while it is away.");
    recorder.describe_histogram(
        KeyName::from_const_str(SECONDS),
        Some(Unit::Seconds),
        "Time from a request's head to its answer's head.".into(),
    );
}
