//! What is due for a person's insured year, and who pays it.
//!
//! In order: who may join at all, the scheme the person must join, how contributions are collected, the tier the person is financed at, the
//! contribution of that tier, and the sponsor. A table that is missing refuses; it is never read as nothing due. The amount is
//! that of the insured year; who pays and how it is collected follow the rules of the day of payment, or of the year's first
//! day where that is later.

use domain::{Basis, Category, Date, Fen, Period, Person, Scheme};
use policy::{Amount, Cited, Held, Row, Terms};

use crate::cover::{RecordState, admission};
use crate::person::Asked;
use crate::reasons::{Refusal, Step, days, fen, held, weakest};
use crate::year::InsuredYear;

/// How the contribution is paid, where collection rules ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// Day of payment; without it no day is checked.
    pub paid_on: Option<Date>,
    /// Whether it is withheld from an allowance.
    pub withheld: bool,
    /// Whether the person has an employer.
    pub employed: bool,
    /// States of the record that rules on who may join ask about: who may not join owes nothing here.
    pub states: Vec<RecordState>,
    /// What the person's district pays for a class per person and year, where a notice leaves the amount to the districts.
    pub funding: Vec<(Category, Fen)>,
}

/// What is due for one person and insured year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The scheme it is due for.
    pub scheme: Scheme,
    /// The days it buys.
    pub period: Period,
    /// The tier the person is financed at; `None` where there are no tiers.
    pub tier: Option<String>,
    /// The contribution in all; refused by name where only the person's part is known.
    pub total: Result<Fen, Refusal>,
    /// The person's part.
    pub personal: Fen,
    /// What others pay.
    pub sponsored: Vec<Sponsored>,
    /// First day on which it is collected, where a rule says.
    pub collected_from: Option<Date>,
    /// Declared and paid each year: nothing is carried over.
    pub yearly: bool,
    /// The reasons, in order.
    pub steps: Vec<Step>,
    /// Weakest basis used.
    pub basis: Basis,
}

impl Due {
    /// What others pay in all; `None` if one of the amounts is not known.
    pub fn sponsored_total(&self) -> Option<Fen> {
        self.sponsored.iter().map(|s| s.amount).sum()
    }
}

/// What somebody else pays of a contribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sponsored {
    /// Who, by the word used in notice files.
    pub payer: String,
    /// How much; `None` where the contribution itself is open.
    pub amount: Option<Fen>,
    /// By which clauses.
    pub clauses: Vec<String>,
}

/// What is due for a person's insured year.
///
/// # Errors
/// When collection rules forbid it, or a table or a figure that the person needs is missing.
pub fn due(year: &InsuredYear<'_>, person: &Person, asking: &Asking) -> Result<Due, Refusal> {
    let rules = rules(year, asking);
    let terms = rules.as_ref().unwrap_or(&year.terms);
    let asked = Asked::of(terms, person)?;
    let Financed { join, scheme, collected, tier, contribution, mut steps } =
        financed(year, terms, &asked, person, asking)?;
    let (total, sponsored) = match join.and_then(|join| Some((join, payer(join, asking)?))) {
        Some((join, payer)) => {
            let total = contribution.map(|step_and_amount| book(step_and_amount, &mut steps));
            let sponsor =
                Sponsored { payer, amount: total.as_ref().ok().copied(), clauses: join.provision.clauses.clone() };
            (total, vec![sponsor])
        }
        None => {
            let total = book(contribution?, &mut steps);
            let sponsor = sponsor(terms, &asked, total, &of_district(person, asking), &mut steps)?;
            (Ok(total), sponsor.into_iter().collect())
        }
    };
    let paid_by_others: Option<Fen> = sponsored.iter().map(|s| s.amount).sum();
    let personal = match (&total, paid_by_others) {
        (Ok(total), Some(others)) => *total - others,
        _ => Fen::ZERO, // somebody else pays the whole, however much it is
    };
    steps.push(Step::plain("due", format!("个人应缴 {personal} 元")));
    let basis = weakest(&steps);
    let period = year.period;
    Ok(Due {
        scheme,
        period,
        tier,
        total,
        personal,
        sponsored,
        collected_from: collected.from,
        yearly: collected.yearly,
        steps,
        basis,
    })
}

