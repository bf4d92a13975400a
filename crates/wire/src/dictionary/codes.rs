//! Code tables: what a word of the interface means. Served by transaction 1901, checked on every input.
//!
//! They are what public hospital systems carry, not an official edition: a table is not complete because it stands here.
//! Where regions lengthen a code (`2101` under `21`), the table says how many leading characters must be known ones.

/// One code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// As it stands in messages.
    pub code: &'static str,
    /// Chinese meaning.
    pub zh: &'static str,
    /// English meaning.
    pub en: &'static str,
}

/// One table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeTable {
    /// Its name, that of the field it was made for.
    pub name: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// How many leading characters a region's own code shares with one of the table; none where regions add no codes.
    pub local: Option<usize>,
    /// The codes, in order.
    pub codes: &'static [Code],
}

impl CodeTable {
    /// Whether a code may stand in a message: it is in the table, or a region's own under one of the table.
    pub fn holds(&self, word: &str) -> bool {
        let under = |code: &Code| self.local.is_some_and(|n| word.len() > n && word.get(..n) == code.code.get(..n));
        self.codes.iter().any(|code| code.code == word || under(code))
    }

    /// The Chinese meaning of a code.
    pub fn meaning(&self, word: &str) -> Option<&'static str> {
        self.codes.iter().find(|code| code.code == word).map(|code| code.zh)
    }
}

/// The table of this name.
pub fn code_table(name: &str) -> Option<&'static CodeTable> {
    CODE_TABLES.iter().find(|table| table.name == name)
}

const fn c(code: &'static str, zh: &'static str, en: &'static str) -> Code {
    Code { code, zh, en }
}

const UNSURE: &str = "（含义未查明）";
const UNKNOWN: &str = "(meaning not found)";

