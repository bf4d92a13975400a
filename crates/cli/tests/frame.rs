//! The frame: help, languages, exit codes, completions.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::run;

#[test]
fn help_is_chinese_first_and_english_on_request() {
    let help = run("--help").good();
    assert!(help.contains("用法：") && help.contains("退出码") && help.contains("--policies"), "{help}");
    let help = run("policy show --help --lang en").good();
    assert!(help.contains("Usage: tongchou policy show") && help.contains("Only what was known on this day"), "{help}");
    assert!(!help.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{help}");
}

#[test]
fn a_wrong_command_line_says_what_to_write() {
    for (words, cure) in [
        ("polcy", "是否要写 policy？"),
        ("policy shw", "是否要写 show？"),
        ("policy show", "缺少 <REGION>"),
        ("policy list --fromat csv", "是否要写 --format？"),
        ("policy list --format tabel", "是否要写 table？可用：table、json"),
        ("policy show chongqing --on 2022/1/1", "2022-01-31"),
        ("policy show chongqin", "chongqing"),
    ] {
        let ran = run(words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words}");
        assert!(ran.err.contains(cure), "{words}: {}", ran.err);
    }
}

#[test]
fn completions_are_written_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let text = run(&format!("completions {shell}")).good();
        assert!(text.contains("tongchou") && text.contains("known-on"), "{shell}");
    }
}