/// What is due for a person's insured year in all, whoever pays it, and who shares in it where a rule names one. This is known
/// also where [`due`] refuses because it is open how much of it the other pays.
///
/// # Errors
/// When collection rules forbid it, or the contribution itself is open.
pub fn due_in_all(year: &InsuredYear<'_>, person: &Person, asking: &Asking) -> Result<(Fen, Option<String>), Refusal> {
    let rules = rules(year, asking);
    let terms = rules.as_ref().unwrap_or(&year.terms);
    let asked = Asked::of(terms, person)?;
    let Financed { join, contribution, .. } = financed(year, terms, &asked, person, asking)?;
    let (_, total) = contribution?;
    let of_join = join.and_then(|join| payer(join, asking));
    let of_rule = || first_that_holds(terms, "contribution.sponsor.", &asked).ok()?;
    let payer = of_join.or_else(|| of_rule()?.provision.record.text("payer").map(str::to_owned));
    Ok((total, payer))
}

/// The rules of the day of payment, where it lies in the year.
fn rules<'l>(year: &InsuredYear<'l>, asking: &Asking) -> Option<Terms<'l>> {
    asking.paid_on.filter(|paid| year.period.contains(*paid)).map(|paid| year.terms_on(paid))
}

/// Up to the contribution, before anybody shares in it.
struct Financed<'l> {
    join: Option<Cited<'l>>,
    scheme: Scheme,
    collected: Collected,
    tier: Option<String>,
    /// With its step; refused where it is open.
    contribution: Result<(Step, Fen), Refusal>,
    steps: Vec<Step>,
}

fn financed<'l>(
    year: &InsuredYear<'_>,
    terms: &Terms<'l>,
    asked: &Asked,
    person: &Person,
    asking: &Asking,
) -> Result<Financed<'l>, Refusal> {
    let mut steps = admission(terms, &asking.states, None)?;
    let join = first_that_holds(terms, "enrolment.join.", asked)?;
    let scheme = scheme(join, person, &mut steps);
    let collected = collect(terms, asked, person, asking, &mut steps)?;
    let tier = financed_tier(terms, asked, person, &mut steps)?;
    let at_tier = match &tier {
        Some(tier) => asked.at_tier(tier)?,
        None => asked.in_scheme(person.scheme),
    };
    let contribution = standard(year, &at_tier.in_scheme(scheme), scheme, tier.as_deref());
    Ok(Financed { join, scheme, collected, tier, contribution, steps })
}

fn book((step, amount): (Step, Fen), steps: &mut Vec<Step>) -> Fen {
    steps.push(step);
    amount
}

/// The first provision of a family, by `order` and name, whose `when` holds for the person.
fn first_that_holds<'l>(terms: &Terms<'l>, family: &str, asked: &Asked) -> Result<Option<Cited<'l>>, Refusal> {
    let mut found: Vec<Cited<'l>> = terms.family(family).map(|(_, cited)| cited).collect();
    found.sort_by_key(|cited| cited.provision.record.integer("order").unwrap_or(0));
    for cited in found {
        if asked.meets(&cited.provision.record.when("when"), &cited.provision.key)? {
            return Ok(Some(cited));
        }
    }
    Ok(None)
}

fn scheme(join: Option<Cited<'_>>, person: &Person, steps: &mut Vec<Step>) -> Scheme {
    let joined = join.and_then(|join| Some((join, Scheme::parse(join.provision.record.text("scheme")?)?)));
    let Some((join, scheme)) = joined else { return person.scheme };
    steps.push(Step::by(join, format!("应参加{}", scheme.name())));
    scheme
}

/// Who pays for a person that a joining rule names.
fn payer(join: Cited<'_>, asking: &Asking) -> Option<String> {
    let record = &join.provision.record;
    if asking.employed && record.flag("employer_pays") == Some(true) {
        return Some("employer".to_owned());
    }
    record.text("payer").map(str::to_owned)
}

#[derive(Default)]
struct Collected {
    from: Option<Date>,
    yearly: bool,
}

