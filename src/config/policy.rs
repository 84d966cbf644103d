//! The configuration as the rules read it.

use crate::domain::policy::Policy;

use super::Config;

impl Config {
    /// What a decision depends on: everything the domain knows of this configuration.
    pub fn policy(&self) -> Policy {
        Policy {
            region: self.business.country.clone(),
            calendar: self.business.calendar(),
            own_numbers: self.own_numbers(),
            clocks: self.clocks.clone(),
            lease: self.lease,
            retry: self.dialling.retry.clone(),
            overrule_agent_tier: self.routing.overrule_agent_tier,
            rules: self.routing.rules.clone(),
            teams: self.teams.clone(),
            large_deal: self.large_deal.clone(),
        }
    }

    /// The business's numbers, the one it rings from among them, each once.
    fn own_numbers(&self) -> Vec<crate::domain::phone::Phone> {
        let mut numbers = self.business.numbers.clone();
        numbers.extend(self.twilio.as_ref().map(|twilio| twilio.from.clone()));
        numbers.sort();
        numbers.dedup();
        numbers
    }
}
