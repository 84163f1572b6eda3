//! What each fault is called in Bahasa Indonesia.
//!
//! What an expression's reader says is passed on in its own words, which are English.

use super::{Container, Counted, Fault, FileFault, Said};
use crate::xlsform::parameters::Expected;

pub(super) fn say(fault: &Fault) -> Said {
    let (message, advice) = sheets(fault)
        .or_else(|| survey(fault))
        .or_else(|| choices(fault))
        .or_else(|| formulas(fault))
        .or_else(|| register(fault))
        .expect("every fault has its words: each is tried by a test");
    Said { message, advice }
}

type Words = Option<(String, String)>;

fn words(message: impl Into<String>, advice: impl Into<String>) -> Words {
    Some((message.into(), advice.into()))
}

fn meant(suggestion: &str) -> String {
    format!("Apakah maksudnya {suggestion}?")
}

fn sheets(fault: &Fault) -> Words {
    match fault {
        Fault::SurveyMissing { similar: Some(similar) } => {
            words("Lembar survey tidak ada.", format!("Ganti nama lembar {similar} menjadi survey."))
        }
        Fault::SurveyMissing { similar: None } => words(
            "Lembar survey tidak ada.",
            "Buat lembar bernama survey dengan judul kolom type, name, dan label di baris pertama.",
        ),
        Fault::SheetMisspelled { expected } => words(
            format!("Lembar ini tidak dibaca; namanya mirip {expected}."),
            format!("Ganti namanya menjadi {expected}, atau awali dengan garis bawah bila hanya catatan."),
        ),
        Fault::SurveyEmpty => words("Lembar survey tidak menanyakan apa pun.", "Tulis satu pertanyaan per baris."),
        Fault::HeaderMissing { header } => words(
            format!("Tidak ada kolom berjudul {header}."),
            format!("Tulis judul {header} di baris pertama kolom yang memuatnya."),
        ),
        Fault::HeadersNotFirst => words(
            "Judul kolom tidak di baris pertama; baris di atasnya dilewati.",
            "Pindahkan judul kolom ke baris pertama, program lain hanya membaca yang di sana.",
        ),
        Fault::RowsBelowGap => words(
            "Baris di bawah lebih dari 60 baris kosong tidak dibaca.",
            "Hapus baris kosongnya, atau hapus isi di bawahnya.",
        ),
        Fault::TooMany { what, most } => {
            let what = counted(*what);
            words(format!("Ada lebih dari {most} {what}."), "Bagi formulirnya.")
        }
        Fault::MoreProblems { count } => {
            words(format!("Masih ada {count} masalah lain."), "Perbaiki yang terlihat lalu periksa lagi.")
        }
        Fault::ColumnsIgnored { headers } => {
            words(format!("Kolom milik penulis tidak dibaca: {}.", headers.join(", ")), "")
        }
        Fault::ColumnsKept { headers } => {
            words(format!("Kolom untuk program lain tidak berpengaruh di sini: {}.", headers.join(", ")), "")
        }
        Fault::ColumnForeign => words(
            "Kolom SurveyCTO ini tidak berpengaruh di sini: lamanya tiap pertanyaan selalu dicatat.",
            "Lihat waktunya pada catatan jalannya wawancara.",
        ),
        Fault::ColumnMisspelled { meant } => words(
            "Kolom ini tidak dibaca; judulnya mirip kolom yang dibaca.",
            format!("Tulis {meant} bila itu maksudnya."),
        ),
        Fault::ColumnTwice { other } => words(
            format!("Kolom ini sama artinya dengan {other}, tetapi isinya berbeda; yang dibaca {other}."),
            "Hapus salah satu kolom.",
        ),
        Fault::ColumnUnusable => words(
            "Judul kolom yang memuat spasi tidak dapat dipakai dalam choice_filter.",
            "Ganti spasinya dengan garis bawah bila kolom ini dipakai menyaring.",
        ),
        Fault::FileUnreadable(file) => self::file(file),
        _ => None,
    }
}

