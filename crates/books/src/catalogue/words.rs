//! The words of the catalogue. Codes of lists and charge classes are those of the national provider interface.

use domain::vocabulary;

vocabulary! {
    /// The list an item stands on: `list_type` of the interface.
    ListType {
        Drug = "101", "西药中成药", "western and patent drugs";
        Pieces = "102", "中药饮片", "decoction pieces";
        Preparation = "103", "自制剂", "hospital preparations";
        Ethnic = "104", "民族药", "ethnic drugs";
        Granules = "105", "中药配方颗粒", "TCM granules";
        Service = "201", "医疗服务项目", "medical services";
        Material = "301", "医用材料", "consumables";
    }
}

vocabulary! {
    /// The class an item is charged under: `med_chrgitm_type` of the interface.
    ChargeType {
        Bed = "01", "床位费", "bed";
        Consultation = "02", "诊察费", "consultation";
        Examination = "03", "检查费", "examination";
        Laboratory = "04", "化验费", "laboratory";
        Treatment = "05", "治疗费", "treatment";
        Operation = "06", "手术费", "operation";
        Nursing = "07", "护理费", "nursing";
        Material = "08", "卫生材料费", "materials";
        WesternDrug = "09", "西药费", "western drugs";
        Pieces = "10", "中药饮片费", "decoction pieces";
        PatentDrug = "11", "中成药费", "patent drugs";
        General = "12", "一般诊疗费", "general consultation fee";
        Registration = "13", "挂号费", "registration";
        Other = "14", "其他费", "other";
    }
}

vocabulary! {
    /// How an item is paid: wholly, after a first self-pay share, or not.
    Class {
        A = "A", "甲类", "class A";
        B = "B", "乙类", "class B";
        C = "C", "丙类", "class C";
    }
}

vocabulary! {
    /// What else is marked on an item.
    ItemFlag {
        Limited = "limited", "限定支付", "paid under conditions only";
        Essential = "essential", "基本药物", "essential drug";
        Negotiated = "negotiated", "国家谈判药品", "nationally negotiated drug";
        Child = "child", "儿童用药", "drug for children";
        Special = "special", "特殊项目", "special item of the list";
        Direct = "direct", "直接报销", "directly reimbursed";
    }
}

vocabulary! {
    /// Tables of terms that records and benefits are written with.
    TermSet {
        Diagnosis = "diagnosis", "疾病诊断", "diagnoses";
        Operation = "operation", "手术操作", "operations";
        Chronic = "chronic", "门诊慢特病病种", "outpatient chronic and special diseases";
        Single = "single", "按病种付费病种", "diseases paid by case";
        DaySurgery = "day-surgery", "日间手术病种", "day surgery";
        Morphology = "morphology", "肿瘤形态学", "tumour morphology";
        TcmDisease = "tcm-disease", "中医疾病", "TCM diseases";
        TcmSyndrome = "tcm-syndrome", "中医证候", "TCM syndromes";
    }
}
