//! What a server bears: clients that say nothing or half, a stop in the middle of work, a database that goes and comes back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use service::connect;

use crate::client::{Answered, request, send};
use crate::rest::{HOSPITAL, visit};
use crate::town::Town;

/// Says something, then nothing more, and gives what came until the server hung up.
fn then_silent(town: &Town, bytes: &[u8]) -> (String, Duration) {
    let mut stream = TcpStream::connect(town.to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let begun = Instant::now();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    (String::from_utf8(text).unwrap(), begun.elapsed())
}

#[test]
fn who_says_half_of_something_is_cut_off_and_others_do_not_notice() {
    let town = Town::new();
    let counter = town.user(&town.admin(), "li", "counter", json!({}));
    let half = request("POST", "/v1/person/die", &counter, "", "{\"person\":\"1\"}");
    std::thread::scope(|scope| {
        let head = scope.spawn(|| then_silent(&town, b"GET /health HTTP/1.1\r\nHos"));
        let body = scope.spawn(|| then_silent(&town, &half.as_bytes()[..half.len() - 3]));
        let kept = scope.spawn(|| then_silent(&town, b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n"));
        // Half-open: connections whose clients never say a word.
        let silent: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(town.to).unwrap()).collect();
        assert_eq!(town.get("/health", "").status, 200, "others are served meanwhile");
        let (_, waited) = head.join().unwrap();
        assert!(waited < Duration::from_secs(10), "{waited:?}");
        let (text, _) = body.join().unwrap();
        assert_eq!(Answered::read(&text).problem(408), "slow-body");
        let (text, _) = kept.join().unwrap();
        assert_eq!(Answered::read(&text).status, 200);
        for mut stream in silent {
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            assert_eq!(stream.read(&mut [0; 64]).unwrap_or(0), 0, "cut off without a word");
        }
    });
}

#[test]
fn what_is_no_http_is_no_harm() {
    let town = Town::new();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"POST /v1/me HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ] {
        let text = send(town.to, bytes).unwrap_or_default();
        assert!(text.is_empty() || Answered::read(&text).status == 400, "{text}");
    }
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(200_000));
    let text = send(town.to, long.as_bytes()).unwrap_or_default();
    assert!(text.is_empty() || (400..500).contains(&Answered::read(&text).status), "{text}");
    assert_eq!(town.get("/health", "").status, 200);
}

#[test]
fn a_stop_finishes_what_is_at_hand_and_loses_nothing() {
    let mut town = Town::new();
    let admin = town.admin();
    let (person, _) = town.person();
    let his = town.key(&admin, "his-1", HOSPITAL);
    let (to, stopping) = (town.to, AtomicBool::new(false));
    let acknowledged: usize = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let (his, person, stopping) = (&his, &person, &stopping);
                scope.spawn(move || {
                    let mut done = 0;
                    for nth in 0..10_000 {
                        let body = visit(person, &format!("S{client}-{nth}"), "1.00").to_string();
                        let sent = send(to, request("POST", "/v1/care/settle", his, "", &body).as_bytes());
                        match sent {
                            Ok(text) if !text.is_empty() => {
                                assert_eq!(Answered::read(&text).status, 200, "{text}");
                                done += 1;
                            }
                            // Not taken in any more; before the stop nobody is turned away.
                            _ => {
                                assert!(stopping.load(Ordering::SeqCst));
                                break;
                            }
                        }
                    }
                    done
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(600));
        stopping.store(true, Ordering::SeqCst);
        town.stop();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    assert!(acknowledged > 0);
    assert_eq!(town.settled_visits("S"), acknowledged, "what was answered is on the disk, and nothing else");
}

#[test]
fn a_database_that_goes_away_is_told_and_when_it_is_back_work_goes_on() {
    let server = testkit::postgres::Server::start();
    let url = server.database();
    let town = Town::over(tempfile::tempdir().unwrap(), &url, connect(&url));
    let counter = town.user(&town.admin(), "li", "counter", json!({}));
    let register = json!({ "number": "11010519491231002X", "name": "某甲", "area": "500103" }).to_string();
    let post = || town.send("POST", "/v1/person/register", &counter, "Idempotency-Key: r1\r\n", &register);
    server.halt();
    for _ in 0..2 {
        let answer = post();
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").is_some() && !answer.body.contains("postgres://"), "{answer:?}");
    }
    assert_eq!(town.get("/health", "").status, 200, "the process lives");
    assert_eq!(town.get("/ready", "").status, 503, "and says that it cannot work");
    server.resume();
    let begun = Instant::now();
    let answer = loop {
        let answer = post();
        if answer.status != 503 || begun.elapsed() > Duration::from_secs(30) {
            break answer;
        }
    };
    answer.good();
    assert_eq!(post().json(), answer.json(), "the same request takes effect once");
    assert_eq!(town.get("/ready", "").status, 200);
}
