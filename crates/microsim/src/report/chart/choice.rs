//! Which charts a report has, and what each of them shows.

use std::collections::BTreeMap;

use domain::Lang;

use super::super::concentration;
use super::super::tables::{Sums, Word, at, share, summed, whole};
use super::super::words;
use super::Drawing;
use super::bars::{Bars, Measure, Row, Scale, Series};
use super::curve::{Curves, Line};
use crate::outcome::{BURDEN_EDGES, Bills, By, Group, Outcome, Patients, SHARES, Variant};

/// How many variants a chart shows, the baseline among them: more are not told apart. All are in the tables.
const SHOWN: usize = 5;
/// How many funds have a colour of their own.
const FUNDS: usize = 8;

/// In which section of the page a chart stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chart {
    /// Cost by fund.
    Cost,
    /// Payment ratios.
    Ratio,
    /// Whom a fund reaches.
    Reach,
    /// What people pay themselves.
    Burden,
    /// Who gains and who loses.
    Gains,
}

/// All charts; those that compare are left out where there is nothing to compare. What has a letter that `covered` denies is called by
/// its code.
pub fn all(run: &Outcome, lang: Lang, covered: &dyn Fn(&str) -> bool) -> Vec<(Chart, Drawing)> {
    let shown = Shown::of(run, lang, covered);
    let mut charts = vec![(Chart::Cost, shown.cost().draw())];
    if shown.variants.len() > 1 {
        charts.push((Chart::Cost, shown.change().draw()));
    }
    charts.push((Chart::Ratio, shown.ratio(true).draw()));
    charts.push((Chart::Ratio, shown.ratio(false).draw()));
    charts.push((Chart::Ratio, shown.payers().draw()));
    charts.push((Chart::Reach, shown.reach().draw()));
    charts.push((Chart::Burden, shown.burden().draw()));
    charts.push((Chart::Burden, shown.heavy().draw()));
    charts.push((Chart::Burden, shown.by_decile().draw()));
    charts.push((Chart::Burden, shown.concentration().draw()));
    if shown.variants.len() > 1 {
        let titles = [
            (
                By::Decile,
                "gains-by-decile",
                "各收入组少负担和多负担的金额",
                "Who pays less and who pays more, by tenth of income",
            ),
            (
                By::Category,
                "gains-by-category",
                "各类人员少负担和多负担的金额",
                "Who pays less and who pays more, by category",
            ),
        ];
        for (by, name, zh, en) in titles {
            charts.push((Chart::Gains, shown.gains(by, name, lang.of(zh, en)).draw()));
        }
    }
    charts
}

/// What charts show of a run.
struct Shown<'o> {
    run: &'o Outcome,
    lang: Lang,
    variants: Vec<(String, &'o Variant)>,
    source: String,
    /// That some variants are only in the tables.
    others: String,
}

impl<'o> Shown<'o> {
    fn of(run: &'o Outcome, lang: Lang, covered: &dyn Fn(&str) -> bool) -> Shown<'o> {
        let named = |(place, variant): (usize, &'o Variant)| {
            let name = words::variant(&variant.name).of(lang).to_owned();
            let number = || format!("{} {}", lang.of("方案", "variant"), place + 1);
            (if covered(&name) { name } else { number() }, variant)
        };
        let variants: Vec<(String, &Variant)> = run.variants.iter().enumerate().take(SHOWN).map(named).collect();
        let region = if lang == Lang::Zh && covered(&run.region_name) { &run.region_name } else { &run.region };
        let basis = |(name, variant): &(String, &Variant)| format!("{name} {}", words::basis(&variant.basis).of(lang));
        let bases = variants.iter().map(basis).collect::<Vec<_>>().join(lang.of("，", ", "));
        let source = match lang {
            Lang::Zh => format!("{region} {}年；合成人口和费用，非真实数据。所用参数最弱依据：{bases}。", run.year),
            Lang::En => format!(
                "{region} {}; made-up people and bills, no real data. Weakest basis of the figures: {bases}.",
                run.year
            ),
        };
        let more = run.variants.len() - variants.len();
        let others = match lang {
            _ if more == 0 => String::new(),
            Lang::Zh => format!("另有{more}个方案只在表中。"),
            Lang::En => format!("{more} more variants are in the tables only."),
        };
        Shown { run, lang, variants, source, others }
    }

    fn base(&self) -> Option<&'o Variant> {
        self.run.variants.first()
    }

