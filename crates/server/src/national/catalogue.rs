//! Lists and dictionaries to fetch (1301–1321 as files, 1901).
//!
//! A list comes as a file of what came after the sender's version, to be fetched by 9102; nothing newer is a file without lines.

use books::catalogue::{Item, ListType, Term, TermSet, after};
use serde_json::{Value, json};
use wire::dictionary::{code_table, columns};

use super::columns::{item, term};
use super::context::Context;
use super::fault::Fault;
use super::files::{For, zipped};
use super::handlers::{Block, on};
use super::value::{must, text, yes};

/// The transactions of this block.
pub(super) const ALL: Block = &[
    on!("1301", list),
    on!("1302", list),
    on!("1303", list),
    on!("1305", list),
    on!("1306", list),
    on!("1307", list),
    on!("1308", list),
    on!("1309", list),
    on!("1310", list),
    on!("1311", list),
    on!("1313", list),
    on!("1314", list),
    on!("1315", list),
    on!("1320", list),
    on!("1321", list),
    on!("1901", codes),
];

/// What a list is made of.
#[derive(Clone, Copy)]
enum From {
    Items(ListType),
    Terms(TermSet),
}

fn from(infno: &str) -> Option<From> {
    Some(match infno {
        "1301" => From::Items(ListType::Drug),
        "1302" => From::Items(ListType::Pieces),
        "1303" => From::Items(ListType::Preparation),
        // The books keep one list of services: 1321 tells what 1305 tells.
        "1305" | "1321" => From::Items(ListType::Service),
        "1306" => From::Items(ListType::Material),
        "1320" => From::Items(ListType::Granules),
        "1307" => From::Terms(TermSet::Diagnosis),
        "1308" => From::Terms(TermSet::Operation),
        "1309" => From::Terms(TermSet::Chronic),
        "1310" => From::Terms(TermSet::Single),
        "1311" => From::Terms(TermSet::DaySurgery),
        "1313" => From::Terms(TermSet::Morphology),
        "1314" => From::Terms(TermSet::TcmDisease),
        "1315" => From::Terms(TermSet::TcmSyndrome),
        _ => return None,
    })
}

async fn list(context: &Context, input: &Value) -> Result<Value, Fault> {
    let infno = context.request.infno.clone();
    let Some(from) = from(&infno) else {
        return Err(Fault::new("not-offered", format!("本平台没有开通交易 {infno}"), "按公布的交易范围办理"));
    };
    let files = &context.platform.files;
    let _one_at_a_time = files.making.lock().await;
    let (text, rows) = written(context, &infno, from, must(&input["data"], "ver")).await?;
    let (inner, name) = (format!("{infno}.txt"), format!("{infno}_{}.zip", context.today()));
    let zip = tokio::task::spawn_blocking(move || zipped(&inner, &text)).await;
    let zip = zip.map_err(|_| Fault::new("no-zip", "文件没有压缩成", "稍后重发"))??;
    let ticket = files.put(context, For::All, name, zip)?;
    Ok(json!({ "data": {
        "file_qury_no": ticket.number,
        "filename": ticket.name,
        "dld_end_time": wire::moment::spoken(ticket.until),
        "data_cnt": rows,
    } }))
}

/// The lines of a list that came after a version, and how many there are.
async fn written(context: &Context, infno: &str, from: From, since: String) -> Result<(String, usize), Fault> {
    let (columns, today, admdvs) = (columns(infno), context.today(), context.platform.admdvs.clone());
    let read = context.look(move |_, books| {
        let (mut text, mut rows) = (String::new(), 0);
        let mut put = |line: &str| {
            text.push_str(line);
            text.push('\n');
            rows += 1;
        };
        match from {
            From::Items(kind) => books.each_under::<Item>("item/", None, |key, known| {
                let code = key.subject.trim_start_matches("item/");
                let newer = known.listings.iter().filter(|one| one.list.0 == kind && after(&one.version, &since));
                newer.for_each(|one| put(&item(&columns, code, one, today)));
                Ok(())
            })?,
            From::Terms(set) => {
                let begins = format!("term/{}/", set.code());
                books.each_under::<Term>(&begins, None, |key, known| {
                    let code = key.subject.trim_start_matches(&*begins);
                    let newer = known.meanings.iter().filter(|one| after(&one.version, &since));
                    newer.for_each(|one| put(&term(&columns, code, one, &admdvs, today)));
                    Ok(())
                })?;
            }
        }
        Ok((text, rows))
    });
    read.await
}

/// A code table, with the codes that the region has of its own.
async fn codes(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let name = must(node, "type");
    let Some(table) = code_table(&name) else {
        let message = format!("本平台没有字典 {name}");
        return Err(Fault::new("unknown-table", message, "type 填字典的英文名，如 insutype、med_type、gend"));
    };
    let profile = context.profile();
    let own = profile.leave.codes.get(&name).map(Vec::as_slice).unwrap_or_default();
    let known = table.codes.iter().map(|code| (code.code, code.zh));
    let own = own.iter().filter(|code| table.meaning(code).is_none()).map(|code| (code.as_str(), "本地区代码"));
    // Codes have no date and none above them: what no longer holds, and what lies under a code, is nothing.
    let asked = yes(node, "valiFlag") && text(node, "parentValue").is_none();
    let codes = known.chain(own).enumerate().filter(|_| asked);
    let rows = codes.map(|(at, (code, meaning))| {
        json!({
            "type": name,
            "label": meaning,
            "value": code,
            "parentValue": "",
            "sort": at + 1,
            "valiFlag": "1",
            "createUser": "",
            "createDate": null,
            "version": "",
        })
    });
    Ok(json!({ "list": rows.collect::<Vec<_>>() }))
}
