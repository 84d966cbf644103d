//! The conformance suite: what every [`Store`](ringback::store::Store) must do, whatever database stands behind it.
//!
//! Each rule is a function generic over a [`Fixture`]; [`conformance!`] makes a test of each for one database. To add a
//! database: implement `Fixture` and add a line at the end.

#[path = "../support/postgres.rs"]
mod cluster;
mod fixture;
mod identity;
mod many_servers;

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
                    fixture::run::<$fixture, _>(crate::$module::$rule::<$fixture>);
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
