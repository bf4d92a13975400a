//! What the interface bears while a visit is settled: clients that say half of a message or say it too slowly, answers that are
//! never read, messages that are damaged, forged or sent twice, a database that goes and comes back. Afterwards each settlement
//! stands once, and both sides have the same sums (3201).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Answered;
use crate::his::{Platform, code};
use crate::visits::{charged, even, settling};

/// A message as it goes over the wire.
fn wired(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    let length = body.len();
    format!("POST /national HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn connected(his: &Platform) -> TcpStream {
    let stream = TcpStream::connect(his.to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Says something and then nothing more; gives what came until the platform hung up.
fn then_silent(his: &Platform, bytes: &[u8]) -> String {
    let mut stream = connected(his);
    stream.write_all(bytes).unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The code of a refusal that came with an HTTP status, in an envelope.
fn refused(text: &str, status: u16) -> String {
    let answered = Answered::read(text);
    let reply = answered.json();
    assert_eq!((answered.status, &reply["infcode"]), (status, &json!(-1)), "{answered:?}");
    code(&reply)
}

#[test]
fn a_client_that_says_half_or_says_it_too_slowly_holds_nobody_up() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let message = his.message("2207", json!({ "data": settling(&his, &visit, "212") }));
    let bytes = wired(&message);
    let (half, dripping) = (bytes[..bytes.len() - 20].to_vec(), bytes.clone());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        // Half-open: connections whose clients never say a word, or only half of a head.
        let silent: Vec<TcpStream> = (0..20).map(|_| connected(&his)).collect();
        let head = scope.spawn(|| then_silent(&his, b"POST /national HTTP/1.1\r\nHos"));
        let body = scope.spawn(|| then_silent(&his, &half));
        let slow = scope.spawn(|| {
            let mut stream = connected(&his);
            // A byte at a time would take minutes: the platform waits for two seconds.
            for byte in dripping.chunks(dripping.len() / 100) {
                if stream.write_all(byte).is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(60));
            }
            let mut text = Vec::new();
            _ = stream.read_to_end(&mut text);
            String::from_utf8(text).unwrap()
        });
        let other = his.run("1201", json!({ "medinsinfo": { "fixmedins_type": "1" } }));
        assert!(other["medinsinfo"][0]["fixmedins_name"].is_string(), "others are served meanwhile");
        assert_eq!(refused(&body.join().unwrap(), 408), "slow-body");
        let slow = slow.join().unwrap();
        assert!(slow.is_empty() || refused(&slow, 408) == "slow-body", "{slow}");
        let head = head.join().unwrap();
        assert!(head.is_empty() || Answered::read(&head).status == 408, "{head}");
        for mut stream in silent {
            assert_eq!(stream.read(&mut [0; 64]).unwrap_or(0), 0, "cut off without a word");
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    even(&his, &[]);
    let settled = his.good(&message);
    even(&his, &[&settled["setlinfo"]]);
}

#[test]
fn an_answer_that_nobody_reads_is_given_again() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let message = his.message("2207", json!({ "data": settling(&his, &visit, "212") }));
    for _ in 0..3 {
        let mut stream = connected(&his);
        stream.write_all(&wired(&message)).unwrap();
        drop(stream);
    }
    let settled = his.good(&message);
    assert_eq!(his.good(&message), settled);
    even(&his, &[&settled["setlinfo"]]);
}

#[test]
fn damaged_late_and_repeated_messages_move_nothing() {
    let his = Platform::open();
    let visit = charged(&his, "MZ1");
    let message = his.message("2207", json!({ "data": settling(&his, &visit, "212") }));
    let text = message.to_string();
    let post = |body: &str| {
        let answered = his.post("/national", "", body.as_bytes());
        assert_eq!(answered.json()["infcode"], -1, "{answered:?}");
        (answered.status, code(&answered.json()))
    };
    let says = |status: u16, word: &str| (status, word.to_owned());
    assert_eq!(post(&text[..text.len() - 1]), says(200, "bad-message"));
    assert_eq!(post(&text.replace("\"212\"", "212 212")), says(200, "bad-message"));
    assert_eq!(post("[1, 2]"), says(200, "bad-message"));
    assert_eq!(post(&format!("{text}{}", " ".repeat(300 * 1024))), says(413, "too-large"));
    let mut stale = message.clone();
    stale["inf_time"] = json!("2022-01-01 00:00:00");
    assert_eq!(his.refused(&stale), "clock-off");
    even(&his, &[]);
    let settled = his.good(&message);
    let mut other = message.clone();
    other["input"]["data"]["invono"] = json!("FP009");
    assert_eq!(his.refused(&other), "key-reused", "the same msgid with another body");
    assert_eq!(his.good(&message), settled, "the same msgid with the same body");
    even(&his, &[&settled["setlinfo"]]);
}

#[test]
fn a_database_that_goes_away_is_told_and_the_same_message_is_carried_out_once_it_is_back() {
    let server = testkit::postgres::Server::start();
    let his = Platform::open_over(&server.database());
    let visits = [charged(&his, "MZ1"), charged(&his, "MZ2")];
    let message = |visit: &str| his.message("2207", json!({ "data": settling(&his, visit, "212") }));
    let before = his.good(&message(&visits[0]));
    let lost = message(&visits[1]);
    server.halt();
    for _ in 0..2 {
        let answered = his.post("/national", "", lost.to_string().as_bytes());
        let reply = answered.json();
        assert_eq!((answered.status, &reply["infcode"]), (503, &json!(-1)), "{answered:?}");
        assert!(reply["err_msg"].as_str().unwrap().contains("用同一报文ID原样重发"), "{reply}");
        assert!(answered.header("retry-after").is_some() && !answered.body.contains("postgres://"), "{answered:?}");
    }
    server.resume();
    let begun = Instant::now();
    let settled = loop {
        let answered = his.post("/national", "", lost.to_string().as_bytes());
        if answered.status == 200 || begun.elapsed() > Duration::from_secs(30) {
            break answered.json();
        }
    };
    assert_eq!(settled["infcode"], 0, "{settled}");
    assert_eq!(his.good(&lost), settled["output"], "once");
    even(&his, &[&before["setlinfo"], &settled["output"]["setlinfo"]]);
}
