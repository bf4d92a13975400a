//! What can be asked of a person's care: settle, take back, pay out, bring in, end the year.

use std::collections::BTreeMap;

use domain::{Care, Date, Mark, Rate};
use serde_json::Value;
use settlement::PersonRun;

use super::book::{CareEntry, CareYear};
use super::facts::{Visit, compose};
use super::record::{OpeningRecord, RolledRecord};
use super::restate::{self, Active, active, replay};
use super::settle::{care_key, day_of_bill, parse_settlement, settle, standing_before};
use super::{number_of, person_of};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::matters::burden;
use crate::matters::credentials::{self, Token};
use crate::members;
use crate::people;
use crate::sheets::{Books, Key};
use crate::turnover::{self, Move};

command! {
    /// Settle a visit: all funds in one step, posted with its receipt
    Settle = "care settle", "结算一次就诊" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// The provider's number of the visit
        visit: String = "就诊号（机构内唯一）",
        /// Kind of care
        care: Word<Care> = "就医类型",
        /// First day of a stay; the person must be covered on it too
        from: Option<Date> = "入院日，该日也须有待遇",
        /// Last day of the visit: its terms apply
        date: Date = "就诊结束日，适用当日条款",
        /// Code of the chronic, special or single disease
        disease: Option<String> = "慢特病或单病种编码",
        /// Amount of class A
        a: Option<Yuan> = "甲类金额",
        /// Amount of class B
        b: Option<Yuan> = "乙类金额",
        /// First self-pay share of class B, where the bill names one
        b_share: Option<String> = "乙类先行自付比例（账单写明时）",
        /// Amount of class C
        c: Option<Yuan> = "丙类（目录外）金额",
        /// Amount above price limits
        over_limit: Option<Yuan> = "超限价金额",
        /// Marks of the visit that no register tells
        mark: Vec<Word<Mark>> = "就诊标记（登记册说不出的）",
        /// The visit that this one continues by referral: code of the provider, a blank, number of the visit
        from_visit: Option<String> = "转诊自哪次就诊：机构代码 空格 就诊号",
        /// Numbers of the approvals or accident reports that the claim is made under
        under: Vec<String> = "所依据的核准或意外报案的备案编号",
        /// The physician
        physician: Option<String> = "医师编码",
        /// Emergency
        emergency: bool = "急诊",
        /// The amount is burden that basic insurance elsewhere left
        burden_only: bool = "金额是外地基本医保报销后的负担",
        /// A claim by hand: the person has paid the provider, the funds pay the person
        by_hand: bool = "手工（零星）报销：个人已付清，基金付给个人",
        /// The day on which a claim by hand was handed in; today, if left out
        submitted: Option<Date> = "手工报销材料的递交日，不写为今天",
        /// The token by which the person was identified
        token: Option<Word<Token>> = "就医凭证",
        /// Give the reasons of every amount
        explain: bool = "逐步说明每笔金额的理由",
    }
}

impl Settle {
    fn visit(&self, today: Date) -> Result<Visit, Refusal> {
        if let Some(share) = &self.b_share
            && Rate::parse_percent(share).is_err()
        {
            return Err(Refusal::new("bad-share", format!("先行自付比例 “{share}” 读不懂"), "写成 10%"));
        }
        for (what, amount) in [("a", self.a), ("b", self.b), ("c", self.c), ("over_limit", self.over_limit)] {
            if amount.is_some_and(|amount| amount.0 < domain::Fen::ZERO) {
                return Err(Refusal::new("negative-amount", format!("{what} 为负"), "退费先撤销原结算，再重新结算"));
            }
        }
        Ok(Visit {
            provider: self.provider.clone(),
            visit: self.visit.clone(),
            care: self.care.0,
            from: self.from,
            date: self.date,
            disease: self.disease.clone(),
            a: self.a.unwrap_or_default(),
            b: self.b.unwrap_or_default(),
            b_share: self.b_share.clone(),
            b_self_pay: None,
            c: self.c.unwrap_or_default(),
            over_limit: self.over_limit.unwrap_or_default(),
            marks: self.mark.iter().map(|mark| mark.0).collect(),
            from_visit: self.from_visit.clone(),
            part: None,
            under: self.under.clone(),
            physician: self.physician.clone(),
            emergency: self.emergency,
            burden_only: self.burden_only,
            by_hand: self.by_hand,
            submitted: self.submitted(today)?,
        })
    }

