//! Faults that a notice, region or statistics file may have, each named with its place and never passed over.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::Date;
use jiff::civil::date;
use policy::{Library, SourceFile, View};

const REGION: &str = "[region]\ncode='500000'\nslug='town'\nname='某市'\n[[tier]]\nid='low'\nname='低档'\n";
const HEADER: &str = "[notice]\nid='n'\nkind='notice'\ntitle='x'\nissued=2020-06-01\n";
const SHAPE: &str = "[[stage.x.shape]]\nclause='T-1'\nname='x'\npayer='basic'\nlayer='basic'\norder=1\nbase='in-scope'\nmeasure='visit'\n";

fn library(files: &[(&str, &str)]) -> Library {
    let file =
        |path: &str, text: &str| SourceFile { path: path.to_owned(), shown: path.to_owned(), text: text.to_owned() };
    let header = "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n";
    let register = file("clauses.tsv", &format!("{header}T-1\t一\tx\trule\tother\t-\t-\t-\t-\n"));
    let town = [file("500000-town/region.toml", REGION), register];
    Library::read(town.into_iter().chain(files.iter().map(|(path, text)| file(path, text))))
}

/// What is wrong with these files beside a faultless region, as `severity code`.
fn of_files(files: &[(&str, &str)]) -> Vec<String> {
    library(files).findings.iter().map(|f| format!("{} {}", f.severity.code(), f.code)).collect()
}

/// What is wrong with a notice of these provisions.
fn of(body: &str) -> Vec<String> {
    of_files(&[("500000-town/n.toml", &format!("{HEADER}{body}"))])
}

/// What is wrong with a stage that has these parts.
fn of_stage(parts: &str) -> Vec<String> {
    of(&format!("{SHAPE}{parts}"))
}

/// What is wrong with the bands of a stage with these rows.
fn of_bands(rows: &str) -> Vec<String> {
    of_stage(&format!("[[stage.x.bands]]\nclause='T-1'\nrows=[{rows}]\n"))
}

/// What is wrong with a service item of these steps.
fn of_matter(flow: &str) -> Vec<String> {
    of(&format!("[[matter.x]]\nclause='T-1'\nname='x'\napplicant='any'\nflow=[{flow}]\n"))
}

#[test]
fn a_service_item_opens_once_and_every_step_is_reached_and_leads_on_or_ends() {
    let end = "{ step='b', name='乙', after='a', ends=true }";
    assert_eq!(of_matter(&format!("{{ step='a', name='甲' }}, {end}")), Vec::<String>::new());
    let steps = |flow: &str| assert!(of_matter(flow).contains(&"error steps".to_owned()), "{flow}");
    steps(&format!("{{ step='a', name='甲' }}, {{ step='c', name='丙' }}, {end}"));
    steps("{ step='a', name='甲' }");
    steps(&format!("{{ step='a', name='甲' }}, {end}, {{ step='c', name='丙', after='b', ends=true }}"));
    steps(&format!("{{ step='a', name='甲' }}, {end}, {end}"));
    steps(&format!(
        "{{ step='a', name='甲' }}, {end}, {{ step='c', name='丙', after='d' }}, {{ step='d', name='丁', after='c' }}"
    ));
    assert_eq!(
        of_matter(&format!("{{ step='a', name='甲' }}, {end}, {{ step='c', name='丙', after='z', ends=true }}")),
        ["error dangling", "error steps"]
    );
    assert_eq!(
        of_matter("{ step='a', name='甲' }, { step='b', name='乙', after='a', money='owes', ends=true }"),
        ["error missing-key"]
    );
}

#[test]
fn two_ranges_of_age_or_admission_are_not_cut_to_the_last() {
    assert_eq!(of_bands("{ age='0-17', ratio='70%' }"), Vec::<String>::new());
    assert_eq!(of_bands("{ age=['0-17','60+'], ratio='70%' }"), ["error one-range"]);
    assert_eq!(of_bands("{ admission=['1','3'], ratio='70%' }"), ["error one-range"]);
    assert_eq!(of_bands("{ admission='3-2', ratio='70%' }"), ["error wrong-unit"]);
}

