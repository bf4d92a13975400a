//! Who may come: made-up people by their identity numbers, and the institutions that there are.
//!
//! As JSON (what `tongchou demo --town` writes) or, for people alone, as CSV with the columns `number` and `name`.

use serde::{Deserialize, Serialize};

use crate::Trouble;

/// People and institutions of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Town {
    /// Six digits of the region (admdvs); empty where it is not known.
    #[serde(default)]
    pub region: String,
    /// The institutions.
    #[serde(default)]
    pub providers: Vec<Provider>,
    /// Hospitals elsewhere, to which patients are referred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Provider>,
    /// The people.
    pub people: Vec<Patient>,
}

/// Somebody who may come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patient {
    /// Number of the identity card.
    pub number: String,
    /// Name.
    pub name: String,
    /// What is shown at the counter, by its code (`mdtrt_cert_type`); the identity card (02), if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
}

/// An institution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Code, 12 places: a letter, six digits of its area, five of its own.
    pub code: String,
    /// Name.
    pub name: String,
}

impl Provider {
    /// Whether it is a pharmacy: its code begins with P.
    pub fn is_pharmacy(&self) -> bool {
        self.code.starts_with('P')
    }

    /// The area it lies in, six digits.
    pub fn area(&self) -> &str {
        self.code.get(1..7).unwrap_or_default()
    }
}

impl Town {
    /// Reads a list: JSON where it begins with `{`, else CSV.
    ///
    /// # Errors
    /// When it is neither, or names nobody.
    pub fn read(text: &str) -> Result<Town, Trouble> {
        let text = text.trim_start_matches('\u{feff}');
        let town = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| unreadable(&error))?
        } else {
            let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
            let people = rows.collect::<Result<Vec<Patient>, csv::Error>>().map_err(|error| unreadable(&error))?;
            Town { people, ..Town::default() }
        };
        if town.people.is_empty() {
            return Err(Trouble::new("名单里没有人 (nobody on the list)", CURE));
        }
        Ok(town)
    }
}

const CURE: &str = "写 CSV：第一行 number,name，以下每人一行；或用 `tongchou demo --town 文件` 写出演示地区的名单";

fn unreadable(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::new(format!("读不懂名单 (list of people): {error}"), CURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let csv = Town::read("\u{feff}number,name\n110105194912310021,某甲\n").unwrap();
        assert_eq!((csv.people.len(), csv.people[0].name.as_str()), (1, "某甲"));
        let json = serde_json::to_string(&Town { region: "500000".to_owned(), ..csv.clone() }).unwrap();
        assert_eq!(Town::read(&json).unwrap().people, csv.people);
    }

    #[test]
    fn a_list_of_nobody_is_refused() {
        for text in ["", "number,name\n", "{\"people\": []}", "nummer,name\n1,某甲\n", "{\"persons\": []}"] {
            assert!(Town::read(text).unwrap_err().cure.contains("number,name"), "{text}");
        }
    }
}