    /// The day on which a claim by hand was handed in: from the end of the visit to today.
    fn submitted(&self, today: Date) -> Result<Option<Date>, Refusal> {
        match self.submitted {
            Some(_) if !self.by_hand => {
                let cure = "联网结算不写 submitted；个人先付清、再来报销的写 by_hand";
                Err(Refusal::new("not-by-hand", "递交日只用于手工报销", cure))
            }
            Some(day) if day < self.date || day > today => {
                let message = format!("递交日 {day} 不在就诊结束日 {} 和今天 {today} 之间", self.date);
                Err(Refusal::new("impossible-date", message, "核对两个日期"))
            }
            given => Ok(self.by_hand.then(|| given.unwrap_or(today))),
        }
    }
}

impl UseCase for Settle {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        day_of_bill(desk, self.date)?;
        let visit = self.visit(desk.today())?;
        let person = people::find(desk, books, &self.person)?;
        let bill = compose(desk, books, &person, &visit)?;
        let token = self.token.map(|token| token.0);
        if let Some(token) = token {
            credentials::accepted(desk, books, &person, Some(token), self.date)?;
        }
        let key = care_key(&person, self.date.year());
        let before = books.entries(&key)?;
        let answer = settle(desk, books, &person, bill, self.by_hand, self.explain)?;
        // A visit that stood already was identified when it was settled.
        if let Some(token) = token
            && books.entries(&key)? > before
        {
            credentials::used(books, &person, token, &self.provider, self.date)?;
        }
        burden::follow(desk, books, &person, self.date, answer)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let Some(person) = people::likely(desk, &self.person) else { return Vec::new() };
        let year = self.date.year();
        let mut keys = super::facts::keys(&person, &self.provider, year);
        if let Some(from) = self.from.filter(|from| from.year() != year) {
            keys.extend(members::keys(&person, from.year()));
        }
        // The years before, for a person's first bill of a year; the years after, for a late one.
        keys.extend((year - 5..=desk.today().year() + 1).map(|year| care_key(&person, year)));
        keys.extend([person, turnover::key(&self.provider, desk.today())]);
        keys
    }
}

command! {
    /// Take a settlement back; later bills are settled anew and their differences posted
    Reverse = "care reverse", "撤销一次结算，其后的费用重新结算，差额入账" {
        /// Number of the settlement
        settlement: String = "结算编号",
        /// Why
        reason: String = "原因",
    }
}

impl UseCase for Reverse {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        Ok(take_back(desk, books, &self.settlement, &self.reason)?.1)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let Ok((person, year, _)) = parse_settlement(&self.settlement) else { return Vec::new() };
        (year - 5..=desk.today().year() + 1).map(|year| care_key(&person_of(&person), year)).collect()
    }
}

/// Takes a settlement back because somebody asks for it. Gives what stood, and the answer.
pub(crate) fn take_back(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    settlement: &str,
    reason: &str,
) -> Result<(Active, Answer), Stop> {
    let (person, year, number) = parse_settlement(settlement)?;
    let person = person_of(&person);
    let mut bills = active(books, &person, year)?;
    let Some(at) = bills.iter().position(|one| (one.year, one.number) == (year, number)) else {
        let cure = "care statement 列出仍有效的结算";
        return Err(Refusal::new("not-standing", format!("{settlement} 不是有效的结算，或已撤销"), cure).into());
    };
    let taken = bills.remove(at);
    let entry = restate::reverse(desk, books, &person, &taken, Move::Reversed, reason)?;
    let before = standing_before(books, &person, year)?;
    let differences = replay(desk, books, &person, year, before, bills, &format!("{settlement} 已撤销"))?;
    let funds = -taken.paid.funds();
    let says = format!("已撤销，基金 {funds}；其后 {} 笔有差额", differences.len());
    let english = format!("taken back, funds {funds}; {} later settlements differ", differences.len());
    let answer = Answer::new(says, english)
        .with("settlement", settlement)
        .with("entry", entry)
        .with("funds", funds.to_string())
        .with("person", (-taken.paid.person.0).to_string())
        .with("differences", differences);
    let answer = burden::follow(desk, books, &person, taken.bill.date, answer)?;
    Ok((taken, answer))
}

