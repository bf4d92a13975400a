//! The province itself, in builds that have Parquet.

use std::fs;
use std::thread::available_parallelism;

use anyhow::Context as _;
use domain::Care;
use indicatif::ProgressBar;
use microsim::generate::{Asked, Figures, Manifest, generate};
use microsim::{Refused, Watch};

use super::Args;
use crate::io::out::to_stdout;
use crate::io::progress;
use crate::session::{Lang, Session, Verdict};
use crate::stop::Stop;

/// Makes it.
pub fn make(args: &Args, session: &Session) -> anyhow::Result<Verdict> {
    let library = session.library()?;
    let region = session.region(library, &args.region)?;
    let own = args.parameters.as_ref().map(|path| {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).with_context(|| name.clone())?;
        anyhow::Ok((name, text))
    });
    let own = own.transpose()?;
    let own = own.as_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let asked = Asked {
        library,
        region,
        view: args.seen.view(library)?,
        figures: &Figures::of_region(library, region, own).map_err(told)?,
        people: args.people,
        year: args.year,
        years: args.years,
        seed: args.seed,
        lines: args.lines,
        anomalies: args.anomalies,
        threads: args.threads.or_else(|| Some(available_parallelism().ok()?.get())).unwrap_or(1),
    };
    let bar: ProgressBar = progress::over_rows("生成", args.people.unsigned_abs());
    let telling = Telling(bar);
    let made = generate(&asked, &args.output, &telling);
    telling.0.finish_and_clear();
    let manifest = made.map_err(|error| error.downcast::<Refused>().map_or_else(|error| error, told_any))?;
    to_stdout(|out| Ok(out.write_all(summary(&manifest, session.lang).as_bytes())?))?;
    Ok(Verdict::Good)
}

/// A bar over the parts.
struct Telling(ProgressBar);

impl Watch for Telling {
    fn part(&self, _: i64, parts: i64) {
        self.0.set_length(parts.unsigned_abs());
        self.0.inc(1);
    }
}

fn told(refused: Refused) -> Stop {
    Stop::usage(refused.what, refused.cure)
}

fn told_any(refused: Refused) -> anyhow::Error {
    told(refused).into()
}

/// What was made, and of what there is nothing.
fn summary(manifest: &Manifest, lang: Lang) -> String {
    let sum = |of: &dyn Fn(&microsim::generate::Part) -> i64| manifest.parts.iter().map(of).sum::<i64>();
    let mut text = String::new();
    for (at, year) in manifest.each_year().enumerate() {
        let enrolled = sum(&|part| part.enrolment[at]);
        let bills = sum(&|part| part.bills[at]);
        let lines = sum(&|part| part.lines.get(at).copied().unwrap_or(0));
        text.push_str(&match lang {
            Lang::Zh => format!("{year}年：参保 {enrolled} 人，账单 {bills} 张"),
            Lang::En => format!("{year}: {enrolled} enrolled, {bills} bills"),
        });
        if manifest.lines {
            text.push_str(&match lang {
                Lang::Zh => format!("，明细 {lines} 行"),
                Lang::En => format!(", {lines} lines"),
            });
        }
        text.push('\n');
    }
    for undecided in manifest.undecided.iter().filter(|undecided| !undecided.care.is_empty()) {
        let named = |word: &String| match (Care::parse(word), lang) {
            (Some(care), Lang::Zh) => care.name().to_owned(),
            _ => word.clone(),
        };
        let care: Vec<String> = undecided.care.iter().map(named).collect();
        text.push_str(&match lang {
            Lang::Zh => format!("自 {} 起条款决定不了、所以没有账单的：{}\n", undecided.from, care.join("、")),
            Lang::En => {
                format!("without bills from {}, as the terms decide none: {}\n", undecided.from, care.join(", "))
            }
        });
    }
    text.push_str(lang.of("全部结果的依据：示意（illustrative）\n", "basis of all of it: illustrative\n"));
    text
}
