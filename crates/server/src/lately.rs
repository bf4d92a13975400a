//! Lists that show many persons, for the pages: the books' own, what was done and what was refused lately, by whom, when, about whom.
//! Who sees what of it is [`access::sees`]'s to say.

use std::collections::BTreeMap;
use std::sync::Arc;

use books::{Answer, Books, Desk, Query, Stop, Table, people};
use serde_json::{Map, Value};
use service::Act;

use crate::access::{Caller, denied, sees};
use crate::app::App;
use crate::door::question;
use crate::problem::Problem;
use crate::refused::Refused;
use crate::rest::{Seen, record, told_of};

/// Who may ask at all: whoever may look persons up.
const ASKING: &str = "person find";

/// Who reads the log of looks sees also what was done that is about no person.
const LOG: &str = "access log";

/// As what the look is put on record.
const LOOK: &str = "work";

/// How far it is looked back for what was done.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Requests of everybody that are read at once.
    pub page: usize,
    /// How many that somebody may see are enough.
    pub enough: usize,
    /// Requests of everybody that are looked through at most.
    pub most: usize,
}

impl Default for Reach {
    fn default() -> Reach {
        Reach { page: 300, enough: 300, most: 6_000 }
    }
}

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

/// What was done of which somebody may see all that is here.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// It, the latest first.
    pub all: Vec<Did>,
    /// Whether there is more.
    pub ends: Ends,
}

/// Where a list of what was done ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// There is no more.
    Whole,
    /// There may be more, before what is listed.
    Enough,
    /// So many requests of everybody were looked through, back to this moment; what was done before was not.
    Unread(usize, i64),
}

/// Somebody's look at lists that show persons, which is on record.
pub struct Looking {
    app: Arc<App>,
    caller: Caller,
    /// The persons who were asked for so far, as far as they are on the register.
    known: BTreeMap<String, Option<Whom>>,
}

impl App {
    /// Puts on record that somebody looks at lists that show persons, once for all that he asks for by it.
    ///
    /// # Errors
    /// When he may not look persons up, or the database cannot be written.
    pub async fn looking(self: &Arc<Self>, caller: &Caller) -> Result<Looking, Problem> {
        if !self.may(caller, ASKING) {
            return Err(denied());
        }
        record(self, caller, LOOK, Seen::Many).await?;
        Ok(Looking { app: Arc::clone(self), caller: caller.clone(), known: BTreeMap::new() })
    }
}

impl Looking {
    /// Answers a question of the books, as [`App::ask`] does.
    ///
    /// # Errors
    /// As [`App::ask`].
    pub async fn ask(&self, verb: &str, fields: Map<String, Value>) -> Result<Table, Problem> {
        let form: &'static Query = question(verb)?;
        let (table, seen) = told_of(&self.app, &self.caller, form, fields).await?;
        if let Seen::Person(_) = seen {
            record(&self.app, &self.caller, verb, seen).await?;
        }
        Ok(table)
    }

    /// What was done since a moment, as far as he may see it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn done(&mut self, since: i64) -> Result<Done, Problem> {
        let bridge = Arc::clone(&self.app.bridge);
        let reach = self.app.settings.reach;
        // Not until now: the clock may have been set back since.
        let (mut before, mut read, mut shown) = (i64::MAX, 0, Vec::new());
        let ends = loop {
            let acts = bridge.lately(since..before, reach.page).await?;
            let is_last = acts.len() < reach.page;
            read += acts.len();
            before = acts.last().map_or(before, |act| act.at);
            self.know(acts.iter().filter_map(person_of)).await?;
            shown.extend(acts.into_iter().filter(|act| self.shows(&act.actor, person_of(act))));
            if shown.len() > reach.enough {
                shown.truncate(reach.enough);
                break Ends::Enough;
            }
            if is_last {
                break Ends::Whole;
            }
            if read >= reach.most {
                break Ends::Unread(read, before);
            }
        };
        let requests = shown.iter().map(|act| act.request.clone()).collect();
        let mut answers = bridge.answers(requests).await?;
        let did = shown.into_iter().filter_map(|act| {
            let whom = person_of(&act).and_then(|person| self.whom(person).cloned());
            Some(Did { at: act.at, answer: answers.remove(&act.request)?, actor: act.actor, whom })
        });
        Ok(Done { all: did.collect(), ends })
    }

    /// What was refused since the server began, as far as he may see it, the latest first; and since when that is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refused(&mut self) -> Result<(i64, Vec<(Refused, Option<Whom>)>), Problem> {
        let (since, refused) = self.app.bridge.refusals.all();
        self.know(refused.iter().filter_map(|refused| refused.person.as_deref())).await?;
        let shown = refused.into_iter().filter(|refused| self.shows(&refused.actor, refused.person.as_deref()));
        let told = shown.map(|refused| {
            let whom = refused.person.as_deref().and_then(|person| self.whom(person).cloned());
            (refused, whom)
        });
        Ok((since, told.collect()))
    }

    fn shows(&self, by: &str, person: Option<&str>) -> bool {
        let area = person.and_then(|person| self.whom(person)).map(|whom| whom.area.as_str());
        sees(&self.caller, self.app.may(&self.caller, LOG), by, area)
    }

    fn whom(&self, person: &str) -> Option<&Whom> {
        self.known.get(person).and_then(Option::as_ref)
    }

    /// Reads of the register who these are, each of them once.
    async fn know(&mut self, persons: impl Iterator<Item = &str>) -> Result<(), Problem> {
        let mut unknown: Vec<String> =
            persons.filter(|person| !self.known.contains_key(*person)).map(str::to_owned).collect();
        unknown.sort();
        unknown.dedup();
        if unknown.is_empty() {
            return Ok(());
        }
        let look = self.app.bridge.look(move |desk, books| {
            books.preload(unknown.iter().map(|person| people::person_key(person)))?;
            unknown
                .iter()
                .map(|person| Ok((person.clone(), known(desk, books, person)?)))
                .collect::<Result<Vec<_>, _>>()
        });
        self.known.extend(look.await?);
        Ok(())
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
