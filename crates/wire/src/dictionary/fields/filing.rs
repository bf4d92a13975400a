//! Fields on filings: transfer, special disease, chosen provider, accident (2501–2507, 5301–5304).

use super::Row;
use crate::dictionary::field::FLAG;
use crate::dictionary::field::Kind::{Day, Text, Time};

#[rustfmt::skip]
pub const FIELDS: &[Row] = &[
    ("trt_dcla_detl_sn", Text(30), "待遇申报明细流水号", "number of the filing"),
    ("dcla_souc", Text(3), "申报来源", "where it was filed"),
    ("dise_cond_dscr", Text(2000), "疾病病情描述", "condition"),
    ("reflin_medins_no", Text(50), "转往定点医药机构编号", "institution referred to"),
    ("reflin_medins_name", Text(200), "转往医院名称", "its name"),
    ("mdtrtarea_admdvs", Text(6), "就医地行政区划", "region of care"),
    ("hosp_agre_refl_flag", FLAG, "医院同意转院标志", "hospital agrees"),
    ("refl_type", Text(6), "转院类型", "kind of referral"),
    ("refl_date", Day, "转院日期", "date of the referral"),
    ("refl_rea", Text(100), "转院原因", "reason"),
    ("refl_opnn", Text(200), "转院意见", "opinion"),
    ("begndate", Day, "开始日期", "first day"),
    ("enddate", Day, "结束日期", "last day"),
    ("opsp_dise_code", Text(30), "门慢门特病种目录代码", "special disease"),
    ("opsp_dise_name", Text(300), "门慢门特病种名称", "its name"),
    ("ide_fixmedins_no", Text(50), "鉴定定点医药机构编号", "institution that recognised it"),
    ("ide_fixmedins_name", Text(200), "鉴定定点医药机构名称", "its name"),
    ("hosp_ide_date", Day, "医院鉴定日期", "date of recognition"),
    ("diag_dr_codg", Text(30), "诊断医师编码", "doctor"),
    ("diag_dr_name", Text(50), "诊断医师姓名", "doctor's name"),
    ("biz_appy_type", Text(3), "业务申请类型", "kind of application"),
    ("agnter_name", Text(50), "代办人姓名", "agent"),
    ("agnter_cert_type", Text(6), "代办人证件类型", "kind of the agent's paper"),
    ("agnter_certno", Text(50), "代办人证件号码", "number of the agent's paper"),
    ("agnter_tel", Text(30), "代办人联系方式", "agent's telephone"),
    ("agnter_addr", Text(200), "代办人联系地址", "agent's address"),
    ("agnter_rlts", Text(3), "代办人关系", "agent's relation"),
    ("fix_srt_no", Text(3), "定点排序号", "order of the chosen provider"),
    ("psn_insu_rlts_id", Text(30), "人员参保关系ID", "insurance relation"),
    ("adm_time", Time, "入院时间", "time of admission"),
    ("trum_time", Time, "受伤时间", "time of the injury"),
    ("trum_site", Text(200), "受伤地点", "place of the injury"),
    ("trum_rea", Text(500), "致伤原因", "cause of the injury"),
    ("chk_pay_flag", FLAG, "审核支付标志", "reviewed for payment"),
];
