//! By what a provider is known outside: its social credit code and the grade it was accredited with. Neither decides a payment.

use domain::vocabulary;

use crate::answer::Refusal;

vocabulary! {
    /// Grade of accreditation: level and class, in the order of `hosp_lv` of the interface.
    Grade {
        ThreeSpecial = "3S", "三级特等", "level 3, special";
        ThreeA = "3A", "三级甲等", "level 3A";
        ThreeB = "3B", "三级乙等", "level 3B";
        ThreeC = "3C", "三级丙等", "level 3C";
        TwoA = "2A", "二级甲等", "level 2A";
        TwoB = "2B", "二级乙等", "level 2B";
        TwoC = "2C", "二级丙等", "level 2C";
        OneA = "1A", "一级甲等", "level 1A";
        OneB = "1B", "一级乙等", "level 1B";
        OneC = "1C", "一级丙等", "level 1C";
        None = "none", "无等级", "without a grade";
    }
}

/// The characters of a social credit code; each stands for its place (GB 32100).
const CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code as the register takes it: 18 characters, of which the last checks the others (GB 32100).
pub(super) fn uscc(text: &str) -> Result<String, Refusal> {
    let code = text.trim().to_ascii_uppercase();
    let mut sum = 0;
    let mut weight = 1;
    let mut places = code.chars().map(|c| CHARACTERS.find(c));
    for place in places.by_ref().take(17) {
        sum += place.ok_or_else(|| wrong(&code))? * weight;
        weight = weight * 3 % 31;
    }
    let check = places.next().flatten();
    if check == Some((31 - sum % 31) % 31) && places.next().is_none() { Ok(code) } else { Err(wrong(&code)) }
}

fn wrong(code: &str) -> Refusal {
    Refusal::new(
        "bad-uscc",
        format!("“{code}” 不是统一社会信用代码，或校验码不符"),
        "照登记证书写 18 位代码，不含 I、O、S、V、Z",
    )
}

#[cfg(test)]
mod tests {
    use super::uscc;

    #[test]
    fn the_last_character_checks_the_others() {
        // Sum of the seventeen by their weights, worked out by hand: 1 + 2·3 = 7, and 31 − 7 = 24, which is the character Q.
        assert_eq!(uscc(" 12000000000000000q ").unwrap(), "12000000000000000Q");
        for bad in ["", "12000000000000000R", "12000000000000000", "12000000000000000QQ", "1I000000000000000Q", "一二"]
        {
            assert_eq!(uscc(bad).unwrap_err().code, "bad-uscc", "{bad}");
        }
    }
}
