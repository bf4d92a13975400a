//! What may stand where the cursor is in a notice's text: keys of provisions, fields, words of the closed lists, names of the
//! region, clauses. All of it comes from [`registry`] and the library; a text in the middle of being written is looked at
//! leniently, by its brackets and quotes alone, and where that tells nothing there are no proposals.

use std::collections::BTreeSet;

use crate::library::Library;
use crate::notice::{ADOPTION, NOTICE, NoticeKind};
use crate::region::Region;
use crate::registry::{self, COMMON, Field, Kind, PARTS, RULE};
use crate::vocabulary::{condition_doc, condition_keys, condition_words};

/// What may stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    /// How many letters before the cursor a proposal takes the place of.
    pub typed: usize,
    /// Those that begin with what was typed first, then those that hold it.
    pub all: Vec<Proposal>,
}

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What is written, with its quotes, brackets or sign of equality.
    pub text: String,
    /// The key, field, word or name itself.
    pub name: String,
    /// What it means in Chinese; empty where the registry has English only.
    pub zh: String,
    /// What it means in English; empty for a name of the region.
    pub en: String,
}

/// Bytes of a key that is being written, at most: longer ones are none.
const LONGEST: usize = 200;

/// What may stand at the end of a text of a region's notice, by all of the text before the cursor, or by what of it follows the
/// last heading.
pub fn proposals(library: &Library, region: &Region, before: &str) -> Proposals {
    let heading_at = heading(before);
    let headed = heading_at.map(|at| &before[at..]);
    let names = Known { library, region };
    let Some(headed) = headed else { return Proposals::default() };
    let Some((heading, body)) = headed.split_once('\n') else {
        return match headed.strip_prefix("[[") {
            Some(typed) if typed.len() > LONGEST => Proposals::default(),
            Some(typed) => chosen(typed, names.keys(typed)),
            None => chosen(&headed[1..], vec![proposal("notice", "notice]", "文件头", "the head of the file")]),
        };
    };
    let Some(spot) = spot(body) else { return Proposals::default() };
    let heading = heading.split('#').next().unwrap_or_default().trim().trim_matches(['[', ']']);
    let shape = spot.path.iter().try_fold(Shape::of(heading), |shape, key| Some(shape?.within(key)));
    let Some(Some(shape)) = shape else { return Proposals::default() };
    match &spot.wants {
        Wants::Key(used) => chosen(spot.typed, shape.fields(used)),
        Wants::Value(key) => {
            let all = names.values(&shape, key).into_iter().map(|one| one.quoted(spot.quoted)).collect();
            chosen(spot.typed, all)
        }
    }
}

/// Where the last line begins that opens a table: it begins with a bracket, and is not within the list of a provision.
fn heading(text: &str) -> Option<usize> {
    if text.starts_with('[') && !text.contains("\n[") { Some(0) } else { text.rfind("\n[").map(|at| at + 1) }
}

/// Those that fit what was typed.
fn chosen(typed: &str, all: Vec<Proposal>) -> Proposals {
    let sought = typed.to_lowercase();
    let (first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.name.to_lowercase().starts_with(&sought));
    let held = rest.into_iter().filter(|one| one.name.to_lowercase().contains(&sought) || one.zh.contains(typed));
    Proposals { typed: typed.chars().count(), all: first.into_iter().chain(held).collect() }
}

fn proposal(name: &str, text: &str, zh: &str, en: &str) -> Proposal {
    Proposal { text: text.to_owned(), name: name.to_owned(), zh: zh.to_owned(), en: en.to_owned() }
}

impl Proposal {
    /// As a value: a text stands in quotes, of which the first may be there already.
    fn quoted(self, opened: bool) -> Proposal {
        let bare = ["true", "false"].contains(&self.name.as_str());
        let text = match (bare, opened) {
            (true, _) => self.name.clone(),
            (false, true) => format!("{}\"", self.name),
            (false, false) => format!("\"{}\"", self.name),
        };
        Proposal { text, ..self }
    }
}

/// What a table may hold.
#[derive(Clone, Copy, Default)]
struct Shape {
    fields: [&'static [Field]; 2],
    conditions: bool,
}

impl Shape {
    /// Of the table under a heading.
    fn of(heading: &str) -> Option<Shape> {
        let fields = match heading {
            "notice" => [NOTICE, &[]],
            "adoption" => [ADOPTION, &[]],
            key => [registry::part(key)?.fields, COMMON],
        };
        Some(Shape { fields, conditions: false })
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.into_iter().flatten().find(|field| field.name == name)
    }