fn file(fault: &FileFault) -> Words {
    match fault {
        FileFault::TooLarge { bytes_max } => words(
            format!("Berkas lebih besar dari {} MiB.", bytes_max >> 20),
            "Buang gambar dan lembar yang bukan bagian formulir.",
        ),
        FileFault::Unopened => words("Berkas tidak dapat dibuka.", "Periksa nama, folder, dan hak bacanya."),
        FileFault::Empty => words("Berkas kosong.", "Ekspor lagi formulirnya."),
        FileFault::NotAWorkbook => words(
            "Berkas ini bukan buku kerja XLSX, XLS, atau ODS, juga bukan teks CSV atau Markdown.",
            "Buka dengan program lembar kerja dan simpan sebagai .xlsx.",
        ),
        FileFault::Damaged => words(
            "Berkas rusak atau tidak lengkap.",
            "Buka dengan program lembar kerja, simpan lagi, lalu kirim hasilnya.",
        ),
        FileFault::Encrypted => words("Berkas dilindungi kata sandi.", "Simpan tanpa kata sandi."),
        FileFault::InflatesTooFar => words(
            "Isi berkas jauh lebih besar daripada sebuah formulir.",
            "Salin lembar formulir ke buku kerja baru lalu kirim itu.",
        ),
        FileFault::NotUtf8 { line } => words(
            format!("Teks ini bukan UTF-8, terlihat pada baris {line}."),
            "Simpan sebagai \"CSV UTF-8\" atau .xlsx.",
        ),
        FileFault::TooManyCells => words(
            "Buku kerja ini punya lebih banyak baris, kolom, atau lembar daripada sebuah formulir.",
            "Buang lembar dan baris yang bukan bagian formulir.",
        ),
    }
}

