//! What was done and what was refused lately, for the pages: by whom, when, about whom. Who sees what of it is [`access::sees`]'s to say.

use std::sync::Arc;

use books::{Answer, Books, Desk, Stop, people};
use service::Act;

use crate::access::{Caller, denied, sees};
use crate::app::App;
use crate::problem::Problem;
use crate::refused::Refused;
use crate::rest::{Seen, record};

/// Who may ask at all: whoever may look persons up.
const ASKING: &str = "person find";

/// Who reads the log of looks sees also what was done that is about no person.
const LOG: &str = "access log";

/// How many requests are looked through.
const MANY: usize = 300;

/// A person on the register, as shown in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whom {
    /// His number of the register.
    pub person: String,
    /// His name, masked.
    pub name: String,
    area: String,
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Did {
    /// When, by the clock of the books: microseconds since 1970, UTC.
    pub at: i64,
    /// By whom.
    pub actor: String,
    /// What it was answered.
    pub answer: Answer,
    /// About whom, where it was about one.
    pub whom: Option<Whom>,
}

impl App {
    /// The last that was done, the latest first, as far as somebody may see it; the look is put on record.
    ///
    /// # Errors
    /// When he may not look persons up, or the database cannot be used.
    pub async fn lately(self: &Arc<Self>, caller: &Caller) -> Result<Vec<Did>, Problem> {
        let acts = self.for_clerks(caller).await?.bridge.lately(MANY).await?;
        let persons = acts.iter().map(|act| person_of(act).map(str::to_owned)).collect();
        let whom = self.whom(persons).await?;
        let all = acts.into_iter().zip(whom);
        let did = all.filter(|(act, whom)| self.shows(caller, &act.actor, whom.as_ref()));
        let did = did.filter_map(|(act, whom)| Some(Did { at: act.at, actor: act.actor, answer: act.answer?, whom }));
        Ok(did.collect())
    }

    /// What was refused since the server began, as far as somebody may see it, the latest first; and since when that is. The look
    /// is put on record.
    ///
    /// # Errors
    /// As [`App::lately`].
    pub async fn refused(self: &Arc<Self>, caller: &Caller) -> Result<(i64, Vec<(Refused, Option<Whom>)>), Problem> {
        let (since, refused) = self.for_clerks(caller).await?.bridge.refusals.all();
        let whom = self.whom(refused.iter().map(|refused| refused.person.clone()).collect()).await?;
        let all = refused.into_iter().zip(whom);
        Ok((since, all.filter(|(refused, whom)| self.shows(caller, &refused.actor, whom.as_ref())).collect()))
    }

    /// For who may look persons up, whose look is put on record.
    async fn for_clerks<'a>(self: &'a Arc<Self>, caller: &Caller) -> Result<&'a App, Problem> {
        if !self.may(caller, ASKING) {
            return Err(denied());
        }
        record(self, caller, "work", Seen::Many).await?;
        Ok(self)
    }

    fn shows(&self, caller: &Caller, by: &str, whom: Option<&Whom>) -> bool {
        sees(caller, self.may(caller, LOG), by, whom.map(|whom| whom.area.as_str()))
    }

    /// The persons of these numbers, as far as they are on the register.
    async fn whom(&self, persons: Vec<Option<String>>) -> Result<Vec<Option<Whom>>, Problem> {
        let look = self.bridge.look(move |desk, books| {
            persons
                .iter()
                .map(|person| person.as_deref().map_or(Ok(None), |person| known(desk, books, person)))
                .collect()
        });
        Ok(look.await?)
    }
}

/// The person whose books a request wrote to, where it wrote to one person's alone: the name of a subject that is a number of the
/// register.
fn person_of(act: &Act) -> Option<&str> {
    let names = act.subjects.iter().filter_map(|subject| subject.split_once('/'));
    let mut numbers = names.map(|(_, name)| name).filter(|name| people::is_number(name));
    let first = numbers.next()?;
    numbers.all(|other| other == first).then_some(first)
}

fn known(desk: &Desk<'_>, books: &mut Books<'_>, person: &str) -> Result<Option<Whom>, Stop> {
    let Some(dossier) = books.find::<people::Dossier>(&people::person_key(person))? else { return Ok(None) };
    let (name, _) = people::identity(desk, dossier)?;
    Ok(Some(Whom { person: person.to_owned(), name, area: dossier.area.clone() }))
}
