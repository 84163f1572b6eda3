//! Column names as they appear in Indonesian and English tables, reduced to what their spellings share.

use super::mapping::Field;

/// A column name without case, signs and double spaces: `NO_KK`, `No. KK` and `no kk` are one.
pub fn header_key(name: &str) -> String {
    let mut key = String::new();
    for word in name.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.extend(word.chars().flat_map(char::to_lowercase));
    }
    key
}

/// The field that a column of this name feeds, if the name is a known one.
pub fn guess_field(name: &str) -> Option<Field> {
    let key = header_key(name);
    WORDS.iter().find(|(_, words)| words.contains(&key.as_str())).map(|(field, _)| field.clone())
}

const WORDS: &[(Field, &[&str])] = &[
    (Field::LineNumber, &["no", "nomor", "no urut", "nomor urut", "nourut", "number"]),
    (Field::District, &["kecamatan", "kec", "nama kecamatan", "kode kecamatan", "district", "subdistrict"]),
    (
        Field::Village,
        &[
            "kelurahan",
            "kel",
            "desa",
            "desa kelurahan",
            "kelurahan desa",
            "kel desa",
            "nama kelurahan",
            "nama desa",
            "nama kelurahan desa",
            "nama desa kelurahan",
            "kode kelurahan",
            "kode desa",
            "kode desa kelurahan",
            "village",
        ],
    ),
    (Field::AreaCode, &["kode wilayah", "kode area", "kode rt", "area code", "area"]),
    (Field::Rw, &["rw", "no rw", "nomor rw", "rukun warga"]),
    (Field::RwRt, &["rw rt"]),
    (Field::Rt, &["rt", "no rt", "nomor rt", "rukun tetangga", "rt rw", "neighbourhood"]),
    (
        Field::HouseholdId,
        &["id rumah tangga", "id ruta", "no ruta", "id dtsen", "idbdt", "id keluarga", "id household", "household id"],
    ),
    (
        Field::CardNumber,
        &[
            "no kk",
            "nomor kk",
            "nokk",
            "kk",
            "no kartu keluarga",
            "nomor kartu keluarga",
            "kartu keluarga",
            "card number",
            "family card",
            "family card number",
        ],
    ),
    (
        Field::HeadName,
        &[
            "nama kepala keluarga",
            "kepala keluarga",
            "nama kk",
            "nama kepala rumah tangga",
            "nama krt",
            "nama kep keluarga",
            "head of family",
            "head of household",
            "head name",
            "name of head",
        ],
    ),
    (Field::PersonId, &["id individu", "id anggota", "id art", "person id", "id person"]),
    (
        Field::Nik,
        &[
            "nik",
            "no nik",
            "nomor nik",
            "no induk kependudukan",
            "nomor induk kependudukan",
            "no ktp",
            "nomor ktp",
            "nik kepala keluarga",
            "national id",
        ],
    ),
    (
        Field::Name,
        &[
            "nama",
            "nama lengkap",
            "nama anggota",
            "nama anggota keluarga",
            "nama anggota rumah tangga",
            "nama art",
            "nama individu",
            "name",
            "full name",
        ],
    ),
    (Field::Sex, &["jenis kelamin", "jk", "kelamin", "jns kelamin", "l p", "lp", "sex", "gender"]),
    (
        Field::BirthDate,
        &[
            "tanggal lahir",
            "tgl lahir",
            "tgllahir",
            "tanggallahir",
            "lahir",
            "birth date",
            "birthdate",
            "date of birth",
            "dob",
        ],
    ),
    (Field::BirthPlace, &["tempat lahir", "tmp lahir", "birth place", "place of birth"]),
    (
        Field::Relation,
        &[
            "hubungan",
            "hubungan keluarga",
            "hub keluarga",
            "hub kel",
            "shdk",
            "hubungan dengan kepala keluarga",
            "hub dgn kepala keluarga",
            "status hubungan",
            "status hubungan dalam keluarga",
            "relation",
            "relationship",
        ],
    ),
    (Field::Address, &["alamat", "alamat lengkap", "alamat rumah", "alamat domisili", "jalan", "address"]),
    (
        Field::Phone,
        &[
            "no hp",
            "nomor hp",
            "hp",
            "no telp",
            "no telepon",
            "telepon",
            "nomor telepon",
            "telp",
            "phone",
            "phone number",
        ],
    ),
    (Field::Latitude, &["lat", "latitude", "lintang"]),
    (Field::Longitude, &["lon", "lng", "long", "longitude", "bujur"]),
    (Field::Decile, &["desil", "desil nasional", "desil kesejahteraan", "decile"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_column_name_feed_one_field() {
        for name in ["No KK", "NO_KK", "no.kk", "Nomor Kartu Keluarga", "  Family card number "] {
            assert_eq!(guess_field(name), Some(Field::CardNumber), "{name}");
        }
        assert_eq!(guess_field("Nama KK"), Some(Field::HeadName));
        assert_eq!(guess_field("RT/RW"), Some(Field::Rt));
        assert_eq!(guess_field("Keterangan"), None);
    }
}
