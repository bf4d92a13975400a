//! Connections: taken in up to a number, each with its own patience, and let go in order when the server stops.
//!
//! A client that opens a connection and says nothing, says half of a request, or never finishes its handshake is cut off after
//! a while; others do not notice.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::Service as _;
use tracing::{debug, info, warn};

use crate::tls::Tls;

/// How long others are waited for, and how many are let in.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, or the next request on a connection that is kept.
    pub head: Duration,
    /// For a TLS handshake.
    pub handshake: Duration,
    /// For the work at hand, when the server stops.
    pub stop: Duration,
    /// Connections at once.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Patience {
        let seconds = Duration::from_secs;
        Patience { head: seconds(15), handshake: seconds(10), stop: seconds(30), connections: 2_048 }
    }
}

/// A socket that listens.
pub struct Listening {
    listener: TcpListener,
    tls: Option<Tls>,
    /// Where.
    pub address: SocketAddr,
}

/// Listens on an address.
///
/// # Errors
/// When the address is taken, or not this machine's.
pub async fn bind(address: SocketAddr, tls: Option<Tls>) -> std::io::Result<Listening> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok(Listening { listener, tls, address })
}

impl Listening {
    /// Whether connections are encrypted.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves until `stop` comes; then takes nothing new in, and finishes what is at hand.
    pub async fn serve(self, router: Router, patience: Patience, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let room = Arc::new(Semaphore::new(patience.connections));
        let mut stop = std::pin::pin!(stop);
        loop {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
            let taken = tokio::select! {
                taken = self.listener.accept() => taken,
                () = &mut stop => break,
            };
            let (stream, peer) = match taken {
                Ok(taken) => taken,
                Err(error) => {
                    // Out of files, most likely: those who are served free some.
                    warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let (router, tls, watcher) = (router.clone(), self.tls.clone(), graceful.watcher());
            tokio::spawn(async move {
                let _place = place;
                // An answer is small and wanted now; a failure to say so costs speed only.
                _ = stream.set_nodelay(true);
                match tls {
                    None => connection(stream, peer, router, patience, watcher).await,
                    Some(tls) => {
                        let secured = tokio::time::timeout(patience.handshake, tls.accept(stream)).await;
                        if let Ok(Ok(stream)) = secured {
                            connection(stream, peer, router, patience, watcher).await;
                        }
                    }
                }
            });
        }
        drop(self.listener);
        info!("stopping: nothing new is taken in");
        if tokio::time::timeout(patience.stop, graceful.shutdown()).await.is_err() {
            warn!("some connections did not end in time");
        }
    }
}

async fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head).max_buf_size(64 * 1024);
    let served = watcher.watch(builder.serve_connection(TokioIo::new(stream), service)).await;
    if let Err(error) = served {
        debug!(%error, "connection ended");
    }
}

/// Only here to name the type of what is accepted.
pub(crate) type Plain = TcpStream;
