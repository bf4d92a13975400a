//! The fiscal subsidy of a year: so much a head, for the persons who count, split between levels of government.

use domain::{Basis, Fen};
use policy::{Cited, Region, Terms};

use crate::reasons::{Refusal, Step, fen, held, weakest, with_word};

/// What is claimed for: where, and how many persons.
///
/// `heads` counts the entries of the register, and `excluded` the persons whose record is in a state that a rule decides about,
/// by the words of `subsidy.count`. Who is enrolled twice (`duplicate`) has two entries: a rule that counts such a person lets
/// one stay, so that nobody counts twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Claim<'a> {
    /// Area by its id in subsidy tables, or by a six-digit code; not needed where the region has one area.
    pub area: Option<&'a str>,
    /// Entries of the register.
    pub heads: i64,
    /// Persons in a state that a rule decides about.
    pub excluded: &'a [(&'a str, i64)],
}

/// The subsidy of a year for one area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subsidy {
    /// Per person and year.
    pub per_head: Fen,
    /// Whether the notice gives a minimum only.
    pub floor: bool,
    /// Persons who count.
    pub heads: i64,
    /// For all of them.
    pub total: Fen,
    /// Who pays which part; refused by name where the split is missing or does not sum to the standard.
    pub split: Result<Split, Refusal>,
    /// The reasons, in order.
    pub steps: Vec<Step>,
    /// Weakest basis used.
    pub basis: Basis,
}

/// The parts of the levels of government, for all persons who count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// Central part.
    pub central: Fen,
    /// Provincial part.
    pub province: Fen,
    /// City and county part.
    pub local: Fen,
}

/// The subsidy of a year. The terms are those of the year's last day: a year is claimed for by the rules known at its end.
///
/// # Errors
/// When the standard or a rule on who counts is missing, or the area is not the region's.
pub fn subsidy(terms: &Terms<'_>, claim: &Claim<'_>) -> Result<Subsidy, Refusal> {
    let area = area(terms, claim.area)?;
    let standard = held(terms, "subsidy.standard")?;
    let (per_head, basis) = fen(terms, standard, standard.provision.record.amount("amount"))?;
    let floor = standard.provision.record.flag("floor") == Some(true);
    let at_least = if floor { "不低于 " } else { "" };
    let mut steps =
        vec![Step::by(standard, format!("{}年人均财政补助 {at_least}{per_head} 元", terms.day.year())).on(basis)];
    let heads = count(terms, claim, &mut steps)?;
    let total = times(per_head, heads)?;
    steps.push(Step::plain("subsidy", format!("{heads} 人 × {per_head} 元 = {total} 元")));
    let split = split(terms, area.as_deref(), per_head, heads).map(|(parts, step)| {
        steps.push(step);
        parts
    });
    let basis = weakest(&steps);
    Ok(Subsidy { per_head, floor, heads, total, split, steps, basis })
}

fn times(per_head: Fen, heads: i64) -> Result<Fen, Refusal> {
    let total = per_head.0.checked_mul(heads).map(Fen);
    total.ok_or_else(|| Refusal::new("heads", format!("{heads} 人太多，超出可算的金额"), "核对人数"))
}

/// Entries less those that a rule leaves out.
fn count(terms: &Terms<'_>, claim: &Claim<'_>, steps: &mut Vec<Step>) -> Result<i64, Refusal> {
    let mut heads = claim.heads;
    for (reason, persons) in claim.excluded {
        let Some(cited) = with_word(terms, "subsidy.count.", "reason", reason) else {
            let message = format!("没有规定“{}”的人是否计入补助人数", reason_name(reason));
            return Err(Refusal::new(
                format!("subsidy.count.{reason}"),
                message,
                format!("补上 [[subsidy.count.{reason}]]"),
            ));
        };
        let entries = if *reason == "duplicate" { 2 } else { 1 };
        let stay = i64::from(cited.provision.record.integer("counts") == Some(1));
        let out = persons.saturating_mul(entries - stay);
        heads = heads.saturating_sub(out);
        steps.push(Step::by(cited, format!("{} {persons} 人：减 {out}", reason_name(reason))));
    }
    if heads < 0 || claim.excluded.iter().any(|(_, persons)| *persons < 0) {
        let message = format!("{} 条参保记录不够扣除", claim.heads);
        return Err(Refusal::new("heads", message, "核对人数和剔除人数"));
    }
    Ok(heads)
}

