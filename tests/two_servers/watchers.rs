//! Whoever watches, as a console does: follows the live stream of one server, and goes on at the other from the last entry seen
//! when the line ends.

use std::time::Duration;

use ringback::http_client;
use tokio::{sync::watch, task::JoinHandle};

use crate::farm::Farm;

/// A watcher at work.
pub struct Watcher {
    ids: watch::Receiver<Vec<i64>>,
    task: JoinHandle<()>,
}

impl Watcher {
    /// Begins with all that comes behind `after`, on a server first and on the other one when that ends.
    pub fn begin(farm: &Farm, server: usize, token: &str, after: i64) -> Watcher {
        let (told, ids) = watch::channel(Vec::new());
        let (servers, token) = (farm.addresses(), token.to_owned());
        let task = tokio::spawn(async move {
            let client = http_client::build(Duration::from_secs(20)).expect("a client");
            for turn in server.. {
                let last = told.borrow().last().copied().unwrap_or(after);
                let request = client
                    .get(format!("http://{}/api/stream", servers[turn % 2]))
                    .bearer_auth(&token)
                    .header("last-event-id", last);
                follow(request, &told).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Watcher { ids, task }
    }

    /// The numbers of all entries up to `last`, in the order in which they came.
    pub async fn up_to(mut self, last: i64) -> Vec<i64> {
        let waiting = self.ids.wait_for(|ids| ids.last() >= Some(&last));
        let ids = tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .expect("they come in time")
            .expect("it watches")
            .clone();
        self.task.abort();
        ids
    }
}

/// Takes down what comes until the line ends. An event counts when it is whole: one that was cut off comes again.
async fn follow(request: reqwest::RequestBuilder, told: &watch::Sender<Vec<i64>>) {
    let Ok(mut answer) = request.send().await else { return };
    match answer.status().as_u16() {
        200 => {}
        503 => return,
        other => panic!("a stream was answered with {other}"),
    }
    let mut text = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        text.extend_from_slice(&chunk);
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let event = String::from_utf8(event).expect("text");
            let id = event.lines().find_map(|line| line.strip_prefix("id: ")?.parse().ok());
            if let Some(id) = id {
                assert!(event.contains(&format!("data: {{\"seq\":{id},")), "{event}");
                told.send_modify(|ids| ids.push(id));
            }
        }
    }
}
