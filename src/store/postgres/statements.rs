//! Every statement of the writer, prepared once for each connection.

use futures_util::future::try_join_all;
use tokio_postgres::{Client, Error, Statement};

use super::sql;
use crate::store::sql as shared;

macro_rules! statements {
    ($($name:ident = $sql:expr),* $(,)?) => {
        pub struct Statements { $(pub $name: Statement,)* }

        impl Statements {
            pub async fn prepare(client: &Client) -> Result<Statements, Error> {
                let all = try_join_all([$($sql),*].map(|sql| client.prepare(sql))).await?;
                let mut all = all.into_iter();
                Ok(Statements {
                    $($name: all.next().ok_or_else(Error::__private_api_timeout)?,)*
                })
            }
        }
    };
}

statements! {
    begin = sql::BEGIN_WRITE,
    commit = sql::COMMIT,
    lock = sql::LOCK,
    nearest_and_tell = sql::NEAREST_AND_TELL,
    contact_of_key = shared::CONTACT_OF_KEY,
    contact = shared::CONTACT,
    lead_and_contact = shared::LEAD_AND_CONTACT,
    open_lead = shared::OPEN_LEAD,
    call = shared::CALL,
    people = shared::PEOPLE,
    tallies = shared::TALLIES,
    reply = shared::REPLY,
    head = shared::HEAD,
    nearest = shared::NEAREST,
    add_contact = shared::ADD_CONTACT,
    change_contact = shared::CHANGE_CONTACT,
    follow_merge = shared::FOLLOW_MERGE,
    add_key = shared::ADD_KEY,
    drop_key = shared::DROP_KEY,
    add_lead = shared::ADD_LEAD,
    change_lead = shared::CHANGE_LEAD,
    add_deadline = shared::ADD_DEADLINE,
    drop_deadline = shared::DROP_DEADLINE,
    add_entry = shared::ADD_ENTRY,
    put_person = shared::PUT_PERSON,
    add_token = shared::ADD_TOKEN,
    revoke_tokens = shared::REVOKE_TOKENS,
    put_call = shared::PUT_CALL,
    put_reply = shared::PUT_REPLY,
    add_message = shared::ADD_MESSAGE,
    add_tally = shared::ADD_TALLY,
}
