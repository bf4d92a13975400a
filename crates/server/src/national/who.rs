//! A person, as the interface writes one: from a record that the books told and put on record.

use books::Answer;
use books::visits::Certificate;
use domain::{Date, Group};
use serde_json::{Value, json};
use wire::Profile;

use super::context::Context;
use super::fault::Fault;
use super::rows::Row;
use super::value::{fields, given, told};

/// The age from which a person whose group is not known is an adult.
const ADULT: i16 = 18;

/// A person's record and insurance, as `person read` shows them.
pub(crate) struct Who {
    /// The person's number.
    pub number: String,
    record: Value,
    insurance: Value,
}

impl Who {
    /// What an answer shows of a person; nothing, where it is a repeat or shows none.
    pub fn shown(number: &str, answer: &mut Answer) -> Option<Who> {
        let record = answer.shown.remove("record")?;
        let insurance = answer.shown.remove("insurance").unwrap_or_default();
        Some(Who { number: number.to_owned(), record, insurance })
    }

    /// Reads a person beside the message's own command: as a look under an id of its own.
    pub async fn read(context: &Context, person: &str, day: Option<Date>) -> Result<Who, Fault> {
        let mut answer = context.record("person read", reading(context, person, day)).await?;
        Who::of(&mut answer)
    }

    /// What `person read` answered.
    pub fn of(answer: &mut Answer) -> Result<Who, Fault> {
        let number = told(answer, "person").to_owned();
        Who::shown(&number, answer).ok_or_else(|| Fault::new("answered-before", "这个报文已答复过", "用新的报文ID重发"))
    }

    /// Whether insured on the day.
    pub fn is_covered(&self) -> bool {
        self.insurance["covered"] == json!(true)
    }

    /// Why not insured, and what to do.
    pub fn why(&self) -> String {
        let text = |name: &str| self.insurance[name].as_str().unwrap_or_default().to_owned();
        format!("{}。{}", text("why"), text("cure")).trim_matches('。').to_owned()
    }

    /// First day of benefits.
    pub fn benefits_from(&self) -> Value {
        self.insurance["from"].clone()
    }

    /// Name on the register.
    pub fn name(&self) -> &str {
        self.record["name"].as_str().unwrap_or_default()
    }

    fn born(&self) -> Option<Date> {
        self.record["born"].as_str().and_then(|born| born.parse().ok())
    }

    /// Number, name, document, sex, ethnic group, birth, age; as `baseinfo` and the head of a settlement have them.
    pub fn base(&self, day: Date) -> Row {
        let documents = self.record["documents"].as_array().map(Vec::as_slice).unwrap_or_default();
        let card = documents.iter().rev().find(|document| document["kind"] == json!("id-card"));
        let document = card.or(documents.last());
        let born = self.born();
        fields([
            ("psn_no", json!(self.number)),
            ("psn_cert_type", json!(document.map(|document| document_code(document["kind"].as_str())))),
            ("certno", json!(document.map(|document| document["number"].clone()))),
            ("psn_name", self.record["name"].clone()),
            ("gend", json!(sex(self.record["sex"].as_str()))),
            ("naty", self.record["ethnicity"].clone()),
            ("brdy", json!(born.map(|born| born.to_string()))),
            ("age", born.map_or(Value::Null, |born| age(born, day))),
        ])
    }

    /// Insurance and kind of person, as a settlement has them; of who is not insured, the kind that goes with the age.
    pub fn insured(&self, day: Date) -> Row {
        let of_age = |born| years(born, day).is_none_or(|years| years >= ADULT);
        let by_age = if self.born().is_none_or(of_age) { Group::Adult } else { Group::Minor };
        let group = self.insurance["group"].as_str().and_then(Group::parse).unwrap_or(by_age);
        fields([
            ("insutype", json!(insutype(self.insurance["scheme"].as_str()))),
            ("psn_type", kind_of_person(group).into()),
            ("cvlserv_flag", json!("0")),
            ("balc", self.balance()),
        ])
    }

    /// The row of `insuinfo` on a day; none, where not insured.
    pub fn insuinfo(&self, day: Date) -> Vec<Value> {
        if !self.is_covered() {
            return Vec::new();
        }
        let mut row = self.insured(day);
        row.extend(fields([
            // 1: insured. Other states have no row: why there is no benefit stands in the warning.
            ("psn_insu_stas", json!("1")),
            ("psn_insu_date", self.insurance["since"].clone()),
            ("emp_name", self.record["employer"].clone()),
            ("insuplc_admdvs", json!(self.insurance["area"].as_str().and_then(|area| area.get(..6)))),
        ]));
        vec![Value::Object(row)]
    }

    /// The rows of `idetinfo`: the categories held, with the codes of the region's profile. No public table of `psn_idet_type` was
    /// found; where the profile has no code, the category stands in `memo` alone.
    pub fn idetinfo(&self, profile: &Profile) -> Vec<Value> {
        let held = self.record["categories"].as_array().map(Vec::as_slice).unwrap_or_default();
        let row = |category: &Value| {
            let code = profile.person_identities.get(category["category"].as_str().unwrap_or_default());
            json!({
                "psn_idet_type": code, "psn_type_lv": category["grade"], "memo": category["name"],
                "begntime": first_moment(&category["from"], false), "endtime": first_moment(&category["end"], true),
            })
        };
        held.iter().map(row).collect()
    }

    /// What the personal account holds; nothing, where the person has none.
    fn balance(&self) -> Value {
        let balance = self.insurance["balance"].as_str().and_then(|text| domain::Fen::parse_yuan(text).ok());
        wire::amount::yuan(balance.unwrap_or_default().0)
    }
}

