//! What the groups of declared verbs are about.

/// Word, Chinese, English.
const NOUNS: &[(&str, &str, &str)] = &[
    ("access", "查看完整个人信息的授权和留痕", "Who may see full records, and who did"),
    ("agreement", "代扣缴费协议", "Agreements to draw contributions"),
    ("area", "区划：国库专户等", "Areas: their fiscal accounts"),
    ("arrangement", "其他医疗保障", "Other medical cover"),
    ("birth", "出生一件事", "Birth: all at once"),
    ("care", "结算：办理、撤销、说明、年终结转", "Care settled: settle, reverse, explain, close a year"),
    ("catalogue", "药品、诊疗项目、医用耗材目录", "The drug, service and consumable lists"),
    ("category", "人员类别：认定、终止、更正", "Categories of persons"),
    ("claim", "费用稽核", "Claims under review"),
    ("clearing", "跨省清算", "Clearing between provinces"),
    ("code", "代码变更与按日查询", "Codes: changes, and what they meant on a day"),
    ("covid", "新冠疫苗和患者费用的清算", "Clearing of COVID-19 costs"),
    ("credential", "就医凭证", "Credentials for care"),
    ("debit", "批量扣款", "Batch debits"),
    ("dues", "缴费：核定、凭证、退费、待处理款", "Dues: bills, receipts, refunds, suspense"),
    ("feed", "部门数据文件：装载、比对、退回", "Feeds of partner registers"),
    ("filing", "备案：异地、转诊、慢特病", "Filings: elsewhere, referral, special disease"),
    ("funding", "分类资助标准", "Sponsoring of the poor: standards by county"),
    ("household", "家庭", "Households"),
    ("loan", "助学贷款学生", "Students with state loans"),
    ("matter", "经办事项：受理、办理、查看", "Service matters: open, step, show"),
    ("member", "参保关系：登记、变更、终止", "Membership: enrol, change, end"),
    ("monitor", "因病致贫监测", "Watch against poverty through illness"),
    ("needy", "困难人员参保台账", "Cover of the needy"),
    ("notice", "账套里的通知：采纳草案", "Notices as the books have them: adopting a draft"),
    ("person", "人员登记册", "The register of persons"),
    ("platform", "平台监控", "Platform health"),
    ("point", "受理点", "Points of acceptance"),
    ("provider", "定点医药机构", "Designated providers"),
    ("region", "统筹区的账套", "The region's own book"),
    ("relief", "三重保障后的核查与转介", "Relief after the three layers"),
    ("remind", "参保缴费提醒", "Reminders to enrol and pay"),
    ("right", "特别权限", "Special rights"),
    ("snapshot", "参保名单快照与重复参保", "Frozen lists of members, and double cover"),
    ("sponsor", "资助参保", "Sponsored contributions"),
    ("study", "在校情况", "Studies"),
    ("target", "参保目标", "Enrolment targets"),
    ("tax", "与税务部门的数据往来", "Data to and from the tax authority"),
    ("term", "疾病诊断、手术操作、慢特病等标准目录", "Tables of diagnoses, operations, diseases"),
    ("transfer", "转移接续", "Transfers of the insurance relation"),
    ("transition", "过渡安排", "Transitional arrangements"),
    ("upload", "诊疗信息上传", "Uploads of care records"),
];

/// The Chinese and English of a word, where it is listed.
pub fn of(word: &str) -> Option<(&'static str, &'static str)> {
    NOUNS.iter().find(|(known, ..)| *known == word).map(|(_, zh, en)| (*zh, *en))
}
