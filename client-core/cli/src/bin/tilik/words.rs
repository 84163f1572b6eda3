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
        "Berkas data rusak. Jangan hapus apa pun. Jalankan: tilik doctor. Bila tetap, bawa tilik.db.outbox dari folder yang sama ke kantor: semua simpanan ada di dalamnya.",
        "The data file is damaged. Delete nothing. Run: tilik doctor. If it stays so, bring tilik.db.outbox of the same folder to the office: it holds every save.";
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
        "Berkas kunci tidak ada di samping berkas data. Tidak ada yang diubah. Kembalikan tilik.key, atau bawa tilik.db.outbox ke kantor: semua yang pernah disimpan ada di dalamnya.",
        "The key file is missing beside the data file. Nothing was changed. Put tilik.key back, or bring tilik.db.outbox to the office: it holds all that was ever saved.";
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
    NoForms:
        "Belum ada kuesioner untuk wilayah ini di perangkat ini. Jalankan: tilik sync",
        "There is no questionnaire for this area on this device yet. Run: tilik sync";
    NoSuchForm:
        "Sebutkan kuesionernya dengan --form. Yang ada: {here}",
        "Name the questionnaire with --form. There are: {here}";
    NotAnswers:
        "Berkas jawaban bukan objek JSON.",
        "The file of answers is no JSON object.";
    NotAFile:
        "Berkas untuk {question} bukan foto, rusak, kosong atau terlalu besar. Jawaban lain tersimpan dalam draf.",
        "The file for {question} is no photo, damaged, empty or too large. The other answers are kept in the draft.";
    DraftIsAVisit:
        "Draf ini wawancara; lanjutkan dan selesaikan dengan: tilik visit --draft",
        "This draft is an interview; go on and finish it with: tilik visit --draft";
    DecideUnasked:
        "Ini tidak dilakukan tanpa persetujuan. Jalankan di terminal, atau tambahkan --yes.",
        "This is not done unasked. Run it in a terminal, or add --yes.";
    NoCode:
        "Kode dari kantor belum ada. Jalankan di terminal, atau pakai --code-file.",
        "The code from the office is missing. Run this in a terminal, or use --code-file.";
    NoDataFolder:
        "Folder data tidak diketahui. Sebutkan dengan --data.",
        "There is no folder for the data. Name one with --data.";
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
        "Jawaban tersimpan di perangkat ini. Lanjutkan dengan: tilik visit --draft {draft}",
        "The answers are kept on this device. Go on with: tilik visit --draft {draft}";
    NotSavedYet:
        "Kunjungan belum disimpan; jawabannya aman di perangkat ini. Perbaiki dengan: tilik visit --draft {draft}",
        "The visit is not saved yet; its answers are safe on this device. Put it right with: tilik visit --draft {draft}";
    VisitGoesOn:
        "Kunjungan ke rumah tangga ini sudah dimulai (draf {draft}) dan dilanjutkan.",
        "A visit to this household is under way (draft {draft}) and goes on.";
    DraftDiscarded:
        "Draf {draft} dibuang.",
        "Draft {draft} was thrown away.";
    DraftStays:
        "Draf {draft} tetap ada.",
        "Draft {draft} stays.";
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
    SyncForms:
        "Kuesioner baru: {n}.",
        "New questionnaires: {n}.";
    SyncFormsMissing:
        "{n} kuesioner belum lengkap diterima; sinkron berikutnya melanjutkan.",
        "{n} questionnaires have not come whole yet; the next sync goes on.";
    SyncConflicts:
        "{n} simpanan bertemu nilai lain; keduanya ada. Lihat: tilik conflicts",
        "{n} saves met another value; both stand. See: tilik conflicts";
    SyncAttention:
        "{n} simpanan perlu perhatian. Lihat: tilik attention",
        "{n} saves need attention. See: tilik attention";
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
        "Server dipulihkan dari cadangan. Yang tersimpan di perangkat ini sudah dikirim ulang; data disamakan kembali.",
        "The server was restored from a backup. What this device holds was sent again, and the data is level again.";
    SalvagedAside:
        "Berkas data rusak. Berkas itu disisihkan dan tidak dihapus ({path}); berkas baru sudah dibuat.",
        "The data file was damaged. It was set aside and not deleted ({path}); a new one was made.";
    SalvagedGone:
        "Berkas data hilang; berkas baru sudah dibuat.",
        "The data file was gone; a new one was made.";
    SalvagedSafe:
        "Yang aman: {n} simpanan di tilik.db.outbox, dan foto. Isian yang belum disimpan tetap di berkas yang disisihkan.",
        "What is safe: {n} saves in tilik.db.outbox, and photos. What was typed and not saved stays in the file set aside.";
    SalvagedSync:
        "Sekarang jalankan: tilik sync (simpanan dikirim, data ditarik kembali). Perangkat tetap terdaftar.",
        "Now run: tilik sync (saves are sent, data is fetched again). The device is still enrolled.";
    SalvagedEnrol:
        "Sekarang minta kode baru ke kantor, jalankan: tilik enrol, lalu: tilik sync. Simpanan ikut terkirim.",
        "Now ask the office for a new code, run: tilik enrol, and then: tilik sync. The saves go with it.";
    SyncStrays:
        "{n} simpanan dari berkas yang rusak sudah sampai di server.",
        "{n} saves of the damaged file have reached the server.";
    SyncStraysRefused:
        "{n} simpanan dari berkas yang rusak tidak diterima begitu saja. Beri tahu kantor; jangan hapus tilik.db.outbox.",
        "{n} saves of the damaged file were not taken as they are. Tell the office; do not delete tilik.db.outbox.";
    DoctorSound:
        "Tidak ada yang salah.",
        "Nothing is wrong.";
    DoctorLooked:
        "Diperiksa: {rows} baris, {entries} bungkus simpanan di berkas outbox. Indeks pencarian {indexed} data dibuat ulang.",
        "Looked at: {rows} rows, {entries} changesets in the outbox file. The search words of {indexed} records were made anew.";
    DoctorNotEnrolled:
        "Perangkat ini belum terdaftar. Minta kode ke kantor, lalu jalankan: tilik enrol",
        "This device is not enrolled. Ask the office for a code, then run: tilik enrol";
    DoctorAdrift:
        "{n} simpanan dari berkas yang rusak belum sampai di server. Jalankan: tilik sync",
        "{n} saves of a damaged file have not reached the server yet. Run: tilik sync";
    DoctorRows:
        "{n} baris dari server rusak di perangkat ini. Jalankan: tilik sync (hanya baris itu yang ditarik lagi)",
        "{n} rows of the server are damaged on this device. Run: tilik sync (only these rows are fetched again)";
    DoctorUnreadable:
        "{n} data tidak dapat dibaca lagi. Jalankan: tilik sync; bila tetap, hubungi kantor",
        "{n} records cannot be read any more. Run: tilik sync; if it stays so, ask the office";
    DoctorTorn:
        "{n} byte di berkas outbox tidak dapat dibaca. Simpanan di berkas data utuh; jalankan: tilik sync",
        "{n} bytes of the outbox file cannot be read. The saves in the data file are whole; run: tilik sync";
    DoctorRoom:
        "Ruang penyimpanan hampir penuh: tinggal {n} MB. Kosongkan ruang.",
        "The disk is nearly full: {n} MB are left. Free some room.";
    DoctorClock:
        "Jam perangkat ini berbeda {minutes} menit dari server. Perbaiki jamnya.",
        "This device's clock is {minutes} minutes off the server's. Put it right.";
    DoctorLeftovers:
        "Sisa berkas setengah jadi dihapus: {n}.",
        "Halves of files removed: {n}.";
    DoctorAside:
        "Berkas rusak yang disisihkan: {name}. Simpan sampai semua simpanan terkirim.",
        "A damaged file that was set aside: {name}. Keep it until every save has been sent.";
    DoctorAsideDone:
        "Berkas rusak yang disisihkan: {name}. Semua simpanan sudah terkirim; boleh dihapus bila tidak ada isian di dalamnya yang masih dicari.",
        "A damaged file that was set aside: {name}. Every save has been sent; it may go if nothing that was typed into it is still looked for.";
    BundleWritten:
        "{n} bungkus simpanan dan {files} foto atau berkas ditulis ke {bundles} berkas; hanya server yang dapat membacanya. Bawa ke kantor.",
        "{n} changesets and {files} photos or files were written into {bundles} files; only the server can read them. Carry them to the office.";
    BundleReceived:
        "{n} simpanan dan {files} foto atau berkas sudah diterima server.",
        "{n} saves and {files} photos or files have arrived at the server.";
    BundleNoKey:
        "Perangkat ini belum menerima kunci server; sinkron sekali saat ada jaringan.",
        "This device does not have the server's key yet; sync once when there is a network.";
    BundleNoReceipt:
        "Berkas itu bukan tanda terima dari server.",
        "That file is no receipt of the server.";
    CarryListening:
        "Menunggu regu di {address}\nKode: {code}\nYang diterima dibawa ke server saat sinkron berikutnya; hanya server yang dapat membacanya. Akhiri dengan Ctrl-C.",
        "Waiting for the team at {address}\nCode: {code}\nWhat comes is brought to the server by the next sync; only the server can read it. End with Ctrl-C.";
    CarryTaken:
        "{n} bungkus diterima, {receipts} tanda terima diberikan.",
        "{n} parcels taken, {receipts} receipts given.";
    CarryGiven:
        "{n} dari {due} bungkus dititipkan. Semuanya tetap tersimpan di perangkat ini sampai server menerimanya.",
        "{n} of {due} parcels were given. All of it stays on this device until the server has it.";
    CarryWrongCode:
        "Kode salah, atau pembawa itu untuk server lain. Tidak ada yang dititipkan.",
        "The code is wrong, or that carrier is of another server. Nothing was given.";
    CarryBroke:
        "Sambungan dengan pembawa terputus. Yang tersimpan aman; ulangi perintah yang sama.",
        "The connection to the carrier broke. What was saved is safe; repeat the same command.";
    CarryStrange:
        "Di alamat itu bukan pembawa tilik.",
        "There is no tilik carrier at that address.";
    CarryGuessed:
        "Terlalu banyak kode salah. Mulai lagi untuk kode yang baru.",
        "Too many wrong codes. Start again for a new code.";
    SyncCarried:
        "{n} bungkus regu dibawa ke server, {left} belum diterimanya.",
        "{n} parcels of the team were brought to the server, {left} it has not taken.";
    SyncBytes:
        "{up} byte naik, {down} byte turun, {requests} permintaan.",
        "{up} bytes up, {down} bytes down, {requests} requests.";

    // What is asked.
    AskCode: "Kode dari kantor:", "Code from the office:";
    AskCarryCode: "Kode dari pembawa:", "Code from the carrier:";
    AskSave: "Simpan sekarang?", "Save now?";
    AskForm: "Kuesioner (nomor):", "Questionnaire (number):";
    AskFamily: "Keluarga (nomor):", "Family (number):";
    AskReason: "Alasan (kosong: perbaiki jawaban):", "Reason (empty: mend the answer):";
    MendOrClear: "   Tulis jawaban lain, atau :kosong.", "   Write another answer, or :clear.";
    AskAnother: "{label}: {n} baris. Tambah satu lagi? [y/t]", "{label}: {n} rows. One more? [y/n]";
    AskRemoveRow: "Hapus \"{label}\" dengan semua jawabannya?", "Remove \"{label}\" with all its answers?";
    AskSection: "Ke bagian (nomor, kosong: tetap di sini):", "To section (number, empty: stay here):";
    AskEnd: "Enter: periksa dan simpan kunjungan >", "Enter: check and save the visit >";
    AskProblem: "Ke (nomor) >", "To (number) >";
    AskDiscard: "Buang draf {draft} dengan {n} jawaban?", "Throw away draft {draft} with {n} answers?";
    YesOrNo: "y/t", "y/n";
    OneOfThem: "Tulis nomor 1 sampai {n}.", "Write a number from 1 to {n}.";

    // An interview.
    TalkBegins:
        "{title} ({version}), draf {draft}. Setiap jawaban langsung tersimpan; bila terputus, lanjutkan dengan: tilik visit --draft {draft}",
        "{title} ({version}), draft {draft}. Every answer is kept at once; if this ends early, go on with: tilik visit --draft {draft}";
    TalkKeys:
        "Enter benar/lanjut · < kembali · ? bantuan · :lompat · :bahasa · :keluar",
        "Enter right/next · < back · ? help · :jump · :language · :quit";
    TalkHelp:
        "Enter: data awal benar, atau lanjut. Nomor: pilihan; beberapa nomor bila boleh lebih dari satu. Kata: cari pilihan. < kembali. :kosong hapus jawaban. :tambah, :hapus baris. :lompat daftar bagian. :bahasa ganti bahasa. :selesai ke akhir. :keluar berhenti, jawaban tetap tersimpan. Jawaban yang diawali <, ?, : atau = ditulis dengan = di depannya.",
        "Enter: the prelist value is right, or go on. Number: a choice; several numbers where more than one is allowed. Word: look for a choice. < back. :clear takes the answer back. :add, :remove a row. :jump lists sections. :language switches. :end goes to the end. :quit stops, answers are kept. An answer that begins with <, ?, : or = is written with = before it.";
    Disputed: "Nilai berbeda dari beberapa orang; jawaban Anda memutuskan:", "Several people differ; your answer decides:";
    NewsLine: "  {record} {register}: {before} → {now}", "  {record} {register}: {before} → {now}";
    ListedLine: "Data awal: {value} ({source})  Enter: benar", "Prelist: {value} ({source})  Enter: right";
    ListedBeside: "Data awal: {value} ({source})", "Prelist: {value} ({source})";
    AnsweredLine: "Jawaban: {value}", "Answer: {value}";
    ReasonLine: "Alasan: {reason}", "Reason: {reason}";
    ProblemLine: "{label}: {message}", "{label}: {message}";
    NoSuchCommand: "Perintah tidak dikenal. ? untuk bantuan.", "Unknown command. ? for help.";
    NoSuchChoice: "Tidak ada pilihan dengan kata itu.", "No choice holds that word.";
    MoreChoices: "Masih ada pilihan lain; tulis sebagian katanya untuk mencari.", "There are more choices; write part of one to look for it.";
    TypeYes: "Tulis y bila benar.", "Write y if it is so.";
    TypePosition: "Tulis lintang dan bujur, lalu ketinggian dan ketelitian dalam meter bila ada: -1.6101 103.6131 0 5", "Write latitude and longitude, then height and accuracy in metres if known: -1.6101 103.6131 0 5";
    TypeDate: "Tulis tanggal: 17-8-2026 atau 2026-08-17", "Write a date: 17-8-2026 or 2026-08-17";
    TypeFile: "Tulis letak berkasnya, misalnya ~/Foto/depan.jpg", "Write where the file is, such as ~/Photos/front.jpg";
    FileTaken: "Berkas dilampirkan: {size}", "File attached: {size}";
    NoSuchFile: "Berkas itu tidak ada, tidak dapat dibaca, atau terlalu besar.", "There is no such file, or it cannot be read, or it is too large.";
    NotAnImage: "Itu bukan foto.", "That is no photo.";
    FileUnusable: "Berkas itu rusak, kosong atau terlalu besar.", "That file is damaged, empty or too large.";
    SyncFiles: "Berkas dan foto terkirim: {n}", "Files and photos sent: {n}";
    SyncFilesWaiting: "Berkas dan foto belum terkirim: {n}; sinkron berikutnya melanjutkan.", "Files and photos not sent yet: {n}; the next sync goes on.";
    SyncFilesLost: "Berkas dan foto hilang dari perangkat ini: {n}. Kantor sudah diberi tahu; hasil wawancaranya aman.", "Files and photos gone from this device: {n}. The office was told; the interviews are safe.";
    SyncFilesRefused: "Berkas dan foto ditolak server: {n}. Hubungi kantor; berkasnya tetap di perangkat ini.", "Files and photos that the server refused: {n}. Ask the office; they stay on this device.";
    StatusFiles: "Berkas dan foto belum terkirim: {n} ({kb} kB)", "Files and photos not sent yet: {n} ({kb} kB)";
    RowStays: "Di sini tidak ada baris yang dapat dihapus.", "There is no row here that can be removed.";
    RowsNowhere: "Di sini tidak ada daftar yang dapat ditambah.", "There is no list here that can grow.";
    ProblemsFound: "Belum dapat disimpan. Yang perlu dilihat:", "It cannot be saved yet. To be looked at:";
    MoreProblems: "     dan {n} lagi", "     and {n} more";
    SectionLine: "{label}  {answered}/{asked}", "{label}  {answered}/{asked}";
    SectionProblems: "! {n} perlu dilihat", "! {n} to be looked at";

    // Headings and names.
    Questionnaire: "Kuesioner", "Questionnaire";
    Answers: "Jawaban", "Answers";
    GoOnWith: "Lanjutkan dengan: tilik visit --draft NOMOR", "Go on with: tilik visit --draft NUMBER";
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
    NoAttention: "Tidak ada yang perlu perhatian.", "Nothing needs attention.";
    AttentionRecords: "  Catatan: {records}", "  Records: {records}";
    AttentionSeen:
        "  Setelah dibaca, jalankan: tilik attention --seen {save}",
        "  Once you have read it, run: tilik attention --seen {save}";
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
        let said = Word::NoSuchArea.filled(Language::En, &[("named", &"{named} {x}")]);
        assert_eq!(said, "There is no area \"{named} {x}\" on this device. See: tilik areas");
    }
}
