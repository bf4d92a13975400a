//! A town with notices of its own, and books in memory: what the tests of the use cases share.

use std::sync::Arc;

use domain::Date;
use jiff::tz::{TimeZone, offset};
use policy::{Library, SourceFile};
use serde_json::{Value, json};

use crate::{Answer, Books, Command, Desk, Memory, Query, Refusal, Rules, Stop, Table, Vault};

/// Books in memory, run by given tables, on a day that a test moves on.
pub(crate) struct Town {
    pub rules: Rules,
    pub vault: Vault,
    pub memory: Memory,
    pub today: Date,
    /// Who asks.
    pub actor: &'static str,
    files: Arc<Library>,
    requests: u32,
}

impl Town {
    /// A town whose notice of 2000 holds these provisions. Clauses `T-1` to `T-40` exist.
    pub fn new(provisions: &str, today: Date) -> Town {
        Town::with_file("notice", provisions, today)
    }

    /// The same by a supplement, whose provisions say where they come from.
    pub fn supplemented(provisions: &str, today: Date) -> Town {
        let sourced = provisions.replace("clause=", "basis='secondary'\nsource='x'\nclause=");
        Town::with_file("supplement", &sourced, today)
    }

    fn with_file(kind: &str, provisions: &str, today: Date) -> Town {
        let file = |path: &str, text: String| SourceFile { path: path.into(), shown: path.into(), text };
        let region = "[region]\ncode='990100'\nslug='town'\nname='某市'\n
            [[tier]]\nid='low'\nname='低档'\n[[tier]]\nid='high'\nname='高档'\n";
        let header = "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n";
        let clauses: String = (1..=40).map(|n| format!("T-{n}\t一\tx\trule\tother\t-\t-\t-\t-\n")).collect();
        let notice = format!("[notice]\nid='n'\nkind='{kind}'\ntitle='某通知'\nissued=2000-01-01\n{provisions}");
        let library = Library::read([
            file("990100-town/region.toml", region.to_owned()),
            file("clauses.tsv", format!("{header}{clauses}")),
            file("990100-town/n.toml", notice),
        ]);
        assert_eq!(library.findings, vec![]);
        Town::of(Arc::new(library), "town", today)
    }

    /// The books of a region of a library.
    pub fn of(library: Arc<Library>, region: &str, today: Date) -> Town {
        let rules = Rules::new(Arc::clone(&library), "edition", region, Vec::new(), false, today).unwrap();
        Town {
            rules,
            vault: Vault::new(&[7; 32]),
            memory: Memory::default(),
            today,
            actor: "tester",
            files: library,
            requests: 0,
        }
    }

    /// Runs a command at noon of the day.
    pub fn run(&mut self, verb: &str, fields: Value) -> Result<Answer, Refusal> {
        self.keyed(verb, &format!("r{}", self.requests + 1), fields)
    }

    /// Runs a command under a key at noon of the day.
    pub fn keyed(&mut self, verb: &str, key: &str, fields: Value) -> Result<Answer, Refusal> {
        self.requests += 1;
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let command = Command::named(verb).unwrap_or_else(|| panic!("no command {verb}"));
        let request = command.read(key, fields)?;
        // Each request is recorded at a moment of its own.
        let at = noon(self.today) + i64::from(self.requests);
        let desk = Desk { rules: &self.rules, vault: &self.vault, at, actor: self.actor };
        self.memory.run(&desk, &request).map_err(refused)
    }

    /// Asks a question at noon of the day.
    pub fn ask(&mut self, verb: &str, fields: Value) -> Table {
        self.asked(verb, fields).unwrap()
    }

    /// The refusal of a question.
    pub fn refused(&mut self, verb: &str, fields: Value) -> Refusal {
        self.asked(verb, fields).unwrap_err()
    }

    fn asked(&mut self, verb: &str, fields: Value) -> Result<Table, Refusal> {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let question = Query::named(verb).unwrap_or_else(|| panic!("no question {verb}")).read(fields).unwrap();
        let desk = Desk { rules: &self.rules, vault: &self.vault, at: noon(self.today), actor: self.actor };
        question.ask(&desk, &mut Books::new(&mut self.memory)).map_err(refused)
    }

    /// What a command would be decided by, at noon of the day.
    pub fn desk(&self) -> Desk<'_> {
        Desk { rules: &self.rules, vault: &self.vault, at: noon(self.today), actor: self.actor }
    }

    /// Makes the rules anew by what the region's own book says: its adopted drafts, and whether it is strict.
    pub fn follow_the_region(&mut self) {
        let settings = crate::public::settings(&mut Books::new(&mut self.memory)).unwrap().unwrap();
        self.rules = settings.rules(&self.files, "edition", self.today).unwrap();
    }

    /// The balance of an account over all parties, in yuan.
    pub fn balance(&self, account: &str) -> String {
        let lines = self.memory.journal.iter().flat_map(|posted| &posted.lines);
        lines.filter(|line| line.account == account).map(|line| line.amount).sum::<domain::Fen>().to_string()
    }

    /// Registers a person born on a day, and gives the number.
    pub fn person(&mut self, born: &str, running: u16) -> String {
        let digits = format!("990101{}{running:03}", born.replace('-', ""));
        let number = ('0'..='9').chain(['X']).map(|check| format!("{digits}{check}"));
        let number = number.into_iter().find(|number| crate::people::recognise(number).is_ok()).unwrap();
        let fields = json!({ "number": number, "name": format!("某{running}"), "area": "990101" });
        let answer = self.run("person register", fields).unwrap();
        answer.fields["person"].as_str().unwrap().to_owned()
    }
}

/// Noon of a day in China, microseconds since 1970.
fn noon(day: Date) -> i64 {
    day.at(12, 0, 0, 0).to_zoned(TimeZone::fixed(offset(8))).unwrap().timestamp().as_microsecond()
}

fn refused(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Source(what) => panic!("{what}"),
    }
}

#[test]
fn every_stream_folds_to_its_sheet_again() {
    use crate::{Source, StreamKind};
    let mut town = Town::new("", jiff::civil::date(2022, 3, 1));
    let person = town.person("1980-02-03", 1);
    let key = crate::people::person_key(&person);
    let stored = town.memory.sheets(std::slice::from_ref(&key)).unwrap();
    let entries: Vec<_> = town.memory.history(&key.subject).unwrap().into_iter().map(|(_, entry)| entry).collect();
    let refolded = (StreamKind::named(&key.subject).unwrap().refold)(&entries).unwrap();
    assert_eq!(stored[0].body, refolded);
    let again = town.run("person register", json!({ "number": "11010519491231002X", "name": "某", "area": "990101" }));
    let person = again.unwrap().fields["person"].clone();
    let twice = town.run("person register", json!({ "number": "110105491231002", "name": "某", "area": "990101" }));
    assert_eq!(twice.unwrap_err().code, "already-registered", "{person}");
    assert_eq!(town.memory.journal.len(), 2, "a refused command leaves no trace");
}
