//! Notes and outcomes on their way: on disk before anything else, sent once each and in their order, whenever there is a line.

use std::{pin::Pin, sync::Arc};

use tokio::sync::{
    Notify,
    mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use uuid::Uuid;

use super::{
    cache::Cache,
    client::Client,
    msg::{Changed, Failure, FromServer, Kept, Msg, Write},
    row::{Names, Row},
    words,
};
use crate::{
    clock::Clock,
    domain::ids::{LeadId, RepId},
    ids, wire,
};

/// What the outbox is asked for.
#[derive(Debug)]
enum Ask {
    Keep {
        lead: LeadId,
        name: String,
        by: RepId,
        write: Write,
    },
    Drop(Uuid),
    Retry,
    /// Who sits here, as the server says: whose notes may go.
    Me(RepId),
}

/// The way to the outbox. Cheap to clone; its task ends with the last clone.
#[derive(Clone, Debug)]
pub(super) struct Outbox(UnboundedSender<Ask>);

/// What the outbox needs.
#[derive(Debug)]
pub(super) struct Needs {
    pub client: Client,
    pub cache: Cache,
    pub clock: Clock,
    pub out: Sender<Msg>,
    /// Told when the line comes up.
    pub up: Arc<Notify>,
}

impl Outbox {
    /// Starts with what the cache holds.
    pub fn start(needs: Needs) -> Outbox {
        let (asks, asked) = unbounded_channel();
        tokio::spawn(run(needs, asked));
        Outbox(asks)
    }

    pub fn keep(&self, lead: LeadId, name: String, by: RepId, write: Write) {
        self.ask(Ask::Keep { lead, name, by, write });
    }

    pub fn drop_kept(&self, key: Uuid) {
        self.ask(Ask::Drop(key));
    }

    pub fn retry(&self) {
        self.ask(Ask::Retry);
    }

    pub fn me(&self, me: RepId) {
        self.ask(Ask::Me(me));
    }

    fn ask(&self, ask: Ask) {
        // The task ends with the console only.
        let _ = self.0.send(ask);
    }
}

struct State {
    needs: Needs,
    /// Everybody's, oldest first.
    waiting: Vec<Kept>,
    me: Option<RepId>,
    /// The line has come up, and nothing has failed to go since.
    may_send: bool,
    /// The one on its way.
    sending: Option<Uuid>,
    names: Names,
}

/// One on its way, and what came of it.
type Sending = Pin<Box<dyn Future<Output = (Kept, Result<wire::Lead, Failure>)> + Send>>;

async fn run(needs: Needs, mut asked: UnboundedReceiver<Ask>) {
    let up = needs.up.clone();
    let waiting = needs.cache.outbox().await;
    let names = Names::default();
    let mut state = State { needs, waiting, me: None, may_send: false, sending: None, names };
    let mut sending: Option<Sending> = None;
    state.tell().await;
    loop {
        if sending.is_none()
            && let Some(kept) = state.next()
        {
            state.sending = Some(kept.key);
            sending = Some(Box::pin(send(state.needs.client.clone(), kept)));
        }
        tokio::select! {
            ask = asked.recv() => match ask {
                Some(ask) => state.take(ask).await,
                None => return,
            },
            () = up.notified() => state.may_send = true,
            (kept, answer) = on_its_way(&mut sending) => {
                sending = None;
                state.sending = None;
                state.sent(kept, answer).await;
            }
        }
    }
}

async fn send(client: Client, kept: Kept) -> (Kept, Result<wire::Lead, Failure>) {
    let answer = client.send(kept.lead, &kept.write, kept.key).await;
    (kept, answer)
}

async fn on_its_way(sending: &mut Option<Sending>) -> (Kept, Result<wire::Lead, Failure>) {
    match sending {
        Some(sending) => sending.await,
        None => std::future::pending().await,
    }
}

impl State {
    /// The next one to send: mine, not refused, the oldest. What is sent one after the other arrives in order.
    fn next(&self) -> Option<Kept> {
        let me = self.me.as_ref().filter(|_| self.may_send)?;
        let mut mine = self.waiting.iter().filter(|kept| kept.by == *me);
        mine.find(|kept| kept.refused.is_none()).cloned()
    }

    async fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Keep { lead, name, by, write } => self.keep(lead, name, by, write).await,
            Ask::Drop(key) => self.drop_kept(key).await,
            Ask::Retry => {
                for kept in &mut self.waiting {
                    if kept.refused.take().is_some() {
                        self.needs.cache.refused(kept.key, None);
                    }
                }
            }
            Ask::Me(me) => self.me = Some(me),
        }
        self.tell().await;
    }

    async fn keep(&mut self, lead: LeadId, name: String, by: RepId, write: Write) {
        let at = self.needs.clock.now();
        let kept = Kept { key: ids::fresh(), lead, name, by, write, at, refused: None };
        if let Err(error) = self.needs.cache.keep(kept.clone()).await {
            // It is sent all the same; only a console that ends before that forgets it.
            tracing::warn!(error, "a note or an outcome could not be kept on disk");
        }
        self.waiting.push(kept);
    }

    async fn drop_kept(&mut self, key: Uuid) {
        let Some(place) = self.waiting.iter().position(|kept| kept.key == key) else { return };
        let dropped = self.sending != Some(key);
        let kept = self.waiting[place].clone();
        if dropped {
            self.waiting.remove(place);
            self.needs.cache.drop_kept(key);
        }
        let _ = self.needs.out.send(Msg::Dropped { kept: Box::new(kept), dropped }).await;
    }

    async fn sent(&mut self, kept: Kept, answer: Result<wire::Lead, Failure>) {
        let answer = match answer {
            // Nobody answered, or the token is not taken: it waits until the line comes up again.
            Err(
                Failure::Unreachable(_)
                | Failure::DatabaseAway(_)
                | Failure::Refused { status: 401, .. },
            ) => {
                self.may_send = false;
                return;
            }
            Err(failure) => {
                let why = words::why_not(&failure, self.needs.clock.now());
                if let Some(kept) = self.waiting.iter_mut().find(|waiting| waiting.key == kept.key)
                {
                    kept.refused = Some(why.clone());
                }
                self.needs.cache.refused(kept.key, Some(why));
                Err(failure)
            }
            Ok(lead) => {
                self.waiting.retain(|waiting| waiting.key != kept.key);
                self.needs.cache.drop_kept(kept.key);
                let row = Row::of(&lead, &mut self.names);
                Ok(Box::new(Changed { lead: lead.into(), row }))
            }
        };
        let news = FromServer::Sent { kept: Box::new(kept), answer };
        let _ = self.needs.out.send(Msg::Server(news)).await;
        self.tell().await;
    }

    async fn tell(&self) {
        let _ = self.needs.out.send(Msg::Outbox(self.waiting.clone())).await;
    }
}
