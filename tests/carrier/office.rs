//! The smallest server that answers Twilio as ours will: it proves each request, reads it as an event, applies it to the
//! dial, and answers with the document that the dial's state allows.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::post,
};
use reqwest::Url;
use ringback::{
    carrier::{
        Carrier, Event, Limits, RingOrder,
        twilio::{
            Settings, Twilio,
            event::{self, IncomingCall, IncomingProgress, IncomingText},
            form::Form,
            hooks,
            signature::{self, Incoming, Verifier},
            twiml::{self, Line, Twiml},
        },
    },
    clock::Clock,
    domain::{
        call::{Dial, DialEvent, DialState, End, Leg},
        ids::{DialId, LeadId, RepId},
        person::PersonRef,
        phone::Phone,
    },
    ids,
};
use secrecy::SecretString;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::standin::{self, Options};

pub const PUBLIC: &str = "https://leads.example.co.uk";
pub const REP: &str = "+447700900456";
pub const PROSPECT: &str = "+447700900123";

/// What the server has heard and decided.
#[derive(Default)]
pub struct Desk {
    pub dial: Option<(Dial, RingOrder)>,
    /// Each state of the dial once, in order.
    pub states: Vec<DialState>,
    pub incoming: Vec<IncomingCall>,
    pub progress: Vec<IncomingProgress>,
    pub texts_in: Vec<IncomingText>,
    pub text_events: Vec<Event>,
    /// Where calls that come in go; `None` turns them away.
    pub line: Option<Line>,
    pub refused: usize,
}

struct Server {
    desk: Mutex<Desk>,
    verifier: Verifier,
    carrier: Twilio,
}

