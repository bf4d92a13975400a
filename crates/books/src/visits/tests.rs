//! Stories of visits in a town: half of what is in scope after a deductible of 1,000 a stay; outpatient care half from the start.

use domain::{Date, Fen};
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;
use crate::care::{self, CareYear};
use crate::testing::Town;
use crate::{Answer, Books, Refusal, Source};

const RULES: &str = "
    [[contribution.standard]]
    clause = 'T-1'
    year = 2022
    rows = [{ tier = 'low', amount = 320 }]
    [[enrolment.window]]
    clause = 'T-2'
    opens_day = '10-01'
    closes_day = '02-28'
    in_year = -1
    benefits_from = '01-01'
    [[stage.stay.shape]]
    clause = 'T-3'
    name = '住院统筹'
    payer = 'basic'
    layer = 'basic'
    order = 1
    covers = { care = 'inpatient' }
    base = 'in-scope'
    measure = 'visit'
    [[stage.stay.deductible]]
    clause = 'T-4'
    per = 'visit'
    rows = [{ admission = '1', amount = 1000 }, { admission = '2+', amount = 500 }]
    [[stage.stay.bands]]
    clause = 'T-5'
    rows = [{ ratio = '50%' }]
    [[stage.stay.cap]]
    clause = 'T-6'
    per = 'year'
    rows = [{ amount = 5000 }]
    [[stage.out.shape]]
    clause = 'T-7'
    name = '门诊统筹'
    payer = 'basic'
    layer = 'basic'
    order = 2
    covers = { care = ['outpatient', 'pharmacy'] }
    base = 'in-scope'
    measure = 'visit'
    [[stage.out.deductible]]
    clause = 'T-8'
    per = 'visit'
    rows = [{ amount = 0 }]
    [[stage.out.bands]]
    clause = 'T-9'
    rows = [{ ratio = '50%' }]
    [[stage.out.cap]]
    clause = 'T-10'
    per = 'year'
    rows = [{ amount = 'none' }]
";

const CATALOGUE: &str = "# publisher: 某局\n# edition: V1\n# basis: stated\n
code,name,list,charge,class,share,limit,limited,condition,from\n
A1,某药,101,09,A,,,,,2020-01-01\n
B1,某检查,201,03,B,10%,120,,,2020-01-01\n
B2,某材料,301,08,B,33.3333%,,,,2020-01-01\n
C1,某自费药,101,09,C,,,,,2020-01-01\n
L1,某限定药,101,09,A,,,是,限某症,2020-01-01\n";

const HOSPITAL: &str = "H99010100001";
const OTHER: &str = "H99010100002";

/// A town with two hospitals and a catalogue, and an adult who has paid for 2022.
fn town() -> (Town, String) {
    let mut town = Town::new(RULES, date(2021, 12, 10));
    let person = town.person("1980-02-03", 1);
    for provider in [HOSPITAL, OTHER] {
        let fields = json!({
            "provider": provider, "name": "某医院", "area": "990101", "level": "2",
            "care": ["inpatient", "outpatient", "pharmacy"], "online": true, "from": "2020-01-01",
        });
        town.run("provider register", fields).unwrap();
    }
    town.run("catalogue load", json!({ "text": CATALOGUE.replace("\n\n", "\n") })).unwrap();
    town.run("member enrol", json!({ "person": person, "year": 2022, "tier": "low" })).unwrap();
    town.run("dues bill", json!({ "person": person, "year": 2022, "tier": "low", "group": "adult" })).unwrap();
    let receipt = json!({ "receipt": "R1", "person": person, "year": 2022, "amount": "320", "channel": "mobile" });
    town.run("dues receive", receipt).unwrap();
    (town, person)
}

fn open(town: &mut Town, person: &str, care: &str, number: &str, begin: &str) -> Result<String, Refusal> {
    let day: Date = begin[..10].parse().unwrap();
    town.today = town.today.max(day);
    let fields = json!({
        "person": person, "provider": HOSPITAL, "number": number, "care": care, "begin": begin, "physician_name": "张某",
    });
    town.run("visit open", fields).map(|answer| text(&answer, "visit"))
}

