//! The verbs on notices: on those the program carries, and on a folder of one's own.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::{run, run_with, town, write};
use serde_json::{Value, json};

/// The records whose field is so.
fn with<'v>(records: &'v Value, field: &str, is: &str) -> Vec<&'v Value> {
    records.as_array().unwrap().iter().filter(|record| record[field] == is).collect()
}

// ── list ──────────────────────────────────────────────────

#[test]
fn a_notice_of_five_years_is_in_force_until_its_last_day() {
    let status = |day: &str| {
        let notices = run(&format!("policy list --region tianjin --on {day} --format json")).json();
        with(&notices, "id", "tianjin-2016-opinions")[0]["status"].clone()
    };
    assert_eq!(status("2016-06-22"), "not-yet");
    assert_eq!(status("2021-06-22"), "in-force");
    assert_eq!(status("2021-06-23"), "expired");
}

#[test]
fn a_list_tells_drafts_supplements_and_the_frame_apart() {
    let notices = run("policy list --on 2022-12-31 --format json").json();
    let status = |id: &str| with(&notices, "id", id)[0]["status"].clone();
    assert_eq!(status("chongqing-2021-resident"), "in-force");
    assert_eq!(status("tianjin-2022-draft"), "draft");
    assert_eq!(status("chongqing-illustrative"), "supplement");
    assert_eq!(status("national-2022-frame"), "frame");
    let chongqing = with(&notices, "id", "chongqing-2021-resident")[0];
    assert_eq!(chongqing["registered"], 170);
    assert_eq!(chongqing["file"], "policies/500000-chongqing/2021-12-06-resident.toml");
}

#[test]
fn a_recorded_adoption_puts_a_draft_in_force_and_a_repeal_ends_a_notice() {
    let town = town();
    write(
        &town,
        "990900-town/adopted.toml",
        "[[adoption]]\nnotice = \"town-draft\"\non = 2018-06-01\nsource = \"s\"\n",
    );
    write(
        &town,
        "990900-town/2019-01-01-last.toml",
        "[notice]\nid = \"town-last\"\nkind = \"notice\"\ntitle = \"x\"\nissued = 2019-01-01\nrepeals = [\"town-first\"]\n",
    );
    let notices = run_with(town.path(), "policy list --region 小城 --on 2019-01-01 --format json").json();
    assert_eq!(with(&notices, "id", "town-draft")[0]["status"], "adopted");
    assert_eq!(with(&notices, "id", "town-first")[0]["status"], "repealed");
    assert_eq!(with(&notices, "id", "town-first")[0]["ends"], "2018-12-31");
}

// ── show ──────────────────────────────────────────────────

#[test]
fn every_figure_shown_has_its_clause_and_a_derived_one_its_yuan() {
    let terms = run("policy show 重庆市 --on 2023-06-30 --format json").json();
    let deductible = with(&terms, "key", "stage.catastrophic.deductible")[0];
    assert_eq!(deductible["clauses"][0]["id"], "CQ21-02.1h");
    assert_eq!(deductible["clauses"][0]["where"], "二 para 1");
    assert_eq!(deductible["basis"], "derived");
    assert!(deductible["value"][1].as_str().unwrap().contains("16,901元"), "{deductible}");
}

#[test]
fn a_region_answers_to_every_name() {
    let names = ["chongqing", "500000", "重庆市", "渝"];
    let shown: Vec<String> =
        names.iter().map(|name| run(&format!("policy show {name} --on 2022-06-30 --format csv")).good()).collect();
    assert!(shown.iter().all(|one| *one == shown[0]));
}

#[test]
fn what_has_ended_is_shown_as_ended() {
    let town = town();
    let terms = run_with(town.path(), "policy show town --on 2021-06-01 --format json").json();
    let subsidy = with(&terms, "key", "subsidy.standard")[0];
    assert_eq!((&subsidy["status"], &subsidy["until"]), (&json!("ended"), &json!("2021-05-31")));
    let people = run_with(town.path(), "policy show town --on 2021-06-01").good();
    assert!(people.contains("2021-06-01起失效"), "{people}");
}

