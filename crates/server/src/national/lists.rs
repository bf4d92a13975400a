//! Rows of the lists, page by page (1304, 1312, 1316–1319).
//!
//! The books keep from which day a row holds, not when it was written down: `updt_time` leaves nothing out, and the answer says
//! so.

use books::catalogue::{Item, ItemFlag, Judged, ListType};
use books::providers;
use domain::Date;
use serde_json::{Map, Value, json};

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::lines::class;
use super::rows::{four_places, maps};
use super::value::{fields, given, must, text};

/// The transactions of this block.
pub(super) const ALL: Block = &[
    on!("1304", ethnic),
    on!("1312", insurance_list),
    on!("1316", to_insurance),
    on!("1317", to_national),
    on!("1318", limits),
    on!("1319", shares),
];

/// Rows of a page at most.
const MOST: usize = 1_000;

/// An item as it counts at the institution on the day asked about.
struct Row {
    code: String,
    item: Judged,
    from: Date,
    last: Option<Date>,
}

/// Which rows are wanted.
struct Page {
    skip: usize,
    take: usize,
}

impl Page {
    fn read(context: &Context, node: &Value) -> Result<Page, Fault> {
        let whole = |name: &str| must(node, name).parse::<usize>().ok().filter(|number| *number > 0);
        let (Some(page), Some(size)) = (whole("page_num"), whole("page_size")) else {
            let message = "page_num（当前页数）和 page_size（本页数据量）应是大于0的整数";
            return Err(Fault::new("bad-page", message, format!("从第1页起，每页不超过{MOST}行")));
        };
        context.warn("updt_time 不作筛选：按查询日期返回全部有效数据");
        let take = size.min(MOST);
        Ok(Page { skip: (page - 1).saturating_mul(take), take })
    }

    fn of<T>(&self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().skip(self.skip).take(self.take).collect()
    }
}

/// The items that hold on a day and are wanted.
async fn items(
    context: &Context,
    node: &Value,
    code: Option<String>,
    list: Option<ListType>,
    wanted: fn(&Judged) -> bool,
) -> Result<Vec<Row>, Fault> {
    let page = Page::read(context, node)?;
    let today = context.today();
    let day = text(node, "query_date").and_then(|day| wire::moment::read_day(day.get(..10)?)).unwrap_or(today);
    let institution = context.institution().to_owned();
    // Only what holds is kept here; what held is asked for by its day.
    let none = text(node, "vali_flag").is_some_and(|flag| flag == "0");
    let read = context.look(move |_, books| {
        let (mut seen, mut rows) = (0, Vec::new());
        if none {
            return Ok(rows);
        }
        let level = providers::on(books, &institution, today)?.level;
        let exact = code.as_deref().map(|code| code.trim().to_ascii_uppercase());
        let begins = format!("item/{}", exact.as_deref().unwrap_or_default());
        books.each_under::<Item>(&begins, None, |key, known| {
            let of = key.subject.trim_start_matches("item/");
            let Some(listing) = known.on(day).filter(|_| exact.as_deref().is_none_or(|code| code == of)) else {
                return Ok(());
            };
            let item = listing.judged(level);
            if list.is_none_or(|list| list == item.list) && wanted(&item) {
                seen += 1;
                if seen > page.skip && rows.len() < page.take {
                    let last = listing.end.and_then(|end| end.yesterday().ok());
                    rows.push(Row { code: of.to_owned(), item, from: listing.from, last });
                }
            }
            Ok(())
        })?;
        Ok(rows)
    });
    read.await
}

/// What every row says.
fn row(context: &Context, one: &Row, more: Value) -> Value {
    let mut row = json!({
        "insu_admdvs": context.platform.admdvs,
        "begndate": one.from.to_string(),
        "enddate": one.last.map(|last| last.to_string()),
        "vali_flag": "1",
        "updt_time": null,
    });
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    row
}

fn list_type(node: &Value) -> Option<ListType> {
    text(node, "list_type").and_then(|word| ListType::parse(&word))
}

async fn ethnic(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "med_list_codg"), Some(ListType::Ethnic), |_| true).await?;
    let rows = rows.iter().map(|one| json!({ "med_list_codg": one.code, "vali_flag": "1", "ver": one.item.version }));
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

async fn insurance_list(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), None, |_| true).await?;
    let rows = rows.iter().map(|one| {
        let item = &one.item;
        let more = json!({
            "hilist_code": one.code,
            "hilist_name": item.name,
            "med_chrgitm_type": item.charge.code(),
            "chrgitm_lv": class(item.class.code()),
            "lmt_used_flag": if item.has(ItemFlag::Limited) { "1" } else { "0" },
            "list_type": item.list.code(),
        });
        row(context, one, more)
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// The national item and the insurance item are one here.
async fn to_insurance(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), list_type(node), |_| true).await?;
    let rows = rows.iter().map(|one| {
        let more = json!({ "med_list_codg": one.code, "hilist_code": one.code, "list_type": one.item.list.code() });
        row(context, one, more)
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// What the institution's own items are matched to.
async fn to_national(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let page = Page::read(context, node)?;
    let day = text(node, "query_date").and_then(|day| day.get(..10).map(str::to_owned));
    let day = day.unwrap_or_else(|| context.today().to_string());
    let asked = fields([
        ("provider", context.institution().into()),
        ("own", given(node, "medins_list_codg")),
        ("on", day.into()),
    ]);
    let (code, list) = (text(node, "med_list_codg"), text(node, "list_type"));
    let rows = maps(context.ask("matching list", asked).await?);
    let is = |row: &Map<String, Value>, name: &str, wanted: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| row.get(name).and_then(Value::as_str) == Some(wanted))
    };
    let wanted = rows.into_iter().filter(|row| is(row, "code", &code) && is(row, "list", &list));
    let rows = page.of(wanted).into_iter().map(|row| {
        let end = row.get("end").and_then(Value::as_str).and_then(|end| end.parse::<Date>().ok());
        json!({
            "fixmedins_code": context.institution(),
            "medins_list_codg": row.get("own"),
            "medins_list_name": row.get("name"),
            "insu_admdvs": context.platform.admdvs,
            "list_type": row.get("list"),
            "med_list_codg": row.get("code"),
            "begndate": row.get("from"),
            "enddate": end.and_then(|end| end.yesterday().ok()).map(|last| last.to_string()),
            "memo": row.get("note"),
            "vali_flag": "1",
            "updt_time": null,
        })
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// Price limits at the level of the institution that asks.
async fn limits(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), None, |item| item.limit.is_some()).await?;
    let rows = rows.iter().map(|one| {
        let limit = one.item.limit.map(|limit| wire::amount::yuan(limit.0));
        row(context, one, json!({ "hilist_code": one.code, "hilist_pric_uplmt_amt": limit }))
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

async fn shares(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), None, |_| true).await?;
    let rows = rows.iter().map(|one| {
        row(context, one, json!({ "hilist_code": one.code, "hilist_selfpay_prop": four_places(one.item.share) }))
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}