fn text(answer: &Answer, field: &str) -> String {
    answer.fields.get(field).and_then(Value::as_str).unwrap_or_else(|| panic!("{field}: {answer:?}")).to_owned()
}

/// A line: serial number, item, day, count, price, amount.
fn line(sn: &str, code: &str, day: &str, count: &str, price: &str, amount: &str) -> Value {
    json!({ "sn": sn, "at": format!("{day} 09:30:00"), "code": code, "count": count, "price": price, "amount": amount })
}

fn refund(line: Value, of: &str) -> Value {
    let mut line = line;
    line["refund_of"] = json!(of);
    line
}

fn charge(town: &mut Town, visit: &str, batch: &str, lines: Vec<Value>) -> Result<Answer, Refusal> {
    let latest = lines.iter().map(|line| line["at"].as_str().unwrap()[..10].parse::<Date>().unwrap()).max();
    town.today = town.today.max(latest.unwrap_or(town.today));
    town.run("visit charge", json!({ "visit": visit, "provider": HOSPITAL, "batch": batch, "lines": lines }))
}

fn settle(town: &mut Town, visit: &str, total: &str, more: Value) -> Result<Answer, Refusal> {
    let mut fields = json!({ "visit": visit, "provider": HOSPITAL, "total": total });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    town.run("visit settle", fields)
}

fn of(visit: &str) -> Value {
    json!({ "visit": visit, "provider": HOSPITAL })
}

