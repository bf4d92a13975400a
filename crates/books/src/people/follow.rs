//! What follows when facts of a person change: enrolment, bills and benefits, without anybody asking for them (自动办理).

use domain::Date;

use crate::answer::Stop;
use crate::desk::Desk;
use crate::sheets::{Books, Key};

/// A part of the books that follows the facts of a person from a day on, and says in sentences what it did.
type Follower = fn(&Desk<'_>, &mut Books<'_>, &Key, Date) -> Result<Vec<String>, Stop>;

/// The sheets that a follower asks for, of every person: for reading those of many persons at once.
type Asks = fn(&Desk<'_>, &Key, Date) -> Vec<Key>;

/// Who follows, in the order of the law: who is a member, then what is due, then what is paid for care.
const FOLLOWERS: &[(Follower, Asks)] = &[
    (crate::members::follow, crate::members::followed),
    (crate::dues::follow, crate::dues::followed),
    (crate::care::follow, crate::care::followed),
];

/// The sheets that [`changed`] asks for, of every person.
pub(crate) fn keys(desk: &Desk<'_>, person: &Key, from: Date) -> Vec<Key> {
    FOLLOWERS.iter().flat_map(|(_, asks)| asks(desk, person, from)).collect()
}

/// Reads at once what [`changed`] will read of many persons beside their sheets, which have been read: of those with care, its
/// history.
///
/// # Errors
/// When the source fails.
pub(crate) fn preload(books: &mut Books<'_>, keys: &[Key]) -> Result<(), Stop> {
    books.preload_histories::<crate::care::CareYear>(keys)
}

/// Lets the other parts of the books follow a change of facts of a person that holds from a day on. Gives, in sentences, what
/// followed.
///
/// # Errors
/// When what follows is refused, or the source fails.
pub fn changed(desk: &Desk<'_>, books: &mut Books<'_>, person: &Key, from: Date) -> Result<Vec<String>, Stop> {
    let mut said = Vec::new();
    for (follower, _) in FOLLOWERS {
        said.extend(follower(desk, books, person, from)?);
    }
    Ok(said)
}
