//! Stories of filings, and of visits in their places.

use domain::{Care, Date, Filing, Level, Mark, Marks};
use jiff::civil::date;
use serde_json::{Value, json};

use super::{Place, at, under};
use crate::testing::Town;
use crate::{Books, Desk, Key, Refusal, Stop};

const TERMS: &str = "
    [[filing.temporary.term]]\nclause='T-1'\nleast_months=6
    [[filing.long-term.papers]]\nclause='T-2'\ndeclaration=true
    [[filing.long-term.changes]]\nclause='T-3'\nmonths_between=6
    [[filing.referral.term]]\nclause='T-4'\nmonths=3
    [[filing.emergency.back]]\nclause='T-5'\ndays=5
    [[filing.temporary.papers]]\nclause='T-6'\ndocuments=['身份证']
    [[disease.special.M07805]]\nclause='T-7'\nname='尿毒症'
    [[disease.special.M02207]]\nclause='T-8'\nname='孤独症'\nages='0-17'
    [[disease.two-disease.M03900]]\nclause='T-9'\nname='高血压'
    [[filing.special.identified]]\nclause='T-10'\ndiseases=['M07805']\ncentres=['H1']
    [[filing.special.changes]]\nclause='T-11'\nper_year=1\nplaces=2
    [[accident.cover]]\nclause='T-13'\nschemes=['resident']\nconditions=['突发的','外来的']\noutcomes=['伤害']
    [[designation.recognise.neighbour]]\nclause='T-14'\nareas=['980000']
    [[filing.long-term.home]]\nclause='T-15'\ntwo_way=true
";

/// A town with a hospital of level 2 (H1), a primary one (H2), one elsewhere that is connected (H8) and one that is not (H9).
fn town(today: Date) -> Town {
    let mut town = Town::new(TERMS, today);
    let care = ["inpatient", "outpatient", "emergency", "special", "two-disease"];
    for (code, area, level, online) in [
        ("H1", "990101", "2", true),
        ("H2", "990102", "primary", true),
        ("H8", "970101", "3", true),
        ("H9", "980101", "3", false),
    ] {
        let connected = if code == "H8" { json!(["inpatient", "outpatient"]) } else { json!([]) };
        let fields = json!({ "provider": code, "name": format!("{code}医院"), "area": area, "level": level, "care": care,
            "online": online, "connected": connected, "from": "2020-01-01" });
        town.run("provider register", fields).unwrap();
    }
    town
}

fn place(
    town: &mut Town,
    person: &str,
    provider: &str,
    day: Date,
    care: Care,
    disease: Option<&str>,
) -> Result<Place, Refusal> {
    let Town { rules, vault, memory, .. } = town;
    let desk = Desk { rules, vault, at: 0, actor: "tester" };
    let mut books = Books::new(memory);
    at(&desk, &mut books, &Key::of(format!("person/{person}")), provider, day, care, disease).map_err(refusal)
}

fn marks(town: &mut Town, person: &str, number: &str, provider: &str, doctor: &str) -> Result<Marks, Refusal> {
    let mut books = Books::new(&mut town.memory);
    let person = Key::of(format!("person/{person}"));
    under(&mut books, &person, number, provider, Some(doctor), date(2022, 4, 1)).map_err(refusal)
}

fn refusal(stop: Stop) -> Refusal {
    match stop {
        Stop::Refused(refusal) => refusal,
        Stop::Source(what) => panic!("{what}"),
    }
}

/// Opens a filing, and gives its number and its state.
fn open(town: &mut Town, person: &str, fields: Value) -> Result<(String, String), Refusal> {
    let mut fields = fields;
    fields["person"] = json!(person);
    let answer = town.run("filing open", fields)?;
    let text = |name: &str| answer.fields[name].as_str().unwrap().to_owned();
    Ok((text("filing"), text("state")))
}

fn approve(town: &mut Town, filing: &str) {
    town.run("filing decide", json!({ "filing": filing, "verdict": "approve" })).unwrap();
}

const MARCH: Date = date(2022, 3, 1);
const APRIL: Date = date(2022, 4, 1);

