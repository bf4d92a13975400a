//! Provisions in readable words: what a clerk would say of a record, with every derived figure as yuan.

use domain::{Care, Category, Fen, Filing, Group, Layer, Level, Mark, Payer, Rate, Scheme};
use policy::registry::{self, Field, Kind};
use policy::terms::Terms;
use policy::{Amount, Conditions, Derivation, Provision, Record, Row, Value};

use crate::session::Lang;

/// One line of a provision: what it is about, and what it says. A row of a table is about its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Field or conditions.
    pub about: String,
    /// The value in words.
    pub says: String,
    /// Whether it is a row of a decision table.
    pub row: bool,
}

impl Line {
    /// As one text.
    pub fn text(&self, lang: Lang) -> String {
        match (self.about.is_empty(), self.says.is_empty()) {
            (true, _) => self.says.clone(),
            (_, true) => self.about.clone(),
            _ => format!("{}{}{}", self.about, lang.of("：", ": "), self.says),
        }
    }
}

/// Puts the records of some terms into words.
#[derive(Clone, Copy)]
pub struct Words<'w> {
    /// Language.
    pub lang: Lang,
    /// The terms whose statistics and tiers are meant.
    pub terms: &'w Terms<'w>,
}

impl Words<'_> {
    /// The name of a key for people: of its stage, and of the kind of provision.
    pub fn key(&self, key: &str) -> String {
        let words: Vec<&str> = key.split('.').collect();
        let kind = match registry::part(key) {
            Some(part) if self.lang == Lang::Zh => part.name.to_owned(),
            _ => words.last().copied().unwrap_or(key).replace('-', " "),
        };
        let ["stage", stage, ..] = words[..] else { return kind };
        let shape = self.terms.get(&format!("stage.{stage}.shape")).ok();
        let shape = shape.map(|cited| &cited.provision.record);
        let name = shape.and_then(|record| match self.lang {
            Lang::Zh => record.text("name"),
            Lang::En => record.text("english"),
        });
        format!("{} {kind}", name.unwrap_or(stage))
    }

    /// A provision, one line a field or row, in the order of the registry.
    pub fn lines(&self, provision: &Provision) -> Vec<Line> {
        let fields: &[Field] = registry::part(&provision.key).map_or(&[], |part| part.fields);
        fields.iter().flat_map(|field| self.field(field, &provision.record)).collect()
    }

    fn field(&self, field: &Field, record: &Record) -> Vec<Line> {
        let Some(value) = record.get(field.name) else { return Vec::new() };
        match value {
            Value::Rows(rows) => rows.iter().map(|row| self.row(row)).collect(),
            Value::Bool(false) => vec![self.line(field.name, self.lang.of("否", "no").to_owned())],
            Value::Bool(true) => vec![self.line(field.name, String::new())],
            Value::Rate(points) if matches!(field.kind, Kind::Points) => {
                let sign = if *points < Rate::ZERO { "" } else { "+" };
                let points = points.to_string().replace('%', self.lang.of("个百分点", " points"));
                vec![self.line(field.name, format!("{sign}{points}"))]
            }
            _ => vec![self.line(field.name, self.value(value))],
        }
    }

    fn line(&self, name: &str, says: String) -> Line {
        Line { about: label(name, self.lang), says, row: false }
    }

    fn row(&self, row: &Row) -> Line {
        let about =
            if row.when.is_empty() { self.lang.of("一律", "all").to_owned() } else { self.conditions(&row.when) };
        Line { about, says: self.record(&row.values), row: true }
    }

    /// The values of a row. What a row is for needs no label; what stands beside it does.
    fn record(&self, record: &Record) -> String {
        const PLAIN: &[&str] = &["amount", "ratio", "bands", "becomes", "line", "share", "then", "fund"];
        let mut parts = Vec::new();
        for (name, value) in record.iter() {
            parts.push(match (name, value) {
                ("bands", Value::Rows(bands)) => self.bands(bands),
                ("becomes", Value::Text(tier)) => self.tier(tier),
                ("rule", Value::Rule(rule)) => format!("{}{}", self.lang.of("规则：", "rule: "), self.rule(rule)),
                ("open", Value::Bool(true)) => self.lang.of("待定", "open").to_owned(),
                (_, Value::Bool(true)) => label(name, self.lang),
                (name, value) if PLAIN.contains(&name) => self.value(value),
                _ => format!("{} {}", label(name, self.lang), self.value(value)),
            });
        }
        parts.join(self.lang.of("，", ", "))
    }

    fn bands(&self, bands: &[Row]) -> String {
        let band = |band: &Row| {
            let ratio = band.values.rate("ratio").map_or_else(String::new, |ratio| ratio.to_string());
            match band.values.amount("to") {
                Some(to) => format!("≤{} {ratio}", self.amount(to)),
                None => format!("{} {ratio}", self.lang.of("以上", "above")),
            }
        };
        let mut words: Vec<String> = bands.iter().map(band).collect();
        if bands.last().is_some_and(|last| last.values.amount("to").is_some()) {
            words.push(self.lang.of("以上不付", "nothing above").to_owned());
        }
        words.join(self.lang.of("；", "; "))
    }

    /// A value.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Word(word) => self.word(word),
            Value::Bool(flag) => {
                self.lang.of(if *flag { "是" } else { "否" }, if *flag { "yes" } else { "no" }).to_owned()
            }
            Value::Integer(number) => number.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Amount(amount) => self.amount(amount),
            Value::Rate(rate) => rate.to_string(),
            Value::Rule(rule) => self.rule(rule),
            Value::When(when) if when.is_empty() => self.lang.of("一律", "all").to_owned(),
            Value::When(when) => self.conditions(when),
            Value::List(list) => {
                list.iter().map(|one| self.value(one)).collect::<Vec<_>>().join(self.lang.of("、", ", "))
            }
            Value::Table(record) => self.record(record),
            Value::Rows(rows) => {
                let rows: Vec<String> = rows.iter().map(|row| self.row(row).text(self.lang)).collect();
                rows.join(self.lang.of("；", "; "))
            }
        }
    }

    /// An amount in yuan; a derived one with its rule.
    pub fn amount(&self, amount: &Amount) -> String {
        match amount {
            Amount::Figure(fen) => self.money(*fen),
            Amount::Unlimited => self.lang.of("不限", "no limit").to_owned(),
            Amount::Open => self.lang.of("待定", "open").to_owned(),
            Amount::Derived(rule) => self.rule(rule),
        }
    }

    /// Yuan with thousands apart.
    pub fn money(&self, fen: Fen) -> String {
        yuan(fen, self.lang)
    }

    /// What a rule gives on the day, and the rule.
    fn rule(&self, rule: &Derivation) -> String {
        let year = self.terms.day.year() - rule.years_before;
        let what = format!("{year}{}{}", self.lang.of("年", " "), label(&rule.of, self.lang));
        match self.terms.derive(rule) {
            Ok(fen) => format!("{}{}{what} × {})", self.money(fen), self.lang.of("（", " ("), rule.factor)
                .replace(')', self.lang.of("）", ")")),
            Err(_) => match self.lang {
                Lang::Zh => format!("算不出：缺{what}（× {}）", rule.factor),
                Lang::En => format!("unknown: no {what} (× {})", rule.factor),
            },
        }
    }

    fn tier(&self, id: &str) -> String {
        let tiers = self.terms.library.tiers(self.terms.region);
        let name = tiers.iter().find(|(tier, _)| tier == id).map(|(_, name)| name.as_str());
        name.filter(|_| self.lang == Lang::Zh).unwrap_or(id).to_owned()
    }

    /// Conditions in words.
    pub fn conditions(&self, when: &Conditions) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut add = |words: Vec<String>| {
            if !words.is_empty() {
                parts.push(words.join("/"));
            }
        };
        macro_rules! names {
            ($members:expr) => {
                $members.map(|v| self.lang.of(v.name(), v.english()).to_owned()).collect()
            };
        }
        add(names!(when.scheme.iter()));
        add(when.tier.iter().map(|id| self.tier(id)).collect());
        add(names!(when.group.iter()));
        add(names!(when.category.iter()));
        add(names!(when.category_also.iter()));
        add(when.age.iter().map(|age| format!("{age}{}", self.lang.of("岁", " years"))).collect());
        add(names!(when.care.iter()));
        add(names!(when.level.iter()));
        add(when.admission.iter().map(|ends| self.admission(*ends)).collect());
        add(names!(when.filing.iter()));
        add(when.disease.iter().map(|id| format!("{}{id}", self.lang.of("病种 ", "disease "))).collect());
        add(names!(when.mark.iter()));
        add(when.carry.iter().map(|id| format!("{}{id}", self.lang.of("结转 ", "carry "))).collect());
        add(when
            .class
            .iter()
            .map(|class| format!("{}{class}{}", self.lang.of("", "class "), self.lang.of("类", "")))
            .collect());
        add(when.area.iter().map(|id| self.area(id)).collect());
        parts.join(" ")
    }

    fn area(&self, id: &str) -> String {
        let areas = self.terms.library.chain(self.terms.region).into_iter().flat_map(|region| &region.areas);
        let name = areas.filter(|area| area.id == id).map(|area| area.name.as_str()).next();
        name.filter(|_| self.lang == Lang::Zh).unwrap_or(id).to_owned()
    }

    fn admission(&self, (low, high): (u8, u8)) -> String {
        match self.lang {
            Lang::Zh if high == u8::MAX => format!("第{low}次及以后住院"),
            Lang::Zh if low == high => format!("第{low}次住院"),
            Lang::Zh => format!("第{low}至{high}次住院"),
            Lang::En if high == u8::MAX => format!("admission {low} and later"),
            Lang::En if low == high => format!("admission {low}"),
            Lang::En => format!("admissions {low} to {high}"),
        }
    }

    fn word(&self, word: &str) -> String {
        if self.lang == Lang::En { word.to_owned() } else { word_name(word) }
    }
}

