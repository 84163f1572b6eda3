//! What can be wrong beside what the form itself says, in words of both languages.

use questionnaire::interview::Rule;
use sync_protocol::RecordId;

use crate::store::findings::{Finding, Kind};

/// A rule and what to say where it is broken.
pub(super) struct Wording {
    pub(super) rule: &'static str,
    /// In Bahasa Indonesia and in English.
    pub(super) message: [String; 2],
}

fn wording(rule: &'static str, id: &str, en: &str) -> Wording {
    Wording { rule, message: [id.to_owned(), en.to_owned()] }
}

/// Nobody added the form that the visit was made with.
pub(super) fn unknown_form() -> Wording {
    let id = "Kuesioner kunjungan ini tidak dikenal di server. Tambahkan versi itu, lalu kunjungan diperiksa.";
    let en = "The server does not know the form of this visit. Add that version, and the visit is checked.";
    wording("unknown_form", id, en)
}

/// The answers are no answers.
pub(super) fn unreadable() -> Wording {
    let id = "Jawaban kunjungan ini tidak ada atau rusak.";
    let en = "The answers of this visit are missing or damaged.";
    wording("unreadable", id, en)
}

/// The engine failed at it.
pub(super) fn unchecked(root: RecordId) -> Finding {
    let id = "Rumah tangga ini tidak dapat diperiksa oleh server; lihat catatan server.";
    let en = "The server failed to check this household; its log says where.";
    let Wording { rule, message } = wording("unchecked", id, en);
    Finding {
        root,
        record: root,
        kind: Kind::Household,
        path: String::new(),
        rule: rule.to_owned(),
        package: String::new(),
        label: Default::default(),
        message,
        sources: vec![],
        since: 0,
    }
}

/// The rule's word in SQL and JSON.
pub(super) fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::Kind => "kind",
        Rule::Constraint => "constraint",
        Rule::Required => "required",
        Rule::Warning => "warning",
        Rule::Choice => "choice",
        Rule::Skipped => "skipped",
        Rule::Unknown => "unknown",
        Rule::Calculation => "calculation",
    }
}
