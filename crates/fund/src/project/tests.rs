//! A small fund counted by hand, and what must hold whatever the figures.

use super::*;
use crate::base::AgeRow;
use crate::cohorts::{Sex, YEARS};

const FEMALE: Sex = Sex::Female;

/// Women of 1 and 2 only; whoever is 2 dies, of the others one in ten; so do infants.
fn two_ages() -> (Base, Lives) {
    let row = |sex, age, living, enrolled, personal, paid| AgeRow {
        sex,
        age,
        living,
        enrolled,
        personal: Fen::yuan(personal),
        sponsored: Fen::yuan(personal / 5),
        unsplit: Fen::ZERO,
        paid: vec![Fen::yuan(paid), Fen::yuan(paid / 10)],
    };
    let rows =
        [row(FEMALE, 1, 100, 100, 1_000, 5_000), row(FEMALE, 2, 50, 40, 400, 8_000), row(Sex::Male, 2, 1, 1, 0, 0)];
    let mut lives = Lives { mortality: [WHOLE; YEARS], fertility: [0; YEARS], male: 0 };
    lives.mortality[..2].fill(100_000);
    lives.fertility[2] = 500_000;
    (Base::new(2022, &rows, 0, &[0, 2]).unwrap(), lives)
}

fn plan<'p>(base: &'p Base, lives: &'p Lives) -> Plan<'p> {
    Plan { base, lives, pot: &[true, false], opening: Fen::yuan(10_000), ageing: true }
}

#[test]
fn two_ages_and_two_years_are_counted_by_hand() {
    let (base, lives) = two_ages();
    let first = Step { subsidy: Fen::yuan(60), ..Step::default() };
    let second = Step {
        cost: 100_000,
        enrolment: -100_000,
        contribution: Fen::yuan(3),
        subsidy: Fen::yuan(70),
        premium: Fen::yuan(2),
        interest: 20_000,
        ..first
    };
    let years = project(&plan(&base, &lives), &[first, second]).unwrap();

    // 2022, as it was found: 1,400 yuan of the persons, 280 of sponsors, 60 for each of 141; 13,000 paid.
    let found = &years[0];
    assert_eq!((found.year, found.living, found.enrolled), (2022, 151 * PERSON, 141 * PERSON));
    assert_eq!((found.personal, found.sponsored, found.subsidy), (Fen::yuan(1_400), Fen::yuan(280), Fen::yuan(8_460)));
    assert_eq!(found.paid, [Fen::yuan(13_000), Fen::yuan(1_300)]);
    assert_eq!((found.spending, found.balance), (Fen::yuan(13_000), Fen::yuan(10_000 + 10_140 - 13_000)));
    assert_eq!(found.died, 61 * PERSON, "10 of a hundred, all 50 and the man");

    // 2023: 90 women of 2, who have 45 girls. Of the girls, 100% - 10 points = 40.5 are enrolled; of the women 80% - 10 = 63.
    let next = &years[1];
    assert_eq!((next.living, next.born, next.enrolled), (135 * PERSON, 45 * PERSON, 103_500_000));
    assert_eq!(next.enrolled_by_class, [40_500_000, 63_000_000, 0]);
    // A girl cost 50, a woman 200; a tenth more.
    assert_eq!(next.paid_by_class, [Fen(222_750), Fen::yuan(13_860), Fen::ZERO]);
    assert_eq!(next.paid, [Fen(1_608_750), Fen(160_875)]);
    // Each paid 10 and her sponsor 2: 1,680 of 141 persons rise by 3 a head, to 2,103.
    assert_eq!((next.personal, next.sponsored), (Fen(129_560), Fen(25_912)));
    assert_eq!((next.subsidy, next.premium), (Fen(724_500), Fen(20_700)));
    assert_eq!((next.opening, next.interest), (found.balance, Fen(14_280)), "2% of 7,140");
    assert_eq!(next.spending, Fen(1_608_750 + 20_700));
    assert_eq!(next.balance, Fen(714_000 + 129_560 + 25_912 + 724_500 + 14_280 - 1_629_450));
}

#[test]
fn without_growth_and_ageing_every_year_is_the_first() {
    let (base, lives) = two_ages();
    let step = Step { subsidy: Fen::yuan(60), ..Step::default() };
    let still = Plan { ageing: false, opening: Fen::ZERO, ..plan(&base, &lives) };
    for year in project(&still, &[step; 11]).unwrap() {
        assert_eq!((year.spending, year.income()), (Fen::yuan(13_000), Fen::yuan(10_140)));
        assert_eq!(year.balance - year.opening, Fen::yuan(-2_860));
    }
}

#[test]
fn without_growth_a_person_of_an_age_costs_what_she_cost() {
    let (base, lives) = two_ages();
    for year in project(&plan(&base, &lives), &[Step::default(); 5]).unwrap() {
        for (class, yuan) in [(0, 50), (1, 200)] {
            let cost = i128::from(year.enrolled_by_class[class]) * yuan * 100;
            assert!(
                (cost - i128::from(year.paid_by_class[class].0) * i128::from(PERSON)).abs() <= i128::from(PERSON) / 2
            );
        }
    }
}

