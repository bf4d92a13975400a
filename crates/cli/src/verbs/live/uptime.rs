//! `uptime`: when a server of the books was up, by the calendar month (JS22-09.1i).

use serde_json::{Value, json};
use service::Failure;
use service::uptime::{Month, Now, Uptime};
use service::{Clock as _, SystemClock};

use super::place::{Place, stopped};
use crate::io::out::Output;
use crate::output::{Column, Listing, column};
use crate::session::{Lang, Session, Verdict};

/// Which books, and of which year.
#[derive(clap::Args)]
pub struct Args {
    /// Only months of this year
    #[arg(long, value_name = "YEAR")]
    year: Option<i16>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("region", "统筹区", "region"),
    column("month", "月份", "month"),
    column("minutes", "应计分钟", "minutes"),
    column("up", "运行分钟", "up"),
    column("share", "可用率", "availability"),
    column("down", "停机分钟", "down"),
    column("down_stopped", "其中正常停止后", "after an orderly stop"),
    column("down_died", "其中异常中断后", "after dying"),
    column("stops", "正常停止次数", "orderly stops"),
    column("deaths", "异常中断次数", "deaths"),
];

impl Args {
    /// Lists the months since a server was first started.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        self.output.check(&[])?;
        let mut store = self.place.existing(&self.place.url()?)?;
        let (mut rows, mut says) = (Vec::new(), Vec::new());
        for region in self.place.regions_of(session, store.as_mut())? {
            let runs = store.runs(&region).map_err(|error| stopped(Failure::from(error)))?;
            let uptime = Uptime::of(&runs, SystemClock.now());
            let months = uptime.iter().flat_map(|uptime| &uptime.months);
            let asked = months.filter(|month| self.year.is_none_or(|year| month.first.year() == year));
            rows.extend(asked.map(|month| row(&region, month)));
            says.push(told(session.lang, &region, uptime.as_ref()));
        }
        let title = session.lang.of("服务运行时间", "Uptime").to_owned();
        Listing { title, columns: COLUMNS, rows, foot: says.join("；") }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }
}

fn row(region: &str, month: &Month) -> Vec<Value> {
    let Month { first, up, stopped, died, stops, deaths } = month;
    vec![
        json!(region),
        json!(first.strftime("%Y-%m").to_string()),
        json!(month.minutes()),
        json!(up),
        json!(share(*up, month.minutes())),
        json!(stopped + died),
        json!(stopped),
        json!(died),
        json!(stops),
        json!(deaths),
    ]
}

/// A share in hundredths of a percent, cut off: what was down for a minute was not up for all of the month.
fn share(part: i64, whole: i64) -> Option<String> {
    let points = (part * 10_000).checked_div(whole)?;
    Some(format!("{}.{:02}%", points / 100, points % 100))
}

fn told(lang: Lang, region: &str, uptime: Option<&Uptime>) -> String {
    let Some(Uptime { since, now, .. }) = uptime else {
        return format!("{region}：{}", lang.of("还没有启动过服务", "no server was started yet"));
    };
    let since = jiff::Timestamp::from_microsecond(*since).unwrap_or_default();
    let since = since.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).strftime("%Y-%m-%d %H:%M").to_string();
    let now = match now {
        Now::Up => lang.of("正在运行", "up"),
        Now::Stopped => lang.of("已正常停止", "stopped in order"),
        Now::Died => lang.of("已异常中断", "died"),
    };
    match lang {
        Lang::Zh => format!("{region}：自 {since} 第一次启动起计，{now}"),
        Lang::En => format!("{region}: counted from the first start, {since}; now {now}"),
    }
}
