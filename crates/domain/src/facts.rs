//! The closed vocabulary of facts that terms may depend on. Files, bills and conditions use the same words.

use std::fmt;

/// A closed vocabulary: its members, and the words they are written by.
pub trait Vocabulary: Copy + 'static {
    /// All members, in order.
    fn all() -> &'static [Self];
    /// The word used in files.
    fn word(self) -> &'static str;
    /// The Chinese name.
    fn chinese(self) -> &'static str;
    /// The English name.
    fn in_english(self) -> &'static str;
    /// Reads the word used in files, or the Chinese name.
    fn read(text: &str) -> Option<Self> {
        Self::all().iter().copied().find(|v| v.word() == text || v.chinese() == text)
    }
}

/// Declares an enumeration whose members have a code (files), a Chinese and an English name.
#[macro_export]
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $zh:literal, $en:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $(#[doc = $en] $(#[$vdoc])* $variant,)* }

        impl $name {
            /// All members, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word used in files.
            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }
            /// The Chinese name.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $zh,)* }
            }
            /// The English name.
            pub fn english(self) -> &'static str {
                match self { $($name::$variant => $en,)* }
            }
            /// Reads the word used in files, or the Chinese name.
            pub fn parse(text: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|v| v.code() == text || v.name() == text)
            }
        }

        impl $crate::Vocabulary for $name {
            fn all() -> &'static [$name] {
                $name::ALL
            }
            fn word(self) -> &'static str {
                self.code()
            }
            fn chinese(self) -> &'static str {
                self.name()
            }
            fn in_english(self) -> &'static str {
                self.english()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }
    };
}