    /// Of the tables that stand as the value of one of its fields.
    fn within(self, key: &str) -> Option<Shape> {
        let shape = |fields, conditions| Some(Shape { fields: [fields, &[]], conditions });
        match self.field(key)?.kind {
            Kind::Table(fields) => shape(fields, false),
            Kind::Rows(fields, conditions) => shape(fields, conditions),
            Kind::When => shape(&[], true),
            Kind::Rule | Kind::Amount | Kind::Amounts => shape(RULE, false),
            _ => None,
        }
    }

    /// Its fields and conditions that are not there yet.
    fn fields(&self, used: &[String]) -> Vec<Proposal> {
        let key = |name: &str, zh: &str, en: &str| proposal(name, &format!("{name} = "), zh, en);
        let own = self.fields.into_iter().flatten().map(|field| key(field.name, "", field.doc));
        let conditions = condition_keys().filter(|_| self.conditions).map(|name| {
            let (zh, en) = condition_doc(name);
            key(name, zh, en)
        });
        own.chain(conditions).filter(|one| !used.contains(&one.name)).collect()
    }
}

/// The names that a region's files know.
struct Known<'l> {
    library: &'l Library,
    region: &'l Region,
}

impl Known<'_> {
    /// Names that stand behind the first word of a family of keys, as stages do.
    fn named(&self, family: &str) -> BTreeSet<&str> {
        // A province may state parts of a stage whose shape its cities give, so look below as well as above.
        let slug = &self.region.slug;
        let of = |r: &&Region| self.library.chain(r).iter().any(|above| above.slug == *slug);
        let notices = self.library.regions.values().filter(of).flat_map(|r| self.library.notices_of(r));
        let keys = notices.flat_map(|notice| &notice.provisions).map(|provision| provision.key.as_str());
        keys.filter_map(|key| key.strip_prefix(family)?.strip_prefix('.')?.split('.').next()).collect()
    }

    /// Keys of provisions, as far as they can be told: for any name stands what was typed, or a name that is known.
    fn keys(&self, typed: &str) -> Vec<Proposal> {
        let typed: Vec<&str> = typed.split('.').collect();
        let mut all = vec![proposal("adoption", "adoption]]", "草案的通过", "the adoption of a draft")];
        for part in PARTS {
            let words: Vec<&str> = part.pattern.split('.').collect();
            let mut begun: Vec<String> = vec![String::new()];
            for (at, word) in words.iter().enumerate() {
                let last = at + 1 == words.len();
                let mut with: BTreeSet<&str> = if *word == "*" { BTreeSet::new() } else { BTreeSet::from([*word]) };
                if *word == "*" {
                    with.extend(self.named(&words[..at].join(".")).into_iter().filter(|_| words[..at] == ["stage"]));
                    with.extend(typed.get(at).filter(|_| typed.len() > at + 1));
                }
                if with.is_empty() {
                    // Whoever types goes on with a name of his own.
                    break;
                }
                let end = if last { "" } else { "." };
                begun = begun.iter().flat_map(|begun| with.iter().map(move |w| format!("{begun}{w}{end}"))).collect();
            }
            all.extend(begun.iter().map(|key| {
                let end = if key.ends_with('.') { "" } else { "]]" };
                proposal(key, &format!("{key}{end}"), part.name, part.doc)
            }));
        }
        all
    }

    /// What a field or condition may hold.
    fn values(&self, shape: &Shape, key: &str) -> Vec<Proposal> {
        match shape.field(key) {
            Some(field) => self.of_field(field),
            None if shape.conditions => self.of_condition(key),
            None => Vec::new(),
        }
    }

    fn of_field(&self, field: &Field) -> Vec<Proposal> {
        let plain = |words: &[&str]| words.iter().map(|word| proposal(word, word, "", "")).collect();
        match field.kind {
            Kind::Word(words) | Kind::Words(words) => plain(words),
            Kind::Bool => plain(&["true", "false"]),
            Kind::Amount | Kind::Amounts => vec![
                proposal("open", "open", "通知留给别的文件", "left to another text"),
                proposal("none", "none", "不限（只用于封顶线）", "no limit, for caps only"),
            ],
            Kind::Text | Kind::Texts => self.of_text(field.name),
            _ => Vec::new(),
        }
    }

    /// The names that a text means, by what its field is called everywhere.
    fn of_text(&self, field: &str) -> Vec<Proposal> {
        let library = self.library;
        let names = |names: Vec<&str>| names.into_iter().map(|name| proposal(name, name, "", "")).collect();
        let notices = |draft: bool| {
            let wanted = library.notices.iter().filter(|notice| !draft || notice.kind == NoticeKind::Draft);
            wanted.map(|notice| proposal(&notice.id, &notice.id, &notice.title, "")).collect()
        };
        match field {
            "clause" => {
                let clauses = library.register.iter();
                clauses.map(|clause| proposal(&clause.id, &clause.id, &clause.location, &clause.what)).collect()
            }
            "stage" => names(self.named("stage").into_iter().collect()),
            "minus_carry" | "plus_carry" => names(self.named("carry").into_iter().collect()),
            "becomes" => self.of_condition("tier"),
            "of" => {
                let ids: BTreeSet<&str> = library.statistics.iter().map(|statistic| statistic.id.as_str()).collect();
                names(ids.into_iter().collect())
            }
            "what" => {
                let provisions = library.notices_of(self.region).into_iter().flat_map(|notice| &notice.provisions);
                let keys: BTreeSet<&str> = provisions.map(|provision| provision.key.as_str()).collect();
                names(keys.into_iter().filter(|key| !key.starts_with("check.") && !key.starts_with("open.")).collect())
            }
            "repeals" => notices(false),
            "notice" | "accompanies" => notices(true),
            _ => Vec::new(),
        }
    }

    fn of_condition(&self, key: &str) -> Vec<Proposal> {
        let words = condition_words(key).into_iter().map(|(word, zh, en)| proposal(word, word, zh, en));
        let names = self.library.names(self.region, None);
        let plain = |names: Vec<String>| names.into_iter().map(|name| proposal(&name, &name, "", "")).collect();
        match key {
            "tier" => self.library.tiers(self.region).iter().map(|(id, name)| proposal(id, id, name, "")).collect(),
            "disease" => plain(names.diseases),
            "carry" => plain(names.carries),
            "area" => self.region.areas.iter().map(|area| proposal(&area.id, &area.id, &area.name, "")).collect(),
            _ => words.collect(),
        }
    }
}