command! {
    /// Record that a claim settled by hand is paid out to the person
    PayOut = "care pay-out", "把手工报销款付给个人" {
        /// Number of the settlement
        settlement: String = "结算编号",
    }
}

impl UseCase for PayOut {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let (person, year, number) = parse_settlement(&self.settlement)?;
        let key = care_key(&person_of(&person), year);
        let bills = active(books, &person_of(&person), year)?;
        let Some(one) = bills.iter().find(|one| (one.year, one.number) == (year, number) && one.by_hand) else {
            let cure = "只有手工报销、且未撤销的结算可以付款";
            return Err(Refusal::new("nothing-to-pay", format!("{} 没有应付个人的款", self.settlement), cure).into());
        };
        let mut owed = one.paid.funds();
        for (at, _, body) in books.history::<CareYear>(&key.subject)? {
            if let CareEntry::PaidOut { settlement, amount, .. } = body
                && (at.year, settlement) == (year, number)
            {
                owed -= amount.0;
            }
        }
        if owed <= domain::Fen::ZERO {
            return Err(Refusal::new("already-paid", format!("{} 已经付清", self.settlement), "不用再付").into());
        }
        let entry = CareEntry::PaidOut { settlement: number, amount: Yuan(owed), on: desk.today() };
        books.post::<CareYear>(&key, &entry)?;
        let says = format!("付给个人 {owed} 元");
        Ok(Answer::new(says, format!("{owed} paid to the person")).with("amount", owed.to_string()))
    }
}

command! {
    /// Bring in what a person used elsewhere or before these books began
    BringIn = "care bring-in", "带入个人在别处或建账前的累计" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// The year that the amounts are of
        year: i16 = "累计所属年度",
        /// Amounts used, as stage.outpatient.cap=1200.00
        used: Vec<String> = "已用金额，如 stage.outpatient.cap=1200.00",
        /// Quiet years counted, as rule=2
        quiet: Vec<String> = "已计的无报销年数，如 规则=2",
        /// Amounts that earlier years added to a ceiling, as rule=300.00
        carried: Vec<String> = "往年结转的额度，如 规则=300.00",
        /// Admissions already made in the year
        admissions: Option<i64> = "本年已住院次数",
        /// Where the amounts come from
        source: String = "依据",
    }
}

