//! The conformance suite: what every [`Store`](ringback::store::Store) must do, whatever database stands behind it.
//!
//! Each rule is an async function generic over a [`Fixture`](fixture::Fixture), run on a fresh database. To add a
//! database: implement `Fixture` for it, and add a line at the end.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a rule that cannot go on has failed")]

mod away;
mod claims;
#[path = "../support/postgres.rs"]
mod cluster;
mod contacts;
mod copying;
mod durability;
mod fixture;
mod identity;
mod journal;
mod many_servers;
mod office;
mod queues;
mod repeats;
mod servers;
mod sqlite_only;
mod staff;
mod tls;

/// One test for each rule, in a module named after the database. A property runs its rule on many databases itself.
macro_rules! tests {
    ($database:ident: $fixture:ty, $($module:ident { $($rule:ident),* $(,)? $(; property $property:ident)* })*) => {
        mod $database {
            $(mod $module {
                $(
                    #[test]
                    fn $rule() {
                        $crate::fixture::run::<$fixture, _>($crate::$module::$rule);
                    }
                )*
                $(
                    #[test]
                    fn $property() {
                        $crate::$module::$property::<$fixture>();
                    }
                )*
            })*
        }
    };
}

/// Every rule there is, on one database.
macro_rules! conformance {
    ($database:ident: $fixture:ty) => {
        tests! { $database: $fixture,
            identity {
                two_withheld_callers_are_never_the_same_contact,
                the_same_person_calling_again_joins_the_open_lead,
                any_number_and_any_address_finds_the_contact,
                number_and_address_of_two_contacts_mark_them_as_possible_duplicates,
                the_same_person_in_two_calls_at_once_has_one_open_lead,
                after_a_close_the_same_person_gets_a_new_lead,
                a_number_of_ours_that_was_stored_as_a_callers_loses_no_call,
            }
            repeats {
                the_same_call_twice_answers_the_first_result,
                the_same_call_delivered_twice_at_once_is_one_lead,
                a_repeat_with_the_same_key_answers_the_first_result_and_changes_nothing,
                a_key_used_for_another_request_is_refused,
                the_keys_of_two_senders_never_meet,
                a_call_seen_before_is_remembered_under_its_new_key_too,
                a_key_is_forgotten_after_a_day_and_a_call_never,
                a_refused_request_leaves_its_key_free,
                repeats_are_recognised_after_a_restart,
            }
            claims {
                of_200_racing_claims_one_wins_and_each_loser_is_told_who,
                what_is_not_there_cannot_be_claimed,
                a_close_can_be_undone_and_the_lead_is_back_in_its_queue,
                undo_after_a_close_is_refused_when_a_newer_lead_is_open,
                requests_that_are_refused_harm_nobody_beside_them,
            }
            journal {
                every_entry_holds_its_lead_as_it_is_stored,
                sequence_numbers_have_no_gap_and_no_twin,
                it_can_be_read_on_from_any_place,
                the_head_moves_when_something_is_committed,
                a_lead_has_its_own_history_and_its_contacts_other_leads,
                who_looked_is_written_down_beside_it,
            }
            queues {
                a_page_and_its_sequence_number_are_of_one_moment,
                mine_is_empty_for_nobody_in_particular;
                property views_counts_and_deadlines_follow_any_order_of_commands
            }
            contacts {
                a_merge_moves_numbers_and_the_open_lead,
                two_open_leads_become_one_row,
                what_was_merged_twice_is_found_from_the_last,
                only_a_supervisor_merges,
                a_lookup_shows_the_open_lead_and_the_earlier_ones,
                a_call_reported_twice_is_one_call,
            }
            staff {
                a_person_has_a_token_until_it_is_replaced,
                somebody_removed_loses_every_token,
                a_key_of_a_program_opens_the_door,
                a_handle_is_taken_once,
                open_leads_are_counted_for_whoever_works_on_them,
                a_lead_goes_to_the_least_loaded_who_is_there,
                expired_tokens_are_swept,
            }
            durability {
                everything_acknowledged_is_there_after_reopening,
                close_carries_out_what_was_handed_in_and_refuses_the_rest,
                an_empty_store_answers_every_question,
                the_nearest_deadline_is_told_when_it_changes,
            }
        }
    };
}

conformance!(sqlite: crate::fixture::Sqlite);
conformance!(postgres: crate::many_servers::Postgres);

tests! { several_servers: crate::many_servers::Postgres,
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
