//! What a file is, by its first bytes: names lie, and a photo's name is nobody's business.

/// The media type of a file.
pub(crate) fn media_of(file: &[u8]) -> &'static str {
    let brand = |at: &[u8]| file.get(4..8) == Some(b"ftyp") && file.get(8..12).is_some_and(|b| b.starts_with(at));
    let riff = |kind: &[u8]| file.starts_with(b"RIFF") && file.get(8..12) == Some(kind);
    match file {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg",
        [b'I', b'D', b'3', ..] | [0xff, 0xfb, ..] => "audio/mpeg",
        _ if riff(b"WEBP") => "image/webp",
        _ if riff(b"WAVE") => "audio/wav",
        _ if [&b"heic"[..], b"heix", b"mif1", b"msf1"].into_iter().any(brand) => "image/heic",
        _ if brand(b"M4A") => "audio/mp4",
        _ if brand(b"3gp") => "video/3gpp",
        _ if brand(b"") => "video/mp4",
        _ => "application/octet-stream",
    }
}

/// How names of such files end.
pub(crate) fn ending_of(media: &str) -> &'static str {
    match media {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/heic" => "heic",
        "application/pdf" => "pdf",
        "audio/ogg" => "ogg",
        "audio/mpeg" => "mp3",
        "audio/wav" => "wav",
        "audio/mp4" => "m4a",
        "video/3gpp" => "3gp",
        "video/mp4" => "mp4",
        _ => "bin",
    }
}
