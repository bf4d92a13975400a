//! Questions of an institution about a person and its own visits (5201–5206, 5301–5304).
//!
//! Whoever asks sees what is its own: visits and settlements of other institutions are not told. Where an answer shows a person,
//! the look is on record before it is given.

use domain::{Care, Fen, Rate};
use serde_json::{Map, Value, json};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::rows::{cell, four_places, maps};
use super::value::{fields, given, moment, must, number, text, yuan};

/// The transactions of this block.
pub(super) const ALL: Block = &[
    on!("5201", visits),
    on!("5202", diagnoses),
    on!("5203", settlement),
    on!("5204", lines),
    on!("5205", medicines),
    on!("5206", running),
    on!("5301", special),
    on!("5302", chosen),
    on!("5303", in_hospital),
    on!("5304", referrals),
];

type Row = Map<String, Value>;

/// Who the person is, as the interface writes it; the look is recorded.
async fn person(context: &Context, number: &str) -> Result<Row, Fault> {
    let asked = fields([
        ("person", number.into()),
        ("ground", "visit".into()),
        ("provider", context.institution().into()),
        ("reason", "机构查询就诊信息".into()),
        ("through", context.through().into()),
    ]);
    let answer = context.record("person read", asked).await?;
    let none = Value::Null;
    let record = answer.shown.get("record").unwrap_or(&none);
    let insurance = answer.shown.get("insurance").unwrap_or(&none);
    let paper = record["documents"].get(0).unwrap_or(&none);
    let born = record["born"].as_str();
    let age = born.and_then(|born| born.parse().ok()).map(|born| age(born, context.today()));
    let sex = match record["sex"].as_str() {
        Some("male") => "1",
        Some("female") => "2",
        _ => "9",
    };
    Ok(fields([
        ("psn_no", number.into()),
        ("psn_cert_type", if paper["kind"] == "id-card" { "01" } else { "99" }.into()),
        ("certno", paper["number"].clone()),
        ("psn_name", record["name"].clone()),
        ("gend", sex.into()),
        ("brdy", record["born"].clone()),
        ("age", age.map_or(Value::Null, Value::from)),
        ("insutype", if insurance["scheme"] == "employee" { "310" } else { "390" }.into()),
        ("psn_type", kind_of_person(insurance["group"].as_str(), age).into()),
        ("cvlserv_flag", "0".into()),
    ]))
}

/// Whole years on a day.
fn age(born: domain::Date, on: domain::Date) -> i16 {
    on.year() - born.year() - i16::from((on.month(), on.day()) < (born.month(), born.day()))
}

/// The code of a group of persons; where the person is in none on the day, by age.
fn kind_of_person(group: Option<&str>, age: Option<i16>) -> &'static str {
    match (group, age) {
        (Some("student"), _) => "1403",
        (Some("university"), _) => "1404",
        (Some("elder"), _) => "16",
        (Some("active"), _) => "11",
        (Some("retired"), _) => "12",
        (Some("minor"), _) | (None, Some(..18)) => "14",
        _ => "15",
    }
}

/// A person's visits here whose days lie within those asked about.
async fn own_visits(context: &Context, node: &Value) -> Result<Vec<Row>, Fault> {
    let day = |name: &str| text(node, name).and_then(|day| day.get(..10).map(str::to_owned));
    let asked = fields([
        ("person", given(node, "psn_no")),
        ("provider", context.institution().into()),
        ("from", day("begntime").map_or(Value::Null, Value::String)),
        ("to", day("endtime").map_or(Value::Null, Value::String)),
    ]);
    Ok(maps(context.ask("visit list", asked).await?))
}

/// The visit of a number, of a person.
async fn visit(context: &Context, node: &Value) -> Result<Row, Fault> {
    let asked = fields([("person", given(node, "psn_no")), ("provider", context.institution().into())]);
    let number = must(node, "mdtrt_id");
    let mut rows = maps(context.ask("visit list", asked).await?).into_iter();
    rows.find(|row| cell(row, "visit") == number).ok_or_else(|| {
        let message = format!("这个人在本机构没有就诊 {number}");
        Fault::new("unknown-visit", message, "核对 psn_no 和 mdtrt_id，用5201查询本机构的就诊")
    })
}