fn with(fields: Value, more: Value) -> Value {
    let mut fields = fields;
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

/// What always holds: the books verify, nobody's name stands in them, settlements come out again, and the turnover is what
/// moved on the providers' account.
fn verified(town: &mut Town, person: &str) {
    assert_eq!(town.memory.verify(), Vec::<String>::new());
    assert!(
        town.memory.texts().all(|text| !text.contains("张某") && !text.contains("ZY-")),
        "names and numbers are sealed"
    );
    let key = care::care_key(&people::person_key(person), 0);
    let entries = town.memory.history(&key.subject).unwrap();
    let rules = std::sync::Arc::new(town.rules.clone());
    let (_, differences) = care::replay(entries, &mut |_, _| Ok(rules.clone())).unwrap();
    assert_eq!(differences, vec![]);
    let (mut funds, mut total) = (Fen::ZERO, Fen::ZERO);
    for provider in [HOSPITAL, OTHER] {
        let period = json!({ "provider": provider, "from": "2022-01-01", "to": "2022-12-31" });
        for row in town.ask("turnover totals", period.clone()).rows {
            funds += yuan(&row[6]) + yuan(&row[11]);
            total += yuan(&row[5]) + yuan(&row[10]);
        }
        let lines = town.ask("turnover lines", period).rows;
        let sum: Fen = lines.iter().map(|row| yuan(&row[9])).sum();
        total -= lines.iter().map(|row| yuan(&row[8])).sum::<Fen>();
        assert_eq!(lines.iter().filter(|row| row[12] == json!(true)).count(), {
            let reversed = lines.iter().filter(|row| row[2] == json!("reversed"));
            reversed.count()
        });
        funds -= sum;
    }
    assert_eq!((funds, total), (Fen::ZERO, Fen::ZERO), "lines add up to totals");
    let moved = town.balance("payable/provider");
    let answered: Fen = town
        .memory
        .journal
        .iter()
        .filter(|posted| posted.key.subject.starts_with("turnover/"))
        .map(|posted| yuan(&serde_json::from_str::<Value>(&posted.entry.body).unwrap()["funds"]))
        .sum();
    assert_eq!(moved, (-answered).to_string());
}

fn yuan(value: &Value) -> Fen {
    Fen::parse_yuan(value.as_str().unwrap()).unwrap()
}

#[test]
fn an_outpatient_visit_is_judged_line_by_line_and_settled() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    assert!(visit.len() <= 30);
    let day = "2022-03-01";
    let mut refused = line("4", "A1", day, "1", "50", "50");
    refused["approval"] = json!("2");
    let mut limited = line("5", "L1", day, "1", "40", "40");
    limited["approval"] = json!("1");
    let lines = vec![
        line("1", "A1", day, "2", "30.5", "61"),
        line("2", "B1", day, "1.5", "200", "300"),
        line("3", "C1", day, "1", "20", "20"),
        refused,
        limited,
        line("6", "L1", day, "1", "40", "40"),
    ];
    let charged = charge(&mut town, &visit, "1", lines.clone()).unwrap();
    let part = |at: usize, name: &str| charged.fields["lines"][at][name].as_str().unwrap().to_owned();
    // 1.5 units at 200.00, limit 120.00: 180.00 count, of which 10% first.
    assert_eq!([part(1, "over_limit"), part(1, "first_self_pay"), part(1, "in_scope")], ["120.00", "18.00", "162.00"]);
    assert_eq!([part(0, "in_scope"), part(2, "out_of_scope"), part(3, "out_of_scope")], ["61.00", "20.00", "50.00"]);
    assert_eq!([part(4, "in_scope"), part(5, "out_of_scope")], ["40.00", "40.00"], "limited use needs the approval");
    assert_eq!(charge(&mut town, &visit, "1", lines).unwrap().fields["already"], 6);
    let other = charge(&mut town, &visit, "1", vec![line("1", "A1", day, "1", "61", "61")]);
    assert_eq!(other.unwrap_err().code, "line-known");
    assert_eq!(settle(&mut town, &visit, "510", json!({})).unwrap_err().code, "total-differs");
    let differs = settle(&mut town, &visit, "511", json!({ "in_scope": "263", "over_limit": "119" })).unwrap_err();
    assert_eq!(differs.code, "scope-differs");
    assert!(differs.message.contains("超限价 机构 119.00、中心 120.00") && !differs.message.contains("范围内 机构"));
    let own = json!({ "in_scope": "263", "over_limit": "120", "first_self_pay": "18", "out_of_scope": "110" });
    let settled = settle(&mut town, &visit, "511", own).unwrap();
    let field = |name: &str| text(&settled, name);
    assert_eq!([field("funds"), field("person"), field("ratio")], ["131.50", "379.50", "0.5000"]);
    assert_eq!(
        [field("in_scope"), field("first_self_pay"), field("out_of_scope"), field("over_limit")],
        ["263.00", "18.00", "110.00", "120.00"]
    );
    assert_eq!(settled.fields["shares"][0]["base"], "263.00");
    let again = settle(&mut town, &visit, "511", json!({})).unwrap();
    assert_eq!((&again.fields["already"], &again.fields["settlement"]), (&json!(true), &settled.fields["settlement"]));
    assert_eq!(again.fields["shares"], settled.fields["shares"]);
    assert_eq!(settle(&mut town, &visit, "512", json!({})).unwrap_err().code, "nothing-to-settle");
    verified(&mut town, &person);
}

#[test]
fn what_the_catalogue_does_not_know_or_does_not_add_up_is_refused_whole() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    let entries = town.memory.journal.len();
    let day = "2022-03-01";
    let good = line("1", "A1", day, "1", "10", "10");
    for (bad, code) in [
        (line("2", "X9", day, "1", "10", "10"), "not-in-catalogue"),
        (line("2", "A1", day, "3", "10", "31"), "bad-line"),
        (line("2", "A1", day, "-1", "10", "-10"), "bad-line"),
        (refund(line("2", "A1", day, "-2", "10", "-20"), "1"), "bad-line"),
        (refund(line("2", "B1", day, "-1", "10", "-10"), "1"), "bad-line"),
    ] {
        let refused = charge(&mut town, &visit, "1", vec![good.clone(), bad]).unwrap_err();
        assert_eq!(refused.code, code, "{refused}");
    }
    let future =
        json!({ "visit": visit, "provider": HOSPITAL, "lines": [line("1", "A1", "2022-03-02", "1", "10", "10")] });
    assert_eq!(town.run("visit charge", future).unwrap_err().code, "impossible-date");
    let of_other = json!({ "visit": visit, "provider": OTHER, "lines": [good] });
    assert_eq!(town.run("visit charge", of_other).unwrap_err().code, "unknown-visit");
    assert_eq!(town.memory.journal.len(), entries);
}