/// All collection rules that hold for the person.
fn collect(
    terms: &Terms<'_>,
    asked: &Asked,
    person: &Person,
    asking: &Asking,
    steps: &mut Vec<Step>,
) -> Result<Collected, Refusal> {
    let mut collected = Collected::default();
    for (_, cited) in terms.family("contribution.collect.") {
        let record = &cited.provision.record;
        if !asked.meets(&record.when("when"), &cited.provision.key)? {
            continue;
        }
        if let Some(opens) = record.date("opens") {
            if let Some(paid) = asking.paid_on.filter(|paid| *paid < opens) {
                let message = format!("{paid} 还未开始收取，{opens} 起才收");
                return Err(Refusal::by(cited, message, format!("在 {opens} 或以后缴费")));
            }
            steps.push(Step::by(cited, format!("{opens} 起收取")));
            collected.from = collected.from.max(Some(opens));
        }
        if asking.withheld && record.flag("withholding") == Some(false) {
            return Err(Refusal::by(cited, "不得从补贴中代扣", "按一般缴费单收取"));
        }
        if record.flag("elect_tier") == Some(true) && person.tier.is_none() {
            return Err(Refusal::by(cited, "须由本人自选档次，不代为指定", "补上本人选定的档次"));
        }
        if record.flag("yearly") == Some(true) {
            steps.push(Step::by(cited, "按年度申报缴纳，不结转到下一年"));
            collected.yearly = true;
        }
    }
    Ok(collected)
}

/// The rule by which somebody pays for the person on the day of the terms, if there is one, whatever the amount.
///
/// # Errors
/// When the rule turns on a fact that is not known.
pub fn is_sponsored(terms: &Terms<'_>, person: &Person) -> Result<Option<Step>, Refusal> {
    let asked = Asked::of(terms, person)?;
    let cited = first_that_holds(terms, "contribution.sponsor.", &asked)?;
    let payer = |cited: Cited<'_>| payer_name(cited.provision.record.text("payer").unwrap_or_default()).to_owned();
    Ok(cited.map(|cited| Step::by(cited, format!("{}资助参保", payer(cited)))))
}

/// The rule by which the person declares and pays each year on the day of the terms, if there is one.
///
/// # Errors
/// When the rule turns on a fact that is not known.
pub fn pays_yearly(terms: &Terms<'_>, person: &Person) -> Result<Option<Step>, Refusal> {
    let asked = Asked::of(terms, person)?;
    for (_, cited) in terms.family("contribution.collect.") {
        let record = &cited.provision.record;
        if record.flag("yearly") == Some(true) && asked.meets(&record.when("when"), &cited.provision.key)? {
            return Ok(Some(Step::by(cited, "按年度申报缴纳，不结转到下一年")));
        }
    }
    Ok(None)
}

/// The rule by which the person's contribution is not withheld from an allowance on the day of the terms, if there is one.
///
/// # Errors
/// When the rule turns on a fact that is not known.
pub fn not_withheld(terms: &Terms<'_>, person: &Person) -> Result<Option<Step>, Refusal> {
    let asked = Asked::of(terms, person)?;
    for (_, cited) in terms.family("contribution.collect.") {
        let record = &cited.provision.record;
        if record.flag("withholding") == Some(false) && asked.meets(&record.when("when"), &cited.provision.key)? {
            return Ok(Some(Step::by(cited, "不得从补贴中代扣")));
        }
    }
    Ok(None)
}

/// The tier the person is financed at: the chosen one, unless a rule moves the person.
fn financed_tier(
    terms: &Terms<'_>,
    asked: &Asked,
    person: &Person,
    steps: &mut Vec<Step>,
) -> Result<Option<String>, Refusal> {
    match terms.held("tier.finance") {
        Some(Held::InForce(cited)) => {
            if let Some(tier) = asked.row(cited)?.and_then(|row| row.values.text("becomes")) {
                steps.push(Step::by(cited, format!("按{}筹资", tier_name(terms, tier))));
                return Ok(Some(tier.to_owned()));
            }
        }
        // A rule that has ended moves nobody any more; whom it moved is told so.
        Some(Held::Ended(cited, on)) if asked.row(cited)?.is_some() => {
            steps.push(Step::by(cited, format!("另定筹资档次的规定已于 {on} 失效，按所选档次")));
        }
        _ => {}
    }
    Ok(person.tier.clone())
}

fn tier_name<'l>(terms: &Terms<'l>, tier: &'l str) -> &'l str {
    terms.library.tiers(terms.region).iter().find(|(id, _)| id == tier).map_or(tier, |(_, name)| name)
}

