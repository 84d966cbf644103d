//! What is bound to a statement. Shows nothing of itself: the driver writes parameters into its debug log, and they are
//! people's names and numbers.

use std::{error::Error, fmt};

use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use crate::store::rows::Bytes16;

/// A parameter.
#[derive(Clone, PartialEq)]
pub enum Value {
    Null,
    /// Any whole number that its column can hold.
    Int(i64),
    Word(&'static str),
    Text(String),
    Id(Bytes16),
    Bytes(Vec<u8>),
    // Columns of a statement that writes many rows.
    Ints(Vec<i64>),
    Texts(Vec<String>),
    Ids(Vec<Option<Bytes16>>),
}

impl Value {
    /// A text. PostgreSQL has no place for NUL in one: it becomes U+FFFD, here as in every look-up.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(without_nul(text.into()))
    }

    /// A column of texts.
    pub fn texts(texts: Vec<String>) -> Value {
        Value::Texts(texts.into_iter().map(without_nul).collect())
    }

    /// A value, or none.
    pub fn maybe<T>(value: Option<T>, some: impl FnOnce(T) -> Value) -> Value {
        value.map_or(Value::Null, some)
    }
}

fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(n) if *ty == Type::INT2 => i16::try_from(*n)?.to_sql(ty, out),
            Value::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Value::Int(n) => n.to_sql(ty, out),
            Value::Word(word) => word.to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
            Value::Id(id) => id.as_slice().to_sql(ty, out),
            Value::Bytes(bytes) => bytes.to_sql(ty, out),
            Value::Ints(column) => column.to_sql(ty, out),
            Value::Texts(column) => column.to_sql(ty, out),
            Value::Ids(column) => {
                let column: Vec<Option<&[u8]>> =
                    column.iter().map(|id| id.as_ref().map(<[u8; 16]>::as_slice)).collect();
                column.to_sql(ty, out)
            }
        }
    }

    fn accepts(ty: &Type) -> bool {
        [
            Type::INT2,
            Type::INT4,
            Type::INT8,
            Type::TEXT,
            Type::BYTEA,
            Type::INT8_ARRAY,
            Type::TEXT_ARRAY,
            Type::BYTEA_ARRAY,
        ]
        .contains(ty)
    }

    to_sql_checked!();
}

impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(n)
    }
}

impl From<i16> for Value {
    fn from(n: i16) -> Value {
        Value::Int(i64::from(n))
    }
}

impl From<Bytes16> for Value {
    fn from(id: Bytes16) -> Value {
        Value::Id(id)
    }
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Value {
        Value::Word(word)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_shows_nothing_and_holds_no_nul() {
        let name = Value::text("Jane\0Roe");
        assert_eq!(format!("{:?}", vec![name.clone()]), "[_]");
        assert!(name == Value::Text("Jane\u{FFFD}Roe".into()));
    }

    #[test]
    fn a_number_that_its_column_cannot_hold_is_refused() {
        let mut out = BytesMut::new();
        assert!(Value::Int(40_000).to_sql(&Type::INT2, &mut out).is_err());
        assert!(Value::Int(2).to_sql(&Type::INT2, &mut out).is_ok());
    }
}
