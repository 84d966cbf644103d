//! A row as bytes: how the cache keeps it, so that a hundred thousand are read in the blink of an eye.

use super::{Ms, Names, Owner, Row, State};
use crate::domain::{
    ids::{LeadId, RepId},
    intent::Intent,
    outcome::Outcome,
    person::PersonRef,
    queue::{Key, Kind, View},
    tier::Tier,
};

const STATES: [State; 7] = [
    State::Waiting,
    State::Claimed,
    State::Dialling,
    State::Connected,
    State::Scheduled,
    State::Booked,
    State::Closed,
];

/// Where the cache keeps a row: the queue that most people see it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Shelf {
    Overnight = 0,
    Callbacks = 1,
    Booked = 2,
}

impl Row {
    pub(in crate::console) fn shelf(&self) -> Shelf {
        match self.kind() {
            Kind::Booked => Shelf::Booked,
            _ if self.after_hours => Shelf::Overnight,
            _ => Shelf::Callbacks,
        }
    }

    /// Bytes that sort as the queue of its shelf does.
    pub(in crate::console) fn place(&self) -> Vec<u8> {
        let view = match self.shelf() {
            Shelf::Overnight => View::Overnight,
            Shelf::Callbacks | Shelf::Booked => View::Callbacks,
        };
        let mut bytes = Vec::with_capacity(33);
        match view.key(&self.standing()) {
            Key::Overnight(rank, value, ended_at, id) => {
                bytes.push(rank);
                bytes.extend(falling(value.0));
                bytes.extend(rising(ended_at.as_millisecond()));
                bytes.extend(id.0.as_bytes());
            }
            Key::Callbacks(rank, due_at, value, id) => {
                bytes.push(rank);
                bytes.extend(rising(due_at.as_millisecond()));
                bytes.extend(falling(value.0));
                bytes.extend(id.0.as_bytes());
            }
        }
        bytes
    }

    /// The row without its id, which stands beside it.
    pub(in crate::console) fn to_blob(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(160);
        let place =
            |found: Option<usize>| found.map_or(0, |place| u8::try_from(place + 1).unwrap_or(0));
        bytes.extend(self.rev.to_le_bytes());
        bytes.push(place(Tier::ALL.iter().position(|tier| *tier == self.tier)));
        bytes.push(self.band);
        bytes.push(place(STATES.iter().position(|state| *state == self.state)));
        bytes.push(place(Intent::ALL.iter().position(|intent| *intent == self.intent)));
        bytes.push(place(Outcome::ALL.iter().position(|outcome| Some(*outcome) == self.outcome)));
        let flags =
            [self.after_hours, self.carried_over, self.customer, self.opted_out, self.withheld];
        bytes.push((0..).zip(flags).map(|(bit, flag)| u8::from(flag) << bit).sum());
        bytes.extend(self.touches.to_le_bytes());
        bytes.extend(self.attempts.to_le_bytes());
        bytes.extend(self.sites.to_le_bytes());
        bytes.extend(self.team_size.to_le_bytes());
        bytes.extend(self.value.to_le_bytes());
        bytes.extend(self.phone.to_le_bytes());
        for Ms(at) in [
            self.ended_at,
            self.due_at,
            self.callback_at,
            self.opens_at,
            self.claimed_at,
            self.lease_until,
        ] {
            bytes.extend(at.to_le_bytes());
        }
        let (kind, owner) = match &self.owner {
            Owner::Nobody => (0, ""),
            Owner::Team(name) => (1, name.as_ref()),
            Owner::Person(id) => (2, id.as_str()),
        };
        bytes.push(kind);
        let holder = self.holder.as_deref();
        let (id, name) = holder.map_or(("", ""), |holder| (holder.id.as_str(), &holder.name));
        for text in [&*self.name, &*self.company, &*self.queue, owner, id, name] {
            // Names are short by then, and what is not is not worth more.
            let mut end = text.len().min(usize::from(u16::MAX));
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            bytes.extend((end as u16).to_le_bytes());
            bytes.extend(&text.as_bytes()[..end]);
        }
        bytes
    }

