//! How values of the domain stand in the journal and in requests: amounts as exact decimal yuan, ratios as per cent, words of
//! the closed vocabularies by their codes.

use std::fmt;

use domain::{Fen, Rate, Vocabulary};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// An amount, written in yuan as `"46374.80"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Yuan(pub Fen);

impl fmt::Display for Yuan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Yuan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Yuan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Yuan, D::Error> {
        let text = String::deserialize(deserializer)?;
        Fen::parse_yuan(&text).map(Yuan).map_err(|error| D::Error::custom(format!("“{text}”：{error}")))
    }
}

/// A ratio, written as `"10%"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub Rate);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Percent, D::Error> {
        let text = String::deserialize(deserializer)?;
        Rate::parse_percent(&text).map(Percent).map_err(|error| D::Error::custom(format!("“{text}”：{error}")))
    }
}

/// A word of a closed vocabulary, written by its code; read by its code or its Chinese name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<V>(pub V);

impl<V: Vocabulary> fmt::Display for Word<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.word())
    }
}

impl<V: Vocabulary> Serialize for Word<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, V: Vocabulary> Deserialize<'de> for Word<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<V>, D::Error> {
        let text = String::deserialize(deserializer)?;
        V::read(&text).map(Word).ok_or_else(|| {
            let known: Vec<&str> = V::all().iter().map(|v| v.word()).collect();
            D::Error::custom(format!("没有 “{text}” 这个词；可用：{}", known.join("、")))
        })
    }
}
