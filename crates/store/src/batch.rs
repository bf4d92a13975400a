//! What a batch says about the streams it writes to: how many entries each must have had before.

use std::collections::BTreeMap;

use crate::{Batch, Error, Key, Sheet};

/// The sheets of a batch in the order of keys, each with the number of entries its stream had when it was read. A batch
/// whose records, numbers and sheets do not belong together is a fault of the program, and nothing of it is written.
pub(crate) fn sheets_with_before(batch: &Batch) -> Result<Vec<(&Sheet, u32)>, Error> {
    let mut new: BTreeMap<&Key, Vec<(u32, &[u8; 32])>> = BTreeMap::new();
    for record in &batch.records {
        new.entry(&record.key).or_default().push((record.number, &record.hash));
    }
    let mut sheets: Vec<&Sheet> = batch.sheets.iter().collect();
    sheets.sort_by(|a, b| a.key.cmp(&b.key));
    if let Some(pair) = sheets.windows(2).find(|pair| pair[0].key == pair[1].key) {
        return Err(malformed(&pair[0].key, "its sheet comes twice"));
    }
    let mut found = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        let records = new.remove(&sheet.key).unwrap_or_default();
        let before = u32::try_from(records.len()).ok().and_then(|count| sheet.entries.checked_sub(count));
        let Some(before) = before else {
            return Err(malformed(&sheet.key, "its sheet counts fewer entries than are written"));
        };
        if sheet.entries == 0 {
            return Err(malformed(&sheet.key, "its sheet has no entries"));
        }
        if !records.iter().map(|(number, _)| *number).eq(before + 1..=sheet.entries) {
            return Err(malformed(&sheet.key, "the numbers of its entries do not end with the count of its sheet"));
        }
        if records.last().is_some_and(|(_, hash)| **hash != sheet.head) {
            return Err(malformed(&sheet.key, "the head of its sheet is not the hash of its last entry"));
        }
        found.push((sheet, before));
    }
    match new.first_key_value() {
        Some((key, _)) => Err(malformed(key, "entries without a sheet")),
        None => Ok(found),
    }
}

fn malformed(key: &Key, what: &str) -> Error {
    Error::Other(format!("a batch that does not hold together, of {} {}: {what}", key.subject, key.year))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    fn key(year: i16) -> Key {
        Key { subject: "person/1".to_string(), year }
    }

    fn record(year: i16, number: u32) -> Record {
        let empty = String::new;
        let number_hash = [u8::try_from(number).unwrap(); 32];
        Record {
            key: key(year),
            number,
            at: 0,
            request: empty(),
            actor: empty(),
            kind: empty(),
            body: empty(),
            hash: number_hash,
        }
    }

    fn sheet(year: i16, entries: u32) -> Sheet {
        Sheet { key: key(year), entries, head: [u8::try_from(entries).unwrap(); 32], body: String::new() }
    }

    #[test]
    fn a_sheet_tells_how_many_entries_came_before() {
        let batch = Batch {
            records: vec![record(2026, 4), record(0, 1), record(2026, 5)],
            sheets: vec![sheet(2026, 5), sheet(0, 1), sheet(2025, 7)],
            ..Batch::default()
        };
        let found: Vec<(i16, u32)> =
            sheets_with_before(&batch).unwrap().into_iter().map(|(sheet, before)| (sheet.key.year, before)).collect();
        assert_eq!(found, [(0, 0), (2025, 7), (2026, 3)]);
    }

    #[test]
    fn what_does_not_hold_together_is_named() {
        let check = |records: Vec<Record>, sheets: Vec<Sheet>, word: &str| {
            let error = sheets_with_before(&Batch { records, sheets, ..Batch::default() }).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        };
        check(vec![record(0, 1)], vec![], "without a sheet");
        check(vec![], vec![sheet(0, 1), sheet(0, 1)], "twice");
        check(vec![record(0, 1), record(0, 2)], vec![sheet(0, 1)], "fewer");
        check(vec![record(0, 1)], vec![sheet(0, 2)], "numbers");
        check(vec![record(0, 2), record(0, 1)], vec![sheet(0, 2)], "numbers");
        check(vec![], vec![sheet(0, 0)], "no entries");
        let mut other = record(0, 1);
        other.hash = [9; 32];
        check(vec![other], vec![sheet(0, 1)], "head");
    }
}
