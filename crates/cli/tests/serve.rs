//! `serve` as the real program: made from nothing, told to stop, over TLS, and refusing to speak in clear to others.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::run;
use rustls::pki_types::ServerName;

/// The program, serving; what it printed until it was ready.
struct Served {
    child: Child,
    said: String,
    address: String,
    log: std::path::PathBuf,
    lines: Lines<BufReader<ChildStdout>>,
}

fn serve(folder: &std::path::Path, words: &[&str]) -> Served {
    let log = folder.join("log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tongchou"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log", "json"])
        .args(words)
        .current_dir(folder)
        .env_remove("TONGCHOU_DB")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let (mut said, mut lines) = (String::new(), BufReader::new(child.stdout.take().unwrap()).lines());
    let address = loop {
        let line = lines.next().unwrap_or_else(|| panic!("ended: {}", std::fs::read_to_string(&log).unwrap())).unwrap();
        said.push_str(&line);
        if let Some((_, address)) = line.split_once("://") {
            break address.split_whitespace().next().unwrap().to_owned();
        }
    };
    Served { child, said, address, log, lines }
}

impl Served {
    /// Tells it to stop as the system does, and gives its log.
    fn stop(mut self) -> String {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        std::fs::read_to_string(&self.log).unwrap()
    }
}

/// Whether something comes true in time.
fn soon(what: &str, mut is: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ask(stream: impl Read + Write, path: &str) -> String {
    send(stream, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

fn post(stream: impl Read + Write, path: &str, body: &str) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close");
    send(stream, &format!("{head}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

fn send(mut stream: impl Read + Write, text: &str) -> String {
    stream.write_all(text.as_bytes()).unwrap();
    let mut text = Vec::new();
    // A server may close without the farewell of TLS.
    _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn it_starts_from_nothing_and_stops_when_told_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve(folder.path(), &[]);
    assert!(served.said.contains("tongchou-demo.db") && served.said.contains("编造"), "{}", served.said);
    let ready = ask(TcpStream::connect(&served.address).unwrap(), "/ready");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    let log = served.stop();
    assert!(log.contains("/ready") && !log.contains("care settle"), "making the region is not in the log: {log}");
    let again = serve(folder.path(), &[]);
    assert!(!again.said.contains("编造"), "the books that are there are served: {}", again.said);
    again.stop();
    let verified = run(&format!("verify --db {}", folder.path().join("tongchou-demo.db").display()));
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[test]
fn a_request_without_a_valid_credential_is_refused_and_logged() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve(folder.path(), &[]);
    for token in ["", "Authorization: Bearer tcs_made-up\r\n"] {
        let path = format!("/v1/care/statement?person=11010519491231002X&year=2022 HTTP/1.1\r\n{token}X-More:");
        let answer = ask(TcpStream::connect(&served.address).unwrap(), &path);
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
    let refused = post(TcpStream::connect(&served.address).unwrap(), "/national", "{\"infno\":\"1101\"}");
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let log = served.stop();
    let kept = log.lines().find(|line| line.contains("\"route\":\"/national\"")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(kept).unwrap();
    assert!(kept["status"] == 401 && kept["code"] == "gateway-header-missing" && kept["asker"] == "", "{kept}");
    let lines = log.lines().filter(|line| line.contains("/v1/care/statement"));
    let lines: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{log}");
    for line in lines {
        assert!(line["status"] == 401 && line["request"].is_string() && line["code"] == "not-signed-in", "{line}");
    }
    let secret = ["11010519491231002X", "tca_", "tcs_"].into_iter().find(|secret| log.contains(secret));
    assert_eq!(secret, None, "nothing of a person and no secret: {log}");
}

#[test]
fn it_speaks_tls_with_a_certificate_and_not_in_clear_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("c.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("k.pem"), made.signing_key.serialize_pem()).unwrap();
    let served = serve(folder.path(), &["--cert", "c.pem", "--private-key", "k.pem"]);
    assert!(served.said.contains("https://"), "{}", served.said);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = rustls::StreamOwned::new(client, TcpStream::connect(&served.address).unwrap());
    assert!(ask(stream, "/health").starts_with("HTTP/1.1 200"));
    assert!(
        !ask(TcpStream::connect(&served.address).unwrap(), "/health").contains("200 OK"),
        "no plain text beside it"
    );
    served.stop();
    let db = folder.path().join("x.db").display().to_string();
    let open = run(&format!("serve --db {db} --listen 0.0.0.0:0"));
    assert!(open.code == 2 && open.err.contains("--allow-plain-http"), "{}", open.err);
    assert!(!std::path::Path::new(&db).exists(), "refused before anything is made");
    let wrong = run(&format!("serve --db {db} --cert none.pem --private-key none.pem"));
    assert!(wrong.code == 1 && wrong.err.contains("bad-certificate"), "{}", wrong.err);
}

/// A server over books is killed, and another stopped: what is told of each month, as if it had been ten minutes ago.
fn a_killed_server_is_told_from_one_that_stopped(folder: &std::path::Path, db: &str, sql: impl Fn(&str)) {
    let key = folder.join("key").display().to_string();
    std::fs::write(&key, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    run(&format!("open chongqing --db {db} --key {key}")).good();
    let told = || run(&format!("uptime --db {db} --format json")).json();
    assert_eq!(told(), serde_json::json!([]));
    let words = ["--db", db, "--key", &key];
    let back = || sql("UPDATE uptime SET begun = begun - 600000000, seen = seen - 600000000");
    let mut killed = serve(folder, &words);
    soon("no sign of life", || told() != serde_json::json!([]));
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    sql("UPDATE uptime SET begun = begun - 120000000");
    back();
    let sums = |field: &str| {
        let months = told();
        // Two of them, where a month ends in between.
        months.as_array().unwrap().iter().map(|month| month[field].as_i64().unwrap()).sum::<i64>()
    };
    assert_eq!((sums("deaths"), sums("stops")), (1, 0));
    assert!(sums("up") >= 2 && sums("down_died") >= 9 && sums("down_stopped") == 0, "{}", told());
    let mut again = serve(folder, &[&words[..], &["--metrics", "127.0.0.1:0"]].concat());
    let said = again.lines.find_map(|line| line.unwrap().strip_suffix("/metrics").map(str::to_owned)).unwrap();
    let metrics = said.trim_start_matches("http://");
    soon("the metrics tell this month as uptime does", || {
        let (months, metrics) = (told(), ask(TcpStream::connect(metrics).unwrap(), "/metrics"));
        let month = months.as_array().unwrap().last().unwrap();
        [("minutes", "died", "down_died"), ("ends", "died", "deaths"), ("ends", "stopped", "stops")].iter().all(
            |(what, how, field)| {
                metrics.contains(&format!("tongchou_month_{what}{{how=\"{how}\"}} {}\n", month[*field]))
            },
        ) && metrics.contains("tongchou_month_minutes{how=\"up\"}")
    });
    again.stop();
    back();
    assert_eq!((sums("deaths"), sums("stops")), (1, 1));
    assert!(sums("down_stopped") >= 9, "{}", told());
    assert_eq!(sums("minutes"), sums("up") + sums("down"));
    assert!(run(&format!("uptime --db {db}")).good().contains("已正常停止"));
    assert!(run(&format!("uptime --db {db} --lang en")).good().contains("stopped in order"));
    assert_eq!(run(&format!("uptime --db {db} --year 2020 --format json")).json(), serde_json::json!([]));
}

#[test]
fn a_killed_server_is_told_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("books.db").display().to_string();
    let file = db.clone();
    a_killed_server_is_told_from_one_that_stopped(folder.path(), &db, |sql| {
        _ = rusqlite::Connection::open(&file).unwrap().execute(sql, []).unwrap();
    });
}

#[test]
fn a_killed_server_is_told_on_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let server = testkit::postgres::Server::shared();
    let db = server.database();
    a_killed_server_is_told_from_one_that_stopped(folder.path(), &db, |sql| {
        drop(server.sql(&db, &sql.replace("UPDATE ", "UPDATE tongchou.")))
    });
}