#[test]
fn knowledge_has_its_own_day_and_drafts_are_asked_for() {
    let town = town();
    let amount = |words: &str| {
        let terms = run_with(town.path(), &format!("policy show town --family subsidy --format json {words}")).json();
        terms[0]["value"][0].as_str().map(str::to_owned)
    };
    assert_eq!(amount("--on 2018-02-01").as_deref(), Some("金额：100元"));
    assert_eq!(amount("--on 2018-02-01 --draft town-draft").as_deref(), Some("金额：200元"));
    assert_eq!(amount("--on 2018-02-01 --known-on 2016-05-31"), None);
    let unknown = run_with(town.path(), "policy show town --draft town-drft");
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("town-draft"), "{}", unknown.err);
}

#[test]
fn a_missing_statistic_is_said_and_not_guessed() {
    let town = town();
    let terms =
        run_with(town.path(), "policy show town --on 2016-07-01 --family stage.outpatient.deductible --format json");
    assert!(terms.json()[0]["value"][1].as_str().unwrap().contains("400元"));
    let terms =
        run_with(town.path(), "policy show town --on 2017-07-01 --family stage.outpatient.deductible --format json");
    let terms = terms.json();
    assert_eq!(terms[0]["status"], "no-statistic");
    assert!(terms[0]["value"][1].as_str().unwrap().contains("缺2015年"), "{terms}");
}

// ── diff ──────────────────────────────────────────────────

#[test]
fn a_change_names_the_row_and_the_clause() {
    let town = town();
    let changes = run_with(town.path(), "policy diff town --from 2016-12-31 --to 2017-01-01 --format json").json();
    let bands = with(&changes, "key", "stage.outpatient.bands");
    assert_eq!(bands.len(), 1, "only the row that differs: {changes}");
    assert_eq!(bands[0]["about"], "一级");
    assert_eq!((&bands[0]["before"], &bands[0]["after"]), (&json!(["60%"]), &json!(["65%"])));
    assert_eq!((&bands[0]["clauses"][0]["id"], &bands[0]["since"]), (&json!("T-2"), &json!("2017-01-01")));
}

#[test]
fn the_same_day_with_a_draft_shows_what_the_draft_changes() {
    let town = town();
    let changes = run_with(town.path(), "policy diff town --from 2018-02-01 --draft town-draft --format json").json();
    assert_eq!(changes.as_array().unwrap().len(), 1);
    assert_eq!((&changes[0]["before"], &changes[0]["after"]), (&json!(["100元"]), &json!(["200元"])));
    assert_eq!(run_with(town.path(), "policy diff town --from 2018-02-01").code, 2);
}

#[test]
fn a_new_year_changes_a_derived_figure() {
    let changes = run("policy diff chongqing --from 2023-12-31 --to 2022-12-31 --format json").json();
    let deductible = with(&changes, "key", "stage.catastrophic.deductible");
    assert!(deductible[0]["after"][0].as_str().unwrap().contains("15,412元"), "{changes}");
}

// ── open ──────────────────────────────────────────────────

#[test]
fn open_figures_are_told_apart_from_those_stood_in_for() {
    let gaps = run("policy open chongqing --on 2022-06-30 --format json").json();
    let bands = with(&gaps, "key", "stage.outpatient.bands");
    assert_eq!(bands[0]["state"], "supplied");
    assert_eq!(bands[0]["supplied_by"], "chongqing-illustrative");
    assert_eq!(with(&gaps, "key", "enrolment.waiting")[0]["state"], "open");
    assert_eq!(with(&gaps, "key", "subsidy.standard")[0]["state"], "ended");
}

#[test]
fn a_stage_without_its_parts_is_open() {
    let town = town();
    let gaps = run_with(town.path(), "policy open town --on 2016-07-01 --format json").json();
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    assert_eq!((&gaps[0]["key"], &gaps[0]["state"]), (&json!("stage.outpatient.cap"), &json!("unsaid")));
}

// ── check ─────────────────────────────────────────────────

#[test]
fn the_notices_the_program_carries_are_sound() {
    let checked = run("policy check");
    assert_eq!(checked.code, 0, "{}", checked.out);
    assert!(checked.out.contains("0 处错误"), "{}", checked.out);
}

