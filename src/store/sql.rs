//! Every statement that all engines read, once.
//!
//! Parameters are `$1`, `$2`, … and appear for the first time in that order. SQLite takes `$2` for a *name* and numbers
//! names by first appearance, so a statement out of order would be bound wrongly without a word: the engine checks each
//! statement when it prepares it, and a test checks them all.
//!
//! The dialect is what SQLite and PostgreSQL share: `ON CONFLICT … RETURNING`, row values compared with `>`, partial
//! indexes; no JSON functions, no `->>`.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub const $name: &str = $sql;)*

        /// Every statement, by name.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name),)*];
    };
}

/// The documents of a lead and its contact, with the lead's place in the order of due times.
macro_rules! by_due {
    ($condition:literal) => {
        concat!(
            "SELECT l.doc, c.doc AS contact, l.tier_rank, l.due_sort, l.value_sort, l.id AS lead ",
            "FROM leads l JOIN contacts c ON c.id = l.contact_id WHERE ",
            $condition
        )
    };
    (after $condition:literal) => {
        concat!(
            by_due!("(l.tier_rank, l.due_sort, l.value_sort, l.id) > ($1, $2, $3, $4)"),
            " AND ",
            $condition
        )
    };
}

macro_rules! due_order {
    ($limit:literal) => {
        concat!(" ORDER BY tier_rank, due_sort, value_sort, lead LIMIT ", $limit)
    };
}

