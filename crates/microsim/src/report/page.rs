//! The report as one page that needs nothing else: charts drawn in it, the main tables, what the words mean. Light and dark, on screen
//! and on paper; no script.

use askama::Template;
use domain::Lang;

use super::chart::{self, Chart, Drawing, Scale};
use super::columns as c;
use super::table::{Column, Table, Unit, Value};
use super::words;
use super::workbook;
use crate::outcome::Outcome;

/// The template's view of the page.
#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    language: &'static str,
    version: &'static str,
    title: String,
    warning: String,
    fonts: &'static str,
    chart_style: String,
    sections: Vec<Section>,
}

/// A part of the report.
pub struct Section {
    /// Its name in an address.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What stands above the rest.
    pub texts: Vec<String>,
    /// Charts: what each shows, and the SVG for a page that has the colours ([`super::colours`]).
    pub charts: Vec<(String, String)>,
    /// Tables.
    pub tables: Vec<Shown>,
    /// What words mean.
    pub terms: Vec<(String, String)>,
}

/// A table as people read it.
pub struct Shown {
    /// Its title.
    pub title: String,
    /// That it is made up, and its weakest basis.
    pub source: String,
    /// Above its columns.
    pub head: Vec<Cell>,
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell as people read it.
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Whether it is a number.
    pub number: bool,
}

/// Some rows of some columns of a table.
struct Part<'t> {
    table: &'t Table,
    title: &'t str,
    columns: &'t [&'static Column],
    keep: &'t dyn Fn(&[Value]) -> bool,
}

/// The page.
///
/// # Errors
/// Of the template.
pub fn html(run: &Outcome, tables: &[Table], charts: &[(Chart, Drawing)], lang: Lang) -> anyhow::Result<String> {
    let page = Page {
        language: lang.of("zh-CN", "en"),
        version: env!("CARGO_PKG_VERSION"),
        title: title(run, lang),
        warning: warning(run, lang),
        fonts: chart::FONTS,
        chart_style: style(),
        sections: sections(run, tables, charts, lang),
    };
    let mut text = page.render()?;
    // what XML cannot hold, a page should not
    text.retain(|letter| letter == '\n' || !letter.is_control());
    Ok(text)
}

/// All that stands on the page, part by part.
pub fn sections(run: &Outcome, tables: &[Table], charts: &[(Chart, Drawing)], lang: Lang) -> Vec<Section> {
    Maker { run, tables, charts, lang }.sections()
}

/// Of the page and the workbook.
pub fn title(run: &Outcome, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{} {}年居民医保模拟报告", run.region_name, run.year),
        Lang::En => format!("{} ({}), {}: report of a simulation", run.region, run.region_name, run.year),
    }
}

/// That nobody in it exists, and on what the figures of the terms rest.
pub fn warning(run: &Outcome, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!(
            "合成数据：人口、收入和费用都是由种子生成的，不代表任何真实地区，只宜比较方案之间的差别。规定中所用参数的最弱依据：{}。",
            bases(run, lang)
        ),
        Lang::En => format!(
            "Made-up data: people, incomes and bills are drawn from a seed and say nothing of any real region; compare variants only. \
             Weakest basis of the terms' figures: {}.",
            bases(run, lang)
        ),
    }
}

fn bases(run: &Outcome, lang: Lang) -> String {
    let basis = |variant: &crate::outcome::Variant| {
        format!("{} {}", words::variant(&variant.name).of(lang), words::basis(&variant.basis).of(lang))
    };
    run.variants.iter().map(basis).collect::<Vec<_>>().join(lang.of("，", ", "))
}

/// Colours of the charts: light everywhere, dark on a dark screen.
fn style() -> String {
    let (scope, dark) = ("svg.chart ", chart::colours("svg.chart ", true));
    let light = format!("{}{}", chart::shapes(scope), chart::colours(scope, false));
    format!("{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n")
}

struct Maker<'p> {
    run: &'p Outcome,
    tables: &'p [Table],
    charts: &'p [(Chart, Drawing)],
    lang: Lang,
}

