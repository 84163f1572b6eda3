//! Names for what stands in records: registers, outcomes, statuses, levels of areas, and why a save was not merged.

use sync_protocol::exchange::AreaLevel;
use sync_protocol::{Code, Collection};

use crate::paper::Language;
use crate::words::Word;

/// Registers with a name of their own; any other is called as it is stored.
const REGISTERS: &[(&str, &str, &str)] = &[
    ("address", "Alamat", "Address"),
    ("birth_date", "Tanggal lahir", "Birth date"),
    ("birth_place", "Tempat lahir", "Birth place"),
    ("card_number", "Nomor KK", "Family-card number"),
    ("decile", "Desil", "Decile"),
    ("ended_at", "Selesai", "Ended"),
    ("form", "Kuesioner", "Questionnaire"),
    ("head_name", "Kepala keluarga", "Head"),
    ("head_nik", "NIK kepala keluarga", "Head's NIK"),
    ("language", "Bahasa", "Language"),
    ("name", "Nama", "Name"),
    ("nik", "NIK", "NIK"),
    ("note", "Catatan", "Note"),
    ("outcome", "Hasil kunjungan", "Outcome"),
    ("phone", "Telepon", "Phone"),
    ("position", "Posisi", "Position"),
    ("reasons", "Alasan", "Reasons"),
    ("relation", "Hubungan", "Relation"),
    ("round", "Putaran", "Round"),
    ("rt", "RT", "RT"),
    ("rw", "RW", "RW"),
    ("sex", "Jenis kelamin", "Sex"),
    ("started_at", "Mulai", "Started"),
    ("status", "Status", "Status"),
];

/// What a register is called.
pub(crate) fn register(language: Language, name: &str) -> &str {
    match REGISTERS.iter().find(|register| register.0 == name) {
        Some((_, id, en)) => pick(language, id, en),
        None => name,
    }
}

/// Outcomes of the bundled questionnaire.
const OUTCOMES: [(&str, Word); 8] = [
    ("complete", Word::OutcomeComplete),
    ("partial", Word::OutcomePartial),
    ("no_respondent", Word::OutcomeNoRespondent),
    ("refused", Word::OutcomeRefused),
    ("moved_or_demolished", Word::OutcomeMovedOrDemolished),
    ("not_found", Word::OutcomeNotFound),
    ("part_of_another_household", Word::OutcomePartOfAnotherHousehold),
    ("duplicate", Word::OutcomeDuplicate),
];

/// What the outcome of a visit is called; one that this program does not know, by its code.
pub(crate) fn outcome(language: Language, code: &str) -> &str {
    match OUTCOMES.iter().find(|outcome| outcome.0 == code) {
        Some((_, word)) => word.text(language),
        None => code,
    }
}

/// What a household's status is called.
pub(crate) fn status(language: Language, code: &str) -> &str {
    match code {
        "verified" => Word::StatusVerified.text(language),
        "added" => Word::StatusAdded.text(language),
        "to_visit_again" => Word::StatusToVisitAgain.text(language),
        "moved" => Word::StatusMoved.text(language),
        "not_found" => Word::OutcomeNotFound.text(language),
        "duplicate" => Word::OutcomeDuplicate.text(language),
        other => other,
    }
}

/// What a kind of record is called.
pub(crate) fn collection(language: Language, collection: Collection) -> &'static str {
    match collection {
        Collection::Household => Word::Household,
        Collection::Family => Word::Family,
        Collection::Person => Word::Person,
        Collection::Visit => Word::Visit,
    }
    .text(language)
}

/// What a level of the administrative tree is called.
pub(crate) fn level(language: Language, level: AreaLevel) -> &'static str {
    match level {
        AreaLevel::Province => pick(language, "provinsi", "province"),
        AreaLevel::Regency => pick(language, "kabupaten/kota", "regency"),
        AreaLevel::District => pick(language, "kecamatan", "district"),
        AreaLevel::Village => pick(language, "kelurahan/desa", "village"),
        AreaLevel::Rw => "RW",
        AreaLevel::Rt => "RT",
    }
}

/// Why a save was not merged, in one sentence.
pub(crate) fn reason(language: Language, code: Code) -> &'static str {
    let id = match code {
        Code::BadSignature => "tanda tangan tidak cocok dengan penulis dan isinya.",
        Code::BadHeader => "kepalanya bukan kepala dari protokol ini, atau bertentangan dengan isinya.",
        Code::UnknownWriter => "penulisnya tidak terdaftar di server ini.",
        Code::Fork => "nomor yang sama sudah dipakai simpanan lain dari penulis ini.",
        Code::NotCanonical => "isinya bukan JSON baku.",
        Code::Malformed => "bentuknya bukan bentuk simpanan.",
        Code::BadName => "ada isian dengan nama yang tidak diizinkan.",
        Code::BadContext => "mengaku sudah melihat yang belum mungkin terlihat.",
        Code::TooLarge => "melewati batas ukuran.",
        Code::UnknownArea => "menyebut wilayah yang tidak ada.",
        Code::UnknownParent => "menyebut rumah tangga yang tidak ada di server.",
        Code::WrongCollection => "data itu ada sebagai jenis lain.",
        Code::NotGranted => "penulisnya waktu itu tidak bertugas di wilayah data ini.",
        Code::WrongAuthor => "penulisnya bukan orang yang didaftarkan pada perangkat ini.",
        Code::Stolen => "perangkat ini sudah dilaporkan hilang sebelum simpanan diterima.",
        Code::Repeated => "simpanan yang sama sudah diterima dengan nama penulis lain dari perangkat ini.",
        Code::Crashed => "server gagal mengolahnya dan menyimpannya untuk diperiksa.",
    };
    pick(language, id, code.sentence())
}

/// What to do about a save with this verdict.
pub(crate) fn advice(verdict: &str) -> Word {
    match verdict {
        "quarantined" => Word::AdviceQuarantined,
        "rejected" => Word::AdviceRejected,
        "parked" => Word::AdviceParked,
        _ => Word::AdviceRefused,
    }
}

fn pick<'a>(language: Language, id: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Id => id,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_a_sentence_in_both_languages() {
        for code in Code::ALL {
            let [id, en] = [Language::Id, Language::En].map(|language| reason(language, *code));
            assert!(id.ends_with('.') && en.ends_with('.') && id != en, "{code:?}");
        }
    }

    #[test]
    fn registers_are_listed_once_in_order() {
        assert!(REGISTERS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(register(Language::Id, "phone"), "Telepon");
        assert_eq!(register(Language::En, "h301a"), "h301a");
    }

    #[test]
    fn a_code_that_nobody_knows_is_called_by_itself() {
        assert_eq!((outcome(Language::Id, "refused"), outcome(Language::Id, "flooded")), ("menolak", "flooded"));
        assert_eq!((status(Language::En, "moved"), status(Language::En, "flooded")), ("moved", "flooded"));
    }
}
