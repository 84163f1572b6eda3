//! Bodies on the wire: collected within bounds, decompressed within bounds, answers compressed as the asker likes.

use std::io::Read;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use sync_protocol::limits;

use crate::error::{Result, bad_request, stalled, too_large, unsupported};

/// Seconds without a byte after which a body is given up. The whole may take as long as it moves.
const STALL: Duration = Duration::from_secs(30);
/// Base 2 logarithm of the window that a compressed body may ask for: 4 MiB, no more than a body may hold.
const WINDOW_LOG_MAX: u32 = 22;
/// Compression level of answers.
const LEVEL: i32 = 3;
/// Bytes below which compression is not worth its header.
const PLAIN_BYTES_MAX: usize = 160;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Zstd,
}

impl Coding {
    /// Of a request's body.
    pub(super) fn of_body(headers: &HeaderMap) -> Result<Coding> {
        match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
            None | Some(b"identity") => Ok(Coding::Plain),
            Some(b"zstd") => Ok(Coding::Zstd),
            Some(b"gzip") => Ok(Coding::Gzip),
            Some(_) => Err(unsupported("The body may be compressed with zstd or gzip.")),
        }
    }

    /// What the asker understands best.
    pub(super) fn of_answer(headers: &HeaderMap) -> Coding {
        let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let mut best = Coding::Plain;
        for part in accepted.flat_map(|value| value.split(',')) {
            let (name, weight) = part.split_once(';').unwrap_or((part, ""));
            if weight.trim().trim_start_matches("q=").parse::<f32>().is_ok_and(|q| q <= 0.0) {
                continue;
            }
            match name.trim() {
                "zstd" => best = Coding::Zstd,
                "gzip" if best == Coding::Plain => best = Coding::Gzip,
                _ => {}
            }
        }
        best
    }

    /// The word of the header; `None` for plain.
    pub(super) const fn word(self) -> Option<&'static str> {
        match self {
            Coding::Plain => None,
            Coding::Gzip => Some("gzip"),
            Coding::Zstd => Some("zstd"),
        }
    }
}

/// Bytes that the request says it has.
pub(super) fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The whole body, still compressed.
pub(super) async fn collect(mut body: Body, announced: Option<usize>) -> Result<Vec<u8>> {
    let crossed = || {
        too_large(
            "too_large",
            format!("A request may have {} bytes, compressed. Send less at once.", limits::WIRE_BYTES_MAX),
        )
    };
    if announced.is_some_and(|bytes| bytes > limits::WIRE_BYTES_MAX) {
        return Err(crossed());
    }
    let mut whole = Vec::with_capacity(announced.unwrap_or(0));
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Some(frame) = tokio::time::timeout(STALL, frame).await.map_err(|_| stalled())? else { break };
        let frame = frame.map_err(|e| bad_request("cut", "The request broke off.").because(e))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > limits::WIRE_BYTES_MAX {
            return Err(crossed());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

/// What comes of a body that may break off: whoever sends it goes on from there.
pub(super) async fn collect_until_cut(mut body: Body, bytes_max: usize) -> Result<Vec<u8>> {
    let mut came = Vec::new();
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Ok(Some(Ok(frame))) = tokio::time::timeout(STALL, frame).await else { return Ok(came) };
        let Ok(data) = frame.into_data() else { continue };
        if came.len() + data.len() > bytes_max {
            return Err(too_large("too_large", format!("A request about files may have {bytes_max} bytes.")));
        }
        came.extend_from_slice(&data);
    }
}

/// The body decompressed, as long as it stays within the protocol's bounds.
pub(super) fn decompress(wire: Vec<u8>, coding: Coding) -> Result<Vec<u8>> {
    let broken = |e| bad_request("broken_compression", "The body cannot be decompressed.").because(e);
    let mut plain = Vec::new();
    match coding {
        Coding::Plain => return Ok(wire),
        Coding::Gzip => read_bounded(flate2::read::GzDecoder::new(wire.as_slice()), wire.len(), &mut plain, broken)?,
        Coding::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(wire.as_slice()).map_err(broken)?;
            decoder.window_log_max(WINDOW_LOG_MAX).map_err(broken)?;
            read_bounded(decoder, wire.len(), &mut plain, broken)?;
        }
    }
    Ok(plain)
}