fn reason_name(word: &str) -> &str {
    match word {
        "no-id" => "无身份信息",
        "wrong-id" => "身份信息错误",
        "duplicate" => "重复参保",
        "residence-permit" => "持居住证",
        "permit-expired" => "居住证已过期",
        other => other,
    }
}

/// The area asked for, by id or by code.
fn area(terms: &Terms<'_>, asked: Option<&str>) -> Result<Option<String>, Refusal> {
    let chain = terms.library.chain(terms.region);
    let Some(region) = chain.into_iter().find(|region| !region.areas.is_empty()) else { return Ok(None) };
    let known = || region.areas.iter().map(|area| area.id.as_str()).collect::<Vec<_>>().join("、");
    let Some(asked) = asked else {
        return match region.areas.as_slice() {
            [only] => Ok(Some(only.id.clone())),
            _ => Err(Refusal::new("area", "补助分地区，未指明哪个地区", format!("给出区划代码，或：{}", known()))),
        };
    };
    if let Some(area) = region.areas.iter().find(|area| area.id == asked || area.name == asked) {
        return Ok(Some(area.id.clone()));
    }
    let is_code = asked.len() == 6 && asked.bytes().all(|b| b.is_ascii_digit());
    let inside = is_code && asked.starts_with(prefix(terms.region));
    let found = region.area_of(asked).filter(|_| inside);
    let message = || format!("“{asked}” 不是{}的地区", terms.region.name);
    let area =
        found.ok_or_else(|| Refusal::new("area", message(), format!("可用：{}，或本统筹区内的区划代码", known())))?;
    Ok(Some(area.id.clone()))
}

/// The digits that all codes inside a region begin with.
fn prefix(region: &Region) -> &str {
    let mut digits = region.code.as_str();
    while let Some(shorter) = digits.strip_suffix("00") {
        digits = shorter;
    }
    digits
}

fn split(terms: &Terms<'_>, area: Option<&str>, per_head: Fen, heads: i64) -> Result<(Split, Step), Refusal> {
    let cited = held(terms, "subsidy.split")?;
    let of_area =
        |row: &&policy::Row| row.when.area.is_empty() || area.is_some_and(|id| row.when.area.iter().any(|a| a == id));
    let Some(row) = cited.provision.record.rows("rows").iter().find(of_area) else {
        let message = format!("补助分担表里没有这个地区：{}", area.unwrap_or("未分地区"));
        return Err(Refusal::by(cited, message, "补上该地区的一行"));
    };
    // A level that a row leaves out pays nothing; the sum below shows whether that was meant.
    let part = |name: &str| {
        row.values.amount(name).map_or(Ok((Fen::ZERO, Basis::Stated)), |amount| fen(terms, cited, Some(amount)))
    };
    let ((central, a), (province, b), (local, c)) = (part("central")?, part("province")?, part("local")?);
    sums_to(cited, per_head, [central, province, local])?;
    let whole =
        Split { central: times(central, heads)?, province: times(province, heads)?, local: times(local, heads)? };
    let text = format!("每人中央 {central} 元、省级 {province} 元、市县 {local} 元");
    Ok((whole, Step::by(cited, text).on(a.max(b).max(c))))
}

