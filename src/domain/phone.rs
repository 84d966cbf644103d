use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);
impl Phone {
    pub fn e164(&self) -> &str {
        &self.0
    }
    pub fn extension(&self) -> Option<&str> {
        None
    }
    pub fn national_display(&self, _region: &str) -> String {
        self.0.clone()
    }
}
