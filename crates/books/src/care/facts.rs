//! A visit as its provider tells it, and what the registers say of the person and the place on its day: together, a bill.

use domain::{Care, Date, Filing, Mark, Marks, Part};

use super::record::{BillRecord, PersonRecord};
use crate::answer::{Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::{filings, members, people};

/// A visit as its provider tells it.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub provider: String,
    pub visit: String,
    pub care: Care,
    pub from: Option<Date>,
    pub date: Date,
    pub disease: Option<String>,
    pub a: Yuan,
    pub b: Yuan,
    pub b_share: Option<String>,
    pub b_self_pay: Option<Yuan>,
    pub c: Yuan,
    pub over_limit: Yuan,
    pub marks: Marks,
    pub from_visit: Option<String>,
    /// Which part of a stay, and the part settled before it.
    pub part: Option<(Part, Option<String>)>,
    pub under: Vec<String>,
    pub physician: Option<String>,
    pub emergency: bool,
    pub burden_only: bool,
    pub by_hand: bool,
    /// The day on which a claim by hand was handed in.
    pub submitted: Option<Date>,
}

/// The streams that a bill is composed from.
pub(crate) fn keys(person: &Key, provider: &str, year: i16) -> Vec<Key> {
    let mut keys = members::keys(person, year);
    keys.extend(filings::keys(person, provider));
    keys
}

/// The bill of a visit.
pub(crate) fn compose(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, visit: &Visit) -> Result<BillRecord, Stop> {
    let died = people::dossier(books, person)?.died;
    if died.is_some_and(|died| visit.date > died) {
        let message = format!("{} 在登记的死亡日期之后", visit.date);
        return Err(Refusal::new("after-death", message, "核对人员和日期；死亡登记有误的先更正").into());
    }
    let insured = through(desk, books, person, visit.from, visit.date)?;
    let disease = visit.disease.as_deref();
    let first_day = visit.from.unwrap_or(visit.date);
    let place = filings::at(desk, books, person, &visit.provider, first_day, visit.care, disease)?;
    let filing = if visit.emergency && place.filing == Filing::Unfiled { Filing::Emergency } else { place.filing };
    if !visit.by_hand && !place.online {
        let message = format!("{}（{}）不能联网结算这次{}", place.name, place.provider, visit.care.name());
        let cure = "个人先垫付，凭票据手工报销（by_hand）；已联网或已接入的用 provider amend 写明";
        return Err(Refusal::new("not-online", message, cure).into());
    }
    let mut marks = Marks(claimed(visit, &place)?.0 | place.marks.0);
    for number in &visit.under {
        let physician = visit.physician.as_deref();
        marks = Marks(marks.0 | filings::under(books, person, number, &place.provider, physician, visit.date)?.0);
    }
    if !visit.by_hand {
        marks = marks.with(Mark::Online);
    }
    let referral = place.referral.as_ref();
    let referred = referral.and_then(|by| Some(format!("{} {}", by.from_provider, by.from_bill.as_ref()?)));
    let referred = visit.from_visit.clone().or(referred);
    let (part, before) = visit.part.clone().unzip();
    let before = before.flatten();
    if before.is_some() && referred.is_some() {
        // A further part goes on from the part before it, and stays what it was: care after a referral.
        marks = marks.with(Mark::Referral);
    }
    Ok(BillRecord {
        visit: visit.visit.clone(),
        provider: visit.provider.clone(),
        person: PersonRecord::from(&insured.person),
        from: visit.from,
        date: visit.date,
        care: Word(visit.care),
        level: Word(place.level),
        filing: Word(filing),
        disease: place.disease,
        marks: marks.iter().map(Word).collect(),
        a: visit.a,
        b: visit.b,
        b_share: visit.b_share.clone(),
        b_self_pay: visit.b_self_pay,
        c: visit.c,
        over_limit: visit.over_limit,
        from_visit: before.or(referred),
        part: part.map(Word),
        burden_only: visit.burden_only,
        submitted: visit.submitted,
    })
}

