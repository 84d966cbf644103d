//! The real console in a real terminal, with two servers to go to.

use std::time::{Duration, Instant};

use ringback::http_client;
use serde_json::json;

use crate::{
    farm::{AGENT, Farm, farm},
    terminal::Terminal,
};

/// A call comes in by a server that lives.
async fn call(farm: &Farm, server: usize, name: &str) {
    let client = http_client::build(Duration::from_secs(10)).expect("a client");
    let url = format!("http://{}/api/ingest/lead", farm.servers[server].address);
    let began = Instant::now();
    loop {
        let request = client.post(&url).bearer_auth(AGENT).header("idempotency-key", name);
        let sent = request.json(&json!({ "name": name, "intent": "pricing" })).send().await;
        if sent.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{name} is not taken");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn a_console_goes_on_at_the_other_server_and_says_when_the_database_is_away() {
    // Open day and night, so that all calls stand in one list whenever this runs.
    let always = "[business.hours]\nmon = [\"00:00-24:00\"]\ntue = [\"00:00-24:00\"]\nwed = [\"00:00-24:00\"]\n\
                  thu = [\"00:00-24:00\"]\nfri = [\"00:00-24:00\"]\nsat = [\"00:00-24:00\"]\nsun = [\"00:00-24:00\"]\n";
    farm(&format!("[business]\nbank_holidays = \"none\"\n{always}"), |mut farm| async move {
        let token = farm.hire("priya").await;
        let file = farm.path().join("token");
        std::fs::write(&file, token).expect("a token");
        call(&farm, 0, "Alex One").await;
        let [first, second] = farm.addresses();
        let mut screen = Terminal::start(
            env!("CARGO_BIN_EXE_ringback"),
            &[
                "console",
                "--server",
                &format!("http://{first}"),
                "--server",
                &format!("http://{second}"),
                "--token-file",
                &file.display().to_string(),
            ],
            farm.path(),
            (120, 36),
        );
        screen.until("live", |screen| screen.contains("LIVE"));
        screen.press("2");
        screen.until("the call", |screen| screen.contains("Alex One"));
        farm.kill(0);
        let killed = Instant::now();
        call(&farm, 1, "Morag Two").await;
        screen.until("the call by the other server", |screen| {
            screen.contains("Morag Two") && screen.contains("LIVE")
        });
        println!("on the other server's screen {:?} after the first was killed", killed.elapsed());
        farm.restart(0);
        farm.kill(1);
        call(&farm, 0, "Ffion Three").await;
        screen.until("back on the first", |screen| {
            screen.contains("Ffion Three") && screen.contains("LIVE")
        });
        farm.restart(1);
        farm.cluster.kill();
        screen.until("it says so", |screen| screen.contains("NO DATABASE as of"));
        assert!(screen.screen().contains("Alex One"), "what was seen stays:\n{}", screen.screen());
        farm.cluster.resume();
        call(&farm, 1, "Bryn Four").await;
        screen
            .until("all goes on", |screen| screen.contains("Bryn Four") && screen.contains("LIVE"));
        let shown = screen.screen();
        for name in ["Alex One", "Morag Two", "Ffion Three", "Bryn Four"] {
            assert!(shown.contains(name), "{name} is missing:\n{shown}");
        }
    });
}
