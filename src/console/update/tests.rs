//! Messages in, state and effects out: whole lists of effects are compared.

mod alone;
mod hand;
mod line;
mod properties;
mod together;
