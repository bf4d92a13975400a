//! What a `postgres://` URL asks for, and whether the way to that server is safe.
//!
//! The books hold personal data: a server on another machine is spoken to by TLS with its certificate checked, unless the
//! URL says `sslmode=disable` in so many words. There is no encryption without checking: it protects from nobody.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::Error;

/// Where Debian and others keep the socket of the local server.
const SOCKET_FOLDER: &str = "/var/run/postgresql";

/// What to connect to.
pub(super) struct Target {
    pub config: Config,
    /// Certificates to trust in place of the system's.
    pub roots: Option<PathBuf>,
    /// Speak TLS.
    pub tls: bool,
    /// The database as it may be shown: without user and password.
    pub shown: String,
}

pub(super) fn read(url: &str) -> Result<Target, Error> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => {
                roots = Some(PathBuf::from(&*percent_decode_str(value).decode_utf8_lossy()))
            }
            _ => rest.push(pair),
        }
    }
    let plain = format!("{base}?{}", rest.join("&"));
    // The parser's error may show the URL, and that the password.
    let mut config: Config = plain.parse().map_err(|_| {
        Error::Unfit("the database URL cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_string())
    })?;
    if config.get_hosts().is_empty() {
        config.host(SOCKET_FOLDER);
    }
    if config.get_password().is_none()
        && let Ok(password) = std::env::var("PGPASSWORD")
    {
        config.password(password);
    }
    if config.get_application_name().is_none() {
        config.application_name("tongchou");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    // A server that vanished is noticed within a minute, unless the URL says otherwise.
    if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
        config.keepalives_idle(Duration::from_secs(30));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(30));
    }
    let shown = shown(&config);
    let tls = tls(mode, &config, &shown)?;
    config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
    Ok(Target { config, roots, tls, shown })
}

fn tls(mode: Option<&str>, config: &Config, shown: &str) -> Result<bool, Error> {
    match mode {
        Some("disable") => Ok(false),
        Some("require" | "verify-full") => Ok(true),
        Some(other) => Err(Error::Unfit(format!(
            "sslmode={other} is not offered: say sslmode=verify-full, with sslrootcert=FILE where the certificate is not \
             the system's to know, or sslmode=disable"
        ))),
        None if config.get_hosts().iter().all(is_here) => Ok(false),
        None => Err(Error::Unfit(format!(
            "{shown} is on another machine: add ?sslmode=verify-full (with &sslrootcert=FILE for a certificate of your own), \
             or ?sslmode=disable if the network itself is protected"
        ))),
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name == "::1" || name.starts_with("127."),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn shown(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => String::new(),
    };
    format!("database {} at {host}", config.get_dbname().unwrap_or("(of the user's name)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        match read(url) {
            Err(error) => error.to_string(),
            Ok(target) => panic!("{} was taken", target.shown),
        }
    }

    #[test]
    fn another_machine_needs_a_word_about_tls() {
        let error = refused("postgres://clerk:secret@db.example.org/books");
        assert!(error.contains("sslmode=verify-full") && !error.contains("secret"), "{error}");
        for mode in ["prefer", "allow", "verify-ca"] {
            assert!(refused(&format!("postgres://db.example.org/books?sslmode={mode}")).contains("not offered"));
        }
        assert!(!read("postgres://db.example.org/books?sslmode=disable").unwrap().tls);
        let target = read("postgres://db.example.org/books?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem").unwrap();
        assert!(target.tls);
        assert_eq!(target.roots, Some(PathBuf::from("/etc/ca.pem")));
        assert_eq!(target.config.get_ssl_mode(), SslMode::Require);
    }

    #[test]
    fn this_machine_needs_none() {
        for url in [
            "postgres:///books",
            "postgres://localhost/books",
            "postgres://%2Frun%2Fpg/books",
            "postgres://127.0.0.1:5433/b",
        ] {
            assert!(!read(url).unwrap().tls, "{url}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_read_does_not_show_its_password() {
        let error = refused("postgres://clerk:secret@localhost:port/books");
        assert!(!error.contains("secret"), "{error}");
    }
}
