//! How a notice stands on a day, and when it ends.

use domain::Date;

use crate::library::Library;
use crate::notice::{Adoption, Notice, NoticeKind};
use crate::terms::View;

/// The first day a notice no longer holds, by its own terms or by repeal.
pub fn notice_end(library: &Library, notice: &Notice) -> Option<Date> {
    let region = library.regions.get(&notice.region)?;
    let view = View { drafts: vec![notice.id.clone()], ..View::default() };
    library.folded(region, &view).into_iter().find(|(folded, _)| folded.id == notice.id)?.1
}

domain::vocabulary! {
    /// How a notice stands on a day.
    Status {
        InForce = "in-force", "施行中", "in force";
        Adopted = "adopted", "草案已通过", "adopted";
        NotYet = "not-yet", "尚未施行", "not yet in force";
        Expired = "expired", "有效期满", "expired";
        Repealed = "repealed", "已废止", "repealed";
        Draft = "draft", "征求意见稿", "draft";
        Supplement = "supplement", "补充数字", "supplement";
        Frame = "frame", "全国框架", "frame";
    }
}

impl Status {
    /// Of a notice that ends on a day, if it ends.
    pub fn of(library: &Library, notice: &Notice, end: Option<Date>, day: Date) -> Status {
        let adopted = |a: &Adoption| a.notice == notice.id && a.on <= day;
        match notice.kind {
            NoticeKind::Supplement => Status::Supplement,
            NoticeKind::Frame => Status::Frame,
            NoticeKind::Draft if !library.adoptions.iter().any(adopted) => Status::Draft,
            _ if end.is_some_and(|end| end <= day) && end == notice.expires => Status::Expired,
            _ if end.is_some_and(|end| end <= day) => Status::Repealed,
            _ if notice.effective > day => Status::NotYet,
            NoticeKind::Draft => Status::Adopted,
            NoticeKind::Notice | NoticeKind::Overlay => Status::InForce,
        }
    }
}
