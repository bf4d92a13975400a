//! Forecasts from runs made by hand: what comes out of whom, what the terms give, ranges, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use domain::{Fen, Lang};
use microsim::Refused;
use microsim::forecast::{Asked, Assumptions, Forecast, Track, Words, forecast, payable_months};
use microsim::generate::Figures;
use microsim::outcome::{By, Group, Outcome, Patients, People, Variant};
use policy::Library;

/// No chance at all.
const CERTAIN: &str = "
    [cost_spread]
    basis = 'illustrative'
    source = 'test'
    value = [{ at = '0%', by = '0%' }, { at = '100%', by = '0%' }]
    [enrolment_spread]
    basis = 'illustrative'
    source = 'test'
    value = [{ at = '0%', by = '0%' }, { at = '100%', by = '0%' }]
    [births_spread]
    basis = 'illustrative'
    source = 'test'
    value = [{ at = '0%', by = '0%' }, { at = '100%', by = '0%' }]
";

/// A run of a hundred and one ages of each sex, in which older people cost more; the variant pays a tenth more from the basic
/// fund.
fn run(region: &str, name: &str, year: i16) -> Outcome {
    let mut outcome = Outcome {
        region: region.to_owned(),
        region_name: name.to_owned(),
        tiers: Vec::new(),
        year,
        from_year: year,
        province: "0".repeat(64),
        funds: ["basic", "catastrophic", "assistance"].map(str::to_owned).to_vec(),
        people: Default::default(),
        variants: vec![
            Variant { name: "baseline".to_owned(), basis: "illustrative".to_owned(), ..Variant::default() },
            Variant { name: "more".to_owned(), basis: "illustrative".to_owned(), ..Variant::default() },
        ],
        left_out: 0,
    };
    for (sex, first) in [("female", 1_300), ("male", 1_350)] {
        for age in 0..=100_i64 {
            let group = Group { by: By::Age, value: format!("{sex}/{age:03}") };
            let living = (first - 12 * age).max(3);
            let enrolled = living * 19 / 20;
            let people = People {
                living,
                enrolled,
                undecided: 0,
                standard: enrolled * 35_000,
                personal: enrolled * 34_000,
                sponsored: enrolled * 1_000,
                income: 0,
            };
            outcome.people.insert(group.clone(), people);
            for (variant, share) in outcome.variants.iter_mut().zip([10, 11]) {
                let paid = enrolled * (20_000 + 2_500 * age);
                let patients = Patients { paid: vec![paid * share / 10, paid / 20, paid / 50], ..Patients::default() };
                variant.groups.insert(group.clone(), patients);
            }
        }
    }
    outcome
}

/// What is asked, and changed for a test.
#[derive(Clone, Copy)]
struct Plan<'p> {
    own: &'p str,
    years: i16,
    seeds: u32,
    seed: u64,
    scenarios: &'p [&'p str],
    opening: Option<Fen>,
}

const PLAIN: Plan<'_> = Plan { own: "", years: 10, seeds: 60, seed: 1, scenarios: &[], opening: None };

fn made(library: &Library, outcome: &Outcome, plan: Plan<'_>) -> Result<Forecast, Refused> {
    let region = library.region(&outcome.region).unwrap();
    let scenarios: Vec<String> = plan.scenarios.iter().map(|id| (*id).to_owned()).collect();
    forecast(&Asked {
        library,
        region,
        outcome,
        figures: &Figures::of_region(library, region, None)?,
        assumptions: &Assumptions::of_region(library, region, Some(("own.toml", plan.own)))?,
        years: plan.years,
        seeds: plan.seeds,
        seed: plan.seed,
        scenarios: &scenarios,
        opening: plan.opening,
    })
}

fn of<'f>(made: &'f Forecast, variant: &str, scenario: &str) -> &'f Track {
    made.tracks.iter().find(|track| track.variant == variant && track.scenario == scenario).unwrap()
}