#[test]
fn every_fault_is_told_at_once_and_no_other_verb_runs() {
    let town = town();
    write(
        &town,
        "990900-town/2020-01-01-faulty.toml",
        "[notice]\nid = \"faulty\"\nkind = \"notice\"\ntitle = \"x\"\nissued = 2020-01-01\n\n\
         [[subsidy.standard]]\nclause = \"T-9\"\namount = 1.5\n\n[[subsidy.standrd]]\nclause = \"T-1\"\namount = 1\n",
    );
    let checked = run_with(town.path(), "policy check town --format json");
    assert_eq!(checked.code, 1);
    let findings: Value = serde_json::from_str(&checked.out).unwrap();
    for code in ["float", "unknown-key", "unknown-clause"] {
        let found = with(&findings, "code", code);
        assert_eq!(found.len(), 1, "{code}: {findings}");
        assert!(found[0]["line"].as_u64().unwrap() > 0 && found[0]["cure"].as_str().unwrap().len() > 1);
    }
    let refused = run_with(town.path(), "policy show chongqing --on 2022-01-01");
    assert_eq!((refused.code, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("[[subsidy.standrd]]") && refused.err.contains("policy check"), "{}", refused.err);
    // The faults of one region are not those of another.
    assert_eq!(run_with(town.path(), "policy check chongqing").code, 0);
}

#[test]
fn findings_are_written_as_sarif() {
    let town = town();
    write(&town, "990900-town/2020.toml", "[notice]\n");
    let checked = run_with(town.path(), "policy check --format sarif");
    let log: Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "missing-key");
}

#[test]
fn a_statement_that_the_figures_do_not_keep_is_found() {
    let checked = run("policy check chongqing --format json").json();
    let found = with(&checked, "code", "statement");
    let low = found.iter().find(|finding| finding["message"].as_str().unwrap().contains("350.00")).unwrap();
    assert_eq!((&low["severity"], &low["clause"]), (&json!("warning"), &json!("TJ22-N1b")));
    assert!(low["file"].as_str().unwrap().contains("500000-chongqing"), "the figure, not the statement: {low}");
}

// ── test and coverage ─────────────────────────────────────

#[test]
fn a_case_that_fails_is_told_with_expected_got_and_steps() {
    let town = town();
    std::fs::create_dir(town.path().join("990900-town/cases")).unwrap();
    let case = |amount: u32| {
        format!(
            "[[case]]\nname = \"补助\"\nclauses = [\"T-1\"]\nkind = \"terms\"\non = 2017-01-01\nkey = \"subsidy.standard\"\nexpect = {{ amount = {amount} }}\n"
        )
    };
    write(&town, "990900-town/cases/a.toml", &case(101));
    let failed = run_with(town.path(), "policy test 小城");
    assert_eq!(failed.code, 1);
    assert!(
        failed.out.contains("应为 101，实际 100.00") && failed.out.contains("0 个案例通过，1 个没有"),
        "{}",
        failed.out
    );
    let rows: Value = serde_json::from_str(&run_with(town.path(), "policy test town --format json").out).unwrap();
    assert_eq!((&rows[0]["passed"], &rows[0]["line"]), (&json!(false), &json!(1)));
    write(&town, "990900-town/cases/a.toml", &case(100));
    assert_eq!(run_with(town.path(), "policy test T-1").code, 0);
    assert_eq!(run_with(town.path(), "policy test no-such-case").code, 1);
    let clauses = run_with(town.path(), "policy coverage --clauses --of T- --format json").json();
    assert_eq!((&clauses[0]["state"], &clauses[0]["cases"]), (&json!("executed"), &json!(["补助"])));
    assert_eq!(clauses[1]["state"], "open");
    // The steps of a settlement, in the language that was asked for.
    let cap = "[[stage.outpatient.cap]]\nclause = \"T-2\"\nper = \"year\"\nrows = [{ amount = 5000 }]\n";
    let head = "[notice]\nid = \"town-cap\"\nkind = \"notice\"\ntitle = \"第二份通知\"\nissued = 2016-06-02\n";
    write(&town, "990900-town/2016-06-02-cap.toml", &format!("{head}{cap}"));
    let bill =
        "{ id = \"b1\", date = 2016-07-01, care = \"outpatient\", level = \"1\", a = 1000, expect = { basic = 1 } }";
    let person = "{ scheme = \"resident\", group = \"adult\", age = 40 }";
    let settled = format!("[[case]]\nname = \"b\"\nclauses = [\"T-1\"]\nperson = {person}\nbills = [{bill}]\n");
    write(&town, "990900-town/cases/a.toml", &settled);
    let steps = |words: &str| -> Vec<String> {
        let told = run_with(town.path(), words).out;
        told.lines().filter(|line| line.starts_with("      ")).map(str::to_owned).collect()
    };
    let (chinese, english) = (steps("policy test town"), steps("policy test town --lang en"));
    assert!(chinese.iter().any(|step| step.contains("总费用 1000.00")), "{chinese:?}");
    assert!(english.iter().any(|step| step.contains("bill 1000.00")), "{english:?}");
    assert!(english.iter().any(|step| step.contains("→ pays")), "{english:?}");
    assert!(
        !english.iter().flat_map(|step| step.chars()).any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)),
        "{english:?}"
    );
}

