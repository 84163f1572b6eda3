//! Everything this program says, in one table by language. `{name}` is a part that the caller fills in.

use std::fmt::Display;

use crate::paper::Language;

macro_rules! words {
    ($($word:ident: $id:literal, $en:literal;)*) => {
        /// One thing to say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Word { $($word,)* }

        impl Word {
            #[cfg(test)]
            pub(crate) const ALL: &[Word] = &[$(Word::$word,)*];

            /// In a language, parts not filled in.
            pub(crate) const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Word::$word, Language::Id) => $id, (Word::$word, Language::En) => $en,)*
                }
            }
        }
    };
}

words! {
    // What went wrong: what happened, what is safe, what to do now.
    Offline:
        "Server tidak terjangkau. Yang sudah disimpan aman di perangkat ini. Coba lagi bila ada jaringan.",
        "The server cannot be reached. What was saved is safe on this device. Try again when there is a network.";
    SignInAgain:
        "Sesi perangkat ini sudah berakhir. Yang sudah disimpan aman di perangkat ini. Minta kode baru ke kantor, lalu jalankan: tilik enrol",
        "This device's session has ended. What was saved is safe on this device. Ask the office for a new code, then run: tilik enrol";
    NotEnrolled:
        "Perangkat ini belum terdaftar. Minta kode ke kantor, lalu jalankan: tilik enrol https://alamat-server",
        "This device is not enrolled yet. Ask the office for a code, then run: tilik enrol https://server-address";
    DeviceFull:
        "Ruang penyimpanan penuh; yang terakhir belum tersimpan. Kosongkan ruang, lalu ulangi.",
        "There is no room left; the last step was not saved. Free some room and repeat it.";
    AppTooOld:
        "Program ini terlalu lama. Yang sudah disimpan aman. Pasang versi terbaru, lalu ulangi.",
        "This program is too old. What was saved is safe. Install the newer one and repeat.";
    FileDamaged:
        "Berkas data rusak. Jangan dihapus; hubungi kantor. Yang sudah terkirim aman di server.",
        "The data file is damaged. Do not delete it; ask the office. What was sent is safe on the server.";
    WrongKey:
        "Kunci tidak cocok dengan berkas data ini. Tidak ada yang diubah. Kembalikan berkas kunci yang benar.",
        "The key does not open this data file. Nothing was changed. Put the right key file back.";
    InUse:
        "Berkas data sedang dipakai program lain. Tidak ada yang diubah. Tutup program itu, lalu ulangi.",
        "Another program is using the data file. Nothing was changed. Close it and repeat.";
    Busy:
        "Server sedang sibuk. Yang sudah disimpan aman di perangkat ini. Coba lagi sebentar lagi.",
        "The server is busy. What was saved is safe on this device. Try again in a moment.";
    BusyFor:
        "Server sedang sibuk. Yang sudah disimpan aman di perangkat ini. Coba lagi setelah {seconds} detik.",
        "The server is busy. What was saved is safe on this device. Try again after {seconds} seconds.";
    Refused:
        "Server menolak ({code}): {message} Yang sudah disimpan aman di perangkat ini.",
        "The server refused ({code}): {message} What was saved is safe on this device.";
    BadAnswer:
        "Jawaban server tidak dapat dipakai ({why}). Yang sudah disimpan aman. Coba lagi; bila terulang, hubungi kantor.",
        "The server's answer cannot be used ({why}). What was saved is safe. Try again; if it repeats, ask the office.";
    BadInput:
        "Tidak disimpan: {why}.",
        "Not saved: {why}.";
    NotFound:
        "Tidak ada di perangkat ini ({what}).",
        "There is no such {what} on this device.";
    StoreFailed:
        "Berkas data tidak dapat dipakai. Tidak ada yang dihapus. Ulangi; bila terulang, hubungi kantor.",
        "The data file could not be used. Nothing was deleted. Repeat; if it happens again, ask the office.";
    KeyMissing:
        "Berkas kunci tidak ada di samping berkas data. Tidak ada yang diubah. Kembalikan tilik.key, atau hubungi kantor.",
        "The key file is missing beside the data file. Nothing was changed. Put tilik.key back, or ask the office.";
    KeyDamaged:
        "Berkas kunci rusak. Tidak ada yang diubah. Kembalikan tilik.key yang benar, atau hubungi kantor.",
        "The key file is damaged. Nothing was changed. Put the right tilik.key back, or ask the office.";
    KeyExposed:
        "Berkas kunci dapat dibaca orang lain, maka tidak dipakai. Jalankan: chmod 600 {path}",
        "Others can read the key file, so it is not used. Run: chmod 600 {path}";
    FolderFailed:
        "Folder data tidak dapat dipakai ({why}). Periksa izinnya, atau pilih yang lain dengan --data.",
        "The data folder cannot be used ({why}). Check its permissions, or choose another one with --data.";
    NotAnAddress:
        "Alamat server ditulis seperti https://tilik.contoh.go.id.",
        "A server's address looks like https://tilik.example.go.id.";
    Unprotected:
        "Tanpa https, data warga dapat dibaca orang di jalan. Pakai alamat https://.",
        "Without https anybody on the way could read households' data. Use an https:// address.";
    OtherServer:
        "Folder ini milik server {server}. Satu folder untuk satu orang di satu server; pilih folder lain dengan --data.",
        "This folder belongs to the server {server}. One folder is for one person at one server; choose another with --data.";
    NoSuchArea:
        "Tidak ada wilayah \"{named}\" di perangkat ini. Lihat: tilik areas",
        "There is no area \"{named}\" on this device. See: tilik areas";
    NoSuchRecord:
        "Tidak ada data dengan nomor \"{named}\" di perangkat ini. Lihat: tilik list",
        "There is no record \"{named}\" on this device. See: tilik list";
    Ambiguous:
        "\"{named}\" dapat berarti beberapa: {among}. Tulis lebih lengkap.",
        "\"{named}\" may mean several: {among}. Write more of it.";
    NotAnAssignment:
        "\"{line}\" bukan isian. Tulis nama=nilai, atau nama:=JSON.",
        "\"{line}\" is no assignment. Write name=value, or name:=JSON.";
    UndecidedConflict:
        "Belum disimpan: isian ini punya beberapa nilai. Draf {draft} menyimpan pekerjaan Anda. Untuk memutuskan, jalankan: tilik draft resume {draft} --settle",
        "Not saved yet: these registers hold several values. Draft {draft} keeps your work. To decide, run: tilik draft resume {draft} --settle";
    NoOutcome:
        "Hasil kunjungan belum disebut. Tambahkan --outcome, atau --draft untuk menyimpan sebagai draf.",
        "The outcome of the visit is missing. Add --outcome, or --draft to keep a draft.";
    NoNote:
        "Hasil selain \"lengkap\" perlu catatan. Tambahkan --note.",
        "An outcome other than \"complete\" needs a note. Add --note.";
    NoCode:
        "Kode dari kantor belum ada. Jalankan di terminal, atau pakai --code-file.",
        "The code from the office is missing. Run this in a terminal, or use --code-file.";
    NoDataFolder:
        "Folder data tidak diketahui. Sebutkan dengan --data.",
        "There is no folder for the data. Name one with --data.";
    DiscardUnasked:
        "Draf tidak dibuang tanpa persetujuan. Jalankan di terminal, atau tambahkan --yes.",
        "A draft is not thrown away unasked. Run this in a terminal, or add --yes.";
    InputFailed:
        "Masukan tidak dapat dibaca ({why}).",
        "The input could not be read ({why}).";
    OutputFailed:
        "Keluaran tidak dapat ditulis ({why}).",
        "The output could not be written ({why}).";

    // What was done.
    SavedHere:
        "Tersimpan di perangkat ini. Belum terkirim.",
        "Saved on this device. Not sent yet.";
    SavedNumber:
        "Simpanan nomor {number}.",
        "Save number {number}.";
    DraftKept:
        "Draf {draft} tersimpan di perangkat ini. Lanjutkan dengan: tilik draft resume {draft}",
        "Draft {draft} is kept on this device. Go on with: tilik draft resume {draft}";
    DraftDiscarded:
        "Draf {draft} dibuang.",
        "Draft {draft} was thrown away.";
    DraftStays:
        "Draf {draft} tetap ada.",
        "Draft {draft} stays.";
    DraftOutdated:
        "Nilai yang lebih baru sudah masuk sejak draf ini dibuka. Draf disimpan menurut yang Anda lihat waktu itu; bila berbeda, keduanya akan berdampingan.",
        "Newer values have come since this draft was opened. It is saved by what you saw then; where values differ, both will stand beside each other.";
    DraftRefreshed:
        "Nilai yang lebih baru sudah masuk; ini keadaannya sekarang. Isian Anda tetap ada.",
        "Newer values have come; this is how it stands now. What you typed stays.";
    Enrolled:
        "Perangkat terdaftar untuk {person}, {project}. Lanjutkan dengan: tilik sync",
        "The device is enrolled for {person}, {project}. Go on with: tilik sync";
    SyncNothing:
        "Semua sudah sama dengan server.",
        "Everything is the same as on the server.";
    SyncDone:
        "Selesai. Terkirim: {sent} simpanan. Diterima: {received} perubahan.",
        "Done. Sent: {sent} saves. Received: {received} changes.";
    SyncConflicts:
        "{n} simpanan bertemu nilai lain; keduanya ada. Lihat: tilik conflicts",
        "{n} saves met another value; both stand. See: tilik conflicts";
    SyncAttention:
        "{n} simpanan perlu perhatian. Lihat: tilik status",
        "{n} saves need attention. See: tilik status";
    SyncEvicted:
        "{n} data keluar dari wilayah perangkat ini.",
        "{n} records left this device's areas.";
    SyncMismatched:
        "{n} wilayah belum sama dengan server walau sudah ditarik ulang. Pekerjaan dapat diteruskan; beri tahu kantor.",
        "{n} areas differ from the server although they were pulled again. Work can go on; tell the office.";
    SyncUpgrade:
        "Yang disimpan sudah terkirim. Untuk menerima data baru, pasang versi program terbaru.",
        "What was saved has been sent. To receive new data, install the newer program.";
    SyncRewound:
        "Yang disimpan sudah terkirim. Server dipulihkan dari cadangan dan belum mengenal perangkat ini; beri tahu kantor.",
        "What was saved has been sent. The server was restored from a backup and does not know this device yet; tell the office.";
    SyncBytes:
        "{up} byte naik, {down} byte turun, {requests} permintaan.",
        "{up} bytes up, {down} bytes down, {requests} requests.";

    // What is asked.
    AskCode: "Kode dari kantor:", "Code from the office:";
    AskRegister: "nama=nilai (kosong bila selesai):", "name=value (empty when done):";
    AskOutcome: "Hasil kunjungan (nomor):", "Outcome of the visit (number):";
    AskNote: "Catatan:", "Note:";
    AskSave: "Simpan sekarang?", "Save now?";
    AskSettle: "Simpan, dan dengan itu putuskan nilai yang berbeda?", "Save, and so decide between the values?";
    AskDiscard: "Buang draf {draft} dengan {n} isian?", "Throw away draft {draft} with {n} registers typed?";
    YesOrNo: "y/t", "y/n";
    OneOfThem: "Tulis nomor 1 sampai {n}.", "Write a number from 1 to {n}.";

    // Headings and names.
    Number: "Nomor", "Id";
    Name: "Nama", "Name";
    Code: "Kode", "Code";
    Level: "Tingkat", "Level";
    Households: "Rumah tangga", "Households";
    Address: "Alamat", "Address";
    Status: "Status", "Status";
    OutcomeHeading: "Hasil", "Outcome";
    Marks: "Tanda", "Marks";
    Register: "Isian", "Register";
    Verified: "Hasil verifikasi", "Verified";
    Imported: "Dari daftar awal", "Imported";
    WhoAndWhen: "Oleh, waktu", "By, when";
    Typed: "Diketik", "Typed";
    ShownThen: "Yang terlihat", "Shown";
    DraftHeading: "Draf", "Draft";
    Changed: "Diubah", "Changed";
    Record: "Data", "Record";
    Values: "Nilai", "Values";
    Household: "Rumah tangga", "Household";
    Family: "Keluarga", "Family";
    Person: "Anggota", "Member";
    Visit: "Kunjungan", "Visit";
    NewRecord: "baru", "new";
    Deleted: "dihapus", "deleted";
    UnsentMark: "belum terkirim", "not sent";
    ConflictMark: "beda nilai", "conflict";
    GrantedMark: "wilayah tugas", "yours";
    Yes: "ya", "yes";
    No: "tidak", "no";
    Somebody: "tidak dikenal", "unknown";
    Nothing: "Tidak ada.", "Nothing.";
    NoHouseholds: "Tidak ada rumah tangga yang cocok.", "No household fits.";
    MorePages: "Masih ada lagi: --page {page}", "There is more: --page {page}";
    NoConflicts: "Tidak ada nilai yang berbeda.", "There are no conflicts.";
    NoDrafts: "Tidak ada draf.", "There are no drafts.";

    // Status.
    StatusPerson: "{person} · {project} · {server}", "{person} · {project} · {server}";
    StatusRound: "Putaran: {name} ({from} – {to})", "Round: {name} ({from} – {to})";
    StatusRoundOpen: "seterusnya", "open";
    StatusHouseholds: "Rumah tangga: {n}, sudah dikunjungi: {done}", "Households: {n}, visited: {done}";
    StatusDrafts: "Draf belum disimpan: {n}", "Drafts not saved: {n}";
    StatusUnsent: "Tersimpan di perangkat ini, belum terkirim: {n}", "Saved on this device, not sent yet: {n}";
    StatusAllSent: "Semua simpanan sudah terkirim ({n}).", "Every save has been sent ({n}).";
    StatusConflicts: "Beda nilai: {n}", "Conflicts: {n}";
    StatusSynced: "Sinkron terakhir: {when} {zone}", "Last sync: {when} {zone}";
    StatusNeverSynced: "Belum pernah sinkron. Jalankan: tilik sync", "Never synced. Run: tilik sync";
    StatusClock:
        "Jam perangkat ini berbeda {minutes} menit dari server. Perbaiki jamnya; simpanan tetap aman.",
        "This device's clock is {minutes} minutes off the server's. Put it right; saves are safe all the same.";
    StatusAttention: "Perlu perhatian:", "Needs attention:";
    AttentionLine: "Simpanan {range}: {sentence} {advice}", "Save {range}: {sentence} {advice}";
    AdviceRefused:
        "Simpanan ini tetap di perangkat; jangan hapus foldernya, hubungi kantor.",
        "It stays on this device; do not delete the folder, ask the office.";
    AdviceQuarantined:
        "Simpanan ini aman di server dan menunggu kantor; tidak perlu diisi ulang.",
        "It is safe on the server and waits for the office; it need not be written again.";
    AdviceRejected:
        "Kantor memutuskan tidak memakainya; tanyakan ke kantor sebelum mengisi ulang.",
        "The office decided against it; ask the office before writing it again.";
    AdviceParked:
        "Simpanan ini aman di server; tidak ada yang perlu dilakukan.",
        "It is safe on the server; there is nothing to do.";
    SentenceParked: "menunggu simpanan lain yang menjadi dasarnya.", "It waits for something that it stands on.";

    // Outcomes of visits and statuses of households.
    OutcomeComplete: "lengkap", "complete";
    OutcomePartial: "terisi sebagian", "partial";
    OutcomeNoRespondent: "tidak ada responden", "no respondent";
    OutcomeRefused: "menolak", "refused";
    OutcomeMovedOrDemolished: "pindah atau bangunan tidak ada", "moved or demolished";
    OutcomeNotFound: "tidak ditemukan", "not found";
    OutcomePartOfAnotherHousehold: "bagian dari rumah tangga lain", "part of another household";
    OutcomeDuplicate: "ganda", "duplicate";
    StatusVerified: "terverifikasi", "verified";
    StatusAdded: "tambahan", "added";
    StatusToVisitAgain: "dikunjungi lagi", "to visit again";
    StatusMoved: "pindah", "moved";
}