    /// A chart without lines yet, a colour a variant.
    fn bars(&self, name: &'static str, title: &str, note: &str, axis: &str, measure: Measure) -> Bars {
        let series = |(place, (name, _)): (usize, &(String, &Variant))| Series {
            name: name.clone(),
            class: format!("v{place}"),
        };
        let note = [note, &self.others]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(self.lang.of("", " "));
        Bars {
            name,
            title: title.to_owned(),
            note,
            source: self.source.clone(),
            axis: axis.to_owned(),
            series: self.variants.iter().enumerate().map(series).collect(),
            rows: Vec::new(),
            stacked: false,
            both: false,
            measure,
        }
    }

    /// A line, with a bar for each variant.
    fn each(&self, label: &str, value: impl Fn(&Variant) -> Option<i64>) -> Row {
        Row::Bars(label.to_owned(), self.variants.iter().map(|(_, variant)| value(variant)).collect())
    }

    /// A colour a fund, and one for what is left to the persons.
    fn payers_series(&self) -> Vec<Series> {
        let fund = |(place, code): (usize, &String)| Series {
            name: words::fund(code).of(self.lang).to_owned(),
            class: format!("f{}", place % FUNDS),
        };
        let own = Series { name: self.lang.of("个人负担", "own payments").to_owned(), class: "own".to_owned() };
        self.run.funds.iter().enumerate().map(fund).chain([own]).collect()
    }