/// Where the cursor stands below a heading.
struct Spot<'t> {
    /// The fields that lead to the innermost table.
    path: Vec<String>,
    wants: Wants,
    /// What of the word is there.
    typed: &'t str,
    /// Whether it stands in quotes.
    quoted: bool,
}

enum Wants {
    /// A key; these are there.
    Key(Vec<String>),
    /// A value of this key.
    Value(String),
}

/// What is open at some place of a text.
enum Open {
    /// A table: the key whose value is awaited, and all its keys so far.
    Table(Option<String>, Vec<String>),
    /// A list.
    List,
}

/// Looks at the text below a heading, up to the cursor. Nothing within a remark, or within a text of several lines.
fn spot(body: &str) -> Option<Spot<'_>> {
    let mut open = vec![Open::Table(None, Vec::new())];
    let mut at = 0;
    while let Some(letter) = body[at..].chars().next() {
        match letter {
            '#' => at += body[at..].find('\n')?,
            '"' | '\'' => {
                let begins = at + 1;
                match closing(&body[begins..], letter) {
                    Some(length) => at = begins + length + 1,
                    None if body[begins..].contains('\n') => return None,
                    None => return Some(found(&open, &body[begins..], true)),
                }
                continue;
            }
            '{' => open.push(Open::Table(None, Vec::new())),
            '[' => open.push(Open::List),
            '}' | ']' if open.len() > 1 => _ = open.pop(),
            '=' => {
                if let Some(Open::Table(key, used)) = open.last_mut() {
                    let name = word(body[..at].trim_end()).to_owned();
                    used.push(name.clone());
                    *key = Some(name);
                }
            }
            // A line ends what the outer table holds, a comma what an inner one does.
            ',' | '\n' => {
                let outer = open.len() == 1;
                if let Some(Open::Table(key, _)) = open.last_mut()
                    && outer == (letter == '\n')
                {
                    *key = None;
                }
            }
            _ => {}
        }
        at += letter.len_utf8();
    }
    Some(found(&open, word(body), false))
}

/// Where a text in quotes ends, on its line.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '\n' => return None,
            '\\' if quote == '"' && !escaped => escaped = true,
            letter if letter == quote && !escaped => return Some(at),
            _ => escaped = false,
        }
    }
    None
}

/// The word at the end of a text.
fn word(text: &str) -> &str {
    let begins = text.trim_end_matches(|letter: char| letter.is_alphanumeric() || "-_.%".contains(letter)).len();
    &text[begins..]
}