#[test]
fn a_stay_is_settled_midway_and_at_the_end_with_one_deductible() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "inpatient", "ZY-1", "2022-03-01 10:00:00").unwrap();
    let stay = |town: &mut Town| open(town, &person, "inpatient", "ZY-2", "2022-03-02 10:00:00");
    assert_eq!(stay(&mut town).unwrap_err().code, "in-hospital");
    let diagnoses = json!([{ "code": "J18.900", "name": "肺炎", "main": true }, { "code": "I10.x00" }]);
    town.run("visit describe", with(of(&visit), json!({ "diagnoses": diagnoses, "condition": "张某发热" }))).unwrap();
    charge(&mut town, &visit, "1", vec![line("1", "A1", "2022-03-05", "6", "100", "600")]).unwrap();
    assert_eq!(settle(&mut town, &visit, "600", json!({})).unwrap_err().code, "not-discharged");
    let first = settle(&mut town, &visit, "600", json!({ "midway": true })).unwrap();
    assert_eq!([text(&first, "funds"), text(&first, "deductible")], ["0.00", "600.00"]);
    charge(&mut town, &visit, "2", vec![line("2", "A1", "2022-03-20", "20", "100", "2000")]).unwrap();
    let second = settle(&mut town, &visit, "2000", json!({ "midway": true })).unwrap();
    assert_eq!([text(&second, "funds"), text(&second, "deductible")], ["800.00", "400.00"]);
    charge(&mut town, &visit, "3", vec![line("3", "A1", "2022-04-01", "10", "100", "1000")]).unwrap();
    town.run("visit discharge", with(of(&visit), json!({ "end": "2022-04-01 15:00:00", "way": "1" }))).unwrap();
    assert_eq!(
        charge(&mut town, &visit, "4", vec![line("4", "A1", "2022-04-01", "1", "1", "1")]).unwrap_err().code,
        "discharged"
    );
    let last = settle(&mut town, &visit, "1000", json!({})).unwrap();
    assert_eq!([text(&last, "funds"), text(&last, "deductible")], ["500.00", "0.00"]);
    assert_eq!(town.run("visit reopen", of(&visit)).unwrap_err().code, "visit-settled");
    // The next stay is the second admission of the year, not the fourth.
    let next = open(&mut town, &person, "inpatient", "ZY-3", "2022-05-01 10:00:00").unwrap();
    charge(&mut town, &next, "1", vec![line("1", "A1", "2022-05-02", "10", "100", "1000")]).unwrap();
    town.run("visit discharge", with(of(&next), json!({ "end": "2022-05-02 15:00:00" }))).unwrap();
    assert_eq!(text(&settle(&mut town, &next, "1000", json!({})).unwrap(), "deductible"), "500.00");
    // Taking the first part back moves its deductible to the parts after it.
    let taken =
        town.run("visit reverse", with(of(&visit), json!({ "settlement": first.fields["settlement"] }))).unwrap();
    assert_eq!([text(&taken, "total"), text(&taken, "funds")], ["-600.00", "0.00"]);
    assert_eq!(taken.fields["differences"][0]["funds"], "-300.00");
    let resettled = settle(&mut town, &visit, "600", json!({})).unwrap();
    assert_eq!([text(&resettled, "funds"), text(&resettled, "deductible")], ["300.00", "0.00"]);
    assert_eq!(town.balance("expense/basic"), "1550.00", "as if nothing had been taken back");
    let settlements = town.ask("visit settlements", of(&visit));
    assert_eq!((settlements.rows.len(), &settlements.rows[0][16]), (4, &json!(true)));
    let listed = town.ask("visit list", json!({ "person": person, "provider": HOSPITAL, "to": "2022-04-30" }));
    assert_eq!((listed.rows.len(), &listed.rows[0][10]), (1, &json!("settled")));
    assert_eq!((&listed.rows[0][1], &listed.rows[0][9][0]), (&json!("ZY-1"), &json!("J18.900 肺炎")));
    let diagnoses = town.ask("visit diagnoses", of(&visit)).rows;
    assert_eq!(diagnoses.len(), 2);
    assert_eq!(
        (&diagnoses[0][2], &diagnoses[0][4], &diagnoses[1][4]),
        (&json!("J18.900"), &json!(true), &json!(false))
    );
    let lines = town.ask("visit lines", of(&visit)).rows;
    assert_eq!(
        (&lines[0][19], &lines[0][20]),
        (&json!("101"), &json!("09")),
        "the list and the charge class of its day"
    );
    verified(&mut town, &person);
}

