//! The bill that a resident asks about, read from the form: the one meant, and those of the year before it.

use domain::{
    Bill, Care, Categories, Category, ClassAmounts, Date, Fen, Filing, Group, Level, Marks, Part, Person, Rate, Scheme,
};
use policy::{Library, Region};

use crate::asked::Asked;

/// How many earlier bills of the year the form has room for.
pub const EARLIER: usize = 3;

/// A fault of a field: the name of the field, what is wrong and what to do, in the language of the page.
pub struct Fault {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

/// The age that the form names; an adult's, if it names none.
pub fn age(asked: &Asked) -> i16 {
    asked.one("age").and_then(|text| text.parse().ok()).filter(|age| (0..=120).contains(age)).unwrap_or(40)
}

/// The person that a form describes. Of his birth only the age is asked: nobody is known by it.
pub fn person(asked: &Asked, library: &Library, region: &Region) -> Person {
    let tiers = library.tiers(region);
    let tier = asked.one("tier").and_then(|word| tiers.iter().find(|(id, _)| id == word)).or(tiers.first());
    let category = asked.one("category").and_then(Category::parse);
    let named = asked.one("year").or_else(|| asked.one("date")?.get(..4)).and_then(|text| text.parse().ok());
    let year: i16 = named.unwrap_or_else(|| asked.today().year());
    Person {
        scheme: Scheme::Resident,
        tier: tier.map(|(id, _)| id.clone()),
        group: asked.one("group").and_then(Group::parse).unwrap_or(Group::Adult),
        categories: category.into_iter().collect::<Categories>(),
        born: Date::new(year.saturating_sub(age(asked)), 1, 1).ok(),
        insured_since: None,
    }
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
pub fn bills(asked: &Asked, library: &Library, region: &Region) -> Result<Vec<Bill>, Fault> {
    let person = person(asked, library, region);
    let date = day(asked, "date")?;
    let mut bills = Vec::new();
    for at in 1..=EARLIER {
        let a = amount(asked, &format!("a{at}"))?;
        if a > Fen::ZERO {
            let care = word(asked, &format!("care{at}"), Care::parse, Care::Inpatient);
            let level = word(asked, &format!("level{at}"), Level::parse, Level::Two);
            let amounts = ClassAmounts { a, ..ClassAmounts::default() };
            bills.push(bill(at, &person, date, (care, level), amounts));
        }
    }
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
    let care = word(asked, "care", Care::parse, Care::Inpatient);
    let level = word(asked, "level", Level::parse, Level::Two);
    let asked_about = bill(EARLIER + 1, &person, date, (care, level), amounts);
    let filing = word(asked, "filing", Filing::parse, Filing::Local);
    bills.push(Bill { filing, disease: asked.one("disease").map(str::to_owned), ..asked_about });
    Ok(bills)
}

fn bill(at: usize, person: &Person, date: Date, (care, level): (Care, Level), amounts: ClassAmounts) -> Bill {
    Bill {
        id: at.to_string(),
        person_id: "1".to_owned(),
        region: None,
        person: person.clone(),
        date,
        care,
        level,
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
    let plain: String = text.chars().filter(|letter| *letter != ',' && *letter != '，').collect();
    Fen::parse_yuan(&plain).ok().filter(|amount| *amount >= Fen::ZERO).ok_or_else(|| Fault {
        what: format!("{}“{text}”", asked.of("金额看不懂：", "this is no amount: ")),
        cure: asked
            .of("写成元，至多两位小数，如 12000 或 146.40", "write yuan with at most two decimals, as 12000 or 146.40")
            .to_owned(),
    })
}

fn share(asked: &Asked) -> Result<Option<Rate>, Fault> {
    let Some(text) = asked.one("share") else { return Ok(None) };
    let percent = if text.ends_with('%') { text.to_owned() } else { format!("{text}%") };
    Rate::parse_percent(&percent).map(Some).map_err(|_| Fault {
        what: format!("{}“{text}”", asked.of("先行自付比例看不懂：", "this is no share: ")),
        cure: asked.of("写成百分数，如 10%", "write a percentage, as 10%").to_owned(),
    })
}
