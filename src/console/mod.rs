//! The terminal console: the one screen a rep lives in.
//!
//! [`app::App`] is the whole state and has one owner, the loop. What happens arrives in one queue of [`msg::Msg`]; `update` turns a
//! message into a new state and a list of [`msg::Effect`], without touching the world; [`effects`](self) carry those out, and their
//! only way back is a message. Views are functions from the state to a frame, called as
//! `view::draw(&mut Frame, &App, &Theme) -> Geometry`: what they return ([`app::Geometry`]) says where things are, for the mouse
//! and for keys that move by pages.

pub mod action;
pub mod app;
pub mod cache;
pub mod client;
pub mod clipboard;
mod connection;
mod effects;
pub mod filter;
pub mod find;
pub mod journal;
pub mod keymap;
pub mod leads;
pub mod line;
pub mod list;
pub mod msg;
mod notices;
pub mod notify;
mod outbox;
pub mod prompt;
pub mod recent;
pub mod row;
mod run;
pub mod settings;
pub mod steady;
mod stream;
pub mod svg;
mod terminal;
pub mod theme;
pub mod time;
pub mod toml_file;
pub mod update;
pub mod view;
pub mod width;
pub mod words;

pub use run::{ConsoleError, ConsoleOptions, run};

#[cfg(test)]
mod testing;

#[cfg(test)]
mod tests;
