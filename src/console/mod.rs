//! The console: the one screen a rep lives in (design: requirements §4–§6).

pub mod clipboard;
pub mod notify;
pub mod settings;
pub mod svg;
pub mod theme;
pub mod toml_file;
pub mod view;
pub mod width;
