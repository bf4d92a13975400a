//! What stands in an address in the place of what must not: a person's number, words that were looked for. A handle is a hash that only
//! the visitor it was made for can turn back; texts are kept in memory, as many as there is room for, the oldest go first.
//!
//! A handle outlives no restart: whoever comes with an old one is asked to look for the person again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// How many texts are kept.
const MOST: usize = 50_000;

/// The texts behind handles.
#[derive(Default)]
pub struct Handles(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    texts: BTreeMap<String, String>,
    order: VecDeque<String>,
}

impl Handles {
    /// The handle of a text for a visitor; the same text has the same handle.
    pub fn of(&self, secret: &str, text: &str) -> String {
        let handle = hashed(secret, text);
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.texts.insert(handle.clone(), text.to_owned()).is_none() {
            shelf.order.push_back(handle.clone());
            if shelf.order.len() > MOST
                && let Some(oldest) = shelf.order.pop_front()
            {
                shelf.texts.remove(&oldest);
            }
        }
        handle
    }

    /// The text of a handle, if it was made for this visitor.
    pub fn text(&self, secret: &str, handle: &str) -> Option<String> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.texts.get(handle).filter(|text| hashed(secret, text) == handle).cloned()
    }
}

fn hashed(secret: &str, text: &str) -> String {
    let hash = Sha256::digest(format!("handle {secret} {text}").as_bytes());
    hash[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_of_use_to_its_visitor_alone() {
        let handles = Handles::default();
        let handle = handles.of("one", "11010519491231002X");
        assert_eq!(handle, handles.of("one", "11010519491231002X"));
        assert!(!handle.contains("1101"));
        assert_eq!(handles.text("one", &handle).as_deref(), Some("11010519491231002X"));
        assert_eq!(handles.text("another", &handle), None);
        assert_eq!(handles.text("one", "nothing"), None);
    }

    #[test]
    fn the_oldest_make_room() {
        let handles = Handles::default();
        let first = handles.of("one", "first");
        for at in 0..MOST {
            handles.of("one", &at.to_string());
        }
        assert_eq!(handles.text("one", &first), None);
        assert!(handles.text("one", &handles.of("one", "0")).is_some());
    }
}
