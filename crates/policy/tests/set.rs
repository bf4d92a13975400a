//! Figures set from outside the files: what a path reaches, what a change makes of it, and what is told where it cannot.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use domain::Basis;
use jiff::civil::{Date, date};
use policy::set::{Set, overlay, settable};
use policy::{Library, Notice, Region, SourceFile, View};

const REGION: &str = "[region]\ncode='500000'\nslug='town'\nname='某市'\n[[tier]]\nid='low'\nname='低档'\n[[tier]]\nid='high'\nname='高档'\n";
const NOTICE: &str = "[notice]\nid='n'\nkind='notice'\ntitle='x'\nissued=2020-01-01\n
[[stage.inpatient.shape]]\nclause='T-1'\nname='x'\npayer='basic'\nlayer='basic'\norder=1\nbase='in-scope'\nmeasure='visit'\n
[[stage.inpatient.deductible]]\nclause='T-1'\nper='visit'\nrows=[
 { level='2', amount=300 }, { level=['3', '3p'], admission='1', amount=800 },
 { level=['3', '3p'], share='50%', of='first', floor=100 }, { amount=100 }]\n
[[stage.inpatient.bands]]\nclause='T-1'\nuntil=2021-12-31\nrows=[{ tier='low', ratio='60%' }, { tier='high', ratio='80%' }]\n
[[stage.inpatient.bands]]\nclause='T-1'\nfrom=2022-01-01\nrows=[{ tier='low', ratio='65%' }, { tier='high', ratio='85%' }]\n
[[stage.inpatient.cap]]\nclause='T-1'\nper='year'\nrows=[{ tier='low', amount=80000 }, { tier='high', amount='none' }]\n
[[stage.catastrophic.shape]]\nclause='T-1'\nname='y'\npayer='catastrophic'\nlayer='catastrophic'\norder=2\nbase='burden'\nmeasure='year'\n
[[stage.catastrophic.deductible]]\nclause='T-1'\nper='year'\nrows=[{ amount={ share='50%', of='income', years_before=2, round='yuan' } }]\n
[[stage.catastrophic.bands]]\nclause='T-1'\nrows=[{ bands=[{ to=50000, ratio='60%' }, { to=100000, ratio='65%' }, { ratio='70%' }] }]\n
[[stage.catastrophic.adjust.poor]]\nclause='T-1'\nwhen={ category='destitute' }\nratio_points=5\n
[[stage.inpatient.adjust.away]]\nclause='T-1'\nwhen={ filing='unfiled' }\nopen=true\n
[[carry.quiet]]\nclause='T-1'\nkind='quiet-years'\ncare='outpatient'\nstage='inpatient'\nsteps=[100, 200, 300]\n
[[subsidy.standard]]\nclause='T-1'\namount='open'\n";
const STATISTICS: &str = "[[statistic]]\nid='income'\nyear=2019\nvalue=30000\nsource='x'\n[[statistic]]\nid='income'\nyear=2020\nvalue=32000\nsource='x'\n";

fn library() -> Library {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), shown: path.into(), text: text.into() };
    let header = "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n";
    let library = Library::read([
        file("500000-town/region.toml", REGION),
        file("clauses.tsv", &format!("{header}T-1\t一\tx\trule\tother\t-\t-\t-\t-\n")),
        file("500000-town/n.toml", NOTICE),
        file("500000-town/statistics.toml", STATISTICS),
    ]);
    assert_eq!(library.findings, vec![]);
    library
}

fn town(library: &Library) -> &Region {
    library.region("town").unwrap()
}

fn try_set(library: &Library, days: (Date, Date), sets: &[&str]) -> Result<Notice, String> {
    let sets: Vec<Set> = sets.iter().map(|text| Set::parse(text)).collect::<Result<_, _>>()?;
    let made = overlay(library, town(library), &View::default(), days.0, days.1, &sets);
    made.map_err(|findings| findings.iter().map(|f| format!("{f}\n")).collect())
}

const DAY: Date = date(2021, 6, 1);

/// All that differs in the terms of a day under the changes, as `path=value`.
#[track_caller]
fn changed_on(day: Date, sets: &[&str]) -> Vec<String> {
    let library = library();
    let made = try_set(&library, (day, day), sets).unwrap();
    let listed = |overlay: Option<&Notice>| -> Vec<String> {
        let terms = library.terms(town(&library), day, &View { overlay, ..View::default() });
        settable(&terms).iter().map(|one| format!("{}={}", one.path, one.value)).collect()
    };
    let before = listed(None);
    listed(Some(&made)).into_iter().filter(|line| !before.contains(line)).collect()
}

#[track_caller]
fn changed(sets: &[&str]) -> Vec<String> {
    changed_on(DAY, sets)
}