#[test]
fn a_line_refunded_in_pieces_comes_to_nothing_in_every_part() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    let day = "2022-03-01";
    // A third of 100.01 is no whole number of fen, nor are its pieces.
    let lines = vec![
        line("1", "B2", day, "7", "14.287143", "100.01"),
        refund(line("2", "B2", day, "-3", "14.287143", "-42.86"), "1"),
        refund(line("3", "B2", day, "-3", "14.287143", "-42.86"), "1"),
        line("4", "B1", day, "2", "150", "300"),
        refund(line("5", "B1", day, "-1", "150", "-150"), "4"),
    ];
    let charged = charge(&mut town, &visit, "1", lines).unwrap();
    let part = |at: usize, name: &str| yuan(&charged.fields["lines"][at][name]);
    assert_eq!((part(4, "over_limit"), part(4, "first_self_pay")), (Fen::yuan(-30), Fen::yuan(-12)));
    let too_much = refund(line("6", "B2", day, "-2", "14.287143", "-28.57"), "1");
    assert!(charge(&mut town, &visit, "1", vec![too_much]).unwrap_err().message.contains("超过明细 1 剩余的 14.29"));
    let rest = refund(line("6", "B2", day, "-1", "14.287143", "-14.29"), "1");
    let rest = charge(&mut town, &visit, "1", vec![rest]).unwrap();
    let first: Fen =
        [part(0, "first_self_pay"), part(1, "first_self_pay"), part(2, "first_self_pay")].into_iter().sum();
    assert_eq!(first + yuan(&rest.fields["lines"][0]["first_self_pay"]), Fen::ZERO);
    assert_eq!(town.run("visit strike", with(of(&visit), json!({ "line": ["1"] }))).unwrap_err().code, "has-refund");
    let settled =
        settle(&mut town, &visit, "150", json!({ "in_scope": "108", "first_self_pay": "12", "over_limit": "30" }));
    assert_eq!(text(&settled.unwrap(), "funds"), "54.00");
    let late = refund(line("7", "B1", day, "-1", "150", "-150"), "4");
    charge(&mut town, &visit, "2", vec![late]).unwrap();
    assert_eq!(settle(&mut town, &visit, "-150", json!({})).unwrap_err().code, "negative-part");
    verified(&mut town, &person);
}

