//! What was done and what was refused lately, as lists of the page of work: who, when, what, about whom; masked, and as far as whoever
//! asks may see it.

use axum::response::Response;
use books::{Column, Table, col};
use domain::Lang;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use maud::{Markup, html};
use serde_json::{Value, json};
use server::access::Caller;
use server::{Did, Problem, Refused, Whom};

use super::task::TASKS;
use super::work::{self, listed};
use super::{clerk, handle};
use crate::asked::Asked;
use crate::coded;
use crate::list::Row;

/// A list of what was done or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lately {
    /// What was refused since the server began.
    Refused,
    /// The last that was done.
    Done,
}

impl Lately {
    /// Both, in the order in which they are shown.
    pub const ALL: [Lately; 2] = [Lately::Refused, Lately::Done];

    /// Its word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Lately::Refused => "refused",
            Lately::Done => "done",
        }
    }

    /// Its name.
    pub fn name(self, asked: &Asked) -> &str {
        match self {
            Lately::Refused => asked.of("被拒的", "Refused"),
            Lately::Done => asked.of("办理记录", "Done"),
        }
    }

    /// How many of the list are of today.
    pub fn of_today(asked: &Asked, table: &Table) -> usize {
        let today = asked.today().to_string();
        Row::all(table).filter(|row| row.text("time").starts_with(&today)).count()
    }

    /// The columns that are shown.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Lately::Refused => &["time", "by", "task", "whom", "why", "cure"],
            Lately::Done => &["time", "by", "what", "whom"],
        }
    }

    /// The list.
    ///
    /// # Errors
    /// When whoever asks may not see any of it, or the books cannot be read.
    pub async fn table(self, asked: &Asked, caller: &Caller) -> Result<Table, Problem> {
        match self {
            Lately::Refused => {
                let (since, all) = asked.app.refused(caller).await?;
                Ok(of_refused(asked, since, &all))
            }
            Lately::Done => Ok(of_done(asked, &asked.app.lately(caller).await?)),
        }
    }
}

const REFUSED: &[Column] = &[
    col("time", "时刻", "time"),
    col("by", "经办人", "by"),
    col("task", "业务", "what for"),
    col("whom", "何人", "whom"),
    col("why", "原因", "why"),
    col("cure", "怎么办", "what to do"),
    col("person", "个人编号", "person"),
    col("verb", "命令", "command"),
];

const DONE: &[Column] = &[
    col("time", "时刻", "time"),
    col("by", "经办人", "by"),
    col("what", "办了什么", "what was done"),
    col("whom", "何人", "whom"),
    col("person", "个人编号", "person"),
];

/// A moment of the books in China, to the second.
fn moment(at: i64) -> String {
    let at = Timestamp::from_microsecond(at).unwrap_or_default().to_zoned(TimeZone::fixed(offset(8)));
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn told(whom: Option<&Whom>) -> (Value, Value) {
    whom.map_or((Value::Null, Value::Null), |whom| (json!(whom.name), json!(whom.person)))
}

fn of_refused(asked: &Asked, since: i64, all: &[(Refused, Option<Whom>)]) -> Table {
    let row = |(refused, whom): &(Refused, Option<Whom>)| {
        let refusal = &refused.refusal;
        let (why, cure) = asked.pages.words.refusal(asked.lang(), &refusal.code, &refusal.message, &refusal.cure);
        let (name, person) = told(whom.as_ref());
        let (time, verb) = (moment(refused.at), coded::verb(asked.lang(), refused.verb));
        vec![json!(time), json!(refused.actor), json!(verb), name, json!(why), json!(cure), person, json!(refused.verb)]
    };
    // What was refused before is not known any more.
    let begun = moment(since);
    let foot = match asked.lang() {
        Lang::Zh => format!("自 {begun} 服务启动起"),
        Lang::En => format!("since {begun}, when the server began"),
    };
    let title = Lately::Refused.name(asked).to_owned();
    Table { title, columns: REFUSED, rows: all.iter().map(row).collect(), foot }
}

fn of_done(asked: &Asked, all: &[Did]) -> Table {
    let row = |did: &Did| {
        let (name, person) = told(did.whom.as_ref());
        let what = asked.of(&did.answer.says, &did.answer.english);
        vec![json!(moment(did.at)), json!(did.actor), json!(what), name, person]
    };
    let title = Lately::Done.name(asked).to_owned();
    let foot = asked.of(
        "全部请求中最近的 300 件（至多七天），其中您能看的",
        "of the last 300 requests of everybody (of seven days at most), those that you may see",
    );
    Table { title, columns: DONE, rows: all.iter().map(row).collect(), foot: foot.to_owned() }
}

/// A list, with the way to the person, and of what was refused to the task.
pub async fn page(asked: Asked, which: Lately) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let table = which.table(&asked, caller).await;
    listed(&asked, (which.name(&asked), work::LATELY, which.columns()), table, |row| acts(&asked, caller, row))
}

fn acts(asked: &Asked, caller: &Caller, row: Row<'_>) -> Markup {
    let verb = row.text("verb");
    let task = TASKS.iter().find(|task| task.verb == verb && task.group.is_some() && asked.app.may(caller, task.verb));
    let to =
        (!row.text("person").is_empty()).then(|| format!("/counter/person/{}", handle(asked, &row.text("person"))));
    html! {
        @if let Some(to) = &to {
            a href=(to) { (asked.of("打开", "Open")) } " "
            @if let Some(task) = task { a href=(format!("{to}/do/{}", task.word)) { (asked.of(task.name[0], task.name[1])) } }
        }
    }
}