#[test]
fn why_a_case_was_refused_is_told_in_english_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("120000-tianjin/cases")).unwrap();
    write(
        &folder,
        "120000-tianjin/cases/refused.toml",
        r#"
[[case]]
name = "refused-a"
kind = "account"
month = "2016-09"
credit = 200
expect = { transfer = 140 }

[[case]]
name = "refused-b"
person = { scheme = "resident", tier = "low", group = "adult", age = 40, insured_since = 2015-01-01 }
bills = [{ id = "b1", date = 2017-03-01, care = "inpatient", level = "3", mark = ["accident"], a = 10000, expect = { accident = 500 } }]

[[case]]
name = "refused-c"
kind = "story"
do = [
  { on = 2016-07-01, run = "person register", with = { number = "110105194912310021", name = "A", area = "120101" }, expect = { person = "1" } },
]
"#,
    );
    let told = run_with(folder.path(), "policy test refused --lang en");
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(
        told.out.contains("refused: account.transfer: the terms of the day do not give `account.transfer`"),
        "{}",
        told.out
    );
    assert!(told.out.contains("b1: refused: no notice sets `stage.accident.deductible`"), "{}", told.out);
    assert!(told.out.contains("(wrong-check-digit); "), "{}", told.out);
    let chinese = |line: &&str| line.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
    let left: Vec<&str> = told.out.lines().filter(chinese).collect();
    assert!(left.is_empty(), "{left:#?}");
    let zh = run_with(folder.path(), "policy test refused").out;
    assert!(zh.contains("被拒绝：") && zh.contains("校验位不对"), "{zh}");
}

#[test]
fn coverage_counts_every_clause_of_every_notice_once() {
    let sums = run("policy coverage --format json").json();
    let of = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let notices: Vec<&str> = sums.as_array().unwrap().iter().map(|row| row["notice"].as_str().unwrap()).collect();
    assert_eq!(notices, ["CQ21", "JL22", "JS22", "TJ16", "TJ22"]);
    for row in sums.as_array().unwrap() {
        let parts = of(row, "executed") + of(row, "shown") + of(row, "open") + of(row, "not_executable");
        assert_eq!(of(row, "clauses"), parts, "{row}");
    }
    let clauses = run("policy coverage --clauses --format json").json();
    let all: u64 = sums.as_array().unwrap().iter().map(|row| of(row, "clauses")).sum();
    assert_eq!(clauses.as_array().unwrap().len() as u64, all);
    assert!(with(&clauses, "state", "open").iter().all(|clause| !clause["why"].as_str().unwrap().is_empty()));
}

// ── own folders ───────────────────────────────────────────

#[test]
fn a_folder_of_ones_own_is_laid_over_the_carried_notices() {
    let town = town();
    let shown = run_with(town.path(), "policy show chongqing --on 2022-06-30 --format json");
    assert_eq!(
        shown.out,
        run("policy show chongqing --on 2022-06-30 --format json").out,
        "a region beside changes nothing"
    );
    // The same path replaces a carried file.
    let path = "990200-example-ladder/illustrative.toml";
    std::fs::create_dir(town.path().join("990200-example-ladder")).unwrap();
    write(&town, path, "[notice]\nid = \"mine\"\nkind = \"supplement\"\ntitle = \"x\"\nissued = 2020-01-01\n");
    let notices = run_with(town.path(), "policy list --region example-ladder --format json").json();
    assert!(with(&notices, "id", "example-ladder-illustrative").is_empty(), "{notices}");
    assert_eq!(with(&notices, "id", "mine")[0]["file"], town.path().join(path).display().to_string());
}

#[test]
fn a_wrong_folder_is_named_with_its_cure() {
    let town = town();
    let region = run_with(&town.path().join("990900-town"), "policy list");
    assert_eq!(region.code, 2);
    assert!(region.err.contains(&format!("--policies {}", town.path().display())), "{}", region.err);
    assert_eq!(run("policy list --policies /nowhere").code, 2);
    let empty = tempfile::tempdir().unwrap();
    assert!(run_with(empty.path(), "policy list").err.contains("policy new"));
}

// ── new ───────────────────────────────────────────────────

