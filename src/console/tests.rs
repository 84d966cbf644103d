//! The whole console but its screen, against a server that can be made to misbehave.

mod rig;
mod standin;

use jiff::SignedDuration;
use rig::Rig;
use standin::Standin;

use super::{
    app::LinkShown,
    testing::{self, claimed, closed, lead},
};
use crate::{
    console::app::{App, UnderWay},
    domain::ids::LeadId,
};

fn id(n: u128) -> LeadId {
    LeadId(testing::uuid(n))
}

fn names(app: &App) -> Vec<&str> {
    app.viewport(50).expect("a list").rows.iter().map(|row| row.called()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_loads_the_queue_page_by_page_and_then_follows() {
    let standin = Standin::with((1..=25).map(|n| lead(n, &format!("Caller {n:02}")))).await;
    let mut rig = Rig::start(&standin);
    rig.until("the queue is here", |app| app.is_live() && names(app).len() == 25).await;
    assert!(standin.pages() >= 3, "several pages were read");
    standin.happens("lead.arrived", lead(26, "Caller 26"));
    rig.until("the new one is here", |app| names(app).len() == 26).await;
    standin.happens("lead.closed", closed(lead(1, "Caller 01")));
    rig.until("the closed one has gone", |app| !names(app).contains(&"Caller 01")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_line_resumes_with_nothing_missed_and_nothing_twice() {
    let standin = Standin::with([lead(1, "Alex")]).await;
    let mut rig = Rig::start(&standin);
    rig.until("live", App::is_live).await;
    for n in 2..=40 {
        if n % 10 == 0 {
            standin.cut();
        }
        standin.happens("lead.arrived", lead(n, &format!("Caller {n}")));
    }
    rig.until("all are here", |app| app.is_live() && names(app).len() == 40).await;
    let seqs = rig.entries();
    let expected: Vec<i64> = (2..=40).collect();
    assert_eq!(seqs, expected, "each entry once and in its order");
    assert_eq!(standin.reloads(), 1, "the queue was loaded once, at the start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_that_is_too_old_reloads_whole() {
    let standin = Standin::with([lead(1, "Alex"), lead(2, "Morag")]).await;
    let mut rig = Rig::start(&standin);
    rig.until("live", App::is_live).await;
    standin.stop();
    rig.until("the line is down", |app| !app.is_live()).await;
    standin.happens("lead.closed", closed(lead(1, "Alex")));
    standin.happens("lead.arrived", lead(3, "Dev"));
    standin.forget_the_past();
    standin.go_on().await;
    rig.until("as the server is", |app| app.is_live() && names(app) == ["Morag", "Dev"]).await;
    assert_eq!(standin.reloads(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_other_data_is_loaded_whole_and_never_followed_from_a_foreign_number() {
    let standin = Standin::with([lead(1, "Alex")]).await;
    let rig = Rig::start(&standin);
    let mut rig = rig.live().await;
    standin.stop();
    rig.until("the line is down", |app| !app.is_live()).await;
    standin.replace_world([lead(7, "Ffion")]);
    standin.go_on().await;
    rig.until("the other data is here", |app| app.is_live() && names(app) == ["Ffion"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn within_three_seconds_of_the_servers_end_the_header_says_so_and_what_was_seen_stays() {
    let standin = Standin::with([lead(1, "Alex"), lead(2, "Morag")]).await;
    let mut rig = Rig::start(&standin).live().await;
    let gone = std::time::Instant::now();
    standin.stop();
    rig.until("reconnecting", |app| matches!(app.link_shown(), LinkShown::Reconnecting(_))).await;
    assert!(gone.elapsed().as_secs() < 3);
    assert_eq!(names(&rig.app), ["Alex", "Morag"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_the_console_opens_on_the_cache_marked_offline() {
    let standin = Standin::with([lead(1, "Alex"), lead(2, "Morag")]).await;
    let mut rig = Rig::start(&standin).live().await;
    // Looking at a lead keeps its history.
    rig.until("the history", |app| {
        matches!(app.recent.history(id(1)), Some(super::recent::HistoryShown::Here(_)))
    })
    .await;
    let folder = rig.stop().await;
    standin.stop();
    let mut rig = Rig::start_in(&standin, folder);
    rig.until("offline", |app| matches!(app.link_shown(), LinkShown::Offline(Some(_)))).await;
    rig.until("the rows", |app| names(app) == ["Alex", "Morag"]).await;
    rig.until("the detail and the history", |app| {
        app.full(id(1)).is_some()
            && matches!(app.recent.history(id(1)), Some(super::recent::HistoryShown::Here(_)))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_and_outcomes_made_offline_are_sent_once_each_and_in_order() {
    let standin = Standin::with([lead(1, "Alex"), lead(2, "Morag")]).await;
    let mut rig = Rig::start(&standin).live().await;
    standin.stop();
    rig.until("the line is down", |app| !app.is_live()).await;
    for note in ["one", "two"] {
        rig.press("a");
        rig.type_text(note);
        rig.press("enter");
    }
    rig.press("o");
    rig.press("1");
    rig.press("enter");
    rig.until("all three wait", |app| app.outbox.len() == 3).await;
    assert_eq!(rig.app.under_way(id(1)), Some(UnderWay::Waiting));
    // The console is left and opened again; the line is still down.
    let folder = rig.stop().await;
    let mut rig = Rig::start_in(&standin, folder);
    rig.until("all three still wait", |app| app.outbox.len() == 3).await;
    // The first answer of each is lost on its way: it is asked again with the same key.
    standin.lose_answers(1);
    standin.go_on().await;
    rig.until("nothing waits", |app| app.is_live() && app.outbox.is_empty()).await;
    let done: Vec<String> = standin.done();
    assert_eq!(done, ["note one", "note two", "outcome connected"]);
    rig.until("the lead is closed", |app| names(app) == ["Morag"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_refuses_is_told_kept_and_dismissed_by_its_writer() {
    let standin = Standin::with([lead(1, "Alex"), lead(2, "Morag")]).await;
    let mut rig = Rig::start(&standin).live().await;
    // Claimed by somebody else, and the news has not come yet.
    standin.hold_back(claimed(lead(1, "Alex"), "Tom", testing::MORNING));
    rig.press("o");
    rig.press("4");
    rig.press("enter");
    rig.until("refused", |app| app.under_way(id(1)) == Some(UnderWay::Refused)).await;
    let refused = rig.app.outbox[0].refused.clone().unwrap_or_default();
    assert!(refused.starts_with("Tom has it"), "{refused}");
    rig.press("x");
    rig.press("D");
    rig.until("dismissed", |app| app.outbox.is_empty()).await;
    assert_eq!(standin.done(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_consoles_one_claims_and_the_other_is_told_by_whom() {
    let standin = Standin::with([lead(1, "Alex")]).await;
    let mut first = Rig::start(&standin).live().await;
    let mut second = Rig::start_as(&standin, "tom").live().await;
    standin.hold_the_stream(true);
    first.press("c");
    first.until("claimed", |app| app.pending.is_empty()).await;
    second.press("c");
    second.until("answered", |app| app.pending.is_empty()).await;
    let told = second.app.toasts.back().map(|toast| toast.text.clone()).unwrap_or_default();
    assert!(told.starts_with("Alex: not claimed. Priya has it"), "{told}");
    standin.hold_the_stream(false);
    second
        .until("the row says so", |app| {
            app.leads.get(id(1)).is_some_and(|row| row.holder.is_some())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told_once_and_tried_again_when_asked_to() {
    let standin = Standin::with([lead(1, "Alex")]).await;
    standin.refuse_tokens(true);
    let mut rig = Rig::start(&standin);
    rig.until("refused", |app| {
        app.toasts.iter().any(|toast| toast.text.contains("turned us away"))
    })
    .await;
    standin.refuse_tokens(false);
    rig.press("ctrl-r");
    rig.until("live", App::is_live).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_clock_is_the_one_that_counts() {
    let standin = Standin::with([lead(1, "Alex")]).await;
    standin.clock_is_off_by(SignedDuration::from_secs(-90));
    let mut rig = Rig::start(&standin);
    rig.until("corrected", |app| (app.skew.as_secs() + 90).abs() <= 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_cannot_be_read_is_passed_over_and_the_line_goes_on() {
    let standin = Standin::with([lead(1, "Alex")]).await;
    let mut rig = Rig::start(&standin).live().await;
    standin.says_something_strange();
    standin.happens("lead.arrived", lead(2, "Morag"));
    rig.until("what comes after it", |app| names(app) == ["Alex", "Morag"]).await;
    assert!(rig.app.is_live());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_that_stands_in_is_asked_when_the_first_is_gone() {
    let first = Standin::with([lead(1, "Alex")]).await;
    let second = Standin::with([lead(1, "Alex"), lead(2, "Morag")]).await;
    first.stop();
    let mut rig = Rig::start_with(&[&first, &second]);
    rig.until("the second answers", |app| app.is_live() && names(app).len() == 2).await;
}