/// What is told of a change that cannot be made.
#[track_caller]
fn told(set: &str) -> String {
    try_set(&library(), (DAY, DAY), &[set]).unwrap_err()
}

#[track_caller]
fn is_told(set: &str, words: &[&str]) {
    let told = told(set);
    for word in words {
        assert!(told.contains(word), "{set}: no “{word}” in\n{told}");
    }
}

#[test]
fn a_path_reaches_rows_by_conditions_by_place_and_by_value() {
    assert_eq!(changed(&["stage.inpatient.cap[tier=low]=200000"]), ["stage.inpatient.cap[tier=low].amount=200000"]);
    assert_eq!(changed(&["stage.inpatient.cap[tier=high].amount=none"]), Vec::<String>::new());
    assert_eq!(
        changed(&["stage.inpatient.deductible[level=2].amount=350"]),
        ["stage.inpatient.deductible[level=2].amount=350"]
    );
    assert_eq!(changed(&["stage.inpatient.deductible[4]=120"]), ["stage.inpatient.deductible[4].amount=120"]);
    assert_eq!(
        changed(&["stage.inpatient.deductible[share=50%].floor=*2"]),
        ["stage.inpatient.deductible[3].floor=200"]
    );
    assert_eq!(
        changed(&["stage.inpatient.deductible[level=3/3p,admission=1]=900"]),
        ["stage.inpatient.deductible[level=3/3p,admission=1].amount=900"]
    );
    assert_eq!(changed(&["stage.inpatient.bands[tier=low].ratio=61%"]), ["stage.inpatient.bands[tier=low].ratio=61%"]);
    assert_eq!(
        changed(&["stage.catastrophic.bands.bands[to=50000].ratio=61%"]),
        ["stage.catastrophic.bands.bands[1].ratio=61%"]
    );
    assert_eq!(changed(&["stage.inpatient.cap.per=visit"]), ["stage.inpatient.cap.per=visit"]);
    assert_eq!(
        changed(&["stage.inpatient.deductible.year_limit=2000"]),
        ["stage.inpatient.deductible.year_limit=2000"]
    );
    assert_eq!(
        changed(&["stage.catastrophic.adjust.poor.when={ category = \"minimum-allowance\" }"]),
        ["stage.catastrophic.adjust.poor.when={ category = [\"minimum-allowance\"] }"]
    );
}

#[test]
fn a_figure_is_changed_by_points_by_a_factor_and_by_an_amount() {
    let bands = |low, high| {
        [
            format!("stage.inpatient.bands[tier=low].ratio={low}"),
            format!("stage.inpatient.bands[tier=high].ratio={high}"),
        ]
    };
    assert_eq!(changed(&["stage.inpatient.bands=+5pt"]), bands("65%", "85%"));
    assert_eq!(changed(&["stage.inpatient.bands.ratio=*0.9"]), bands("54%", "72%"));
    assert_eq!(changed(&["stage.inpatient.bands[1]=-2.5pt"]), bands("57.5%", "")[..1]);
    assert_eq!(changed(&["stage.inpatient.cap[1]=+1000"]), ["stage.inpatient.cap[tier=low].amount=81000"]);
    assert_eq!(changed(&["stage.inpatient.cap[1]=-5%"]), ["stage.inpatient.cap[tier=low].amount=76000"]);
    let ladder = |ratios: [&str; 3]| {
        (0..3).map(|at| format!("stage.catastrophic.bands.bands[{}].ratio={}", at + 1, ratios[at])).collect::<Vec<_>>()
    };
    assert_eq!(changed(&["stage.catastrophic.bands.ratio=+5pt"]), ladder(["65%", "70%", "75%"]));
    assert_eq!(changed(&["stage.catastrophic.bands=*1.1"]), ladder(["66%", "71.5%", "77%"]));
    let points = "stage.catastrophic.adjust.poor.ratio_points";
    assert_eq!(changed(&[&format!("{points}=-3")]), [format!("{points}=-3")], "points may be negative by themselves");
    assert_eq!(changed(&[&format!("{points}=+3pt")]), [format!("{points}=8")]);
    assert_eq!(changed(&["carry.quiet.steps[2]=+50"]), ["carry.quiet.steps=100/250/300"]);
    assert_eq!(changed(&["carry.quiet.steps=50/60"]), ["carry.quiet.steps=50/60"]);
    assert_eq!(
        changed(&["stage.inpatient.cap[1]=*2", "stage.inpatient.cap[1]=+1"]),
        ["stage.inpatient.cap[tier=low].amount=160001"]
    );
}

