//! People, institutions, and whether one may claim (1101, 1201, 2001).

use books::providers;
use domain::Date;
use serde_json::{Value, json};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{fields, given, must, text};
use super::visit::care;
use super::who::{Who, reading};

/// The transactions of this block.
pub(super) const ALL: Block = &[on!("1101", person), on!("1201", institution), on!("2001", may_claim)];

/// A day of a message: the date of a day or a moment.
fn day(node: &Value, name: &str) -> Option<Date> {
    text(node, name)?.get(..10)?.parse().ok()
}

async fn person(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    // An electronic voucher or a card has a number of its own, which no register here leads from to a person.
    let number = match must(node, "mdtrt_cert_type").as_str() {
        "02" => text(node, "mdtrt_cert_no"),
        _ => text(node, "certno"),
    };
    let number = number.ok_or_else(|| {
        let message = "电子凭证和社会保障卡的号码查不到人员";
        Fault::new("certificate-not-known", message, "同时填写 certno（证件号码），或改用身份证（02）")
    })?;
    let asked = day(node, "begntime");
    let mut answer = context.record("person read", reading(context, &number, asked)).await?;
    let who = Who::of(&mut answer)?;
    if text(node, "psn_name").is_some_and(|name| name != who.name()) {
        return Err(Fault::new("other-name", "psn_name 与登记的姓名不符", "核对证件上的姓名和号码"));
    }
    if !who.is_covered() {
        context.warn(who.why());
    }
    let on = asked.unwrap_or(context.today());
    Ok(json!({ "baseinfo": who.base(on), "insuinfo": who.insuinfo(), "idetinfo": who.idetinfo() }))
}

async fn institution(context: &Context, input: &Value) -> Result<Value, Fault> {
    let code = text(&input["medinsinfo"], "fixmedins_code").unwrap_or_else(|| context.institution().to_owned());
    let today = context.today();
    let found = context.look(move |_, books| providers::on(books, &code, today)).await?;
    // Grades (三级甲等 …), social credit codes and kinds are on no register here; pharmacies have codes with a P.
    let kind = if found.code.starts_with('P') { "2" } else { "1" };
    Ok(json!({ "medinsinfo": [{
        "fixmedins_code": found.code, "fixmedins_name": found.name, "uscc": null, "fixmedins_type": kind, "hosp_lv": null,
    }] }))
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
    let who = Who::read(context, &person, day(node, "begntime")).await?;
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