/// All tables.
#[rustfmt::skip]
pub static CODE_TABLES: &[CodeTable] = &[
    CodeTable { name: "flag", zh: "是否标志", en: "yes or no", local: None, codes: &[c("0", "否", "no"), c("1", "是", "yes")] },
    CodeTable { name: "insutype", zh: "险种类型", en: "insurance", local: None, codes: &[
        c("310", "职工基本医疗保险", "employees' basic"),
        c("320", "公务员医疗补助", "civil-service subsidy"),
        c("330", "大额医疗费用补助", "large-amount fund"),
        c("340", "离休人员医疗保障", "retired cadres"),
        c("350", UNSURE, UNKNOWN), c("360", UNSURE, UNKNOWN), c("370", UNSURE, UNKNOWN),
        c("380", "新型农村合作医疗", "former rural cooperative"),
        c("390", "城乡居民基本医疗保险", "urban and rural residents' basic"),
        c("391", "城镇居民基本医疗保险", "former urban residents' basic"),
        c("392", "城乡居民大病保险", "residents' catastrophic"),
        c("399", UNSURE, UNKNOWN),
        c("410", "长期照护保险", "long-term care"),
        c("510", "生育保险", "maternity"),
    ] },
    CodeTable { name: "med_type", zh: "医疗类别", en: "kind of care", local: Some(2), codes: &[
        c("11", "普通门诊", "outpatient"), c("12", "门诊挂号", "registration"), c("13", "急诊", "emergency"),
        c("14", "门诊慢特病", "special disease, outpatient"), c("19", "意外伤害门诊", "accident, outpatient"),
        c("21", "普通住院", "inpatient"), c("22", UNSURE, UNKNOWN), c("23", "转外诊治住院", "transferred out"),
        c("24", "急诊转住院", "emergency to inpatient"), c("28", "日间手术", "day surgery"),
        c("41", "定点药店购药", "pharmacy"), c("51", "生育门诊", "maternity, outpatient"),
        c("52", "生育住院", "maternity, inpatient"), c("53", "计划生育手术费", "family planning"),
        c("71", "家庭病床", "home bed"),
    ] },
    CodeTable { name: "psn_type", zh: "人员类别", en: "kind of person", local: Some(2), codes: &[
        c("11", "在职", "working"), c("12", "退休", "retired"), c("13", "离休", "retired cadre"),
        c("14", "居民（未成年）", "resident, minor"), c("15", "居民（成年）", "resident, adult"), c("16", "居民（老年）", "resident, old"),
        c("1401", "新生儿", "newborn"), c("1402", "学龄前儿童", "preschool"), c("1403", "中小学生", "school pupil"),
        c("1404", "大学生", "university student"), c("1405", "未成年（未入学）", "minor not enrolled"),
        c("1501", "普通居民（成年）", "adult resident"),
    ] },
    CodeTable { name: "fund_pay_type", zh: "基金支付类型", en: "fund", local: Some(3), codes: &[
        c("310100", "职工基本医疗保险统筹基金", "employees' pool"),
        c("310200", "职工基本医疗保险个人账户基金", "account"),
        c("320100", "公务员医疗补助基金", "civil-service subsidy"),
        c("330100", "大额医疗费用补助基金", "large-amount fund"),
        c("340100", UNSURE, UNKNOWN), c("350100", UNSURE, UNKNOWN),
        c("370100", "企业补充医疗保险基金", "enterprise supplement"),
        c("390100", "城乡居民基本医疗保险基金", "residents' basic"),
        c("390200", "城乡居民大病医疗保险资金", "residents' catastrophic"),
        c("390400", "城乡居民意外伤害基金", "residents' accidents"),
        c("410100", "工伤保险基金", "work injury"),
        c("510100", "生育基金", "maternity"),
        c("610100", "医疗救助基金", "assistance"),
        c("610200", "优抚对象医疗补助基金", "subsidy for entitled groups"),
        c("620100", UNSURE, UNKNOWN),
        c("630100", "医院减免金额", "waived by the hospital"),
        c("640100", "政府兜底基金", "government's floor"),
        c("999996", "医院垫付", "advanced by the hospital"),
        c("999997", "其他基金", "other"),
    ] },
    CodeTable { name: "gend", zh: "性别", en: "sex", local: None, codes: &[
        c("1", "男", "male"), c("2", "女", "female"), c("9", "未说明性别", "unknown"),
    ] },
    CodeTable { name: "hosp_lv", zh: "医院等级", en: "hospital grade", local: None, codes: &[
        c("01", "三级特等", "3, special"), c("02", "三级甲等", "3A"), c("03", "三级乙等", "3B"), c("04", "三级丙等", "3C"),
        c("05", "二级甲等", "2A"), c("06", "二级乙等", "2B"), c("07", "二级丙等", "2C"),
        c("08", "一级甲等", "1A"), c("09", "一级乙等", "1B"), c("10", "一级丙等", "1C"), c("11", "无等级", "none"),
        c("12", UNSURE, UNKNOWN), c("13", UNSURE, UNKNOWN), c("14", UNSURE, UNKNOWN),
    ] },
    CodeTable { name: "chrgitm_lv", zh: "收费项目等级", en: "class of the item", local: None, codes: &[
        c("01", "甲类", "A"), c("02", "乙类", "B"), c("03", "自费", "C"),
    ] },
    CodeTable { name: "med_chrgitm_type", zh: "医疗收费项目类别", en: "kind of charge", local: None, codes: &[
        c("01", "床位费", "bed"), c("02", "诊察费", "consultation"), c("03", "检查费", "examination"), c("04", "化验费", "laboratory"),
        c("05", "治疗费", "treatment"), c("06", "手术费", "operation"), c("07", "护理费", "nursing"), c("08", "卫生材料费", "material"),
        c("09", "西药费", "western medicine"), c("10", "中药饮片费", "decoction pieces"), c("11", "中成药费", "patent medicine"),
        c("12", "一般诊疗费", "general fee"), c("13", "挂号费", "registration"), c("14", "其他费", "other"),
    ] },
    CodeTable { name: "list_type", zh: "目录类别", en: "list", local: None, codes: &[
        c("101", "药品（西药、中成药）", "medicines"), c("102", "药品（中药饮片）", "decoction pieces"),
        c("103", "药品（医疗机构制剂）", "hospital preparations"), c("104", "药品（民族药）", "ethnic medicines"),
        c("105", "药品（细分未查明）", "medicines (which kind not found)"),
        c("201", "医疗服务项目", "services"), c("301", "医用耗材", "materials"),
    ] },
    CodeTable { name: "mdtrt_cert_type", zh: "就诊凭证类型", en: "kind of care voucher", local: None, codes: &[
        c("01", "医保电子凭证", "electronic voucher"), c("02", "居民身份证", "identity card"), c("03", "社会保障卡", "social-security card"),
    ] },
    CodeTable { name: "diag_type", zh: "诊断类别", en: "kind of diagnosis", local: None, codes: &[
        c("1", "西医诊断", "western"), c("2", "中医主病诊断", "Chinese medicine, disease"), c("3", "中医主证诊断", "Chinese medicine, syndrome"),
    ] },
    CodeTable { name: "hosp_appr_flag", zh: "医院审批标志", en: "hospital's approval", local: None, codes: &[
        c("0", "限制使用项目：自费；不限制项目：正常", "limited item: own cost; else normal"),
        c("1", "限制使用项目：可报销；不限制项目：正常", "limited item: covered; else normal"),
        c("2", "自费", "own cost"),
    ] },
    CodeTable { name: "clr_type", zh: "清算类别", en: "kind of clearing", local: None, codes: &[
        c("11", "门诊", "outpatient"), c("21", "住院", "inpatient"), c("41", "药店购药", "pharmacy"),
        c("51", "缓结", "deferred"), c("99", "其他", "other"),
    ] },
    CodeTable { name: "pay_loc", zh: "支付地点类别", en: "place of payment", local: None, codes: &[
        c("1", "中心", "centre"), c("2", "医院", "hospital"), c("3", "省内异地", "elsewhere in the province"), c("4", "跨省异地", "other province"),
    ] },
    CodeTable { name: "setl_type", zh: "结算类别", en: "kind of settlement", local: None, codes: &[
        c("1", "中心报销", "by hand at the centre"), c("2", "联网结算", "online"), c("3", "补充报销", "supplementary"),
    ] },
    CodeTable { name: "opter_type", zh: "经办人类别", en: "kind of operator", local: None, codes: &[
        c("1", "经办人", "clerk"), c("2", "自助终端", "self-service"), c("3", "移动终端", "mobile"),
    ] },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_regions_longer_code_is_held_where_the_table_is_open() {
        let care = code_table("med_type").unwrap();
        for (word, held) in [
            ("21", true),
            ("2101", true),
            ("140104", true),
            ("9901", false),
            ("2", false),
            ("住院", false),
            ("", false),
        ] {
            assert_eq!(care.holds(word), held, "{word}");
        }
        let funds = code_table("fund_pay_type").unwrap();
        assert!(funds.holds("610101") && funds.holds("999997") && !funds.holds("888888"));
        assert!(!code_table("insutype").unwrap().holds("3901"));
        assert_eq!(code_table("insutype").unwrap().meaning("390"), Some("城乡居民基本医疗保险"));
    }

    #[test]
    fn tables_and_their_codes_stand_once() {
        let names: BTreeSet<_> = CODE_TABLES.iter().map(|table| table.name).collect();
        assert_eq!(names.len(), CODE_TABLES.len());
        for table in CODE_TABLES {
            let codes: BTreeSet<_> = table.codes.iter().map(|code| code.code).collect();
            assert_eq!(codes.len(), table.codes.len(), "{}", table.name);
        }
    }
}
