//! Every verb against every role, and what binds a verb to its user.

use serde_json::{Map, Value, json};

use super::*;

fn roles() -> Roles {
    Roles::carried().unwrap()
}

fn caller(role: &str, scope: Scope) -> Caller {
    Caller { actor: "t".to_owned(), role: role.to_owned(), scope }
}

/// A scope with which a role can do most.
fn fitting(role: &Role) -> Scope {
    match role.scope.as_deref() {
        Some("person") => Scope::Person("p".to_owned()),
        Some("provider") => Scope::Provider("h".to_owned()),
        _ => Scope::Region,
    }
}

#[test]
fn every_verb_has_its_place_and_every_role_only_its_verbs() {
    let roles = roles();
    let mut homeless = Vec::new();
    for (verb, forms) in verbs() {
        let mut named = roles.is_internal(verb);
        for (word, role) in &roles.role {
            let may = |scope| roles.may(&caller(word, scope), verb, forms, &mut Map::new());
            let names = roles.names(role, verb);
            named |= names;
            // A verb that only a field binds may be denied until the field is given; none is allowed that no role names.
            let permit = may(fitting(role));
            assert!(names || permit.is_none(), "{word} may {verb}");
            assert!(
                !role.own_of(verb) || permit != Some(Permit::Freely) || role.any_of(verb),
                "{word} {verb} is not bound"
            );
            assert_eq!(may(Scope::Nothing), None, "{word} bound to nothing may {verb}");
        }
        assert_eq!(roles.may(&caller("unknown", Scope::Region), verb, forms, &mut Map::new()), None);
        if !named {
            homeless.push(verb);
        }
    }
    assert_eq!(
        homeless,
        Vec::<&str>::new(),
        "no role may use these: decide whose they are, and name them in roles.toml"
    );
}

#[test]
fn a_verb_is_given_by_its_name_so_that_a_new_one_is_nobodys() {
    for (word, role) in &roles().role {
        let wide: Vec<&String> = role.own.iter().chain(&role.any).filter(|pattern| pattern.ends_with('*')).collect();
        assert_eq!(wide, Vec::<&String>::new(), "{word}");
    }
}

#[test]
fn what_stands_against_what_is_never_in_one_hand() {
    let roles = roles();
    let may = |word: &str, verb: &str| roles.names(&roles.role[word], verb);
    for (one, other) in [
        ("dues refund", "dues refund-approve"),
        ("dues refund", "dues refund-pay"),
        ("care settle", "care pay-out"),
        ("account apply", "account pay"),
        ("clearing apply", "clearing decide"),
        ("user add", "care settle"),
        ("notice adopt", "care settle"),
        ("provider register", "care settle"),
        ("right grant", "matter identity"),
    ] {
        let both: Vec<&String> = roles.role.keys().filter(|word| may(word, one) && may(word, other)).collect();
        assert_eq!(both, Vec::<&String>::new(), "{one} and {other}");
    }
    // Those leave a trace of the look, or draw by lot, and nothing else.
    let traces = ["person view", "sheet read", "claim sample"];
    let commands = books::COMMANDS.iter().copied().flatten().map(|form| form.verb);
    let changes: Vec<&str> = commands.filter(|verb| may("auditor", verb) && !traces.contains(verb)).collect();
    assert_eq!(changes, Vec::<&str>::new(), "the auditor changes nothing");
    let asks =
        |verb: &str| books::QUERIES.iter().copied().flatten().any(|form| form.verb == verb) || verb == "person read";
    let resident = &roles.role["resident"];
    assert!(resident.any.is_empty() && resident.own.iter().all(|verb| asks(verb)), "a resident asks, of himself");
}

#[test]
fn every_own_verb_has_a_field_that_binds_it() {
    let roles = roles();
    for (word, role) in &roles.role {
        let scope = fitting(role);
        for (verb, forms) in verbs().filter(|(verb, _)| role.own_of(verb)) {
            let bound = forms.iter().any(|form| roles.ties(&scope).iter().any(|tie| tie == form.name));
            assert!(bound, "{word}: nothing binds {verb}; name it under `any` or not at all");
        }
    }
}

fn check(caller: &Caller, verb: &str, fields: Value, expected: Option<&[(&str, &str)]>) {
    let (_, forms) = verbs().find(|(known, _)| *known == verb).unwrap();
    let Value::Object(mut fields) = fields else { panic!("an object") };
    let permit = roles().may(caller, verb, forms, &mut fields);
    let expected = expected.map(|ties| match ties {
        [] => Permit::Freely,
        _ => Permit::Within(ties.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect()),
    });
    assert_eq!(permit, expected, "{verb}");
}