#[test]
fn a_condition_that_says_nothing_or_cannot_be_read_is_one_finding() {
    assert_eq!(of_bands("{ care=[], ratio='70%' }"), ["error empty-condition"]);
    // Taken as "any age", the first row would kill the second.
    assert_eq!(of_bands("{ age='young', ratio='70%' }, { ratio='60%' }"), ["error wrong-unit"]);
}

/// The subsidy of the town (or of a place in it) on a day.
fn subsidy(files: &[(&str, &str)], region: &str, day: Date, view: &View<'_>) -> String {
    let library = library(files);
    assert_eq!(library.findings, vec![]);
    let terms = library.terms(library.region(region).unwrap(), day, view);
    terms
        .get("subsidy.standard")
        .map_or_else(|why| format!("{why:?}"), |cited| cited.provision.record.amount("amount").unwrap().to_string())
}

fn notice(id: &str, kind: &str, issued: &str, amount: u32) -> String {
    format!(
        "[notice]\nid='{id}'\nkind='{kind}'\ntitle='x'\nissued={issued}\n[[subsidy.standard]]\nclause='T-1'\namount={amount}\n"
    )
}

#[test]
fn a_draft_asked_for_stands_above_later_notices_and_an_adopted_one_at_its_adoption() {
    let draft = notice("d", "draft", "2018-01-01", 300);
    let (between, after) = (notice("b", "notice", "2018-06-01", 400), notice("a", "notice", "2020-01-01", 500));
    let files = [("500000-town/d.toml", draft.as_str()), ("500000-town/b.toml", &between)];
    let asked = View { drafts: vec!["d".into()], ..View::default() };
    let day = date(2021, 1, 1);
    assert_eq!(subsidy(&files, "town", day, &View::default()), "400.00");
    assert_eq!(subsidy(&files, "town", day, &asked), "300.00");
    let adopted = ("500000-town/e.toml", "[[adoption]]\nnotice='d'\non=2019-01-01\nsource='s'\n");
    let files = [files[0], files[1], adopted];
    assert_eq!(subsidy(&files, "town", day, &View::default()), "300.00");
    let files = [files[0], files[1], adopted, ("500000-town/a.toml", after.as_str())];
    assert_eq!(subsidy(&files, "town", day, &View::default()), "500.00");
}

#[test]
fn a_supplement_goes_with_its_draft_and_is_known_from_its_issue() {
    let draft = "[notice]\nid='d'\nkind='draft'\ntitle='x'\nissued=2018-01-01\n";
    let supplement = "[notice]\nid='s'\nkind='supplement'\ntitle='x'\nissued=2018-01-01\naccompanies='d'\n
        [[subsidy.standard]]\nbasis='illustrative'\nsource='s'\namount=1\n";
    let files = [("500000-town/d.toml", draft), ("500000-town/s.toml", supplement)];
    let day = date(2021, 1, 1);
    let asked = View { drafts: vec!["d".into()], ..View::default() };
    assert_eq!(subsidy(&files, "town", day, &asked), "1.00");
    let without = View { without: vec!["d".into()], ..asked.clone() };
    assert_eq!(subsidy(&files, "town", day, &without), "Absent");
    let before = View { known_on: Some(date(2017, 1, 1)), ..asked };
    assert_eq!(subsidy(&files, "town", day, &before), "Absent");
}

#[test]
fn of_two_notices_of_one_day_the_nearer_region_wins() {
    let city = "[region]\ncode='500100'\nslug='city'\nname='城'\nparent='town'\n";
    let (far, near) = (notice("z", "notice", "2020-06-01", 1), notice("a", "notice", "2020-06-01", 2));
    let files = [("500100-city/region.toml", city), ("500000-town/z.toml", &far), ("500100-city/a.toml", &near)];
    assert_eq!(subsidy(&files, "city", date(2021, 1, 1), &View::default()), "2.00");
    assert_eq!(subsidy(&files, "town", date(2021, 1, 1), &View::default()), "1.00");
}

