//! A visit in its place: where it stands to the place of insurance, and which marks the provider and the person's filings put
//! on it. Every settlement reads this, by two sheets; the terms are read only where something is refused, or treated in a
//! way that the law must name.
//!
//! All is taken by the first day of the visit: who was admitted while a filing held settles by it (医保发〔2022〕22号).

use domain::{Care, Date, Filing, Level, Mark, Marks};
use policy::Cited;

use super::check::list;
use super::rule::{Rule, fact, step, unset};
use super::sheet::{Filed, Filings, Kind, State};
use super::{filed, key, number};
use crate::answer::{Refusal, Step, Stop};
use crate::desk::Desk;
use crate::people;
use crate::providers::{self, Facts, Standing, within};
use crate::sheets::{Books, Key};

/// Where a visit takes place, as the terms see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Code of the provider.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// Code of the area it lies in.
    pub area: String,
    /// Its level.
    pub level: Level,
    /// The place of care against the place of insurance.
    pub filing: Filing,
    /// Marks that the provider and the filings put on a bill.
    pub marks: Marks,
    /// Whether the provider can settle the visit online; else it is claimed by hand.
    pub online: bool,
    /// Whether the provider is of the second channel, so that a bill may carry [`Mark::DualChannel`].
    pub dual_channel: bool,
    /// The disease: as given, or that of the only filing it can be.
    pub disease: Option<String>,
    /// The referral that the visit comes by.
    pub referral: Option<Referral>,
    /// Numbers of the filings it rests on.
    pub filings: Vec<String>,
    /// The reasons.
    pub steps: Vec<Step>,
}

/// A referral: what a deductible is counted on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referral {
    /// Number of the filing.
    pub number: String,
    /// The provider that referred.
    pub from_provider: String,
    /// The bill that the visit continues, where the filing names it; else the last one at that provider.
    pub from_bill: Option<String>,
}

/// The sheets that [`at`] reads.
pub fn keys(person: &Key, provider: &str) -> [Key; 2] {
    [key(person), providers::key(provider)]
}

/// Puts a visit in its place. `day` is its first day.
///
/// # Errors
/// When the provider is unknown, not designated on that day or does not settle such care; when the disease is not filed; or
/// the source fails.
pub fn at(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    provider: &str,
    day: Date,
    care: Care,
    disease: Option<&str>,
) -> Result<Place, Stop> {
    let facts = providers::on(books, provider, day)?;
    if !facts.care.contains(&care) {
        let message = format!("{}（{}）不结算{}", facts.name, facts.code, care.name());
        let cure = "核对医疗类别；已获准开展的用 provider amend 写明 care 和起始日期";
        return Err(Refusal::new("care-not-settled", message, cure).into());
    }
    let home = home(desk, books, person)?;
    let local = facts.area.starts_with(&home);
    let mut steps: Vec<Step> = designated(desk, &facts, &home, local, care, day)?.into_iter().collect();
    let none = Filings::default();
    let filings = books.find::<Filings>(&key(person))?.unwrap_or(&none);
    let visit = Visit { desk, person, facts: &facts, filings, day, care };

    let mut used = Vec::new();
    let (disease, chosen) = visit.disease(disease, &mut used)?;
    let mut marks: Marks = facts.marks.iter().filter(|mark| *mark == Mark::Reform).collect();
    if chosen {
        marks = marks.with(Mark::Chosen);
    }
    let referred = filings.on(Kind::Referral, day).find(|filed| visit.is_for(filed));
    if referred.is_some() {
        marks = marks.with(Mark::Referral);
    }
    let filing = if local { visit.at_home(&mut steps)? } else { visit.elsewhere(referred, &mut used, &mut steps) };
    let referral = referred.map(|filed| visit.referral(filed, &mut used));
    used.dedup();
    Ok(Place {
        level: facts.level,
        online: facts.online && (local || facts.connects(care, disease.as_deref())),
        dual_channel: facts.marks.has(Mark::DualChannel),
        filing,
        marks,
        disease,
        referral,
        filings: used,
        steps,
        provider: facts.code,
        name: facts.name,
        area: facts.area,
    })
}

/// The marks of a claim under an approval or an accident report, which it names by number: of an approval of precise
/// protection, each of patient, hospital and physician that matches; of a report, that it is an accident.
///
/// # Errors
/// When there is no such filing, or it does not hold on the day.
pub fn under(
    books: &mut Books<'_>,
    person: &Key,
    number: &str,
    provider: &str,
    physician: Option<&str>,
    day: Date,
) -> Result<Marks, Stop> {
    let (whose, filed) = filed(books, number)?;
    let same_person = whose == *person;
    let kind = filed.content.kind.0;
    if !filed.holds(day) {
        let message = format!("{} {number}（{}）在 {day} 无效", kind.name(), filed.state.0.name());
        return Err(Refusal::new("not-in-force", message, "核对编号和日期；用 filing list 查看").into());
    }
    match kind {
        Kind::Accident if same_person => Ok(Marks::NONE.with(Mark::Accident)),
        Kind::Precise => {
            let hospital = filed.providers(day).iter().any(|code| code.eq_ignore_ascii_case(provider.trim()));
            let doctor = physician.is_some() && physician == filed.content.physician.as_deref();
            let matches = [
                (Mark::Approved, true),
                (Mark::ApprovedPatient, same_person),
                (Mark::ApprovedHospital, hospital),
                (Mark::ApprovedPhysician, doctor),
            ];
            Ok(matches.into_iter().filter(|(_, holds)| *holds).map(|(mark, _)| mark).collect())
        }
        _ => {
            let message = format!("{number} 是{}，不能作为这笔费用的核准或报案", kind.name());
            Err(Refusal::new("wrong-filing", message, "写本人的意外伤害报案编号，或精准保障核准编号").into())
        }
    }
}

