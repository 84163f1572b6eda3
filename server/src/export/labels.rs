//! Every word that an exported table shows, in both languages.

/// The language of a table's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Bahasa Indonesia.
    #[default]
    Id,
    /// English.
    En,
}

/// The label of a column; a register that nobody named here keeps its own name.
pub fn label(key: &str, language: Language) -> &str {
    let Some((_, indonesian, english)) = LABELS.iter().find(|(own, ..)| *own == key) else { return key };
    match language {
        Language::Id => indonesian,
        Language::En => english,
    }
}

const LABELS: &[(&str, &str, &str)] = &[
    ("households", "Rumah tangga", "Households"),
    ("persons", "Anggota", "Persons"),
    ("visits", "Kunjungan", "Visits"),
    ("prelist", "prelist", "prelist"),
    ("household", "ID rumah tangga", "Household ID"),
    ("person", "ID orang", "Person ID"),
    ("visit", "ID kunjungan", "Visit ID"),
    ("area_code", "Kode wilayah", "Area code"),
    ("district", "Kecamatan", "District"),
    ("village", "Kelurahan", "Village"),
    ("area_rw", "RW", "RW"),
    ("area_rt", "RT", "RT"),
    ("head_name", "Nama kepala keluarga", "Head of family"),
    ("card_number", "No KK", "Family-card number"),
    ("address", "Alamat", "Address"),
    ("phone", "No HP", "Phone"),
    ("status", "Status", "Status"),
    ("decile", "Desil", "Decile"),
    ("latitude", "Lintang", "Latitude"),
    ("longitude", "Bujur", "Longitude"),
    ("nik", "NIK", "NIK"),
    ("name", "Nama", "Name"),
    ("sex", "Jenis kelamin", "Sex"),
    ("birth_date", "Tanggal lahir", "Date of birth"),
    ("birth_place", "Tempat lahir", "Place of birth"),
    ("relation", "Hubungan keluarga", "Relation to head"),
    ("outcome", "Hasil kunjungan", "Outcome"),
    ("started_at", "Mulai", "Started"),
    ("ended_at", "Selesai", "Ended"),
    ("note", "Catatan", "Note"),
    ("round", "Putaran", "Round"),
    ("form", "Formulir", "Form"),
    ("review", "Pemeriksaan", "Review"),
    ("author", "Petugas", "Enumerator"),
    ("changed_at", "Terakhir diubah", "Last changed"),
    ("conflicts", "Data bertentangan", "Conflicting values"),
    ("row", "Baris", "Row"),
    ("parent_row", "Baris induk", "Row around"),
    ("place", "Urutan", "Place"),
    ("sex=m", "Laki-laki", "Male"),
    ("sex=f", "Perempuan", "Female"),
    ("true", "Ya", "Yes"),
    ("false", "Tidak", "No"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_column_speaks_both_languages_and_an_unknown_one_its_own_name() {
        assert_eq!(label("birth_date", Language::Id), "Tanggal lahir");
        assert_eq!(label("birth_date", Language::En), "Date of birth");
        assert_eq!(label("rooms", Language::Id), "rooms");
    }
}
