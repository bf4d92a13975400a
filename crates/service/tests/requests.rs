//! What is promised of every request: carried out once, answered the same, leaving no trace when refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::Arc;

use books::Vault;
use common::{fields, journal, made, number, person, policies, serve, setup};
use serde_json::json;
use service::{Failure, Policies, Service, Setup, connect};

fn code(failure: Failure) -> String {
    match failure {
        Failure::Refused(refusal) => refusal.code,
        Failure::Operational(trouble) => trouble.code.to_owned(),
    }
}

#[test]
fn the_same_request_is_carried_out_once_and_answered_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.db");
    let key = || Some("r-1".to_owned());
    let service = serve(&file);
    let first = service.submit("person register", person(1), key(), "a").unwrap();
    assert_eq!(service.submit("person register", person(1), key(), "a").unwrap(), first);
    // The order of fields, and fields left out, are no difference.
    let turned = fields(json!({ "area": "990101", "name": "某1", "number": number(1), "born": null }));
    assert_eq!(service.submit("person register", turned, key(), "b").unwrap(), first);
    let other = service.submit("person register", person(2), key(), "a").unwrap_err();
    assert_eq!(code(other), "key-reused");
    drop(service);
    let service = serve(&file);
    assert_eq!(service.submit("person register", person(1), key(), "a").unwrap(), first);
    assert_eq!(code(service.submit("person register", person(2), key(), "a").unwrap_err()), "key-reused");
    assert_eq!(journal(store::open_existing(&file.display().to_string()).unwrap().as_mut()).len(), 1);
}

#[test]
fn a_repeat_that_waits_beside_its_first_is_answered_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(&folder.path().join("books.db"));
    let key = || Some("r-1".to_owned());
    let tickets: Vec<_> = (0..20).map(|_| service.send("person register", person(1), key(), "a").unwrap()).collect();
    let reused = service.send("person register", person(2), key(), "a").unwrap();
    let answers: Vec<_> = tickets.into_iter().map(|ticket| ticket.wait().unwrap()).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(code(reused.wait().unwrap_err()), "key-reused");
}

#[test]
fn a_refused_request_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.db");
    let service = serve(&file);
    service.submit("person register", person(1), None, "a").unwrap();
    let again = service.submit("person register", person(1), Some("r-2".to_owned()), "a").unwrap_err();
    assert_eq!(code(again), "already-registered");
    let mut store = store::open_existing(&file.display().to_string()).unwrap();
    assert_eq!(journal(store.as_mut()).len(), 1);
    assert!(store.answered("town", &["r-2"]).unwrap().is_empty(), "its key is free for a better request");
    service.submit("person register", person(2), Some("r-2".to_owned()), "a").unwrap();
}

#[test]
fn what_was_done_lately_is_told_by_request_without_looks() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(&folder.path().join("books.db"));
    for (n, who) in [(1, "a"), (2, "b"), (3, "a")] {
        let answer = service.submit("person register", person(n), Some(format!("r-{n}")), who).unwrap();
        let look = json!({ "person": answer.fields["person"], "reason": "person show" });
        service.submit("access note", fields(look), None, "c").unwrap();
    }
    let lately = |during, limit| -> Vec<(String, String, String)> {
        let acts = service.lately(&during, limit).unwrap();
        let requests: Vec<&str> = acts.iter().map(|act| act.request.as_str()).collect();
        let answers = service.answers(&requests).unwrap();
        let told = acts.iter().map(|act| (act.request.clone(), act.actor.clone(), answers[&act.request].says.clone()));
        told.map(|(request, actor, says)| (request, actor, says.split('，').next().unwrap().to_owned())).collect()
    };
    let row = |request: &str, actor: &str| (request.to_owned(), actor.to_owned(), "已登记".to_owned());
    let all = 0..i64::MAX;
    assert_eq!(lately(all.clone(), 9), [row("r-3", "a"), row("r-2", "b"), row("r-1", "a")]);
    assert_eq!(lately(all.clone(), 1), [row("r-3", "a")]);
    let last = service.lately(&all, 1).unwrap().remove(0);
    assert!(last.subjects.iter().any(|subject| subject.starts_with("person/")));
    assert_eq!(lately(0..last.at, 9), [row("r-2", "b"), row("r-1", "a")], "what was done before it");
    assert_eq!(lately(last.at..i64::MAX, 9), [row("r-3", "a")]);
}

#[test]
fn a_request_of_many_entries_is_told_whole_wherever_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(&folder.path().join("books.db"));
    for n in 0..30 {
        service.submit("person register", person(n), None, "a").unwrap();
    }
    // More entries than are read at once end in the middle of one of these, whichever.
    for day in 1..=9 {
        let rows: String = (0..30).map(|n| format!("\n{},某{n},2022-01-0{day}", number(n))).collect();
        let text = format!("证件号码,姓名,起始日{rows}");
        let load = json!({ "source": "区民政局", "reported": format!("2022-02-0{day}"), "fact": "minimum-allowance", "text": text });
        service.submit("feed load", fields(load), Some(format!("feed-{day}")), "a").unwrap();
    }
    let acts = service.lately(&(0..i64::MAX), 99).unwrap();
    let count = |act: &service::Act| act.subjects.iter().filter(|subject| subject.starts_with("person/")).count();
    let loads: Vec<(&str, usize)> = acts.iter().map(|act| (act.request.as_str(), count(act))).take(9).collect();
    let expected: Vec<String> = (1..=9).rev().map(|day| format!("feed-{day}")).collect();
    assert_eq!(loads, expected.iter().map(|name| (name.as_str(), 30)).collect::<Vec<_>>());
    assert_eq!(acts.len(), 39);
}

