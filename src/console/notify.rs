//! Notices outside the screen: the desktop's, the bell, and the terminal's title.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use notify_rust::{Notification, Urgency};

use super::width;

/// How long the desktop may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a notice that is not urgent stays.
const SHOWN: Duration = Duration::from_secs(12);

/// What makes the terminal sound.
pub const BELL: &str = "\x07";

/// The title of the terminal: `(3B 1!) ringback` for three unclaimed Bs and one lead past due.
pub fn title(unclaimed_b: usize, past_due: usize) -> String {
    match (unclaimed_b, past_due) {
        (0, 0) => "ringback".into(),
        (b, 0) => format!("({b}B) ringback"),
        (0, late) => format!("({late}!) ringback"),
        (b, late) => format!("({b}B {late}!) ringback"),
    }
}

/// The way to the desktop. Cheap to clone; clones share what has been said.
#[derive(Clone, Debug, Default)]
pub struct Notifier {
    /// That there is no way has been logged.
    said: Arc<AtomicBool>,
}

impl Notifier {
    /// Shows a desktop notification. `title` and `body` may hold words of strangers: they are made safe here. Where no
    /// desktop takes it, the log says so, once.
    pub async fn show(&self, title: &str, body: &str, urgent: bool) {
        let notification = notification(title, body, urgent);
        let trouble = match tokio::time::timeout(PATIENCE, send(notification)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".into(),
        };
        if !self.said.swap(true, Ordering::Relaxed) {
            tracing::info!(
                reason = trouble,
                "no desktop takes notifications; messages stay inside the console"
            );
        }
    }
}

fn notification(title: &str, body: &str, urgent: bool) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("ringback")
        .summary(&width::truncate(title, 80))
        .body(&plain_markup(&width::truncate(body, 240)));
    if !urgent {
        notification.timeout(SHOWN);
    }
    #[cfg(all(unix, not(target_os = "macos")))]
    notification.urgency(if urgent { Urgency::Critical } else { Urgency::Normal });
    notification
}

#[cfg(unix)]
async fn send(notification: Notification) -> notify_rust::error::Result<()> {
    // `show` would block, and panics on a runtime's thread.
    notification.show_async().await.map(drop)
}

#[cfg(not(unix))]
async fn send(notification: Notification) -> notify_rust::error::Result<()> {
    match tokio::task::spawn_blocking(move || notification.show().map(drop)).await {
        Ok(shown) => shown,
        Err(_) => Ok(()),
    }
}

/// Desktops read a body as markup: a stranger's words must not become a link.
fn plain_markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn the_title_counts_what_needs_somebody() {
        assert_eq!(title(3, 1), "(3B 1!) ringback");
        assert_eq!(title(3, 0), "(3B) ringback");
        assert_eq!(title(0, 2), "(2!) ringback");
        assert_eq!(title(0, 0), "ringback");
    }

    #[test]
    fn a_strangers_words_are_words_on_the_desktop_too() {
        let shown = notification("B: Eve\x1b[2J\u{202e}", "<a href=\"x\">call</a> & win\n", true);
        assert_eq!(shown.summary, "B: Eve[2J");
        assert_eq!(shown.body, "&lt;a href=\"x\"&gt;call&lt;/a&gt; &amp; win ");
    }

    /// Counts lines of the log.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<String>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("a log").push_str(&String::from_utf8_lossy(bytes));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn without_a_desktop_the_log_says_so_once_and_nothing_personal() {
        if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() {
            return; // A real desktop would show the test's notice.
        }
        let lines = Lines::default();
        let log = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().with_writer(move || log.clone()).with_ansi(false).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let notifier = Notifier::default();
        for _ in 0..3 {
            notifier.clone().show("New B", "Alex Rivera wants a demo", false).await;
        }
        let log = lines.0.lock().expect("a log").clone();
        assert_eq!(log.matches("no desktop takes notifications").count(), 1, "{log}");
        assert!(!log.contains("Alex"), "{log}");
    }
}
