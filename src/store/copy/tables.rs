//! What an installation consists of: its tables with their columns, and what a copy of them must agree in.

use sha2::{Digest, Sha256};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Small,
    Int,
    Text,
    Bytes,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// In this order rows are read: the order of the table's key, which fills the other one's pages best.
    pub order: &'static str,
    /// The database numbers its rows by itself.
    pub numbered: bool,
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    /// A text, without NUL: PostgreSQL has no place for it in one, and the store writes U+FFFD there.
    pub fn text(text: String) -> Cell {
        Cell::Text(if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text })
    }
}

/// Rows of one table.
#[derive(Debug)]
pub struct Batch {
    pub table: usize,
    pub rows: Vec<Vec<Cell>>,
}

/// Rows that go together from one to the other.
pub const BATCH: usize = 500;

use Kind::{Bytes, Int, Small, Text};

/// Every table but what belongs to a database itself (`schema_steps`) and to the moment (`duties`). A table stands behind
/// those that it refers to.
pub const TABLES: &[Table] = &[
    Table {
        name: "contacts",
        columns: &[("id", Bytes), ("rev", Int), ("merged_into", Bytes), ("doc", Text)],
        order: "id",
        numbered: false,
    },
    Table {
        name: "contact_keys",
        columns: &[("kind", Text), ("value", Text), ("contact_id", Bytes)],
        order: "kind, value",
        numbered: false,
    },
    Table {
        name: "leads",
        columns: &[
            ("id", Bytes),
            ("contact_id", Bytes),
            ("rev", Int),
            ("open_slot", Bytes),
            ("shelf", Small),
            ("night_rank", Small),
            ("tier_rank", Small),
            ("due_sort", Int),
            ("value_sort", Int),
            ("ended_at", Int),
            ("desk", Text),
            ("owner", Text),
            ("holder", Text),
            ("doc", Text),
        ],
        order: "id",
        numbered: false,
    },
    Table {
        name: "tallies",
        columns: &[("name", Text), ("n", Int)],
        order: "name",
        numbered: false,
    },
    Table {
        name: "deadlines",
        columns: &[("at", Int), ("lead_id", Bytes), ("kind", Text)],
        order: "at, lead_id, kind",
        numbered: false,
    },
    Table {
        name: "journal",
        columns: &[("seq", Int), ("at", Int), ("kind", Text), ("lead_id", Bytes), ("json", Text)],
        order: "seq",
        numbered: false,
    },
    Table { name: "people", columns: &[("id", Text), ("doc", Text)], order: "id", numbered: false },
    Table {
        name: "tokens",
        columns: &[("hash", Bytes), ("person", Text), ("owner", Text), ("expires_at", Int)],
        order: "hash",
        numbered: false,
    },
    Table {
        name: "calls",
        columns: &[("sid", Text), ("started_at", Int), ("doc", Text)],
        order: "sid",
        numbered: false,
    },
    Table {
        name: "replies",
        columns: &[
            ("scope", Text),
            ("key", Text),
            ("fingerprint", Bytes),
            ("answer", Text),
            ("at", Int),
        ],
        order: "scope, key",
        numbered: false,
    },
    Table {
        name: "outbox",
        columns: &[
            ("id", Int),
            ("destination", Text),
            ("lead_id", Bytes),
            ("body", Text),
            ("tries", Int),
            ("not_before", Int),
            ("last_error", Text),
        ],
        order: "id",
        numbered: true,
    },
    Table {
        name: "access_log",
        columns: &[("id", Int), ("at", Int), ("actor", Text), ("what", Text), ("lead_id", Bytes)],
        order: "id",
        numbered: true,
    },
];

impl Table {
    /// Every row, in order.
    pub fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.names(), self.name, self.order)
    }

    /// The columns' names, with commas between them.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

/// What two copies must agree in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// One for each table, in their order.
    pub tables: Vec<TableSum>,
    /// SHA-256 of the journal: of each entry in order its number, the length of its JSON (both as eight bytes, the highest
    /// first) and the JSON.
    pub journal: [u8; 32],
}