statements! {
    // What a command concerns.
    CONTACT_OF_KEY = "SELECT contact_id FROM contact_keys WHERE kind = $1 AND value = $2";
    CONTACT = "SELECT doc FROM contacts WHERE id = $1";
    LEAD = "SELECT doc FROM leads WHERE id = $1";
    OPEN_LEAD = "SELECT doc FROM leads WHERE contact_id = $1 AND open_slot = $2";
    CALL = "SELECT doc FROM calls WHERE sid = $1";
    PEOPLE = "SELECT id, doc FROM people";
    TALLIES = "SELECT name, n FROM tallies";
    /// `$3`: records older than this are forgotten, those without a fingerprint never.
    REPLY = "SELECT fingerprint, answer FROM replies WHERE scope = $1 AND key = $2 AND (fingerprint IS NULL OR at > $3)";

    // What a decision writes.
    ADD_CONTACT = "INSERT INTO contacts (id, rev, merged_into, doc) VALUES ($1, $2, $3, $4)";
    CHANGE_CONTACT = "UPDATE contacts SET rev = $1, merged_into = $2, doc = $3 WHERE id = $4 AND rev = $5";
    /// Whoever pointed to a contact that has just become part of another points to that other.
    FOLLOW_MERGE = "UPDATE contacts SET merged_into = $1 WHERE merged_into = $2";
    ADD_KEY = "INSERT INTO contact_keys (kind, value, contact_id) VALUES ($1, $2, $3)";
    DROP_KEY = "DELETE FROM contact_keys WHERE kind = $1 AND value = $2 AND contact_id = $3";
    ADD_LEAD = "INSERT INTO leads (id, contact_id, rev, open_slot, shelf, night_rank, tier_rank, due_sort, value_sort, ended_at, desk, owner, holder, doc) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    CHANGE_LEAD = "UPDATE leads SET contact_id = $1, rev = $2, open_slot = $3, shelf = $4, night_rank = $5, tier_rank = $6, due_sort = $7, \
                   value_sort = $8, ended_at = $9, desk = $10, owner = $11, holder = $12, doc = $13 WHERE id = $14 AND rev = $15";
    ADD_DEADLINE = "INSERT INTO deadlines (at, lead_id, kind) VALUES ($1, $2, $3)";
    DROP_DEADLINE = "DELETE FROM deadlines WHERE at = $1 AND lead_id = $2 AND kind = $3";
    ADD_ENTRY = "INSERT INTO journal (seq, at, kind, lead_id, json) VALUES ($1, $2, $3, $4, $5)";
    PUT_PERSON = "INSERT INTO people (id, doc) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc";
    ADD_TOKEN = "INSERT INTO tokens (hash, person, owner, expires_at) VALUES ($1, $2, $3, $4)";
    REVOKE_TOKENS = "DELETE FROM tokens WHERE person = $1";
    PUT_CALL = "INSERT INTO calls (sid, started_at, doc) VALUES ($1, $2, $3) \
                ON CONFLICT (sid) DO UPDATE SET started_at = excluded.started_at, doc = excluded.doc";
    /// An expired record gives way; a live one was found before and is never overwritten.
    PUT_REPLY = "INSERT INTO replies (scope, key, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (scope, key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer, at = excluded.at";
    ADD_MESSAGE = "INSERT INTO outbox (destination, lead_id, body, tries, not_before) VALUES ($1, $2, $3, 0, $4)";
    ADD_TALLY = "INSERT INTO tallies (name, n) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET n = tallies.n + excluded.n";
    ADD_ACCESS = "INSERT INTO access_log (at, actor, what, lead_id) VALUES ($1, $2, $3, $4)";
    SWEEP_REPLIES = "DELETE FROM replies WHERE fingerprint IS NOT NULL AND at <= $1";
    SWEEP_TOKENS = "DELETE FROM tokens WHERE expires_at <= $1";

    // Queues: leads behind a place (the first parameters), in order.
    OVERNIGHT = "SELECT l.doc, c.doc FROM leads l JOIN contacts c ON c.id = l.contact_id \
                 WHERE (l.night_rank, l.value_sort, l.ended_at, l.id) > ($1, $2, $3, $4) AND l.night_rank IS NOT NULL \
                 ORDER BY l.night_rank, l.value_sort, l.ended_at, l.id LIMIT $5";
    CALLBACKS = concat!(by_due!(after "l.shelf = 2"), due_order!("$5"));
    BOOKED = concat!(by_due!(after "l.shelf = 3"), due_order!("$5"));
    /// Tier D, whenever it came: one rank, so the order begins with the due time.
    ANSWERS = concat!(
        by_due!("(l.due_sort, l.value_sort, l.id) > ($1, $2, $3) AND l.shelf = 1 AND l.tier_rank = 3"), " UNION ALL ",
        by_due!("(l.due_sort, l.value_sort, l.id) > ($1, $2, $3) AND l.shelf = 2 AND l.tier_rank = 3"),
        " ORDER BY due_sort, value_sort, lead LIMIT $4"
    );
    EVERYTHING = concat!(
        by_due!(after "l.shelf = 1"), " UNION ALL ", by_due!(after "l.shelf = 2"), " UNION ALL ",
        by_due!(after "l.shelf = 3"), due_order!("$5")
    );
    DESK = concat!(by_due!(after "l.desk = $5"), due_order!("$6"));
    MINE = concat!(
        by_due!(after "l.owner = $5"), " UNION ALL ",
        by_due!(after "l.holder = $5 AND (l.owner IS NULL OR l.owner <> $5)"), due_order!("$6")
    );
    TALLY = "SELECT n FROM tallies WHERE name = $1";

    // Other questions.
    LEAD_AND_CONTACT = "SELECT l.doc, c.doc FROM leads l JOIN contacts c ON c.id = l.contact_id WHERE l.id = $1";
    /// Of a contact and of those that became part of it: all leads but one, newest first.
    OTHER_LEADS = "SELECT l.doc, c.doc FROM leads l JOIN contacts c ON c.id = l.contact_id \
                   WHERE (l.contact_id = $1 OR l.contact_id IN (SELECT id FROM contacts WHERE merged_into = $1)) AND l.id <> $2 \
                   ORDER BY l.id DESC LIMIT $3";
    ENTRIES_OF_LEAD = "SELECT seq, kind, json FROM journal WHERE lead_id = $1 ORDER BY seq";
    ENTRIES = "SELECT seq, kind, json FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2";
    HEAD = "SELECT COALESCE(MAX(seq), 0) FROM journal";
    FIRST = "SELECT COALESCE(MIN(seq), 1) FROM journal";
    DUE = "SELECT at, lead_id, kind FROM deadlines WHERE at <= $1 ORDER BY at, lead_id, kind LIMIT $2";
    NEAREST = "SELECT MIN(at) FROM deadlines";
    TOKEN = "SELECT t.owner, t.expires_at, p.doc FROM tokens t LEFT JOIN people p ON p.id = t.person WHERE t.hash = $1";
    ACCESSES = "SELECT at, actor, what, lead_id FROM access_log ORDER BY id DESC LIMIT $1";
    ACCESSES_OF_LEAD = "SELECT at, actor, what, lead_id FROM access_log WHERE lead_id = $1 ORDER BY id DESC LIMIT $2";
    OUTBOX = "SELECT id, destination, lead_id, body, tries, not_before, last_error FROM outbox WHERE not_before <= $1 ORDER BY id LIMIT $2";

    // The schema.
    LAST_STEP = "SELECT COALESCE(MAX(version), 0) FROM schema_steps";
    ADD_STEP = "INSERT INTO schema_steps (version, name) VALUES ($1, $2)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_first_appear_in_the_order_of_their_numbers() {
        for (name, sql) in ALL {
            let mut seen = 0;
            for part in sql.split('$').skip(1) {
                let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
                let number: u32 = digits.parse().unwrap_or_else(|_| panic!("{name}: a bare $"));
                assert!(number <= seen + 1, "{name}: ${number} comes before ${}", seen + 1);
                seen = seen.max(number);
            }
        }
    }
}
