//! `verify`: makes everything derived again from the journal, and names what differs.

use serde_json::{Value, json};
use service::Failure;
use service::verify::{Compared, Difference, verify};
use store::Store;

use super::place::{Place, stopped};
use crate::io::out::Output;
use crate::io::progress;
use crate::output::{Column, Listing, column};
use crate::session::{Lang, Session, Verdict};

/// As many differences are listed; beyond, they are counted.
const LISTED: usize = 10_000;

/// Which books.
#[derive(clap::Args)]
pub struct Args {
    /// Hash of a seal that was kept elsewhere: the books must hold it
    #[arg(long, value_name = "HASH")]
    seal: Option<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("region", "统筹区", "region"),
    column("subject", "主体", "subject"),
    column("year", "年度", "year"),
    column("number", "记录", "entry"),
    column("code", "代码", "code"),
    column("what", "差异", "difference"),
];

impl Args {
    /// Verifies them. Any difference ends in exit code 1.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        self.output.check(&[])?;
        let mut store = self.place.existing(&self.place.url()?)?;
        let regions = self.place.regions_of(session, store.as_mut())?;
        let (mut rows, mut total) = (Vec::new(), 0_usize);
        let mut compared = Vec::new();
        for region in &regions {
            let of = one(store.as_mut(), region, &mut |difference| {
                total += 1;
                if rows.len() < LISTED {
                    rows.push(row(region, difference));
                }
            })?;
            compared.push((region, of));
        }
        if let Some(hash) = &self.seal
            && !sealed(store.as_mut(), &regions, hash)?
        {
            total += 1;
            let what = "库里没有这个封存：它之后的记录可能被整段换过".to_owned();
            let lost = Difference { subject: "seal".to_owned(), year: 0, number: None, code: "no-seal", what };
            rows.push(row(regions.first().map_or("", String::as_str), lost));
        }
        let lines: Vec<String> = compared.iter().map(|(region, of)| line(region, of, session.lang)).collect();
        let verdict = match (total, session.lang) {
            (0, lang) => lang.of("没有差异", "no difference").to_owned(),
            (_, Lang::Zh) => format!("{total} 处差异{}", if total > rows.len() { "，只列出前一部分" } else { "" }),
            (_, Lang::En) => {
                format!("{total} differences{}", if total > rows.len() { ", the first listed" } else { "" })
            }
        };
        let foot = format!("{}\n{verdict}", lines.join("\n"));
        Listing { title: String::new(), columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(if total == 0 { Verdict::Good } else { Verdict::Findings })
    }
}

fn one(store: &mut dyn Store, region: &str, found: &mut dyn FnMut(Difference)) -> anyhow::Result<Compared> {
    let counts = store.counts(region).map_err(|error| stopped(Failure::from(error)))?;
    let bar = progress::over_rows("核对", counts.records);
    let compared = verify(store, region, &mut |entries| bar.set_position(entries), found);
    bar.finish_and_clear();
    compared.map_err(stopped)
}

fn sealed(store: &mut dyn Store, regions: &[String], hash: &str) -> anyhow::Result<bool> {
    for region in regions {
        let seals = store.seals(region).map_err(|error| stopped(Failure::from(error)))?;
        if seals.iter().any(|seal| super::seal::hex(&seal.hash) == hash.trim().to_ascii_lowercase()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn row(region: &str, difference: Difference) -> Vec<Value> {
    let Difference { subject, year, number, code, what } = difference;
    vec![json!(region), json!(subject), json!(year), json!(number), json!(code), json!(what)]
}

fn line(region: &str, compared: &Compared, lang: Lang) -> String {
    let Compared { seals, streams, entries, settlements, postings, links, answers } = compared;
    match lang {
        Lang::Zh => format!(
            "{region}：{entries} 条记录、{streams} 个账页、{postings} 行分录、{links} 个名称、{answers} 个答复、{seals} 次封存；\
             重算 {settlements} 次结算"
        ),
        Lang::En => format!(
            "{region}: {entries} entries, {streams} sheets, {postings} postings, {links} names, {answers} answers, {seals} \
             seals; {settlements} settlements made again"
        ),
    }
}