impl Word {
    /// In a language, with its parts.
    pub(crate) fn filled(self, language: Language, parts: &[(&str, &dyn Display)]) -> String {
        let mut said = String::new();
        let mut rest = self.text(language);
        // One pass: what is filled in may itself hold braces.
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            if let Some((_, part)) = parts.iter().find(|(part, _)| *part == name) {
                said.push_str(&part.to_string());
            }
            rest = after;
        }
        said.push_str(rest);
        said
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn parts_of(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn every_word_is_there_in_both_languages_with_the_same_parts() {
        for word in Word::ALL {
            let [id, en] = [Language::Id, Language::En].map(|language| word.text(language));
            assert!(!id.trim().is_empty() && !en.trim().is_empty(), "{word:?}");
            assert_eq!(parts_of(id), parts_of(en), "{word:?}");
            assert_eq!(id.matches('{').count(), id.matches('}').count(), "{word:?}");
            let ends_like_a_sentence = |text: &str| text.ends_with('.');
            assert_eq!(ends_like_a_sentence(id), ends_like_a_sentence(en), "{word:?}");
        }
    }

    #[test]
    fn parts_are_filled_in_once() {
        let said = Word::NotAnAssignment.filled(Language::En, &[("line", &"{line} {x}")]);
        assert_eq!(said, "\"{line} {x}\" is no assignment. Write name=value, or name:=JSON.");
    }
}
