//! Runs the steps of a story and compares what they answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use books::{Answer, Books, Desk, Look, Memory, Refusal, Rules, Stop, Table, Vault};
use domain::Date;
use serde_json::{Map, Value, json};

use super::json;
use super::step::{Step, Verb};
use crate::case::Case;

/// Who asks, where neither the case nor the step says.
const ACTOR: &str = "经办";

/// The key of the books of stories: nothing real is sealed with it.
const KEY: [u8; 32] = [7; 32];

pub(super) fn run(case: &Case<'_>) -> Vec<String> {
    let mut play = Play {
        case,
        memory: Memory::default(),
        vault: Vault::new(&KEY),
        rules: BTreeMap::new(),
        answers: BTreeMap::new(),
    };
    for (at, step) in case.story.iter().enumerate() {
        let mut failures = Vec::new();
        if let Err(what) = play.step(at + 1, step, &mut failures) {
            failures.push(what);
        }
        if !failures.is_empty() {
            // What comes after would only fail because of it.
            let (number, day, verb, place) = (at + 1, step.day, step.verb.words(), &step.place);
            let told = |what: String| format!("第 {number} 步 {day} {verb}（{place}）：{what}");
            return failures.into_iter().map(told).collect();
        }
    }
    let mut wrong = play.memory.verify();
    wrong.extend(in_clear(&case.story, &play.memory));
    wrong
}

/// A story under way.
struct Play<'c> {
    case: &'c Case<'c>,
    memory: Memory,
    vault: Vault,
    /// By year: the compiled terms span some years around the day.
    rules: BTreeMap<i16, Rules>,
    answers: BTreeMap<String, Value>,
}

impl Play<'_> {
    /// # Errors
    /// When the step cannot be run at all.
    fn step(&mut self, number: usize, step: &Step, failures: &mut Vec<String>) -> Result<(), String> {
        let input = json::filled_object(&step.input, &self.answers)?;
        let given = self.outcome(number, step, input.clone())?;
        let told = match &given {
            Ok(given) => given.said(),
            Err(refusal) => self.case.telling.of_books(refusal).0,
        };
        match (&given, step.record.text("refused")) {
            (Err(refusal), Some(code)) if refusal.code == code => {}
            (Err(refusal), None) => {
                let (refusal, cure) = self.case.telling.of_books(refusal);
                failures.push(format!("被拒绝：{refusal}；{cure}"));
            }
            (Err(_), Some(code)) => failures.push(format!("应因 {code} 被拒绝，实际：{told}")),
            (Ok(_), Some(code)) => failures.push(format!("应因 {code} 被拒绝，实际没有被拒绝")),
            (Ok(_), None) => {}
        }
        if failures.is_empty() {
            let given = given.map_err(|refusal| Given::refused(&refusal)).unwrap_or_else(|given| given);
            self.compare(step, &given, failures)?;
            if let Some(name) = step.record.text("as") {
                self.answers.insert(name.to_owned(), given.value);
            }
        }
        if !failures.is_empty() {
            failures.push(format!("    给出 {}", Value::Object(input)));
            failures.push(format!("    答复 {told}"));
        }
        Ok(())
    }

    /// What the books give to a step.
    fn outcome(
        &mut self,
        number: usize,
        step: &Step,
        input: Map<String, Value>,
    ) -> Result<Result<Given, Refusal>, String> {
        if !self.rules.contains_key(&step.day.year()) {
            let made = rules(self.case, &mut self.memory, step.day)?;
            self.rules.insert(step.day.year(), made);
        }
        let Some(rules) = self.rules.get(&step.day.year()) else { return Err("没有这一年的条款".to_owned()) };
        let actor = step.record.text("actor").or(self.case.body.text("actor")).unwrap_or(ACTOR);
        let desk = Desk { rules, vault: &self.vault, at: step.at, actor };
        let before = self.memory.journal.len();
        let given = match step.verb {
            Verb::Run(command) => {
                let key = step.record.text("key").map_or_else(|| format!("第{number}步"), str::to_owned);
                let read = command.read(&key, input).map_err(Stop::from);
                read.and_then(|request| self.memory.run(&desk, &request)).map(|answer| Given::answered(&answer))
            }
            Verb::Ask(query) => {
                let mut books = Books::new(&mut self.memory);
                let read = query.read(input).map_err(Stop::from);
                // What it posts on its way (a comparison loads the file) is dropped, as the service drops it.
                read.and_then(|question| question.ask(&desk, &mut books)).map(|table| Given::listed(&table))
            }
        };
        // What the region's own book says may decide by which notices it is run from now on.
        if self.memory.journal.iter().skip(before).any(|posted| posted.key == books::public::region_key()) {
            self.rules.clear();
        }
        match given {
            Ok(given) => Ok(Ok(given)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Source(what)) => Err(what),
        }
    }

    /// # Errors
    /// When an expectation refers to what no answer has.
    fn compare(&self, step: &Step, given: &Given, failures: &mut Vec<String>) -> Result<(), String> {
        for (path, expected) in &step.expect {
            let path = json::plain(&json::filled(&Value::from(path.as_str()), &self.answers)?);
            let expected = json::filled(expected, &self.answers)?;
            if let Some((_, text)) = given.words.iter().find(|(name, _)| *name == path) {
                if !text.contains(&json::plain(&expected)) {
                    failures.push(format!("{path}：应有“{}”，实际：{text}", json::plain(&expected)));
                }
                continue;
            }
            match json::at(&given.value, &path) {
                Some(got) if json::same(&expected, &got) => {}
                Some(got) => {
                    failures.push(format!("{path}：应为 {}，实际 {}", json::plain(&expected), json::plain(&got)))
                }
                None => {
                    failures.push(format!("{path}：应为 {}，答复没有这一项：{}", json::plain(&expected), given.value))
                }
            }
        }
        let missing =
            step.record.texts("clauses").into_iter().filter(|clause| !given.clauses.iter().any(|c| c == clause));
        failures.extend(missing.map(|clause| format!("没有引 {clause}，引的是：{}", given.clauses.join("、"))));
        if let Some(rows) = step.record.integer("expect_rows") {
            let got = given.value.as_array().map_or(0, Vec::len);
            if usize::try_from(rows) != Ok(got) {
                failures.push(format!("应有 {rows} 行，实际 {got} 行：{}", given.value));
            }
        }
        for path in step.record.texts("absent") {
            if let Some(got) = json::at(&given.value, path).filter(|got| !got.is_null()) {
                failures.push(format!("{path}：不应有，实际 {}", json::plain(&got)));
            }
        }
        for text in step.record.texts("hides") {
            let text = json::plain(&json::filled(&Value::from(text), &self.answers)?);
            if given.said().contains(&text) || given.value.to_string().contains(&text) {
                failures.push(format!("答复里不应有“{text}”"));
            }
        }
        Ok(())
    }
}

