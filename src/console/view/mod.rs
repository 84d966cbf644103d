//! The screen
