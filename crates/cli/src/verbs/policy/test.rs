//! `policy test`: the case deck. What is not as expected is told with the steps that led there.

use cases::{CaseResult, Deck, Named, Outcome, Telling};
use domain::Diagnostic;
use serde_json::{Value, json};

use crate::english;
use crate::io::findings;
use crate::io::out::{Format, Output};
use crate::output::{Column, Listing, column, hidden, put, shown};
use crate::sentences::said;
use crate::session::{Lang, Session, Verdict};

/// Asks for the cases to be run.
#[derive(clap::Args)]
pub struct Args {
    /// Only cases with this in their name, clauses, file or region; all if left out
    filter: Option<String>,
    /// List the cases that passed too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("name", "案例", "case"),
    column("region", "地区", "region"),
    column("kind", "种类", "kind"),
    hidden("passed"),
    shown("结果", "result"),
    column("clauses", "条文", "clauses"),
    hidden("file"),
    hidden("line"),
    hidden("failures"),
];

impl Args {
    /// Runs them; a failure ends in exit code 1.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = self.filter.as_ref().and_then(|filter| library.region(filter).ok());
        let wanted = |case: Named<'_>| {
            let Some(filter) = &self.filter else { return true };
            region.is_some_and(|region| region.slug == case.region) || is_called(case, filter)
        };
        let refusal = |code: &str, message: &str, cure: &str| english::refusal(session.lang, code, message, cure);
        let telling = Telling { lang: session.lang, refusal: &refusal };
        let mut deck = cases::run_some(library, telling, wanted);
        if let Some(filter) = &self.filter {
            deck.findings.retain(|finding| {
                let slug = session.shelf.regions.get(&finding.place.file);
                region.is_some_and(|region| slug == Some(&region.slug)) || finding.place.file.contains(filter.as_str())
            });
        }
        self.write(session, &deck)?;
        Ok(if deck.passed() && !deck.cases.is_empty() { Verdict::Good } else { Verdict::Findings })
    }

    fn write(&self, session: &Session, deck: &Deck) -> anyhow::Result<()> {
        let lang = session.lang;
        let failed = deck.failed().count();
        let foot = match lang {
            Lang::Zh if deck.cases.is_empty() => "没有这样的案例：看 `policy test --all` 里的名称".to_owned(),
            Lang::Zh => format!("{} 个案例通过，{failed} 个没有", deck.cases.len() - failed),
            Lang::En if deck.cases.is_empty() => "no such case: see the names in `policy test --all`".to_owned(),
            Lang::En => format!("{} cases passed, {failed} failed", deck.cases.len() - failed),
        };
        let people = self.output.check(&[])? == Format::Table;
        if people && !deck.findings.is_empty() {
            findings::tell(&deck.findings, &session.shelf.texts, session.lang)?;
        }
        if people && !self.all {
            let mut text: String = deck.failed().map(|case| at_length(case, lang)).collect();
            text.push_str(&format!("{foot}\n"));
            return put(&text, self.output.output.as_deref());
        }
        let rows = deck.cases.iter().map(|case| row(case, lang)).chain(deck.findings.iter().map(|f| faulty(f, lang)));
        Listing { title: String::new(), columns: COLUMNS, rows: rows.collect(), foot }.write(&self.output, lang)
    }
}

fn is_called(case: Named<'_>, filter: &str) -> bool {
    case.name.contains(filter)
        || case.place.file.contains(filter)
        || case.clauses.iter().any(|clause| clause.starts_with(filter))
}

fn failures(case: &CaseResult) -> &[String] {
    match &case.outcome {
        Outcome::Passed => &[],
        Outcome::Failed(failures) => failures,
    }
}

fn at_length(case: &CaseResult, lang: Lang) -> String {
    let clauses = case.clauses.join(" ");
    let mut text = format!("✗ {}  {clauses}\n  {}\n", case.name, case.place);
    for line in failures(case) {
        text.push_str(&format!("  {}\n", said(lang, line)));
    }
    if failures(case).is_empty() {
        text.push_str(lang.of("  没有说明\n", "  no explanation\n"));
    }
    text + "\n"
}

fn row(case: &CaseResult, lang: Lang) -> Vec<Value> {
    let passed = case.outcome == Outcome::Passed;
    vec![
        json!(case.name),
        json!(case.region),
        json!(case.kind),
        json!(passed),
        json!(if passed { lang.of("通过", "passed") } else { lang.of("没有通过", "failed") }),
        json!(case.clauses),
        json!(case.place.file),
        json!(case.place.line),
        json!(failures(case).iter().map(|line| said(lang, line)).collect::<Vec<_>>()),
    ]
}

/// A case file that cannot be read counts as a failure: nothing that it says has been run.
fn faulty(finding: &Diagnostic, lang: Lang) -> Vec<Value> {
    vec![
        json!(said(lang, &finding.message)),
        Value::Null,
        json!(finding.code),
        json!(false),
        json!(lang.of("写错", "faulty")),
        json!([]),
        json!(finding.place.file),
        json!(finding.place.line),
        json!([said(lang, &finding.cure)]),
    ]
}