#[test]
fn an_estimate_has_no_effect() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(&folder.path().join("books.db"));
    let answer = service.estimate("person register", person(1), "a").unwrap();
    assert!(answer.says.contains("已登记"));
    assert_eq!(service.ask("person list", fields(json!({})), "a").unwrap().rows.len(), 0);
    service.submit("person register", person(1), None, "a").unwrap();
    assert_eq!(service.ask("person list", fields(json!({})), "a").unwrap().rows.len(), 1);
}

#[test]
fn many_that_wait_are_all_answered_when_the_service_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("books.db");
    let service = serve(&file);
    let tickets: Vec<_> = (0..300).map(|n| service.send("person register", person(n), None, "a").unwrap()).collect();
    drop(service);
    assert!(tickets.into_iter().all(|ticket| ticket.wait().is_ok()));
    assert_eq!(journal(store::open_existing(&file.display().to_string()).unwrap().as_mut()).len(), 300);
}

#[test]
fn what_follows_an_adoption_is_decided_by_the_new_rules() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(&folder.path().join("books.db"));
    let adopt = json!({ "draft": "d", "on": "2021-01-01", "document": "文号", "reason": "核对" });
    let sent = [
        service.send("region open", fields(json!({ "region": "town" })), None, "a").unwrap(),
        service.send("notice adopt", fields(adopt), None, "a").unwrap(),
        service.send("person register", person(1), None, "a").unwrap(),
    ];
    for ticket in sent {
        ticket.wait().unwrap();
    }
    let drafts = service.look("a", |desk, _| Ok(desk.rules.drafts.clone())).unwrap();
    assert_eq!(drafts, ["d"]);
    let table = service.ask("notice list", fields(json!({})), "a").unwrap();
    assert!(table.rows.iter().any(|row| row[0] == "d" && row[3] == "adopted"), "{table:?}");
}

#[test]
fn what_is_sent_in_a_row_is_carried_out_in_that_order_across_an_adoption() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(&folder.path().join("books.db"));
    service.submit("region open", fields(json!({ "region": "town" })), None, "a").unwrap();
    let adopt = json!({ "draft": "d", "on": "2021-01-01", "document": "文号", "reason": "核对" });
    let mut requests: Vec<_> = (0..300).map(|running| ("person register", person(running))).collect();
    requests.push(("notice adopt", fields(adopt)));
    // Each rests on the one before, and all on the adoption's having ended its transaction.
    for running in 300..600 {
        let holds = json!({
            "person": number(running), "category": "minimum-allowance", "from": "2022-01-01", "reason": "核对",
        });
        requests.extend([("person register", person(running)), ("category assert", fields(holds))]);
    }
    let sent: Vec<_> =
        requests.into_iter().map(|(verb, fields)| service.send(verb, fields, None, "a").unwrap()).collect();
    for ticket in sent {
        ticket.wait().unwrap();
    }
}

#[test]
fn another_key_and_another_region_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("books.db").display().to_string();
    let connect = made(&url);
    let open = |setup: Setup| code(Service::open(setup).err().unwrap());
    assert_eq!(open(Setup { vault: Vault::new(&[8; 32]), ..setup(Arc::clone(&connect)) }), "wrong-key");
    assert_eq!(open(Setup { region: "village".to_owned(), ..setup(connect) }), "no-books");
    let nowhere = folder.path().join("no.db").display().to_string();
    assert_eq!(open(setup(service::connect(&nowhere))), "database-unfit");
}

#[test]
fn the_policy_files_are_kept_by_their_hash() {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("books.db").display().to_string();
    drop(Service::open(setup(made(&url))).unwrap());
    let mut store = store::open_existing(&url).unwrap();
    assert_eq!(store.notes("edition/").unwrap().len(), 1);
    // Other files are another edition, kept with the first request that is decided by them; a region's neighbour is not.
    let mut files = policies().files.to_vec();
    files[2].text.push_str("# more\n");
    files.push(policy::SourceFile {
        path: "990200-other/region.toml".into(),
        shown: "o".into(),
        text: "[region]\ncode='990200'\nslug='other'\nname='另市'\n".into(),
    });
    let service = Service::open(Setup { policies: Policies::read(files), ..setup(connect(&url)) }).unwrap();
    assert_eq!(store.notes("edition/").unwrap().len(), 1);
    service.submit("person register", person(1), None, "a").unwrap();
    let notes = store.notes("edition/").unwrap();
    assert_eq!(notes.len(), 2);
    for note in notes {
        let library = service::edition_library(store.as_mut(), note.trim_start_matches("edition/")).unwrap();
        assert_eq!(library.regions.keys().collect::<Vec<_>>(), ["town"]);
        assert_eq!(library.notices.len(), 2);
    }
}