#[test]
fn where_every_notice_has_ended_the_terms_say_which_and_when() {
    let text = notice("n", "notice", "2016-06-01", 1).replace("title='x'", "title='x'\nvalid_years=5");
    let library = library(&[("500000-town/n.toml", &text)]);
    let region = library.region("town").unwrap();
    let ended = |day| library.terms(region, day, &View::default()).ended().map(|(n, on)| (n.id.clone(), on));
    assert_eq!(ended(date(2015, 1, 1)), None);
    assert_eq!(ended(date(2021, 5, 31)), None);
    assert_eq!(ended(date(2021, 6, 1)), Some(("n".to_owned(), date(2021, 6, 1))));
}

#[test]
fn a_share_ends_at_the_whole_and_a_factor_may_go_above() {
    assert_eq!(of_bands("{ ratio='101%' }"), ["error wrong-unit"]);
    let adjust = |body: &str| of_stage(&format!("[[stage.x.adjust.more]]\nclause='T-1'\n{body}\n"));
    assert_eq!(adjust("ratio_times='110%'"), Vec::<String>::new());
    assert_eq!(adjust("ratio_times='1001%'"), ["error wrong-unit"]);
    assert_eq!(adjust("order=1"), ["error no-effect"]);
}

#[test]
fn bands_rise_and_only_the_last_is_open_ended() {
    let bands = |bands: &str| of_bands(&format!("{{ bands=[{bands}] }}"));
    assert_eq!(bands("{ to=100, ratio='50%' }, { ratio='60%' }"), Vec::<String>::new());
    assert_eq!(bands("{ to=100, ratio='50%' }, { to=100, ratio='60%' }"), ["error band-order"]);
    assert_eq!(bands("{ ratio='50%' }, { to=100, ratio='60%' }"), ["error band-order"]);
    assert_eq!(of_bands("{ ratio='50%', bands=[{ ratio='60%' }] }"), ["error two-ratios"]);
    assert_eq!(of_bands("{ care='inpatient' }"), ["error no-figure"]);
    assert_eq!(of_bands("{ open=true }"), Vec::<String>::new());
}

#[test]
fn numbers_and_days_out_of_all_range_are_named_and_never_overflow() {
    let with = |header: &str, body: &str| {
        let text = HEADER.replace("title='x'", &format!("title='x'\n{header}")) + body;
        of_files(&[("500000-town/n.toml", &text)])
    };
    assert_eq!(with("valid_years=30000", ""), ["error out-of-range"]);
    assert_eq!(with("valid_years=5\nexpires=2025-01-01", ""), ["error two-periods"]);
    assert_eq!(with("", "[[subsidy.standard]]\nclause='T-1'\nyear=32767\namount=1\n"), ["error out-of-range"]);
    assert_eq!(with("", "[[subsidy.standard]]\nclause='T-1'\nuntil=9999-12-31\namount=1\n"), ["error out-of-range"]);
    let rule = "{ share='50%', of='income', years_before=-30000, round='yuan' }";
    assert!(
        with("", &format!("[[subsidy.standard]]\nclause='T-1'\namount={rule}\n"))
            .contains(&"error out-of-range".to_owned())
    );
    let statistic = |year: &str, value: &str| {
        let text = format!("[[statistic]]\nid='income'\nyear={year}\nvalue={value}\nsource='s'\n");
        of_files(&[("500000-town/statistics.toml", &text)])
    };
    assert_eq!(statistic("40000", "1"), ["error out-of-range"]);
    assert_eq!(statistic("2020", "'open'"), ["error wrong-unit"]);
}

