//! What was done lately, of a crowd, for who sees a part of it.

use std::future::Future;

use jiff::civil::date;
use serde_json::{Value, json};
use server::access::{Caller, Scope};
use server::{Ends, Reach};

use crate::town::{Town, roles};

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A clerk of an area.
fn clerk(area: &str) -> Caller {
    Caller { actor: "wu".to_owned(), role: "counter".to_owned(), scope: Scope::Area(area.to_owned()) }
}

/// A region in which so many persons are registered in one area after each that is registered in another.
fn crowded(groups: u32, others: u32) -> Town {
    let reach = Reach { page: 4, enough: 3, most: 24 };
    let town = Town::with("chongqing", roles(&[]), reach);
    let counter = town.user(&town.admin(), "li", "counter", json!({}));
    let register = |area: &str, n: u32| -> Value {
        let person = json!({ "number": format!("E{n:07}"), "document": "passport", "name": "某甲", "area": area, "born": "1980-02-03", "sex": "male" });
        town.post("/v1/person/register", &counter, &person).good()
    };
    for group in 0..groups {
        register("500001", group * 100);
        for other in 1..=others {
            register("500002", group * 100 + other);
        }
    }
    town
}

#[test]
fn a_clerk_of_a_small_area_is_shown_what_was_done_there_behind_what_was_done_elsewhere() {
    let town = crowded(2, 9);
    let app = town.app();
    let (done, of_two) = wait(async {
        let mut looking = app.looking(&clerk("500001")).await.unwrap();
        let done = looking.done(0).await.unwrap();
        (done, app.looking(&clerk("500002")).await.unwrap().done(0).await.unwrap())
    });
    assert_eq!((done.all.len(), done.ends), (2, Ends::Whole), "{done:?}");
    assert!(done.all.iter().all(|did| did.whom.is_some() && did.actor == "li"));
    assert!(done.all[0].at > done.all[1].at, "the latest first");
    assert_eq!((of_two.all.len(), of_two.ends), (3, Ends::Enough));
    // No further back than is asked for.
    let since = done.all[0].at;
    let later = wait(async { app.looking(&clerk("500001")).await.unwrap().done(since + 1).await.unwrap() });
    assert_eq!((later.all.len(), later.ends), (0, Ends::Whole));
}

#[test]
fn what_was_done_is_shown_though_the_clock_was_set_back() {
    let town = crowded(1, 1);
    town.turn_to(date(2020, 1, 1));
    let app = town.app();
    let done = wait(async { app.looking(&clerk("500001")).await.unwrap().done(0).await.unwrap() });
    assert_eq!((done.all.len(), done.ends), (1, Ends::Whole), "{done:?}");
}

#[test]
fn it_is_looked_through_as_far_as_a_bound_which_is_told() {
    let town = crowded(1, 30);
    let app = town.app();
    let done = wait(async { app.looking(&clerk("500001")).await.unwrap().done(0).await.unwrap() });
    let Ends::Unread(24, at) = done.ends else { panic!("{:?}", done.ends) };
    assert!(done.all.is_empty() && at > 0);
    let rest = wait(async { app.looking(&clerk("500002")).await.unwrap().done(at).await.unwrap() });
    assert_eq!(rest.ends, Ends::Enough);
}

#[test]
fn a_page_of_lists_is_one_look() {
    let town = crowded(1, 1);
    let app = town.app();
    wait(async {
        let mut looking = app.looking(&clerk("500001")).await.unwrap();
        looking.ask("person list", serde_json::Map::new()).await.unwrap();
        looking.ask("dues open", json!({ "year": 2022 }).as_object().cloned().unwrap()).await.unwrap();
        assert!(looking.ask("person list", json!({ "area": "500002" }).as_object().cloned().unwrap()).await.is_err());
        looking.done(0).await.unwrap();
        looking.refused().await.unwrap();
    });
    let log = town.get("/v1/access/log?who=wu", &town.sign_in("boss")).good();
    assert_eq!((&log["total"], &log["rows"][0]["reason"]), (&json!(1), &json!("work")), "{log}");
    let nobody = Caller { role: "fund".to_owned(), ..clerk("500001") };
    assert!(wait(app.looking(&nobody)).is_err());
}
