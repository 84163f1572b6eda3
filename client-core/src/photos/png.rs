//! PNG: drawings and screenshots. A small one stays as it was drawn, a large one becomes a photo like any other.

use super::{Prepared, Scaling, Wanted, check_size};
use crate::error::{Result, bad_input};

const SIGNATURE_BYTES: usize = 8;
/// What is told beside the picture.
const BESIDE: [&[u8; 4]; 6] = [b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"dSIG"];

pub(super) fn prepare(file: Vec<u8>, wanted: &Wanted, scaling: Scaling) -> Result<Prepared> {
    let (size, written) = stripped(&file).ok_or_else(|| bad_input("the parts of the picture cannot be told apart"))?;
    check_size(size.0, size.1)?;
    #[cfg(feature = "photos")]
    {
        let smaller = super::within(size, wanted.long_side(scaling));
        if smaller != size {
            return scaled(&file, smaller, scaling.quality);
        }
    }
    let _ = (wanted, scaling);
    Ok(Prepared { bytes: written, media: "image/png", size: Some(size) })
}

/// Width and height, and the file without what is told beside the picture.
fn stripped(file: &[u8]) -> Option<((u32, u32), Vec<u8>)> {
    let mut written = file.get(..SIGNATURE_BYTES)?.to_vec();
    let mut size = None;
    let mut at = SIGNATURE_BYTES;
    loop {
        let length = u32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?) as usize;
        let kind: &[u8; 4] = file.get(at + 4..at + 8)?.try_into().ok()?;
        let end = at.checked_add(12)?.checked_add(length)?;
        let chunk = file.get(at..end)?;
        if kind == b"IHDR" {
            let side = |from: usize| Some(u32::from_be_bytes(chunk.get(from..from + 4)?.try_into().ok()?));
            size = Some((side(8)?, side(12)?));
        }
        if !BESIDE.contains(&kind) {
            written.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some((size?, written));
        }
        at = end;
    }
}

#[cfg(feature = "photos")]
fn scaled(file: &[u8], size: (u32, u32), quality: u8) -> Result<Prepared> {
    use super::scaling::Shrinking;
    use png::{ColorType, Decoder, Limits, Transformations};

    /// Bytes that the decoder may take for itself: rows, not pictures.
    const DECODER_BYTES_MAX: usize = 64 << 20;
    let broken = |_| bad_input("the picture is damaged");
    let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(file), Limits { bytes: DECODER_BYTES_MAX });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(broken)?;
    if reader.info().interlaced {
        // Its rows come seven times; only drawings made for slow lines are like that.
        return Err(bad_input("an interlaced picture this large cannot be made smaller"));
    }
    let (width, height) = reader.info().size();
    let (colours, _) = reader.output_color_type();
    let samples = colours.samples();
    let mut shrinking = Shrinking::new((width, height), size);
    let mut row = Vec::with_capacity(width as usize * 3);
    while let Some(line) = reader.next_row().map_err(broken)? {
        row.clear();
        for pixel in line.data().chunks_exact(samples) {
            // What is seen through is seen on white.
            let alpha = u16::from(if matches!(colours, ColorType::Rgba | ColorType::GrayscaleAlpha) {
                pixel[samples - 1]
            } else {
                255
            });
            let on_white = |value: u8| ((u16::from(value) * alpha + 255 * (255 - alpha)) / 255) as u8;
            match colours {
                ColorType::Rgb | ColorType::Rgba => row.extend(pixel[..3].iter().map(|value| on_white(*value))),
                _ => row.extend([on_white(pixel[0]); 3]),
            }
        }
        shrinking.row(&row);
    }
    let picture = shrinking.finish();
    let bytes = super::jpeg::encoded(&picture.rgb, size, None, quality)?;
    Ok(Prepared { bytes, media: "image/jpeg", size: Some(size) })
}