#[test]
fn what_a_notice_leaves_open_may_be_given() {
    assert_eq!(changed(&["subsidy.standard=610"]), ["subsidy.standard.amount=610"]);
    let given = ["stage.inpatient.adjust.away.ratio_times=90%"];
    assert_eq!(changed(&given), given);
    let library = library();
    let made = try_set(&library, (DAY, DAY), &given).unwrap();
    assert!(!made.provisions[0].leaves_open());
}

#[test]
fn what_follows_from_a_statistic_is_set_scaled_or_added_to() {
    let rule = |share| {
        let rule = format!("{{ share = \"{share}\", of = \"income\", years_before = 2, round = \"yuan\" }}");
        [format!("stage.catastrophic.deductible.amount={rule}")]
    };
    assert_eq!(changed(&["stage.catastrophic.deductible=12000"]), ["stage.catastrophic.deductible.amount=12000"]);
    assert_eq!(changed(&["stage.catastrophic.deductible=*0.9"]), rule("45%"));
    assert_eq!(changed(&[&rule("60%")[0]]), rule("60%"));
    // Half of the income two years before is another figure each year, and so is what is added to it.
    let library = library();
    let made = try_set(&library, (DAY, date(2022, 6, 1)), &["stage.catastrophic.deductible=+1000"]).unwrap();
    let on = |day| {
        let terms = library.terms(town(&library), day, &View { overlay: Some(&made), ..View::default() });
        terms.get("stage.catastrophic.deductible").unwrap().provision.record.rows("rows")[0].values.to_string()
    };
    assert_eq!(
        (on(date(2021, 12, 31)), on(date(2022, 1, 1))),
        ("amount=16000.00".to_owned(), "amount=17000.00".to_owned())
    );
}

#[test]
fn a_statistic_is_set_for_all_years_or_for_one() {
    let library = library();
    let deductible = |sets: &[&str], year| {
        let made = try_set(&library, (DAY, DAY), sets).unwrap();
        let view = View { overlay: Some(&made), ..View::default() };
        let terms = library.terms(town(&library), date(year, 6, 1), &view);
        let record = &terms.get("stage.catastrophic.deductible").unwrap().provision.record;
        let amount = record.rows("rows")[0].values.amount("amount").unwrap().clone();
        (terms.fen(&amount, Basis::Stated).map(|(fen, _)| fen.to_string()).ok(), terms.hash())
    };
    let both = |sets: &[&str]| [2021, 2022, 2023].map(|year| deductible(sets, year).0.unwrap_or_default());
    assert_eq!(both(&["subsidy.standard=1"]), ["15000.00", "16000.00", ""]);
    assert_eq!(both(&["statistic.income=40000"]), ["20000.00"; 3]);
    assert_eq!(both(&["statistic.income[year=2020]=40000"]), ["15000.00", "20000.00", ""]);
    assert_eq!(
        both(&["statistic.income[year=2021]=40000"]),
        ["15000.00", "16000.00", "20000.00"],
        "a year that is not loaded"
    );
    assert_eq!(both(&["statistic.income=*1.1"]), ["16500.00", "17600.00", ""]);
    assert_eq!(
        both(&["statistic.income=40000", "statistic.income[year=2019]=+1000"]),
        ["20500.00", "20000.00", "20000.00"]
    );
    let hash = |set| deductible(&[set], 2022).1;
    assert_ne!(hash("statistic.income[year=2019]=1"), hash("statistic.income[year=2019]=2"), "another receipt");
}

#[test]
fn each_period_of_the_span_is_changed_and_no_day_outside() {
    let library = library();
    let ratio = |overlay: &Notice, day| {
        let terms = library.terms(town(&library), day, &View { overlay: Some(overlay), ..View::default() });
        let cited = terms.get("stage.inpatient.bands").unwrap();
        (cited.provision.record.rows("rows")[0].values.rate("ratio").unwrap().to_string(), cited.notice.id.clone())
    };
    let (set, own) =
        (|ratio: &str| (ratio.to_owned(), "set".to_owned()), |ratio: &str| (ratio.to_owned(), "n".to_owned()));
    let both = try_set(&library, (DAY, date(2022, 6, 1)), &["stage.inpatient.bands=+1pt"]).unwrap();
    assert_eq!(ratio(&both, date(2021, 5, 31)), own("60%"));
    assert_eq!(ratio(&both, DAY), set("61%"));
    assert_eq!(ratio(&both, date(2021, 12, 31)), set("61%"));
    assert_eq!(ratio(&both, date(2022, 1, 1)), set("66%"));
    let first = try_set(&library, (DAY, DAY), &["stage.inpatient.bands=+1pt"]).unwrap();
    assert_eq!(ratio(&first, date(2022, 1, 1)), own("65%"), "the next period is not of the span");
}