#[test]
fn a_visit_at_home_needs_no_filing_and_reads_the_provider_of_the_day() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let raised = json!({ "provider": "H1", "from": "2022-07-01", "level": "3", "mark": ["reform"] });
    town.run("provider amend", raised).unwrap();
    let june = place(&mut town, &person, "h1", date(2022, 6, 30), Care::Inpatient, None).unwrap();
    assert_eq!((june.filing, june.level, june.marks), (Filing::Local, Level::Two, Marks::NONE));
    let july = place(&mut town, &person, "H1", date(2022, 7, 1), Care::Inpatient, None).unwrap();
    assert_eq!((july.level, july.marks.has(Mark::Reform)), (Level::Three, true));
    let before = place(&mut town, &person, "H1", date(2019, 12, 31), Care::Inpatient, None);
    assert_eq!(before.unwrap_err().code, "unknown-provider");
    let births = place(&mut town, &person, "H1", MARCH, Care::Delivery, None);
    assert_eq!(births.unwrap_err().code, "care-not-settled");
}

#[test]
fn a_suspended_provider_settles_nothing_until_it_is_resumed() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let suspend = json!({ "provider": "H1", "from": "2022-03-10", "reason": "违规" });
    town.run("provider suspend", suspend.clone()).unwrap();
    let refused = place(&mut town, &person, "H1", date(2022, 3, 10), Care::Inpatient, None).unwrap_err();
    assert_eq!((refused.code.as_str(), refused.message.contains("违规")), ("not-designated", true));
    assert!(place(&mut town, &person, "H1", date(2022, 3, 9), Care::Inpatient, None).is_ok());
    assert!(town.run("provider suspend", suspend).unwrap().says.contains("已是如此"));
    town.run("provider resume", json!({ "provider": "H1", "from": "2022-03-20" })).unwrap();
    assert!(place(&mut town, &person, "H1", date(2022, 3, 20), Care::Inpatient, None).is_ok());
    assert!(place(&mut town, &person, "H1", date(2022, 3, 19), Care::Inpatient, None).is_err());
    town.run("provider end", json!({ "provider": "H1", "from": "2022-05-01", "reason": "注销" })).unwrap();
    let again = json!({ "provider": "H1", "from": "2022-05-02", "reason": "x" });
    assert_eq!(town.run("provider suspend", again).unwrap_err().code, "already-ended");
    assert!(place(&mut town, &person, "H1", date(2022, 5, 1), Care::Inpatient, None).is_err());
}

#[test]
fn elsewhere_the_filing_decides_how_a_visit_stands() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let stands = |town: &mut Town, care| place(town, &person, "H8", APRIL, care, None).unwrap().filing;
    assert_eq!(stands(&mut town, Care::Inpatient), Filing::Unfiled);
    let emergency = place(&mut town, &person, "H9", APRIL, Care::Emergency, None).unwrap();
    assert_eq!(emergency.filing, Filing::Emergency);
    let referral = json!({ "kind": "referral", "from_provider": "H1", "provider": ["H8"], "from_bill": "b1" });
    let (referral, state) = open(&mut town, &person, referral).unwrap();
    assert_eq!((state.as_str(), stands(&mut town, Care::Inpatient)), ("applied", Filing::Unfiled));
    approve(&mut town, &referral);
    assert_eq!(stands(&mut town, Care::Inpatient), Filing::Referred);
    let placed = place(&mut town, &person, "H8", date(2022, 5, 31), Care::Inpatient, None).unwrap();
    assert_eq!(placed.referral.unwrap().from_bill.as_deref(), Some("b1"));
    assert!(placed.marks.has(Mark::Referral));
    // The notice gives a referral three months.
    let late = place(&mut town, &person, "H8", date(2022, 6, 1), Care::Inpatient, None).unwrap();
    assert_eq!((late.filing, late.referral), (Filing::Unfiled, None));
    let (_, state) = open(&mut town, &person, json!({ "kind": "long-term", "area": "970000" })).unwrap();
    assert_eq!((state.as_str(), stands(&mut town, Care::Inpatient)), ("approved", Filing::Filed));
    let home = place(&mut town, &person, "H2", APRIL, Care::Inpatient, None).unwrap();
    assert_eq!((home.filing, home.steps[0].sources.clone()), (Filing::Local, vec!["T-15".to_owned()]));
}

