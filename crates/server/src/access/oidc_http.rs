//! What is asked of an identity provider, over HTTP: short requests, short answers, no redirects.

use std::io::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use service::Trouble;

/// How long an answer may take, and how many bytes it may have.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST: usize = 1024 * 1024;

/// A client.
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Http {
    /// Knows servers by the certificates of the machine; SSL_CERT_FILE names others.
    pub fn new() -> Result<Http, Trouble> {
        let bad = |error: &dyn std::fmt::Display| {
            let message = format!("读不到本机的根证书 (certificates)：{error}");
            Trouble::new("no-certificates", message, "安装 ca-certificates，或用 SSL_CERT_FILE 指定")
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| bad(&error))?.with_native_roots().map_err(|error| bad(&error))?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(builder.with_no_client_auth());
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Http(Client::builder(TokioExecutor::new()).build(connector)))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let client = self.0.clone();
        let exchange = async move {
            let response = client.request(request.map(|body| Full::new(Bytes::from(body)))).await;
            let (head, body) = response.map_err(Error::other)?.into_parts();
            let body = Limited::new(body, LONGEST).collect().await.map_err(Error::other)?;
            Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
        };
        let late = |_| Error::new(std::io::ErrorKind::TimedOut, "no answer in time");
        Box::pin(async move { tokio::time::timeout(PATIENCE, exchange).await.map_err(late)? })
    }
}
