//! Rows that stand out of order: as few as can be left out so that the others rise by person and day. One id that is too large,
//! or one day that is too late, is one such row, and not every row behind it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Fault;
use super::columns::Columns;

/// Of these rows those out of order, by row, each told by its own row.
pub fn out_of_order(columns: &Columns, rows: &[usize]) -> BTreeMap<usize, Fault> {
    let kept = longest_rising(rows, |one, other| columns.order(one, other));
    let mut faults = BTreeMap::new();
    let mut next = 0;
    for row in rows.iter().copied() {
        if kept.get(next) == Some(&row) {
            next += 1;
            continue;
        }
        let before = next.checked_sub(1).map(|at| columns.same_person(kept[at], row));
        let after = kept.get(next).map(|kept| columns.same_person(*kept, row));
        let of_person = before == Some(true) || after == Some(true);
        let (column, what) = match of_person {
            true => ("date", "同一人的票据没有按日期排列"),
            false => ("person", "人员没有按升序排列"),
        };
        let cure = "核对这一行；整个文件按 person、date 排序";
        faults.insert(row, Fault { row, column, what: what.to_owned(), cure });
    }
    faults
}

/// As many of the rows as can be, in their order, none of which comes after the next one.
fn longest_rising(rows: &[usize], order: impl Fn(usize, usize) -> Ordering) -> Vec<usize> {
    // Of each length the chain that ends lowest: the place of its last row; and of each row the one before it in its chain.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        let length = ends.partition_point(|end| order(rows[*end], *row) != Ordering::Greater);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut kept = Vec::with_capacity(ends.len());
    let mut last = ends.last().copied();
    while let Some(at) = last {
        kept.push(rows[at]);
        last = before[at];
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(values: &[i64]) -> Vec<i64> {
        let rows: Vec<usize> = (0..values.len()).collect();
        longest_rising(&rows, |one, other| values[one].cmp(&values[other])).into_iter().map(|at| values[at]).collect()
    }

    #[test]
    fn only_what_stands_wrong_is_left_out() {
        assert_eq!(kept(&[1, 2, 2, 9, 3, 3, 4]), [1, 2, 2, 3, 3, 4]);
        assert_eq!(kept(&[1, 2, 0, 3]), [1, 2, 3]);
        assert_eq!(kept(&[7, 7, 1, 2, 3]), [1, 2, 3]);
        assert_eq!(kept(&[1, 2, 9, 9, 3, 4, 5]), [1, 2, 3, 4, 5]);
        assert_eq!(kept(&[]), [0; 0]);
    }
}
