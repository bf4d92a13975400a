//! Steps in plain words: what was in scope, and for each stage what it took in, did and gave, with clause and basis.

use domain::{Basis, Bill, ClassAmounts, Fen, Rate};

use crate::engine::Entry;
use crate::plan::{Band, Base, CapOn, Cell, Plan, Row, Source, Stage};
use crate::run::StageStep;

/// One step in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Id of the stage; `scope` and `carry` for what comes before the stages.
    pub stage: String,
    /// In Chinese.
    pub text: String,
    /// In English.
    pub english: String,
    /// Where the figures come from, a line each.
    pub sources: Vec<Source>,
    /// Ids of the clauses that the figures come from.
    pub clauses: Vec<String>,
    /// The amounts, where it is a stage's.
    pub amounts: Option<StageStep>,
    /// The weakest basis of the step.
    pub basis: Basis,
}

/// The steps of a settled bill in words.
pub fn reasons(plan: &Plan, bill: &Bill, entry: &Entry) -> Vec<Reason> {
    let mut reasons = vec![scope(plan, bill, entry)];
    reasons.extend(entry.carried.iter().map(|rolled| {
        let cites: Vec<usize> = plan.cites.get(rolled.cite).map(|_| rolled.cite).into_iter().collect();
        let sources = cites.iter().map(|at| plan.cites[*at].line()).collect();
        let clauses = clauses(plan, cites);
        let (text, english) = if rolled.flag {
            (
                format!("上年费用 {}，本年适用“{}”", rolled.total, rolled.rule),
                format!("last year's cost {} opens `{}`", rolled.total, rolled.rule),
            )
        } else {
            (
                format!("上年费用 {}，本年“{}”为 {}", rolled.total, rolled.rule, rolled.value),
                format!("last year's cost {}: `{}` is {} this year", rolled.total, rolled.rule, rolled.value),
            )
        };
        Reason { stage: "carry".to_owned(), text, english, sources, clauses, amounts: None, basis: rolled.basis }
    }));
    reasons.extend(entry.steps.iter().filter_map(|step| stage(plan, step)));
    reasons
}

fn scope(plan: &Plan, bill: &Bill, entry: &Entry) -> Reason {
    let amounts = &entry.amounts;
    let (mut text, mut english) = (format!("总费用 {}", amounts.total), format!("bill {}", amounts.total));
    let mut cites = Vec::new();
    let mut less = |amount: Fen, zh: String, en: String| {
        if amount != Fen::ZERO {
            text.push_str(&format!(" − {zh} {amount}"));
            english.push_str(&format!(" − {en} {amount}"));
        }
    };
    less(amounts.out_of_scope, "目录外".to_owned(), "out of scope".to_owned());
    less(amounts.over_limit, "超限价".to_owned(), "over price limit".to_owned());
    let share = if bill.amounts.b > Fen::ZERO { format!("（乙类 {}）", bill.amounts.b) } else { String::new() };
    less(amounts.first_self_pay, format!("乙类先行自付{share}"), "class B first self-pay".to_owned());
    text.push_str(&format!(" = 政策范围内 {}", amounts.in_scope));
    english.push_str(&format!(" = in scope {}", amounts.in_scope));
    let ClassAmounts { b, b_share, b_self_pay, .. } = bill.amounts;
    let by_rule = b > Fen::ZERO && b_share.is_none() && b_self_pay.is_none();
    if let (true, Ok(rows)) = (by_rule, &plan.class_b) {
        cites.extend(rows.first().map(|(_, _, cite)| *cite));
    }
    let sources = cites.iter().map(|at| plan.cites[*at].line()).collect();
    let clauses = clauses(plan, cites);
    Reason { stage: "scope".to_owned(), text, english, sources, clauses, amounts: None, basis: Basis::Stated }
}

fn stage(plan: &Plan, step: &StageStep) -> Option<Reason> {
    let stage = &plan.stages[step.stage as usize];
    let Cell::Row(row) = &stage.cells[step.cell as usize] else { return None };
    let (base, base_en) = base_words(stage.rule.base);
    let mut text = format!("{}：{base} {}", stage.name, Fen(step.base));
    let mut english = format!("{}: {base_en} {}", stage.payer.english(), Fen(step.base));
    // What the entry line lets in, if there is one, is what the deductible is taken from.
    let mut taken = step.base;
    if let Some(entry) = row.entry {
        taken = step.deductible + step.counted;
        let (what, what_en) =
            if entry.whole { ("后全额", "all once past") } else { ("的部分", "what is beyond") };
        let (line, taken) = (Fen(entry.line), Fen(taken));
        text.push_str(&format!("，年内累计过 {line} {what}计入 {taken}"));
        english.push_str(&format!(", counted {taken} ({what_en} {line} in the year)"));
    }
    deductible_words(stage, step, taken, &mut text, &mut english);
    if step.counted > 0 {
        let (bands, bands_en) = band_words(stage, row, step);
        text.push_str(&format!("；{bands} = {}", Fen(step.uncapped)));
        english.push_str(&format!("; {bands_en} = {}", Fen(step.uncapped)));
    } else if row.entry.is_some() && step.base > 0 && step.deductible == 0 {
        text.push_str("，未过此线");
        english.push_str(", not passed");
    } else if step.deductible > 0 && (step.deductible == step.base || row.entry.is_some()) {
        text.push_str("，未达起付");
        english.push_str(", below the deductible");
    }
    cap_words(stage, step, &mut text, &mut english);
    text.push_str(&format!(" → 支付 {}", Fen(step.paid)));
    english.push_str(&format!(" → pays {}", Fen(step.paid)));
    let sources = sources(plan, stage, step);
    let clauses = clauses(plan, cited(stage, step).into_iter().map(|(.., at)| at));
    let amounts = Some(*step);
    Some(Reason { stage: stage.id.clone(), text, english, sources, clauses, amounts, basis: row.basis })
}

