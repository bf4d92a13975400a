//! Settled visits a second over the national interface: `tongchou serve` as one process, `tongchou hospital --bare` as another,
//! on loopback, on SQLite and PostgreSQL, with 1, 8 and 64 clients; the time of the 2207 answer, the server's CPU for each
//! transaction, and the 2207 answer at half of the top load, several times over, with what the disk itself takes beside it.
//! Beside it, on the same PostgreSQL in the same run, pgbench's simple-update transaction. Run by `cargo xtask bench serve`;
//! words pick a part: `-- --quick`, `sqlite`, `postgresql`.
//!
//! A visit here is four transactions: register, charge, estimate, settle. The hospital shares the machine with the server.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_arithmetic, reason = "a bench")]

mod disk;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tongchou");
const CLIENTS: [u32; 3] = [1, 8, 64];
/// How often the half of the top load is measured: a disk that stalls now and then does not do so in each.
const HALVES: usize = 5;
/// Transactions of a bare visit.
const TRANSACTIONS: f64 = 4.0;

struct Line {
    name: String,
    value: f64,
    unit: &'static str,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).map(|word| word.to_lowercase()).collect();
    let said = |word: &str| words.iter().any(|said| said == word);
    let seconds = if said("--quick") { 3.0 } else { 10.0 };
    let folder = tempfile::Builder::new().prefix("bench").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let books = Books::make(folder.path());
    let mut lines = Vec::new();
    if said("sqlite") || !said("postgresql") {
        measure("SQLite", &books.db, &books, seconds, &mut lines);
    }
    if said("postgresql") || !said("sqlite") {
        let books = Books::make(&folder.path().join("moved"));
        let (server, tables) = server();
        let url = server.tcp_url(&server.database());
        run(&["move", &url, "--db", &books.db]);
        measure("PostgreSQL", &url, &books, seconds, &mut lines);
        floor(&server, &tables, seconds, &mut lines);
    }
    if said("json") { print_json(&lines) } else { print_table(&lines) }
}

/// Made-up books, and who is in them.
struct Books {
    folder: PathBuf,
    db: String,
    key: String,
    town: String,
}

impl Books {
    fn make(folder: &Path) -> Books {
        std::fs::create_dir_all(folder).unwrap();
        let file = |name: &str| folder.join(name).display().to_string();
        let books = Books {
            folder: folder.to_owned(),
            db: file("books.db"),
            key: file("books.db.key"),
            town: file("town.json"),
        };
        run(&["demo", "chongqing", "--db", &books.db, "--people", "1000", "--town", &books.town]);
        books
    }
}