/// The codes that a person's pooling region begins with.
pub(super) fn home(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key) -> Result<String, Stop> {
    let region = desk.rules.region()?;
    let trimmed = region.code.trim_end_matches("00");
    let digits = match region.pooling.0.as_deref() {
        Some("county") => 6,
        Some("city") => 4,
        Some("province") => 2,
        _ => trimmed.len(),
    };
    // A province of many pools: the person's own is where the person is registered.
    let code = if trimmed.len() >= digits { &region.code } else { &people::dossier(books, person)?.area };
    Ok(code.get(..digits).unwrap_or(code).to_owned())
}

/// Whether a provider is one that the region pays on a day; the reason, where the law must name it.
fn designated(
    desk: &Desk<'_>,
    facts: &Facts,
    home: &str,
    local: bool,
    care: Care,
    day: Date,
) -> Result<Option<Step>, Refusal> {
    let standings = |own: bool| {
        let of = facts.designations.iter().filter(move |(by, _)| by.starts_with(home) == own);
        of.map(|(by, standing)| (by.as_str(), standing))
    };
    let designated = |own: bool| standings(own).find(|(_, standing)| **standing == Standing::Designated);
    if designated(true).is_some() {
        return Ok(None);
    }
    let decided = standings(true).next_back().map(|(_, standing)| standing);
    let theirs = if decided.is_none() && !local { designated(false) } else { None };
    if theirs.is_some() && facts.connected.contains(&care) {
        return Ok(None);
    }
    let terms = desk.rules.terms(day)?;
    let accepted = |cited: Cited<'_>, text: String| {
        desk.rules.accept(cited.provision.basis)?;
        Ok(Some(step(cited, text)))
    };
    let excepts = |cited: &Cited<'_>| cited.provision.record.texts("care").contains(&care.code());
    if let Some((_, cited)) = terms.family("designation.exempt.").find(|(_, cited)| excepts(cited)) {
        return accepted(cited, format!("{}在非定点机构也可结算", care.name()));
    }
    let Some((by, _)) = theirs else {
        let standing = decided.or_else(|| standings(false).next_back().map(|(_, standing)| standing));
        let how = providers::in_words(standing.unwrap_or(&Standing::Never));
        let message = format!("{}（{}）在 {day} {how}", facts.name, facts.code);
        let cure = "这一天的费用不能在该机构结算；状态记错的用 provider resume 更正";
        return Err(Refusal::new("not-designated", message, cure));
    };
    let recognises = |cited: &Cited<'_>| cited.provision.record.texts("areas").iter().any(|area| within(by, area));
    if let Some((_, cited)) = terms.family("designation.recognise.").find(|(_, cited)| recognises(cited)) {
        return accepted(cited, format!("{} 由 {by} 定点，互认", facts.name));
    }
    let (name, code) = (&facts.name, &facts.code);
    let message = format!("{name}（{code}）由 {by} 定点，未接入{}的异地直接结算，也没有通知写明互认", care.name());
    let refusal = unset(&terms, "not-recognised", "designation.recognise.<name>", message);
    let cure = format!("接入后用 provider amend 写明 connected；{}", refusal.cure);
    Err(Refusal { cure, ..refusal })
}

/// A visit to be put in its place.
struct Visit<'v> {
    desk: &'v Desk<'v>,
    person: &'v Key,
    facts: &'v Facts,
    filings: &'v Filings,
    day: Date,
    care: Care,
}