    fn all<'v>(&self, variant: &'v Variant) -> Option<&'v Patients> {
        whole(&variant.groups)
    }

    fn cost(&self) -> Bars {
        let lang = self.lang;
        let total = |variant: &Variant| self.all(variant).map_or(0, |all| all.total);
        let scale = Scale::of(self.variants.iter().map(|(_, variant)| total(variant)), lang);
        let mut chart = self.bars(
            "cost",
            lang.of("医疗总费用由谁支付", "Who pays the total of the bills"),
            lang.of("条末为医疗总费用。", "At the end of a bar: the total."),
            scale.name,
            Measure::Money(scale),
        );
        chart.series = self.payers_series();
        chart.stacked = true;
        for (name, variant) in &self.variants {
            let all = self.all(variant).cloned().unwrap_or_default();
            let paid = (0..self.run.funds.len()).map(|fund| Some(at(&all.paid, fund)));
            chart.rows.push(Row::Bars(name.clone(), paid.chain([Some(all.own)]).collect()));
        }
        chart
    }

    fn change(&self) -> Bars {
        let lang = self.lang;
        let paid = |variant: &Variant, fund| self.all(variant).map_or(0, |all| at(&all.paid, fund));
        let own = |variant: &Variant| self.all(variant).map_or(0, |all| all.own);
        let base = self.base();
        let differs = |variant: &Variant, of: &dyn Fn(&Variant) -> i64| Some(of(variant) - base.map_or(0, of));
        let sum = |variant: &Variant| (0..self.run.funds.len()).map(|fund| paid(variant, fund)).sum::<i64>();
        let mut rows = Vec::new();
        for (place, code) in self.run.funds.iter().enumerate() {
            let of = |variant: &Variant| paid(variant, place);
            rows.push(self.each(words::fund(code).of(lang), |variant| differs(variant, &of)));
        }
        rows.push(self.each(lang.of("全部基金", "all funds"), |variant| differs(variant, &sum)));
        rows.push(self.each(lang.of("个人负担", "own payments"), |variant| differs(variant, &own)));
        for row in &mut rows {
            if let Row::Bars(_, values) = row {
                values.remove(0);
            }
        }
        let values = rows.iter().flat_map(|row| match row {
            Row::Bars(_, values) => values.iter().flatten().copied().collect(),
            Row::Head(_) => Vec::new(),
        });
        let scale = Scale::of(values, lang);
        let mut chart = self.bars(
            "change",
            lang.of("与现行规定相比，支付多了或少了多少", "How much more or less is paid than under the baseline"),
            "",
            scale.name,
            Measure::Money(scale),
        );
        chart.series.remove(0);
        if let [only] = &chart.series[..] {
            chart.note.clone_from(&only.name);
        }
        chart.rows = rows;
        chart
    }

    /// In scope, or of the total.
    fn ratio(&self, in_scope: bool) -> Bars {
        let lang = self.lang;
        let (name, title, note) = if in_scope {
            (
                "ratio-in-scope",
                lang.of("政策范围内支付比例", "Payment ratio in scope"),
                lang.of("全部基金支付 ÷ 政策范围内费用。", "What all funds pay ÷ what is in scope."),
            )
        } else {
            (
                "ratio-actual",
                lang.of("实际报销比例", "Actual payment ratio"),
                lang.of("全部基金支付 ÷ 医疗总费用。", "What all funds pay ÷ the total of the bills."),
            )
        };
        let of = |sums: &Sums| share(sums.paid, if in_scope { sums.in_scope } else { sums.total });
        let mut chart = self.bars(name, title, note, lang.of("支付比例", "ratio"), Measure::Share);
        let everything = |variant: &Variant| summed(&variant.cells, |_| "").get("").and_then(of);
        chart.rows.push(self.each(lang.of("全部账单", "all bills"), everything));
        type Naming = fn(&Outcome, &str) -> words::Name;
        let sections: [(&str, Word, Naming); 3] = [
            (lang.of("按医院等级", "By level"), |cell| &cell.level, |_, level| words::level(level)),
            (lang.of("按档次", "By tier"), |cell| &cell.tier, words::tier),
            (lang.of("按医疗类别", "By kind of care"), |cell| &cell.care, |_, care| words::care(care)),
        ];
        for (head, word, name) in sections {
            let by: Vec<BTreeMap<&str, Sums>> =
                self.variants.iter().map(|(_, variant)| summed(&variant.cells, word)).collect();
            let mut values: Vec<&str> = by.iter().flat_map(|sums| sums.keys().copied()).collect();
            values.sort_unstable();
            values.dedup();
            values.sort_by_key(|value| words::rank(value));
            if values.len() < 2 {
                continue;
            }
            chart.rows.push(Row::Head(head.to_owned()));
            for value in values {
                let ratios = by.iter().map(|sums| sums.get(value).and_then(of)).collect();
                chart.rows.push(Row::Bars(name(self.run, value).of(lang).to_owned(), ratios));
            }
        }
        chart
    }

    fn payers(&self) -> Bars {
        let lang = self.lang;
        let mut chart = self.bars(
            "payers-by-level",
            lang.of("各级医院的费用由谁支付", "Who pays at each level"),
            lang.of("占该级医院医疗总费用的比例。", "Shares of the total of the level's bills."),
            lang.of("占医疗总费用", "of the total"),
            Measure::Share,
        );
        chart.series = self.payers_series();
        chart.stacked = true;
        for (name, variant) in &self.variants {
            chart.rows.push(Row::Head(name.clone()));
            let mut levels: BTreeMap<&str, (i64, Vec<i64>)> = BTreeMap::new();
            for (cell, bills) in &variant.cells {
                let sums = levels.entry(&cell.level).or_insert_with(|| (0, vec![0; self.run.funds.len()]));
                add(sums, bills);
            }
            let mut levels: Vec<_> = levels.into_iter().filter(|(_, (total, _))| *total > 0).collect();
            levels.sort_by_key(|(level, _)| words::rank(level));
            for (level, (total, paid)) in levels {
                let mut shares: Vec<i64> = paid.iter().map(|paid| share(*paid, total).unwrap_or(0)).collect();
                // what rounding leaves is the persons', so that the bar is whole
                shares.push(1_000_000 - shares.iter().sum::<i64>());
                let label = words::level(level).of(lang).to_owned();
                chart.rows.push(Row::Bars(label, shares.into_iter().map(Some).collect()));
            }
        }
        chart
    }

    fn reach(&self) -> Bars {
        let lang = self.lang;
        let enrolled = whole(&self.run.people).map_or(0, |people| people.enrolled);
        let mut chart = self.bars(
            "reach",
            lang.of("各基金支付过的参保人", "Whom each fund paid something"),
            lang.of(
                "当年该基金支付过的人数 ÷ 参保人数。",
                "Persons whom the fund paid something in the year ÷ the enrolled.",
            ),
            lang.of("占参保人", "of the enrolled"),
            Measure::Share,
        );
        for (place, code) in self.run.funds.iter().enumerate() {
            let of = |variant: &Variant| share(self.all(variant).map_or(0, |all| at(&all.reached, place)), enrolled);
            chart.rows.push(self.each(words::fund(code).of(lang), of));
        }
        chart
    }

    fn burden(&self) -> Bars {
        let lang = self.lang;
        let mut chart = self.bars(
            "burden",
            lang.of("全年个人负担的分布", "Own payments of the year, by size"),
            lang.of(
                "有已结算账单的人中，全年个人负担在各范围内的比例。",
                "Of the persons with a settled bill, the share whose own payments of the year lie in each range.",
            ),
            lang.of("占就医人数", "of the patients"),
            Measure::Share,
        );
        let persons = |variant: &Variant| variant.burden.iter().map(|range| range.persons).sum::<i64>();
        let used = |place: &usize| {
            self.variants.iter().any(|(_, variant)| variant.burden.get(*place).is_some_and(|range| range.persons > 0))
        };
        let last = (0..=BURDEN_EDGES.len()).rev().find(used).unwrap_or(0);
        for place in 0..=last {
            let in_range = |variant: &Variant| variant.burden.get(place).map_or(0, |range| range.persons);
            chart.rows.push(self.each(&range(place, lang), |variant| share(in_range(variant), persons(variant))));
        }
        chart
    }

    fn heavy(&self) -> Bars {
        let lang = self.lang;
        let enrolled = whole(&self.run.people).map_or(0, |people| people.enrolled);
        let mut chart = self.bars(
            "heavy",
            lang.of("个人负担过重的参保人", "Own payments above a share of income"),
            lang.of(
                "全年个人负担超过本人收入一定比例的人数 ÷ 参保人数。",
                "Persons whose own payments of the year are above a share of their income ÷ the enrolled.",
            ),
            lang.of("占参保人", "of the enrolled"),
            Measure::Share,
        );
        for (place, percent) in SHARES.iter().enumerate() {
            let label = match lang {
                Lang::Zh => format!("超过收入的{percent}%"),
                Lang::En => format!("above {percent}% of income"),
            };
            let of = |variant: &Variant| share(self.all(variant).map_or(0, |all| at(&all.above, place)), enrolled);
            chart.rows.push(self.each(&label, of));
        }
        chart
    }

    fn by_decile(&self) -> Bars {
        let lang = self.lang;
        let mut chart = self.bars(
            "burden-by-decile",
            lang.of("各收入组的个人负担占收入的比例", "Own payments as a share of income, by tenth of income"),
            lang.of(
                "参保人按家庭人均收入分为十组；个人负担之和 ÷ 收入之和。",
                "The enrolled in tenths of household income a head; their own payments ÷ their income.",
            ),
            lang.of("个人负担占收入", "own payments of income"),
            Measure::Share,
        );
        for group in self.run.people.keys().filter(|group| group.by == By::Decile) {
            let income = self.run.people.get(group).map_or(0, |people| people.income);
            let own = |variant: &Variant| variant.groups.get(group).map_or(0, |patients| patients.own);
            chart.rows.push(self.each(words::group(self.run, By::Decile, &group.value).of(lang), |variant| {
                share(own(variant), income)
            }));
        }
        chart
    }

    fn concentration(&self) -> Curves {
        let lang = self.lang;
        let line = |(name, variant): &(String, &Variant)| {
            let index = concentration::index(&variant.by_income);
            let text = index.map_or_else(|| "—".to_owned(), |index| super::super::ratio::grouped(index, 1_000_000, 4));
            let curve = concentration::curve(&variant.by_income).into_iter();
            let points = curve.filter_map(|(_, point)| point.map(|point| (point.persons, point.own))).collect();
            Line { name: format!("{name}{}{text}", lang.of("：集中指数 ", ": index ")), points }
        };
        let note = lang.of(
            "参保人按家庭人均收入从低到高排列。曲线在直线之上，个人负担较多落在低收入者身上（指数为负）；在直线之下，较多落在高收入者身上。",
            "The enrolled from the lowest household income a head to the highest. Above the straight line, own payments lie more with the poor (index below 0); below it, more with the rich.",
        );
        Curves {
            name: "concentration",
            title: lang.of("个人负担的集中曲线", "Concentration of own payments").to_owned(),
            note: format!("{note}{}{}", lang.of("", " "), self.others),
            source: self.source.clone(),
            axes: (
                lang.of("累计参保人", "persons, from the poorest on").to_owned(),
                lang.of("累计个人负担", "their own payments, of all").to_owned(),
            ),
            even: lang.of("人人负担相同", "the same from everybody").to_owned(),
            lines: self.variants.iter().map(line).collect(),
        }
    }

    fn gains(&self, by: By, name: &'static str, title: &str) -> Bars {
        let lang = self.lang;
        let groups: Vec<&Group> = self.run.people.keys().filter(|group| group.by == by).collect();
        let of = |variant: &Variant, group: &Group| {
            variant.groups.get(group).map_or((0, 0), |patients| (patients.gained, -patients.lost))
        };
        let reforms = self.variants.iter().skip(1);
        let amounts = reforms.clone().flat_map(|(_, variant)| groups.iter().map(|group| of(variant, group)));
        let scale = Scale::of(amounts.flat_map(|(gained, lost)| [gained, lost]), lang);
        let note = lang.of(
            "与现行规定相比：右为少负担的人共少负担多少，左为多负担的人共多负担多少。",
            "Against the baseline. To the right: how much less those pay who pay less; to the left: how much more those who pay more.",
        );
        let held = lang.of("同时有几种类别的人在每类中各计一次。", "Who holds several categories is in each.");
        let note = if by == By::Category { format!("{note}{}{held}", lang.of("", " ")) } else { note.to_owned() };
        let mut chart = self.bars(name, title, &note, scale.name, Measure::Money(scale));
        chart.series = vec![
            Series { name: lang.of("少负担", "pays less").to_owned(), class: "less".to_owned() },
            Series { name: lang.of("多负担", "pays more").to_owned(), class: "more".to_owned() },
        ];
        (chart.stacked, chart.both) = (true, true);
        for (name, variant) in reforms {
            chart.rows.push(Row::Head(name.clone()));
            for group in &groups {
                let (gained, lost) = of(variant, group);
                let label = words::group(self.run, by, &group.value).of(lang).to_owned();
                chart.rows.push(Row::Bars(label, vec![Some(gained), Some(lost)]));
            }
        }
        chart
    }
}

fn add(sums: &mut (i64, Vec<i64>), bills: &Bills) {
    sums.0 += bills.total;
    for (sum, paid) in sums.1.iter_mut().zip(&bills.paid) {
        *sum += paid;
    }
}

/// A range of own payments, in yuan.
fn range(place: usize, lang: Lang) -> String {
    let yuan = |fen: &i64| super::super::ratio::grouped(*fen, 100, 0);
    let low = place.checked_sub(1).and_then(|place| BURDEN_EDGES.get(place));
    match (low, BURDEN_EDGES.get(place), lang) {
        (None, _, _) => lang.of("不支付", "nothing").to_owned(),
        (Some(0), Some(high), Lang::Zh) => format!("{}元及以下", yuan(high)),
        (Some(0), Some(high), Lang::En) => format!("up to {} yuan", yuan(high)),
        (Some(low), Some(high), _) => format!("{}–{}{}", yuan(low), yuan(high), lang.of("元", " yuan")),
        (Some(low), None, Lang::Zh) => format!("{}元以上", yuan(low)),
        (Some(low), None, Lang::En) => format!("above {} yuan", yuan(low)),
    }
}