#[test]
fn dearer_care_never_leaves_more_and_what_is_paid_by_age_adds_up() {
    let (base, lives) = two_ages();
    let of = |cost| {
        let step = Step { cost, subsidy: Fen::yuan(90), ..Step::default() };
        project(&plan(&base, &lives), &[step; 8]).unwrap()
    };
    let mut cheaper = of(-50_000);
    for cost in [-10_000, 0, 1, 30_000, 500_000] {
        let dearer = of(cost);
        for (less, more) in cheaper.iter().zip(&dearer) {
            assert!(more.balance <= less.balance && more.spending >= less.spending, "{cost} {}", more.year);
        }
        for year in &dearer {
            assert_eq!(year.paid_by_class.iter().copied().sum::<Fen>() + year.premium, year.spending);
            assert_eq!(year.paid[0], year.spending);
        }
        cheaper = dearer;
    }
}

#[test]
fn enrolment_stays_between_nobody_and_everybody() {
    let (base, lives) = two_ages();
    let of = |enrolment| {
        let steps = [Step::default(), Step { enrolment, ..Step::default() }, Step { enrolment, ..Step::default() }];
        project(&plan(&base, &lives), &steps).unwrap().remove(2)
    };
    assert_eq!((of(-WHOLE).enrolled, of(-WHOLE).spending), (0, Fen::ZERO));
    assert_eq!(of(WHOLE).enrolled, of(WHOLE).living);
}

#[test]
fn what_cannot_be_is_refused_with_its_year() {
    let (base, lives) = two_ages();
    let told = |step: Step| project(&plan(&base, &lives), &[Step::default(), step]).unwrap_err().what;
    assert_eq!(told(Step { cost: -WHOLE, ..Step::default() }), "2023 年的费用增长 -100% 超出范围");
    assert_eq!(told(Step { births: WHOLE + 1, ..Step::default() }), "2023 年的生育率变化 100.0001% 超出范围");
    assert_eq!(told(Step { interest: -1, ..Step::default() }), "2023 年的参保变化或利率超出范围");
    assert_eq!(told(Step { subsidy: Fen(-1), ..Step::default() }), "2023 年的人均补助或保费是负数");
    assert_eq!(told(Step { contribution: Fen::yuan(-12), ..Step::default() }), "2023 年人均缴费降到负数");
    assert_eq!(project(&plan(&base, &lives), &[]).unwrap_err().cure, "写 1 到 74 年");
    let few = Plan { pot: &[true], ..plan(&base, &lives) };
    assert!(project(&few, &[Step::default()]).is_err());
}

#[test]
fn contributions_whose_split_is_open_rise_with_the_others() {
    let (mut base, lives) = two_ages();
    let step = Step { contribution: Fen::yuan(3), ..Step::default() };
    let known = project(&plan(&base, &lives), &[Step::default(), step]).unwrap();
    for class in &mut base.classes {
        (class.unsplit, class.sponsored) = (class.sponsored, Fen::ZERO);
    }
    let open = project(&plan(&base, &lives), &[Step::default(), step]).unwrap();
    for (known, open) in known.iter().zip(&open) {
        assert_eq!((open.unsplit, open.sponsored), (known.sponsored, Fen::ZERO));
        assert_eq!((open.contributions(), open.balance), (known.contributions(), known.balance));
    }
}

#[test]
fn contributions_that_are_not_known_do_not_rise() {
    let rows = [FEMALE, Sex::Male].map(|sex| AgeRow {
        sex,
        age: 0,
        living: 1,
        enrolled: 1,
        personal: Fen::ZERO,
        sponsored: Fen::ZERO,
        unsplit: Fen::ZERO,
        paid: vec![],
    });
    let base = Base::new(2022, &rows, 0, &[0]).unwrap();
    let (_, lives) = two_ages();
    let plan = Plan { base: &base, lives: &lives, pot: &[], opening: Fen::ZERO, ageing: true };
    assert!(project(&plan, &[Step::default(); 2]).is_ok());
    let risen = Step { contribution: Fen(1), ..Step::default() };
    assert_eq!(project(&plan, &[Step::default(), risen]).unwrap_err().what, "模拟结果里没有缴费，无从增长");
}

/// The most that a file of assumptions can say, for as long as one may look ahead.
#[test]
fn what_grows_beyond_counting_is_refused_with_its_year() {
    let (base, _) = two_ages();
    let lives = Lives { mortality: [1_000; YEARS], fertility: [100_000; YEARS], male: 500_000 };
    let grow = |step: Step, years: usize| {
        let mut steps = vec![step; years + 1];
        steps[0] = Step::default();
        project(&plan(&base, &lives), &steps).map(|years| years.len())
    };
    let dearer = grow(Step { cost: WHOLE, ..Step::default() }, 50).unwrap_err();
    assert_eq!(dearer.what, "2061 年的人数或金额大到算不准 (too large)");
    assert!(dearer.cure.contains("少预测几年"));
    for step in [
        Step { births: WHOLE, ..Step::default() },
        Step { mortality: WHOLE, ..Step::default() },
        Step { contribution: Fen(i64::MAX), ..Step::default() },
        Step { subsidy: Fen(i64::MAX), ..Step::default() },
    ] {
        let told = grow(step, 70).unwrap_err().what;
        assert!(told.ends_with("(too large)"), "{step:?}: {told}");
    }
    // As long as it can be counted, it is.
    let mut few = vec![Step { cost: WHOLE, ..Step::default() }; 31];
    few[0] = Step::default();
    let years = project(&Plan { ageing: false, ..plan(&base, &lives) }, &few).unwrap();
    assert_eq!(years[30].spending, Fen(1_300_000 << 30));
}
