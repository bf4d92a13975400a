//! A connection that breaks at the worst moment: after the server has committed, before the client knows.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use testkit::random::Random;

/// A port that leads to the server, and cuts connections.
pub struct Cutter {
    port: u16,
    cuts: Arc<AtomicU64>,
}

/// How the server says that a transaction is committed: a `CommandComplete` message.
const COMMITTED: &[u8] = b"COMMIT\0";

impl Cutter {
    /// Begins to listen before a server's port.
    pub fn before(server: u16, seed: u64) -> Cutter {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cuts = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&cuts);
        std::thread::spawn(move || {
            for (nth, client) in listener.incoming().enumerate() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", server))) else { continue };
                let random = Random::new(seed ^ nth as u64);
                let cuts = Arc::clone(&counted);
                std::thread::spawn(move || pass(client, server, random, &cuts));
            }
        });
        Cutter { port, cuts }
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many answers to a commit were cut off.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Passes both ways, until an answer to a commit is to be lost.
fn pass(client: TcpStream, server: TcpStream, mut random: Random, cuts: &AtomicU64) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        _ = std::io::copy(&mut from_client, &mut to_server);
        _ = to_server.shutdown(Shutdown::Both);
    });
    let (mut from_server, mut to_client) = (server, client);
    let mut buffer = [0; 65_536];
    // Every connection is cut at one of its first commits, so that however slow the machine is some are.
    let mut passing = random.below(6);
    while let Ok(read) = from_server.read(&mut buffer) {
        let answer = &buffer[..read];
        let committed = answer.windows(COMMITTED.len()).any(|window| window == COMMITTED);
        if committed && passing == 0 {
            cuts.fetch_add(1, Ordering::SeqCst);
            break;
        }
        passing -= u64::from(committed);
        if read == 0 || to_client.write_all(answer).is_err() {
            break;
        }
    }
    _ = to_client.shutdown(Shutdown::Both);
    _ = from_server.shutdown(Shutdown::Both);
}
