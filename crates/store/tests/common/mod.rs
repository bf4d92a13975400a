//! Databases to test on, and made-up entries.
#![allow(dead_code, reason = "each test file uses what it needs")]

use store::{Answered, Batch, Key, Link, Posting, Record, Sheet, Store};
use tempfile::TempDir;
use testkit::postgres::Server;

pub const REGION: &str = "120000";

/// A database of its own, with one region open.
pub struct Database {
    pub url: String,
    _folder: Option<TempDir>,
}

impl Database {
    pub fn sqlite() -> Database {
        Database::empty_sqlite().with_region()
    }

    pub fn postgres() -> Database {
        Database::empty_postgres().with_region()
    }

    /// A place where no books are yet.
    pub fn empty_sqlite() -> Database {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("books.db").display().to_string();
        Database { url, _folder: Some(folder) }
    }

    pub fn empty_postgres() -> Database {
        Database { url: Server::shared().database(), _folder: None }
    }

    /// An empty one on the same engine.
    pub fn empty_like(other: &Database) -> Database {
        if other._folder.is_some() { Database::empty_sqlite() } else { Database::empty_postgres() }
    }

    pub fn open(&self) -> Box<dyn Store> {
        store::open(&self.url).unwrap()
    }

    pub fn with_region(self) -> Database {
        let mut store = self.open();
        store.begin().unwrap();
        store.open_region(REGION).unwrap();
        store.commit().unwrap();
        self
    }
}

pub fn key(subject: &str, year: i16) -> Key {
    Key { subject: subject.to_string(), year }
}

/// The first entry of each of these streams (given in order), with two postings each, a link and an answer.
pub fn batch(request: &str, streams: &[Key]) -> Batch {
    let records: Vec<Record> = streams.iter().map(|key| record_after(None, key, request)).collect();
    Batch {
        sheets: records.iter().map(|record| sheet_of(record, "{\"n\":1}")).collect(),
        postings: records.iter().flat_map(|record| postings_of(record, 100)).collect(),
        links: vec![Link {
            kind: "document".to_string(),
            name: format!("of {request}"),
            subject: streams[0].subject.clone(),
        }],
        answers: vec![Answered {
            request: request.to_string(),
            input: [7; 32],
            answer: "{\"说明\":\"好\"}".to_string(),
            at: 1_700_000_000_000_000,
        }],
        records,
    }
}

/// The entry that follows a sheet in a stream.
pub fn record_after(sheet: Option<&Sheet>, key: &Key, request: &str) -> Record {
    let (number, head) = sheet.map_or((1, [0; 32]), |sheet| (sheet.entries + 1, sheet.head));
    let mut record = Record {
        key: key.clone(),
        number,
        at: 1_700_000_000_000_000 + i64::from(number),
        request: request.to_string(),
        actor: "clerk".to_string(),
        kind: "test".to_string(),
        body: format!("{{\"什么\":\"{request}\"}}"),
        hash: [0; 32],
    };
    record.hash = store::link(&head, REGION, &record);
    record
}

pub fn sheet_of(record: &Record, body: &str) -> Sheet {
    Sheet { key: record.key.clone(), entries: record.number, head: record.hash, body: body.to_string() }
}

pub fn postings_of(record: &Record, amount: i64) -> Vec<Posting> {
    let line = |line: u16, account: &str, party: &str, amount: i64| Posting {
        key: record.key.clone(),
        number: record.number,
        line,
        account: account.to_string(),
        party: party.to_string(),
        amount,
    };
    vec![line(1, "expense/basic", "", amount), line(2, "payable", "H1", -amount)]
}

pub fn commit(store: &mut dyn Store, batch: &Batch) {
    store.begin().unwrap();
    store.write(REGION, batch).unwrap();
    store.commit().unwrap();
}