#[test]
fn a_provider_elsewhere_is_accepted_when_connected_or_recognised() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let not_connected = place(&mut town, &person, "H8", APRIL, Care::Emergency, None).unwrap_err();
    assert_eq!(not_connected.code, "not-recognised");
    town.run("provider amend", json!({ "provider": "H8", "from": "2022-04-01", "connected": ["emergency"] })).unwrap();
    let connected = place(&mut town, &person, "H8", APRIL, Care::Emergency, None).unwrap();
    assert!(connected.online);
    let recognised = place(&mut town, &person, "H9", APRIL, Care::Inpatient, None).unwrap();
    assert_eq!(recognised.steps[0].sources, ["T-14"]);
    assert!(!recognised.online);
    town.run("provider end", json!({ "provider": "H9", "from": "2022-04-01", "reason": "x", "by": "980101" })).unwrap();
    let ended = place(&mut town, &person, "H9", APRIL, Care::Inpatient, None).unwrap_err();
    assert_eq!(ended.code, "not-designated");
}

#[test]
fn a_temporary_filing_holds_as_long_as_the_notice_says() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let with = |until: Value, papers: Value| json!({ "kind": "temporary", "area": "970000", "until": until, "document": papers });
    let short = open(&mut town, &person, with(json!("2022-08-31"), json!(["身份证"]))).map(|_| ());
    assert!(short.is_ok(), "six months from 1 March end on 31 August");
    let too_short = open(&mut town, &person, with(json!("2022-08-30"), json!(["身份证"]))).unwrap_err();
    assert_eq!((too_short.code.as_str(), too_short.clauses), ("holds-too-short", vec!["T-1".to_owned()]));
    let bare = open(&mut town, &person, with(Value::Null, json!([]))).unwrap_err();
    assert_eq!((bare.code.as_str(), bare.clauses), ("missing-document", vec!["T-6".to_owned()]));
    let twice = open(&mut town, &person, with(Value::Null, json!(["身份证"]))).unwrap_err();
    assert_eq!(twice.code, "overlap");
    let home = open(&mut town, &person, json!({ "kind": "temporary", "area": "990102", "document": ["身份证"] }));
    assert_eq!(home.unwrap_err().code, "at-home");
    let back = json!({ "kind": "temporary", "area": "960000", "from": "2022-02-01", "document": ["身份证"] });
    let back = open(&mut town, &person, back).unwrap_err();
    assert_eq!((back.code.as_str(), back.cure.contains("filing.temporary.back")), ("back-dated", true));
    let emergency = |from: &str| json!({ "kind": "emergency", "provider": ["H8"], "from": from });
    assert_eq!(open(&mut town, &person, emergency("2022-02-23")).unwrap_err().clauses, ["T-5"]);
    let (number, _) = open(&mut town, &person, emergency("2022-02-24")).unwrap();
    approve(&mut town, &number);
    let placed = place(&mut town, &person, "H8", date(2022, 2, 25), Care::Inpatient, None).unwrap();
    assert_eq!(placed.filing, Filing::Emergency);
}

#[test]
fn a_long_term_filing_is_replaced_only_after_its_time() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let (first, _) = open(&mut town, &person, json!({ "kind": "long-term", "area": "970000" })).unwrap();
    let second = |from: &str| json!({ "kind": "long-term", "area": "980000", "from": from, "replaces": first });
    assert_eq!(open(&mut town, &person, second("2022-08-31")).unwrap_err().code, "too-soon");
    open(&mut town, &person, second("2022-09-01")).unwrap();
    let filing =
        |town: &mut Town, provider, day| place(town, &person, provider, day, Care::Inpatient, None).unwrap().filing;
    assert_eq!(filing(&mut town, "H8", date(2022, 8, 31)), Filing::Filed);
    assert_eq!(filing(&mut town, "H8", date(2022, 9, 1)), Filing::Unfiled);
    assert_eq!(filing(&mut town, "H9", date(2022, 9, 1)), Filing::Filed);
}

