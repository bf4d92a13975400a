//! The bill that a resident asks about, read from the form: the one meant, and those of the year before it.

use domain::{Bill, Care, ClassAmounts, Date, Fen, Filing, Level, Mark, Marks, Part, Person, Rate};

use crate::about::given;
use crate::asked::Asked;
use crate::fields::number;

/// How many earlier bills of the year the form has room for.
pub const EARLIER: usize = 3;

/// A fault of a field: the name of the field, what is wrong and what to do, in the language of the page.
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

/// The day that a field names; that of the books, if it names none.
///
/// # Errors
/// When it is no day.
pub fn day(asked: &Asked, name: &str) -> Result<Date, Fault> {
    asked.one(name).map_or_else(
        || Ok(asked.today()),
        |text| {
            text.parse().map_err(|_| Fault {
                what: format!("{}“{text}”", asked.of("日期看不懂：", "this is no day: ")),
                cure: asked.of("写成 2022-06-30", "write it as 2022-06-30").to_owned(),
            })
        },
    )
}

/// The bills of the form, in the order in which they are settled; the last is the one asked about.
///
/// # Errors
/// What is wrong with a field.
pub fn bills(asked: &Asked, person: &Person) -> Result<Vec<Bill>, Fault> {
    let date = day(asked, "date")?;
    let mut bills = Vec::new();
    for at in 1..=EARLIER {
        bills.extend(earlier(asked, person, date, at)?);
    }
    // Bills of a year are settled in order; of one day, in the order in which they are told.
    bills.sort_by_key(|bill| bill.date);
    let plain = bill(EARLIER + 1, person, date, amounts(asked)?);
    let before = asked.one("continues").filter(|id| bills.iter().any(|bill| bill.id == *id));
    bills.push(Bill {
        care: word(asked, "care", Care::parse, Care::Inpatient),
        level: word(asked, "level", Level::parse, Level::Two),
        filing: word(asked, "filing", Filing::parse, Filing::Local),
        disease: asked.one("disease").map(str::to_owned),
        marks: asked.several("mark").filter_map(Mark::parse).collect(),
        from_bill: before.map(str::to_owned),
        burden_only: asked.one("burden").is_some(),
        ..plain
    });
    Ok(bills)
}

/// An earlier bill of the year, if the form has one at this place.
fn earlier(asked: &Asked, person: &Person, date: Date, at: usize) -> Result<Option<Bill>, Fault> {
    let a = amount(asked, &format!("a{at}"))?;
    if a == Fen::ZERO {
        return Ok(None);
    }
    let on = given(asked, &format!("date{at}"))?.unwrap_or(date);
    if on > date || on.year() != date.year() {
        return Err(Fault {
            what: format!(
                "{}{on}",
                asked.of("之前的账单不是同一年里更早的：", "an earlier bill is not of the same year and earlier: ")
            ),
            cure: asked
                .of(
                    "写这一年里、不晚于这张账单的日期，或不写",
                    "write a day of the year no later than this bill's, or none",
                )
                .to_owned(),
        });
    }
    let plain = bill(at, person, on, ClassAmounts { a, ..ClassAmounts::default() });
    let care = word(asked, &format!("care{at}"), Care::parse, Care::Inpatient);
    Ok(Some(Bill { care, level: word(asked, &format!("level{at}"), Level::parse, Level::Two), ..plain }))
}

/// The amounts of the bill asked about.
fn amounts(asked: &Asked) -> Result<ClassAmounts, Fault> {
    let amounts = ClassAmounts {
        a: amount(asked, "a")?,
        b: amount(asked, "b")?,
        b_share: share(asked)?,
        b_self_pay: None,
        c: amount(asked, "c")?,
        over_limit: amount(asked, "over")?,
    };
    if amounts.total() == Fen::ZERO {
        return Err(Fault {
            what: asked.of("还没有写金额", "no amount is given").to_owned(),
            cure: asked.of("至少写一项金额，单位元", "write at least one amount, in yuan").to_owned(),
        });
    }
    if asked.one("burden").is_some() && amounts.total() != amounts.a {
        return Err(Fault {
            what: asked.of("别处付后剩下的负担不分类", "a burden left elsewhere has no classes").to_owned(),
            cure: asked.of("全部写在甲类一项", "write all of it as class A").to_owned(),
        });
    }
    Ok(amounts)
}

/// A bill at home without marks.
fn bill(at: usize, person: &Person, date: Date, amounts: ClassAmounts) -> Bill {
    Bill {
        id: at.to_string(),
        person_id: "1".to_owned(),
        region: None,
        person: person.clone(),
        date,
        care: Care::Inpatient,
        level: Level::Two,
        filing: Filing::Local,
        disease: None,
        marks: Marks::NONE,
        amounts,
        from_bill: None,
        part: Part::Whole,
        reverses: None,
        burden_only: false,
    }
}

fn word<T>(asked: &Asked, name: &str, read: fn(&str) -> Option<T>, otherwise: T) -> T {
    asked.one(name).and_then(read).unwrap_or(otherwise)
}

fn amount(asked: &Asked, name: &str) -> Result<Fen, Fault> {
    let Some(text) = asked.one(name) else { return Ok(Fen::ZERO) };
    Fen::parse_yuan(&number(text)).ok().filter(|amount| *amount >= Fen::ZERO).ok_or_else(|| Fault {
        what: format!("{}“{text}”", asked.of("金额看不懂：", "this is no amount: ")),
        cure: asked
            .of("写成元，至多两位小数，如 12000 或 146.40", "write yuan with at most two decimals, as 12000 or 146.40")
            .to_owned(),
    })
}

fn share(asked: &Asked) -> Result<Option<Rate>, Fault> {
    let Some(text) = asked.one("share") else { return Ok(None) };
    let percent = format!("{}%", number(text).trim_end_matches(['%', '％']));
    Rate::parse_percent(&percent).map(Some).map_err(|_| Fault {
        what: format!("{}“{text}”", asked.of("先行自付比例看不懂：", "this is no share: ")),
        cure: asked.of("写成百分数，如 10%", "write a percentage, as 10%").to_owned(),
    })
}