#[test]
fn who_is_bound_is_bound_in_every_field_that_is_given() {
    let resident = caller("resident", Scope::Person("p1".to_owned()));
    check(&resident, "care statement", json!({ "year": 2022 }), Some(&[("person", "p1")]));
    check(&resident, "care statement", json!({ "person": "x", "year": 2022 }), Some(&[("person", "x")]));
    check(&resident, "care explain", json!({ "settlement": "p1-2022-1" }), Some(&[("settlement", "p1-2022-1")]));
    check(&resident, "care explain", json!({}), None);
    check(&resident, "care settle", json!({}), None);
    check(&resident, "person list", json!({}), None);
    let hospital = caller("hospital", Scope::Provider("h1".to_owned()));
    check(&hospital, "care settle", json!({ "person": "x" }), Some(&[("provider", "h1")]));
    check(&hospital, "care settle", json!({ "provider": null }), Some(&[("provider", "h1")]));
    check(&hospital, "member cover", json!({ "person": "x" }), Some(&[]));
    check(&hospital, "person view", json!({ "person": "x" }), None);
    let county = caller("counter", Scope::Area("500103".to_owned()));
    check(&county, "person show", json!({ "person": "x" }), Some(&[("person", "x")]));
    check(&county, "person list", json!({}), Some(&[("area", "500103")]));
    check(&county, "person find", json!({ "text": "某" }), Some(&[("area", "500103")]));
    check(&county, "person find", json!({ "text": "某", "area": "500112" }), Some(&[("area", "500112")]));
    check(&county, "transition list", json!({}), None);
    let going = json!({ "person": "x", "area": "110000" });
    check(&county, "filing open", going, Some(&[("person", "x")]));
    // Where people go tells nothing of where they belong: that is filled in.
    check(&county, "filing list", json!({ "area": "110000" }), Some(&[("home_area", "500103")]));
    check(&county, "filing list", json!({ "home_area": "5001" }), Some(&[("home_area", "5001")]));
    check(&county, "filing list", json!({ "person": "x" }), Some(&[("person", "x")]));
    check(&county, "filing decide", json!({ "filing": "x-1", "verdict": "approve" }), Some(&[("filing", "x-1")]));
    check(&county, "filing decide", json!({ "verdict": "approve" }), None);
    check(&county, "filing count", json!({}), None);
    check(&county, "dues open", json!({ "year": 2022 }), Some(&[("area", "500103")]));
    check(&county, "dues suspense", json!({}), Some(&[("area", "500103")]));
    check(&county, "proposal list", json!({ "all": true }), Some(&[("area", "500103")]));
    check(&county, "proposal approve", json!({ "proposal": "1" }), Some(&[("proposal", "1")]));
    check(&county, "feed history", json!({}), None);
    let several = json!({ "person": ["x", "y"] });
    check(&county, "agreement sign", several, Some(&[("person", "x"), ("person", "y")]));
    check(&hospital, "filing open", json!({ "person": "x" }), Some(&[("provider", "h1")]));
    check(&caller("admin", Scope::Region), "care settle", json!({}), None);
    check(&caller("counter", Scope::Region), "access note", json!({}), None);
}

#[test]
fn what_needs_a_second_person_can_be_approved_by_some_role_that_may_do_it() {
    let roles = roles();
    let (_, approve) = verbs().find(|(verb, _)| *verb == "proposal approve").unwrap();
    for (verb, forms) in verbs().filter(|(verb, _)| roles.second(verb).is_some()) {
        let second = |word: &&String| {
            let caller = caller(word, Scope::Region);
            roles.may(&caller, verb, forms, &mut Map::new()).is_some()
                && roles.may(&caller, "proposal approve", approve, &mut Map::new()).is_some()
        };
        assert!(roles.role.keys().any(|word| second(&word)), "{verb}");
    }
}

#[test]
fn a_file_of_roles_is_refused_with_all_its_faults() {
    let wrong = super::roles::CARRIED.replace("\"care pay-out\"", "\"care payout\"").replace("hours = 8", "hours = 0");
    let trouble = Roles::read(&wrong).unwrap_err();
    assert!(trouble.message.contains("care payout") && trouble.message.contains("大于 0"), "{}", trouble.message);
    assert!(Roles::read("x = 1").is_err());
}

#[test]
fn what_others_did_is_shown_within_ones_bounds() {
    let county = caller("counter", Scope::Area("500103".to_owned()));
    let (own, other) = (county.actor.clone(), "another");
    for (who, reads_log, by, area, shown) in [
        (&county, false, own.as_str(), None, true),
        (&county, false, own.as_str(), Some("500112"), true),
        (&county, false, other, Some("500103"), true),
        (&county, false, other, Some("500112"), false),
        (&county, true, other, None, false),
        (&caller("counter", Scope::Region), false, other, Some("500112"), true),
        (&caller("counter", Scope::Region), false, other, None, false),
        (&caller("auditor", Scope::Region), true, other, None, true),
        (&caller("counter", Scope::Nothing), true, other, Some("500103"), false),
    ] {
        assert_eq!(sees(who, reads_log, by, area), shown, "{who:?} {reads_log} {by} {area:?}");
    }
}
