//! The configuration (contract, "Configuration"): one TOML file with the environment laid over it.
//!
//! A file becomes a tree of values with places (`file`, `tree`), the environment is laid over it (`env`), and each section
//! reads its keys out of the tree (`read`; one file for each group of sections), checking what they mean. Whatever is
//! wrong is told at once, each with its place; an unknown key is an error that suggests the nearest known one. Secrets are
//! kept in a type that does not print, and no message repeats one.
//!
//! The rules know nothing of all this: they read a [`Policy`](crate::domain::policy::Policy), which [`Config::policy`]
//! makes.

mod business;
mod desk;
mod durations;
mod env;
mod errors;
mod escalation;
mod file;
mod policy;
mod read;
mod routing;
mod server;
mod services;
mod starter;
#[cfg(test)]
mod tests;
mod tree;
mod values;

use std::path::{Path, PathBuf};

use jiff::SignedDuration;

use crate::domain::{
    policy::{Clocks, Team},
    signals::LargeDeal,
};

pub use business::Business;
pub use desk::{DialMode, Dialling, Retention};
pub use errors::{ConfigErrors, Fault, Place};
pub use escalation::{Channel, Notify, Rung, Trigger};
pub use routing::Routing;
pub use server::{Limits, Server, StoreUrl};
pub use services::{CrmWebhook, Hubspot, Slack, Smtp, Twilio};
pub use starter::starter;

use read::{Notes, Section};
use tree::Table;

/// Everything that can be set, checked, with defaults where nothing was.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from; `None` when there is none and the defaults stand.
    pub path: Option<PathBuf>,
    pub business: Business,
    pub server: Server,
    /// `None`: SQLite in the data folder.
    pub store: Option<StoreUrl>,
    /// How long a claim holds without a dial.
    pub lease: SignedDuration,
    pub clocks: Clocks,
    pub dialling: Dialling,
    pub routing: Routing,
    pub large_deal: LargeDeal,
    pub teams: Vec<Team>,
    pub escalation: Vec<Rung>,
    pub twilio: Option<Twilio>,
    pub slack: Option<Slack>,
    pub smtp: Option<Smtp>,
    pub hubspot: Option<Hubspot>,
    pub crm_webhooks: Vec<CrmWebhook>,
    pub retention: Retention,
    /// What is allowed and probably not meant.
    pub warnings: Vec<Fault>,
}

impl Config {
    /// Reads the configuration: the file named by `path` (`--config`), else by `$RINGBACK_CONFIG`, else
    /// `ringback/ringback.toml` in the XDG configuration folder; then the environment over it.
    ///
    /// `env` is the environment of the process, from which file and values are taken. Files that the configuration names
    /// (secrets, bank holidays) are read here.
    ///
    /// # Errors
    /// A file that was named and cannot be read (a missing default file means defaults), the first fault in its syntax, or
    /// else every fault in its meaning.
    pub fn load(
        path: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Config, ConfigErrors> {
        let env: Vec<(String, String)> = env.collect();
        let location = file::locate(path, &env);
        let tree = match &location {
            Some(location) => file::read(location)?,
            None => None,
        };
        let path = location.map(|location| location.path).filter(|_| tree.is_some());
        Config::from_tree(tree.unwrap_or_default(), path, &env)
    }

    /// Reads a configuration from its text. `path` is what messages call it and where the relative paths in it start.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Config, ConfigErrors> {
        Config::from_tree(file::parse(path, text)?, Some(path.to_owned()), &[])
    }

    fn from_tree(
        mut tree: Table,
        path: Option<PathBuf>,
        env: &[(String, String)],
    ) -> Result<Config, ConfigErrors> {
        let overlay_faults = env::overlay(&mut tree, env);
        let notes = Notes::default();
        let name = path.clone().unwrap_or_else(|| PathBuf::from("ringback.toml"));
        let root = notes.root(&tree, Place::File(name));
        let config = Config::read(&root, path);
        let (mut faults, warnings) = notes.finish();
        faults.extend(overlay_faults);
        if faults.is_empty() {
            Ok(Config { warnings, ..config })
        } else {
            Err(ConfigErrors::new(faults))
        }
    }

    /// Asks for every section there is; what is wrong is noted on the way, with a default in its place.
    fn read(root: &Section<'_>, path: Option<PathBuf>) -> Config {
        let business = Business::read(&root.section("business"));
        let teams = routing::teams(&root.sections("team").unwrap_or_default());
        let given = |key| Some(root.section(key)).filter(Section::is_given);
        Config {
            path,
            server: Server::read(&root.section("server")),
            store: server::read_store(&root.section("store")),
            lease: desk::lease(&root.section("claims")),
            clocks: desk::clocks(&root.section("clocks"), &business.hours),
            dialling: Dialling::read(&root.section("dialling"), &business.hours),
            routing: Routing::read(&root.section("routing"), &teams),
            large_deal: desk::large_deal(&root.section("large_deal")),
            escalation: escalation::read(root.sections("escalation")),
            twilio: given("twilio").and_then(|twilio| Twilio::read(&twilio, &business.country)),
            slack: given("slack").and_then(|slack| Slack::read(&slack)),
            smtp: given("smtp").and_then(|smtp| Smtp::read(&smtp)),
            hubspot: given("hubspot").and_then(|hubspot| Hubspot::read(&hubspot)),
            crm_webhooks: root
                .sections("crm_webhook")
                .unwrap_or_default()
                .iter()
                .filter_map(CrmWebhook::read)
                .collect(),
            retention: Retention::read(&root.section("retention")),
            warnings: Vec::new(),
            business,
            teams,
        }
    }

    /// The services that are switched on and would reach real people or records, by the name of their section. One whose
    /// URL is on this machine is a stand-in and not among them.
    pub fn live_services(&self) -> Vec<&'static str> {
        services::live(self)
    }
}

impl Default for Config {
    /// What an empty file means.
    fn default() -> Self {
        let (notes, tree) = (Notes::default(), Table::new());
        Config::read(&notes.root(&tree, Place::File(PathBuf::new())), None)
    }
}

/// The word that `wrong` was probably meant to be, if one is near enough to be worth a guess.
fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.8;
    let wrong = wrong.to_lowercase();
    known
        .map(|word| (word, strsim::jaro_winkler(&wrong, &word.to_lowercase())))
        .filter(|(_, likeness)| *likeness > NEAR)
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(word, _)| word)
}
