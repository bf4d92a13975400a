//! Fields on catalogues, dictionaries, matching and files (1301–1321, 1901, 3301, 3302, 9101, 9102).

use super::Row;
use crate::dictionary::field::FLAG;
use crate::dictionary::field::Kind::{Day, Number, Open, Text, Time};

#[rustfmt::skip]
pub const FIELDS: &[Row] = &[
    ("ver", Text(20), "版本号", "version"),
    ("file_qury_no", Text(30), "文件查询号", "number of the file"),
    ("filename", Text(200), "文件名", "file name"),
    ("dld_end_time", Time, "下载截止时间", "can be fetched until"),
    ("dld_endtime", Time, "下载截止日期", "can be fetched until"),
    ("data_cnt", Number(16, 0), "数据量", "rows"),
    ("in", Open, "文件数据", "bytes of the file"),
    ("query_date", Day, "查询时间点", "as of"),
    ("updt_time", Time, "更新时间", "changed since"),
    ("page_num", Number(4, 0), "当前页数", "page"),
    ("page_size", Number(4, 0), "本页数据量", "rows a page"),
    ("hilist_pric_uplmt_amt", Number(16, 6), "医保目录定价上限金额", "price limit"),
    ("hilist_lmtpric_type", Text(6), "医保目录限价类型", "kind of price limit"),
    ("overlmt_dspo_way", Text(3), "医保目录超限处理方式", "what happens above the limit"),
    ("hilist_selfpay_prop", Number(5, 4), "医保目录自付比例", "first self-pay share"),
    ("selfpay_prop_psn_type", Text(6), "自付比例人员类别", "kind of person it holds for"),
    ("selfpay_prop_type", Text(6), "自付比例类别", "kind of share"),
    ("fixmedins_hilist_id", Text(30), "定点医药机构目录编号", "institution's item"),
    ("fixmedins_hilist_name", Text(200), "定点医药机构目录名称", "its name"),
    ("aprvno", Text(30), "批准文号", "approval number"),
    ("dosform", Text(200), "剂型", "dosage form"),
    ("exct_cont", Text(2000), "除外内容", "what it leaves out"),
    ("item_cont", Text(2000), "项目内涵", "what it covers"),
    ("prcunt", Text(100), "计价单位", "unit of the price"),
    ("pacspec", Text(100), "包装规格", "pack"),
    ("type", Text(30), "字典类型", "code table"),
    ("parentValue", Text(10), "父字典键值", "code above"),
    ("admdvs", Text(6), "行政区划", "region"),
    ("date", Day, "查询日期", "as of"),
    ("valiFlag", FLAG, "有效标志", "valid"),
    ("label", Text(50), "字典标签", "meaning"),
    ("value", Text(20), "字典键值", "code"),
    ("sort", Number(10, 0), "序号", "order"),
    ("createUser", Text(30), "创建账户", "made by"),
    ("createDate", Day, "创建时间", "made on"),
    ("version", Text(20), "版本号", "version"),
];