/// Yuan with thousands apart and no idle decimals: `15,412元`, `146.40元`.
pub fn yuan(fen: Fen, lang: Lang) -> String {
    let text = fen.to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let comma = |at: usize| (at > 0 && (digits.len() - at).is_multiple_of(3)).then_some(',');
    let grouped: String =
        digits.chars().enumerate().flat_map(|(at, digit)| comma(at).into_iter().chain([digit])).collect();
    let cents = if cents == "00" { String::new() } else { format!(".{cents}") };
    format!("{sign}{grouped}{cents}{}", lang.of("元", " yuan"))
}

/// Breaks a text into lines of at most a width, where hanzi are two wide.
pub fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for letter in text.chars() {
        let wide = console::measure_text_width(letter.encode_utf8(&mut [0; 4]));
        if used + wide > width && !"，。；：、）”".contains(letter) {
            lines.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(line) = lines.last_mut() {
            line.push(letter);
        }
    }
    lines
}

/// The Chinese of a word of a closed list.
pub fn word_name(word: &str) -> String {
    WORDS.iter().find(|(code, _)| *code == word).map_or_else(|| vocabulary(word), |(_, zh)| (*zh).to_owned())
}

/// Every word of the closed vocabulary that a field may hold.
fn vocabulary(word: &str) -> String {
    macro_rules! first_of {
        ($($vocabulary:ident)*) => {
            $(if let Some(known) = $vocabulary::ALL.iter().find(|v| v.code() == word) {
                return known.name().to_owned();
            })*
        };
    }
    first_of!(Payer Layer Care Scheme Category Filing Group Level Mark);
    word.to_owned()
}