/// The contribution of the year, with its step.
fn standard(year: &InsuredYear<'_>, asked: &Asked, scheme: Scheme, tier: Option<&str>) -> Result<(Step, Fen), Refusal> {
    let terms = &year.terms;
    let key = if year.academic { "contribution.academic" } else { "contribution.standard" };
    let cited = held(terms, key)?;
    // Employees' contributions follow wages: only a row that names the employee scheme is theirs.
    let theirs = |row: &&Row| scheme == Scheme::Resident || row.when.scheme.contains(&scheme);
    let Some(row) = asked.row(cited)?.filter(theirs) else {
        let of_tier = tier.map_or(String::new(), |tier| format!("（{}）", tier_name(terms, tier)));
        let message = format!("{}缴费标准里没有适用于此人的一行{of_tier}", scheme.name());
        return Err(Refusal::by(cited, message, "补上此类人员的一行；有档次的地区须先选定档次"));
    };
    let (amount, basis) = fen(terms, cited, row.values.amount("amount"))?;
    let of_tier = tier.map_or("", |tier| tier_name(terms, tier));
    let text = format!("{}（{}）{of_tier}缴费标准 {amount} 元", year.name(), days(year.period.from, year.end()));
    Ok((Step::by(cited, text).on(basis), amount))
}

/// What a district pays for the classes that a person holds.
fn of_district(person: &Person, asking: &Asking) -> Vec<(Category, Fen)> {
    asking.funding.iter().copied().filter(|(class, _)| person.categories.has(*class)).collect()
}

/// The first sponsor that holds, and what it pays: never more than the contribution.
fn sponsor(
    terms: &Terms<'_>,
    asked: &Asked,
    total: Fen,
    funding: &[(Category, Fen)],
    steps: &mut Vec<Step>,
) -> Result<Option<Sponsored>, Refusal> {
    let Some(cited) = first_that_holds(terms, "contribution.sponsor.", asked)? else { return Ok(None) };
    let (amount, step) = sponsored_amount(terms, cited, total, funding)?;
    steps.push(step);
    let payer = cited.provision.record.text("payer").unwrap_or_default().to_owned();
    Ok(Some(Sponsored { payer, amount: Some(amount), clauses: cited.provision.clauses.clone() }))
}

fn sponsored_amount(
    terms: &Terms<'_>,
    cited: Cited<'_>,
    total: Fen,
    funding: &[(Category, Fen)],
) -> Result<(Fen, Step), Refusal> {
    let record = &cited.provision.record;
    let payer = payer_name(record.text("payer").unwrap_or_default());
    // Where the notice leaves the amount to the districts, the standard that the person's district fixed: the best of the classes.
    let classes = record.when("when").category;
    let fixed = funding.iter().filter(|(class, _)| classes.has(*class)).max_by_key(|(_, amount)| *amount);
    match (record.rate("share"), record.amount("amount"), fixed) {
        (Some(share), None, _) => {
            let amount = total.times(share, terms.region.rounding).min(total);
            Ok((amount, Step::by(cited, format!("{payer}资助 {share}，{amount} 元"))))
        }
        (None, Some(Amount::Open), Some((class, fixed))) => {
            let amount = (*fixed).min(total);
            let text = format!("{payer}按区县为{}明确的标准资助 {fixed} 元，实付 {amount} 元", class.name());
            Ok((amount, Step::by(cited, text)))
        }
        (None, Some(fixed), _) => {
            let (fixed, basis) = fen(terms, cited, Some(fixed))?;
            let amount = fixed.min(total);
            let text = format!("{payer}定额资助 {fixed} 元，实付 {amount} 元");
            Ok((amount, Step::by(cited, text).on(basis)))
        }
        _ => Err(Refusal::by(cited, "资助要写 share 或 amount 其一", "按通知写明资助比例或定额")),
    }
}