#[test]
fn the_first_year_is_the_run_and_the_subsidy_that_of_the_terms() {
    let library = testkit::policies::shipped();
    let outcome = run("suzhou", "苏州市", 2022);
    let made = made(&library, &outcome, PLAIN).unwrap();
    assert_eq!(made.tracks.len(), 6, "two variants, three scenarios");
    let enrolled: i64 = outcome.people.values().map(|people| people.enrolled).sum();
    let paid = |fund: usize| -> i64 { outcome.variants[0].groups.values().map(|patients| patients.paid[fund]).sum() };
    for scenario in ["low", "middle", "high"] {
        let track = of(&made, "baseline", scenario);
        let first = &track.years[0];
        assert_eq!((first.year, first.enrolled), (2022, enrolled));
        assert_eq!(first.personal_fen, enrolled * 34_000);
        assert_eq!(first.sponsored_fen, enrolled * 1_000);
        // JS22-01d: no less than 640 yuan a head in 2022; nothing says how it is split.
        assert_eq!((first.subsidy_fen, first.central_fen), (enrolled * 64_000, None));
        assert_eq!(first.paid_fen, [paid(0), paid(1), paid(2)]);
        assert_eq!(first.spending_fen, paid(0) + paid(1), "assistance is not in the pot");
        assert_eq!(track.years.len(), 11);
        let stated: Vec<_> = track.subsidies.iter().map(|anchor| (anchor.year, anchor.per_head_fen)).collect();
        assert_eq!(stated, [(2021, 61_000), (2022, 64_000)]);
    }
    // Eight and a half months of what the baseline spends, for every variant.
    assert_eq!(made.opening_fen, (paid(0) + paid(1)) * 85 / 120);
    // JS22-07.2k
    assert_eq!((made.warning.months, made.warning.clauses.as_slice()), (3, &["JS22-07.2k".to_owned()][..]));
    assert_eq!(made.basis, "illustrative");
}

/// JS22-07.2k: spending 100 a month, a balance of 290 warns and one of 300 does not.
#[test]
fn a_balance_of_fewer_months_than_the_line_of_the_terms_warns() {
    let library = testkit::policies::shipped();
    let mut outcome = run("suzhou", "苏州市", 2022);
    let spending: i64 = outcome.variants[0].groups.values().map(|patients| patients.paid[0] + patients.paid[1]).sum();
    let first = |outcome: &Outcome, balance: i64| {
        let income = made(&library, outcome, PLAIN).unwrap().tracks[0].years[0].income_fen;
        let opening = Some(Fen(balance + spending - income));
        let made = made(&library, outcome, Plan { opening, ..PLAIN }).unwrap();
        let year = made.tracks[0].years[0].clone();
        assert_eq!(year.balance_fen, balance);
        (year.payable_months.unwrap(), year.below)
    };
    assert_eq!(first(&outcome, spending * 29 / 120), (289, true), "2.9 months, less what the division leaves");
    assert_eq!(first(&outcome, spending / 4 + 1), (300, false));
    assert_eq!(first(&outcome, spending / 4 - 1), (299, true));
    // A year in which the terms have no such line goes by the assumed one.
    outcome.year = 2021;
    assert!(made(&library, &outcome, PLAIN).unwrap().warning.clauses.is_empty());
}

#[test]
fn the_same_inputs_give_the_same_forecast_and_each_factors_part_adds_up() {
    let library = testkit::policies::shipped();
    let outcome = run("suzhou", "苏州市", 2022);
    let once = made(&library, &outcome, PLAIN).unwrap();
    let again = made(&library, &outcome, PLAIN).unwrap();
    assert_eq!(serde_json::to_string(&once).unwrap(), serde_json::to_string(&again).unwrap());
    let other = made(&library, &outcome, Plan { seed: 2, ..PLAIN }).unwrap();
    assert_ne!(serde_json::to_string(&once).unwrap(), serde_json::to_string(&other).unwrap());
    for track in &once.tracks {
        let first = &track.years[0];
        for year in &track.years[1..] {
            let parts = || track.factors.iter().filter(|part| part.year == year.year);
            assert_eq!(parts().count(), 5, "interest is not assumed");
            assert_eq!(parts().map(|part| part.spending_fen).sum::<i64>(), year.spending_fen - first.spending_fen);
            assert_eq!(parts().map(|part| part.income_fen).sum::<i64>(), year.income_fen - first.income_fen);
        }
    }
}