    /// Reads a row back; `None` for bytes that are none.
    pub(in crate::console) fn from_blob(
        id: LeadId,
        bytes: &[u8],
        names: &mut Names,
    ) -> Option<Row> {
        let mut from = Reader(bytes);
        let rev = u32::from_le_bytes(from.take()?);
        let tier = *Tier::ALL.get(from.place()??)?;
        let [band] = from.take()?;
        let state = *STATES.get(from.place()??)?;
        let intent = *Intent::ALL.get(from.place()??)?;
        let outcome = match from.place()? {
            Some(place) => Some(*Outcome::ALL.get(place)?),
            None => None,
        };
        let [flags] = from.take()?;
        let flag = |bit: u8| flags >> bit & 1 == 1;
        let touches = u16::from_le_bytes(from.take()?);
        let attempts = u16::from_le_bytes(from.take()?);
        let sites = u16::from_le_bytes(from.take()?);
        let team_size = u32::from_le_bytes(from.take()?);
        let value = i64::from_le_bytes(from.take()?);
        let phone = u64::from_le_bytes(from.take()?);
        let mut times = [Ms(0); 6];
        for time in &mut times {
            *time = Ms(i64::from_le_bytes(from.take()?));
        }
        let [kind] = from.take()?;
        let name = from.text()?.into();
        let company = from.text()?.into();
        let queue = names.word(from.text()?);
        let owner = match (kind, from.text()?) {
            (1, team) => Owner::Team(names.word(team)),
            (2, id) => Owner::Person(names.rep(&RepId(id.into()))),
            _ => Owner::Nobody,
        };
        let (holder_id, holder_name) = (from.text()?, from.text()?);
        let holder = (!holder_id.is_empty()).then(|| {
            names.person(&PersonRef { id: RepId(holder_id.into()), name: holder_name.into() })
        });
        let [ended_at, due_at, callback_at, opens_at, claimed_at, lease_until] = times;
        Some(Row {
            id,
            rev,
            tier,
            band,
            state,
            intent,
            outcome,
            after_hours: flag(0),
            carried_over: flag(1),
            customer: flag(2),
            opted_out: flag(3),
            withheld: flag(4),
            touches,
            attempts,
            sites,
            team_size,
            name,
            company,
            holder,
            owner,
            queue,
            value,
            phone,
            ended_at,
            due_at,
            callback_at,
            opens_at,
            claimed_at,
            lease_until,
        })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    /// A place in a list; 0 stands for none.
    fn place(&mut self) -> Option<Option<usize>> {
        let [place] = self.take()?;
        Some(usize::from(place).checked_sub(1))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}

/// Bytes that sort as the number does.
fn rising(number: i64) -> [u8; 8] {
    (number as u64 ^ 1 << 63).to_be_bytes()
}

/// Bytes that sort the other way round.
fn falling(number: i64) -> [u8; 8] {
    (!(number as u64 ^ 1 << 63)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::console::testing;

    proptest! {
        #[test]
        fn a_row_reads_back_from_its_bytes_and_no_bytes_are_a_fault(row in testing::any_row(), cut in 0..300_usize) {
            let blob = row.to_blob();
            let mut names = Names::default();
            prop_assert_eq!(Row::from_blob(row.id, &blob, &mut names), Some(row.clone()));
            // Cut anywhere, it is either refused or read, and never a panic.
            Row::from_blob(row.id, &blob[..cut.min(blob.len())], &mut names);
        }

        #[test]
        fn places_sort_as_the_queue_does(a in testing::any_row(), b in testing::any_row()) {
            prop_assume!(a.shelf() == b.shelf());
            let view = if a.shelf() == Shelf::Overnight { View::Overnight } else { View::Callbacks };
            let by_key = view.key(&a.standing()).cmp(&view.key(&b.standing()));
            prop_assert_eq!(a.place().cmp(&b.place()), by_key);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            Row::from_blob(LeadId(uuid::Uuid::nil()), &bytes, &mut Names::default());
        }
    }
}
