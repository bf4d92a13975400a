//! People, institutions, and whether one may claim (1101, 1201, 2001).

use books::matters::credentials::{self, Token};
use books::providers::Grade;
use books::visits::Certificate;
use books::{Refusal, people, providers};
use domain::{Date, Vocabulary as _};
use serde_json::{Value, json};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{day, fields, given, must, text};
use super::visit::care;
use super::who::{self, Who, reading};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("1101", person), on!("1201", institution), on!("2001", may_claim)];

/// A day of a message.
fn date(node: &Value, name: &str) -> Option<Date> {
    day(node, name)?.parse().ok()
}

/// Number of the person, or of a document of the person: by a voucher or a card that is on record, or else by the document that
/// is named beside it.
async fn whose(context: &Context, node: &Value) -> Result<String, Fault> {
    let (shown, document) = (must(node, "mdtrt_cert_no"), text(node, "certno"));
    let token = match who::shown(node) {
        Some(Certificate::Electronic) => Token::Electronic,
        Some(Certificate::Card) => Token::Card,
        Some(Certificate::IdCard) => return Ok(shown),
        None => return Ok(document.unwrap_or(shown)),
    };
    let (today, named) = (context.today(), document.clone());
    let found = context.look(move |desk, books| {
        let person = credentials::shown(desk, books, token, &shown, today)?;
        let other = named.as_deref().map(|named| people::find(desk, books, named)).transpose()?;
        if other.is_some_and(|other| other != person) {
            let message = "出示的凭证和 certno（证件号码）不是同一个人的";
            return Err(Refusal::new("other-person", message, "核对所出示的凭证和证件").into());
        }
        Ok(people::told(&person).to_owned())
    });
    match (found.await, document) {
        (Err(fault), Some(document)) if fault.refusal.code == "unknown-credential" => Ok(document),
        (found, _) => found,
    }
}

async fn person(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let number = whose(context, node).await?;
    let asked = date(node, "begntime");
    let mut answer = context.record("person read", reading(context, &number, asked)).await?;
    let who = Who::of(&mut answer)?;
    if text(node, "psn_name").is_some_and(|name| name != who.name()) {
        return Err(Fault::new("other-name", "psn_name 与登记的姓名不符", "核对证件上的姓名和号码"));
    }
    if !who.is_covered() {
        context.warn(who.why());
    }
    let on = asked.unwrap_or(context.today());
    Ok(json!({ "baseinfo": who.base(on), "insuinfo": who.insuinfo(on), "idetinfo": who.idetinfo(context.profile()) }))
}

async fn institution(context: &Context, input: &Value) -> Result<Value, Fault> {
    let code = text(&input["medinsinfo"], "fixmedins_code").unwrap_or_else(|| context.institution().to_owned());
    let today = context.today();
    let found = context.look(move |_, books| providers::on(books, &code, today)).await?;
    // Its kind is on no register: pharmacies have codes with a P.
    let kind = if found.code.starts_with('P') { "2" } else { "1" };
    Ok(json!({ "medinsinfo": [{
        "fixmedins_code": found.code, "fixmedins_name": found.name, "uscc": found.uscc, "fixmedins_type": kind,
        "hosp_lv": found.grade.map(hosp_lv),
    }] }))
}

/// The code of a grade.
fn hosp_lv(grade: Grade) -> String {
    let place = Grade::all().iter().position(|known| *known == grade).unwrap_or_default();
    format!("{:02}", place + 1)
}

/// Whether a visit as described could be opened today: what the books would say of it, without opening it.
async fn may_claim(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    if must(node, "fixmedins_code") != context.institution() {
        let message = "fixmedins_code 不是本机构";
        return Err(Fault::new("other-institution", message, "只能为本机构的就诊检查待遇"));
    }
    let kind = must(node, "med_type");
    let (care, _) = care(&kind)?;
    let person = must(node, "psn_no");
    let who = Who::read(context, &person, date(node, "begntime")).await?;
    let opening = fields([
        ("person", person.into()),
        ("provider", context.institution().into()),
        ("number", "2001".into()),
        ("care", care.code().into()),
        ("kind", kind.into()),
        ("begin", given(node, "begntime")),
        ("disease", given(node, "dise_codg")),
        ("insurance", given(node, "insutype")),
    ]);
    let (pays, says) = match context.estimate("visit open", opening).await {
        Ok(_) => ("1", "可以享受待遇".to_owned()),
        Err(fault) if fault.status.is_success() => ("0", fault.told("")),
        Err(fault) => return Err(fault),
    };
    let insutype = must(node, "insutype");
    let fund = context.profile().fund(&insutype, "basic").map(|fund| fund.code.clone());
    Ok(json!({ "trtinfo": [{
        "psn_no": who.number, "trt_chk_type": null, "fund_pay_type": fund, "trt_chk_rslt": says,
        "begndate": who.benefits_from(), "enddate": null, "fund_pay_stas": pays,
    }] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grade_has_the_code_of_its_name() {
        let table = wire::dictionary::code_table("hosp_lv").unwrap();
        for grade in Grade::all() {
            assert_eq!(table.meaning(&hosp_lv(*grade)), Some(grade.name()));
        }
    }
}