/// Chinese name of a sponsor.
pub fn payer_name(word: &str) -> &str {
    match word {
        "finance" => "财政",
        "central" => "中央财政",
        "province" => "省级财政",
        "city" => "市级财政",
        "district" => "区县财政",
        "assistance" => "医疗救助",
        "education" => "教育",
        "employer" => "用人单位",
        "large-amount-fund" => "大额救助基金",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{adult, town};
    use domain::{Categories, Group};
    use jiff::civil::date;
    use policy::View;

    const TABLES: &str = "
        [[contribution.standard]]
        clause = 'T-1'
        year = 2022
        rows = [{ tier = 'low', amount = 320 }, { tier = 'high', amount = 695 }]
        [[contribution.academic]]
        clause = 'T-2'
        year = 2021
        rows = [{ tier = 'low', amount = 280 }, { tier = 'high', amount = 655 }]
        [[contribution.collect.open]]
        clause = 'T-3'
        year = 2022
        opens = 2021-12-01
        [[contribution.collect.elderly]]
        clause = 'T-4'
        when = { category = 'elderly-allowance' }
        elect_tier = true
        withholding = false
        [[tier.finance]]
        clause = 'T-5'
        rows = [{ category = ['minimum-allowance'], becomes = 'high' }]
        [[contribution.sponsor.poor]]
        clause = 'T-6'
        when = { category = ['minimum-allowance', 'severe-disability'] }
        share = '100%'
        payer = 'finance'
        [[contribution.sponsor.loan]]
        clause = 'T-7'
        when = { category = 'loan-student' }
        amount = 300
        payer = 'finance'
        [[contribution.sponsor.lifted]]
        clause = 'T-8'
        when = { category = 'lifted-from-poverty' }
        amount = 'open'
        payer = 'assistance'
        [[enrolment.join.soldier]]
        clause = 'T-9'
        when = { category = 'disabled-soldier' }
        scheme = 'employee'
        employer_pays = true
        payer = 'district'
    ";

    fn ask(year: i16, person: &Person, asking: Asking) -> Result<Due, Refusal> {
        let library = town(TABLES);
        let region = library.region("town").unwrap();
        let year = InsuredYear::of(&library, region, &policy::View::default(), person.group, year).unwrap();
        due(&year, person, &asking)
    }

    fn person(tier: &str, category: Option<Category>) -> Person {
        Person { tier: Some(tier.to_owned()), categories: category.into_iter().collect(), ..adult() }
    }

    #[test]
    fn an_adult_pays_the_tier_chosen() {
        let due = ask(2022, &person("low", None), Asking::default()).unwrap();
        assert_eq!((due.total.clone(), due.personal), (Ok(Fen::yuan(320)), Fen::yuan(320)));
        assert_eq!(due.collected_from, Some(date(2021, 12, 1)));
        assert!(due.steps.iter().any(|step| step.clauses == ["T-1"]));
    }

    #[test]
    fn a_payment_before_collection_opens_is_refused() {
        let on = |day| Asking { paid_on: Some(day), ..Asking::default() };
        let refused = ask(2022, &person("low", None), on(date(2021, 11, 30))).unwrap_err();
        assert_eq!(
            (refused.key.as_str(), refused.clauses.as_slice()),
            ("contribution.collect.open", ["T-3".to_owned()].as_slice())
        );
        assert!(ask(2022, &person("low", None), on(date(2021, 12, 1))).is_ok());
    }

    #[test]
    fn a_student_pays_for_an_academic_year() {
        let student = Person { group: Group::University, ..person("low", None) };
        let due = ask(2021, &student, Asking::default()).unwrap();
        assert_eq!(due.personal, Fen::yuan(280));
        assert_eq!((due.period.from, due.period.end), (date(2021, 9, 1), Some(date(2022, 9, 1))));
        // The table of the year has ended: refused, not moved to the calendar year.
        assert_eq!(ask(2022, &student, Asking::default()).unwrap_err().key, "contribution.academic");
    }

    #[test]
    fn a_sponsor_pays_the_tier_financed_and_never_more() {
        let due = ask(2022, &person("low", Some(Category::MinimumAllowance)), Asking::default()).unwrap();
        assert_eq!(
            (due.tier.as_deref(), due.personal, due.sponsored_total()),
            (Some("high"), Fen::ZERO, Some(Fen::yuan(695)))
        );
        let due = ask(2022, &person("low", Some(Category::LoanStudent)), Asking::default()).unwrap();
        assert_eq!((due.personal, due.sponsored_total()), (Fen::yuan(20), Some(Fen::yuan(300))));
    }

    #[test]
    fn a_sponsor_that_begins_in_the_year_pays_from_then_on() {
        let sponsored = |day| {
            let tables = format!(
                "{TABLES}[[contribution.sponsor.edge]]\nclause='T-10'\nfrom=2022-08-25\nwhen={{ category='edge' }}\nshare='50%'\npayer='assistance'\n"
            );
            let library = town(&tables);
            let person = person("low", Some(Category::Edge));
            let year = InsuredYear::of(
                &library,
                library.region("town").unwrap(),
                &policy::View::default(),
                person.group,
                2022,
            );
            due(&year.unwrap(), &person, &Asking { paid_on: Some(day), ..Asking::default() }).unwrap().sponsored_total()
        };
        assert_eq!(sponsored(date(2022, 8, 24)), Some(Fen::ZERO));
        assert_eq!(sponsored(date(2022, 8, 25)), Some(Fen::yuan(160)));
    }

    #[test]
    fn what_is_missing_is_refused_by_name() {
        let refused = ask(2022, &person("low", Some(Category::LiftedFromPoverty)), Asking::default()).unwrap_err();
        assert_eq!((refused.key.as_str(), refused.clauses[0].as_str()), ("contribution.sponsor.lifted", "T-8"));
        // What the other pays is open; what is due in all is not.
        let in_all = |year, person: &Person| {
            let library = town(TABLES);
            let region = library.region("town").unwrap();
            let year = InsuredYear::of(&library, region, &View::default(), person.group, year).unwrap();
            due_in_all(&year, person, &Asking::default()).map_err(|refusal| refusal.key)
        };
        let lifted = in_all(2022, &person("low", Some(Category::LiftedFromPoverty)));
        assert_eq!(lifted, Ok((Fen::yuan(320), Some("assistance".to_owned()))));
        assert_eq!(in_all(2022, &person("high", None)), Ok((Fen::yuan(695), None)));
        assert_eq!(in_all(2023, &person("low", None)), Err("contribution.standard".to_owned()));
        let soldier = Person { tier: None, ..person("low", Some(Category::DisabledSoldier)) };
        assert_eq!(in_all(2022, &soldier), Err("contribution.standard".to_owned()));
        let refused = ask(2023, &person("low", None), Asking::default()).unwrap_err();
        assert_eq!(refused.key, "contribution.standard");
        let refused = ask(2022, &person("middling", None), Asking::default()).unwrap_err();
        assert_eq!(refused.key, "tier");
    }

    #[test]
    fn who_must_choose_a_tier_is_given_none() {
        let elder = Person { categories: [Category::ElderlyAllowance].into_iter().collect(), ..adult() };
        assert_eq!(ask(2022, &elder, Asking::default()).unwrap_err().key, "contribution.collect.elderly");
        let chosen = Person { tier: Some("high".to_owned()), ..elder };
        let withheld = Asking { withheld: true, ..Asking::default() };
        assert_eq!(ask(2022, &chosen, withheld).unwrap_err().clauses, ["T-4"]);
        assert_eq!(ask(2022, &chosen, Asking::default()).unwrap().personal, Fen::yuan(695));
    }

    #[test]
    fn a_disabled_soldier_pays_nothing_though_the_amount_is_open() {
        let soldier = Person { tier: None, ..person("low", Some(Category::DisabledSoldier)) };
        let due = ask(2022, &soldier, Asking::default()).unwrap();
        assert_eq!((due.scheme, due.personal), (Scheme::Employee, Fen::ZERO));
        assert_eq!((due.sponsored[0].payer.as_str(), due.sponsored[0].amount), ("district", None));
        assert_eq!(due.total.unwrap_err().key, "contribution.standard");
        let employed = Asking { employed: true, ..Asking::default() };
        assert_eq!(ask(2022, &soldier, employed).unwrap().sponsored[0].payer, "employer");
    }

    #[test]
    fn where_the_amount_is_left_to_the_districts_their_standard_is_paid() {
        let rules = format!(
            "{TABLES}
        [[contribution.sponsor.needy]]
        clause = 'T-9'
        when = {{ category = ['destitute', 'minimum-allowance'] }}
        amount = 'open'
        payer = 'assistance'
        order = 0
        "
        );
        let library = town(&rules);
        let year = InsuredYear::of(&library, library.region("town").unwrap(), &View::default(), Group::Adult, 2022);
        let destitute = Categories::NONE.with(Category::Destitute);
        let person = Person { tier: Some("low".to_owned()), categories: destitute, ..adult() };
        let personal = |funding: &[(Category, Fen)]| {
            let asking = Asking { funding: funding.to_vec(), ..Asking::default() };
            due(year.as_ref().unwrap(), &person, &asking).map(|due| due.personal).map_err(|refusal| refusal.key)
        };
        assert_eq!(personal(&[]), Err("contribution.sponsor.needy".to_owned()));
        assert_eq!(personal(&[(Category::MinimumAllowance, Fen::yuan(200))]), personal(&[]));
        assert_eq!(personal(&[(Category::Destitute, Fen::yuan(300))]), Ok(Fen::yuan(20)));
        assert_eq!(personal(&[(Category::Destitute, Fen::yuan(400))]), Ok(Fen::ZERO));
    }
}