fn survey(fault: &Fault) -> Words {
    match fault {
        Fault::TypeMissing => words("Baris ini tidak punya type.", "Isi kolom type, misalnya text."),
        Fault::TypeUnknown { suggestion: Some(suggestion) } => words("Type ini tidak dikenal.", meant(suggestion)),
        Fault::TypeUnknown { suggestion: None } => words(
            "Type ini tidak dikenal.",
            "Tulis type XLSForm, misalnya text, integer, date, select_one nama_daftar, atau begin_group.",
        ),
        Fault::TypeEmpty { program } => words(
            format!("Hanya {program} yang mengisi type ini; di sini nilainya kosong."),
            "Hapus baris ini, atau bagian yang memakai nilainya.",
        ),
        Fault::TypeAsText { program } => {
            words(format!("Type {program} ini ditanyakan sebagai teks."), "Tulis text supaya artinya sama di mana pun.")
        }
        Fault::TypeAsCalculation { program } => words(
            format!("Type {program} ini dihitung seperti calculate: setiap kali nilai yang dipakainya berubah."),
            "Tulis calculate bila itu maksudnya; pakai once() untuk menghitung sekali saja.",
        ),
        Fault::TypeRefused { program } => words(
            format!("Type ini hanya dikenal {program}."),
            "Tulis barisnya sebagai pertanyaan select_one di antara begin_group dan end_group.",
        ),
        Fault::TypeOutdated => {
            words("Ponsel sekarang tidak lagi memberi nilai ini; nilainya kosong.", "Hapus baris ini.")
        }
        Fault::RowSkipped => words("Baris tanpa type, name, dan label dilewati.", ""),
        Fault::NameMissing => words("Baris ini tidak punya name.", "Beri nama, misalnya jumlah_anggota."),
        Fault::NameInvalid { repaired } => words(
            "Ini tidak dapat menjadi nama: nama diawali huruf atau garis bawah dan hanya berisi huruf, angka, garis \
             bawah, tanda hubung, dan titik.",
            format!("Tulis misalnya {repaired}."),
        ),
        Fault::NameTaken { row } => {
            words(format!("Baris {row} dalam grup yang sama memakai nama yang sama."), "Ganti salah satu namanya.")
        }
        Fault::NameDiffersInCapitals { other, row } => words(
            format!("Nama ini hanya berbeda huruf besar dari {other} di baris {row}."),
            "Ganti salah satu namanya: banyak program pengolah data menganggapnya sama.",
        ),
        Fault::NameReserved => words(
            "Program lain menyimpan nama meta untuk dirinya sendiri.",
            "Ganti namanya bila formulir ini juga dipakai di sana.",
        ),
        Fault::RepeatNamedLikeForm => words(
            "Nama bagian berulang ini sama dengan nama formulir.",
            "Ganti namanya bila formulir ini juga dipakai di program lain.",
        ),
        Fault::RepeatNameTaken { row } => words(
            format!("Bagian berulang di baris {row} memakai nama yang sama."),
            "Ganti salah satu namanya bila formulir ini juga dipakai di program lain.",
        ),
        Fault::LabelMissing => words(
            "Baris ini ditampilkan tetapi tidak punya label; namanya yang ditampilkan.",
            "Tulis yang akan dibacakan.",
        ),
        Fault::BigImageAlone => words("Ada big-image tanpa image untuk membukanya.", "Isi juga kolom image."),
        Fault::EndWithoutBegin { container } => words(
            format!("Baris ini menutup {} yang tidak pernah dibuka.", kind(*container)),
            format!("Hapus baris ini, atau tulis begin_{} di atas baris yang dimaksud.", word(*container)),
        ),
        Fault::EndOfOther { container, opened, name, row } => words(
            format!(
                "Baris ini menutup {}, padahal yang terbuka ialah {} {name} dari baris {row}.",
                kind(*container),
                kind(*opened)
            ),
            format!("Tulis end_{} untuk {name} di atas baris ini.", word(*opened)),
        ),
        Fault::NeverEnded { container, name } => words(
            format!("{} {name} dibuka di sini dan tidak pernah ditutup.", capital(kind(*container))),
            format!("Tulis end_{} di bawah baris terakhirnya.", word(*container)),
        ),
        Fault::NestedTooDeep { most } => {
            words(format!("Grup bersarang lebih dari {most} tingkat."), "Sederhanakan formulirnya.")
        }
        Fault::LoopListMissing => words(
            "Loop ini tidak menyebut daftar pilihannya.",
            "Tulis begin loop over nama_daftar, atau begin_repeat bila jumlahnya bebas.",
        ),
        Fault::IncludeUnresolved => words(
            "Baris ini mewakili pertanyaan dari berkas lain, dan berkas itu tidak ada.",
            "Salin pertanyaan formulir itu ke lembar ini sebagai gantinya.",
        ),
        Fault::CascadingSelect => words(
            "Cara menulis pilihan bertingkat ini tidak dibaca lagi.",
            "Tulis satu select_one per tingkat dan choice_filter seperti kecamatan = ${kecamatan}.",
        ),
        Fault::SearchRead { table } => words(
            format!("Pilihan diambil dari tabel {table}.csv, seperti kata search() SurveyCTO."),
            "Tulis select_one_from_file supaya artinya sama di mana pun.",
        ),
        Fault::SearchUnreadable => words(
            "search() ini tidak dapat dibaca; pilihan pada lembar ditawarkan apa adanya.",
            "Tulis select_one_from_file dengan choice_filter sebagai gantinya.",
        ),
        Fault::AppearanceForeign { word, program } => {
            words(format!("Appearance {word} dari {program} tidak berpengaruh di sini."), "")
        }
        Fault::TableListMixed { list, first } => words(
            format!("table-list menampilkan satu daftar pilihan, tetapi setelah {first} baris ini memakai {list}."),
            format!("Pakai {first} juga di sini, atau pindahkan baris ini ke luar grup."),
        ),
        Fault::TableListFilter => words(
            "Baris pertama table-list punya choice_filter; kepala tabel menampilkan semua pilihan.",
            "Hapus choice_filter, atau appearance table-list.",
        ),
        Fault::CalculationMissing => {
            words("Baris ini harus dihitung tetapi rumusnya kosong.", "Isi kolom calculation.")
        }
        Fault::TriggerUnreadable => words(
            "Trigger ialah satu ${nama}, atau beberapa dengan koma di antaranya.",
            "Tulis misalnya ${desa}, atau ${desa}, ${dusun}.",
        ),
        Fault::TriggerUnseen { name } => words(
            format!("${{{name}}} tidak ditampilkan sehingga tidak ada yang dapat menjawabnya."),
            "Sebut pertanyaan yang ditanyakan.",
        ),
        Fault::DefaultAsText { why } => words(
            format!("Ini mirip rumus tetapi tidak dapat dibaca ({why}); dipakai sebagai teks."),
            "Perbaiki rumusnya bila memang rumus.",
        ),
        Fault::PreloadUnknown => {
            words("Preload ini tidak dikenal; nilainya dibiarkan.", "Pakai type seperti start, today, atau username.")
        }
        Fault::GroupCalculated => {
            words("Grup atau bagian berulang tidak punya nilai untuk dihitung.", "Hapus calculation.")
        }
        Fault::FlatIgnored => {
            words("Setelan flat tidak diikuti: grup tetap membungkus pertanyaannya dalam data.", "Hapus setelan ini.")
        }
        _ => None,
    }
}

