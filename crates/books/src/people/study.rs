//! Studies, and student loans: a school submits who has one, the education authority certifies it, and only then the student is
//! of the category that is funded.

use domain::{Category, Date};

use super::dossier::{Dossier, DossierEntry};
use super::record::{Holding, Loan, Study, StudyLevel};
use super::{answered, dossier, find, follow, likely};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

/// Who sets what is set at the counter.
pub(super) const BY_HAND: &str = "经办";

command! {
    /// Record a study: its school, its beginning, its end
    RecordStudy = "study record", "登记在校情况" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// The school
        school: String = "学校",
        /// What kind of school
        level: Word<StudyLevel> = "学校类别",
        /// First day
        from: Date = "入学日期",
        /// First day on which the person is no longer there
        end: Option<Date> = "离校日期",
        /// Day of graduation
        graduated: Option<Date> = "毕业日期",
    }
}

impl UseCase for RecordStudy {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let study = Study {
            school: self.school.trim().to_owned(),
            level: self.level,
            from: self.from,
            end: self.end.or_else(|| self.graduated.and_then(|day| day.tomorrow().ok())),
            graduated: self.graduated,
            source: BY_HAND.to_owned(),
            reported: Some(desk.today()),
            withdrawn: false,
        };
        let known = dossier(books, &key)?;
        check(known, &study)?;
        let same = |other: &&Study| {
            Study { reported: study.reported, source: study.source.clone(), ..(*other).clone() } == study
        };
        if known.studies.iter().any(|other| same(&other)) {
            return Ok(answered(&key, "在校情况已登记过，未作变更", "already so", Vec::new()));
        }
        books.post::<Dossier>(&key, &DossierEntry::Study(study))?;
        let followed = follow::changed(desk, books, &key, self.from)?;
        Ok(answered(&key, "已登记在校情况", "study recorded", followed))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// A study that can be.
pub(super) fn check(known: &Dossier, study: &Study) -> Result<(), Refusal> {
    if study.school.is_empty() {
        return Err(Refusal::new("no-school", "没有写学校", "写学校全称"));
    }
    if study.end.is_some_and(|end| end <= study.from) || study.graduated.is_some_and(|day| day < study.from) {
        return Err(Refusal::new("ends-before-start", "离校或毕业在入学之前", "核对日期"));
    }
    if known.born.is_some_and(|born| study.from < born) {
        return Err(Refusal::new("impossible-date", "入学在出生之前", "核对日期"));
    }
    Ok(())
}

command! {
    /// Submit, as a school, that a student has a state loan for an academic year
    SubmitLoan = "loan submit", "学校报送助学贷款学生" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// The school
        school: Option<String> = "学校",
        /// The year in which the academic year begins
        year: Option<i16> = "学年（起始年份）",
    }
}

command! {
    /// Certify, as the education authority, a student loan that a school submitted
    CertifyLoan = "loan certify", "教育部门认定助学贷款学生" {
        /// Number of an identity document, or person's number
        person: String = "证件号码或个人编号",
        /// The school
        school: Option<String> = "学校",
        /// The year in which the academic year begins
        year: Option<i16> = "学年（起始年份）",
        /// Who certifies it
        by: String = "认定部门",
    }
}

impl UseCase for SubmitLoan {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let (school, year) = complete(self.school.as_deref(), self.year)?;
        let known = dossier(books, &key)?;
        if known.loans.iter().any(|loan| loan.school == school && loan.year == year) {
            return Ok(answered(&key, "已报送过，未作变更", "already so", Vec::new()));
        }
        let loan = Loan { school, year, submitted: desk.today(), certified: None, by: String::new() };
        books.post::<Dossier>(&key, &DossierEntry::Loan(loan))?;
        Ok(answered(&key, "学校已报送，待教育部门认定", "submitted, to be certified", Vec::new())
            .with("state", "submitted"))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

impl UseCase for CertifyLoan {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let key = find(desk, books, &self.person)?;
        let (school, year) = complete(self.school.as_deref(), self.year)?;
        let known = dossier(books, &key)?;
        let Some(loan) = known.loans.iter().find(|loan| loan.school == school && loan.year == year) else {
            let message = format!("{school} 没有报送 {year} 学年的这名学生");
            return Err(Refusal::new("not-submitted", message, "先由学校报送（loan submit）").into());
        };
        if loan.certified.is_some() {
            return Ok(answered(&key, "已认定过，未作变更", "already so", Vec::new()).with("state", "certified"));
        }
        let loan = Loan { certified: Some(desk.today()), by: self.by.clone(), ..loan.clone() };
        let holding = holding(&school, year, &self.by, desk.today())?;
        let from = holding.from;
        books.post::<Dossier>(&key, &DossierEntry::Loan(loan))?;
        books.post::<Dossier>(&key, &DossierEntry::Category(holding))?;
        let followed = follow::changed(desk, books, &key, from)?;
        Ok(answered(&key, &format!("已认定，{year} 学年属助学贷款大学生"), "certified", followed)
            .with("state", "certified"))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        likely(desk, &self.person).into_iter().collect()
    }
}

/// A certificate names school and academic year.
pub(super) fn complete(school: Option<&str>, year: Option<i16>) -> Result<(String, i16), Refusal> {
    let school = school.map(str::trim).filter(|school| !school.is_empty());
    match school.zip(year) {
        Some((school, year)) if (2000..=2100).contains(&year) => Ok((school.to_owned(), year)),
        _ => {
            let message = "助学贷款的认定没有写明学校和学年";
            Err(Refusal::new("incomplete-certificate", message, "写明 school（学校）和 year（学年起始年份）"))
        }
    }
}

/// The category of a certified loan: from September to August.
pub(super) fn holding(school: &str, year: i16, by: &str, today: Date) -> Result<Holding, Refusal> {
    let day = |year| {
        Date::new(year, 9, 1).map_err(|_| Refusal::new("impossible-date", format!("没有 {year} 学年"), "核对学年"))
    };
    let (from, end) = (day(year)?, day(year.saturating_add(1))?);
    let reason = format!("{school} {year} 学年");
    Ok(Holding { end: Some(end), reported: Some(today), reason, ..Holding::new(Category::LoanStudent, from, by) })
}