#[test]
fn fields_that_mean_nothing_together_are_named() {
    let deductible = |body: &str| of_stage(&format!("[[stage.x.deductible]]\nclause='T-1'\n{body}\n"));
    assert_eq!(deductible("per='visit'\nrows=[{ amount='none' }]"), ["error none"]);
    assert_eq!(deductible("per='visit'\npool='p'\nrows=[{ amount=1 }]"), ["error pool"]);
    assert_eq!(deductible("per='year'\nyear_limit=9\nrows=[{ amount=1 }]"), ["error year-limit"]);
    assert_eq!(deductible("per='visit'\nrows=[{ share='50%' }]"), ["error share-of"]);
    assert_eq!(deductible("per='visit'\nrows=[{ share='50%', of='own' }]"), ["error share-of"]);
    assert_eq!(deductible("per='visit'\nrows=[{ care='inpatient' }]"), ["error no-figure"]);
    let carry = |kind: &str| of_stage(&format!("[[carry.c]]\nclause='T-1'\nkind='{kind}'\ncare='outpatient'\n"));
    assert_eq!(carry("quiet-years"), ["error missing-key", "error missing-key"]);
    assert_eq!(carry("unused-limit"), ["error missing-key"]);
    assert_eq!(carry("light-year"), ["error missing-key"]);
    assert_eq!(of("[[settlement.order]]\nclause='T-1'\nlayers=['basic','basic']\n"), ["error duplicate"]);
    let classes = |list: &str| of(&format!("[[assistance.classes]]\nclause='T-1'\nclasses=[{list}]\n"));
    assert_eq!(classes("'destitute', 'edge'"), Vec::<String>::new());
    assert_eq!(classes("'destitute', 'edges'"), ["error unknown-category"]);
    assert_eq!(classes("'edge', 'edge'"), ["error duplicate"]);
    assert_eq!(of("[[disease.d.X]]\nclause='T-1'\nname='x'\nages='young'\n"), ["error wrong-unit"]);
    let self_pay = |row: &str| of(&format!("[[scope.first-self-pay]]\nclause='T-1'\nrows=[{row}]\n"));
    assert_eq!(self_pay("{ class='A', share='0%' }, { class='B', share='10%' }"), Vec::<String>::new());
    assert_eq!(self_pay("{ class='A', share='5%' }"), ["error fixed-class"]);
    assert_eq!(self_pay("{ class='C', share='50%' }"), ["error fixed-class"]);
}

#[test]
fn regions_that_share_a_name_or_circle_are_named() {
    let other =
        |code: &str, slug: &str, more: &str| format!("[region]\ncode='{code}'\nslug='{slug}'\nname='别处'\n{more}\n");
    let with = |text: String| of_files(&[("500100-other/region.toml", &text)]);
    assert_eq!(with(other("500100", "other", "")), Vec::<String>::new());
    assert_eq!(with(other("500100", "town", "")), ["error duplicate"]);
    assert_eq!(with(other("500000", "other", "")), ["error duplicate"]);
    assert_eq!(with(other("500100", "other", "aliases=['某市']")), ["error duplicate"]);
    assert_eq!(with(other("500100", "other", "parent='other'")), ["error parent-circle"]);
    let tier = "[[tier]]\nid='a'\nname='x'\n";
    assert_eq!(with(other("500100", "other", &tier.repeat(2))), ["error duplicate"]);
    let area = "[[area]]\nid='a'\nname='x'\ncodes=['']\n";
    assert_eq!(with(other("500100", "other", &area.repeat(2))), ["error duplicate"]);
    let wrong = other("500100", "other", "").replace("[region]", "[[region]]");
    assert_eq!(with(wrong), ["error wrong-type"]);
    let twice = "[[statistic]]\nid='income'\nyear=2020\nvalue=1\nsource='s'\n".repeat(2);
    assert_eq!(of_files(&[("500000-town/statistics.toml", &twice)]), ["error two-values"]);
}

#[test]
fn more_names_than_a_mask_holds_is_a_finding() {
    let tiers: String = (0..40).map(|n| format!("[[tier]]\nid='t{n}'\nname='x'\n")).collect();
    let region = format!("[region]\ncode='500100'\nslug='other'\nname='别处'\n{tiers}");
    assert_eq!(of_files(&[("500100-other/region.toml", &region)]), ["error too-many"]);
    let lists: String = (0..33).map(|n| format!("[[disease.d{n:02}.X]]\nclause='T-1'\nname='x'\n")).collect();
    let last = "[[stage.x.bands]]\nclause='T-1'\nrows=[{ disease='d32', ratio='1%' }, { ratio='2%' }]\n";
    let found = of_stage(&(lists + last));
    assert!(found.contains(&"error too-many".to_owned()), "{found:?}");
    let stages: String = (0..33).map(|n| SHAPE.replace("stage.x", &format!("stage.x{n}"))).collect();
    assert_eq!(of(&stages), ["error too-many"]);
}

