//! The exchange: one message that is handshake, push and pull at once (sections 8 and 9).
//!
//! A body is lines. Line 1 is the control object; in a request the lines of each changeset follow (header, then one line a
//! save), then witness rows; in an answer the lines of each area page (a row's text, or a bare id string: an eviction).
//! Exact bytes survive, nothing is escaped twice, and a body can be read with `less`.

mod answer;
mod body;
mod cursor;
mod directory;
mod request;

pub use answer::{Answer, AreaPage, Decision, HealAsk, HealSums, PageLine, Pull, Received, VerdictRange, WriterState};
pub use body::{BadBody, Refusal, control_body};
pub use cursor::{Cursor, Salt, ScopeStamp};
pub use directory::{AreaLevel, AreaNode, Directory, FormVersion, PackageHash, PackagePart, Round};
pub use request::{Incoming, Life, Lines, Push, Request};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changeset::{ChangesetHash, SignatureBytes};
    use crate::ids::{AreaId, WriterId};
    use crate::limits;
    use crate::verdict::{Code, Verdict};
    use crate::version::Window;

    const WRITER: WriterId = WriterId::from_u128(7);

    fn request(push: Vec<Push>) -> Request {
        Request {
            applied: 0,
            budget: None,
            cursors: vec![],
            decided: vec![],
            directory: None,
            heal: vec![],
            last: None,
            lives: vec![],
            minted: vec![],
            missing: vec![],
            protocol: Window::OURS,
            push,
            scope: None,
            witness: 0,
            writer: WRITER,
        }
    }

    fn push(saves: &[usize]) -> Vec<Push> {
        let sealed = saves.iter().map(|n| (SignatureBytes([1; 64]), *n)).collect();
        vec![Push { after: ChangesetHash::NONE, sealed, writer: WRITER }]
    }

    #[test]
    fn lines_find_their_changeset() {
        let body = control_body(&request(push(&[2, 1]))) + "h1\na\nb\nh2\nc\n";
        let incoming = Incoming::parse(body.as_bytes()).expect("a request");
        let found: Vec<(&str, &[&str])> =
            incoming.changesets().map(|(_, _, l)| (l.header, incoming.saves(l))).collect();
        assert_eq!(found, [("h1", &["a", "b"][..]), ("h2", &["c"][..])]);
    }

    #[test]
    fn a_body_cut_anywhere_is_refused_whole() {
        let body = control_body(&request(push(&[2]))) + "h1\na\nb\n";
        for cut in 0..body.len() {
            assert!(Incoming::parse(&body.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Incoming::parse(body.as_bytes()).is_ok());
        assert!(Incoming::parse((body + "more\n").as_bytes()).is_err());
    }

    #[test]
    fn bounds_and_text_are_checked() {
        let too_many = control_body(&request(push(&[limits::SAVES_MAX + 1])));
        assert!(matches!(Incoming::parse(too_many.as_bytes()), Err(BadBody::TooMuch { .. })));
        let empty = control_body(&request(push(&[0]))) + "h\n";
        assert!(Incoming::parse(empty.as_bytes()).is_err());
        assert_eq!(Incoming::parse(b"\xff\n").expect_err("not text"), BadBody::NotText);
        assert!(matches!(Incoming::parse(b"{}\n"), Err(BadBody::Control(_))));
    }

    #[test]
    fn a_verdict_range_reads_back() {
        for range in [
            VerdictRange { first: 1, last: 9, verdict: Verdict::Applied },
            VerdictRange { first: 2, last: 2, verdict: Verdict::Quarantined(Code::NotGranted) },
        ] {
            let text = serde_json::to_string(&range).expect("JSON");
            assert_eq!(serde_json::from_str::<VerdictRange>(&text).expect("reads"), range);
        }
        assert!(serde_json::from_str::<VerdictRange>(r#"[1,2,"quarantined"]"#).is_err());
    }

    #[test]
    fn the_scope_stamp_does_not_depend_on_order_nor_on_areas_without_history() {
        let [a, b, c] = [1, 2, 3].map(AreaId::from_u128);
        let one = ScopeStamp::over([(a, 1, Salt(5)), (b, 2, Salt(6)), (c, 0, Salt(0))]);
        assert_eq!(one, ScopeStamp::over([(b, 2, Salt(6)), (a, 1, Salt(5))]));
        assert_ne!(one, ScopeStamp::over([(b, 2, Salt(7)), (a, 1, Salt(5))]));
    }
}