#[test]
fn lines_are_struck_by_number_by_batch_or_all_and_never_when_settled() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    let one = |sn: &str| vec![line(sn, "A1", "2022-03-01", "1", "10", "10")];
    for (sn, batch) in [("1", "1"), ("2", "2"), ("3", "2"), ("4", "3")] {
        charge(&mut town, &visit, batch, one(sn)).unwrap();
    }
    let settled = settle(&mut town, &visit, "10", json!({ "batch": ["1"] })).unwrap();
    let mut strike = |more: Value| town.run("visit strike", with(of(&visit), more));
    assert_eq!(strike(json!({})).unwrap_err().code, "nothing-named");
    assert_eq!(strike(json!({ "line": ["1"] })).unwrap_err().code, "line-settled");
    assert_eq!(strike(json!({ "batch": "1" })).unwrap_err().code, "unknown-batch");
    assert_eq!(strike(json!({ "line": ["2"] })).unwrap().fields["struck"], 1);
    assert_eq!(strike(json!({ "batch": "2" })).unwrap().fields["struck"], 1);
    assert_eq!(strike(json!({ "line": ["0000"] })).unwrap().fields["struck"], 1);
    assert_eq!(strike(json!({ "batch": "0000" })).unwrap().fields["struck"], 0);
    assert_eq!(town.run("visit cancel", of(&visit)).unwrap_err().code, "visit-settled");
    let taken = json!({ "settlement": settled.fields["settlement"] });
    town.run("visit reverse", with(of(&visit), taken.clone())).unwrap();
    assert_eq!(town.run("visit reverse", with(of(&visit), taken)).unwrap_err().code, "already-reversed");
    assert_eq!(town.run("visit cancel", of(&visit)).unwrap_err().code, "has-lines");
    town.run("visit strike", with(of(&visit), json!({ "batch": "0000" }))).unwrap();
    town.run("visit cancel", of(&visit)).unwrap();
    assert_eq!(charge(&mut town, &visit, "1", one("9")).unwrap_err().code, "visit-cancelled");
    // The same registration made again is another visit; made twice, it is one.
    let again = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    assert_ne!(again, visit);
    assert_eq!(open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap(), again);
    verified(&mut town, &person);
}

#[test]
fn a_recalled_request_is_taken_back_or_never_carried_out() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    charge(&mut town, &visit, "1", vec![line("1", "A1", "2022-03-01", "1", "10", "10")]).unwrap();
    let settle = with(of(&visit), json!({ "total": "10" }));
    town.keyed("visit settle", "M-3", settle.clone()).unwrap();
    let recall = |key: &str| json!({ "person": person, "provider": HOSPITAL, "request_key": key });
    let done = town.run("request recall", recall("M-3")).unwrap();
    assert_eq!((&done.fields["found"], town.balance("expense/basic").as_str()), (&json!(true), "0.00"));
    assert_eq!(town.run("request recall", recall("M-3")).unwrap().fields["already"], true);
    // The recall overtakes the request.
    assert_eq!(town.run("request recall", recall("M-4")).unwrap().fields["found"], false);
    assert_eq!(town.keyed("visit settle", "M-4", settle.clone()).unwrap_err().code, "recalled");
    town.keyed("visit settle", "M-5", settle).unwrap();
    assert_eq!(town.balance("expense/basic"), "5.00");
    town.keyed("visit strike", "M-6", with(of(&visit), json!({ "batch": "0000" }))).unwrap();
    assert_eq!(town.run("request recall", recall("M-6")).unwrap().fields["found"], false, "nothing was struck");
    verified(&mut town, &person);
}

#[test]
fn a_recalled_reversal_lets_the_settlement_stand_as_before() {
    let (mut town, person) = town();
    let mut settled = Vec::new();
    for (number, day) in [("MZ-1", "2022-03-01"), ("MZ-2", "2022-03-02")] {
        let visit = open(&mut town, &person, "outpatient", number, &format!("{day} 09:00:00")).unwrap();
        charge(&mut town, &visit, "1", vec![line("1", "A1", day, "2", "50", "100")]).unwrap();
        let settlement = text(&settle(&mut town, &visit, "100", json!({})).unwrap(), "settlement");
        settled.push((visit, settlement));
    }
    let (visit, settlement) = settled[0].clone();
    let before = town.ask("visit settlements", of(&visit)).rows;
    let reverse = with(of(&visit), json!({ "settlement": settlement }));
    let recall = |key: &str| json!({ "person": person, "provider": HOSPITAL, "request_key": key });
    town.keyed("visit reverse", "R-1", reverse.clone()).unwrap();
    let done = town.run("request recall", recall("R-1")).unwrap();
    assert_eq!(done.fields["undone"], json!([format!("结算 {settlement} 的撤销")]));
    assert_eq!(town.run("request recall", recall("R-1")).unwrap().fields["already"], true, "once");
    assert_eq!(town.ask("visit settlements", of(&visit)).rows, before);
    assert_eq!(settle(&mut town, &visit, "100", json!({})).unwrap().fields["settlement"], json!(settlement), "stands");
    verified(&mut town, &person);
    // What was done with the freed lines is not undone by surprise.
    town.keyed("visit reverse", "R-2", reverse.clone()).unwrap();
    town.run("visit strike", with(of(&visit), json!({ "batch": "1" }))).unwrap();
    assert_eq!(town.run("request recall", recall("R-2")).unwrap_err().code, "cannot-recall");
    // A reversal that has not come yet never takes effect.
    let (visit, settlement) = settled[1].clone();
    let reverse = with(of(&visit), json!({ "settlement": settlement }));
    assert_eq!(town.run("request recall", recall("R-3")).unwrap().fields["found"], false);
    assert_eq!(town.keyed("visit reverse", "R-3", reverse).unwrap_err().code, "recalled");
    verified(&mut town, &person);
}