fn read_bounded(
    mut from: impl Read,
    wire_bytes: usize,
    plain: &mut Vec<u8>,
    broken: impl Fn(std::io::Error) -> crate::error::Error,
) -> Result<()> {
    let mut piece = vec![0; 32 << 10];
    loop {
        let many = from.read(&mut piece).map_err(&broken)?;
        if many == 0 {
            return Ok(());
        }
        let bytes = plain.len() + many;
        if bytes > limits::BODY_BYTES_MAX {
            let message =
                format!("A request may have {} bytes, decompressed. Send less at once.", limits::BODY_BYTES_MAX);
            return Err(too_large("too_large", message));
        }
        if bytes > limits::RATIO_FREE_BYTES && bytes / limits::RATIO_MAX > wire_bytes {
            return Err(too_large("ratio", "The body is compressed more than any survey data can be."));
        }
        plain.extend_from_slice(&piece[..many]);
    }
}

/// The answer compressed, and how; tiny answers stay plain.
pub(super) fn compress(plain: Vec<u8>, coding: Coding) -> std::io::Result<(Vec<u8>, Coding)> {
    if plain.len() <= PLAIN_BYTES_MAX || coding == Coding::Plain {
        return Ok((plain, Coding::Plain));
    }
    let small = match coding {
        Coding::Zstd => zstd::bulk::compress(&plain, LEVEL)?,
        _ => {
            let mut encoder = flate2::read::GzEncoder::new(plain.as_slice(), flate2::Compression::default());
            let mut small = Vec::new();
            encoder.read_to_end(&mut small)?;
            small
        }
    };
    // The header that names the coding costs about as much as a tiny answer saves.
    if small.len() + 24 < plain.len() { Ok((small, coding)) } else { Ok((plain, Coding::Plain)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, axum::http::HeaderValue::from_static(value))])
    }

    #[test]
    fn a_body_survives_compression_both_ways() {
        let plain: Vec<u8> = (0..20_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        for coding in [Coding::Plain, Coding::Gzip, Coding::Zstd] {
            let (wire, used) = compress(plain.clone(), coding).expect("compresses");
            assert_eq!(used, coding);
            assert_eq!(decompress(wire, used).expect("decompresses"), plain);
        }
    }

    #[test]
    fn the_best_understood_coding_is_chosen() {
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Coding::Zstd),
            ("gzip;q=1.0, zstd;q=0", Coding::Gzip),
            ("br", Coding::Plain),
            ("", Coding::Plain),
        ] {
            assert_eq!(Coding::of_answer(&headers(ACCEPT_ENCODING, accepted)), coding, "{accepted}");
        }
        assert_eq!(Coding::of_body(&headers(CONTENT_ENCODING, "br")).expect_err("unknown").code(), "unsupported");
    }

    #[test]
    fn a_bomb_is_refused_before_it_fills_the_memory() {
        let bomb = |bytes: usize| zstd::bulk::compress(&vec![b' '; bytes], 3).expect("compresses");
        assert_eq!(decompress(bomb(32 << 20), Coding::Zstd).expect_err("a bomb").code(), "ratio");
        let plain: Vec<u8> =
            (0..900_000_u32).flat_map(|n| n.to_be_bytes().map(|b| b ^ 0x5a)).chain(vec![1; 800_000]).collect();
        let wire = zstd::bulk::compress(&plain, 3).expect("compresses");
        assert_eq!(decompress(wire, Coding::Zstd).expect_err("too large").code(), "too_large");
        assert_eq!(decompress(b"no zstd".to_vec(), Coding::Zstd).expect_err("broken").code(), "broken_compression");
        let half = compress(vec![7; 5_000], Coding::Gzip).expect("compresses").0;
        let cut = half[..half.len() / 2].to_vec();
        assert_eq!(decompress(cut, Coding::Gzip).expect_err("cut").code(), "broken_compression");
    }
}
