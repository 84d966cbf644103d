//! The configuration that `ringback init` writes: every key with a sentence, set to its default or, with a `#` straight
//! before it, switched off.

/// The text of a first `ringback.toml`. As it stands, it means the same as no file at all.
pub fn starter() -> &'static str {
    include_str!("../../assets/starter.toml")
}
