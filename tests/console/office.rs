//! A server with people and leads, and consoles on it.

use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use serde_json::{Value, json};

use crate::{
    support::{Done, Home, Server},
    terminal::Terminal,
};

/// The place of the first lead.
pub const ALEX: usize = 0;

/// A desk that opens in half an hour.
pub struct Office {
    home: Home,
    server: Option<Server>,
    pub url: String,
    pub priya: String,
    pub tom: String,
    leads: Vec<String>,
}

impl Office {
    /// An office in whose queue these callers stand, in this order.
    pub fn open(callers: &[&str]) -> Office {
        let home = Home::new();
        let agent = home.key();
        let (priya, tom) = (home.person("Priya", "rep"), home.person("Tom", "rep"));
        let server = home.serve(&["--at", "2026-09-01T08:30:00+01:00"]);
        let url = server.url().to_owned();
        let leads = Vec::new();
        let mut office = Office { home, server: Some(server), url, priya, tom, leads };
        for (n, name) in callers.iter().enumerate() {
            let payload = json!({
                "name": name, "phone": format!("07700 90012{n}"), "tier": "B",
                "intent": "new_enquiry_demo", "source": "inbound_call",
                "ended_at": format!("2026-09-01T02:1{n}:00+01:00"), "notes": "Wants a demo.",
            });
            let add = ["lead", "add", "-", "--server", &office.url, "--token", &agent, "--json"];
            let added = office.home.run_with(&add, &payload.to_string()).succeeded().json();
            office.leads.push(added["lead_id"].as_str().expect("an id").into());
        }
        office
    }

    /// The console of the person behind a token, with the configuration and the cache of this office.
    pub fn console(&self, token: &str, size: (u16, u16)) -> Terminal {
        let file = self.home.write("a-token", token);
        let arguments = ["console", "--server", &self.url, "--token-file", &file];
        Terminal::start(env!("CARGO_BIN_EXE_ringback"), &arguments, &self.home.path(""), size)
    }

    /// Writes `console.toml`.
    pub fn settings(&self, text: &str) {
        std::fs::create_dir_all(self.home.path("ringback")).expect("a folder");
        self.home.write("ringback/console.toml", text);
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        let file = self.home.write("a-token", &self.priya);
        let mut all = arguments.to_vec();
        all.extend(["--token-file", &file]);
        self.home.run(&all)
    }

    /// A lead as the server has it.
    pub fn lead(&self, place: usize) -> Value {
        let show = ["lead", "show", &self.leads[place], "--json"];
        let mut all = show.to_vec();
        all.extend(["--server", &self.url, "--token", &self.priya]);
        let shown = self.home.json(&all);
        shown.get("lead").cloned().unwrap_or(shown)
    }

    pub fn claim(&self, place: usize, token: &str) {
        let claim = ["lead", "claim", &self.leads[place], "--server", &self.url, "--token", token];
        self.home.run(&claim).succeeded();
    }

    /// The server stops.
    pub fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.terminate();
        }
    }

    /// The server starts again, at the same address and on the same data.
    pub fn go_on(&mut self) {
        let address = self.url.trim_start_matches("http://").to_owned();
        let arguments = ["serve", "--listen", &address, "--at", "2026-09-01T08:40:00+01:00"];
        self.server = Some(Server::start(self.home.command(&arguments)));
    }
}

pub fn signal(process: u32, name: &str) {
    Command::new("kill").args(["-s", name, &process.to_string()]).assert().success();
}
