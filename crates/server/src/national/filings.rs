//! What a hospital files for a person: referral, special disease, chosen provider, accident; and taking it back (2501–2507).
//!
//! What the region's terms ask of a filing is the books' business; a filing is known as this institution's, which alone may take
//! it back, until it is decided.

use books::Refusal;
use books::providers;
use domain::Date;
use serde_json::{Map, Value, json};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::value::{day, fields, given, must, told};

/// The transactions of this block.
pub(super) const ALL: Block = &[
    on!("2501", referral),
    on!("2502", retract),
    on!("2503", special),
    on!("2504", retract),
    on!("2505", chosen),
    on!("2506", retract),
    on!("2507", accident),
];

/// Refuses another insurance than the residents'.
fn residents(node: &Value) -> Result<(), Fault> {
    let insutype = must(node, "insutype");
    if insutype == "390" {
        return Ok(());
    }
    let message = format!("本平台只办理居民医保（390）的备案，报文的险种是 {insutype}");
    Err(Fault::new("other-insurance", message, "核对 insutype；其他险种向其经办机构备案"))
}

/// Files, in the name of the institution that sent the message.
async fn file(context: &Context, kind: &str, node: &Value, more: Map<String, Value>) -> Result<Value, Fault> {
    let mut asked = more;
    asked.insert("kind".to_owned(), kind.into());
    asked.insert("person".to_owned(), given(node, "psn_no"));
    asked.insert("by".to_owned(), context.institution().into());
    asked.insert("channel".to_owned(), "定点机构".into());
    let answer = context.submit("filing open", asked).await.map_err(at_the_counter)?;
    if told(&answer, "state") == "applied" {
        context.warn("备案已受理，待经办机构审核后生效");
    }
    Ok(json!({ "result": { "trt_dcla_detl_sn": told(&answer, "filing") } }))
}

/// What the interface has no field for is brought to the counter.
fn at_the_counter(fault: Fault) -> Fault {
    if !["missing-document", "wrong-centre"].contains(&fault.refusal.code.as_str()) {
        return fault;
    }
    let refusal = Refusal { cure: "请参保人持材料到经办窗口备案".to_owned(), ..fault.refusal };
    Fault { refusal, ..fault }
}

async fn referral(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["refmedin"];
    residents(node)?;
    let (area, to) = (must(node, "mdtrtarea_admdvs"), must(node, "reflin_medins_no"));
    let home = providers::within(&area, &context.platform.admdvs);
    let (code, on) = (to.clone(), context.today());
    // Institutions elsewhere need not be on the register here: the region is what counts.
    let known = context.look(move |_, books| match providers::on(books, &code, on) {
        Ok(_) => Ok(true),
        Err(books::Stop::Refused(_)) => Ok(false),
        Err(stop) => Err(stop),
    });
    let named = home || known.await?;
    if must(node, "hosp_agre_refl_flag") == "0" {
        let message = "hosp_agre_refl_flag 为 0：医院不同意转院";
        return Err(Fault::new("not-agreed", message, "医院同意后再备案"));
    }
    let more = fields([
        ("from_provider", context.institution().into()),
        ("provider", if named { json!([to]) } else { Value::Null }),
        ("area", if home { Value::Null } else { area.into() }),
        ("disease", given(node, "diag_code")),
        ("from", json!(day(node, "begndate"))),
        ("until", json!(day(node, "enddate"))),
    ]);
    file(context, "referral", node, more).await
}

async fn special(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    residents(node)?;
    let more = fields([
        ("disease", given(node, "opsp_dise_code")),
        ("centre", given(node, "ide_fixmedins_no")),
        ("identified_on", json!(day(node, "hosp_ide_date"))),
        ("expert", given(node, "diag_dr_codg")),
        ("from", json!(day(node, "begndate"))),
        ("until", json!(day(node, "enddate"))),
    ]);
    file(context, "special", node, more).await
}

async fn chosen(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let more = fields([
        ("provider", json!([must(node, "fixmedins_code")])),
        ("from", json!(day(node, "begndate"))),
        ("until", json!(day(node, "enddate"))),
    ]);
    file(context, "chosen", node, more).await
}

/// The interface tells of an accident in words; the region's terms name what they must say.
async fn accident(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    residents(node)?;
    let from = must(node, "trum_time").get(..10).unwrap_or_default().to_owned();
    let Ok(on) = from.parse::<Date>() else {
        return Err(Fault::new("bad-day", format!("受伤时间 {from} 不是日期"), "按 yyyy-MM-dd HH:mm:ss 填写"));
    };
    let said = ["trum_rea", "trum_site", "memo"].map(|name| must(node, name)).join("。");
    let words = context.look(move |desk, _| {
        let terms = desk.rules.terms(on)?;
        let cover = terms.get("accident.cover").map(|cited| &cited.provision.record);
        let list = |name: &str| -> Vec<String> {
            let texts = cover.as_ref().map(|record| record.texts(name)).unwrap_or_default();
            texts.into_iter().map(str::to_owned).collect()
        };
        Ok((list("conditions"), list("outcomes")))
    });
    let (conditions, outcomes) = words.await?;
    let Some(outcome) = outcomes.iter().find(|word| said.contains(*word)) else {
        let message = "致伤原因里没有写明意外的后果";
        let cure = match outcomes.is_empty() {
            true => "本地区没有意外伤害待遇的规定，按普通就医结算".to_owned(),
            false => format!("在 trum_rea 或 memo 写明后果，照通知的文字：{}", outcomes.join("、")),
        };
        return Err(Fault::new("no-outcome", message, cure));
    };
    let met: Vec<&String> = conditions.iter().filter(|word| said.contains(*word)).collect();
    if met.is_empty() {
        let cure = format!("核实后在 trum_rea 或 memo 逐条写明，照通知的文字：{}", conditions.join("、"));
        return Err(Fault::new("no-condition", "致伤原因里没有写明意外的情形", cure));
    }
    let more = fields([
        ("outcome", outcome.as_str().into()),
        ("condition", json!(met)),
        ("provider", json!([must(node, "fixmedins_code")])),
        ("from", from.into()),
    ]);
    file(context, "accident", node, more).await
}

async fn retract(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let asked = fields([
        ("filing", given(node, "trt_dcla_detl_sn")),
        ("person", given(node, "psn_no")),
        ("by", context.institution().into()),
        ("reason", given(node, "memo")),
    ]);
    context.submit("filing retract", asked).await?;
    Ok(json!({}))
}
