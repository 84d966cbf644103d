//! The conformance suite: what every [`Store`](ringback::store::Store) must do, whatever database stands behind it.
//!
//! Each rule is a function generic over a [`Fixture`]; [`conformance!`] makes a test of each for one database. To add a
//! database: implement `Fixture` and add a line at the end.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says why")]

mod away;
#[path = "../support/postgres.rs"]
mod cluster;
mod copying;
mod fixture;
mod identity;
mod many_servers;
mod servers;
mod tls;

use fixture::{Fixture, Sqlite};
use many_servers::Postgres;

/// One test for each rule, in a module named after the database.
macro_rules! conformance {
    ($database:ident: $fixture:ty, $($module:ident { $($rule:ident),* $(,)? })*) => {
        mod $database {
            use super::*;

            $($(
                #[test]
                fn $rule() {
                    fixture::run::<$fixture, _>(crate::$module::$rule);
                }
            )*)*
        }
    };
}

/// Every rule there is.
macro_rules! every_rule {
    ($database:ident: $fixture:ty) => {
        conformance! { $database: $fixture,
            identity {
                two_withheld_callers_are_never_the_same_contact,
                the_same_call_twice_answers_the_first_result,
            }
        }
    };
}

every_rule!(sqlite: Sqlite);
every_rule!(postgres: Postgres);

conformance! { several_servers: Postgres,
    servers {
        of_racing_claims_one_wins_and_the_losers_are_told_who,
        the_journal_has_no_gap_and_no_twin,
        a_caller_who_reaches_two_servers_at_once_is_one_contact,
        a_call_delivered_to_two_servers_is_answered_with_the_first_result,
        who_is_added_on_one_server_works_on_the_other_at_once,
        a_server_hears_of_the_others_commits,
        a_lost_notification_loses_nothing,
        a_deadline_is_worked_by_one_server,
        the_work_of_a_server_that_dies_is_taken_over_within_seconds,
        a_server_that_is_stopped_leaves_its_work_at_once,
        one_request_that_the_database_refuses_harms_no_other,
        a_nul_in_what_strangers_wrote_is_no_fault,
    }
}