#[test]
fn a_starter_region_is_sound_invents_nothing_and_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("510100-chengdu");
    let new = format!("policy new {} --name 成都市 --issued 2022-01-01", made.display());
    let told = run(&new).good();
    assert!(told.contains("policy open chengdu"), "{told}");
    assert_eq!(run_with(folder.path(), "policy check 成都市").code, 0);
    let gaps = run_with(folder.path(), "policy open chengdu --on 2022-01-01 --format json").json();
    let states: Vec<&Value> = gaps.as_array().unwrap().iter().map(|gap| &gap["state"]).collect();
    assert_eq!(states, ["open"; 3]);
    assert_eq!(run_with(folder.path(), "policy test chengdu").code, 0);
    let again = run(&new);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("region.toml"), "{}", again.err);
    assert_eq!(run("policy new no-code").code, 2);
    assert_eq!(run("policy new 500000-elsewhere").code, 2);
}

#[test]
fn a_region_that_is_there_is_given_a_notice_alone() {
    let town = town();
    let new = format!("policy new {}/990900-town --issued 2020-03-01", town.path().display());
    run_with(town.path(), &new).good();
    let made = |name: &str| town.path().join("990900-town").join(name).exists();
    assert!(made("2020-03-01-notice.toml") && !made("cases"));
    assert_eq!(run_with(town.path(), "policy check town").code, 0);
    let notices = run_with(town.path(), "policy list --region town --on 2020-03-01 --format json").json();
    assert_eq!(with(&notices, "id", "town-2020-03-01")[0]["provisions"], 0);
}

// ── forms ─────────────────────────────────────────────────

#[test]
fn listings_are_tables_csv_and_json_and_files_are_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms.csv");
    run(&format!("policy show chongqing --on 2022-06-30 -o {}", file.display())).good();
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, run("policy show chongqing --on 2022-06-30 --format csv").out);
    assert!(written.starts_with("key,name,status,value,clauses,"), "{written}");
    let people = run("policy show chongqing --on 2022-06-30").out;
    assert!(people.contains("大病保险 起付标准") && people.contains("CQ21-02.1i 二 para 1"), "{people}");
    let english = run("policy show chongqing --on 2022-06-30 --lang en").out;
    assert!(english.contains("15,412 yuan"), "{english}");
}

// ── paths and --set ──────────────────────────────────────

#[test]
fn paths_are_listed_with_value_clause_and_basis_and_can_be_set() {
    let town = town();
    let listed = run_with(town.path(), "policy paths town stage --on 2016-07-01 --format json").json();
    let one = with(&listed, "path", "stage.outpatient.bands[level=1].ratio")[0];
    assert_eq!((&one["value"], &one["basis"], &one["notice"]), (&json!("60%"), &json!("stated"), &json!("town-first")));
    assert_eq!(one["clauses"][0]["id"], "T-2");
    assert_eq!(with(&listed, "path", "stage.outpatient.bands[2].ratio")[0]["value"], "50%");
    assert!(with(&listed, "path", "subsidy.standard.amount").is_empty(), "only what begins so");
    assert!(with(&listed, "path", "stage.outpatient.shape.measure").is_empty(), "a word is no figure");
    let all = run_with(town.path(), "policy paths town stage --on 2016-07-01 --all --format json").json();
    assert_eq!(with(&all, "path", "stage.outpatient.shape.measure")[0]["value"], "year");

    let set = "stage.outpatient.bands[level=1]=+5pt";
    let changes =
        run_with(town.path(), &format!("policy diff town --from 2016-07-01 --set {set} --format json")).json();
    let changes = changes.as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((&changes[0]["after"], &changes[0]["notice"]), (&json!(["65%"]), &json!("set")));
    let shown = run_with(town.path(), &format!("policy show town --on 2016-07-01 --set {set} --format json")).json();
    assert_eq!(with(&shown, "key", "stage.outpatient.bands")[0]["basis"], "illustrative");
}

#[test]
fn a_path_that_means_nothing_is_drawn_with_what_there_is() {
    let town = town();
    let ran = run_with(town.path(), "policy show town --on 2016-07-01 --set stage.outpatient.bands[level=2]=50%");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    for word in ["no such row", "[level=1]", "policy paths town"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    let ran = run_with(town.path(), "policy show town --on 2016-07-01 --set stage.outpatient.bandz=50%");
    assert!(ran.code == 2 && ran.err.contains("stage.outpatient.bands"), "{}", ran.err);
}