fn found<'t>(open: &[Open], typed: &'t str, quoted: bool) -> Spot<'t> {
    let mut path: Vec<String> = Vec::new();
    let mut wants = Wants::Key(Vec::new());
    for one in open {
        match one {
            Open::Table(key, used) => {
                if let Wants::Value(key) = &wants {
                    path.push(key.clone());
                }
                wants = key.clone().map_or_else(|| Wants::Key(used.clone()), Wants::Value);
            }
            Open::List => {}
        }
    }
    Spot { path, wants, typed, quoted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn library() -> Library {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), shown: path.into(), text: text.into() };
        let region = "[region]\ncode = \"990000\"\nslug = \"town\"\nname = \"某市\"\n[[tier]]\nid = \"first\"\nname = \"一档\"\n";
        let notice = "[notice]\nid = \"town-1\"\nkind = \"notice\"\ntitle = \"某通知\"\nissued = 2022-01-01\n\
                      [[stage.ward.shape]]\nname = \"住院\"\npayer = \"basic\"\nlayer = \"basic\"\norder = 1\nbase = \"in-scope\"\nmeasure = \"visit\"\n";
        let register = "id\tlocation\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone_when\nTN-1\t一\tone rule\trule\tx\t\t\t\t\n";
        Library::read([
            file("990000-town/region.toml", region),
            file("990000-town/a.toml", notice),
            file("clauses.tsv", register),
        ])
    }

    /// What is proposed at the bar, and how much of it was typed.
    fn at(text: &str) -> (usize, Vec<String>) {
        let library = library();
        let before = text.split('|').next().unwrap();
        let found = proposals(&library, &library.regions["town"], before);
        (found.typed, found.all.into_iter().map(|one| one.text).collect())
    }

    #[test]
    fn a_heading_is_any_key_of_the_registry_with_the_names_of_the_region() {
        assert_eq!(at("x = 1\n[[stage.ward.c|"), (12, vec!["stage.ward.cap]]".to_owned()]));
        assert!(at("[[sta|").1.contains(&"stage.ward.bands]]".to_owned()));
        assert!(at("[[stage.other.ba|").1.contains(&"stage.other.bands]]".to_owned()), "a new name is taken as typed");
        assert!(at("[[contribution.sp|").1.contains(&"contribution.sponsor.".to_owned()));
        assert_eq!(at("[not|").1, ["notice]"]);
    }

    #[test]
    fn every_key_of_the_registry_is_proposed() {
        let library = library();
        for part in PARTS {
            let typed = part.pattern.replace('*', "ward");
            let whole = format!("[[{}", &typed[..typed.len() - 1]);
            let found = proposals(&library, &library.regions["town"], &whole);
            let begins = |one: &Proposal| typed.starts_with(one.text.trim_end_matches("]]"));
            assert!(found.all.iter().any(begins) || part.pattern.ends_with('*'), "{}", part.pattern);
        }
    }

    #[test]
    fn a_field_is_proposed_once_and_where_it_may_stand() {
        let cap = "[[stage.ward.cap]]\nper = \"year\"\n";
        let (_, fields) = at(&format!("{cap}|"));
        assert!(fields.contains(&"rows = ".to_owned()) && fields.contains(&"clause = ".to_owned()), "{fields:?}");
        assert!(!fields.contains(&"per = ".to_owned()), "it is there already");
        let (_, row) = at(&format!("{cap}rows = [\n  {{ care = \"inpatient\", |"));
        assert!(row.contains(&"amount = ".to_owned()) && row.contains(&"level = ".to_owned()), "{row:?}");
        assert!(!row.contains(&"care = ".to_owned()) && !row.contains(&"per = ".to_owned()));
        assert_eq!(at(&format!("{cap}rows = [\n  {{ care = \"inpatient\", am|")), (2, vec!["amount = ".to_owned()]));
        let (_, when) = at("[[stage.ward.adjust.x]]\nwhen = { |");
        assert!(when.contains(&"category = ".to_owned()) && !when.contains(&"ratio_points = ".to_owned()));
    }

    #[test]
    fn a_value_is_a_word_of_its_list_or_a_name_that_is_there() {
        assert_eq!(at("[[stage.ward.cap]]\nper = ye|"), (2, vec!["\"year\"".to_owned()]));
        assert_eq!(at("[[stage.ward.cap]]\nper = \"ye|"), (2, vec!["year\"".to_owned()]));
        let rows = "[[stage.ward.cap]]\nrows = [\n  { level = \"2\", amount = 5 }, # a remark = {\n  { ";
        assert_eq!(at(&format!("{rows}tier = \"|")).1, ["first\""]);
        assert!(at(&format!("{rows}care = [\"inpatient\", \"out|")).1.contains(&"outpatient\"".to_owned()));
        assert_eq!(at("[[stage.ward.cap]]\nclause = \"TN|").1, ["TN-1\""]);
        assert_eq!(at("[[stage.ward.shape]]\nexclusive = |").1, ["true", "false"]);
        assert_eq!(at("[notice]\nkind = \"dr|").1, ["draft\""]);
    }

    #[test]
    fn where_nothing_is_known_nothing_is_proposed() {
        for text in [
            "",
            "x|",
            "[[nonsense.key]]\na|",
            "[[stage.ward.cap]]\n# per|",
            "[[stage.ward.cap]]\nrows = [ { amount = { x = { |",
        ] {
            assert_eq!(at(text).1, Vec::<String>::new(), "{text}");
        }
        assert!(at("[[stage.ward.cap]]\nnote = \"per|").1.is_empty());
    }
}