#[test]
fn spending_is_told_by_age_group_and_the_groups_add_up() {
    let library = testkit::policies::shipped();
    let made = made(&library, &run("chongqing", "重庆市", 2022), PLAIN).unwrap();
    for track in &made.tracks {
        for year in &track.years {
            let groups = || track.ages.iter().filter(|part| part.year == year.year);
            assert_eq!(groups().count(), 36);
            assert_eq!(groups().map(|part| part.spending_fen).sum::<i64>() + year.premium_fen, year.spending_fen);
        }
    }
    // CQ21-06.3e: ageing alone makes it dearer, and so does growth.
    let people = of(&made, "baseline", "middle").factors.iter().rfind(|part| part.factor == "people").unwrap();
    let cost = of(&made, "baseline", "middle").factors.iter().rfind(|part| part.factor == "cost").unwrap();
    assert!(people.spending_fen > 0 && cost.spending_fen > people.spending_fen, "{people:?} {cost:?}");
}

#[test]
fn without_chance_the_ranges_are_the_line_and_without_seeds_there_are_none() {
    let library = testkit::policies::shipped();
    let outcome = run("suzhou", "苏州市", 2022);
    let certain = made(&library, &outcome, Plan { own: CERTAIN, ..PLAIN }).unwrap();
    for track in &certain.tracks {
        for year in &track.years {
            let range = year.range.balance_fen;
            assert_eq!([range.p10, range.p50, range.p90], [year.balance_fen; 3]);
            assert_eq!(year.range.below, [if year.below { 60 } else { 0 }, 60]);
        }
        assert_eq!(track.first_below_range.p50, track.first_below);
        assert_eq!(track.first_negative_range.p10, track.first_negative);
    }
    let none = made(&library, &outcome, Plan { seeds: 0, ..PLAIN }).unwrap();
    for (with, without) in certain.tracks.iter().zip(&none.tracks) {
        assert_eq!(without.years[10].range.below, [0, 0]);
        assert_eq!(with.years[10].balance_fen, without.years[10].balance_fen);
    }
    let chance = made(&library, &outcome, PLAIN).unwrap();
    let last = &of(&chance, "baseline", "middle").years[10];
    let range = last.range.balance_fen;
    assert!(range.p10 < range.p50 && range.p50 < range.p90, "{range:?}");
    assert!(range.p10 < last.balance_fen && last.balance_fen < range.p90);
}

#[test]
fn what_costs_more_lasts_no_longer_and_a_longer_look_moves_no_year() {
    let library = testkit::policies::shipped();
    let outcome = run("suzhou", "苏州市", 2022);
    let made_ = made(&library, &outcome, PLAIN).unwrap();
    let never = |year: Option<i16>| year.unwrap_or(i16::MAX);
    let ends: Vec<i16> = ["low", "middle", "high"].map(|s| never(of(&made_, "baseline", s).first_negative)).to_vec();
    assert!(ends.is_sorted_by(|a, b| a >= b), "{ends:?}");
    for scenario in ["low", "middle", "high"] {
        let (less, more) = (of(&made_, "baseline", scenario), of(&made_, "more", scenario));
        assert!(never(more.first_below) <= never(less.first_below));
        for (less, more) in less.years.iter().zip(&more.years) {
            assert!(more.balance_fen < less.balance_fen && more.income_fen == less.income_fen);
        }
    }
    let longer = made(&library, &outcome, Plan { years: 20, ..PLAIN }).unwrap();
    for (short, long) in made_.tracks.iter().zip(&longer.tracks) {
        assert_eq!(short.years[..], long.years[..11]);
    }
}

