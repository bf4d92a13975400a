//! `generate`, as a user runs it: a province whose files of bills settle as they are, and what it says when it cannot.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use common::run;

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_how_to_get_it() {
    let ran = run("generate --region chongqing --people 10 --year 2022 -o somewhere");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--features parquet"), "{}", ran.err);
    assert!(!std::path::Path::new("somewhere").exists());
}

#[cfg(feature = "parquet")]
#[test]
fn its_bills_settle_as_they_are_in_every_region() {
    let folder = tempfile::tempdir().unwrap();
    for (region, year, draft) in [
        ("chongqing", 2022, ""),
        ("tianjin", 2018, ""),
        ("suzhou", 2023, ""),
        ("tianjin", 2023, " --draft tianjin-2022-draft"),
    ] {
        let at = folder.path().join(format!("{region}-{year}"));
        let at = at.display();
        let words =
            format!("generate --region {region} --people 400 --year {year} --anomalies --lang en -o {at}{draft}");
        let said = run(&words).good();
        let bills: usize = said.split(" bills").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        let settled =
            run(&format!("settle {at}/bills/{year}/part-00000.parquet --region {region} --format json{draft}"));
        assert_eq!(settled.json().as_array().unwrap().len(), bills, "{region}");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn it_refuses_what_it_cannot_do_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("small");
    let words = format!("generate --region chongqing --people 50 --year 2022 -o {}", at.display());
    run(&words).good();
    let first = std::fs::read(at.join("bills/2022/part-00000.parquet")).unwrap();
    // Again is the same; with another seed it is another province, in another folder.
    run(&words).good();
    let refused = run(&format!("{words} --seed 2"));
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("seed 是 1，不是 2") && refused.err.contains("换一个 -o"), "{}", refused.err);
    assert_eq!(std::fs::read(at.join("bills/2022/part-00000.parquet")).unwrap(), first);
    let own = folder.path().join("own.toml");
    std::fs::write(&own, "[male]\nbasis = \"illustrative\"\nsource = \"x\"\nvalue = \"half\"\n").unwrap();
    let elsewhere = folder.path().join("own");
    let refused = run(&format!(
        "generate --region chongqing --people 50 --year 2022 -o {} --parameters {}",
        elsewhere.display(),
        own.display()
    ));
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("line 4") && refused.err.contains("half"), "{}", refused.err);
    let refused = run(&format!("generate --region jiangsu --people 50 --year 2022 -o {}", elsewhere.display()));
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("决定不了住院账单"), "{}", refused.err);
}