#[test]
fn special_care_needs_a_filing_for_a_listed_disease() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let needs = place(&mut town, &person, "H1", APRIL, Care::Special, Some("M07805")).unwrap_err();
    assert_eq!(
        (needs.code.as_str(), needs.clauses, needs.cure.contains("disease.special")),
        ("not-filed", vec!["T-7".to_owned()], true)
    );
    let file = |disease: &str| {
        json!({ "kind": "special", "disease": disease, "provider": ["H1"], "identified_on": "2022-02-20",
        "expert": "甲医师", "centre": "H1" })
    };
    let unknown = open(&mut town, &person, file("M99999")).unwrap_err();
    assert_eq!((unknown.code.as_str(), unknown.cure.contains("disease.special.M99999")), ("disease-not-listed", true));
    let child = open(&mut town, &person, file("孤独症")).unwrap_err();
    assert_eq!((child.code.as_str(), child.clauses), ("wrong-age", vec!["T-8".to_owned()]));
    let mut bare = file("M07805");
    bare["identified_on"] = Value::Null;
    bare["expert"] = Value::Null;
    bare["centre"] = Value::Null;
    assert_eq!(open(&mut town, &person, bare).unwrap_err().clauses, ["T-10"]);
    let mut elsewhere = file("M07805");
    elsewhere["centre"] = json!("H2");
    assert_eq!(open(&mut town, &person, elsewhere).unwrap_err().code, "wrong-centre");
    let (number, _) = open(&mut town, &person, file("尿毒症")).unwrap();
    let waiting = place(&mut town, &person, "H1", APRIL, Care::Special, None).unwrap_err();
    assert!(waiting.message.contains("还没有审核"));
    approve(&mut town, &number);
    let chosen = place(&mut town, &person, "H1", APRIL, Care::Special, None).unwrap();
    assert_eq!((chosen.disease.as_deref(), chosen.marks.has(Mark::Chosen)), (Some("M07805"), true));
    assert!(!place(&mut town, &person, "H2", APRIL, Care::Special, None).unwrap().marks.has(Mark::Chosen));
    let ends = json!({ "filing": number, "last": "2022-03-31", "reason": "复查不符合" });
    town.run("filing end", ends).unwrap();
    assert!(place(&mut town, &person, "H1", date(2022, 3, 31), Care::Special, None).is_ok());
    assert_eq!(place(&mut town, &person, "H1", APRIL, Care::Special, None).unwrap_err().code, "not-filed");
}

#[test]
fn places_change_as_often_as_the_notice_says() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let file = json!({ "kind": "special", "disease": "M07805", "provider": ["H1"], "identified_on": "2022-03-01",
        "expert": "甲医师", "centre": "H1" });
    let (number, _) = open(&mut town, &person, file).unwrap();
    approve(&mut town, &number);
    let to = |providers: Value, from: &str| json!({ "filing": number, "provider": providers, "from": from, "reason": "搬家" });
    let many = town.run("filing move", to(json!(["H1", "H2", "H8"]), "2022-04-01")).unwrap_err();
    assert_eq!((many.code.as_str(), many.clauses), ("too-many-places", vec!["T-11".to_owned()]));
    assert_eq!(town.run("filing move", to(json!(["H2"]), "2022-02-01")).unwrap_err().code, "impossible-date");
    town.run("filing move", to(json!(["H2"]), "2022-04-01")).unwrap();
    assert_eq!(town.run("filing move", to(json!(["H1"]), "2022-12-31")).unwrap_err().code, "too-many-changes");
    town.run("filing move", to(json!(["H1"]), "2023-01-01")).unwrap();
    let chosen =
        |town: &mut Town, day| place(town, &person, "H2", day, Care::Special, None).unwrap().marks.has(Mark::Chosen);
    assert_eq!(
        (chosen(&mut town, MARCH), chosen(&mut town, APRIL), chosen(&mut town, date(2023, 1, 1))),
        (false, true, false)
    );
}

#[test]
fn a_refusal_says_why_and_is_final() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let chosen = json!({ "kind": "chosen", "provider": ["H2"] });
    let (number, _) = open(&mut town, &person, chosen.clone()).unwrap();
    let refuse = json!({ "filing": number, "verdict": "refuse" });
    assert_eq!(town.run("filing decide", refuse).unwrap_err().code, "missing-reason");
    let refuse = json!({ "filing": number, "verdict": "refuse", "reason": "不在服务范围" });
    assert_eq!(town.run("filing decide", refuse).unwrap().fields["state"], "refused");
    let late = json!({ "filing": number, "verdict": "approve" });
    assert_eq!(town.run("filing decide", late).unwrap_err().code, "already-decided");
    let (again, _) = open(&mut town, &person, chosen).unwrap();
    let cancel = json!({ "filing": again, "reason": "本人撤回" });
    assert_eq!(town.run("filing end", cancel).unwrap().fields["state"], "cancelled");
    assert!(!place(&mut town, &person, "H2", APRIL, Care::Outpatient, None).unwrap().marks.has(Mark::Chosen));
    assert_eq!(
        town.run("filing decide", json!({ "filing": "x", "verdict": "approve" })).unwrap_err().code,
        "unknown-filing"
    );
}