fn choices(fault: &Fault) -> Words {
    match fault {
        Fault::ListMissing => words(
            "Baris ini tidak menyebut daftar pilihannya.",
            "Tulis nama daftarnya setelah type, misalnya select_one ya_tidak.",
        ),
        Fault::ListUnknown { list, suggestion: Some(suggestion), .. } => {
            words(format!("Tidak ada daftar pilihan bernama {list}."), meant(suggestion))
        }
        Fault::ListUnknown { list, suggestion: None, has_sheet: true } => words(
            format!("Tidak ada daftar pilihan bernama {list}."),
            format!("Tulis pilihannya di lembar pilihan, dengan {list} di kolom list_name."),
        ),
        Fault::ListUnknown { list, suggestion: None, has_sheet: false } => words(
            format!("Tidak ada daftar pilihan bernama {list}, dan tidak ada lembarnya."),
            "Tambah lembar choices (external_choices untuk select_one_external) dengan judul kolom list_name, name, dan \
             label.",
        ),
        Fault::FileNameInvalid { file } => words(
            format!("{file} bukan nama tabel: harus berakhir .csv, .xml, atau .geojson."),
            "Tulis misalnya select_one_from_file desa.csv.",
        ),
        Fault::ChoiceWithoutList => words("Pilihan ini tidak punya daftar dan dilewati.", "Isi kolom list_name."),
        Fault::ChoiceNameMissing { list } => {
            words(format!("Sebuah pilihan {list} tidak punya nama untuk disimpan."), "Isi kolom name.")
        }
        Fault::ChoiceNameWithSpace { list, name, row } => words(
            format!(
                "Nama pilihan {name} dari {list} (baris {row}) memuat spasi; jawaban ganda tidak dapat dipisahkan lagi."
            ),
            "Ganti spasinya dengan garis bawah.",
        ),
        Fault::ChoiceTwice { list, row } => words(
            format!("{list} sudah punya nama ini di baris {row} dengan arti lain."),
            "Ganti salah satunya; bila keduanya dimaksud, tulis yes di setelan allow_choice_duplicates.",
        ),
        Fault::ChoiceTwiceAlike { list, row } => words(
            format!("Pilihan ini mengulang baris {row} dari {list} dan ditawarkan sekali saja."),
            "Hapus salah satu baris.",
        ),
        Fault::ChoiceTwiceFiltered { list, row } => words(
            format!(
                "{list} sudah punya nama ini di baris {row}; keduanya dipakai karena setiap pertanyaan menyaring daftar."
            ),
            "Pastikan tidak ada saringan yang meloloskan keduanya, dan tulis yes di setelan allow_choice_duplicates.",
        ),
        Fault::ChoiceLabelMissing { list } => {
            words(format!("Sebuah pilihan {list} tidak punya label; namanya yang ditampilkan."), "Isi kolom label.")
        }
        Fault::OrOtherFiltered => words(
            "or_other bersama choice_filter: pilihan tambahan other selalu ditawarkan.",
            "Tulis sendiri pilihan other dan pertanyaan untuk isiannya.",
        ),
        Fault::OrOtherUntranslated => words(
            "Pilihan dan pertanyaan tambahan dari or_other memakai kata bawaan dalam setiap bahasa.",
            "Tulis sendiri pilihan other dan pertanyaannya untuk memilih katanya.",
        ),
        Fault::OrOtherWithoutList => words(
            "or_other menambah pilihan pada lembar choices, padahal baris ini mengambil pilihan dari tempat lain.",
            "Hapus or_other.",
        ),
        Fault::ParameterUnreadable { part } => {
            words(format!("{part} bukan parameter."), "Tulis kunci=nilai dengan spasi di antara pasangan.")
        }
        Fault::ParameterUnknown { key, suggestion: Some(suggestion), .. } => {
            words(format!("Type ini tidak mengenal parameter {key}; tidak berpengaruh."), meant(suggestion))
        }
        Fault::ParameterUnknown { key, accepted, .. } => {
            let advice = match accepted {
                [] => "Hapus: type ini tidak punya parameter.".to_owned(),
                _ => format!("Hapus, atau pakai salah satu dari: {}.", accepted.join(", ")),
            };
            words(format!("Type ini tidak mengenal parameter {key}; tidak berpengaruh."), advice)
        }
        Fault::ParameterInvalid { key, value, expected } => {
            words(format!("{value} tidak dapat menjadi nilai {key}."), format!("Tulis {}.", needed(*expected)))
        }
        Fault::SeedWithoutRandomize => {
            words("seed tanpa randomize=true tidak berpengaruh.", "Tambah randomize=true, atau hapus seed.")
        }
        _ => None,
    }
}

