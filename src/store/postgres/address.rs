//! Where a PostgreSQL is, from a URL as every PostgreSQL program takes it.

use std::{fmt, path::PathBuf, str::FromStr};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

/// How a connection is protected: `sslmode` and `sslrootcert` of the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// `disable`: never encrypted.
    Off,
    /// `prefer` (the default): encrypted where the server can, whoever it is. It keeps listeners out and nobody else, as
    /// with every PostgreSQL program.
    WhereOffered,
    /// `require`, `verify-ca`, `verify-full`: encrypted, and the certificate must be good for the host's name. (Others take
    /// any certificate at `require`: a promise that an impostor can keep.)
    Checked {
        /// Who signs for the server; the machine's own trusted certificates where nothing is named.
        roots: Option<PathBuf>,
    },
}

/// A database's address. Shows no password, neither as text nor in `Debug`.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

/// What is wrong with an address. Repeats nothing of it that may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the address of a PostgreSQL database: {0}")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `postgres://user:password@host:5432/database?sslmode=require`; several hosts with commas between them, of
    /// which the one that takes writes is used.
    fn from_str(url: &str) -> Result<Address, AddressError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(AddressError("it does not begin with postgres://".into()));
        }
        let (url, mode, roots) = take_tls(url)?;
        // The driver's messages name the option that is wrong, never its value.
        let mut config = Config::from_str(&url).map_err(|fault| {
            let cause = std::error::Error::source(&fault).map(ToString::to_string);
            AddressError(cause.unwrap_or_else(|| "it cannot be read".into()))
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(AddressError("it names no host".into()));
        }
        if config.get_hosts().len() > 1
            && config.get_target_session_attrs() == TargetSessionAttrs::Any
        {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let tls = tls(mode.as_deref(), roots)?;
        config.ssl_mode(match tls {
            Tls::Off => SslMode::Disable,
            Tls::WhereOffered => SslMode::Prefer,
            Tls::Checked { .. } => SslMode::Require,
        });
        Ok(Address { config, tls })
    }
}

fn tls(mode: Option<&str>, roots: Option<PathBuf>) -> Result<Tls, AddressError> {
    match mode {
        Some("disable") => Ok(Tls::Off),
        // Whoever names a certificate wants it checked.
        None if roots.is_some() => Ok(Tls::Checked { roots }),
        None | Some("prefer") => Ok(Tls::WhereOffered),
        Some("require" | "verify-ca" | "verify-full") => Ok(Tls::Checked { roots }),
        Some(_) => Err(AddressError(
            "sslmode is none of disable, prefer, require, verify-ca, verify-full".into(),
        )),
    }
}

/// Takes `sslmode` and `sslrootcert` out, of which the driver knows too little.
fn take_tls(url: &str) -> Result<(String, Option<String>, Option<PathBuf>), AddressError> {
    let Some((place, query)) = url.split_once('?') else { return Ok((url.into(), None, None)) };
    let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(decode(value)?),
            // The machine's own, as libpq spells it.
            Some(("sslrootcert", "system")) => {}
            Some(("sslrootcert", value)) => roots = Some(PathBuf::from(decode(value)?)),
            _ => rest.push(pair),
        }
    }
    let rest = rest.join("&");
    let url = if rest.is_empty() { place.to_owned() } else { format!("{place}?{rest}") };
    Ok((url, mode, roots))
}

/// Undoes percent-encoding.
fn decode(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| behind.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8(bytes).map_err(|_| AddressError("it is not UTF-8".into()))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (n, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            match host {
                Host::Tcp(host) => write!(f, "{comma}{host}")?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(f, "{comma}{}", folder.display())?,
            }
            if let Some(port) = self.config.get_ports().get(n).filter(|port| **port != 5432) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("at", &self.to_string()).field("tls", &self.tls).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Address {
        url.parse().unwrap()
    }

    #[test]
    fn a_password_is_never_shown() {
        let address = read("postgres://ringback:s3cret@db.example.co.uk:6432/ringback");
        assert_eq!(address.config.get_password(), Some("s3cret".as_bytes()));
        assert_eq!(address.to_string(), "postgres://ringback@db.example.co.uk:6432/ringback");
        assert!(!format!("{address:?}").contains("s3cret"));
        for wrong in [
            "postgres://ringback:s3cret@db:port/ringback",
            "postgres://ringback:s3cret@db/ringback?sslmode=s3cret",
            "postgres://ringback:s3cret@db/ringback?connect_timeout=s3cret",
            "mysql://ringback:s3cret@db/ringback",
        ] {
            let fault = wrong.parse::<Address>().unwrap_err();
            assert!(!fault.to_string().contains("s3cret"), "{fault}");
        }
    }

    #[test]
    fn sslmode_and_sslrootcert_are_honoured() {
        for (query, tls) in [
            ("", Tls::WhereOffered),
            ("?sslmode=prefer", Tls::WhereOffered),
            ("?sslmode=disable", Tls::Off),
            ("?sslmode=require", Tls::Checked { roots: None }),
            ("?sslmode=verify-ca&sslrootcert=system", Tls::Checked { roots: None }),
            (
                "?application_name=x&sslrootcert=%2Fetc%2Four%20ca.pem&sslmode=verify-full",
                Tls::Checked { roots: Some("/etc/our ca.pem".into()) },
            ),
            ("?sslrootcert=/ca.pem", Tls::Checked { roots: Some("/ca.pem".into()) }),
        ] {
            assert_eq!(read(&format!("postgres://u@h/d{query}")).tls, tls, "{query}");
        }
    }

    #[test]
    fn of_several_hosts_the_one_that_takes_writes_is_used() {
        let address = read("postgres://u@one,two:5433/d");
        assert_eq!(address.config.get_hosts().len(), 2);
        assert_eq!(address.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(address.to_string(), "postgres://u@one,two:5433/d");
    }

    #[test]
    fn a_socket_folder_is_a_host() {
        let address = read("postgresql:///ringback?host=/run/postgresql");
        assert_eq!(address.config.get_dbname(), Some("ringback"));
        assert!("postgres:///ringback".parse::<Address>().is_err());
    }
}
