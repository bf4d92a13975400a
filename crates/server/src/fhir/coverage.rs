//! Coverage: an insured year of a person.

use books::members::{self, State};
use domain::Date;
use serde::Serialize;

use super::settled::Insured;
use super::types::{Coding, Concept, Identifier, OURS, Period, Reference};

/// A Coverage of FHIR R4.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Coverage {
    resource_type: &'static str,
    id: String,
    identifier: [Identifier; 1],
    status: &'static str,
    #[serde(rename = "type")]
    kind: Concept,
    beneficiary: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<Period>,
    payor: [Reference; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    class: Vec<Class>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Class {
    #[serde(rename = "type")]
    kind: Concept,
    value: String,
}

/// The Coverage of an insured year, as of a day.
pub(super) fn coverage(region: &str, insured: &Insured, today: Date) -> Coverage {
    let known = &insured.known;
    let capacity = &known.capacity;
    let paid = known.start.as_ref().map(|start| start.paid);
    let status = match known.state_on(today, paid) {
        State::Active => "active",
        State::New => "draft",
        State::Paused | State::Ended => "cancelled",
    };
    let scheme = capacity.scheme.0;
    let class = |code: &str, value: &str| {
        let system = "http://terminology.hl7.org/CodeSystem/coverage-class".to_owned();
        let kind = Concept { coding: [Coding { system, code: code.to_owned(), display: None }] };
        Class { kind, value: value.to_owned() }
    };
    let mut classes = vec![class("group", capacity.group.0.code())];
    classes.extend(capacity.tier.as_ref().map(|tier| class("plan", tier)));
    Coverage {
        resource_type: "Coverage",
        id: insured.id(),
        identifier: [Identifier { system: "urn:tongchou:coverage", value: insured.id() }],
        status,
        kind: Concept {
            coding: [Coding {
                system: format!("{OURS}scheme"),
                code: scheme.code().to_owned(),
                display: Some(scheme.name().to_owned()),
            }],
        },
        beneficiary: Reference::person(&insured.person),
        period: period(insured, today),
        payor: [Reference::insurer(region)],
        class: classes,
    }
}

/// From the first day of benefits to the last day of the insured year, or the day before the relation ended.
fn period(insured: &Insured, today: Date) -> Option<Period> {
    let known = &insured.known;
    let start = known.start.as_ref()?.from;
    let ended = known.moved_by(today).filter(|step| step.to.0 == State::Ended).map(|step| step.on);
    let after = ended.unwrap_or_else(|| members::ends(insured.year, known.capacity.academic));
    let end = after.yesterday().ok().filter(|end| *end >= start);
    Some(Period { start, end })
}
