//! A small library for the tests of statements.

use crate::library::{Library, SourceFile};
use crate::statements::{Payments, check};
use crate::terms::View;

/// Findings of a town whose one notice holds these provisions, as `severity about message`.
pub(super) fn found(provisions: &str) -> Vec<String> {
    found_with(provisions, None)
}

/// The same, with payments.
pub(super) fn found_with(provisions: &str, payments: Option<Payments<'_>>) -> Vec<String> {
    findings(&library(provisions, &[]), "town", payments)
}

/// Findings of one of several cities below the town.
pub(super) fn found_in(city: &str, provisions: &str, cities: &[(&str, &str)]) -> Vec<String> {
    findings(&library(provisions, cities), city, None)
}

fn findings(library: &Library, region: &str, payments: Option<Payments<'_>>) -> Vec<String> {
    let region = library.region(region).unwrap();
    let words = check(library, region, &View::default(), None, payments).into_iter();
    words.map(|f| format!("{} {} {}", f.diagnostic.severity.code(), f.about, f.diagnostic.message)).collect()
}

fn library(provisions: &str, cities: &[(&str, &str)]) -> Library {
    let file = |path: &str, text: String| SourceFile { path: path.into(), shown: path.into(), text };
    let region = "[region]\ncode='500000'\nslug='town'\nname='某市'\npooling={ basic='province', assistance='city' }\n
        [[tier]]\nid='low'\nname='低档'\n[[tier]]\nid='high'\nname='高档'\n
        [[area]]\nid='general'\nname='一般地区'\ncodes=['']\n";
    let income = "[[statistic]]\nid='disposable-income'\nyear=2020\nvalue='30823.93'\nsource='年鉴'\n";
    let clauses: String = (1..=3).map(|n| format!("T-{n}\t一\tx\trule\tother\t-\t-\t-\t-\n")).collect();
    let notice =
        |id: &str, body: &str| format!("[notice]\nid='{id}'\nkind='notice'\ntitle='x'\nissued=2020-06-01\n{body}");
    let mut files = vec![
        file("500000-town/region.toml", region.to_owned()),
        file("500000-town/statistics.toml", income.to_owned()),
        file("500000-town/n.toml", notice("n", provisions)),
        file(
            "clauses.tsv",
            format!("id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\n{clauses}"),
        ),
    ];
    for (at, (city, body)) in cities.iter().enumerate() {
        let region = format!("[region]\ncode='50010{at}'\nslug='{city}'\nname='{city}'\nparent='town'\n");
        files.push(file(&format!("50010{at}-{city}/region.toml"), region));
        files.push(file(&format!("50010{at}-{city}/n.toml"), notice(city, body)));
    }
    let library = Library::read(files);
    // A stage may be shown by one of its parts alone.
    let real: Vec<_> = library.findings.iter().filter(|finding| finding.code != "dangling").collect();
    assert_eq!(real, Vec::<&domain::Diagnostic>::new());
    library
}