/// The clauses behind cites, each once.
fn clauses(plan: &Plan, cites: impl IntoIterator<Item = usize>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for (id, _) in cites.into_iter().flat_map(|at| &plan.cites[at].clauses) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

/// What each part of a stage's row rests on, by position among the plan's cites.
fn cited(stage: &Stage, step: &StageStep) -> Vec<(&'static str, &'static str, usize)> {
    let sources = &stage.sources[step.cell as usize];
    let labelled = [
        ("环节", "stage", Some(stage.shape)),
        ("起付", "deductible", Some(sources.deductible)),
        ("比例", "ratio", Some(sources.bands)),
        ("限额", "cap", Some(sources.cap)),
        ("计入", "entry", sources.entry),
    ];
    labelled
        .into_iter()
        .filter_map(|(zh, en, at)| Some((zh, en, at?)))
        .chain(sources.adjusts.iter().map(|at| ("调整", "adjustment", *at)))
        .collect()
}

/// A line a source, led by the parts that rest on it.
fn sources(plan: &Plan, stage: &Stage, step: &StageStep) -> Vec<Source> {
    let mut lines: Vec<(Source, Vec<&str>, Vec<&str>)> = Vec::new();
    for (zh, en, at) in cited(stage, step) {
        let line = plan.cites[at].line();
        match lines.iter_mut().find(|(known, ..)| *known == line) {
            Some((_, in_zh, in_en)) => {
                in_zh.push(zh);
                in_en.push(en);
            }
            None => lines.push((line, vec![zh], vec![en])),
        }
    }
    let led = |(line, zh, en): (Source, Vec<&str>, Vec<&str>)| Source {
        text: format!("{}：{}", zh.join("、"), line.text),
        english: format!("{}: {}", en.join(", "), line.english),
    };
    lines.into_iter().map(led).collect()
}

fn base_words(base: Base) -> (&'static str, &'static str) {
    match base {
        Base::InScope => ("政策范围内", "in scope"),
        Base::Burden => ("前序支付后负担", "burden left"),
        Base::BurdenWithFirstSelfPay => ("前序支付后负担（含先行自付）", "burden left with first self-pay"),
        Base::BillBurden => ("个人负担", "all that is left"),
    }
}

fn deductible_words(stage: &Stage, step: &StageStep, taken: i64, text: &mut String, english: &mut String) {
    if step.deductible > 0 {
        text.push_str(&format!(" − 起付 {}", Fen(step.deductible)));
        english.push_str(&format!(" − deductible {}", Fen(step.deductible)));
        if step.deductible != step.standard {
            text.push_str(&format!("（标准 {}）", Fen(step.standard)));
            english.push_str(&format!(" (of {})", Fen(step.standard)));
        }
    }
    let counted = if stage.rule.cap_on == CapOn::Paid { String::new() } else { "计入 ".to_owned() };
    if step.counted != taken {
        text.push_str(&format!(" = {counted}{}", Fen(step.counted)));
        english.push_str(&format!(" = {}", Fen(step.counted)));
    }
}

/// The bands that the bill falls in, as `4588.00 × 60%`; in Chinese and in English.
fn band_words(stage: &Stage, row: &Row, step: &StageStep) -> (String, String) {
    let within = |band: &&Band| band.from < step.band_to && band.to > step.band_from;
    let words: Vec<String> = row
        .bands
        .iter()
        .filter(within)
        .map(|band| {
            let amount = step.band_to.min(band.to) - step.band_from.max(band.from);
            format!("{} × {}", Fen(amount), Rate::from_ppm(band.ppm))
        })
        .collect();
    let words = words.join(" + ");
    // Gross bands pass over the bill's own deductible, which was not counted before it.
    let before = step.band_from - if stage.rule.gross { step.deductible } else { 0 };
    if stage.rule.yearly && before > 0 {
        let before = Fen(before);
        (format!("{words}（年内已计 {before}）"), format!("{words} ({before} counted this year)"))
    } else {
        (words.clone(), words)
    }
}

fn cap_words(stage: &Stage, step: &StageStep, text: &mut String, english: &mut String) {
    let room = step.cap - step.cap_used;
    let bound = match stage.rule.cap_on {
        CapOn::Paid => step.uncapped > room,
        CapOn::Counted | CapOn::Gross => step.deductible + step.counted >= room && step.base > room,
    };
    if bound {
        text.push_str(&format!("，限额 {} 已用 {}", Fen(step.cap), Fen(step.cap_used)));
        english.push_str(&format!(", cap {} used {}", Fen(step.cap), Fen(step.cap_used)));
    }
    let within_cap = if stage.rule.cap_on == CapOn::Paid { step.uncapped.min(room.max(0)) } else { step.uncapped };
    if step.paid < within_cap {
        text.push_str(&format!("，前序支付后只剩 {}", Fen(step.paid)));
        english.push_str(&format!(", only {} left by earlier payers", Fen(step.paid)));
    }
}