fn care(row: &Row) -> Option<Care> {
    Care::parse(cell(row, "care"))
}

/// The code of the kind of care: as the institution wrote it, else that of the kind itself.
fn med_type(row: &Row) -> String {
    let written = cell(row, "kind");
    if !written.is_empty() {
        return written.to_owned();
    }
    let code = match care(row) {
        Some(Care::Inpatient | Care::SingleDisease) => "21",
        Some(Care::DaySurgery) => "28",
        Some(Care::Delivery) => "52",
        Some(Care::Prenatal) => "51",
        Some(Care::Special | Care::TwoDisease) => "14",
        Some(Care::Emergency) => "13",
        Some(Care::Pharmacy) => "41",
        Some(Care::Outpatient) | None => "11",
    };
    code.to_owned()
}

/// A visit with who it is of.
fn told(person: &Row, row: &Row) -> Value {
    let mut told = person.clone();
    let stay = care(row).is_some_and(books::visits::is_stay);
    let inside = stay && matches!(cell(row, "state"), "open");
    told.extend(fields([
        ("mdtrt_id", cell(row, "visit").into()),
        ("begntime", moment(cell(row, "begin"))),
        ("endtime", moment(cell(row, "end"))),
        ("med_type", med_type(row).into()),
        ("ipt_otp_no", cell(row, "number").into()),
        ("atddr_no", cell(row, "physician").into()),
        ("adm_dept_codg", cell(row, "department").into()),
        ("dise_codg", cell(row, "disease").into()),
        ("inhosp_stas", if stay { if inside { "1" } else { "0" }.into() } else { Value::Null }),
        ("memo", state(cell(row, "state")).into()),
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

async fn visits(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let wanted = text(node, "mdtrt_id");
    let kind = must(node, "med_type");
    let mut rows = own_visits(context, node).await?;
    rows.retain(|row| wanted.as_deref().is_none_or(|wanted| wanted == cell(row, "visit")));
    // A region's own longer code is asked for by what it begins with.
    rows.retain(|row| med_type(row).starts_with(&kind) || kind.starts_with(&med_type(row)));
    let person = person(context, &must(node, "psn_no")).await?;
    Ok(json!({ "mdtrtinfo": rows.iter().map(|row| told(&person, row)).collect::<Vec<_>>() }))
}

async fn in_hospital(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let mut rows = own_visits(context, node).await?;
    rows.retain(|row| care(row).is_some_and(books::visits::is_stay) && cell(row, "state") == "open");
    let person = person(context, &must(node, "psn_no")).await?;
    let rows = rows.iter().map(|row| {
        let mut told = told(&person, row);
        told["fixmedins_code"] = context.institution().into();
        told["fixmedins_name"] = context.request.fixmedins_name.as_str().into();
        told
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// What is asked about a visit of this institution.
fn of(context: &Context, row: &Row) -> Row {
    fields([("visit", cell(row, "visit").into()), ("provider", context.institution().into())])
}

async fn diagnoses(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let visit = visit(context, node).await?;
    let rows = maps(context.ask("visit diagnoses", of(context, &visit)).await?);
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

/// A settlement as it was answered.
async fn settlement(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let visit = visit(context, node).await?;
    let number = must(node, "setl_id");
    let rows = maps(context.ask("visit settlements", of(context, &visit)).await?);
    let Some(row) = rows.into_iter().find(|row| cell(row, "settlement") == number) else {
        let message = format!("就诊 {} 没有结算 {number}", cell(&visit, "visit"));
        return Err(Fault::new("unknown-settlement", message, "核对 setl_id"));
    };
    let mut head = person(context, &must(node, "psn_no")).await?;
    let insutype = head.get("insutype").and_then(Value::as_str).unwrap_or("390").to_owned();
    let (columns, details) = shares(context, &insutype, &row)?;
    head.extend(settled(context, &visit, &row));
    head.extend(columns);
    let output = json!({ "setlinfo": head, "setldetail": details });
    let details: Vec<&Value> = output["setldetail"].as_array().into_iter().flatten().collect();
    let breaches = wire::identities::settlement(&context.profile().identities, &output["setlinfo"], &details);
    if let Some(breach) = breaches.first() {
        tracing::error!(settlement = number, breach = breach.en(), "an identity of a settlement does not hold");
        return Err(Fault::new("identity", "结算金额之间对不上，没有给出", "请经办机构核查这笔结算"));
    }
    Ok(output)
}

/// The head of a settlement, without who and without the funds.
fn settled(context: &Context, visit: &Row, row: &Row) -> Row {
    let clearing = match care(visit).map(books::turnover::Clearing::of) {
        Some(books::turnover::Clearing::Inpatient) => "21",
        Some(books::turnover::Clearing::Pharmacy) => "41",
        _ => "11",
    };
    let begin = cell(visit, "begin");
    let end = if cell(visit, "end").is_empty() { cell(row, "on") } else { cell(visit, "end") };
    let request = cell(row, "request").rsplit('/').next().unwrap_or_default();
    let day = |text: &str| text.get(..10).map_or(Value::Null, Value::from);
    fields([
        ("setl_id", cell(row, "settlement").into()),
        ("mdtrt_id", cell(visit, "visit").into()),
        ("pay_loc", "2".into()),
        ("fixmedins_code", context.institution().into()),
        ("fixmedins_name", context.request.fixmedins_name.as_str().into()),
        ("begndate", day(begin)),
        ("enddate", day(end)),
        ("setl_time", moment(cell(row, "at"))),
        ("med_type", med_type(visit).into()),
        ("clr_type", clearing.into()),
        ("clr_optins", context.platform.admdvs.as_str().into()),
        ("medfee_sumamt", yuan(row.get("total"))),
        ("fulamt_ownpay_amt", yuan(row.get("out_of_scope"))),
        ("overlmt_selfpay", yuan(row.get("over_limit"))),
        ("preselfpay_amt", yuan(row.get("first_self_pay"))),
        ("inscp_scp_amt", yuan(row.get("in_scope"))),
        ("act_pay_dedc", yuan(row.get("deductible"))),
        ("pool_prop_selfpay", number(cell(row, "ratio"))),
        ("fund_pay_sumamt", yuan(row.get("funds"))),
        ("psn_pay", yuan(row.get("person"))),
        ("psn_part_amt", yuan(row.get("person"))),
        ("acct_pay", wire::amount::yuan(0)),
        ("cash_payamt", yuan(row.get("person"))),
        ("psn_cash_pay", yuan(row.get("person"))),
        ("balc", wire::amount::yuan(0)),
        ("acct_mulaid_pay", wire::amount::yuan(0)),
        ("medins_setl_id", request.into()),
        ("refd_setl_flag", if row.get("reversed") == Some(&Value::Bool(true)) { "1" } else { "0" }.into()),
        ("year", day(cell(row, "on")).as_str().and_then(|day| day.get(..4)).map_or(Value::Null, Value::from)),
        ("invono", row.get("invoice").cloned().unwrap_or_default()),
    ])
}

/// What each fund paid: the columns of the head, and the details.
fn shares(context: &Context, insutype: &str, row: &Row) -> Result<(Row, Vec<Value>), Fault> {
    let mut columns: std::collections::BTreeMap<String, Fen> =
        wire::identities::FUND_COLUMNS.map(|name| (name.to_owned(), Fen::ZERO)).into();
    let mut details = Vec::new();
    for share in row.get("shares").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let paid = share["paid"].as_str().and_then(|paid| Fen::parse_yuan(paid).ok()).unwrap_or_default();
        if paid == Fen::ZERO {
            continue;
        }
        let payer = share["payer"].as_str().unwrap_or_default();
        let Some(fund) = context.profile().fund(insutype, payer) else {
            let message = format!("接口配置里没有基金 {payer} 的列");
            return Err(Fault::new("no-fund", message, "由经办机构补上接口配置的 funds"));
        };
        *columns.entry(fund.column.clone()).or_default() += paid;
        let limit = share.get("limit").filter(|limit| !limit.is_null());
        details.push(json!({
            "fund_pay_type": fund.code,
            "fund_pay_type_name": share["name"],
            "inscp_scp_amt": yuan(share.get("base")),
            "crt_payb_lmt_amt": limit.map_or_else(|| yuan(share.get("base")), |limit| yuan(Some(limit))),
            "fund_payamt": wire::amount::yuan(paid.0),
            "setl_proc_info": share["text"],
        }));
    }
    Ok((columns.into_iter().map(|(name, paid)| (name, wire::amount::yuan(paid.0))).collect(), details))
}

/// A charge line, as it was judged.
fn line(context: &Context, visit: &Row, row: &Row) -> Value {
    let has = |flag: &str| if cell(row, "flags").split(' ').any(|known| known == flag) { "1" } else { "0" };
    let class = match cell(row, "class") {
        "A" => "01",
        "B" => "02",
        _ => "03",
    };
    let share = Rate::parse_percent(cell(row, "share")).ok().map(four_places);
    json!({
        "mdtrt_id": cell(visit, "visit"),
        "setl_id": row.get("settlement"),
        "feedetl_sn": row.get("sn"),
        "rx_drord_no": row.get("order"),
        "fixmedins_code": context.institution(),
        "fixmedins_name": context.request.fixmedins_name,
        "med_type": med_type(visit),
        "fee_ocur_time": moment(cell(row, "at")),
        "cnt": row.get("count").and_then(Value::as_str).map(number),
        "pric": row.get("price").and_then(Value::as_str).map(number),
        "det_item_fee_sumamt": yuan(row.get("amount")),
        "pric_uplmt_amt": yuan(row.get("limit")),
        "selfpay_prop": share,
        "fulamt_ownpay_amt": yuan(row.get("out_of_scope")),
        "overlmt_amt": yuan(row.get("over_limit")),
        "preselfpay_amt": yuan(row.get("first_self_pay")),
        "inscp_scp_amt": yuan(row.get("in_scope")),
        "chrgitm_lv": class,
        "hilist_code": row.get("code"),
        "hilist_name": row.get("name"),
        "list_type": row.get("list"),
        "med_list_codg": row.get("code"),
        "medins_list_codg": row.get("own_code"),
        "medins_list_name": row.get("name"),
        "med_chrgitm_type": row.get("charge"),
        "lmt_used_flag": has("limited"),
        "bas_medn_flag": has("essential"),
        "hi_nego_drug_flag": has("negotiated"),
        "chld_medc_flag": has("child"),
        "list_sp_item_flag": has("special"),
        "drt_reim_flag": has("direct"),
    })
}

async fn lines(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let visit = visit(context, node).await?;
    let settlement = text(node, "setl_id");
    let mut rows = maps(context.ask("visit lines", of(context, &visit)).await?);
    rows.retain(|row| settlement.as_deref().is_none_or(|wanted| wanted == cell(row, "settlement")));
    Ok(json!({ "data": rows.iter().map(|row| line(context, &visit, row)).collect::<Vec<_>>() }))
}

/// Medicines of visits for a special disease, settled here.
async fn medicines(context: &Context, input: &Value) -> Result<Value, Fault> {
    let mut told = Vec::new();
    for visit in own_visits(context, &input["data"]).await? {
        if !matches!(care(&visit), Some(Care::Special | Care::TwoDisease)) || cell(&visit, "state") == "cancelled" {
            continue;
        }
        let rows = maps(context.ask("visit lines", of(context, &visit)).await?);
        let drugs = rows.iter().filter(|row| cell(row, "list").starts_with('1'));
        told.extend(drugs.map(|row| line(context, &visit, row)));
    }
    Ok(json!({ "feedetail": told }))
}

/// Running amounts of the year. The codes of their kinds are this platform's: the place of the stage in the region's terms, and
/// D deductible met, C limit used, N counted.
async fn running(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let month = text(node, "cum_ym").unwrap_or_else(|| context.today().strftime("%Y%m").to_string());
    let Some(year) = month.get(..4).and_then(|year| year.parse::<i16>().ok()) else {
        return Err(Fault::new("bad-month", format!("cum_ym {month} 不是年月"), "按 yyyyMM 填写，或不填"));
    };
    if year == context.today().year() && month != context.today().strftime("%Y%m").to_string() {
        context.warn("累计是到目前为止的，不分月");
    }
    let rows =
        maps(context.ask("care running", fields([("person", given(node, "psn_no")), ("year", year.into())])).await?);
    let rows = rows.iter().filter_map(|row| {
        let kind = match cell(row, "what") {
            "deductible" => 'D',
            "cap" => 'C',
            "position" => 'N',
            _ => return None,
        };
        let place = row.get("place").and_then(Value::as_i64)?;
        Some(json!({
            "insutype": "390",
            "year": year.to_string(),
            "cum_ym": month,
            "cum_type_code": format!("{place:02}{kind}"),
            "cum": yuan(row.get("amount")),
        }))
    });
    Ok(json!({ "cuminfo": rows.collect::<Vec<_>>() }))
}

/// A person's filings of a kind that are approved, those of a day where it is given.
async fn filings(context: &Context, node: &Value, kind: &str, on: Option<String>) -> Result<Vec<Row>, Fault> {
    let asked = fields([
        ("person", given(node, "psn_no")),
        ("kind", kind.into()),
        ("on", on.map_or(Value::Null, Value::String)),
    ]);
    let mut rows = maps(context.ask("filing list", asked).await?);
    rows.retain(|row| matches!(cell(row, "state"), "approved" | "ended"));
    Ok(rows)
}

async fn special(context: &Context, input: &Value) -> Result<Value, Fault> {
    let today = context.today().to_string();
    let mut rows = filings(context, &input["data"], "special", Some(today.clone())).await?;
    rows.extend(filings(context, &input["data"], "two-disease", Some(today)).await?);
    let rows = rows.iter().map(|row| {
        json!({
            "opsp_dise_code": row.get("disease"),
            "opsp_dise_name": row.get("disease_name"),
            "begndate": row.get("from"),
            "enddate": row.get("until"),
        })
    });
    Ok(json!({ "feedetail": rows.collect::<Vec<_>>() }))
}

async fn chosen(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = filings(context, node, "chosen", Some(context.today().to_string())).await?;
    let today = context.today();
    let mut told = Vec::new();
    for row in &rows {
        for (at, code) in cell(row, "providers").split_whitespace().enumerate() {
            let of = code.to_owned();
            let name = context.look(move |_, books| Ok(books::providers::on(books, &of, today)?.name)).await?;
            told.push(json!({
                "psn_no": must(node, "psn_no"),
                "insutype": "390",
                "fix_srt_no": (at + 1).to_string(),
                "fixmedins_code": code,
                "fixmedins_name": name,
                "begndate": row.get("from"),
                "enddate": row.get("until"),
            }));
        }
    }
    Ok(json!({ "psnfixmedin": told }))
}

async fn referrals(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let day = |name: &str| text(node, name).and_then(|day| day.get(..10).map(str::to_owned));
    let (from, to) = (day("begntime").unwrap_or_default(), day("endtime"));
    let mut rows = filings(context, node, "referral", None).await?;
    rows.retain(|row| {
        let over = cell(row, "until");
        (over.is_empty() || over >= &*from) && to.as_deref().is_none_or(|to| cell(row, "from") <= to)
    });
    let rows = rows.iter().map(|row| {
        json!({
            "insutype": "390",
            "psn_no": must(node, "psn_no"),
            "trt_dcla_detl_sn": row.get("filing"),
            "insu_optins": context.platform.admdvs,
            "diag_code": row.get("disease"),
            "reflin_medins_no": cell(row, "providers").split_whitespace().next(),
            "mdtrtarea_admdvs": row.get("area"),
            "begndate": row.get("from"),
            "enddate": row.get("until"),
        })
    });
    Ok(json!({ "refmedin": rows.collect::<Vec<_>>() }))
}
