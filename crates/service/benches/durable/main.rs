//! Durable settlements per second and their latency, on SQLite and PostgreSQL, with 1, 8 and 64 clients, beside two floors on
//! the same disk in the same run, in a copy of the same books: a commit of one byte, and the bare transaction that writes the
//! same rows by prepared statements: those of one settlement, of a hundred, and of as many as there are clients. Run by
//! `cargo xtask bench durable`; words pick a part: `-- --quick`, `sqlite` or `postgresql`, numbers of clients. With `feed`, a file
//! over a hundred thousand known persons with care is loaded instead (`--quick`: twenty thousand).
//!
//! The rows of the bare transaction are those that settlements of the run wrote, read back from its books.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_arithmetic, reason = "a bench")]

#[path = "../../tests/common/mod.rs"]
mod common;
mod floor;
mod load;

use std::time::Duration;

use load::{Measured, Town};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Clients at once.
const CLIENTS: [usize; 3] = [1, 8, 64];

/// Persons that the town has.
const PERSONS: u32 = 20_000;

/// Settlements that the grouped floor writes in one transaction.
const GROUP: usize = 100;

struct Line {
    name: String,
    value: f64,
    unit: &'static str,
    floor: &'static str,
    ratio: Option<f64>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).map(|word| word.to_lowercase()).collect();
    let said = |word: &str| words.iter().any(|said| said == word);
    let json = said("json");
    let span = Duration::from_secs(if said("--quick") { 1 } else { 5 });
    let engine = |name: &str, other: &str| said(name) || !said(other);
    let some: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).filter(|clients| *clients > 0).collect();
    let clients = if some.is_empty() { CLIENTS.to_vec() } else { some };
    let folder = tempfile::Builder::new().prefix("bench").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let mut lines = Vec::new();
    if said("feed") {
        let rows = if said("--quick") { 20_000 } else { 100_000 };
        if engine("sqlite", "postgresql") {
            feed("SQLite", &file("feed.db"), rows, &mut lines);
        }
        if engine("postgresql", "sqlite") {
            feed("PostgreSQL", &testkit::postgres::Server::start().database(), rows, &mut lines);
        }
        return if json { print_json(&lines) } else { print_table(&lines) };
    }
    if engine("sqlite", "postgresql") {
        let sqlite = floor::Sqlite { url: file("bare.db") };
        measure("SQLite", &file("books.db"), &sqlite, &clients, span, &mut lines);
    }
    if engine("postgresql", "sqlite") {
        let server = testkit::postgres::Server::start();
        let postgres = floor::Postgres { url: server.database() };
        measure("PostgreSQL", &server.database(), &postgres, &clients, span, &mut lines);
    }
    if json { print_json(&lines) } else { print_table(&lines) }
}

fn feed(engine: &str, url: &str, rows: u32, lines: &mut Vec<Line>) {
    eprintln!("{engine}: preparing");
    let town = Town::make(url, rows);
    eprintln!("{engine}: a feed of {rows} rows");
    let measured = town.feed();
    let mut line = |name: &str, value, unit| {
        lines.push(Line { name: format!("{engine}: feed of {rows} rows{name}"), value, unit, floor: "", ratio: None });
    };
    line("", measured.span.as_secs_f64(), "s");
    if let Some(cpu) = measured.cpu {
        line(", processor time", cpu, "s");
    }
}

fn measure(engine: &str, url: &str, bare: &dyn floor::Floor, clients: &[usize], span: Duration, lines: &mut Vec<Line>) {
    eprintln!("{engine}: preparing");
    let town = Town::make(url, PERSONS);
    town.visit_each();
    eprintln!("{engine}: floors");
    town.copy(bare.url());
    let commit = bare.commits(span / 2);
    let rows = town.rows();
    let before = bare.transactions(&rows, 1, span / 2);
    let grouped = bare.transactions(&rows, GROUP, span / 2).rate() * GROUP as f64;
    let mut line = |name: String, value: f64, unit, floor, ratio| {
        lines.push(Line { name: format!("{engine}: {name}"), value, unit, floor, ratio });
    };
    line("commit of one byte".to_owned(), commit.rate(), "/s", "", None);
    line("bare transaction, 1 client".to_owned(), before.rate(), "/s", "", None);
    line(format!("bare rows, {GROUP} settlements a transaction"), grouped, "/s", "", None);
    for &clients in clients {
        eprintln!("{engine}: {clients} clients");
        // What they would wait for if one commit served them all.
        let together = (clients > 1).then(|| bare.transactions(&rows, clients, span).p99());
        town.load(clients, span / 5);
        let measured = town.load(clients, span);
        let Measured { p50, p99, cpu, .. } = measured;
        // Slower than the floor by so much: of one client; of many, how many times the floor's rate they reach together.
        let name = format!("settlements, {clients} client{}", if clients == 1 { "" } else { "s" });
        let ratio = if clients == 1 { before.rate() / measured.rate() } else { measured.rate() / before.rate() };
        let floor = if clients == 1 { "bare transaction, times slower" } else { "bare transaction, times as many" };
        line(name.clone(), measured.rate(), "/s", floor, Some(ratio));
        if clients > 1 {
            let name = format!("{name}, of the grouped floor");
            line(name, measured.rate() / grouped * 100.0, "%", "", None);
        }
        if let Some(cpu) = cpu {
            // Hardly hangs on what else the machine does, and not on the disk; a server's own time is not in it.
            line(format!("{name}, processor time each"), cpu * 1e6, "µs", "", None);
        }
        line(format!("{name}, p50"), p50 * 1e3, "ms", "", None);
        line(format!("{name}, p99"), p99 * 1e3, "ms", "p99 of the bare transaction", Some(p99 / before.p99()));
        if let Some(together) = together {
            let name = format!("bare rows, {clients} settlements a transaction, p99");
            line(name, together * 1e3, "ms", "p99 of the clients to it", Some(p99 / together));
        }
    }
}

fn print_table(lines: &[Line]) {
    for Line { name, value, unit, floor, ratio } in lines {
        let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:>7.2} × {floor}"));
        println!("{name:<48} {value:>10.2} {unit:<3} {ratio}");
    }
}

fn print_json(lines: &[Line]) {
    let records: Vec<String> = lines
        .iter()
        .map(|Line { name, value, unit, floor, ratio }| {
            let ratio = ratio.map_or("null".to_owned(), |ratio| format!("{ratio:.3}"));
            format!(r#"  {{ "name": "{name}", "value": {value:.3}, "unit": "{unit}", "floor": "{floor}", "ratio": {ratio} }}"#)
        })
        .collect();
    println!("[\n{}\n]", records.join(",\n"));
}
