//! Lines of catalogue files, by the columns of the interface ([`wire::dictionary::columns`]).
//!
//! A column that the books know nothing of stays empty: nothing is made up to fill it.

use books::catalogue::{ItemFlag, Listing, Meaning};
use domain::Date;

/// An item of the three lists as a line of a file.
pub(crate) fn item(columns: &[&str], code: &str, listing: &Listing, today: Date) -> String {
    let make = &listing.make;
    let flag = |flag| Some(if listing.has(flag) { "1" } else { "0" }.to_owned());
    let cell = |column: &str| match column {
        "医疗目录编码" => Some(code.to_owned()),
        "注册名称" | "单味药名称" | "医疗服务项目名称" | "耗材名称" => Some(listing.name.clone()),
        "药品规格" | "规格" => make.spec.clone(),
        "药品剂型名称" | "剂型名称" => make.form.clone(),
        "最小计价单位" | "计价单位" | "包装单位" => make.unit.clone(),
        "生产企业名称" => make.maker.clone(),
        "批准文号" | "注册备案号" => make.approval.clone(),
        "限制使用范围" | "医保限用范围" => listing.condition.clone(),
        "限制使用标志" => flag(ItemFlag::Limited),
        "基本药物标志" => flag(ItemFlag::Essential),
        "医保谈判药品标志" => flag(ItemFlag::Negotiated),
        "儿童用药" => flag(ItemFlag::Child),
        "国家医保药品目录甲乙类标识" => Some(listing.class.0.name().to_owned()),
        _ => dated(column, listing.from, listing.end, &listing.version, listing.record.as_deref(), today),
    };
    line(columns, cell)
}

/// A term of a table as a line of a file.
pub(crate) fn term(columns: &[&str], code: &str, meaning: &Meaning, admdvs: &str, today: Date) -> String {
    // Day surgery tells the operation beside the disease; only its code is known.
    let day_surgery = columns.contains(&"日间手术病种目录代码");
    let cell = |column: &str| match column {
        "手术操作代码" if day_surgery => meaning.under.clone(),
        "手术操作名称" if day_surgery => None,
        "诊断代码"
        | "手术操作代码"
        | "门慢门特病种目录代码"
        | "按病种结算病种目录代码"
        | "日间手术病种目录代码"
        | "肿瘤/细胞类型代码"
        | "疾病分类代码"
        | "证候分类代码" => Some(code.to_owned()),
        "诊断名称"
        | "手术操作名称"
        | "门慢门特病种名称"
        | "按病种结算病种名称"
        | "日间手术病种名称"
        | "肿瘤/细胞类型"
        | "疾病分类名称"
        | "证候分类名称" => Some(meaning.name.clone()),
        "限定手术操作代码" | "类目代码" | "门慢门特病种大类代码" => meaning.under.clone(),
        "医保区划" => Some(admdvs.to_owned()),
        _ => dated(column, meaning.from, meaning.end, &meaning.version, meaning.record.as_deref(), today),
    };
    line(columns, cell)
}

/// What every list tells of a row.
fn dated(
    column: &str,
    from: Date,
    end: Option<Date>,
    version: &str,
    record: Option<&str>,
    today: Date,
) -> Option<String> {
    match column {
        "开始日期" | "生效时间" => Some(from.to_string()),
        // The books keep the first day on which it no longer holds, the interface the last on which it does.
        "结束日期" | "失效时间" => end.and_then(|end| end.yesterday().ok()).map(|last| last.to_string()),
        "有效标志" => Some(if end.is_none_or(|end| end > today) { "1" } else { "0" }.to_owned()),
        "唯一记录号" => record.map(str::to_owned),
        "版本号" | "版本名称" => Some(version.to_owned()),
        _ => None,
    }
}

/// Cells with tabs between them; a tab or line break inside a cell would shift what follows.
fn line<'c>(columns: &[&'c str], cell: impl Fn(&'c str) -> Option<String>) -> String {
    let cells = columns.iter().map(|column| cell(column).unwrap_or_default().replace(['\t', '\n', '\r'], " "));
    cells.collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_shifts_the_columns_after_it() {
        assert_eq!(
            line(&["甲", "乙", "丙"], |column| (column != "乙").then(|| format!("{column}\t\n"))),
            "甲  \t\t丙  "
        );
    }
}