#[test]
fn a_recalled_reversal_of_an_early_part_puts_the_later_bills_back_as_they_were() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "inpatient", "ZY-1", "2022-03-01 09:00:00").unwrap();
    charge(&mut town, &visit, "0", vec![line("1", "A1", "2022-03-02", "30", "50", "1500")]).unwrap();
    let midway = text(&settle(&mut town, &visit, "1500", json!({ "midway": true })).unwrap(), "settlement");
    let other = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-03 09:00:00").unwrap();
    charge(&mut town, &other, "0", vec![line("1", "A1", "2022-03-03", "2", "50", "100")]).unwrap();
    settle(&mut town, &other, "100", json!({})).unwrap();
    let funds = |town: &mut Town| town.ask("care statement", json!({ "person": person, "year": 2022 })).rows;
    let before = funds(&mut town);
    town.keyed("visit reverse", "R-1", with(of(&visit), json!({ "settlement": midway }))).unwrap();
    assert_ne!(funds(&mut town), before);
    town.run("request recall", json!({ "person": person, "provider": HOSPITAL, "request_key": "R-1" })).unwrap();
    assert_eq!(funds(&mut town), before);
    verified(&mut town, &person);
}

#[test]
fn a_sale_is_made_in_one_go_or_not_at_all() {
    let (mut town, person) = town();
    town.today = date(2022, 3, 1);
    let sale = json!({
        "person": person, "provider": HOSPITAL, "number": "XS-1", "begin": "2022-03-01 08:00:00", "total": "20",
        "lines": [line("1", "A1", "2022-03-01", "2", "10", "20")],
    });
    let entries = town.memory.journal.len();
    assert_eq!(town.run("visit sell", with(sale.clone(), json!({ "total": "21" }))).unwrap_err().code, "total-differs");
    assert_eq!(town.memory.journal.len(), entries);
    let sold = town.keyed("visit sell", "M-1", sale.clone()).unwrap();
    assert_eq!([text(&sold, "funds"), text(&sold, "person")], ["10.00", "10.00"]);
    assert_eq!(town.run("visit sell", sale).unwrap().fields["already"], true);
    let recall = json!({ "person": person, "provider": HOSPITAL, "request_key": "M-1" });
    let undone = town.run("request recall", recall).unwrap();
    assert_eq!(undone.fields["undone"].as_array().unwrap().len(), 3);
    let mut books = Books::new(&mut town.memory);
    assert!(
        books.find::<CareYear>(&care::care_key(&people::person_key(&person), 2022)).unwrap().unwrap().visits.is_empty()
    );
    verified(&mut town, &person);
}

