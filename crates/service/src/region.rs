//! A region's books: making them, and what is noted of the database as a whole.

use books::Vault;
use domain::Date;
use store::Store;

use crate::edition::{Edition, Policies};
use crate::failure::{Failure, Trouble};

/// The note by which a key is known without telling it.
const KEY_NOTE: &str = "key-check";

/// The note of books that live on a day of their own, as made-up ones do.
pub const TODAY_NOTE: &str = "today";

/// Makes the books of a region, if they are not there: the region, the check value of the key, and the policy files it is
/// run by.
///
/// # Errors
/// When the database is of another key, the region is not known, or the store fails.
pub fn open_region(
    store: &mut dyn Store,
    policies: &Policies,
    region: &str,
    vault: &Vault,
    today: Option<Date>,
) -> Result<(), Failure> {
    let edition = Edition::of(policies, region)?;
    store.begin()?;
    let made = make(store, region, vault, &edition, today);
    match made {
        Ok(()) => Ok(store.commit()?),
        Err(failure) => {
            store.rollback()?;
            Err(failure)
        }
    }
}

fn make(
    store: &mut dyn Store,
    region: &str,
    vault: &Vault,
    edition: &Edition,
    today: Option<Date>,
) -> Result<(), Failure> {
    if let Some(today) = today {
        if !store.regions()?.is_empty() {
            let message = "这个数据库已有账套，不能改为演示用";
            return Err(Trouble::new("not-empty", message, "演示用新的数据库文件").into());
        }
        store.keep_note(TODAY_NOTE, &today.to_string())?;
    }
    store.keep_note(KEY_NOTE, &vault.check())?;
    check_key(store, vault)?;
    store.open_region(region)?;
    store.keep_note(&Edition::note(&edition.hash), &edition.text)?;
    Ok(())
}

/// Refuses a key that is not the database's.
pub(crate) fn check_key(store: &mut dyn Store, vault: &Vault) -> Result<(), Failure> {
    match store.note(KEY_NOTE)? {
        Some(known) if known == vault.check() => Ok(()),
        Some(_) => {
            let cure = "用建库时的密钥：--key 文件，或环境变量 TONGCHOU_KEY_FILE、TONGCHOU_KEY";
            Err(Trouble::new("wrong-key", "密钥不是这个数据库的 (wrong key)", cure).into())
        }
        None => Err(Trouble::new("no-books", "这个数据库里还没有账套", "先用 tongchou open 地区 建账").into()),
    }
}

/// The regions that have books here.
///
/// # Errors
/// When the store fails.
pub fn regions(store: &mut dyn Store) -> Result<Vec<String>, Failure> {
    Ok(store.regions()?)
}

/// The day that the books live on, if it is one of their own.
///
/// # Errors
/// When the store fails, or the note is no day.
pub fn today_note(store: &mut dyn Store) -> Result<Option<Date>, Failure> {
    let Some(text) = store.note(TODAY_NOTE)? else { return Ok(None) };
    let day = text.parse().map_err(|_| {
        Trouble::new("database-unfit", format!("数据库所记的今天“{text}”不是日期"), "恢复最近的备份，或重新生成演示库")
    })?;
    Ok(Some(day))
}