/// A server, a carrier and a stand-in for Twilio.
pub struct Office {
    pub twilio: standin::Twilio,
    pub carrier: Twilio,
    server: Arc<Server>,
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn phone(text: &str) -> Phone {
    text.parse().unwrap()
}

pub fn settings(base_url: &str) -> Settings {
    Settings {
        account_sid: standin::ACCOUNT.into(),
        auth_token: SecretString::from(standin::TOKEN),
        from: phone(standin::OURS),
        base_url: Url::parse(base_url).unwrap(),
        public_url: Url::parse(PUBLIC).unwrap(),
        patience: None,
    }
}

impl Office {
    pub async fn open() -> Office {
        Office::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Office {
        let twilio = standin::Twilio::start(options).await;
        let carrier = Twilio::new(settings(&twilio.base_url())).unwrap();
        let server = Arc::new(Server {
            desk: Mutex::default(),
            verifier: carrier.verifier(),
            carrier: carrier.clone(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = routes(Arc::clone(&server));
        let task = tokio::spawn(async move {
            let _: Result<(), std::io::Error> = axum::serve(listener, app).await;
        });
        twilio.route(PUBLIC, address);
        let hook = |path| carrier.hooks().plain(path);
        twilio.number_hooks(&hook(hooks::VOICE), &hook(hooks::STATUS), &hook(hooks::SMS));
        Office { twilio, carrier, server, address, task }
    }

    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.server.desk.lock().unwrap()
    }

    /// Writes a dial down, as the intent that comes before the order.
    pub fn intend(&self, rep: &str, prospect: &str) -> RingOrder {
        let dial = Dial::requested(
            ids::dial(),
            LeadId(ids::fresh()),
            PersonRef { id: RepId("priya".into()), name: "Priya".into() },
            phone(rep),
            phone(prospect),
            Clock::System.now(),
        );
        let order = RingOrder::of(&dial, "Siân O'Brien & Sons".into(), Limits::default(), true);
        let mut desk = self.desk();
        desk.states = vec![dial.state()];
        desk.dial = Some((dial, order.clone()));
        order
    }

    /// Rings, and waits until all is over and told.
    pub async fn dial(&self, rep: &str, prospect: &str) -> Dial {
        let order = self.intend(rep, prospect);
        self.carrier.ring(&order).await.unwrap();
        self.settled().await
    }

    pub fn current(&self) -> Dial {
        self.desk().dial.as_ref().map(|(dial, _)| dial.clone()).unwrap()
    }

    /// Waits until every call is over and every callback told.
    pub async fn settled(&self) -> Dial {
        self.twilio.until_quiet().await;
        self.until("the end of the dial", |desk| {
            desk.dial.as_ref().is_some_and(|(dial, _)| !dial.is_live())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(60)).await;
        self.current()
    }

    pub async fn until(&self, what: &str, so: impl Fn(&Desk) -> bool) {
        for _ in 0..2_000 {
            if so(&self.desk()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("never came: {what}\n{:#?}\n{:?}", self.twilio.calls(), self.twilio.warnings());
    }

    pub fn note(&self, event: &DialEvent) {
        self.server.note(event);
    }
}

pub fn end(dial: &Dial) -> End {
    match dial.state() {
        DialState::Ended { end, .. } => end,
        other => panic!("not ended: {other:?}"),
    }
}

impl Server {
    /// The form, if Twilio sent it.
    fn prove(&self, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Option<Form> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let proved = self.verifier.verify(Incoming {
            target,
            signature: header(signature::HEADER),
            settings: header(signature::SETTINGS_HEADER),
            content_type: header("content-type"),
            body,
        });
        if proved.is_err() {
            self.desk.lock().unwrap().refused += 1;
        }
        proved.ok()
    }

    fn note(&self, event: &DialEvent) -> Dial {
        let mut desk = self.desk.lock().unwrap();
        let (dial, order) = desk.dial.take().unwrap();
        let dial = dial.apply(event);
        let state = dial.state();
        if desk.states.last().map(std::mem::discriminant) != Some(std::mem::discriminant(&state)) {
            desk.states.push(state);
        }
        desk.dial = Some((dial.clone(), order));
        dial
    }

    fn order(&self) -> RingOrder {
        self.desk.lock().unwrap().dial.as_ref().map(|(_, order)| order.clone()).unwrap()
    }
}

fn document(twiml: Twiml) -> Response {
    ([(header::CONTENT_TYPE, twiml::CONTENT_TYPE)], twiml.into_string()).into_response()
}

/// A handler for a path: proves, reads, answers.
macro_rules! hook {
    ($server:ident, $form:ident, $id:ident => $answer:expr) => {
        post(
            |State($server): State<Arc<Server>>,
             Path($id): Path<uuid::Uuid>,
             uri: Uri,
             headers: HeaderMap,
             body: Bytes| async move {
                let Some($form) = $server.prove(&uri, &headers, &body) else {
                    return StatusCode::FORBIDDEN.into_response();
                };
                $answer
            },
        )
    };
    ($server:ident, $form:ident => $answer:expr) => {
        post(|State($server): State<Arc<Server>>, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            let Some($form) = $server.prove(&uri, &headers, &body) else {
                return StatusCode::FORBIDDEN.into_response();
            };
            $answer
        })
    };
}

fn now() -> jiff::Timestamp {
    Clock::System.now()
}

fn routes(server: Arc<Server>) -> Router {
    Router::new()
        .route(hooks::ANSWERED, hook!(server, form, id => answered(&server, DialId(id), &form)))
        .route(hooks::PRESSED, hook!(server, form, id => pressed(&server, DialId(id), &form)))
        .route(hooks::BRIDGED, hook!(server, form, id => {
            event::bridged(DialId(id), &form, now()).iter().for_each(|event| drop(server.note(event)));
            document(twiml::hang_up())
        }))
        .route(hooks::REP_STATUS, hook!(server, form, id => {
            event::leg(DialId(id), Leg::Rep, &form, now()).iter().for_each(|event| drop(server.note(event)));
            StatusCode::NO_CONTENT.into_response()
        }))
        .route(hooks::PROSPECT_STATUS, hook!(server, form, id => {
            event::leg(DialId(id), Leg::Prospect, &form, now()).iter().for_each(|event| drop(server.note(event)));
            StatusCode::NO_CONTENT.into_response()
        }))
        .route(hooks::REP_JUDGED, hook!(server, form, id => judged(&server, DialId(id), &form).await))
        .route(hooks::PROSPECT_JUDGED, hook!(server, form, id => {
            event::judged(DialId(id), Leg::Prospect, &form, now()).iter().for_each(|event| drop(server.note(event)));
            StatusCode::NO_CONTENT.into_response()
        }))
        .route(hooks::VOICE, hook!(server, form => voice(&server, &form)))
        .route(hooks::VOICE_DONE, hook!(server, form => {
            server.desk.lock().unwrap().progress.extend(IncomingProgress::read(&form, now()));
            document(twiml::say_and_hang_up("Sorry that we missed you. We will ring you back."))
        }))
        .route(hooks::STATUS, hook!(server, form => {
            server.desk.lock().unwrap().progress.extend(IncomingProgress::read(&form, now()));
            StatusCode::NO_CONTENT.into_response()
        }))
        .route(hooks::SMS, hook!(server, form => {
            server.desk.lock().unwrap().texts_in.extend(IncomingText::read(&form));
            document(twiml::nothing())
        }))
        .route(hooks::SMS_STATUS, hook!(server, form, id => {
            server.desk.lock().unwrap().text_events.extend(event::text(id, &form));
            StatusCode::NO_CONTENT.into_response()
        }))
        .with_state(server)
}

fn answered(server: &Server, dial: DialId, form: &Form) -> Response {
    let heard = event::leg(dial, Leg::Rep, form, now()).map(|event| server.note(&event));
    let order = server.order();
    document(match heard {
        Some(dial) if dial.is_live() => twiml::ask_rep(&order, server.carrier.hooks()),
        _ => twiml::hang_up(),
    })
}

fn pressed(server: &Server, dial: DialId, form: &Form) -> Response {
    let heard = event::pressed(dial, form, now()).map(|event| server.note(&event));
    let order = server.order();
    document(match heard {
        Some(dial) if dial.may_ring_prospect() => {
            twiml::ring_prospect(&order, server.carrier.caller_id(), server.carrier.hooks())
        }
        _ => twiml::hang_up(),
    })
}

async fn judged(server: &Server, dial: DialId, form: &Form) -> Response {
    let heard = event::judged(dial, Leg::Rep, form, now()).map(|event| server.note(&event));
    if let Some(dial) = heard.filter(Dial::met_reps_mailbox)
        && let Some(call) = dial.call()
    {
        server.carrier.hang_up(call).await.unwrap();
    }
    StatusCode::NO_CONTENT.into_response()
}

fn voice(server: &Server, form: &Form) -> Response {
    let mut desk = server.desk.lock().unwrap();
    desk.incoming.extend(IncomingCall::read(form, now()));
    document(match &desk.line {
        Some(line) => twiml::connect(line, 20, server.carrier.hooks()),
        None => twiml::turn_away(),
    })
}