#[test]
fn who_is_not_insured_or_insured_otherwise_is_not_registered() {
    let (mut town, person) = town();
    let stranger = town.person("1990-05-06", 2);
    town.today = date(2022, 3, 1);
    assert_eq!(
        open(&mut town, &stranger, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap_err().code,
        "not-enrolled"
    );
    let employee = json!({
        "person": person, "provider": HOSPITAL, "number": "MZ-1", "care": "outpatient", "begin": "2022-03-01 09:00:00",
        "insurance": "310",
    });
    assert_eq!(town.run("visit open", employee).unwrap_err().code, "other-insurance");
    let future = json!({
        "person": person, "provider": HOSPITAL, "number": "MZ-1", "care": "outpatient", "begin": "2022-03-02 09:00:00",
    });
    assert_eq!(town.run("visit open", future).unwrap_err().code, "impossible-date");
}

#[test]
fn a_fault_in_a_list_is_told_with_its_place() {
    let (mut town, person) = town();
    let visit = open(&mut town, &person, "outpatient", "MZ-1", "2022-03-01 09:00:00").unwrap();
    let good = line("1", "A1", "2022-03-01", "1", "10", "10");
    let mut lacking = good.clone();
    lacking.as_object_mut().unwrap().remove("code");
    let lacking = charge(&mut town, &visit, "1", vec![good.clone(), lacking]).unwrap_err();
    assert_eq!(
        (lacking.code.as_str(), lacking.message.contains("lines 第 2 条")),
        ("missing-field", true),
        "{lacking}"
    );
    let strange = with(good.clone(), json!({ "colour": "red" }));
    assert_eq!(charge(&mut town, &visit, "1", vec![strange]).unwrap_err().code, "unknown-field");
    let no_record = json!({ "visit": visit, "provider": HOSPITAL, "lines": ["1"] });
    assert_eq!(town.run("visit charge", no_record).unwrap_err().code, "bad-field");
    // The order in which fields are written does not make another request.
    let fields = |line: Value| json!({ "visit": visit, "provider": HOSPITAL, "lines": [line] });
    let turned: serde_json::Map<String, Value> = good.as_object().unwrap().clone().into_iter().rev().collect();
    let first = town.keyed("visit charge", "M-1", fields(good)).unwrap();
    assert_eq!(town.keyed("visit charge", "M-1", fields(Value::Object(turned))).unwrap(), first);
}

/// Visits with lines of any class, amount and refund: each bill is the sum of its lines, funds and person are the bill.
#[test]
fn every_bill_is_the_sum_of_its_lines_to_the_fen() {
    let (mut town, person) = town();
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for number in 1..=40 {
        let day = format!("2022-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
        let visit =
            open(&mut town, &person, "outpatient", &format!("MZ-{number}"), &format!("{day} 08:00:00")).unwrap();
        let mut lines = Vec::new();
        for sn in 1..=random(6) + 1 {
            let code = ["A1", "B1", "B2", "C1", "L1"][random(5) as usize];
            let (count, price) = (1 + random(9) as i64, 1 + random(40_000) as i64);
            let yuan = |fen: i64| Fen(fen).to_string();
            lines.push(line(&sn.to_string(), code, &day, &count.to_string(), &yuan(price), &yuan(price * count)));
            if random(3) == 0 {
                let back = 1 + random(count as u64) as i64;
                let line =
                    line(&format!("{sn}r"), code, &day, &(-back).to_string(), &yuan(price), &yuan(-price * back));
                lines.push(refund(line, &sn.to_string()));
            }
        }
        let charged = charge(&mut town, &visit, "1", lines).unwrap();
        let sum = |name: &str| -> Fen {
            charged.fields["lines"].as_array().unwrap().iter().map(|line| yuan(&line[name])).sum()
        };
        let parts = ["in_scope", "first_self_pay", "out_of_scope", "over_limit"];
        assert_eq!(parts.iter().map(|part| sum(part)).sum::<Fen>(), sum("amount"));
        let own = json!(
            parts
                .iter()
                .map(|part| ((*part).to_owned(), sum(part).to_string()))
                .collect::<std::collections::BTreeMap<_, _>>()
        );
        let settled = settle(&mut town, &visit, &sum("amount").to_string(), own).unwrap();
        let field = |name: &str| yuan(&settled.fields[name]);
        assert_eq!(field("funds") + field("person"), field("total"));
        assert_eq!(parts.iter().map(|part| field(part)).sum::<Fen>(), field("total"));
        if random(4) == 0 {
            town.run("visit reverse", with(of(&visit), json!({ "settlement": settled.fields["settlement"] }))).unwrap();
        }
    }
    verified(&mut town, &person);
}