/// Declares a set over a vocabulary, held in bits.
macro_rules! bit_set {
    ($(#[$doc:meta])* $set:ident of $member:ident in $bits:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $set(pub $bits);

        impl $set {
            /// The empty set.
            pub const NONE: $set = $set(0);
            /// With one more member.
            pub fn with(self, member: $member) -> $set {
                $set(self.0 | (1 << member as u8))
            }
            /// Whether the member is in the set.
            pub fn has(self, member: $member) -> bool {
                self.0 & (1 << member as u8) != 0
            }
            /// Whether the two sets share a member.
            pub fn meets(self, other: $set) -> bool {
                self.0 & other.0 != 0
            }
            /// The members, in order.
            pub fn iter(self) -> impl Iterator<Item = $member> {
                $member::ALL.iter().copied().filter(move |m| self.has(*m))
            }
        }

        impl FromIterator<$member> for $set {
            fn from_iter<I: IntoIterator<Item = $member>>(members: I) -> $set {
                members.into_iter().fold($set::NONE, $set::with)
            }
        }
    };
}

vocabulary! {
    /// The insurance a person is in.
    Scheme {
        Resident = "resident", "居民医保", "resident scheme";
        Employee = "employee", "职工医保", "employee scheme";
    }
}

vocabulary! {
    /// The kind of care a bill is for.
    Care {
        Inpatient = "inpatient", "住院", "inpatient stay";
        Outpatient = "outpatient", "普通门诊", "ordinary outpatient";
        Emergency = "emergency", "急诊", "emergency";
        Special = "special", "门诊慢特病", "outpatient chronic or special disease";
        TwoDisease = "two-disease", "两病门诊用药", "outpatient drugs for hypertension and diabetes";
        Pharmacy = "pharmacy", "定点药店", "designated retail pharmacy";
        Delivery = "delivery", "住院分娩", "inpatient delivery";
        Prenatal = "prenatal", "产前检查", "prenatal check";
        DaySurgery = "day-surgery", "日间手术", "day surgery";
        SingleDisease = "single-disease", "单病种", "payment by single disease";
    }
}

vocabulary! {
    /// The level of a provider.
    Level {
        Primary = "primary", "基层", "primary provider";
        One = "1", "一级", "level 1";
        Two = "2", "二级", "level 2";
        Three = "3", "三级", "level 3";
        Provincial = "3p", "省级三级", "provincial level 3";
    }
}

vocabulary! {
    /// The population group of a person.
    Group {
        Adult = "adult", "成年居民", "adult resident";
        Minor = "minor", "未成年人", "minor";
        Student = "student", "中小学生", "school pupil";
        University = "university", "大学生", "university student";
        Elder = "elder", "老年居民", "elderly resident";
        Active = "active", "在职职工", "employee in service";
        Retired = "retired", "退休人员", "retired employee";
    }
}

vocabulary! {
    /// How a bill stands to the place of insurance.
    Filing {
        Local = "local", "本地", "treated at home";
        Filed = "filed", "异地备案", "filed for care elsewhere";
        Referred = "referred", "转诊异地", "referred elsewhere";
        Emergency = "emergency", "异地急诊", "emergency elsewhere, not filed";
        Unfiled = "unfiled", "异地未备案", "elsewhere, not filed";
    }
}

vocabulary! {
    /// A category of person that terms may favour. A person may hold several.
    Category {
        Destitute = "destitute", "特困人员", "destitute person";
        MinimumAllowance = "minimum-allowance", "低保对象", "minimum-allowance recipient";
        Edge = "edge", "低保边缘家庭成员", "low-income-edge family member";
        LowIncome = "low-income", "低收入家庭救助人员", "low-income relief family member";
        ReturnedToPoverty = "returned-to-poverty", "返贫致贫人口", "returned to poverty";
        PovertyByIllness = "poverty-by-illness", "因病致贫重病患者", "poor through illness";
        SevereDisability = "severe-disability", "重度残疾人", "severely disabled";
        SingleParent = "single-parent", "单亲家庭成员", "single-parent family member";
        LostOnlyChild = "lost-only-child", "失独家庭成员", "family that lost its only child";
        FiveGuarantee = "five-guarantee", "农村五保供养人员", "rural five-guarantee person";
        ThreeNo = "three-no", "城市三无人员", "urban three-no person";
        Entitled = "entitled", "优抚对象", "entitled group";
        DisabledSoldier = "disabled-soldier", "一至六级伤残军人", "disabled soldier of grades 1 to 6";
        LoanStudent = "loan-student", "助学贷款大学生", "student with a state loan";
        NeedyFamilyMinor = "needy-family-minor", "困难家庭未成年人", "minor of a needy family";
        RuralLowIncome = "rural-low-income", "农村低收入人口", "rural low-income person";
        LiftedFromPoverty = "lifted-from-poverty", "脱贫人口", "person lifted from poverty";
        Monitored = "monitored", "监测对象", "person under monitoring";
        ElderlyAllowance = "elderly-allowance", "领取生活补助费老年人", "elderly drawing the living allowance";
        LargeAmountPayer = "large-amount-payer", "缴纳大额医疗救助费", "payer of the large-amount fee";
        Newborn = "newborn", "新生儿", "newborn";
        OtherNeedy = "other-needy", "其他困难人员", "other needy person";
    }
}

bit_set! {
    /// The categories a person holds on a day.
    Categories of Category in u32
}

vocabulary! {
    /// A mark on a bill or its provider.
    Mark {
        Reform = "reform", "公立医院改革", "hospital under public-hospital reform";
        Chosen = "chosen", "选定定点机构", "provider the person chose";
        Accident = "accident", "意外伤害", "accident";
        AcuteCritical = "acute-critical", "急危重伤病", "acute and critical";
        MajorIllness = "major-illness", "重特大疾病", "major illness";
        Approved = "approved", "按精准保障核准", "claimed under an approval of precise protection";
        ApprovedPatient = "approved-patient", "核准的患者", "the patient matches the approval";
        ApprovedHospital = "approved-hospital", "核准的医院", "the hospital matches the approval";
        ApprovedPhysician = "approved-physician", "核准的医师", "the physician matches the approval";
        LongPrescription = "long-prescription", "长期处方", "long prescription, above the ordinary quantity";
        Online = "online", "联网直接结算", "settled online at the provider";
        ThirdChild = "third-child", "三孩", "third child";
        Covid = "covid", "新冠肺炎", "COVID-19";
        DualChannel = "dual-channel", "双通道", "negotiated drug by the second channel";
        Referral = "referral", "转诊转入", "transferred in by referral";
    }
}

bit_set! {
    /// The marks of a bill.
    Marks of Mark in u32
}

vocabulary! {
    /// Which part of a stay a bill is: a long stay may be settled in parts, and is one admission with one deductible.
    Part {
        Whole = "whole", "整次", "all of it";
        First = "first", "首段", "the first part";
        Further = "further", "续段", "a further part";
    }
}

vocabulary! {
    /// The fund that pays a stage.
    Payer {
        Basic = "basic", "基本医保", "basic insurance";
        Catastrophic = "catastrophic", "大病保险", "catastrophic insurance";
        LargeAmount = "large-amount", "大额医疗救助", "large-amount fund";
        Supplement = "supplement", "补充医保", "enterprise supplement";
        CivilService = "civil-service", "公务员补助", "civil-service subsidy";
        Assistance = "assistance", "医疗救助", "medical assistance";
        Tilt = "tilt", "倾斜救助", "tilt assistance";
        Accident = "accident", "意外伤害附加", "accident add-on";
        Other = "other", "其他基金", "other fund";
    }
}

impl Payer {
    /// The column of the national settlement record that carries this fund's payment.
    pub fn column(self) -> &'static str {
        match self {
            Payer::Basic => "hifp_pay",
            Payer::Catastrophic => "hifmi_pay",
            Payer::LargeAmount => "hifob_pay",
            Payer::Supplement => "hifes_pay",
            Payer::CivilService => "cvlserv_pay",
            Payer::Assistance | Payer::Tilt => "maf_pay",
            Payer::Accident | Payer::Other => "oth_pay",
        }
    }
}

