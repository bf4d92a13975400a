//! After the three layers: who still bears more than the configured line is referred to temporary relief or charity, at a level
//! by class of person (TJ22-02.3g,h, JS22-03g,h). Below the line nothing happens. The line and the levels are the notices'; where
//! they leave them open, this is refused by name.

use domain::{Basis, Categories, Category, Fen};
use policy::conditions::Facts;
use policy::{Amount, Cited, Row, Terms};

use super::items;
use super::open::{self, Asked};
use super::points;
use super::sheet::{Matter, MatterEntry};
use crate::answer::{Answer, Refusal, Step, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people::{self, Dossier};
use crate::sheets::{Books, Key};

command! {
    /// Refer a person who still bears too much after the three layers to temporary relief or charity
    Refer = "relief check", "核查三重保障后的负担并转介" {
        /// Number of a document or of the person
        person: String = "证件号码或个人编号",
        /// The insured year
        year: i16 = "年度",
        /// What the person bears in the year after the three layers
        burden: Yuan = "全年经三重保障后个人负担",
    }
}

impl UseCase for Refer {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let person = people::find(desk, books, &self.person)?;
        judge(desk, books, &person, self.year, self.burden.0)
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        people::likely(desk, &self.person).into_iter().collect()
    }
}

/// The level of help for a person, and to whom.
struct Level<'l> {
    row: &'l Row,
    cited: Cited<'l>,
    class: String,
}

/// Holds a year's burden of a person against the line: above it a referral is made, or the one of the year takes the new burden in.
///
/// # Errors
/// When no notice or supplement gives the line or the levels, or the referral cannot be opened.
pub fn judge(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, year: i16, burden: Fen) -> Result<Answer, Stop> {
    let today = desk.today();
    let terms = desk.rules.terms(today)?;
    let (line, cited, basis) = line(desk, &terms, "relief.line", "amount")?;
    let because = step(cited, basis, format!("高额负担线 {line} 元，{year} 年负担 {burden} 元"));
    if burden <= line {
        return Ok(Answer::new("负担不超过高额负担线，不转介", "not above the line: not referred")
            .with("referred", false)
            .because([because]));
    }
    let dossier = people::dossier(books, person)?.clone();
    let id = person.subject.trim_start_matches("person/").to_owned();
    let name = format!("{id}/{year}");
    if let Some(known) = books.linked("relief", &name)? {
        return known_already(books, &known, burden, today, because);
    }
    let level = level(desk, &terms, &dossier, today, burden)?;
    let text = |field: &str| level.row.values.text(field).unwrap_or_default().to_owned();
    let mut asked = Asked::of(&text("to"), person, &points::agency(&dossier.area)?);
    asked.partner = Some(text("body"));
    asked.facts = [
        ("burden", burden.to_string()),
        ("class", level.class.clone()),
        ("level", text("help")),
        ("year", year.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let number = open::open(desk, books, &asked)?;
    books.link("relief", &name, &open::key(&number).subject)?;
    let item = items::named(&terms, &text("to"))?;
    let of_level = step(level.cited, level.cited.provision.basis, format!("{}：{}", level.class, text("help")));
    Ok(Answer::new(
        format!("负担超过高额负担线，已{}（{}），受理号 {number}", item.name(), text("help")),
        format!("above the line: referred as {number}, level {}", text("help")),
    )
    .with("referred", true)
    .with("matter", number)
    .with("item", item.id)
    .with("body", text("body"))
    .with("class", level.class)
    .with("level", text("help"))
    .because([because, of_level]))
}

/// The referral of the year takes the burden in, as long as it is under way.
fn known_already(
    books: &mut Books<'_>,
    subject: &str,
    burden: Fen,
    today: domain::Date,
    because: Step,
) -> Result<Answer, Stop> {
    let key = Key::of(subject);
    let number = subject.trim_start_matches("matter/").to_owned();
    let written = burden.to_string();
    let matter = books.find::<Matter>(&key)?;
    let changes = matter.is_some_and(|matter| {
        let known = matter.opening.as_ref().and_then(|opening| opening.facts.get("burden"));
        matter.ended.is_none() && known != Some(&written)
    });
    if changes {
        let facts = [("burden".to_owned(), written)].into();
        books.post::<Matter>(&key, &MatterEntry::Noted { on: today, facts })?;
    }
    Ok(Answer::new(format!("本年已转介，受理号 {number}"), format!("referred already as {number}"))
        .with("referred", true)
        .with("matter", number)
        .because([because]))
}

/// The first row of the table that fits the person's classes and burden.
fn level<'l>(
    desk: &Desk<'_>,
    terms: &Terms<'l>,
    dossier: &Dossier,
    today: domain::Date,
    burden: Fen,
) -> Result<Level<'l>, Stop> {
    let cited = enrolment::reasons::held(terms, "relief.level")?;
    desk.rules.accept(cited.provision.basis)?;
    let categories = dossier.categories_on(today);
    let facts = Facts { categories: categories.0, tier: 31, ..Facts::default() };
    for row in cited.provision.record.rows("levels") {
        let above = match row.values.amount("above") {
            Some(Amount::Figure(above)) => burden > *above,
            _ => true,
        };
        if above && row.when.test(&terms.names()).is_ok_and(|test| test.holds(&facts)) {
            return Ok(Level { row, cited, class: class(categories, row) });
        }
    }
    let message = "帮扶级别表没有适合此人的一行";
    let refusal = Refusal::new("relief.level", message, "在 [[relief.level]] 里补上这类人员");
    Err(refusal.by(cited.provision.clauses.clone()).into())
}

/// The class by which a person falls under a row, in words.
fn class(held: Categories, row: &Row) -> String {
    let by_row = |category: &&Category| held.has(**category) && row.when.category.has(**category);
    Category::ALL.iter().find(by_row).map_or("其他人员", |category| category.name()).to_owned()
}

/// A configured line, with where it stands and on what it rests.
pub(super) fn line<'l>(
    desk: &Desk<'_>,
    terms: &Terms<'l>,
    key: &str,
    field: &str,
) -> Result<(Fen, Cited<'l>, Basis), Refusal> {
    let cited = enrolment::reasons::held(terms, key)?;
    let (line, basis) = enrolment::reasons::fen(terms, cited, cited.provision.record.amount(field))?;
    desk.rules.accept(basis)?;
    Ok((line, cited, basis))
}

/// A reason that cites a provision.
pub(super) fn step(cited: Cited<'_>, basis: Basis, text: String) -> Step {
    let mut sources = cited.provision.clauses.clone();
    sources.extend(cited.provision.source().map(str::to_owned));
    Step { text, english: String::new(), sources, basis: basis.code().to_owned() }
}
