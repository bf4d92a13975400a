//! A person's record for who may have it without a special right: a designated provider that the person visits, and the person.
//! Each reading is recorded with its ground.

use domain::Date;
use serde_json::{Value, json};

use super::access::{self, Ground, Look, looked};
use super::{Dossier, dossier, find, likely, open, reason, told};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::members::insured;
use crate::sheets::{Books, Key};
use crate::vault::Sealed;
use crate::{account, providers};

command! {
    /// Read a person's record in a visit, or one's own; who, why and through what is recorded
    ReadPerson = "person read", "就诊时或本人读取人员信息（留痕）" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// What allows it: a visit, or that it is one's own
        ground: Word<Ground> = "依据：visit 就诊服务，own 本人",
        /// Code of the provider that is visited
        provider: Option<String> = "就诊的机构编码",
        /// Day whose facts are read; today, if left out
        on: Option<Date> = "读取哪一天的信息，不写为今天",
        /// Why
        reason: String = "原因",
        /// Through what: a transaction of an interface, a page
        through: Option<String> = "途径，如接口交易号",
    }
}

impl ReadPerson {
    /// The provider of a visit; refuses who has no ground to read.
    fn allowed(&self, desk: &Desk<'_>, books: &mut Books<'_>, person: &Key) -> Result<Option<String>, Stop> {
        match (self.ground.0, &self.provider) {
            (Ground::Visit, Some(provider)) => {
                let facts = providers::on(books, provider, desk.today())?;
                if facts.designated_by(&desk.rules.region()?.code).is_none() {
                    let message = format!("{} 今天没有有效的定点协议", facts.code);
                    return Err(Refusal::new("not-designated", message, "恢复定点后再读取").into());
                }
                Ok(Some(facts.code))
            }
            (Ground::Own, None) if desk.actor == told(person) => Ok(None),
            (Ground::Own, _) => Err(Refusal::new("not-own", "不是本人的信息", "本人登录后只能读自己的信息").into()),
            _ => {
                let cure = "就诊写 visit 和 provider；凭特别权限查看用 person view";
                Err(Refusal::new("no-ground", "没有写明就诊的机构，或依据不对", cure).into())
            }
        }
    }
}

impl UseCase for ReadPerson {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let provider = self.allowed(desk, books, &key)?;
        let through = self.through.as_deref().map(reason).transpose()?.unwrap_or_default();
        let day = self.on.unwrap_or_else(|| desk.today());
        let look = Look { on: desk.today(), ground: self.ground, reason: reason(&self.reason)?, through, provider };
        looked(desk, books, &key, look)?;
        let answer = Answer::new("人员信息如下，本次读取已留痕", "the record, and that it was read");
        tell(desk, books, &key, day, answer.with("person", told(&key)))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let Some(person) = likely(desk, &self.person) else { return Vec::new() };
        let day = self.on.unwrap_or_else(|| desk.today());
        let mut keys = crate::members::keys(&person, day.year());
        keys.extend(self.provider.as_deref().map(providers::key));
        keys.push(access::key(&person, desk.today()));
        keys
    }
}

/// An answer that also tells who the person is and how insured. The look must be on record.
///
/// # Errors
/// When what is sealed does not open, or the source fails.
pub(crate) fn tell(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    day: Date,
    mut answer: Answer,
) -> Result<Answer, Stop> {
    let record = record(desk, dossier(books, person)?, day)?;
    answer.shown.insert("record".to_owned(), record);
    answer.shown.insert("insurance".to_owned(), insurance(desk, books, person, day)?);
    Ok(answer)
}

/// What is known of the person on a day, in clear.
fn record(desk: &Desk<'_>, known: &Dossier, day: Date) -> Result<Value, Stop> {
    let name = known.name.as_ref().map(|name| open(desk, "name", name)).transpose()?;
    let mut documents = Vec::new();
    for document in &known.documents {
        let number = open(desk, "number", &document.number)?;
        documents.push(json!({ "kind": document.kind, "number": number }));
    }
    let held = known.categories.iter().filter_map(|holding| {
        let days = known.days_of(holding).filter(|days| days.contains(day))?;
        let (from, end) = (days.from.to_string(), days.end.map(|end| end.to_string()));
        let category = holding.category.0;
        Some(json!({ "category": category.code(), "name": category.name(), "grade": holding.grade, "from": from, "end": end }))
    });
    let in_clear = |purpose, sealed: &Option<Sealed>| sealed.as_ref().map(|text| open(desk, purpose, text)).transpose();
    Ok(json!({
        "name": name,
        "documents": documents,
        "sex": known.sex,
        "born": known.born.map(|born| born.to_string()),
        "died": known.died.map(|died| died.to_string()),
        "area": known.area,
        "ethnicity": in_clear("ethnicity", &known.ethnicity)?,
        "employer": in_clear("employer", &known.employer)?,
        "categories": held.collect::<Vec<_>>(),
    }))
}

/// How the person is insured on a day, or why not.
fn insurance(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, day: Date) -> Result<Value, Stop> {
    let balance = account::balance(books, person)?;
    match insured(desk, books, person, day) {
        Ok(insured) => {
            let (who, cover) = (&insured.person, &insured.cover);
            Ok(json!({
                "covered": true,
                "scheme": who.scheme.code(),
                "group": who.group.code(),
                "tier": who.tier,
                "year": insured.year,
                "area": insured.area,
                "from": cover.benefits_from.map(|from| from.to_string()),
                "since": who.insured_since.map(|since| since.to_string()),
                "balance": balance,
            }))
        }
        Err(Stop::Refused(refusal)) => {
            Ok(json!({ "covered": false, "code": refusal.code, "why": refusal.message, "cure": refusal.cure }))
        }
        Err(stop) => Err(stop),
    }
}
