//! A small region for tests: two tiers, three areas, and one notice of the test's own provisions.

use domain::{Categories, Group, Person, Scheme};
use policy::{Library, SourceFile};

/// A library of one region, `town`, whose notice of 2000 holds the given provisions. Clauses `T-1` to `T-20` exist.
pub(crate) fn town(provisions: &str) -> Library {
    let file = |path: &str, text: String| SourceFile { path: path.into(), shown: path.into(), text };
    let region = "[region]\ncode='220000'\nslug='town'\nname='某省'\n
        [[tier]]\nid='low'\nname='低档'\n[[tier]]\nid='high'\nname='高档'\n
        [[area]]\nid='general'\nname='一般地区'\ncodes=['']\n
        [[area]]\nid='border'\nname='边境地区'\ncodes=['2224']\n
        [[area]]\nid='counties'\nname='三县'\ncodes=['220323','220623']\n";
    let header = "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n";
    let clauses: String = (1..=20).map(|n| format!("T-{n}\t一\tx\trule\tother\t-\t-\t-\t-\n")).collect();
    let notice = format!("[notice]\nid='n'\nkind='notice'\ntitle='某通知'\nissued=2000-01-01\n{provisions}");
    let library = Library::read([
        file("220000-town/region.toml", region.to_owned()),
        file("clauses.tsv", format!("{header}{clauses}")),
        file("220000-town/n.toml", notice),
    ]);
    assert_eq!(library.findings, vec![]);
    library
}

/// An adult resident without tier or category.
pub(crate) fn adult() -> Person {
    Person {
        scheme: Scheme::Resident,
        tier: None,
        group: Group::Adult,
        categories: Categories::NONE,
        born: None,
        insured_since: None,
    }
}