impl<'p> Maker<'p> {
    fn section(&self, id: &'static str, title: &'static str, chart: Option<Chart>) -> Section {
        let charts = self.charts.iter().filter(|(there, _)| Some(*there) == chart);
        let charts = charts.map(|(_, drawing)| (drawing.title.clone(), drawing.inline())).collect();
        Section { id, title, texts: Vec::new(), charts, tables: Vec::new(), terms: Vec::new() }
    }

    fn table(&self, name: &str) -> Option<&'p Table> {
        self.tables.iter().find(|table| table.head.name == name)
    }

    fn sections(&self) -> Vec<Section> {
        let lang = self.lang;
        let mut sections = vec![self.overview(), self.cost(), self.ratios(), self.reach(), self.burden()];
        if self.run.variants.len() > 1 {
            sections.push(self.gains());
        }
        let mut refused = self.section("refused", lang.of("不予结算的账单", "Bills refused"), None);
        let left = self.run.left_out;
        if left > 0 {
            refused.texts.push(match lang {
                Lang::Zh => format!("另有{left}张账单读不出，已略去，不在任何合计之内。"),
                Lang::En => format!("{left} more bills could not be read and are in no sum."),
            });
        }
        match self.table("refused") {
            Some(table) if !table.rows.is_empty() => {
                let columns = [&c::VARIANT, &c::REASON, &c::REFUSED];
                refused.tables.push(self.part(Part {
                    table,
                    title: table.head.title.of(lang),
                    columns: &columns,
                    keep: &|_| true,
                }));
            }
            _ => refused.texts.push(lang.of("没有。", "None.").to_owned()),
        }
        sections.push(refused);
        sections.push(self.words());
        sections
    }

    /// The main figures, a column a variant.
    fn overview(&self) -> Section {
        const FIGURES: [&Column; 24] = [
            &c::LIVING,
            &c::ENROLLED,
            &c::PERSONS,
            &c::BILLS,
            &c::REFUSED,
            &c::TOTAL,
            &c::IN_SCOPE,
            &c::PAID,
            &c::OWN,
            &c::RATIO_IN_SCOPE,
            &c::RATIO_ACTUAL,
            &c::PAID_HEAD,
            &c::OWN_HEAD,
            &c::OWN_OF_INCOME,
            &c::SHARE_10,
            &c::SHARE_40,
            &c::CONCENTRATION,
            &c::PAID_CHANGE,
            &c::PAID_CHANGE_RATIO,
            &c::OWN_CHANGE,
            &c::OWN_CHANGE_RATIO,
            &c::WINNERS,
            &c::LOSERS,
            &c::INCOMPARABLE,
        ];
        let lang = self.lang;
        let mut section = self.section("overview", lang.of("总览", "Overview"), None);
        let Some(table) = self.table("summary") else { return section };
        let mut head = vec![Cell { text: String::new(), number: false }];
        head.extend(
            self.run
                .variants
                .iter()
                .map(|variant| Cell { text: words::variant(&variant.name).of(lang).to_owned(), number: true }),
        );
        let line = |column: &&'static Column| {
            let at = table.at(column)?;
            let values: Vec<&Value> = table.rows.iter().filter_map(|row| row.get(at)).collect();
            let scale = Scale::of(values.iter().filter_map(|value| value.number()), lang);
            let cells = values.iter().map(|value| cell(value, column.unit, scale, lang));
            Some([Cell { text: heading(column, scale, lang), number: false }].into_iter().chain(cells).collect())
        };
        let rows = FIGURES.iter().filter_map(line).collect();
        section.tables.push(Shown {
            title: lang.of("主要数字", "Main figures").to_owned(),
            source: self.source(),
            head,
            rows,
        });
        // A draft by itself is called by its id, which says it all.
        let what = self.run.variants.iter().skip(1).filter_map(|variant| {
            let set = variant
                .drafts
                .iter()
                .chain(&variant.set)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(lang.of("；", "; "));
            (set != variant.name).then(|| format!("{}{}{set}", variant.name, lang.of("：", ": ")))
        });
        section.texts.extend(what);
        section
    }

    fn cost(&self) -> Section {
        let lang = self.lang;
        let mut section = self.section("cost", lang.of("费用与基金支付", "Cost, fund by fund"), Some(Chart::Cost));
        let columns =
            [&c::VARIANT, &c::FUND, &c::PAID, &c::SHARE_OF_PAID, &c::PAID_CHANGE, &c::PAID_CHANGE_RATIO, &c::PAID_HEAD];
        section.tables.extend(self.whole("funds", lang.of("各基金支付", "Paid by each fund"), &columns));
        section
    }

    fn ratios(&self) -> Section {
        let lang = self.lang;
        let mut section = self.section("ratios", lang.of("支付比例", "Payment ratios"), Some(Chart::Ratio));
        let columns = [
            &c::VARIANT,
            &c::BY,
            &c::VALUE,
            &c::BILLS,
            &c::TOTAL,
            &c::IN_SCOPE,
            &c::PAID,
            &c::OWN,
            &c::RATIO_IN_SCOPE,
            &c::RATIO_ACTUAL,
        ];
        section.tables.extend(self.whole(
            "cuts",
            lang.of("按档次、医院等级、医疗类别", "By tier, level and kind of care"),
            &columns,
        ));
        section
    }

    fn reach(&self) -> Section {
        let lang = self.lang;
        let mut section =
            self.section("reach", lang.of("大病保险、医疗救助等的受益面", "Reach of each fund"), Some(Chart::Reach));
        let columns =
            [&c::VARIANT, &c::FUND, &c::REACHED, &c::REACH, &c::REACH_PATIENTS, &c::PAID_REACHED, &c::REACHED_CHANGE];
        section.tables.extend(self.whole(
            "funds",
            lang.of("各基金支付过的人", "Persons whom each fund paid"),
            &columns,
        ));
        section
    }

    fn burden(&self) -> Section {
        let lang = self.lang;
        let mut section = self.section("burden", lang.of("个人负担", "Own payments"), Some(Chart::Burden));
        let columns = [&c::VARIANT, &c::ABOVE, &c::UP_TO, &c::PEOPLE, &c::PEOPLE_SHARE, &c::OWN, &c::OWN_SHARE];
        section.tables.extend(self.whole(
            "burden",
            lang.of("全年个人负担的分布", "Own payments of the year, by size"),
            &columns,
        ));
        let columns = [
            &c::VARIANT,
            &c::VALUE,
            &c::ENROLLED,
            &c::PERSONS,
            &c::OWN_HEAD,
            &c::OWN_OF_INCOME,
            &c::SHARE_10,
            &c::SHARE_25,
            &c::SHARE_40,
        ];
        self.crowds(&mut section, &columns, false);
        section
    }

    fn gains(&self) -> Section {
        let lang = self.lang;
        let mut section =
            self.section("gains", lang.of("谁少负担，谁多负担", "Who pays less, who pays more"), Some(Chart::Gains));
        let columns = [
            &c::VARIANT,
            &c::VALUE,
            &c::ENROLLED,
            &c::WINNERS,
            &c::GAINED,
            &c::LOSERS,
            &c::LOST,
            &c::NET,
            &c::NET_HEAD,
        ];
        self.crowds(&mut section, &columns, true);
        section
    }

    /// What the words mean, and from what all this comes.
    fn words(&self) -> Section {
        let lang = self.lang;
        let mut section = self.section("words", lang.of("说明", "What is what"), None);
        section.texts.push(
            lang.of(
                "全部表格在 report.xlsx 和 tables 文件夹中，图在 charts 文件夹中。",
                "All tables are in report.xlsx and in the folder tables; the charts are in the folder charts.",
            )
            .to_owned(),
        );
        let meaning =
            |column: &&'static Column| (column.heading.of(lang).to_owned(), column.meaning.of(lang).to_owned());
        section.terms = workbook::columns(self.tables).iter().map(meaning).collect();
        section.terms.extend(origin(self.run, lang));
        section
    }

    fn whole(&self, name: &str, title: &str, columns: &[&'static Column]) -> Option<Shown> {
        let table = self.table(name)?;
        Some(self.part(Part { table, title, columns, keep: &|_| true }))
    }

    /// By income and by category; with or without the baseline.
    fn crowds(&self, section: &mut Section, columns: &[&'static Column], reforms: bool) {
        let lang = self.lang;
        let titles =
            [("decile", lang.of("按收入组", "By tenth of income")), ("category", lang.of("按人员类别", "By category"))];
        let shown = titles.into_iter().filter_map(|(by, title)| self.people(by, title, columns, reforms));
        section.tables.extend(shown);
    }

    /// Groups of one kind; with or without the baseline.
    fn people(&self, by: &str, title: &str, columns: &[&'static Column], reforms: bool) -> Option<Shown> {
        let table = self.table("groups")?;
        let (place, variant) = (table.at(&c::BY)?, table.at(&c::VARIANT)?);
        let base = self.run.variants.first().map(|base| base.name.clone()).unwrap_or_default();
        let keep = move |row: &[Value]| {
            let is = |at: usize, code: &str| matches!(row.get(at), Some(Value::Word(name)) if name.code == code);
            is(place, by) && !(reforms && is(variant, &base))
        };
        Some(self.part(Part { table, title, columns, keep: &keep }))
    }

    fn part(&self, part: Part<'_>) -> Shown {
        let lang = self.lang;
        let places: Vec<(usize, &'static Column)> =
            part.columns.iter().filter_map(|column| Some((part.table.at(column)?, *column))).collect();
        let kept: Vec<&Vec<Value>> = part.table.rows.iter().filter(|row| (part.keep)(row)).collect();
        let numbers = |at: usize| kept.iter().filter_map(move |row| row.get(at).and_then(Value::number));
        let scales: Vec<Scale> = places
            .iter()
            .map(|(at, column)| {
                // the ends of a range are read in yuan
                let range = [c::ABOVE.name, c::UP_TO.name].contains(&column.name);
                if range { Scale::of(std::iter::empty(), lang) } else { Scale::of(numbers(*at), lang) }
            })
            .collect();
        let head = places.iter().zip(&scales).map(|((_, column), scale)| Cell {
            text: heading(column, *scale, lang),
            number: column.unit != Unit::Word,
        });
        let row = |row: &&Vec<Value>| {
            let value = |((at, column), scale): (&(usize, &'static Column), &Scale)| {
                cell(row.get(*at).unwrap_or(&Value::Empty), column.unit, *scale, lang)
            };
            places.iter().zip(&scales).map(value).collect()
        };
        Shown {
            title: part.title.to_owned(),
            source: self.source(),
            head: head.collect(),
            rows: kept.iter().map(row).collect(),
        }
    }

    fn source(&self) -> String {
        format!(
            "{}{}",
            self.lang.of("合成数据；最弱依据：", "Made-up data; weakest basis: "),
            bases(self.run, self.lang)
        )
    }
}

fn heading(column: &Column, scale: Scale, lang: Lang) -> String {
    match (column.unit, lang) {
        (Unit::Fen, Lang::Zh) => format!("{}（{}）", column.heading.zh, scale.name),
        (Unit::Fen, Lang::En) => format!("{} ({})", column.heading.en, scale.name),
        _ => column.heading.of(lang).to_owned(),
    }
}

fn cell(value: &Value, unit: Unit, scale: Scale, lang: Lang) -> Cell {
    let text = match (value, unit) {
        (Value::Number(fen), Unit::Fen) => scale.text(*fen),
        _ => value.shown(unit, lang),
    };
    Cell { text, number: unit != Unit::Word }
}

/// From what the figures come: for the page and the workbook.
pub fn origin(run: &Outcome, lang: Lang) -> Vec<(String, String)> {
    let mut all = vec![
        (lang.of("统筹区", "region").to_owned(), format!("{} {}", run.region, run.region_name)),
        (lang.of("年度", "year").to_owned(), run.year.to_string()),
        (lang.of("起算年度", "from year").to_owned(), run.from_year.to_string()),
        (lang.of("合成地区的哈希", "province").to_owned(), run.province.clone()),
    ];
    for variant in &run.variants {
        let name = words::variant(&variant.name);
        all.push((format!("{}{}", lang.of("规定的哈希：", "terms: "), name.of(lang)), variant.terms.clone()));
    }
    all.push((lang.of("程序", "program").to_owned(), format!("tongchou {}", env!("CARGO_PKG_VERSION"))));
    all
}