vocabulary! {
    /// The legal order of layers.
    Layer {
        Basic = "basic", "基本医保", "basic";
        Catastrophic = "catastrophic", "大病保险或补充保险", "catastrophic or supplementary";
        Assistance = "assistance", "医疗救助", "assistance";
        Other = "other", "其他", "other";
    }
}

/// Completed years from `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgeBand {
    /// Youngest.
    pub low: u8,
    /// Oldest.
    pub high: u8,
}

impl AgeBand {
    /// Reads `0-17` or `60+`.
    pub fn parse(text: &str) -> Option<AgeBand> {
        if let Some(low) = text.strip_suffix('+') {
            return Some(AgeBand { low: low.parse().ok()?, high: u8::MAX });
        }
        let (low, high) = text.split_once('-')?;
        let band = AgeBand { low: low.parse().ok()?, high: high.parse().ok()? };
        (band.low <= band.high).then_some(band)
    }

    /// Whether the age lies in the band.
    pub fn contains(self, age: u8) -> bool {
        self.low <= age && age <= self.high
    }
}

impl fmt::Display for AgeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.high == u8::MAX {
            return write!(f, "{}+", self.low);
        }
        write!(f, "{}-{}", self.low, self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for care in Care::ALL {
            assert_eq!(Care::parse(care.code()), Some(*care));
            assert_eq!(Care::parse(care.name()), Some(*care));
        }
        let set: Categories = [Category::Edge, Category::Newborn].into_iter().collect();
        assert!(set.has(Category::Newborn) && !set.has(Category::Destitute));
        assert_eq!(set.iter().count(), 2);
    }

    #[test]
    fn age_bands_are_inclusive() {
        let minor = AgeBand::parse("0-17").unwrap();
        assert!(minor.contains(17) && !minor.contains(18));
        assert!(AgeBand::parse("60+").unwrap().contains(60));
        assert_eq!(AgeBand::parse("18-3"), None);
    }
}