#[test]
fn what_is_changed_rests_on_nobodys_text_and_says_so() {
    let library = library();
    let made = try_set(&library, (DAY, DAY), &["stage.inpatient.cap[1]=1"]).unwrap();
    let provision = &made.provisions[0];
    assert_eq!((provision.basis, provision.clauses.len(), made.id.as_str()), (Basis::Illustrative, 0, "set"));
    assert_eq!(provision.source(), Some("--set stage.inpatient.cap[1]=1；原依 (was) T-1"));
}

#[test]
fn an_overlay_that_the_view_has_is_taken_along() {
    let library = library();
    let first = try_set(&library, (DAY, DAY), &["stage.inpatient.cap[1]=1", "subsidy.standard=5"]).unwrap();
    let view = View { overlay: Some(&first), ..View::default() };
    let sets = [Set::parse("stage.inpatient.cap[1]=+1").unwrap()];
    let second = overlay(&library, town(&library), &view, DAY, DAY, &sets).unwrap();
    let view = View { overlay: Some(&second), ..View::default() };
    let terms = library.terms(town(&library), DAY, &view);
    let listed: Vec<String> = settable(&terms).iter().map(|one| format!("{}={}", one.path, one.value)).collect();
    for line in ["stage.inpatient.cap[tier=low].amount=2", "subsidy.standard.amount=5"] {
        assert!(listed.iter().any(|known| known == line), "{line}");
    }
}

#[test]
fn what_is_wrong_is_told_with_what_there_is() {
    is_told("stage.inpatient.capp=1", &["unknown provision", "stage.inpatient.cap"]);
    is_told("stage.inpatent.cap=1", &["nothing in force", "stage.inpatient.cap"]);
    is_told("stage.inpatient.cap", &["no `=`"]);
    is_told("stage.inpatient.cap=", &["no value"]);
    is_told("stage.inpatient.cap[tier=middle]=1", &["no such row", "tier=low", "tier=high"]);
    is_told("stage.inpatient.cap[3]=1", &["no such row", "tier=low"]);
    is_told("stage.inpatient.cap[0]=1", &["no such row"]);
    is_told("stage.inpatient.cap[size=3]=1", &["unknown condition", "tier"]);
    is_told("stage.inpatient.cap[level=9]=1", &["unknown word"]);
    is_told("stage.inpatient.cap.colour=1", &["no such field", "per=year", "pool"]);
    is_told("stage.inpatient.cap.until=2022-01-01", &["no such field"]);
    is_told("stage.inpatient.cap[1].amount.x=1", &["nothing below"]);
    is_told("stage.inpatient.cap[1]=70%", &["an amount"]);
    is_told("stage.inpatient.cap[1]=-90000", &["out of range"]);
    is_told("stage.inpatient.cap[2]=*2", &["no limit"]);
    is_told("stage.inpatient.bands=70", &["不是比例"]);
    is_told("stage.inpatient.bands=+5", &["points or a factor", "+5pt"]);
    is_told("stage.inpatient.bands=+30pt", &["out of range"]);
    is_told("stage.inpatient.bands=+1000", &["points or a factor"]);
    is_told("stage.inpatient.cap.per=week", &["unknown word", "visit"]);
    is_told("stage.catastrophic.adjust.poor=5", &["ends above a figure", "ratio_points=5"]);
    is_told("carry.quiet.steps[4]=1", &["no such member", "300"]);
    is_told("subsidy.standard=*2", &["open"]);
    is_told("statistic.incme=1", &["no such statistic", "income"]);
    is_told("statistic.income[2020]=1", &["by year"]);
    is_told("check.x.amount=1", &["not a figure"]);
    is_told("stage[1].inpatient.cap=1", &["after the key"]);
    is_told("stage.inpatient.cap[1][2]=1", &["not a step"]);
}

#[test]
fn what_a_notice_could_not_hold_is_not_made() {
    is_told("stage.catastrophic.bands.bands[2].to=50000", &["bands must rise", "stage.catastrophic.bands.bands[2].to"]);
    is_told("subsidy.standard=none", &["only caps"]);
    is_told("stage.inpatient.cap.plus_carry=quite", &["dangling", "quiet"]);
    is_told("stage.inpatient.cap.rows=[{ amount = 1 }, { tier = \"low\", amount = 2 }]", &["dead row"]);
}

#[test]
fn every_fault_is_told_at_once_by_its_place() {
    let sets = ["stage.inpatient.cap[9]=1", "stage.inpatient.bands=+1pt", "stage.inpatient.cap.per=week"];
    let told = try_set(&library(), (DAY, date(2022, 6, 1)), &sets).unwrap_err();
    let places: Vec<&str> =
        told.lines().filter_map(|line| line.split_once(": error").map(|(place, _)| place)).collect();
    assert_eq!(places, ["--set:1:20", "--set:3:25"]);
}
