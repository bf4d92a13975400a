//! TLS with the server's certificate and name checked, by rustls.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Error;

/// Trusts the certificates of a file, or those that the system trusts.
pub(super) fn connector(roots: Option<&Path>) -> Result<MakeRustlsConnect, Error> {
    let mut store = RootCertStore::empty();
    match roots {
        Some(path) => {
            for certificate in from_file(path)? {
                store.add(certificate).map_err(|e| unusable(path, &e.to_string()))?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        return Err(Error::Unfit(match roots {
            Some(path) => unusable(path, "no certificate in it").to_string(),
            None => "this system trusts no certificates: name those of the server with sslrootcert=FILE".to_string(),
        }));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Other(e.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn from_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    found.map_err(|e| unusable(path, &e.to_string()))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Unfit(format!("sslrootcert {}: {why}: name a PEM file with the certificate to trust", path.display()))
}
