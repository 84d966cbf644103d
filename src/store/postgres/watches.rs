//! What this process knows of the database without asking, and tells to whoever watches.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{domain::ids::Seq, store::rows};

/// The journal's head and the nearest deadline. News may come in any order, from our own commits, from other servers'
/// notifications and from looking: the newest counts.
pub struct Watches {
    state: Mutex<State>,
    head: watch::Sender<Seq>,
    nearest: watch::Sender<Option<Timestamp>>,
}

struct State {
    /// The head that `nearest` goes with.
    head: Seq,
    nearest: Option<i64>,
    /// Another server is on duty for deadlines: here none is near.
    others_on_duty: bool,
}

impl Watches {
    pub fn new(head: Seq, nearest: Option<i64>) -> Watches {
        Watches {
            state: Mutex::new(State { head, nearest, others_on_duty: false }),
            head: watch::Sender::new(head),
            nearest: watch::Sender::new(nearest.map(rows::from_ms)),
        }
    }

    pub fn head(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }

    pub fn nearest(&self) -> watch::Receiver<Option<Timestamp>> {
        self.nearest.subscribe()
    }

    /// A commit, ours or another's: every change of a deadline has an entry, so the newer head has the nearest that counts.
    pub fn tell(&self, head: Seq, nearest: Option<i64>) {
        self.change(|state| {
            if head >= state.head {
                (state.head, state.nearest) = (head, nearest);
            }
        });
    }

    /// Whether another server is on duty for deadlines.
    pub fn tell_duty(&self, others: bool) {
        self.change(|state| state.others_on_duty = others);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        // Both watches under one lock, so that the older of two tellers cannot come last.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let nearest = state.nearest.filter(|_| !state.others_on_duty).map(rows::from_ms);
        self.nearest.send_if_modified(|known| std::mem::replace(known, nearest) != nearest);
        let head = state.head;
        self.head.send_if_modified(|known| std::mem::replace(known, head) != head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_news_changes_nothing() {
        let watches = Watches::new(5, Some(100));
        let (mut head, nearest) = (watches.head(), watches.nearest());
        watches.tell(4, Some(50));
        assert_eq!((*head.borrow(), *nearest.borrow()), (5, Some(rows::from_ms(100))));
        assert!(!head.has_changed().unwrap());
        watches.tell(6, None);
        assert_eq!((*head.borrow_and_update(), *nearest.borrow()), (6, None));
    }

    #[test]
    fn while_another_server_is_on_duty_no_deadline_is_near() {
        let watches = Watches::new(5, Some(100));
        let mut nearest = watches.nearest();
        watches.tell_duty(true);
        assert_eq!(*nearest.borrow_and_update(), None);
        watches.tell(6, Some(90));
        assert_eq!(*nearest.borrow_and_update(), None);
        watches.tell_duty(false);
        assert!(nearest.has_changed().unwrap(), "a timer that sleeps must be woken");
        assert_eq!(*nearest.borrow_and_update(), Some(rows::from_ms(90)));
    }
}