/// Fields of `person read` for a message.
pub(crate) fn reading(context: &Context, person: &str, day: Option<Date>) -> Row {
    fields([
        ("person", person.into()),
        ("ground", "visit".into()),
        ("provider", context.institution().into()),
        ("on", json!(day.map(|day| day.to_string()))),
        ("reason", "就诊服务".into()),
        ("through", context.through().into()),
    ])
}

/// What was shown, by `mdtrt_cert_type`.
pub(crate) fn shown(node: &Value) -> Option<Certificate> {
    Some(match super::value::text(node, "mdtrt_cert_type")?.as_str() {
        "01" => Certificate::Electronic,
        "02" => Certificate::IdCard,
        "03" => Certificate::Card,
        _ => return None,
    })
}

/// The person's certificate of a message: what was shown, and its number.
pub(crate) fn certificate(node: &Value) -> [(&'static str, Value); 2] {
    let Some(shown) = shown(node) else { return [("certificate", Value::Null), ("certificate_number", Value::Null)] };
    [("certificate", shown.code().into()), ("certificate_number", given(node, "mdtrt_cert_no"))]
}

/// The moment at which something begins on a day or, where the day is the first without it, at which it ends.
fn first_moment(day: &Value, ends: bool) -> Value {
    let Some(day) = day.as_str().and_then(|day| day.parse::<Date>().ok()) else { return Value::Null };
    match day.yesterday().ok().filter(|_| ends) {
        Some(last) => json!(format!("{last} 23:59:59")),
        None => json!(format!("{day} 00:00:00")),
    }
}

fn sex(word: Option<&str>) -> &'static str {
    match word {
        Some("male" | "男") => "1",
        Some("female" | "女") => "2",
        _ => "9",
    }
}

fn insutype(scheme: Option<&str>) -> Option<&'static str> {
    match domain::Scheme::parse(scheme?)? {
        domain::Scheme::Resident => Some("390"),
        domain::Scheme::Employee => Some("310"),
    }
}

fn kind_of_person(group: Group) -> &'static str {
    match group {
        Group::Active => "11",
        Group::Retired => "12",
        Group::Minor => "14",
        Group::Student => "1403",
        Group::University => "1404",
        Group::Adult => "15",
        Group::Elder => "16",
    }
}

/// `psn_cert_type`. Its table was not found in public: 01 and 99 are in general use, the others general knowledge.
fn document_code(kind: Option<&str>) -> &'static str {
    match kind {
        Some("id-card") => "01",
        Some("hk-macao-permit") => "04",
        Some("taiwan-permit") => "06",
        Some("foreign-resident") => "07",
        Some("passport") => "08",
        _ => "99",
    }
}

/// Whole years.
fn years(born: Date, day: Date) -> Option<i16> {
    born.until((jiff::Unit::Year, day)).ok().map(|span| span.get_years())
}

/// Age in years; of a child under one, in tenths.
fn age(born: Date, day: Date) -> Value {
    match years(born, day) {
        None => return Value::Null,
        Some(0) if born <= day => {}
        Some(years) => return json!(years),
    }
    let months = born.until((jiff::Unit::Month, day)).map_or(0, |span| i64::from(span.get_months()));
    super::value::number(&format!("0.{}", months.max(0) * 10 / 12))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Vocabulary;
    use jiff::civil::date;

    #[test]
    fn age_is_in_years_and_of_infants_in_tenths() {
        assert_eq!(age(date(1980, 6, 2), date(2022, 6, 1)), json!(41));
        assert_eq!(age(date(1980, 6, 1), date(2022, 6, 1)), json!(42));
        assert_eq!(age(date(2022, 1, 1), date(2022, 7, 1)).as_f64(), Some(0.5));
        assert_eq!(age(date(2022, 6, 20), date(2022, 7, 1)).as_f64(), Some(0.0));
    }

    #[test]
    fn a_category_is_told_with_its_days_and_the_code_that_the_region_gave_it() {
        let held = |end: Value| {
            let category = json!({ "category": "low-income", "name": "低保对象", "grade": null, "from": "2022-01-01", "end": end });
            Who { number: "P1".to_owned(), record: json!({ "categories": [category] }), insurance: Value::Null }
        };
        let mut profile = Profile::named("default").unwrap().unwrap();
        let open = held(Value::Null).idetinfo(&profile).remove(0);
        assert_eq!((&open["psn_idet_type"], &open["memo"]), (&Value::Null, &json!("低保对象")));
        assert_eq!((&open["begntime"], &open["endtime"]), (&json!("2022-01-01 00:00:00"), &Value::Null));
        profile.person_identities.insert("low-income".to_owned(), "0201".to_owned());
        // The first day without it is the day after its last.
        let ended = held(json!("2022-07-01")).idetinfo(&profile).remove(0);
        assert_eq!((&ended["psn_idet_type"], &ended["endtime"]), (&json!("0201"), &json!("2022-06-30 23:59:59")));
    }

    #[test]
    fn every_group_and_scheme_has_a_code_of_the_dictionary() {
        let types = wire::dictionary::code_table("psn_type").unwrap();
        for group in domain::Group::all() {
            assert!(types.holds(kind_of_person(*group)), "{group:?}");
        }
        let insurances = wire::dictionary::code_table("insutype").unwrap();
        for scheme in domain::Scheme::all() {
            assert!(insurances.holds(insutype(Some(scheme.code())).unwrap()));
        }
    }
}
