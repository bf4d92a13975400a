//! The page of the API: it is whole, comes from this server alone, and runs in a real browser under its own policy.

use std::process::Command;

use crate::town::Town;

/// What a page names in `src` and `href`, but for what it carries in itself.
fn named(page: &str) -> Vec<&str> {
    let after = |word: &'static str| page.split(word).skip(1).filter_map(|rest| rest.split('"').next());
    after("src=\"").chain(after("href=\"")).filter(|name| !name.starts_with("data:")).collect()
}

#[test]
fn the_page_and_all_that_it_names_come_from_here() {
    let town = Town::new();
    let page = town.get("/docs", "");
    let policy = page.header("content-security-policy").unwrap();
    let script = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap();
    assert_eq!(script.trim(), "script-src 'self'");
    let names = named(&page.body);
    assert!(names.len() >= 4 && names.iter().all(|name| name.starts_with('/')), "{names:?}");
    for name in names {
        let file = town.get(name, "");
        assert!(file.status == 200 && !file.body.is_empty(), "{name}");
    }
    assert!(!page.body.contains("<script>") && !page.body.contains(" on"), "no script within the page");
    for licence in ["LICENSE", "NOTICE"] {
        assert!(town.get(&format!("/docs/{licence}"), "").body.contains("Apache") || licence == "NOTICE");
    }
    let elsewhere = town.get("/openapi.json", "");
    assert_eq!(elsewhere.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
}

/// Run where there is a Chromium; where there is none, it is said and passed over, but for CI, which installs one.
#[test]
fn a_browser_shows_every_group_of_verbs() {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let runs = |name: &&&str| Command::new(name).arg("--version").output().is_ok_and(|ran| ran.status.success());
    let Some(browser) = browsers.iter().find(runs) else {
        assert!(std::env::var_os("CI").is_none(), "no Chromium is here to show the page of the API");
        eprintln!("passed over: no Chromium here to show the page of the API (cure: apt-get install chromium)");
        return;
    };
    let town = Town::new();
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000", "--dump-dom"]);
    command.arg(format!("--user-data-dir={}", folder.path().display())).arg(format!("http://{}/docs", town.to));
    let ran = command.output().unwrap();
    let (shown, log) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    for tag in ["care", "person", "dues", "proposal"] {
        assert!(shown.contains(&format!("id=\"operations-tag-{tag}\"")), "{tag}: {log}");
    }
    let refused: Vec<&str> = log.lines().filter(|line| line.contains("Content Security Policy")).collect();
    assert_eq!(refused, Vec::<&str>::new(), "nothing of the page is against its policy");
}
