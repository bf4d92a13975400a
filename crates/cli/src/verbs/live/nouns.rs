//! What the groups of declared verbs are about.

/// Word, Chinese, English.
const NOUNS: &[(&str, &str, &str)] = &[
    ("access", "查看完整信息的记录", "Who looked at full records"),
    ("agreement", "缴费扣款协议", "Agreements on payment by debit"),
    ("area", "区划：国库专户等", "Areas: their fiscal accounts"),
    ("arrangement", "其他保障", "Other arrangements of cover"),
    ("birth", "出生一件事：新生儿参保", "The birth of a child as one matter: its enrolment"),
    ("care", "就医结算：结算、撤销、年度对账单", "Care: settle, take back, statements of a year"),
    ("category", "人员类别：各部门的名册说了什么", "Categories of persons, as the registers have them"),
    ("claim", "费用稽核抽样", "Samples of claims for audit"),
    ("clearing", "跨省清算", "Clearing between provinces"),
    ("code", "代码集的变更", "Changes of code sets"),
    ("covid", "新冠疫苗和接种费用清算", "Vaccines and vaccinations against COVID-19"),
    ("credential", "就医凭证：社保卡、医保电子凭证", "Credentials: cards and electronic credentials"),
    ("debit", "批量扣款", "Batch debit"),
    ("dues", "个人缴费：核定、到账、退费", "Contributions: bills, receipts, refunds"),
    ("feed", "部门数据的装载", "Feeds of partners"),
    (
        "filing",
        "备案：转诊、异地就医、慢特病、选点",
        "Filings: referral, care elsewhere, special disease, chosen provider",
    ),
    ("funding", "区县的分类资助标准", "Funding standards of districts by class"),
    ("household", "户", "Households"),
    ("loan", "助学贷款", "Student loans"),
    ("matter", "经办事项的受理和办理", "Matters: taken in, worked on, decided"),
    ("member", "参保关系", "Enrolment"),
    ("monitor", "因病致贫监测", "Monitoring against poverty through illness"),
    ("needy", "困难人员参保台账", "The ledger of needy persons"),
    ("notice", "账套里的通知：采纳草案", "Notices as the books have them: adopting a draft"),
    ("person", "人员登记册", "The register of persons"),
    ("platform", "平台运行监控", "The platform's own running"),
    ("point", "受理点", "Service points"),
    ("provider", "定点医药机构", "Providers"),
    ("region", "统筹区的账套", "The region's own book"),
    ("relief", "三重保障后的救助转介", "Relief after the three layers"),
    ("remind", "参保缴费提醒", "Reminders to enrol and pay"),
    ("right", "特别权限", "Special rights"),
    ("snapshot", "参保名单快照", "Frozen lists of the insured"),
    ("sponsor", "资助参保", "Sponsored contributions"),
    ("study", "在校情况", "Studies"),
    ("target", "参保扩面目标", "Targets of enrolment"),
    ("tax", "税务征缴对接", "Docking with the tax platform"),
    ("transfer", "转移接续", "Transfers of the insurance relation"),
    ("transition", "过渡安排", "Transitions"),
    ("upload", "诊疗信息上传", "Uploads of providers"),
];

/// The Chinese and English of a word, where it is listed.
pub fn of(word: &str) -> Option<(&'static str, &'static str)> {
    NOUNS.iter().find(|(known, ..)| *known == word).map(|(_, zh, en)| (*zh, *en))
}