/// A table's rows in short: how many there are, and a sum over all of them that does not depend on their order (engines sort
/// texts differently).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSum {
    pub rows: u64,
    sum: [u64; 4],
}

/// Adds up what passes by.
#[derive(Debug)]
pub struct Adder {
    tables: Vec<TableSum>,
    journal: Sha256,
}

impl Adder {
    pub fn new() -> Adder {
        Adder { tables: vec![TableSum::default(); TABLES.len()], journal: Sha256::new() }
    }

    /// Takes in a row of a table.
    pub fn add(&mut self, table: usize, row: &[Cell]) {
        if TABLES[table].name == "journal"
            && let (Some(Cell::Int(seq)), Some(Cell::Text(json))) = (row.first(), row.last())
        {
            self.journal.update(seq.to_be_bytes());
            self.journal.update((json.len() as u64).to_be_bytes());
            self.journal.update(json);
        }
        self.tables[table].add(row);
    }

    pub fn rows(&self, table: usize) -> u64 {
        self.tables[table].rows
    }

    pub fn finish(self) -> Sums {
        Sums { tables: self.tables, journal: self.journal.finalize().into() }
    }
}

impl TableSum {
    fn add(&mut self, row: &[Cell]) {
        let mut hash = Sha256::new();
        for cell in row {
            match cell {
                Cell::Null => hash.update([0]),
                Cell::Int(n) => {
                    hash.update([1]);
                    hash.update(n.to_be_bytes());
                }
                Cell::Text(text) => {
                    hash.update([2]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text);
                }
                Cell::Bytes(bytes) => {
                    hash.update([3]);
                    hash.update((bytes.len() as u64).to_be_bytes());
                    hash.update(bytes);
                }
            }
        }
        let hash: [u8; 32] = hash.finalize().into();
        for (sum, part) in self.sum.iter_mut().zip(hash.chunks_exact(8)) {
            let part = part.iter().fold(0, |part, byte| part << 8 | u64::from(*byte));
            *sum = sum.wrapping_add(part);
        }
        self.rows += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(rows: &[&[Cell]]) -> Sums {
        let mut adder = Adder::new();
        rows.iter().for_each(|row| adder.add(0, row));
        adder.finish()
    }

    #[test]
    fn the_order_of_rows_does_not_matter_but_nothing_may_be_missing_or_changed() {
        let (one, other) = ([Cell::Int(1), Cell::Null], [Cell::Int(2), Cell::Text("x".into())]);
        let both = sums(&[&one, &other]);
        assert_eq!(both, sums(&[&other, &one]));
        for wrong in [
            sums(&[&one]),
            sums(&[&one, &one]),
            sums(&[&one, &[Cell::Int(2), Cell::Text("y".into())]]),
            sums(&[&one, &[Cell::Int(2), Cell::Bytes(b"x".to_vec())]]),
            sums(&[&[Cell::Int(1), Cell::Text(String::new())], &other]),
        ] {
            assert_ne!(both, wrong);
        }
    }

    #[test]
    fn the_journals_digest_is_that_of_numbers_and_texts_in_order() {
        let journal = TABLES.iter().position(|table| table.name == "journal").unwrap();
        let entry = |seq, json: &str| [Cell::Int(seq), Cell::Int(0), Cell::Text(json.into())];
        let digest = |entries: &[[Cell; 3]]| {
            let mut adder = Adder::new();
            entries.iter().for_each(|entry| adder.add(journal, entry));
            adder.finish().journal
        };
        let mut by_hand = Sha256::new();
        by_hand.update([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
        by_hand.update("{}");
        assert_eq!(digest(&[entry(1, "{}")]), <[u8; 32]>::from(by_hand.finalize()));
        assert_ne!(
            digest(&[entry(1, "a"), entry(2, "b")]),
            digest(&[entry(2, "b"), entry(1, "a")])
        );
    }
}
