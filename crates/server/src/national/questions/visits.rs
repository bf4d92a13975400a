//! A person's visits at the institution: which they are, who is in hospital, their diagnoses (5201, 5202, 5303).

use domain::Care;
use serde_json::{Value, json};

use crate::national::context::Context;
use crate::national::fault::Fault;
use crate::national::rows::{Row, cell, maps};
use crate::national::value::{day, fields, given, moment, must, text};
use crate::national::visit;
use crate::national::who::Who;

/// A person's visits here whose days lie within those asked about.
pub(super) async fn within(context: &Context, node: &Value) -> Result<Vec<Row>, Fault> {
    let asked = fields([
        ("person", given(node, "psn_no")),
        ("provider", context.institution().into()),
        ("from", json!(day(node, "begntime"))),
        ("to", json!(day(node, "endtime"))),
    ]);
    Ok(maps(context.ask("visit list", asked).await?))
}

/// The visit of a number, of a person.
pub(super) async fn of(context: &Context, node: &Value) -> Result<Row, Fault> {
    let asked = fields([("person", given(node, "psn_no")), ("provider", context.institution().into())]);
    let number = must(node, "mdtrt_id");
    let mut rows = maps(context.ask("visit list", asked).await?).into_iter();
    rows.find(|row| cell(row, "visit") == number).ok_or_else(|| {
        let message = format!("这个人在本机构没有就诊 {number}");
        Fault::new("unknown-visit", message, "核对 psn_no 和 mdtrt_id，用5201查询本机构的就诊")
    })
}

/// What a question of the books about a visit names.
pub(super) fn about(context: &Context, visit: &Row) -> Row {
    fields([("visit", cell(visit, "visit").into()), ("provider", context.institution().into())])
}

pub(super) fn care(visit: &Row) -> Option<Care> {
    Care::parse(cell(visit, "care"))
}

pub(super) fn med_type(visit: &Row) -> &str {
    visit::med_type(cell(visit, "kind"), cell(visit, "care"))
}

/// Who the person is, under the insurance of the visit.
pub(super) fn who(context: &Context, who: &Who, visit: &Row) -> Row {
    let mut told = who.base(context.today());
    told.extend(who.insured(context.today()));
    told.insert("insutype".to_owned(), cell(visit, "insurance").into());
    told
}

fn is_inside(visit: &Row) -> bool {
    care(visit).is_some_and(books::visits::is_stay) && cell(visit, "state") == "open"
}

/// A visit with who it is of.
fn told(context: &Context, of: &Who, visit: &Row) -> Value {
    let stay = care(visit).is_some_and(books::visits::is_stay);
    let mut told = who(context, of, visit);
    told.remove("balc");
    told.extend(fields([
        ("mdtrt_id", cell(visit, "visit").into()),
        ("begntime", moment(cell(visit, "begin"))),
        ("endtime", moment(cell(visit, "end"))),
        ("med_type", med_type(visit).into()),
        ("ipt_otp_no", cell(visit, "number").into()),
        ("atddr_no", cell(visit, "physician").into()),
        ("adm_dept_codg", cell(visit, "department").into()),
        ("dise_codg", cell(visit, "disease").into()),
        ("inhosp_stas", json!(stay.then(|| if is_inside(visit) { "1" } else { "0" }))),
        ("memo", state(cell(visit, "state")).into()),
    ]));
    Value::Object(told)
}

fn state(word: &str) -> &'static str {
    match word {
        "cancelled" => "已撤销登记",
        "settled" => "已结算",
        "discharged" => "已出院未结算",
        _ => "就诊中",
    }
}

pub(super) async fn visits(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let wanted = text(node, "mdtrt_id");
    let kind = must(node, "med_type");
    let mut rows = within(context, node).await?;
    rows.retain(|row| wanted.as_deref().is_none_or(|wanted| wanted == cell(row, "visit")));
    // A region's own longer code is asked for by what it begins with.
    rows.retain(|row| med_type(row).starts_with(&kind) || kind.starts_with(med_type(row)));
    let of = Who::read(context, &must(node, "psn_no"), None).await?;
    Ok(json!({ "mdtrtinfo": rows.iter().map(|row| told(context, &of, row)).collect::<Vec<_>>() }))
}

pub(super) async fn in_hospital(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let mut rows = within(context, node).await?;
    rows.retain(is_inside);
    let of = Who::read(context, &must(node, "psn_no"), None).await?;
    let rows = rows.iter().map(|row| {
        let mut told = told(context, &of, row);
        told["fixmedins_code"] = context.institution().into();
        told["fixmedins_name"] = context.request.fixmedins_name.as_str().into();
        told
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

pub(super) async fn diagnoses(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let visit = of(context, node).await?;
    let rows = maps(context.ask("visit diagnoses", about(context, &visit)).await?);
    let rows = rows.into_iter().map(|row| {
        json!({
            "mdtrt_id": cell(&visit, "visit"),
            "psn_no": must(node, "psn_no"),
            "diag_type": row.get("kind"),
            "maindiag_flag": if row.get("main") == Some(&Value::Bool(true)) { "1" } else { "0" },
            "diag_srt_no": row.get("order"),
            "diag_code": row.get("code"),
            "diag_name": row.get("name"),
            "vali_flag": "1",
        })
    });
    Ok(json!({ "diseinfo": rows.collect::<Vec<_>>() }))
}
