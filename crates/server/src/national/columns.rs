//! The columns of catalogue files, by position, as public hospital systems read them (secondary: no official table was found).
//!
//! A column that the books know nothing of stays empty: nothing is made up to fill it.

use books::catalogue::{ItemFlag, Listing, Meaning};
use domain::Date;

/// The lists and their columns, in order, by transaction.
#[rustfmt::skip]
const COLUMNS: &[(&str, &str)] = &[
    ("1301", "医疗目录编码 药品商品名 通用名编号 药品通用名 化学名称 别名 英文名称 注册名称 药监本位码 药品剂型 药品剂型名称 药品类别 \
        药品类别名称 药品规格 药品规格代码 注册剂型 注册规格 注册规格代码 每次用量 使用频次 酸根盐基 国家药品编号 用法 中成药标志 生产地类别 \
        生产地类别名称 计价单位类型 非处方药标志 非处方药标志名称 包装材质 包装材质名称 包装规格 包装数量 功能主治 给药途径 说明书 开始日期 \
        结束日期 最小使用单位 最小销售单位 最小计量单位 最小包装数量 最小包装单位 最小制剂单位 最小包装单位名称 最小制剂单位名称 转换比 \
        药品有效期 最小计价单位 五笔助记码 拼音助记码 分包装厂家 生产企业编号 生产企业名称 特殊限价药品标志 特殊药品标志 限制使用范围 \
        限制使用标志 药品注册证号 药品注册证号开始日期 药品注册证号结束日期 批准文号 批准文号开始日期 批准文号结束日期 市场状态 \
        市场状态名称 药品注册批件电子档案 药品补充申请批件电子档案 国家医保药品目录备注 基本药物标志名称 基本药物标志 增值税调整药品标志 \
        增值税调整药品名称 上市药品目录集药品 医保谈判药品标志 医保谈判药品名称 卫健委药品编码 备注 有效标志 唯一记录号 数据创建时间 \
        数据更新时间 版本号 版本名称 儿童用药 公司名称 仿制药一致性评价药品 经销企业 经销企业联系人 经销企业授权书电子档案 \
        国家医保药品目录剂型 国家医保药品目录甲乙类标识"),
    ("1302", "医疗目录编码 单味药名称 单复方标志 质量等级 中草药年份 药用部位 安全计量 常规用法 性味 归经 品种 开始日期 结束日期 有效标志 \
        唯一记录号 数据创建时间 数据更新时间 版本号 版本名称 药材名称 功能主治 炮制方法 功效分类 药材种来源 国家医保支付政策 省级医保支付政策 \
        标准名称 标准页码 标准电子文档 下发标志 传输数据ID 生效时间 失效时间"),
    ("1303", "医疗目录编码 药品商品名 别名 英文名称 剂型 剂型名称 注册剂型 成分 功能主治 性状 药品规格 药品规格代码 注册规格 注册规格代码 \
        给药途径 贮藏 使用频次 每次用量 药品类别 药品类别名称 非处方药标志 非处方药标志名称 包装材质 包装材质名称 包装规格 说明书 包装数量 \
        最小使用单位 最小销售单位 最小计量单位 最小包装数量 最小包装单位 最小制剂单位 最小制剂单位名称 药品有效期 最小计价单位 不良反应 \
        注意事项 禁忌 生产企业编号 生产企业名称 生产企业地址 特殊限价药品标志 批准文号 批准文号开始日期 批准文号结束日期 药品注册证号 \
        药品注册证号开始日期 药品注册证号结束日期 转换比 限制使用范围 最小包装单位名称 注册名称 分包装厂家 市场状态 药品注册批件电子档案 \
        药品补充申请批件电子档案 国家医保药品目录编号 国家医保药品目录备注 增值税调整药品标志 增值税调整药品名称 上市药品目录集药品 \
        卫健委药品编码 备注 有效标志 开始日期 结束日期 唯一记录号 数据创建时间 数据更新时间 版本号 版本名称 自制剂许可证号 儿童用药 \
        老年患者用药 医疗机构联系人姓名 医疗机构联系人电话 自制剂许可证电子档案"),
    ("1305", "医疗目录编码 计价单位 计价单位名称 诊疗项目说明 诊疗除外内容 诊疗项目内涵 有效标志 备注 服务项目类别 医疗服务项目名称 \
        项目说明 开始日期 结束日期 唯一记录号 版本号 版本名称"),
    ("1306", "医疗目录编码 耗材名称 医疗器械唯一标识码 医保通用名代码 医保通用名 产品型号 规格代码 规格 耗材分类 规格型号 材质代码 耗材材质 \
        包装规格 包装数量 产品包装材质 包装单位 产品转换比 最小使用单位 生产地类别 生产地类别名称 产品标准 产品有效期 性能结构与组成 适用范围 \
        产品使用方法 产品图片编号 产品质量标准 说明书 其他证明材料 专机专用标志 专机名称 组套名称 机套标志 限制使用标志 医保限用范围 \
        最小销售单位 高值耗材标志 医用材料分类代码 植入材料和人体器官标志 灭菌标志 灭菌标志名称 植入或介入类标志 植入或介入类名称 \
        一次性使用标志 一次性使用标志名称 注册备案人名称 开始日期 结束日期 医疗器械管理类别 医疗器械管理类别名称 注册备案号 注册备案产品名称 \
        结构及组成 其他内容 批准日期 注册备案人住所 注册证有效期开始时间 注册证有效期结束时间 生产企业编号 生产企业名称 生产地址 代理人企业 \
        代理人企业地址 生产国或地区 售后服务机构 注册或备案证电子档案 产品影像 有效标志 唯一记录号 版本号 版本名称"),
    ("1307", "西医疾病诊断ID 章 章代码范围 章名称 节代码范围 节名称 类目代码 类目名称 亚目代码 亚目名称 诊断代码 诊断名称 使用标记 \
        国标版诊断代码 国标版诊断名称 临床版诊断代码 临床版诊断名称 备注 有效标志 唯一记录号 数据创建时间 数据更新时间 版本号 版本名称"),
    ("1308", "手术标准目录ID 章 章代码范围 章名称 类目代码 类目名称 亚目代码 亚目名称 细目代码 细目名称 手术操作代码 手术操作名称 使用标记 \
        团标版手术操作代码 团标版手术操作名称 临床版手术操作代码 临床版手术操作名称 备注 有效标志 唯一记录号 数据创建时间 数据更新时间 \
        版本号 版本名称"),
    ("1309", "门慢门特病种目录代码 门慢门特病种大类名称 门慢门特病种细分类名称 医保区划 备注 有效标志 唯一记录号 数据创建时间 数据更新时间 \
        版本号 病种内涵 版本名称 诊疗指南页码 诊疗指南电子档案 门慢门特病种名称 门慢门特病种大类代码"),
    ("1310", "病种结算目录ID 按病种结算病种目录代码 按病种结算病种名称 限定手术操作代码 限定手术操作名称 有效标志 唯一记录号 数据创建时间 \
        数据更新时间 版本号 病种内涵 备注 版本名称 诊疗指南页码 诊疗指南电子档案"),
    ("1311", "日间手术治疗目录ID 日间手术病种目录代码 日间手术病种名称 有效标志 唯一记录号 数据创建时间 数据更新时间 版本号 病种内涵 备注 \
        版本名称 诊疗指南页码 诊疗指南电子档案 手术操作名称 手术操作代码"),
    ("1313", "肿瘤形态学ID 肿瘤/细胞类型代码 肿瘤/细胞类型 形态学分类代码 形态学分类 有效标志 唯一记录号 数据创建时间 数据更新时间 版本号 \
        版本名称"),
    ("1314", "中医疾病诊断ID 科别类目代码 科别类目名称 专科系统分类目代码 专科系统分类目名称 疾病分类代码 疾病分类名称 备注 有效标志 \
        唯一记录号 数据创建时间 数据更新时间 版本号 版本名称"),
    ("1315", "中医证候ID 证候类目代码 证候类目名称 证候属性代码 证候属性 证候分类代码 证候分类名称 备注 有效标志 唯一记录号 数据创建时间 \
        数据更新时间 版本号 版本名称"),
    // No system was seen that reads this one: the shortest form that carries what is known.
    ("1320", "医疗目录编码 注册名称 药品规格 开始日期 结束日期 有效标志 唯一记录号 版本号"),
];

/// The columns of a list, in order; none where the transaction brings no file.
pub(crate) fn columns(infno: &str) -> Vec<&'static str> {
    // The columns of 1321 were not found; those of the other list of services are taken.
    let infno = if infno == "1321" { "1305" } else { infno };
    let found = COLUMNS.iter().find(|(known, _)| *known == infno);
    found.map(|(_, columns)| columns.split_whitespace().collect()).unwrap_or_default()
}

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
    use std::collections::BTreeSet;

    #[test]
    fn a_column_stands_once_where_it_was_seen() {
        for (infno, many) in [("1301", 92), ("1302", 33), ("1305", 16), ("1307", 24), ("1309", 16), ("1315", 14)] {
            let columns = columns(infno);
            assert_eq!(columns.len(), many, "{infno}");
            assert_eq!(columns.iter().collect::<BTreeSet<_>>().len(), many, "{infno}");
        }
        assert!(columns("1312").is_empty());
    }

    #[test]
    fn no_text_shifts_the_columns_after_it() {
        assert_eq!(
            line(&["甲", "乙", "丙"], |column| (column != "乙").then(|| format!("{column}\t\n"))),
            "甲  \t\t丙  "
        );
    }
}