/// The name of a field for people.
pub fn label(name: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return name.replace(['_', '-'], " ");
    }
    let known = LABELS.iter().find(|(field, _)| *field == name);
    known.map_or_else(|| name.to_owned(), |(_, label)| (*label).to_owned())
}

/// Chinese names of fields and statistics.
const LABELS: &[(&str, &str)] = &[
    ("above", "超过"),
    ("amount", "金额"),
    ("amount_none", "不设"),
    ("after", "前一环节"),
    ("against", "比照"),
    ("applicant", "申请人"),
    ("ages", "年龄段"),
    ("areas", "地区"),
    ("at", "变动日"),
    ("bands", "分段"),
    ("base", "起算"),
    ("becomes", "改按"),
    ("benefits_from", "待遇起始"),
    ("body", "接收单位"),
    ("by", "由哪方办"),
    ("cap_none", "不设封顶"),
    ("cap_plus", "封顶线增加"),
    ("care", "就医类别"),
    ("category", "人员类别"),
    ("classes", "救助对象次序（高者在先）"),
    ("central", "中央"),
    ("centres", "鉴定机构"),
    ("chain", "转诊连续计算起付线"),
    ("clears_below", "低于此数解除"),
    ("closes", "截止"),
    ("closes_day", "每年截止"),
    ("code", "编码"),
    ("collector", "征收单位"),
    ("conditions", "须同时符合"),
    ("counts", "计入"),
    ("covers", "适用"),
    ("days", "天数"),
    ("decides", "由谁决定"),
    ("declaration", "个人承诺即可"),
    ("deductible_at_most", "起付线至多"),
    ("deductible_minus", "起付线减少"),
    ("deductible_none", "不设起付线"),
    ("deductible_times", "起付线乘以"),
    ("diseases", "病种"),
    ("disposable-income", "居民人均可支配收入"),
    ("documents", "材料"),
    ("draws", "资金来源"),
    ("edition", "版本"),
    ("elect_tier", "由本人选档"),
    ("employer_pays", "有单位的由单位缴"),
    ("ends", "办结"),
    ("english", "英文名"),
    ("excludes", "不适用"),
    ("exclusive", "同层只由一个环节支付"),
    ("floor", "不低于"),
    ("flow", "环节"),
    ("full_year", "须全年参保"),
    ("fund", "资金"),
    ("in_year", "所在年（相对参保年度）"),
    ("kind", "类型"),
    ("last", "最后一天"),
    ("layer", "层次"),
    ("layers", "先后"),
    ("least_months", "至少（月）"),
    ("leaves_ledger", "划出后不再记账"),
    ("level", "级别"),
    ("help", "帮扶级别"),
    ("levels", "分级表"),
    ("limit", "限额"),
    ("line", "线"),
    ("list_item", "清单项目"),
    ("local", "市县"),
    ("measure", "累计"),
    ("minus_carry", "按结转降低"),
    ("minutes", "分钟"),
    ("money", "资金"),
    ("months", "月数"),
    ("months_between", "间隔（月）"),
    ("name", "名称"),
    ("names", "可用名称"),
    ("needs", "尚缺"),
    ("of", "按"),
    ("on", "计量"),
    ("open", "待定"),
    ("opens", "开始"),
    ("opens_day", "每年开始"),
    ("order", "次序"),
    ("outcomes", "结果之一"),
    ("payee", "付给谁"),
    ("payer", "由谁支付"),
    ("payers", "可用基金"),
    ("per", "计次"),
    ("per_year", "每年次数"),
    ("places", "机构数"),
    ("plus_carry", "按结转增加"),
    ("points", "受理处"),
    ("pool", "合用"),
    ("province", "省"),
    ("ratio", "比例"),
    ("ratio_points", "比例加减"),
    ("ratio_times", "比例乘以"),
    ("reason", "情形"),
    ("rows", "表"),
    ("rule", "规则"),
    ("says", "说明"),
    ("scheme", "险种"),
    ("schemes", "险种"),
    ("sealed", "申请人保密"),
    ("share", "占比"),
    ("stage", "环节"),
    ("step", "环节"),
    ("steps", "各年降低"),
    ("successor", "其后"),
    ("then", "过线后"),
    ("times", "倍数"),
    ("to", "至"),
    ("tolerance", "容差"),
    ("tokens", "凭证"),
    ("tolerance_points", "容差（百分点）"),
    ("trend", "走势"),
    ("two_way", "双向结算"),
    ("unless", "除非"),
    ("value", "数值"),
    ("ways", "办理方式"),
    ("what", "所指"),
    ("when", "适用"),
    ("withholding", "可代扣"),
    ("working", "按工作日"),
    ("year_limit", "全年合计至多"),
    ("yearly", "每年重新申报缴费"),
    ("years_before", "前推年数"),
];

