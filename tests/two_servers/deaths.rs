//! SIGKILL in the middle of a load: of one server, then of the other, and of the database.

use std::time::Duration;

use crate::{
    clients::{self, Load},
    farm::{Farm, farm},
    watchers::Watcher,
};

const CALLS: usize = 900;

/// Consoles on both servers, and a load on both.
async fn begin(farm: &Farm) -> (String, i64, Vec<Watcher>, Load) {
    let rep = farm.hire("priya").await;
    let before = farm.get(0, "/api/me", &rep).await["seq"].as_i64().expect("a number");
    let watchers = (0..10).map(|n| Watcher::begin(farm, n % 2, &rep, before)).collect();
    (rep, before, watchers, clients::begin(farm, CALLS))
}

async fn end(farm: &Farm, (rep, before, watchers, load): (String, i64, Vec<Watcher>, Load)) {
    let repeats = load.repeats();
    assert!(repeats > 0, "nobody noticed: the load was not in the middle");
    let acknowledged = load.end().await;
    assert_eq!(acknowledged.len(), CALLS);
    clients::check(farm, &rep, &acknowledged).await;
    let last = farm.get(0, "/api/journal?limit=1", &rep).await["seq"].as_i64().expect("a number");
    for watcher in watchers {
        let seen = watcher.up_to(last).await;
        assert_eq!(seen, (before + 1..=last).collect::<Vec<_>>(), "each once, in order");
    }
    println!(
        "{CALLS} calls, {repeats} requests sent again, {} entries seen by each console",
        last - before
    );
}

#[test]
fn each_server_is_killed_under_load_and_nothing_acknowledged_is_lost_or_there_twice() {
    farm("", |mut farm| async move {
        let under_way = begin(&farm).await;
        under_way.3.reached(CALLS / 6).await;
        farm.kill(0);
        under_way.3.reached(CALLS / 3).await;
        farm.restart(0);
        under_way.3.reached(CALLS / 2).await;
        farm.kill(1);
        under_way.3.reached(CALLS * 2 / 3).await;
        farm.restart(1);
        end(&farm, under_way).await;
    });
}

#[test]
fn the_database_is_killed_under_load_and_nothing_acknowledged_is_lost_or_there_twice() {
    farm("", |mut farm| async move {
        let under_way = begin(&farm).await;
        for third in 1..=2 {
            under_way.3.reached(CALLS * third / 3).await;
            farm.cluster.kill();
            tokio::time::sleep(Duration::from_millis(500)).await;
            farm.cluster.resume();
        }
        end(&farm, under_way).await;
    });
}
