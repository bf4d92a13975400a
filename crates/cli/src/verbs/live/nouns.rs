//! What the groups of declared verbs are about.

/// Word, Chinese, English.
const NOUNS: &[(&str, &str, &str)] = &[
    ("area", "区划：国库专户等", "Areas: their fiscal accounts"),
    ("arrangement", "其他保障", "Other arrangements of cover"),
    ("category", "人员类别：各部门的名册说了什么", "Categories of persons, as the registers have them"),
    ("household", "户", "Households"),
    ("loan", "助学贷款", "Student loans"),
    ("notice", "账套里的通知：采纳草案", "Notices as the books have them: adopting a draft"),
    ("person", "人员登记册", "The register of persons"),
    ("region", "统筹区的账套", "The region's own book"),
    ("study", "在校情况", "Studies"),
];

/// The Chinese and English of a word, where it is listed.
pub fn of(word: &str) -> Option<(&'static str, &'static str)> {
    NOUNS.iter().find(|(known, ..)| *known == word).map(|(_, zh, en)| (*zh, *en))
}