fn formulas(fault: &Fault) -> Words {
    match fault {
        Fault::FormulaUnreadable { why, part, .. } => {
            words(format!("Rumus tidak dapat dibaca{}: {why}.", at(part)), "Perbaiki rumusnya.")
        }
        Fault::CalculationUnreadable { why, part, .. } => words(
            format!(
                "Rumus tidak dapat dibaca{}: {why}. Tidak ada yang memakai nilainya, jadi dibiarkan kosong.",
                at(part)
            ),
            "Perbaiki rumusnya, atau hapus baris ini.",
        ),
        Fault::FormulaRemark { what, .. } => {
            words(format!("Rumus ini dibaca, dengan catatan: {what}."), "Periksa apakah rumus ini sesuai maksudnya.")
        }
        Fault::ReferenceBroken => {
            words("${ tidak diikuti nama dan }.", "Tulis nama pertanyaan di antara ${ dan }, tanpa spasi.")
        }
        Fault::NameUnknown { name, suggestion: Some(suggestion) } => {
            words(format!("${{{name}}} tidak menunjuk pertanyaan apa pun."), meant(&format!("${{{suggestion}}}")))
        }
        Fault::NameUnknown { name, suggestion: None } => words(
            format!("${{{name}}} tidak menunjuk pertanyaan apa pun."),
            "Tulis nama dari kolom name lembar survey.",
        ),
        Fault::NameAmbiguous { name, rows } => {
            let rows: Vec<String> = rows.iter().map(u32::to_string).collect();
            words(
                format!("${{{name}}} dapat berarti salah satu dari baris {}.", rows.join(", ")),
                "Beri baris-baris itu nama yang berbeda.",
            )
        }
        Fault::TableUnknown { name, suggestion } => words(
            format!("Tidak ada daftar atau tabel bernama {name}; tidak ada yang ditemukan di sana."),
            match suggestion {
                Some(suggestion) => meant(suggestion),
                None => format!("Tambah baris csv-external dengan nama {name}."),
            },
        ),
        Fault::Cycle { names } => words(
            format!("Nilai-nilai ini saling menunggu dan tidak pernah dapat diketahui: {}.", names.join(" -> ")),
            "Putuskan lingkarannya: hapus salah satu rujukan dari relevant atau calculation.",
        ),
        Fault::TranslationsMissing { language, headers } => words(
            format!("{language} tidak punya kolom untuk: {}.", headers.join(", ")),
            format!("Tambah kolomnya, misalnya {}::{language}; sebelum itu bahasa lain yang ditampilkan.", headers[0]),
        ),
        Fault::TextsMissing { language, count } => words(
            format!("{count} teks belum ada dalam {language}, yang pertama di sini."),
            "Terjemahkan; sebelum itu bahasa lain yang ditampilkan.",
        ),
        Fault::LanguageUnknown { languages } => {
            words("Tidak ada kolom dalam bahasa ini.", format!("Tulis salah satu dari: {}.", languages.join(", ")))
        }
        Fault::SettingUnknown { suggestion: Some(suggestion) } => {
            words("Setelan ini tidak dikenal.", meant(suggestion))
        }
        Fault::SettingUnknown { suggestion: None } => words("Setelan ini tidak dikenal.", "Hapus kolomnya."),
        Fault::SettingsIgnored { headers } => {
            words(format!("Setelan yang tidak berpengaruh di sini: {}.", headers.join(", ")), "")
        }
        Fault::SettingsBelowFirst => {
            words("Hanya baris pertama di bawah judul kolom lembar ini yang dibaca.", "Hapus baris lainnya.")
        }
        _ => None,
    }
}

