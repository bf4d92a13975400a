//! What can be done at the counter: for each task its command, and which of the command's fields are asked for. What a field is and
//! what it may hold is the registry's to say.

/// A task.
pub struct Task {
    /// Its word in addresses.
    pub word: &'static str,
    /// The command.
    pub verb: &'static str,
    /// Its name, in Chinese and in English.
    pub name: [&'static str; 2],
    /// The field that tells whom or what it is about, which the page fills in.
    pub about: Option<&'static str>,
    /// The fields that are asked for.
    pub fields: &'static [&'static str],
    /// Those that are rarely needed.
    pub more: &'static [&'static str],
    /// What is always said.
    pub set: &'static [(&'static str, &'static str)],
    /// Where it stands among the tasks of a person; nowhere, where it begins at a line of a list.
    pub group: Option<Group>,
}

/// A group of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Enrolment.
    Cover,
    /// Dues.
    Dues,
    /// Filings.
    Filings,
    /// Visits.
    Care,
    /// The record.
    Record,
}

impl Group {
    /// All groups, with their names.
    pub const ALL: [(Group, [&'static str; 2]); 5] = [
        (Group::Care, ["就诊", "Care"]),
        (Group::Cover, ["参保", "Enrolment"]),
        (Group::Dues, ["缴费", "Dues"]),
        (Group::Filings, ["备案", "Filings"]),
        (Group::Record, ["登记", "Record"]),
    ];
}

const PLAIN: Task =
    Task { word: "", verb: "", name: ["", ""], about: Some("person"), fields: &[], more: &[], set: &[], group: None };

/// What the counter says of where an application came in.
const WINDOW: (&str, &str) = ("channel", "窗口");

/// All tasks.
pub const TASKS: &[Task] = &[
    Task {
        word: "register",
        verb: "person register",
        name: ["登记人员", "Register a person"],
        about: None,
        fields: &["number", "name", "area", "phone"],
        more: &["document", "valid_until", "born", "sex", "registration", "work", "ethnicity", "employer"],
        ..PLAIN
    },
    Task {
        word: "settle",
        verb: "care settle",
        name: ["结算就诊", "Settle a visit"],
        fields: &["provider", "visit", "care", "date", "a", "b", "c", "over_limit", "disease", "by_hand"],
        more: &[
            "from", "b_share", "from_visit", "under", "mark", "physician", "emergency", "burden_only", "submitted",
            "token",
        ],
        set: &[("explain", "true")],
        group: Some(Group::Care),
        ..PLAIN
    },
    Task {
        word: "reverse",
        verb: "care reverse",
        name: ["撤销结算", "Reverse a settlement"],
        about: Some("settlement"),
        fields: &["reason"],
        ..PLAIN
    },
    Task {
        word: "enrol",
        verb: "member enrol",
        name: ["参保登记", "Enrol"],
        fields: &["year", "tier", "group"],
        more: &["on", "employed"],
        group: Some(Group::Cover),
        ..PLAIN
    },
    Task {
        word: "tier",
        verb: "member change-tier",
        name: ["变更档次", "Change the tier"],
        fields: &["year", "tier"],
        group: Some(Group::Cover),
        ..PLAIN
    },
    Task {
        word: "leave",
        verb: "member end",
        name: ["终止参保", "End the insurance"],
        fields: &["year", "on", "reason"],
        group: Some(Group::Cover),
        ..PLAIN
    },
    Task {
        word: "bill",
        verb: "dues bill",
        name: ["核定缴费", "Bill a year"],
        fields: &["year", "tier", "group"],
        more: &["state", "employed"],
        group: Some(Group::Dues),
        ..PLAIN
    },
    Task {
        word: "pay",
        verb: "dues receive",
        name: ["登记收款", "Take a payment"],
        fields: &["year", "amount", "receipt", "channel"],
        more: &["on"],
        group: Some(Group::Dues),
        ..PLAIN
    },
    Task {
        word: "cancel-bill",
        verb: "dues cancel",
        name: ["撤销缴费单", "Cancel a bill"],
        fields: &["year", "ground"],
        ..PLAIN
    },
    Task {
        word: "refund",
        verb: "dues refund",
        name: ["申请退费", "Ask for a refund"],
        fields: &["year", "ground", "amount"],
        ..PLAIN
    },
    Task {
        word: "special",
        verb: "filing open",
        name: ["慢特病备案", "File a special disease"],
        fields: &["disease", "from", "until", "provider", "document", "condition"],
        more: &["identified_on", "expert", "centre", "certificate", "by", "matter", "replaces"],
        set: &[("kind", "special"), WINDOW],
        group: Some(Group::Filings),
        ..PLAIN
    },
    Task {
        word: "referral",
        verb: "filing open",
        name: ["转诊备案", "File a referral"],
        fields: &["from_provider", "provider", "area", "disease", "from", "until", "document", "condition"],
        more: &["from_bill", "by", "matter", "replaces"],
        set: &[("kind", "referral"), WINDOW],
        group: Some(Group::Filings),
        ..PLAIN
    },
    Task {
        word: "filing",
        verb: "filing open",
        name: ["其他备案", "Another filing"],
        fields: &["kind", "from", "until", "area", "provider", "care", "disease", "document", "condition"],
        more: &["physician", "outcome", "certificate", "by", "matter", "replaces"],
        set: &[WINDOW],
        group: Some(Group::Filings),
        ..PLAIN
    },
    Task {
        word: "filing-decide",
        verb: "filing decide",
        name: ["审核备案", "Decide a filing"],
        about: Some("filing"),
        fields: &["verdict", "reason"],
        ..PLAIN
    },
    Task {
        word: "filing-end",
        verb: "filing end",
        name: ["终止备案", "End a filing"],
        about: Some("filing"),
        fields: &["last", "reason"],
        ..PLAIN
    },
    Task {
        word: "category",
        verb: "category assert",
        name: ["认定类别", "Record a category"],
        fields: &["category", "from", "reason"],
        more: &["end", "grade"],
        group: Some(Group::Record),
        ..PLAIN
    },
    Task {
        word: "category-end",
        verb: "category end",
        name: ["终止类别", "End a category"],
        fields: &["category", "on", "reason"],
        more: &["source"],
        group: Some(Group::Record),
        ..PLAIN
    },
    Task {
        word: "document",
        verb: "person document",
        name: ["更换证件", "Another document"],
        fields: &["number", "document", "valid_until", "reason"],
        group: Some(Group::Record),
        ..PLAIN
    },
    Task {
        word: "view",
        verb: "person view",
        name: ["查看完整信息", "See the full record"],
        fields: &["reason"],
        group: Some(Group::Record),
        ..PLAIN
    },
    Task {
        word: "approve", verb: "proposal approve", name: ["复核通过", "Approve"], about: Some("proposal"), ..PLAIN
    },
    Task {
        word: "refuse",
        verb: "proposal refuse",
        name: ["不予通过", "Refuse"],
        about: Some("proposal"),
        fields: &["reason"],
        ..PLAIN
    },
];

/// The task of a word.
pub fn named(word: &str) -> Option<&'static Task> {
    TASKS.iter().find(|task| task.word == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use books::Command;

    #[test]
    fn every_task_asks_for_fields_that_its_command_has_and_for_all_that_must_be_given() {
        for task in TASKS {
            let command = Command::named(task.verb).unwrap();
            let set = task.set.iter().map(|(name, _)| *name);
            let asked: Vec<&str> = task.fields.iter().chain(task.more).copied().chain(set).chain(task.about).collect();
            for name in &asked {
                assert!(command.fields.iter().any(|field| field.name == *name), "{}: {name}", task.word);
                assert_eq!(asked.iter().filter(|known| known == &name).count(), 1, "{}: {name}", task.word);
            }
            for field in command.fields.iter().filter(|field| field.required) {
                assert!(asked.contains(&field.name), "{}: {} is not asked for", task.word, field.name);
            }
        }
    }
}
