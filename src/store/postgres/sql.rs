//! What only PostgreSQL reads, or reads better than the text that both engines share ([`crate::store::sql`]).

use std::time::Duration;

/// What every writer of every server must hold, one after another, from before it reads the journal's head until its
/// commit: so the order of sequence numbers is the order of commits, without a gap. (`ringback`, as a number.)
pub const WRITERS_LOCK: i64 = 0x72_69_6E_67_62_61_63_6B;

/// The server's own time, in milliseconds: one clock for leases between servers whose clocks differ.
macro_rules! server_ms {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}

/// Read committed, whatever the database's default: what is read after the lock must be what stands then.
pub const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// Everything is read from one moment.
pub const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
pub const COMMIT: &str = "COMMIT";
pub const ROLLBACK: &str = "ROLLBACK";
pub const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
/// The nearest deadline, told to every server together with the head (`$1`, as text).
pub const NEAREST_AND_TELL: &str = "SELECT d.at, pg_notify('ringback', CAST($1 AS TEXT) || ' ' || COALESCE(CAST(d.at AS TEXT), '-')) \
     FROM (SELECT MIN(at) AS at FROM deadlines) d";
pub const LISTEN: &str = "LISTEN ringback";

/// Head, nearest deadline, and whether another server is on duty for deadlines.
pub const LOOK: &str = concat!(
    "SELECT (SELECT COALESCE(MAX(seq), 0) FROM journal), (SELECT MIN(at) FROM deadlines), ",
    "EXISTS (SELECT 1 FROM duties WHERE name = $1 AND holder <> $2 AND until > ",
    server_ms!(),
    ")"
);
/// Takes a duty for some milliseconds, or keeps it; touches nothing while another server has it.
pub const TAKE_DUTY: &str = concat!(
    "INSERT INTO duties (name, holder, until) VALUES ($1, $2, ",
    server_ms!(),
    " + $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until ",
    "WHERE duties.holder = excluded.holder OR duties.until <= ",
    server_ms!()
);
pub const LEAVE_DUTIES: &str = "DELETE FROM duties WHERE holder = $1";

/// Many accesses in one statement.
pub const ADD_ACCESSES: &str = "INSERT INTO access_log (at, actor, what, lead_id) \
     SELECT * FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[]), CAST($3 AS TEXT[]), CAST($4 AS BYTEA[]))";

/// Idempotency records whose day is over, some at a time.
pub const SWEEP_SOME_REPLIES: &str = "DELETE FROM replies WHERE ctid = ANY (ARRAY( \
     SELECT ctid FROM replies WHERE fingerprint IS NOT NULL AND at <= $1 LIMIT $2))";

/// Leads behind a place in the order of due times that fulfil a condition. PostgreSQL merges such parts in order, each from
/// its index, while they read nothing but `leads`; with the contacts joined inside it would sort all of them.
macro_rules! part {
    ($condition:literal) => {
        concat!(
            "SELECT tier_rank, due_sort, value_sort, id, contact_id, doc FROM leads ",
            "WHERE (tier_rank, due_sort, value_sort, id) > ($1, $2, $3, $4) AND ",
            $condition
        )
    };
}

macro_rules! merged {
    ($limit:literal, $first:literal $(, $part:literal)*) => {
        concat!(
            "SELECT l.doc, c.doc FROM (", part!($first) $(, " UNION ALL ", part!($part))*, ") l ",
            "JOIN contacts c ON c.id = l.contact_id ",
            "ORDER BY l.tier_rank, l.due_sort, l.value_sort, l.id LIMIT ", $limit
        )
    };
}

pub const CALLBACKS: &str = merged!("$5", "shelf = 2");
pub const BOOKED: &str = merged!("$5", "shelf = 3");
pub const DESK: &str = merged!("$6", "desk = $5");
pub const ANSWERS: &str =
    merged!("$5", "shelf = 1 AND tier_rank = 3", "shelf = 2 AND tier_rank = 3");
pub const EVERYTHING: &str = merged!("$5", "shelf = 1", "shelf = 2", "shelf = 3");
pub const MINE: &str =
    merged!("$6", "owner = $5", "holder = $5 AND (owner IS NULL OR owner <> $5)");

/// What every session is set to. A server that died in the middle of a transaction must not hold the others up: its
/// transaction is ended as soon as nothing comes from it any more.
pub fn session(statement: Duration, idle: Duration) -> String {
    format!(
        "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
         SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3; \
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';",
        statement.as_millis(),
        idle.as_millis()
    )
}

/// Statements are planned once and kept, and a plan made while a table was empty would read all of it when it has grown:
/// the writer only ever looks rows up by their keys.
pub const WRITER_SESSION: &str = "SET enable_seqscan = off;";
/// A page of a queue must be planned for the place where it begins and for its length.
pub const READER_SESSION: &str = "SET plan_cache_mode = force_custom_plan;";
