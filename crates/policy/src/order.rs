//! The order in which people read terms: by the registry, stages in their own order.

use crate::registry::{PARTS, fits};
use crate::terms::Terms;

/// Where a key stands among others: in the order of the registry, stages in their own order.
pub fn place(terms: &Terms<'_>, key: &str) -> impl Ord + use<> {
    let family = |key: &str| key.split('.').next().unwrap_or(key).to_owned();
    let first = |is: &dyn Fn(&str) -> bool| PARTS.iter().position(|part| is(part.pattern)).unwrap_or(PARTS.len());
    let stage = key.strip_prefix("stage.").and_then(|rest| rest.split('.').next()).unwrap_or_default();
    let shape = terms.get(&format!("stage.{stage}.shape")).ok();
    let order = shape.and_then(|shape| shape.provision.record.integer("order")).unwrap_or(i64::MAX);
    let family_place = first(&|pattern| family(pattern) == family(key));
    (family_place, order, stage.to_owned(), first(&|pattern| fits(pattern, key)), key.to_owned())
}