#[test]
fn a_correction_holds_from_the_beginning_and_is_checked_like_a_filing() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let (number, _) = open(&mut town, &person, json!({ "kind": "long-term", "area": "960000" })).unwrap();
    assert_eq!(place(&mut town, &person, "H8", APRIL, Care::Inpatient, None).unwrap().filing, Filing::Unfiled);
    town.today = date(2022, 3, 20);
    let wrong = json!({ "filing": number, "from": "2022-01-01", "reason": "录错" });
    assert_eq!(town.run("filing correct", wrong).unwrap_err().code, "back-dated");
    town.run("filing correct", json!({ "filing": number, "area": "970000", "reason": "录错" })).unwrap();
    assert_eq!(place(&mut town, &person, "H8", MARCH, Care::Inpatient, None).unwrap().filing, Filing::Filed);
    let field = json!({ "filing": number, "disease": "M07805", "reason": "录错" });
    assert_eq!(town.run("filing correct", field).unwrap_err().code, "field-not-taken");
}

#[test]
fn an_approval_marks_what_matches_and_an_accident_its_bills() {
    let mut town = town(MARCH);
    let (person, other) = (town.person("1980-02-03", 1), town.person("1981-02-03", 1));
    let precise =
        json!({ "kind": "precise", "disease": "庞贝病", "provider": ["H1"], "physician": "D1", "until": "2022-12-31" });
    let (number, _) = open(&mut town, &person, precise).unwrap();
    assert_eq!(marks(&mut town, &person, &number, "H1", "D1").unwrap_err().code, "not-in-force");
    approve(&mut town, &number);
    let all: Marks =
        [Mark::Approved, Mark::ApprovedPatient, Mark::ApprovedHospital, Mark::ApprovedPhysician].into_iter().collect();
    let without = |mark: Mark| all.iter().filter(|m| *m != mark).collect::<Marks>();
    assert_eq!(marks(&mut town, &person, &number, "H1", "D1"), Ok(all));
    assert_eq!(marks(&mut town, &person, &number, "H2", "D1"), Ok(without(Mark::ApprovedHospital)));
    assert_eq!(marks(&mut town, &person, &number, "H1", "D2"), Ok(without(Mark::ApprovedPhysician)));
    assert_eq!(marks(&mut town, &other, &number, "H1", "D1"), Ok(without(Mark::ApprovedPatient)));

    let accident = |conditions: Value| json!({ "kind": "accident", "from": "2022-02-28", "outcome": "伤害", "condition": conditions });
    let none = open(&mut town, &person, accident(json!(["突发的"]))).unwrap_err();
    assert_eq!((none.code.as_str(), none.clauses), ("no-accident", vec!["T-13".to_owned()]));
    let (report, _) = open(&mut town, &person, accident(json!(["突发的", "外来的"]))).unwrap();
    approve(&mut town, &report);
    assert_eq!(marks(&mut town, &person, &report, "H1", "D1"), Ok(Marks::NONE.with(Mark::Accident)));
    assert_eq!(marks(&mut town, &other, &report, "H1", "D1").unwrap_err().code, "wrong-filing");
}

#[test]
fn who_filed_takes_it_back_until_it_is_decided() {
    let mut town = town(MARCH);
    let person = town.person("1980-02-03", 1);
    let other = town.person("1980-02-03", 2);
    let referral = json!({ "kind": "referral", "from_provider": "H1", "provider": ["H8"], "by": "h1" });
    let (filing, _) = open(&mut town, &person, referral.clone()).unwrap();
    let retract = |person: &str, by: Value| json!({ "filing": filing, "person": person, "by": by, "reason": "填错" });
    for (whose, by) in [(&other, json!("H1")), (&person, json!("H2")), (&person, Value::Null)] {
        assert_eq!(town.run("filing retract", retract(whose, by)).unwrap_err().code, "unknown-filing");
    }
    for _ in 0..2 {
        assert_eq!(
            town.run("filing retract", retract(&person, json!("h1"))).unwrap().fields["state"],
            json!("cancelled")
        );
    }
    let (filing, _) = open(&mut town, &person, referral).unwrap();
    approve(&mut town, &filing);
    let late = json!({ "filing": filing, "person": person, "by": "H1", "reason": "填错" });
    assert_eq!(town.run("filing retract", late).unwrap_err().code, "already-decided");
    let listed = town.ask("filing list", json!({ "person": person, "state": "approved" })).rows;
    assert_eq!((&listed[0][12], &listed[0][13]), (&json!("H1"), &json!("H1")));
    assert_eq!(town.memory.verify(), Vec::<String>::new());
}