/// Chinese names of words that only notice files use.
const WORDS: &[(&str, &str)] = &[
    ("above-deductible", "起付线以上部分"),
    ("academic", "学年"),
    ("accepting", "受理处"),
    ("after-employee-break", "职工医保中断后"),
    ("agency", "经办机构"),
    ("agent", "代办"),
    ("all", "全部"),
    ("any", "不限"),
    ("bank", "银行"),
    ("base", "未降低的起付线"),
    ("bill-burden", "本次全部个人负担"),
    ("birth", "出生之日"),
    ("booking", "预约"),
    ("burden", "前面各层支付后的范围内负担"),
    ("burden-with-first-self-pay", "范围内负担加先行自付"),
    ("card", "社会保障卡"),
    ("category", "所列人员"),
    ("central", "中央"),
    ("charity", "慈善救助"),
    ("city", "市级"),
    ("clinic", "诊所和卫生院"),
    ("counted", "起付线以上计入额"),
    ("counter", "窗口"),
    ("county", "县级"),
    ("deciding", "决定机构"),
    ("district", "区级"),
    ("duplicate", "重复参保"),
    ("e-credential", "医保电子凭证"),
    ("education", "教育经费"),
    ("either", "任一方"),
    ("employer", "用人单位"),
    ("excess", "超出部分计入"),
    ("falling", "逐级降低"),
    ("finance", "财政"),
    ("firm", "商保机构"),
    ("first", "首次"),
    ("flexible-worker", "灵活就业"),
    ("graduate", "毕业生"),
    ("gross", "含起付线的全额"),
    ("here", "受理地"),
    ("home", "参保地"),
    ("in-scope", "政策范围内费用"),
    ("in-window", "集中参保期内参保"),
    ("large-amount-fund", "大额基金"),
    ("lifetime", "终身"),
    ("light-year", "门诊少用的年度"),
    ("lowered", "降低后的起付线"),
    ("mail", "邮寄"),
    ("no-id", "无身份证号"),
    ("none", "无"),
    ("organisation", "单位"),
    ("other-scheme", "已参加其他基本医保"),
    ("own", "本次"),
    ("own-cost", "个人负担"),
    ("owes", "形成应付"),
    ("partner", "对方"),
    ("pays", "支付"),
    ("person", "个人"),
    ("balance", "账户余额"),
    ("paid", "基金支付额"),
    ("payment", "缴费之日"),
    ("permit-expired", "居住证过期"),
    ("phone", "电话"),
    ("previous", "上次"),
    ("provider", "医药机构"),
    ("province", "省级"),
    ("quiet-years", "连续未用起付线的年度"),
    ("residence-permit", "持居住证"),
    ("rising", "逐级升高"),
    ("september", "9月1日"),
    ("tax", "税务部门"),
    ("temporary-relief", "临时救助"),
    ("total", "总费用"),
    ("town", "乡镇街道"),
    ("unused-limit", "未用完的限额"),
    ("village", "村社区"),
    ("visit", "每次就医"),
    ("web", "网上"),
    ("whole", "全额计入"),
    ("wrong-id", "身份证号错误"),
    ("year", "全年"),
    ("year-start", "年初"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use policy::registry::PARTS;

    #[test]
    fn thousands_are_set_apart() {
        let of = |fen| yuan(Fen(fen), Lang::Zh);
        assert_eq!(of(14_640), "146.40元");
        assert_eq!(of(1_541_200), "15,412元");
        assert_eq!(of(123_456_700), "1,234,567元");
        assert_eq!(of(-100), "-1元");
        assert_eq!(of(0), "0元");
    }

    /// A new field of the registry needs a Chinese name here.
    #[test]
    fn every_field_and_word_has_a_chinese_name() {
        fn look(fields: &[Field], lost: &mut Vec<&'static str>) {
            for field in fields {
                if label(field.name, Lang::Zh) == field.name {
                    lost.push(field.name);
                }
                match field.kind {
                    Kind::Rows(inner, _) | Kind::Table(inner) => look(inner, lost),
                    Kind::Word(words) | Kind::Words(words) => {
                        let named =
                            |word: &str| WORDS.iter().any(|(code, _)| *code == word) || vocabulary(word) != word;
                        lost.extend(words.iter().filter(|word| !named(word)));
                    }
                    _ => {}
                }
            }
        }
        let mut lost = Vec::new();
        PARTS.iter().filter(|part| part.pattern != "check.*").for_each(|part| look(part.fields, &mut lost));
        assert_eq!(lost, Vec::<&str>::new());
    }
}