impl UseCase for BringIn {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        for year in self.year - 5..=desk.today().year() + 1 {
            if books.find::<CareYear>(&care_key(&person, year))?.is_some() {
                let message = format!("{year} 年已有记录，不能再带入累计");
                return Err(Refusal::new("books-begun", message, "在第一笔结算之前带入；有误的先全部撤销").into());
            }
        }
        let amounts = |pairs: &[String]| -> Result<BTreeMap<String, Yuan>, Refusal> {
            let read = |pair: &String| {
                let (name, amount) = pair.split_once('=')?;
                Some((name.to_owned(), Yuan(domain::Fen::parse_yuan(amount).ok()?)))
            };
            pairs.iter().map(|pair| read(pair).ok_or_else(|| bad_pair(pair))).collect()
        };
        let quiet = self.quiet.iter().map(|pair| {
            let (name, years) = pair.split_once('=').ok_or_else(|| bad_pair(pair))?;
            Ok::<_, Refusal>((name.to_owned(), years.parse::<i64>().map_err(|_| bad_pair(pair))?))
        });
        let admissions = u8::try_from(self.admissions.unwrap_or(0));
        let opening = OpeningRecord {
            quiet: quiet.collect::<Result<_, _>>()?,
            carried: amounts(&self.carried)?,
            used: amounts(&self.used)?,
            admissions: admissions.map_err(|_| Refusal::new("bad-field", "住院次数不对", "写 0 到 255 的整数"))?,
            ..OpeningRecord::default()
        };
        let slots = &desk.rules.engine.slots();
        let carry = |rule: &String| format!("carry.{rule}.value");
        let names = opening.used.keys().cloned().chain(opening.carried.keys().chain(opening.quiet.keys()).map(carry));
        if let Some(unknown) = names.into_iter().find(|name| slots.find(name).is_none()) {
            let known: Vec<&str> =
                slots.iter().map(|(name, _)| name).filter(|name| !name.starts_with("carry.")).collect();
            let message = format!("条款里没有叫 {unknown} 的累计");
            return Err(Refusal::new("unknown-amount", message, format!("可用：{}", known.join("、"))).into());
        }
        books.post::<CareYear>(
            &care_key(&person, self.year),
            &CareEntry::Opened { opening, source: self.source.clone() },
        )?;
        Ok(Answer::new("累计已带入", "amounts brought in").with("person", number_of(&person)))
    }
}

fn bad_pair(pair: &str) -> Refusal {
    Refusal::new("bad-field", format!("“{pair}” 读不懂"), "写成 名称=金额")
}

command! {
    /// End a year: what it leaves to the next, by the carry rules of the terms
    Close = "care close", "年终结转：算出本年留给下年的" {
        /// The year
        year: i16 = "年度",
        /// Number of an ID card, or the person's number; everybody, if left out
        person: Option<String> = "证件号码或个人编号；不写为所有人",
        /// At most so many persons at a time
        limit: Option<i64> = "一次最多结转多少人",
    }
}

/// How many persons are ended in one transaction, if not said otherwise.
const AT_A_TIME: i64 = 1_000;

impl UseCase for Close {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if desk.today().year() <= self.year {
            let message = format!("{} 年还没有过完", self.year);
            return Err(Refusal::new("year-not-over", message, "次年 1 月 1 日起结转").into());
        }
        let limit = usize::try_from(self.limit.unwrap_or(AT_A_TIME)).unwrap_or_default();
        let mut open = Vec::new();
        match &self.person {
            Some(person) => open.push(care_key(&people::find(desk, books, person)?, self.year)),
            None => books.each::<CareYear>(Some(self.year), |key, book| {
                if book.closed.is_none() {
                    open.push(key.clone());
                }
                Ok(())
            })?,
        }
        let left = open.len().saturating_sub(limit);
        open.truncate(limit);
        let (mut closed, mut with_effect) = (0, 0);
        for key in &open {
            let Some(book) = books.find::<CareYear>(key)? else { continue };
            let mut run =
                PersonRun::resume(&desk.rules.engine, &book.standing()).map_err(|refusal| Refusal::from(&refusal))?;
            let carried: Vec<RolledRecord> = run.roll_to(self.year + 1).iter().map(RolledRecord::from).collect();
            if book.closed.as_ref() == Some(&carried) {
                continue;
            }
            closed += 1;
            with_effect += i64::from(!carried.is_empty());
            books.post::<CareYear>(key, &CareEntry::Closed { carried })?;
        }
        let says = format!("{} 年结转 {closed} 人，其中 {with_effect} 人对下年有影响；还有 {left} 人", self.year);
        let english =
            format!("{closed} persons ended {}, {with_effect} with effect on the next year; {left} left", self.year);
        Ok(Answer::new(says, english)
            .with("closed", closed)
            .with("effect", with_effect)
            .with("left", Value::from(left)))
    }
}