#[test]
fn the_split_between_governments_is_that_of_the_terms() {
    let library = testkit::policies::shipped();
    let mut outcome = run("changchun", "长春市", 2022);
    let area = People { living: 1, enrolled: 100_000, undecided: 0, standard: 0, personal: 0, sponsored: 0, income: 0 };
    outcome.people.insert(Group { by: By::Area, value: "general".to_owned() }, area);
    let made = made(&library, &outcome, PLAIN).unwrap();
    for year in &of(&made, "baseline", "middle").years {
        let parts = [year.central_fen, year.province_fen, year.local_fen].map(Option::unwrap);
        assert_eq!(parts.iter().sum::<i64>(), year.subsidy_fen);
        // 366 of 610 yuan, and in the same proportion what comes later
        assert_eq!(parts[0], year.subsidy_fen * 366 / 610);
    }
}

#[test]
fn an_opening_balance_goes_over_the_assumed_one_and_is_what_the_first_year_begins_with() {
    let library = testkit::policies::shipped();
    let outcome = run("suzhou", "苏州市", 2022);
    let own = format!("{CERTAIN}\n[opening_balance]\nbasis = 'secondary'\nsource = 'test'\nvalue = 1000\n");
    let of_file = made(&library, &outcome, Plan { own: &own, ..PLAIN }).unwrap();
    assert_eq!(of_file.opening_fen, 100_000);
    let asked = made(&library, &outcome, Plan { own: &own, opening: Some(Fen(-5)), ..PLAIN }).unwrap();
    let first = &asked.tracks[0].years[0];
    assert_eq!((asked.opening_fen, first.balance_fen), (-5, -5 + first.income_fen - first.spending_fen));
}

#[test]
fn a_subsidy_that_a_variant_sets_is_that_of_its_years_and_of_no_other_variant() {
    let library = testkit::policies::shipped();
    let mut outcome = run("suzhou", "苏州市", 2022);
    outcome.variants[1].set = vec!["subsidy.standard=700".to_owned(), "stage.inpatient.cap=1".to_owned()];
    let made = made(&library, &outcome, PLAIN).unwrap();
    let (own, other) = (of(&made, "more", "middle"), of(&made, "baseline", "middle"));
    for (ahead, (own, other)) in (0..).zip(own.years.iter().zip(&other.years)) {
        let near = |year: &microsim::forecast::Outlook, yuan: i64| {
            // persons are told whole
            (year.subsidy_fen - year.enrolled * 100 * (yuan + 30 * ahead)).abs() <= 100 * (yuan + 30 * ahead)
        };
        assert!(near(own, 700) && near(other, 640), "{own:?} {other:?}");
    }
}

#[test]
fn contributions_paid_in_advance_are_those_of_the_next_year() {
    let library = testkit::policies::shipped();
    let made = made(&library, &run("suzhou", "苏州市", 2022), PLAIN).unwrap();
    for track in &made.tracks {
        for pair in track.years.windows(2) {
            let next = &pair[1];
            assert_eq!(pair[0].advance_fen, next.personal_fen + next.sponsored_fen + next.unsplit_fen);
        }
        assert!(track.years[10].advance_fen > 0);
    }
}