impl Visit<'_> {
    /// The disease of the visit, and whether the person chose this provider for it. Care of special diseases is taken only
    /// with a filing that holds.
    fn disease(&self, given: Option<&str>, used: &mut Vec<String>) -> Result<(Option<String>, bool), Refusal> {
        let kind = match self.care {
            Care::Special => Kind::Special,
            Care::TwoDisease => Kind::TwoDisease,
            _ => return Ok((given.map(str::to_owned), self.chosen(used))),
        };
        let is_it = |filed: &&Filed| given.is_none_or(|given| filed.content.disease.as_deref() == Some(given));
        let mut fitting = self.filings.on(kind, self.day).filter(is_it);
        let Some(filed) = fitting.next() else { return Err(self.not_filed(kind, given)) };
        if fitting.next().is_some() {
            let message = format!("{}备案不止一种，没有写这次是哪一种", kind.name());
            return Err(Refusal::new("which-disease", message, "写明病种代码 disease"));
        }
        used.push(number(self.person, filed.number));
        let chosen = filed.providers(self.day).contains(&self.facts.code);
        Ok((filed.content.disease.clone(), chosen))
    }

    /// Whether the person chose this provider for such care.
    fn chosen(&self, used: &mut Vec<String>) -> bool {
        let is_for = |filed: &&Filed| {
            let care = &filed.content.care;
            let fits = care.iter().any(|care| care.0 == self.care);
            (fits || care.is_empty() && self.care == Care::Outpatient)
                && filed.providers(self.day).contains(&self.facts.code)
        };
        let found = self.filings.on(Kind::Chosen, self.day).find(is_for);
        used.extend(found.map(|filed| number(self.person, filed.number)));
        found.is_some()
    }

    fn not_filed(&self, kind: Kind, disease: Option<&str>) -> Refusal {
        let which = disease.map(|code| format!(" {code}")).unwrap_or_default();
        let about = |filed: &&Filed| {
            filed.content.kind.0 == kind && disease.is_none_or(|d| filed.content.disease.as_deref() == Some(d))
        };
        let why = match self.filings.filed.iter().rfind(about) {
            None => "没有备案".to_owned(),
            Some(filed) if filed.state.0 == State::Applied => {
                format!("备案 {} 还没有审核", number(self.person, filed.number))
            }
            Some(filed) => format!("备案 {} 在这一天无效", number(self.person, filed.number)),
        };
        let key = format!("disease.{}", list(kind).unwrap_or_default());
        let message = format!("{} {}{which}：{why}", self.day, kind.name());
        let cure = format!("先用 filing open 备案（病种见 [[{key}.*]]）；补备案后再结算，或按普通门诊结算");
        let clauses = self.desk.rules.terms(self.day).ok().and_then(|terms| {
            let named = terms.family(&format!("{key}.")).find(|(code, _)| Some(*code) == disease)?.1;
            Some(named.provision.clauses.clone())
        });
        Refusal::new("not-filed", message, cure).by(clauses.into_iter().flatten())
    }

    /// Whether a filing is for this provider, or the area it lies in.
    fn is_for(&self, filed: &Filed) -> bool {
        let area = filed.area(self.day).is_some_and(|area| within(&self.facts.area, area));
        area || filed.providers(self.day).contains(&self.facts.code)
    }

    /// At home: who lives elsewhere settles at home too, unless the terms say otherwise.
    fn at_home(&self, steps: &mut Vec<Step>) -> Result<Filing, Refusal> {
        let Some(filed) = self.filings.on(Kind::LongTerm, self.day).next() else { return Ok(Filing::Local) };
        let number = number(self.person, filed.number);
        let rule = Rule::on(self.desk, Kind::LongTerm, self.day)?;
        let Some(cited) = rule.part(self.desk, "home")? else {
            steps.push(fact(format!("异地备案 {number} 有效期内回参保地就医，按本地结算")));
            return Ok(Filing::Local);
        };
        if cited.provision.record.flag("two_way") == Some(false) {
            let message = format!("异地备案 {number} 有效，备案期间参保地不结算");
            return Err(super::rule::refused(cited, "filed-elsewhere", message, "先用 filing end 终止备案"));
        }
        steps.push(step(cited, format!("备案地和参保地双向结算（备案 {number}），按本地结算")));
        Ok(Filing::Local)
    }

    /// Elsewhere: by the filing that is best for the person.
    fn elsewhere(&self, referred: Option<&Filed>, used: &mut Vec<String>, steps: &mut Vec<Step>) -> Filing {
        let mut filed_for = |kind: Kind| {
            let found = self.filings.on(kind, self.day).find(|filed| self.is_for(filed))?;
            let number = number(self.person, found.number);
            used.push(number.clone());
            Some(number)
        };
        let (filing, why) = if let Some(number) = filed_for(Kind::LongTerm).or_else(|| filed_for(Kind::Temporary)) {
            (Filing::Filed, format!("，备案 {number}"))
        } else if let Some(referred) = referred {
            (Filing::Referred, format!("，转诊 {}", number(self.person, referred.number)))
        } else if let Some(number) = filed_for(Kind::Emergency) {
            (Filing::Emergency, format!("，登记 {number}"))
        } else if self.care == Care::Emergency {
            (Filing::Emergency, String::new())
        } else {
            (Filing::Unfiled, String::new())
        };
        steps.push(fact(format!("就医地 {}：{}{why}", self.facts.area, filing.name())));
        filing
    }

    fn referral(&self, filed: &Filed, used: &mut Vec<String>) -> Referral {
        let number = number(self.person, filed.number);
        used.push(number.clone());
        Referral {
            number,
            from_provider: filed.content.from_provider.clone().unwrap_or_default(),
            from_bill: filed.content.from_bill.clone(),
        }
    }
}
