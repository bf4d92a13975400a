//! The parts that resources of FHIR R4 are made of, as far as ours need them. Amounts keep their two decimals as text does.

use domain::{Date, Fen};
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Where codes of ours are named.
pub(super) const OURS: &str = "https://tongchou.example/fhir/CodeSystem/";

/// A code in a system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Coding {
    pub system: String,
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// A concept told by one code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Concept {
    pub coding: [Coding; 1],
}

impl Concept {
    /// Of a code system of HL7.
    pub fn hl7(system: &str, code: &str) -> Concept {
        let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
        Concept { coding: [Coding { system, code: code.to_owned(), display: None }] }
    }

    /// Of a code system of ours.
    pub fn ours(system: &str, code: &str, display: &str) -> Concept {
        let system = format!("{OURS}{system}");
        Concept { coding: [Coding { system, code: code.to_owned(), display: Some(display.to_owned()) }] }
    }
}

/// A name that something has elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Identifier {
    pub system: &'static str,
    pub value: String,
}

/// What another resource is called.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Reference {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

impl Reference {
    /// A resource that is served here.
    pub fn to(kind: &'static str, id: &str) -> Reference {
        Reference { reference: Some(format!("{kind}/{id}")), ..Reference::default() }
    }

    /// The insured person, by the person's number alone.
    pub fn person(number: &str) -> Reference {
        let identifier = Identifier { system: "urn:tongchou:person", value: number.to_owned() };
        Reference { kind: Some("Patient"), identifier: Some(identifier), ..Reference::default() }
    }

    /// A provider, by its institution code.
    pub fn provider(code: &str) -> Reference {
        let identifier = Identifier { system: "urn:tongchou:provider", value: code.to_owned() };
        Reference { kind: Some("Organization"), identifier: Some(identifier), ..Reference::default() }
    }

    /// The region's insurance.
    pub fn insurer(region: &str) -> Reference {
        let identifier = Identifier { system: "urn:tongchou:region", value: region.to_owned() };
        Reference { kind: Some("Organization"), identifier: Some(identifier), ..Reference::default() }
    }
}

/// An amount in yuan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Money(pub Fen);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            value: Box<RawValue>,
            currency: &'static str,
        }
        let value = RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?;
        Written { value, currency: "CNY" }.serialize(serializer)
    }
}

/// From a day to a day, both within.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Period {
    pub start: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
}

/// The coverage that a claim is made under.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Insurance {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u8>,
    pub focal: bool,
    pub coverage: Reference,
}

/// One sum of a claim.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Total {
    pub category: Concept,
    pub amount: Money,
}