#[test]
fn what_is_missing_or_makes_no_sense_is_refused_with_a_cure() {
    let library = testkit::policies::shipped();
    let outcome = run("suzhou", "苏州市", 2022);
    let refused = |plan: Plan<'_>| made(&library, &outcome, plan).unwrap_err().to_string();
    assert_eq!(refused(Plan { years: 0, ..PLAIN }), "--years 0 不行\n  = 写 1 到 50");
    assert_eq!(refused(Plan { seeds: 10_001, ..PLAIN }), "--seeds 10001 太多\n  = 至多 10000；0 为不要区间");
    assert_eq!(refused(Plan { scenarios: &["best"], ..PLAIN }), "没有方案 “best”\n  = 可用：low、middle、high");
    let own = |key: &str, value: &str| format!("[{key}]\nbasis = 'illustrative'\nsource = 'x'\nvalue = {value}\n");
    let told = |key: &str, value: &str| refused(Plan { own: &own(key, value), ..PLAIN });
    assert!(
        told("cost_growth", "{ low = '1%', middle = '2%' }")
            .starts_with("`cost_growth` 与 `scenarios` 的方案不一致：high")
    );
    assert!(told("births_change", "{ low = '0%', middle = '0%', high = '-100%' }").contains("high：-100% 超出范围"));
    assert!(
        told("interest", "{ low = '-1%', middle = '0%', high = '0%' }").contains("`interest` 的 low：-1% 超出范围")
    );
    assert!(
        told("cost_spread", "[{ at = '0%', by = '1%' }]").starts_with("`cost_spread` 的分位不是从 0% 到 100% 递增")
    );
    assert!(told("pot", "['basics']").starts_with("`pot` 里不认识 “basics”"));
    let with_place = told("cost_growth", "{ low = 1, middle = '2%', high = '3%' }");
    assert!(with_place.contains("own.toml") && with_place.contains("line 4"), "{with_place}");
    assert!(refused(Plan { own: "[cost_grwth]\n", ..PLAIN }).contains("cost_grwth"));
    let unsourced = "[subsidy]\nbasis = 'illustrative'\nsource = ' '\nvalue = 610\n";
    assert!(refused(Plan { own: unsourced, ..PLAIN }).contains("`subsidy` 的 source 是空的"));

    let mut ageless = outcome.clone();
    ageless.people.clear();
    ageless.variants.iter_mut().for_each(|variant| variant.groups.clear());
    let told = made(&library, &ageless, Plan { own: &own("contribution", "350"), ..PLAIN }).unwrap_err();
    assert!(told.what.contains("no ages") && told.cure.contains("simulate"), "{told}");
    let mut unpaid = outcome.clone();
    for people in unpaid.people.values_mut() {
        (people.standard, people.personal, people.sponsored) = (0, 0, 0);
    }
    let told = made(&library, &unpaid, PLAIN).unwrap_err();
    assert!(told.what.contains("没有缴费") && told.cure.contains("[contribution]"), "{told}");
    let assumed = made(&library, &unpaid, Plan { own: &own("contribution", "350"), ..PLAIN }).unwrap();
    assert_eq!(assumed.tracks[0].years[0].personal_fen, assumed.tracks[0].years[0].enrolled * 35_000);
    let mut negative = outcome.clone();
    negative.variants[1].groups.values_mut().for_each(|patients| patients.paid[0] = -1);
    assert!(made(&library, &negative, PLAIN).unwrap_err().what.contains("有负数"));
    let mut set = outcome.clone();
    set.variants[1].set = vec!["contribution.standard=400".to_owned()];
    assert!(made(&library, &set, PLAIN).unwrap_err().what.contains("contribution.standard=400"));
    set.variants[1].set = vec!["subsidy.standrd=400".to_owned()];
    assert!(made(&library, &set, PLAIN).is_err());
    let mut drafted = outcome;
    drafted.variants[1].drafts = vec!["nothing".to_owned()];
    assert!(made(&library, &drafted, PLAIN).unwrap_err().what.contains("“nothing”"));
}

#[test]
fn a_subsidy_that_no_terms_give_is_asked_for_or_assumed() {
    let library = testkit::policies::shipped();
    let outcome = run("tianjin", "天津市", 2023);
    let made_ = made(&library, &outcome, PLAIN).unwrap();
    let first = &made_.tracks[0].years[0];
    assert_eq!(first.subsidy_fen, first.enrolled * 61_000, "the region's own assumption");
    assert_eq!((made_.warning.months, made_.warning.clauses.len(), made_.warning.basis.as_str()), (3, 0, "secondary"));
    // The example region has neither.
    let told = made(&library, &run("example-gross", "示例", 2022), PLAIN).unwrap_err();
    assert!(told.what.contains("人均财政补助没有着落") && told.cure.contains("[subsidy]"), "{told}");
}

