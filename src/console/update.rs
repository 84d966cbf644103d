//! The state's only way to change: a message comes in, effects go out.

/// A reload under way.
#[derive(Debug)]
pub struct Reload;
