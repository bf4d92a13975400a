//! One connection to the platform, kept open. What was cut is opened again for the next message.
//!
//! Besides sending and reading it can do what goes wrong in life: hang up before the answer is read, or in the middle of
//! the request.

use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wire::gateway::Headers;

use crate::platform::{Address, Platform};
use crate::trust::Trust;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
pub struct Came {
    /// State of HTTP.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
}

/// Nothing came back; what happened.
#[derive(Debug)]
pub struct Cut(pub String);

/// A message as it goes over the line.
pub struct Letter {
    /// The transaction, for the path.
    pub infno: &'static str,
    /// Headers of the gateway.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

/// Bytes there and back.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// One connection.
pub struct Line {
    address: Address,
    trust: Option<Trust>,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Line {
    /// A line that is opened when it is first needed.
    pub fn new(platform: &Platform) -> Line {
        Line { address: platform.address.clone(), trust: platform.trust.clone(), open: None }
    }

    /// Whether there is anybody.
    pub async fn reach(&mut self) -> Result<(), Cut> {
        self.opened().await.map(drop)
    }

    /// A new connection, secured where the address says so.
    async fn connect(&self) -> Result<Box<dyn Stream>, Cut> {
        let stream = TcpStream::connect(&self.address.host).await.map_err(cut)?;
        stream.set_nodelay(true).map_err(cut)?;
        match (&self.address.name, &self.trust) {
            (None, _) => Ok(Box::new(stream)),
            (Some(name), Some(trust)) => Ok(Box::new(trust.secure(name.clone(), stream).await.map_err(cut)?)),
            (Some(_), None) => Err(Cut("没有可信任的证书 (no trusted certificates)".to_owned())),
        }
    }

    /// Sends and reads.
    pub async fn send(&mut self, letter: &Letter) -> Result<Came, Cut> {
        let sent = tokio::time::timeout(PATIENCE, self.exchange(letter)).await;
        let came = sent.unwrap_or_else(|_| Err(Cut(format!("{} 秒没有应答 (no answer)", PATIENCE.as_secs()))));
        if came.is_err() {
            self.open = None;
        }
        came
    }

    async fn exchange(&mut self, letter: &Letter) -> Result<Came, Cut> {
        let mut request = Request::builder().method(Method::POST).uri(self.path(letter));
        request = request.header("host", &self.address.host).header("content-type", "application/json; charset=utf-8");
        for (name, value) in letter.headers.iter() {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(letter.body.clone())).map_err(cut)?;
        let sender = self.opened().await?;
        let response = sender.send_request(request).await.map_err(cut)?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(cut)?.to_bytes();
        Ok(Came { status, body })
    }

    async fn opened(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, Cut> {
        let standing = match self.open.take() {
            Some(mut sender) => sender.ready().await.is_ok().then_some(sender),
            None => None,
        };
        let sender = match standing {
            Some(sender) => sender,
            None => {
                let stream = self.connect().await?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(cut)?;
                // It ends when the sender is dropped or the other side hangs up; the sender then says so.
                tokio::spawn(async { _ = connection.await });
                sender
            }
        };
        Ok(self.open.insert(sender))
    }

    /// Sends the whole request and hangs up before an answer is read: whether it was carried out is not known here.
    pub async fn lose_answer(&self, letter: &Letter) -> Result<(), Cut> {
        self.part(letter, letter.body.len()).await
    }

    /// Hangs up in the middle of the request: it cannot have been carried out.
    pub async fn break_off(&self, letter: &Letter) -> Result<(), Cut> {
        self.part(letter, letter.body.len() / 2).await
    }

    async fn part(&self, letter: &Letter, bytes: usize) -> Result<(), Cut> {
        let mut text = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n",
            self.path(letter),
            self.address.host,
            letter.body.len()
        );
        for (name, value) in letter.headers.iter() {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let mut stream = self.connect().await?;
        stream.write_all(text.as_bytes()).await.map_err(cut)?;
        stream.write_all(letter.body.get(..bytes).unwrap_or_default()).await.map_err(cut)?;
        stream.flush().await.map_err(cut)
    }

    fn path(&self, letter: &Letter) -> String {
        format!("{}/{}", self.address.path, letter.infno)
    }
}

fn cut(error: impl std::fmt::Display) -> Cut {
    Cut(error.to_string())
}
