//! Bodies on the wire: compressed where that is smaller, unpacked within a bound.

use std::borrow::Cow;
use std::io::Read;

use client_core::{Error, Result};
use sync_protocol::limits;

/// Encodings of an answer that [`unpack`] understands.
pub(super) const ACCEPTED: &str = "zstd, gzip";

const ZSTD_LEVEL: i32 = 3;
/// What the header that names the encoding costs.
const HEADER_BYTES: usize = "content-encoding: zstd\r\n".len();

/// A request's body as it goes out.
pub(super) struct Packed<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) encoding: Option<&'static str>,
}

pub(super) fn pack(plain: &[u8]) -> Packed<'_> {
    match zstd::bulk::compress(plain, ZSTD_LEVEL) {
        Ok(packed) if packed.len() + HEADER_BYTES < plain.len() => {
            Packed { bytes: packed.into(), encoding: Some("zstd") }
        }
        _ => Packed { bytes: plain.into(), encoding: None },
    }
}

/// The plain bytes of an answer: at most [`limits::BODY_BYTES_MAX`], however small it came.
///
/// The ratio is not looked at: what it guards a server against is many such bodies at once, and rows that repeat each
/// other may well be packed that tightly.
pub(super) fn unpack(encoding: Option<&str>, wire: Vec<u8>) -> Result<Vec<u8>> {
    match encoding.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "identity") => Ok(wire),
        // Nothing is in it, whatever the header says.
        Some(_) if wire.is_empty() => Ok(wire),
        Some("zstd") => {
            let reader = zstd::stream::read::Decoder::with_buffer(wire.as_slice()).map_err(|_| broken())?;
            read(reader)
        }
        Some("gzip") => read(flate2::bufread::GzDecoder::new(wire.as_slice())),
        Some(_) => Err(Error::BadAnswer("it is compressed in a way that was not asked for")),
    }
}

fn read(reader: impl Read) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    reader.take(limits::BODY_BYTES_MAX as u64 + 1).read_to_end(&mut plain).map_err(|_| broken())?;
    if plain.len() > limits::BODY_BYTES_MAX {
        return Err(Error::BadAnswer("it is larger than an answer may be"));
    }
    Ok(plain)
}

fn broken() -> Error {
    Error::BadAnswer("it does not decompress")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_body_is_compressed_only_where_that_is_smaller() {
        let small = pack(b"{\"protocol\":[1,1]}\n");
        assert_eq!((small.bytes.len(), small.encoding), (19, None));
        let large = vec![b'a'; 10_000];
        let packed = pack(&large);
        assert_eq!(packed.encoding, Some("zstd"));
        assert_eq!(unpack(packed.encoding, packed.bytes.to_vec()).unwrap(), large);
    }

    #[test]
    fn gzip_is_understood_because_it_is_asked_for() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"plain").unwrap();
        assert_eq!(unpack(Some("GZIP"), packer.finish().unwrap()).unwrap(), b"plain");
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = vec![0; limits::BODY_BYTES_MAX + 1];
        for (name, packed) in [("zstd", zstd::bulk::compress(&bomb, 3).unwrap()), ("gzip", gzip(&bomb))] {
            // How tight it gets is the packer's business; that it is a bomb is what matters here.
            assert!(packed.len() < bomb.len() / 100, "{name}");
            assert!(matches!(unpack(Some(name), packed), Err(Error::BadAnswer(_))), "{name}");
        }
        let fits = zstd::bulk::compress(&bomb[1..], 3).unwrap();
        assert_eq!(unpack(Some("zstd"), fits).unwrap().len(), limits::BODY_BYTES_MAX);
    }

    #[test]
    fn what_does_not_decompress_is_refused() {
        let packed = zstd::bulk::compress(&vec![7; 5_000], 3).unwrap();
        for (name, wire) in [("zstd", &packed[..packed.len() - 3]), ("zstd", b"no"), ("gzip", &packed), ("br", &packed)]
        {
            assert!(matches!(unpack(Some(name), wire.to_vec()), Err(Error::BadAnswer(_))), "{name}");
        }
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(plain).unwrap();
        packer.finish().unwrap()
    }
}