#[test]
fn the_chart_has_a_line_and_a_band_for_each_scenario() {
    let library = testkit::policies::shipped();
    let mut outcome = run("suzhou", "苏州市", 2022);
    outcome.variants[1].name = "a<b".to_owned();
    let made = made(&library, &outcome, PLAIN).unwrap();
    let words = |name: &str| Words {
        title: format!("苏州 {name}"),
        note: "线和带".to_owned(),
        warning: "预警线".to_owned(),
        source: "示意".to_owned(),
        lang: Lang::Zh,
    };
    let drawn = payable_months(&made, "a<b", &words("a<b"));
    assert_eq!((drawn.matches("<polyline").count(), drawn.matches("<polygon").count()), (3, 3));
    assert!(drawn.contains("苏州 a&lt;b") && !drawn.contains("a<b") && drawn.contains(">高方案<"));
    assert_eq!(drawn, payable_months(&made, "a<b", &words("a<b")));
}

#[test]
fn what_is_due_for_some_and_open_is_asked_for_by_its_clause_or_assumed() {
    let library = testkit::policies::shipped();
    let mut outcome = run("chongqing", "重庆市", 2022);
    let mut heads = 0;
    for (group, people) in &mut outcome.people {
        if group.value.ends_with("/060") {
            people.undecided = people.enrolled;
            (people.standard, people.personal, people.sponsored) = (0, 0, 0);
            heads += people.enrolled;
        }
    }
    let told = made(&library, &outcome, PLAIN).unwrap_err();
    assert!(told.what.contains(&format!("{heads} 人没有缴费数额")), "{told}");
    assert!(told.what.contains("contribution.academic") && told.what.contains("CQ21-01.2f"), "{told}");
    let own = "[contribution]\nbasis = 'illustrative'\nsource = 'test'\nvalue = 320\n";
    let assumed = made(&library, &outcome, Plan { own, ..PLAIN }).unwrap();
    let known: i64 = outcome.people.values().map(|people| people.personal).sum();
    assert_eq!(assumed.tracks[0].years[0].personal_fen, known + heads * 32_000);
}

#[test]
fn contributions_whose_split_is_open_are_income_all_the_same() {
    let library = testkit::policies::shipped();
    let known = run("chongqing", "重庆市", 2022);
    let mut open = known.clone();
    let mut of_old = 0;
    for (_, people) in open.people.iter_mut().filter(|(group, _)| group.value.ends_with("/060")) {
        of_old += people.standard;
        (people.personal, people.sponsored) = (0, 0);
    }
    let [known, open] = [known, open].map(|outcome| made(&library, &outcome, PLAIN).unwrap());
    for (known, open) in known.tracks.iter().zip(&open.tracks) {
        assert_eq!((known.years[0].unsplit_fen, open.years[0].unsplit_fen), (0, of_old));
        for (known, open) in known.years.iter().zip(&open.years) {
            // Each part is rounded by itself, in the two classes of that age and in all.
            assert!(open.income_fen.abs_diff(known.income_fen) <= 4, "{}", open.year);
            assert!(open.unsplit_fen > 0 && open.personal_fen < known.personal_fen);
        }
    }
}

#[test]
fn a_forecast_sees_what_its_run_saw() {
    let library = testkit::policies::shipped();
    let mut outcome = run("suzhou", "苏州市", 2022);
    // Before the notice of 2022-08-25 was known, its line of three months was not.
    outcome.variants.iter_mut().for_each(|variant| variant.known_on = Some("2022-08-01".to_owned()));
    let own = "[subsidy]\nbasis = 'illustrative'\nsource = 'test'\nvalue = 610\n";
    let before = made(&library, &outcome, Plan { own, ..PLAIN }).unwrap();
    assert!(before.warning.clauses.is_empty());
    assert!(before.tracks[0].subsidies.iter().all(|anchor| anchor.year < 2021), "{:?}", before.tracks[0].subsidies);
    outcome.variants.iter_mut().for_each(|variant| variant.known_on = Some("2023-01-01".to_owned()));
    assert_eq!(made(&library, &outcome, PLAIN).unwrap().warning.clauses, ["JS22-07.2k"]);
    outcome.variants[0].known_on = Some("yesterday".to_owned());
    assert!(made(&library, &outcome, PLAIN).unwrap_err().what.contains("“yesterday”"));
}
