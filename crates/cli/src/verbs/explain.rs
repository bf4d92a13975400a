//! `explain`: one bill, by flags or as JSON, answered with its steps.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use domain::{Date, Severity};
use serde_json::{Map, Value};

use super::policy::{Seen, Sets, day};
use super::settle::{Asked, explain_one};
use crate::io::bills::{Column, InputFormat, read_bytes};
use crate::io::out::Output;
use crate::output::aside;
use crate::session::{Session, Verdict};

/// Asks what is paid of one bill.
#[derive(clap::Args)]
pub struct Args {
    /// Region: slug, code or Chinese name
    #[arg(value_name = "REGION")]
    region: String,
    /// The bill as a JSON object, in a file or `-`; the columns are those of `settle`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["date", "care", "level", "a"])]
    json: Option<PathBuf>,
    /// End of the visit
    #[arg(long, value_name = "DAY", value_parser = day, required_unless_present = "json")]
    date: Option<Date>,
    /// Kind of care: inpatient (default), outpatient, special … or 住院, 普通门诊 …
    #[arg(long, default_value = "inpatient")]
    care: String,
    /// Level of the provider: primary, 1, 2 (default), 3, 3p
    #[arg(long, default_value = "2")]
    level: String,
    /// Class A amount in yuan
    #[arg(long, value_name = "YUAN", default_value = "0")]
    a: String,
    /// Only a burden in yuan that basic insurance elsewhere has left; the basic stages are passed over
    #[arg(long, value_name = "YUAN", conflicts_with_all = ["json", "a", "b", "b_share", "c", "over_limit"])]
    burden: Option<String>,
    /// Class B amount in yuan
    #[arg(long, value_name = "YUAN")]
    b: Option<String>,
    /// First self-pay share of class B, as 10%
    #[arg(long, value_name = "SHARE")]
    b_share: Option<String>,
    /// Class C amount in yuan
    #[arg(long, value_name = "YUAN")]
    c: Option<String>,
    /// Amount above price limits in yuan
    #[arg(long, value_name = "YUAN")]
    over_limit: Option<String>,
    /// resident (default) or employee
    #[arg(long)]
    scheme: Option<String>,
    /// Tier of contribution
    #[arg(long)]
    tier: Option<String>,
    /// Population group: adult (default), minor, student, active, retired …
    #[arg(long)]
    group: Option<String>,
    /// Categories, joined by |
    #[arg(long)]
    category: Option<String>,
    /// Date of birth
    #[arg(long, value_name = "DAY")]
    birth: Option<String>,
    /// Local (default), filed, referred, emergency, unfiled
    #[arg(long)]
    filing: Option<String>,
    /// Disease code
    #[arg(long)]
    disease: Option<String>,
    /// Marks, joined by |
    #[arg(long)]
    mark: Option<String>,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    sets: Sets,
    /// Refuse figures that rest on less than a stated rule and a published statistic
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    output: Output,
}

impl Args {
    /// Answers.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let view = self.seen.view(library)?;
        let bytes = match &self.json {
            Some(path) if path.as_os_str() == "-" => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes)?;
                bytes
            }
            Some(path) => std::fs::read(path)?,
            None => self.object().to_string().into_bytes(),
        };
        let mut loaded = read_bytes("explain", one_object(&bytes), InputFormat::Json, &|_, _| {});
        for finding in &loaded.findings {
            aside(finding);
        }
        if loaded.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok(Verdict::Findings);
        }
        for bill in &mut loaded.bills {
            bill.burden_only = self.burden.is_some();
        }
        let mut sets = BTreeMap::new();
        if let Some(bill) = loaded.bills.first() {
            let set = self.sets.overlay(session, library, region, &view, (bill.date, bill.date))?;
            sets.extend(set.map(|set| (region.slug.clone(), set)));
        }
        let asked = Asked { view, sets: &sets, as_of: None, strict: self.strict, steps: true };
        explain_one(session, &mut loaded, &region.slug, &asked, &self.output)
    }

    /// The flags as the object that `settle` would read.
    fn object(&self) -> Value {
        let text = |value: &Option<String>| value.clone();
        let fields = [
            ("bill", Some("1".to_owned())),
            ("person", Some("1".to_owned())),
            ("date", self.date.map(|date| date.to_string())),
            ("care", Some(self.care.clone())),
            ("level", Some(self.level.clone())),
            ("a", Some(self.burden.as_ref().unwrap_or(&self.a).clone())),
            ("b", text(&self.b)),
            ("b_share", text(&self.b_share)),
            ("c", text(&self.c)),
            ("over_limit", text(&self.over_limit)),
            ("scheme", text(&self.scheme)),
            ("tier", text(&self.tier)),
            ("group", text(&self.group)),
            ("category", text(&self.category)),
            ("birth", text(&self.birth)),
            ("filing", text(&self.filing)),
            ("disease", text(&self.disease)),
            ("mark", text(&self.mark)),
        ];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
        Value::Object(given.collect::<Map<_, _>>())
    }
}

/// A single object becomes an array of one, which is what the reader of JSON takes. A bill asked about by itself needs neither
/// number nor person: they are filled in at the end of the text, so that faults keep their place.
fn one_object(bytes: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(known)) = serde_json::from_slice(bytes) else { return bytes.to_vec() };
    let lacks = |column: &Column| {
        !known.contains_key(column.name()) && !column.chinese().iter().any(|name| known.contains_key(*name))
    };
    let filled = [Column::Bill, Column::Person].iter().filter(|column| lacks(column));
    let mut filled: Vec<String> = filled.map(|column| format!("\"{}\":\"1\"", column.name())).collect();
    if !filled.is_empty() && !known.is_empty() {
        filled.insert(0, String::new());
    }
    let close = bytes.iter().rposition(|byte| *byte == b'}').unwrap_or(bytes.len());
    [b"[", &bytes[..close], filled.join(",").as_bytes(), &bytes[close..], b"]"].concat()
}
