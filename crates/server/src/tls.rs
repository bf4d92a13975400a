//! TLS by rustls, where a certificate is given.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use service::Trouble;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::listen::Plain;

/// A certificate and its key, ready to take connections.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl Tls {
    pub(crate) async fn accept(&self, stream: Plain) -> std::io::Result<TlsStream<Plain>> {
        self.0.accept(stream).await
    }
}

/// Reads a chain of certificates and a private key, both PEM.
///
/// # Errors
/// When a file cannot be read, holds nothing of the kind, or the two do not belong together.
pub fn read(certificates: &Path, key: &Path) -> Result<Tls, Trouble> {
    let bad = |path: &Path, what: String| {
        let message = format!("证书或私钥 {} 不能用 (TLS)：{what}", path.display());
        Trouble::new("bad-certificate", message, "给出 PEM 格式的证书链 (--cert) 和与它相配的私钥 (--private-key)")
    };
    let chain = CertificateDer::pem_file_iter(certificates).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| bad(certificates, error.to_string()))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private));
    let mut config = config.map_err(|error| bad(certificates, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Tls(TlsAcceptor::from(Arc::new(config))))
}
