//! Which crate may see which: `domain <- policy <- {settlement, enrolment} <- books <- cases`,
//! `{books, store} <- service <- server <- pages <- cli`, `{settlement, enrolment, books, cases} <- pages`, `wire <- {server, hospital}`, `hospital <- cli`,
//! `policy <- fund`, `{settlement, enrolment, fund} <- microsim <- cli`, `{settlement, claims, shelf} <- python`.
//!
//! The table is the rule. A new crate, or a new edge, is a line here that a reviewer sees.

use std::fs;

use crate::workspace::{Metadata, Package};

/// What one crate may build on.
pub struct Wall {
    pub name: &'static str,
    /// Crates of this workspace, for the crate itself and its tests.
    sees: &'static [&'static str],
    /// For a pure crate, the only crates from outside that it may build on (its tests may use others): no files, no
    /// network, no clock, no serialisation of the domain's types. None: an edge, free to choose.
    outside: Option<&'static [&'static str]>,
}

pub const WALLS: &[Wall] = &[
    Wall { name: "domain", sees: &[], outside: Some(&["jiff", "thiserror"]) },
    Wall { name: "policy", sees: &["domain"], outside: Some(&["jiff", "sha2", "strsim", "thiserror", "toml"]) },
    Wall { name: "settlement", sees: &["domain", "policy"], outside: Some(&["jiff", "thiserror"]) },
    Wall { name: "enrolment", sees: &["domain", "policy"], outside: Some(&["jiff", "thiserror"]) },
    Wall { name: "fund", sees: &["domain", "policy"], outside: Some(&["jiff", "thiserror"]) },
    // The edges that more than one program has: files and tables of bills, and the notices that a program carries.
    Wall { name: "claims", sees: &["domain"], outside: None },
    Wall { name: "shelf", sees: &["policy"], outside: None },
    // Writes and reads Parquet; no clock, and no randomness but the seeded.
    Wall { name: "microsim", sees: &["domain", "policy", "settlement", "enrolment", "fund"], outside: None },
    Wall {
        name: "books",
        sees: &["domain", "policy", "settlement", "enrolment"],
        outside: Some(&["aes-gcm-siv", "csv", "hmac", "jiff", "serde", "serde_json", "sha2"]),
    },
    Wall {
        name: "cases",
        sees: &["domain", "policy", "settlement", "enrolment", "books"],
        outside: Some(&["jiff", "serde_json", "thiserror", "toml"]),
    },
    // The national interface as bytes: it knows nothing of the law, so that a hospital's side can be built on it alone.
    Wall {
        name: "wire",
        sees: &[],
        outside: Some(&[
            "base64", "cbc", "hmac", "jiff", "serde", "serde_json", "sha1", "sha2", "sm2", "sm3", "sm4", "subtle",
            "toml",
        ]),
    },
    // A hospital's side, built on the interface alone: what it finds, an outsider would find.
    Wall { name: "hospital", sees: &["wire"], outside: None },
    Wall { name: "store", sees: &[], outside: None },
    Wall { name: "service", sees: &["domain", "policy", "settlement", "enrolment", "books", "store"], outside: None },
    Wall { name: "server", sees: &["domain", "books", "wire", "store", "service"], outside: None },
    // Pages for people: what the server may be asked, and the terms themselves.
    Wall {
        name: "pages",
        sees: &["domain", "policy", "settlement", "enrolment", "books", "cases", "server"],
        outside: None,
    },
    Wall {
        name: "cli",
        sees: &[
            "domain", "policy", "settlement", "enrolment", "fund", "claims", "shelf", "microsim", "books", "cases",
            "wire", "hospital", "store", "service", "server", "pages",
        ],
        outside: None,
    },
    // The engine for Python and for Spark's workers.
    Wall { name: "python", sees: &["domain", "policy", "settlement", "claims", "shelf"], outside: None },
    // Dev only: everybody's tests may use testkit, no crate may ship with it.
    Wall {
        name: "testkit",
        sees: &["domain", "policy", "settlement", "enrolment", "books", "cases", "store", "service", "server"],
        outside: None,
    },
    Wall { name: "xtask", sees: &[], outside: None },
];

/// The crates that take values and give values, and nothing else: their sources are read by `sources` too.
pub const PURE: &[&str] = &["domain", "policy", "settlement", "enrolment", "fund", "books", "wire"];

pub fn check(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        match WALLS.iter().find(|wall| wall.name == package.name) {
            Some(wall) => findings.extend(crossings(wall, package)),
            None => findings.push(format!(
                "crate {}: not in the table of walls; add what it may see to xtask/src/tidy/walls.rs",
                package.name
            )),
        }
        let manifest = fs::read_to_string(&package.manifest_path).unwrap_or_default();
        if !manifest.contains("[lints]\nworkspace = true") {
            findings.push(format!(
                "crate {}: without the lints of the workspace; add `[lints]` with `workspace = true` to its Cargo.toml",
                package.name
            ));
        }
    }
    findings
}

fn crossings(wall: &Wall, package: &Package) -> Vec<String> {
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        if dependency.path.is_some() {
            let testing = dependency.is_dev() && name == "testkit";
            if !wall.sees.contains(&name) && !testing {
                findings.push(format!(
                    "crate {}: must not depend on {name}; it may see: {}",
                    wall.name,
                    listed(wall.sees)
                ));
            }
        } else if let Some(outside) = wall.outside
            && !dependency.is_dev()
            && !outside.contains(&name)
        {
            findings.push(format!(
                "crate {}: is pure, and {name} is not among the crates it may build on: {}",
                wall.name,
                listed(outside)
            ));
        }
    }
    findings
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, dependencies: &[(&str, Option<&str>, bool)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(name, kind, ours)| Dependency {
                name: name.to_string(),
                kind: kind.map(str::to_string),
                path: ours.then(|| name.into()),
            })
            .collect();
        Package { name: name.to_string(), manifest_path: "".into(), dependencies }
    }

    fn wall(name: &str) -> &'static Wall {
        WALLS.iter().find(|wall| wall.name == name).unwrap()
    }

    #[test]
    fn the_way_down_is_free() {
        let cli = package("cli", &[("settlement", None, true), ("testkit", Some("dev"), true), ("csv", None, false)]);
        assert!(crossings(wall("cli"), &cli).is_empty());
        let policy = package("policy", &[("domain", None, true), ("proptest", Some("dev"), false)]);
        assert!(crossings(wall("policy"), &policy).is_empty());
    }

    #[test]
    fn the_way_up_and_a_shipped_testkit_are_named() {
        let policy = package("policy", &[("settlement", None, true), ("testkit", None, true), ("serde", None, false)]);
        assert_eq!(
            crossings(wall("policy"), &policy),
            [
                "crate policy: must not depend on settlement; it may see: domain",
                "crate policy: must not depend on testkit; it may see: domain",
                "crate policy: is pure, and serde is not among the crates it may build on: jiff, sha2, strsim, thiserror, toml",
            ]
        );
    }

    #[test]
    fn the_table_is_in_order_and_names_every_pure_crate() {
        for (index, wall) in WALLS.iter().enumerate() {
            for seen in wall.sees {
                assert!(WALLS[..index].iter().any(|above| above.name == *seen), "{} sees {seen}", wall.name);
            }
        }
        for name in PURE {
            assert!(wall(name).outside.is_some(), "{name}");
        }
    }
}
