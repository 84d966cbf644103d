use serde::{Deserialize, Serialize};
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    Urgent,
    Normal,
}
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    pub team_size: Option<u32>,
    pub sites: Option<u32>,
    pub timeline: Option<String>,
    pub timeline_days: Option<u32>,
    pub urgency: Option<Urgency>,
    pub deal_value_pence: Option<i64>,
    #[serde(default)]
    pub deciders: Vec<String>,
}
impl Signals {
    pub fn combined(_a: &Signals, b: &Signals) -> Signals {
        b.clone()
    }
}
/// What counts as a large deal (requirements §3, starter rule 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LargeDeal {
    pub team_size: u32,
    pub sites: u32,
    pub deal_value_pence: i64,
    /// Wanted within so many days, with a named decider.
    pub timeline_days: u32,
}
impl Default for LargeDeal {
    fn default() -> Self {
        LargeDeal { team_size: 10, sites: 2, deal_value_pence: 500_000, timeline_days: 14 }
    }
}
impl LargeDeal {
    pub fn matches(&self, _s: &Signals) -> Option<String> {
        None
    }
}
pub fn value_band(_s: &Signals) -> u8 {
    0
}
impl Signals {
    pub fn merged(given: &Signals, _read: &Signals) -> Signals {
        given.clone()
    }
}
pub fn read_from_notes(_notes: &str, _on: jiff::civil::Date) -> Signals {
    Signals::default()
}