fn run(words: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(words).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

/// A server on its way; killed when dropped.
struct Serving {
    child: Child,
    url: String,
    /// Where its metrics are: an address and a port.
    metrics: String,
}

impl Serving {
    fn start(db: &str, key: &str) -> Serving {
        let mut serve = Command::new(PROGRAM);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--profile", "default"]);
        serve.args(["--db", db, "--key", key]);
        let mut child = serve.env("TONGCHOU_LOG", "warn").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |end: &str| {
            let line =
                lines.by_ref().map_while(Result::ok).find(|line| line.contains("http://") && line.ends_with(end));
            let line = line.unwrap_or_else(|| panic!("no address"));
            line.split_once("http://").unwrap().1.split(['/', ' ', '，']).next().unwrap().to_owned()
        };
        let (url, metrics) = (format!("http://{}/national", address("")), address("/metrics"));
        // What it says later is read away, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Serving { child, url, metrics }
    }

    /// Seconds of processor time that reading the books took so far, as the server tells.
    fn asking(&self) -> f64 {
        const NAME: &str = "tongchou_questions_cpu_seconds_total ";
        let mut stream = TcpStream::connect(&self.metrics).unwrap();
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.metrics).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().find_map(|line| line.strip_prefix(NAME)?.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
    }

    /// CPU used so far.
    fn cpu(&self) -> Cpu {
        let process = format!("/proc/{}", self.child.id());
        let threads = std::fs::read_dir(format!("{process}/task")).unwrap().map(|thread| thread.unwrap().path());
        let books = |thread: &PathBuf| {
            std::fs::read_to_string(thread.join("comm")).is_ok_and(|name| ["books", "scribe"].contains(&name.trim()))
        };
        let writing: f64 = threads.filter(books).map(|thread| seconds(&thread)).sum();
        let books = writing + self.asking();
        Cpu { books, rest: seconds(Path::new(&process)) - books }
    }

    /// A bare day; the report, and the server's CPU.
    fn play(&self, books: &Books, (visits, clients): (f64, u32), seed: u32, rate: Option<f64>) -> (Value, Cpu) {
        let text = |number: f64| format!("{}", number.max(1.0) as u64);
        let mut words = ["hospital", "--bare", "--format", "json", "--url", &self.url].map(str::to_owned).to_vec();
        words.extend(["--profile", "default", "--patients", &books.town].map(str::to_owned));
        words.extend(["--visits".to_owned(), text(visits), "--clients".to_owned(), clients.to_string()]);
        words.extend(["--seed".to_owned(), seed.to_string()]);
        if let Some(rate) = rate {
            words.extend(["--rate".to_owned(), text(rate)]);
        }
        let before = self.cpu();
        let report = run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let after = self.cpu();
        (
            serde_json::from_str(&report).unwrap(),
            Cpu { books: after.books - before.books, rest: after.rest - before.rest },
        )
    }
}

/// CPU of the server, in seconds: of writing and reading the books, estimates among it, and all else: the interface.
#[derive(Clone, Copy)]
struct Cpu {
    books: f64,
    rest: f64,
}

/// User and system time of a process or a thread, which Linux gives in ticks of 1/100 s.
fn seconds(of: &Path) -> f64 {
    let stat = std::fs::read_to_string(of.join("stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

impl Drop for Serving {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn measure(engine: &str, db: &str, books: &Books, seconds: f64, lines: &mut Vec<Line>) {
    let serving = Serving::start(db, &books.key);
    let mut line = |name: String, value: f64, unit| lines.push(Line { name: format!("{engine}: {name}"), value, unit });
    let (mut top, mut seed) = ((0.0, 1), 0);
    let mut play = |visits: f64, clients, rate| {
        seed += 1;
        serving.play(books, (visits, clients), seed, rate)
    };
    for clients in CLIENTS {
        eprintln!("{engine}: {clients} clients");
        // Warm, and to see how many visits the time holds.
        let (warm, _) = play(100.0 + f64::from(clients) * 4.0, clients, None);
        let (report, cpu) = play(of(&warm, "settled_per_second") * seconds, clients, None);
        let rate = of(&report, "settled_per_second");
        let what = format!("{clients} client{}", if clients == 1 { "" } else { "s" });
        line(format!("settled visits, {what}"), rate, "/s");
        line(format!("2207, {what}, p50"), time(&report, "p50_ms"), "ms");
        line(format!("2207, {what}, p99"), time(&report, "p99_ms"), "ms");
        let transactions = of(&report, "settled") * TRANSACTIONS + read(&report);
        line(format!("server's CPU a transaction, {what}"), (cpu.books + cpu.rest) * 1e3 / transactions, "ms");
        line(format!("of it the interface, without the books, {what}"), cpu.rest * 1e3 / transactions, "ms");
        if rate > top.0 {
            top = (rate, clients);
        }
    }
    eprintln!("{engine}: half of the top load");
    let mut half = || {
        let probe = disk::Probe::start(&books.folder);
        let (report, _) = play(top.0 / 2.0 * seconds, top.1, Some(top.0 / 2.0));
        [of(&report, "settled_per_second"), time(&report, "p99_ms"), probe.stop()]
    };
    let halves: Vec<[f64; 3]> = (0..HALVES).map(|_| half()).collect();
    let sorted = |of: usize| {
        let mut values: Vec<f64> = halves.iter().map(|half| half[of]).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    line("settled visits at half of the top load".to_owned(), sorted(0)[HALVES / 2], "/s");
    for (what, of) in [("2207", 1), ("a sync of 8 KiB beside it", 2)] {
        for (which, nth) in [("least", 0), ("middle", HALVES / 2), ("most", HALVES - 1)] {
            line(format!("{what} at half of the top load, p99, {which} of {HALVES}"), sorted(of)[nth], "ms");
        }
    }
}

fn of(report: &Value, name: &str) -> f64 {
    assert_eq!(report["good"], true, "{report:#}");
    report[name].as_f64().unwrap()
}

/// Persons read before the visits began, which the server's CPU holds too.
fn read(report: &Value) -> f64 {
    transaction(report, "1101")["done"].as_f64().unwrap_or_default()
}

fn time(report: &Value, name: &str) -> f64 {
    transaction(report, "2207")[name].as_f64().unwrap_or(f64::NAN)
}

fn transaction<'r>(report: &'r Value, infno: &str) -> &'r Value {
    let mut all = report["transactions"].as_array().into_iter().flatten();
    all.find(|transaction| transaction["infno"] == infno).unwrap_or(&Value::Null)
}

/// A server with pgbench's tables. To fill them fills its log, whose files it then takes again, as on a server that has been at
/// it for a while: one that has just been made stops for each new file until that is written full.
fn server() -> (testkit::postgres::Server, String) {
    let server = testkit::postgres::Server::start_in(&std::env::temp_dir(), "min_wal_size = '1GB'");
    let tables = server.database();
    server.pgbench(&tables, &["-i", "-s", "50", "-q"]);
    server.sql("postgres", "CHECKPOINT");
    (server, tables)
}

/// pgbench's simple update on the same server.
fn floor(server: &testkit::postgres::Server, tables: &str, seconds: f64, lines: &mut Vec<Line>) {
    for clients in CLIENTS {
        eprintln!("pgbench -N: {clients} clients");
        let (count, span) = (clients.to_string(), format!("{seconds:.0}"));
        let said = server.pgbench(tables, &["-N", "-c", &count, "-j", "2", "-T", &span]);
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next()?.parse().ok());
        let name = format!("PostgreSQL: pgbench -N, {clients} client{}", if clients == 1 { "" } else { "s" });
        lines.push(Line { name, value: tps.unwrap_or_else(|| panic!("pgbench: {said}")), unit: "/s" });
    }
}

fn print_table(lines: &[Line]) {
    for Line { name, value, unit } in lines {
        println!("{name:<72} {value:>10.2} {unit}");
    }
}

fn print_json(lines: &[Line]) {
    let records = lines.iter().map(|Line { name, value, unit }| {
        format!(r#"  {{ "name": "{name}", "value": {value:.3}, "unit": "{unit}", "floor": "", "ratio": null }}"#)
    });
    println!("[\n{}\n]", records.collect::<Vec<_>>().join(",\n"));
}
