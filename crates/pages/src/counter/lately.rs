//! What was done and what was refused lately, as lists of the page of work: who, when, what, about whom; masked, and as far as whoever
//! asks may see it.

use axum::response::Response;
use books::{Column, Table, col};
use domain::Lang;
use maud::{Markup, html};
use serde_json::{Value, json};
use server::access::Caller;
use server::{Did, Done, Ends, Looking, Problem, Refused, Whom};

use super::task::TASKS;
use super::work::{self, listed};
use super::{clerk, handle};
use crate::asked::Asked;
use crate::coded;
use crate::list::Row;
use crate::moment::{self, to_minute, to_second};

/// How far back what was done is listed, in microseconds: a week.
const BACK: i64 = 7 * 24 * 3_600 * 1_000_000;

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

    /// How many are of today, and the list of them.
    ///
    /// # Errors
    /// When the books cannot be read.
    pub async fn of_today(self, asked: &Asked, looking: &mut Looking) -> Result<(String, Table), Problem> {
        let since = moment::day_begins(asked.app.bridge.now());
        match self {
            Lately::Refused => {
                let (begun, all) = looking.refused().await?;
                let count = all.iter().filter(|(refused, _)| refused.at >= since).count();
                Ok((count.to_string(), of_refused(asked, begun, &all)))
            }
            Lately::Done => {
                let done = looking.done(since).await?;
                let more = if done.ends == Ends::Whole { "" } else { "+" };
                Ok((format!("{}{more}", done.all.len()), of_done(asked, &done, Since::Today)))
            }
        }
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
    async fn table(self, asked: &Asked, caller: &Caller) -> Result<Table, Problem> {
        let mut looking = asked.app.looking(caller).await?;
        match self {
            Lately::Refused => {
                let (since, all) = looking.refused().await?;
                Ok(of_refused(asked, since, &all))
            }
            Lately::Done => {
                let done = looking.done(asked.app.bridge.now() - BACK).await?;
                Ok(of_done(asked, &done, Since::Week))
            }
        }
    }
}

/// Since when a list of what was done is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    Today,
    Week,
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

fn told(whom: Option<&Whom>) -> (Value, Value) {
    whom.map_or((Value::Null, Value::Null), |whom| (json!(whom.name), json!(whom.person)))
}

fn of_refused(asked: &Asked, since: i64, all: &[(Refused, Option<Whom>)]) -> Table {
    let row = |(refused, whom): &(Refused, Option<Whom>)| {
        let refusal = &refused.refusal;
        let (why, cure) = asked.pages.words.refusal(asked.lang(), &refusal.code, &refusal.message, &refusal.cure);
        let (name, person) = told(whom.as_ref());
        let (time, verb) = (to_second(refused.at), coded::verb(asked.lang(), refused.verb));
        vec![json!(time), json!(refused.actor), json!(verb), name, json!(why), json!(cure), person, json!(refused.verb)]
    };
    // What was refused before is not known any more.
    let begun = to_second(since);
    let foot = match asked.lang() {
        Lang::Zh => format!("自 {begun} 服务启动起"),
        Lang::En => format!("since {begun}, when the server began"),
    };
    let title = Lately::Refused.name(asked).to_owned();
    Table { title, columns: REFUSED, rows: all.iter().map(row).collect(), foot }
}

fn of_done(asked: &Asked, done: &Done, since: Since) -> Table {
    let row = |did: &Did| {
        let (name, person) = told(did.whom.as_ref());
        let what = asked.of(&did.answer.says, &did.answer.english);
        vec![json!(to_second(did.at)), json!(did.actor), json!(what), name, person]
    };
    let title = Lately::Done.name(asked).to_owned();
    Table { title, columns: DONE, rows: done.all.iter().map(row).collect(), foot: ends(asked, done, since) }
}

/// Of what the list is all, or why it is not.
fn ends(asked: &Asked, done: &Done, since: Since) -> String {
    let count = done.all.len();
    match (done.ends, since, asked.lang()) {
        (Ends::Whole, Since::Today, Lang::Zh) => "今天办的，您能看的都在这里".to_owned(),
        (Ends::Whole, Since::Today, Lang::En) => "all of today that you may see".to_owned(),
        (Ends::Whole, Since::Week, Lang::Zh) => "七天内办的，您能看的都在这里".to_owned(),
        (Ends::Whole, Since::Week, Lang::En) => "all of the last seven days that you may see".to_owned(),
        (Ends::Enough, _, Lang::Zh) => format!("您能看的最近 {count} 件；更早的没有列出"),
        (Ends::Enough, _, Lang::En) => format!("the last {count} that you may see; earlier ones are not listed"),
        (Ends::Unread(read, at), _, Lang::Zh) => {
            format!("从所有人最近的 {read} 件中找出，翻到 {} 为止；更早的没有翻看", to_minute(at))
        }
        (Ends::Unread(read, at), _, Lang::En) => {
            format!(
                "from the last {read} of everybody, back to {}; earlier ones were not looked through",
                to_minute(at)
            )
        }
    }
}

/// A list, with the way to the person, and of what was refused to the task.
pub async fn page(asked: Asked, which: Lately) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let table = which.table(&asked, caller).await;
    listed(&asked, (which.name(&asked), work::LATELY, which.columns()), &html! {}, table, |row| {
        acts(&asked, caller, row)
    })
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