fn register(fault: &Fault) -> Words {
    match fault {
        Fault::SaveToWithoutEntities => words(
            "Jawaban ini hendak disimpan ke register, tetapi formulir tidak menyebut register apa pun.",
            "Tambah lembar entities dengan judul kolom list_name dan label.",
        ),
        Fault::SaveToOnGroup => {
            words("Grup atau bagian berulang tidak punya jawaban untuk disimpan.", "Pindahkan isian ini ke pertanyaan.")
        }
        Fault::SaveToUnreadable => words(
            "Ini tidak dapat menjadi nama isian register.",
            "Tulis sebuah nama, atau nama_register#nama bila formulir menyebut beberapa register.",
        ),
        Fault::SaveToTwice { row } => {
            words(format!("Baris {row} sudah disimpan ke isian yang sama."), "Simpan salah satunya ke isian lain.")
        }
        Fault::SaveToReserved => words(
            "Program lain menolak isian bernama name atau label, atau yang diawali dua garis bawah.",
            "Pilih nama lain bila formulir ini juga dipakai di sana.",
        ),
        Fault::SaveToWithoutList { lists } => words(
            format!("Formulir menyebut beberapa register: {}.", lists.join(", ")),
            format!("Tulis yang dimaksud, misalnya {}#isian.", lists[0]),
        ),
        Fault::SaveToElsewhere { list, scope } => words(
            format!("{list} dibuat oleh setiap baris {scope}, tetapi pertanyaan ini di luarnya atau di bagian lain."),
            "Salin nilainya dengan calculate ke bagian itu, lalu simpan yang itu.",
        ),
        Fault::EntityListMissing => words("Register ini tidak punya nama.", "Isi kolom list_name."),
        Fault::EntityListTwice { row } => {
            words(format!("Baris {row} menyebut register yang sama."), "Hapus salah satu baris.")
        }
        Fault::EntityUnknown { list, suggestion } => words(
            format!("Lembar entities tidak menyebut register {list}."),
            match suggestion {
                Some(suggestion) => meant(suggestion),
                None => "Tambah barisnya di lembar entities.".to_owned(),
            },
        ),
        Fault::EntityLabelMissing => {
            words("Entri baru dalam register memerlukan label.", "Isi kolom label, misalnya ${nama}.")
        }
        Fault::EntityIdMissing => words(
            "Hanya entri yang disebut yang dapat diubah, tetapi entity_id kosong.",
            "Isi entity_id, atau pindahkan syaratnya ke create_if.",
        ),
        Fault::EntityUpdateIfMissing => words(
            "Dengan create_if dan entity_id, update_if harus menyebut kapan entri diubah.",
            "Isi update_if, atau hapus create_if atau entity_id.",
        ),
        _ => None,
    }
}

fn kind(container: Container) -> &'static str {
    match container {
        Container::Group => "grup",
        Container::Repeat => "bagian berulang",
        Container::Loop => "loop",
    }
}

/// As the type column writes it.
fn word(container: Container) -> &'static str {
    match container {
        Container::Group => "group",
        Container::Repeat => "repeat",
        Container::Loop => "loop",
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), chars.as_str()))
}

fn counted(what: Counted) -> &'static str {
    match what {
        Counted::Rows => "baris pada lembar survey",
        Counted::Languages => "bahasa",
        Counted::Choices => "pilihan",
        Counted::ExpandedRows => "pertanyaan setelah loop diuraikan",
    }
}

fn needed(expected: Expected) -> String {
    match expected {
        Expected::TrueOrFalse => "true atau false".to_owned(),
        Expected::Number => "sebuah angka".to_owned(),
        Expected::WholeNumber => "bilangan bulat, 0 atau lebih".to_owned(),
        Expected::NumberOrReference => "sebuah angka atau ${nama}".to_owned(),
        Expected::Name => "nama sebuah kolom".to_owned(),
        Expected::NotZero => "angka selain 0".to_owned(),
        Expected::NotAboveWidth => "angka yang tidak melebihi jarak start ke end".to_owned(),
        Expected::OneOf(words) => format!("salah satu dari: {words}"),
    }
}

fn at(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!(" pada {part}") }
}