#[test]
fn a_draft_and_a_notice_of_one_day_do_not_contradict() {
    let (draft, plain) = (notice("d", "draft", "2020-06-01", 1), notice("n", "notice", "2020-06-01", 2));
    assert_eq!(of_files(&[("500000-town/d.toml", &draft), ("500000-town/n.toml", &plain)]), Vec::<String>::new());
    let other = notice("o", "notice", "2020-06-01", 3);
    assert_eq!(of_files(&[("500000-town/o.toml", &other), ("500000-town/n.toml", &plain)]), ["error two-values"]);
}

#[test]
fn caps_of_one_pool_count_over_one_time() {
    let cap = |id: &str, per: &str| {
        let shape = SHAPE.replace("stage.x", &format!("stage.{id}"));
        format!("{shape}[[stage.{id}.cap]]\nclause='T-1'\nper='{per}'\npool='p'\nrows=[{{ amount=1 }}]\n")
    };
    assert_eq!(of(&(cap("a", "year") + &cap("b", "year"))), Vec::<String>::new());
    assert_eq!(of(&(cap("a", "year") + &cap("b", "lifetime"))), ["error pool"]);
}

#[test]
fn a_statement_about_a_key_that_cannot_be_is_dangling() {
    let open = |what: &str| of_stage(&format!("[[open.o]]\nclause='T-1'\nwhat='{what}'\nneeds='x'\n"));
    assert_eq!(open("stage.x.cap"), Vec::<String>::new());
    assert_eq!(open("subsidy.standard"), Vec::<String>::new());
    assert_eq!(open("stage.maternity"), Vec::<String>::new());
    assert_eq!(open("stage.y.cap"), ["error dangling"]);
    assert_eq!(open("stage.x.caps"), ["error dangling"]);
    let repeal = HEADER.replace("title='x'", "title='x'\nrepeals=['gone']");
    assert_eq!(of_files(&[("500000-town/n.toml", &repeal)]), ["note dangling"]);
}

#[test]
fn brackets_and_headers_are_said_once_and_with_their_cure() {
    let body = "[[subsidy.standard]]\namount=1\n";
    assert_eq!(of_files(&[("500000-town/n.toml", &HEADER.replace("[notice]", "[[notice]]"))]), ["error wrong-type"]);
    assert_eq!(
        of_files(&[("500000-town/n.toml", &(HEADER.replace("issued=2020-06-01", "") + body))]),
        ["error missing-key"]
    );
    let cure =
        |body: &str| library(&[("500000-town/n.toml", &format!("{HEADER}{SHAPE}{body}"))]).findings.remove(0).cure;
    assert!(cure("[stage.x.cap]\nper='year'\n").contains("[[stage.x.cap]]"));
    assert!(cure("[[stage.x.band]]\nclause='T-1'\n").contains("[[stage.x.bands]]"));
}

#[test]
fn parts_of_a_stage_without_shape_and_files_not_read_are_warnings() {
    let bands = "[[stage.x.bands]]\nclause='T-1'\nrows=[{ ratio='70%' }]\n";
    assert_eq!(of(bands), ["warning dangling"]);
    let city = format!("{HEADER}{SHAPE}").replace("id='n'", "id='c'");
    let files = [
        ("500000-town/n.toml", format!("{HEADER}{bands}")),
        ("500100-city/region.toml", "[region]\ncode='500100'\nslug='city'\nname='城'\nparent='town'\n".to_owned()),
        ("500100-city/n.toml", city),
    ];
    assert_eq!(of_files(&files.each_ref().map(|(path, text)| (*path, text.as_str()))), Vec::<String>::new());
    assert_eq!(of_files(&[("500000-town/N.TOML", HEADER)]), ["warning not-read"]);
    assert_eq!(of_files(&[("n.toml", HEADER)]), ["warning not-read"]);
}