/// What the books gave, in the form that is compared.
struct Given {
    /// Fields of an answer; rows of a list.
    value: Value,
    /// What is in words: an expectation must be part of it.
    words: Vec<(&'static str, String)>,
    /// Clauses cited.
    clauses: Vec<String>,
}

impl Given {
    fn answered(answer: &Answer) -> Given {
        let because: Vec<&str> =
            answer.steps.iter().flat_map(|step| [step.text.as_str(), step.basis.as_str()]).collect();
        Given {
            value: Value::Object(answer.fields.clone().into_iter().chain(answer.shown.clone()).collect()),
            words: vec![
                ("says", answer.says.clone()),
                ("english", answer.english.clone()),
                ("because", because.join("；")),
            ],
            clauses: answer.steps.iter().flat_map(|step| step.sources.clone()).collect(),
        }
    }

    fn listed(table: &Table) -> Given {
        let row = |row: &Vec<Value>| {
            let cells = table.columns.iter().zip(row).map(|(column, value)| (column.name.to_owned(), value.clone()));
            Value::Object(cells.collect())
        };
        Given {
            value: table.rows.iter().map(row).collect(),
            words: vec![("title", table.title.clone()), ("foot", table.foot.clone())],
            clauses: Vec::new(),
        }
    }

    fn refused(refusal: &Refusal) -> Given {
        Given {
            value: json!({ "code": refusal.code }),
            words: vec![("says", refusal.message.clone()), ("cure", refusal.cure.clone())],
            clauses: refusal.clauses.clone(),
        }
    }

    fn said(&self) -> String {
        let words = self.words.iter().map(|(_, text)| text.as_str()).filter(|text| !text.is_empty());
        let words: Vec<&str> = words.collect();
        format!("{} {}", words.join("；"), self.value)
    }
}

/// The rules of the case, with the drafts that the region's own book says were adopted.
fn rules(case: &Case<'_>, memory: &mut Memory, day: Date) -> Result<Rules, String> {
    let view = case.view();
    let overlay = case.overlay.clone().map(Arc::new);
    let look = Look { known_on: view.known_on, isolated: view.without_supplements, overlay };
    let strict = case.body.flag("strict") == Some(true);
    let shared = Arc::clone(case.shared.get_or_init(|| Arc::new(case.library.clone())));
    let settings = books::public::settings(&mut Books::new(memory)).map_err(|stop| format!("{stop:?}"))?;
    let (library, adopted) = match &settings {
        Some(settings) => (settings.library(&shared).map_err(|refusal| refusal.to_string())?, settings.drafts()),
        None => (shared, Vec::new()),
    };
    let strict = strict || settings.is_some_and(|settings| settings.strict);
    let drafts = view.drafts.into_iter().chain(adopted).collect();
    Rules::looking(library, "story", &case.region.slug, (drafts, look), strict, day)
        .map_err(|refusal| refusal.to_string())
}

/// Numbers of identity documents that a story gave and that stand in clear in what is kept.
fn in_clear(story: &[Step], memory: &Memory) -> Vec<String> {
    let mut numbers = Vec::new();
    for value in story.iter().flat_map(|step| step.input.values()) {
        documents(value, &mut numbers);
    }
    let kept = |number: &&String| memory.texts().any(|text| text.contains(number.as_str()));
    let masked = numbers.iter().filter(kept).map(|number| books::people::masked(number));
    masked.map(|number| format!("证件号码 {number} 明文留在账里 (kept in clear)")).collect()
}

fn documents(value: &Value, numbers: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() == 18 && books::people::recognise(text).is_ok() => numbers.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| documents(value, numbers)),
        Value::Object(fields) => fields.values().for_each(|value| documents(value, numbers)),
        _ => {}
    }
}
