//! TLS on the hospital's side, by rustls: the certificates that the machine trusts, or those of a file.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::Trouble;

/// Whose certificates are taken as good.
#[derive(Clone)]
pub struct Trust(TlsConnector);

impl Trust {
    /// The certificates of a file (PEM) alone; those that the machine trusts, where none is given.
    ///
    /// # Errors
    /// When there is no certificate to trust.
    pub fn of(file: Option<&Path>) -> Result<Trust, Trouble> {
        let certificates = match file {
            Some(file) => read(file)?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = RootCertStore::empty();
        let (taken, _) = roots.add_parsable_certificates(certificates);
        if taken == 0 {
            return Err(Trouble::new("没有可信任的根证书 (no trusted certificates)", "用 --ca 给出 PEM 格式的根证书"));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(|error| Trouble::new(format!("TLS: {error}"), "请报告这个缺陷"))?;
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Trust(TlsConnector::from(Arc::new(config))))
    }

    /// Secures a connection to a host, whose certificate must be good for that name.
    pub(crate) async fn secure(
        &self,
        name: ServerName<'static>,
        stream: TcpStream,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.connect(name, stream).await
    }
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, Trouble> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    read.map_err(|error| {
        Trouble::new(format!("读不了根证书 {} (--ca): {error}", file.display()), "写 PEM 格式的证书文件")
    })
}
