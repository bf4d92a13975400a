//! Rows of the lists, page by page (1304, 1312, 1316–1319): those recorded since `updt_time`.

use std::sync::Arc;

use books::catalogue::{self, Item, ItemFlag, Judged, ListType};
use books::{matching, providers};
use domain::Date;
use jiff::Timestamp;
use serde_json::{Value, json};
use wire::moment;

use super::context::Context;
use super::fault::Fault;
use super::handlers::{Block, on};
use super::lines::class;
use super::pages::{Asked, Matchings};
use super::rows::four_places;
use super::value::{day, must, text};

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
    told: i64,
}

/// Which rows are wanted.
struct Page {
    skip: usize,
    take: usize,
    /// Recorded since, in microseconds since 1970.
    since: i64,
}

impl Page {
    fn read(node: &Value) -> Result<Page, Fault> {
        let whole = |name: &str| must(node, name).parse::<usize>().ok().filter(|number| *number > 0);
        let (Some(page), Some(size)) = (whole("page_num"), whole("page_size")) else {
            let message = "page_num（当前页数）和 page_size（本页数据量）应是大于0的整数";
            return Err(Fault::new("bad-page", message, format!("从第1页起，每页不超过{MOST}行")));
        };
        let take = size.min(MOST);
        let since = text(node, "updt_time").and_then(|text| moment::at(moment::read_spoken(&text)?));
        let since = since.map_or(0, Timestamp::as_microsecond);
        Ok(Page { skip: (page - 1).saturating_mul(take), take, since })
    }

    fn of<T>(&self, rows: impl IntoIterator<Item = T>) -> Vec<T> {
        rows.into_iter().skip(self.skip).take(self.take).collect()
    }
}

/// The items that hold on a day: all of a list, or the one of a code.
async fn items(
    context: &Context,
    node: &Value,
    code: Option<String>,
    list: Option<ListType>,
    limited: bool,
) -> Result<Vec<Row>, Fault> {
    let page = Page::read(node)?;
    // Only what holds is told; what held is asked for by its day.
    if text(node, "vali_flag").is_some_and(|flag| flag == "0") {
        return Ok(Vec::new());
    }
    let today = context.today();
    let day = day(node, "query_date").and_then(|day| moment::read_day(&day)).unwrap_or(today);
    let (institution, platform) = (context.institution().to_owned(), Arc::clone(&context.platform));
    let read = context.look(move |_, books| {
        let level = providers::on(books, &institution, today)?.level;
        let asked = Asked { edition: catalogue::edition(books)?, day, level, list, limited, since: page.since };
        let codes = match &code {
            Some(code) => page.of([code.trim().to_ascii_uppercase()]),
            None => page.of(platform.pages.codes(asked, books)?.iter().cloned()),
        };
        books.preload(codes.iter().map(|code| catalogue::key(code)))?;
        let mut rows = Vec::with_capacity(codes.len());
        for code in codes {
            let item = books.find::<Item>(&catalogue::key(&code))?.filter(|item| asked.has(item));
            let Some(listing) = item.and_then(|item| item.on(day)) else { continue };
            let last = listing.end.and_then(|end| end.yesterday().ok());
            rows.push(Row { code, item: listing.judged(level), from: listing.from, last, told: listing.told });
        }
        Ok(rows)
    });
    read.await
}

/// When something was recorded, as the interface writes it.
fn recorded(at: i64) -> Value {
    let known = Timestamp::from_microsecond(at).ok().filter(|_| at > 0);
    json!(known.map(|at| moment::spoken(moment::local(at))))
}

/// What every row says.
fn row(context: &Context, one: &Row, more: Value) -> Value {
    let mut row = json!({
        "insu_admdvs": context.platform.admdvs,
        "begndate": one.from.to_string(),
        "enddate": one.last.map(|last| last.to_string()),
        "vali_flag": "1",
        "updt_time": recorded(one.told),
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
    let rows = items(context, node, text(node, "med_list_codg"), Some(ListType::Ethnic), false).await?;
    let rows = rows.iter().map(|one| {
        json!({ "med_list_codg": one.code, "vali_flag": "1", "ver": one.item.version, "updt_time": recorded(one.told) })
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

async fn insurance_list(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), None, false).await?;
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
    let rows = items(context, node, text(node, "hilist_code"), list_type(node), false).await?;
    let rows = rows.iter().map(|one| {
        let more = json!({ "med_list_codg": one.code, "hilist_code": one.code, "list_type": one.item.list.code() });
        row(context, one, more)
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// What the institution's own items are matched to.
async fn to_national(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let page = Page::read(node)?;
    let day = day(node, "query_date").and_then(|day| moment::read_day(&day)).unwrap_or(context.today());
    let asked = Matchings {
        provider: context.institution().to_owned(),
        day,
        code: text(node, "med_list_codg"),
        list: text(node, "list_type"),
        since: page.since,
        size: page.take,
    };
    let (own, platform) = (text(node, "medins_list_codg"), Arc::clone(&context.platform));
    let read = context.look(move |_, books| match &own {
        Some(own) => {
            let one = matching::matched(books, &asked.provider, own, day)?.filter(|one| asked.has(one));
            Ok(page.of(one.map(|one| (own.trim().to_owned(), one))))
        }
        None => platform.pages.matchings(&asked, page.skip / page.take + 1, books),
    });
    let rows = read.await?;
    let rows = rows.into_iter().map(|(own, one)| {
        json!({
            "fixmedins_code": context.institution(),
            "medins_list_codg": own,
            "medins_list_name": one.name,
            "insu_admdvs": context.platform.admdvs,
            "list_type": one.list,
            "med_list_codg": one.code,
            "begndate": one.from.to_string(),
            "enddate": one.end.and_then(|end| end.yesterday().ok()).map(|last| last.to_string()),
            "memo": one.note,
            "vali_flag": "1",
            "updt_time": recorded(one.told),
        })
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

/// Price limits at the level of the institution that asks.
async fn limits(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), None, true).await?;
    let rows = rows.iter().map(|one| {
        let limit = one.item.limit.map(|limit| wire::amount::yuan(limit.0));
        row(context, one, json!({ "hilist_code": one.code, "hilist_pric_uplmt_amt": limit }))
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}

async fn shares(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let rows = items(context, node, text(node, "hilist_code"), None, false).await?;
    let rows = rows.iter().map(|one| {
        row(context, one, json!({ "hilist_code": one.code, "hilist_selfpay_prop": four_places(one.item.share) }))
    });
    Ok(json!({ "data": rows.collect::<Vec<_>>() }))
}