fn sums_to(cited: Cited<'_>, per_head: Fen, parts: [Fen; 3]) -> Result<(), Refusal> {
    let sum: Fen = parts.into_iter().sum();
    if sum == per_head {
        return Ok(());
    }
    let [central, province, local] = parts;
    let message = format!("{central} + {province} + {local} = {sum} 元，不等于补助标准 {per_head} 元");
    Err(Refusal::by(cited, message, "改正分担各项，使其和等于补助标准"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::town;
    use jiff::civil::date;
    use policy::View;

    const TABLES: &str = "
        [[subsidy.standard]]
        clause = 'T-1'
        year = 2022
        amount = 610
        [[subsidy.split]]
        clause = ['T-2', 'T-3']
        year = 2022
        rows = [
          { area = 'general', central = 366, province = '146.40', local = '97.60' },
          { area = 'border', central = 488, province = '73.20', local = '48.80' },
          { area = 'counties', central = 366, province = '195.20', local = '48.81' },
        ]
        [[subsidy.standard]]
        clause = 'T-4'
        year = 2023
        amount = 640
        floor = true
        [[subsidy.count.no-id]]
        clause = 'T-5'
        reason = 'no-id'
        counts = 0
        [[subsidy.count.permit]]
        clause = 'T-6'
        reason = 'residence-permit'
        counts = 1
        [[subsidy.count.twice]]
        clause = 'T-7'
        reason = 'duplicate'
        counts = 1
    ";

    fn claim(year: i16, claim: Claim<'_>) -> Result<Subsidy, Refusal> {
        let library = town(TABLES);
        let terms = library.terms(library.region("town").unwrap(), date(year, 12, 31), &View::default());
        subsidy(&terms, &claim)
    }

    fn parts(central: &str, province: &str, local: &str) -> Split {
        let yuan = |text| Fen::parse_yuan(text).unwrap();
        Split { central: yuan(central), province: yuan(province), local: yuan(local) }
    }

    #[test]
    fn a_thousand_persons_are_split_to_the_fen() {
        let general = claim(2022, Claim { area: Some("general"), heads: 1000, ..Claim::default() }).unwrap();
        assert_eq!((general.per_head, general.total), (Fen::yuan(610), Fen::yuan(610_000)));
        assert_eq!(general.split, Ok(parts("366000", "146400", "97600")));
        let by_code = claim(2022, Claim { area: Some("222401"), heads: 1000, ..Claim::default() }).unwrap();
        assert_eq!(by_code.split, Ok(parts("488000", "73200", "48800")));
    }

    #[test]
    fn parts_that_do_not_sum_are_refused_and_so_is_a_missing_split() {
        let counties = claim(2022, Claim { area: Some("220323"), heads: 1000, ..Claim::default() }).unwrap();
        let refused = counties.split.unwrap_err();
        assert_eq!(refused.key, "subsidy.split");
        assert!(refused.message.contains("610.01"), "{refused}");
        let next = claim(2023, Claim { area: Some("general"), heads: 10, ..Claim::default() }).unwrap();
        assert!(next.floor && next.split.is_err());
        assert_eq!(next.total, Fen::yuan(6_400));
        assert_eq!(
            claim(2021, Claim { area: Some("general"), ..Claim::default() }).unwrap_err().key,
            "subsidy.standard"
        );
    }

    #[test]
    fn who_counts_is_decided_by_rule() {
        let heads = |excluded: &[(&str, i64)]| {
            claim(2022, Claim { area: Some("general"), heads: 1000, excluded }).map(|subsidy| subsidy.heads)
        };
        assert_eq!(heads(&[("no-id", 10)]), Ok(990));
        assert_eq!(heads(&[("residence-permit", 10)]), Ok(1000));
        assert_eq!(heads(&[("duplicate", 1)]), Ok(999));
        assert_eq!(heads(&[("wrong-id", 1)]).unwrap_err().key, "subsidy.count.wrong-id");
        assert_eq!(heads(&[("no-id", 1001)]).unwrap_err().key, "heads");
    }

    #[test]
    fn an_area_outside_is_refused() {
        assert_eq!(claim(2022, Claim { area: Some("320100"), ..Claim::default() }).unwrap_err().key, "area");
        assert_eq!(claim(2022, Claim::default()).unwrap_err().key, "area");
    }
}
