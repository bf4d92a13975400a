//! `seal`: one hash over what has been recorded, to be kept elsewhere.

use serde_json::{Value, json};
use service::Failure;
use store::Seal;

use super::place::{Day, Place, stopped};
use crate::io::out::Output;
use crate::output::{Column, Listing, column};
use crate::session::{Session, Verdict};

/// What was recorded within this time may have a transaction under way beside it, and is left to the next seal.
const SAFELY_PAST: i64 = 60 * 1_000_000;

/// Which books.
#[derive(clap::Args)]
pub struct Args {
    /// List the seals, and make none
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    day: Day,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("region", "统筹区", "region"),
    column("number", "序号", "number"),
    column("before", "截至", "before"),
    column("entries", "记录数", "entries"),
    column("hash", "封存哈希", "hash"),
];

impl Args {
    /// Seals them, or lists the seals.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        self.output.check(&[])?;
        let failed = |error: store::Error| stopped(Failure::from(error));
        let mut store = self.place.existing(&self.place.url()?)?;
        let regions = self.place.regions_of(session, store.as_mut())?;
        let before = self.day.clock(store.as_mut())?.now() - SAFELY_PAST;
        let mut rows = Vec::new();
        for region in &regions {
            if self.list {
                rows.extend(store.seals(region).map_err(failed)?.iter().map(|seal| row(region, seal)));
            } else {
                rows.extend(
                    store::seal(store.as_mut(), region, before).map_err(failed)?.map(|seal| row(region, &seal)),
                );
            }
        }
        let lang = session.lang;
        let foot = match rows.is_empty() {
            true => lang.of("没有新的记录可封存（一分钟内的留到下次）", "nothing new to seal; the last minute waits"),
            false => lang.of(
                "把最后一个哈希抄到别处（纸上、上级、公证）；日后 tongchou verify --seal 哈希 可证明此前的账没有动过",
                "keep the last hash elsewhere: `tongchou verify --seal HASH` then shows that nothing before it was changed",
            ),
        };
        Listing { title: String::new(), columns: COLUMNS, rows, foot: foot.to_owned() }.write(&self.output, lang)?;
        Ok(Verdict::Good)
    }
}

fn row(region: &str, seal: &Seal) -> Vec<Value> {
    let before = jiff::Timestamp::from_microsecond(seal.before).unwrap_or_default();
    let before = before.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    let before = before.strftime("%Y-%m-%d %H:%M:%S").to_string();
    vec![json!(region), json!(seal.number), json!(before), json!(seal.entries), json!(hex(&seal.hash))]
}

/// A hash as it is written.
pub fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
