//! Whose call it is: one person, one contact (requirements §1).

use super::Context;
use crate::domain::{
    contact::{Contact, put_first},
    ids::ContactId,
    phone::Phone,
    touch::{Caller, Ingest},
};

/// More numbers or addresses than one person has: further ones are not added.
const KEYS_KEPT: usize = 20;

/// Who called.
pub struct Identity {
    pub contact: Contact,
    /// The contact is new or has changed.
    pub changed: bool,
    /// Contacts that this call also points to and that are not marked as possible duplicates yet.
    pub duplicates: Vec<ContactId>,
}

/// Numbers of ours and of our people are never a prospect's identity. Returns whether one was taken out.
pub fn drop_own_numbers(
    ingest: &mut Ingest,
    roster: &crate::domain::person::Roster,
    context: Context<'_>,
) -> bool {
    let ours = |phone: &Phone| {
        roster.owns_number(phone)
            || context.policy.own_numbers.iter().any(|own| own.e164() == phone.e164())
    };
    let before = ingest.caller.phones.len();
    ingest.caller.phones.retain(|phone| !ours(phone));
    ingest.caller.phones.len() < before
}

/// The contact of a caller: the first that was found, else a new one; completed by what the call says.
pub fn identify(found: Vec<Contact>, new_id: ContactId, caller: &Caller) -> Identity {
    let mut found = found.into_iter();
    let known = found.next();
    let others: Vec<Contact> = found.collect();
    let mut contact = known.clone().unwrap_or_else(|| Contact::new(new_id));
    learn(&mut contact, &others, caller);
    let mut duplicates: Vec<ContactId> = others.iter().map(|other| other.id).collect();
    duplicates.retain(|id| !contact.possible_duplicates.contains(id));
    contact.possible_duplicates.extend(&duplicates);
    let changed = known.as_ref() != Some(&contact);
    if changed {
        contact.rev += 1;
    }
    Identity { contact, changed, duplicates }
}

fn learn(contact: &mut Contact, others: &[Contact], caller: &Caller) {
    // In reverse, so that the number to ring back ends up first.
    for phone in caller.phones.iter().rev() {
        let known = contact.phones.iter().any(|mine| mine.e164() == phone.e164());
        let taken = others
            .iter()
            .any(|other| other.phones.iter().any(|theirs| theirs.e164() == phone.e164()));
        if known {
            contact.phones.retain(|mine| mine.e164() != phone.e164());
            contact.phones.insert(0, phone.clone());
        } else if !taken && contact.phones.len() < KEYS_KEPT {
            contact.phones.insert(0, phone.clone());
        }
    }
    if let Some(email) = &caller.email {
        let taken = others.iter().any(|other| other.emails.contains(email));
        let known = contact.emails.contains(email);
        if known || (!taken && contact.emails.len() < KEYS_KEPT) {
            put_first(&mut contact.emails, email.clone());
        }
    }
    let newer = |new: &Option<String>, old: &mut Option<String>| {
        if new.is_some() {
            old.clone_from(new);
        }
    };
    newer(&caller.name, &mut contact.name);
    newer(&caller.company, &mut contact.company);
    newer(&caller.timezone, &mut contact.timezone);
    newer(&caller.phone_as_received, &mut contact.phone_as_received);
    newer(&caller.email_as_received, &mut contact.email_as_received);
    contact.customer = caller.customer.unwrap_or(contact.customer);
}