/// How the person is insured on the day of discharge, where the whole stay is covered. It may go over the end of a year:
/// discharge settles it, by the terms and against the running amounts of that day, as no clause parts a stay. Nor does one say
/// what is paid of a stay in which cover begins, ends or is broken: it is refused until it is billed in parts.
fn through(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    from: Option<Date>,
    date: Date,
) -> Result<members::Insured, Stop> {
    let at_end = members::insured(desk, books, person, date);
    let Some(from) = from.filter(|from| *from != date) else { return at_end };
    if from > date {
        let message = format!("入院日 {from} 晚于就诊结束日 {date}");
        return Err(Refusal::new("stay-ends-before-it-begins", message, "核对两个日期").into());
    }
    let (code, day, what) = match (members::insured(desk, books, person, from), at_end) {
        (Ok(_), Ok(insured)) => match members::gap(desk, books, person, from, date)? {
            Some((day, refusal)) => ("cover-broken-in-stay", day, refusal),
            None => return Ok(insured),
        },
        (Err(Stop::Refused(refusal)), Ok(_)) => ("stay-before-cover", from, refusal),
        (Ok(_), Err(Stop::Refused(refusal))) => ("cover-ends-in-stay", date, refusal),
        (Err(stop), _) | (_, Err(stop)) => return Err(stop),
    };
    let message = format!(
        "住院 {from} 至 {date} 没有全程在保（{day}：{}），现行通知没有一条写明这样的住院怎样支付",
        what.message
    );
    let cure = "请医疗机构以待遇起止日为界分段开单，在保的各段单独结算；有规定的，请政策人员录入条款";
    Err(Refusal::new(code, message, cure).by(what.clauses).into())
}

/// Marks that the registers of providers and filings tell; the others are told by the visit.
const TOLD: [Mark; 4] = [Mark::Reform, Mark::Chosen, Mark::Referral, Mark::Online];

/// The marks that a provider claims, without those that a register tells: nobody says of himself that he was chosen.
fn claimed(visit: &Visit, place: &filings::Place) -> Result<Marks, Refusal> {
    let approved = [Mark::Approved, Mark::ApprovedPatient, Mark::ApprovedHospital, Mark::ApprovedPhysician];
    for mark in visit.marks.iter() {
        let cure = if TOLD.contains(&mark) || mark == Mark::DualChannel && !place.dual_channel {
            "不写这个标记：由机构登记和个人备案判定；登记有误的先更正"
        } else if approved.contains(&mark) {
            "不写这个标记：在 under 里写核准编号，由系统比对患者、医院、医师"
        } else {
            continue;
        };
        let message = format!("“{}” 不由就诊填报", mark.name());
        return Err(Refusal::new("mark-of-a-register", message, cure));
    }
    Ok(visit.marks)
}

/// A settled bill with the facts as the registers now have them; a refusal where the day is no longer covered. Where the
/// place would be refused now, it stays as it was: what was lawfully settled is taken back by a decision, not by itself.
pub(crate) fn again(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    bill: &BillRecord,
) -> Result<Result<BillRecord, Refusal>, Stop> {
    let insured = match through(desk, books, person, bill.from, bill.date) {
        Ok(insured) => insured,
        Err(Stop::Refused(refusal)) => return Ok(Err(refusal)),
        Err(stop) => return Err(stop),
    };
    let bill = BillRecord { person: PersonRecord::from(&insured.person), ..bill.clone() };
    let first_day = bill.from.unwrap_or(bill.date);
    match filings::at(desk, books, person, &bill.provider, first_day, bill.care.0, bill.disease.as_deref()) {
        Ok(place) => Ok(Ok(placed(bill, &place))),
        Err(Stop::Refused(_)) => Ok(Ok(bill)),
        Err(stop) => Err(stop),
    }
}

/// A bill in the place that the registers now tell.
fn placed(bill: BillRecord, place: &filings::Place) -> BillRecord {
    let emergency = bill.filing.0 == Filing::Emergency && place.filing == Filing::Unfiled;
    let online = bill.marks.contains(&Word(Mark::Online));
    let further = bill.part == Some(Word(Part::Further));
    let stays = |mark: &Mark| match mark {
        Mark::DualChannel => place.dual_channel,
        Mark::Referral => further,
        mark => !TOLD.contains(mark),
    };
    let kept = bill.marks.iter().map(|mark| mark.0).filter(stays).collect::<Marks>();
    let marks = Marks(kept.0 | place.marks.0);
    let marks = if online { marks.with(Mark::Online) } else { marks };
    BillRecord {
        level: Word(place.level),
        filing: if emergency { bill.filing } else { Word(place.filing) },
        marks: marks.iter().map(Word).collect(),
        ..bill
    }
}
