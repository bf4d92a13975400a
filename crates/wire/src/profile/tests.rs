//! The carried profiles hold, and what is wrong with a file is told.

use super::*;

#[test]
fn every_carried_profile_is_read_and_every_region_has_one() {
    for (name, text) in CARRIED {
        let profile = Profile::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(profile.basis, "illustrative", "{name}");
        assert!(profile.fund("390", "basic").is_some(), "{name}");
        assert!(text.starts_with("# "), "{name} says what it rests on");
    }
    let regions = ["120000", "220000", "220100", "320000", "320100", "320102", "320500", "500000", "500103", "500112"];
    for region in regions.iter().chain(&["990100", "990200", "990300"]) {
        assert!(Profile::of(region).is_some(), "{region}");
    }
    assert!(Profile::of("110000").is_none(), "no region takes another's profile");
}

#[test]
fn the_profiles_try_every_kind_of_gateway() {
    let gateways: Vec<GatewayKind> = CARRIED.iter().map(|(_, text)| Profile::parse(text).unwrap().gateway).collect();
    let kinds: std::collections::BTreeSet<String> =
        gateways.iter().map(|kind| format!("{kind:?}").split(' ').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[test]
fn a_profile_takes_from_another_only_what_it_says() {
    let own = "name = \"甲\"\nbasis = \"illustrative\"\nregions = []\n";
    let told = Profile::parse(own).unwrap_err().to_string();
    assert_eq!(told, "接口配置：缺少 [gateway]：请写出，或以 like = \"default\" 沿用默认配置");
    assert_eq!(Profile::parse(&format!("{own}like = \"default\"\n")).unwrap().gateway, GatewayKind::Open);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let own = "name = \"甲\"\nbasis = \"illustrative\"\nregions = []\nlike = \"default\"\n";
    for (more, told) in [
        ("colour = 1\n", "接口配置第5行：unknown field `colour`"),
        ("[cipher]\nencryption = \"des\"\nsignature = \"sm2\"\n", "接口配置第6行：unknown variant `des`"),
        (
            "[leave]\noptional = [\"2204.feedetail.cnt2\"]\ncodes = {}\n",
            "接口配置：leave.optional 中的“2204.feedetail.cnt2”",
        ),
        ("[leave]\noptional = []\ncodes = {colour = []}\n", "接口配置：leave.codes.colour：没有此名的代码表"),
        ("[person_identities]\nlow-income = \"\"\n", "接口配置：person_identities.low-income 中的“”"),
        ("[funds.390]\nbasic = {column = \"pay\", code = \"390100\"}\n", "接口配置：funds.390.basic：column 请写其一"),
        ("[funds.390]\nbasic = {column = \"hifp_pay\", code = \"1\"}\n", "接口配置：funds.390.basic：code “1”不在"),
    ] {
        let error = Profile::parse(&format!("{own}{more}")).unwrap_err().to_string();
        assert!(error.starts_with(told), "{error}");
    }
}
