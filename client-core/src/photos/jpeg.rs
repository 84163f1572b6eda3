//! JPEG: its segments, what the camera wrote into them, and the picture upright and as large as it is wanted.

use super::{Prepared, Scaling, Wanted, check_size};
use crate::error::{Result, bad_input};

const MEDIA: &str = "image/jpeg";
/// Segments that cameras write beside the picture, and comments. Those of JFIF (APP0), of colours (APP2) and of Adobe
/// (APP14) belong to how it looks.
const BESIDE: [u8; 14] = [0xe1, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xef, 0xfe];
const EXIF: &[u8] = b"Exif\0\0";
const COLOURS: &[u8] = b"ICC_PROFILE\0";
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;

/// What a JPEG's segments say before its picture begins.
struct Segments<'a> {
    width: u32,
    height: u32,
    /// How the camera was held, 1 to 8; 1 is upright.
    orientation: u8,
    /// The Exif segment's data.
    exif: Option<&'a [u8]>,
    /// The segments that stay, with their markers and lengths.
    kept: Vec<&'a [u8]>,
    /// Where the picture's bytes begin.
    scan: usize,
}

pub(super) fn prepare(file: Vec<u8>, wanted: &Wanted, scaling: Scaling) -> Result<Prepared> {
    let segments = Segments::of(&file).ok_or_else(|| bad_input("the parts of the picture cannot be told apart"))?;
    check_size(segments.width, segments.height)?;
    let kept = segments.exif.filter(|_| wanted.keeps_position);
    #[cfg(feature = "photos")]
    {
        let exif = kept.map(upright);
        let size = super::within((segments.width, segments.height), wanted.long_side(scaling));
        if size != (segments.width, segments.height) || segments.orientation != 1 {
            let orientation = segments.orientation;
            return scaled(&file, size, orientation, exif.as_deref(), scaling.quality);
        }
    }
    let _ = scaling;
    let size = Some((segments.width, segments.height));
    // Where nothing is turned here, whoever shows it has to be told how.
    let exif =
        kept.map(<[u8]>::to_vec).or_else(|| (segments.orientation != 1).then(|| turned_only(segments.orientation)));
    Ok(Prepared { bytes: segments.written(&file, exif.as_deref()), media: MEDIA, size })
}

impl<'a> Segments<'a> {
    fn of(file: &'a [u8]) -> Option<Segments<'a>> {
        let mut found = Segments { width: 0, height: 0, orientation: 1, exif: None, kept: Vec::new(), scan: 0 };
        let mut at = 2;
        loop {
            // Fill bytes may stand before a marker.
            while file.get(at..at + 2)? == [0xff, 0xff] {
                at += 1;
            }
            let [0xff, marker] = *file.get(at..at + 2)? else { return None };
            let length = usize::from(u16::from_be_bytes(file.get(at + 2..at + 4)?.try_into().ok()?));
            let segment = file.get(at..at + 2 + length)?;
            let data = segment.get(4..)?;
            match marker {
                0xda => {
                    found.scan = at;
                    return (found.width > 0).then_some(found);
                }
                0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                    found.height = u32::from(u16::from_be_bytes(data.get(1..3)?.try_into().ok()?));
                    found.width = u32::from(u16::from_be_bytes(data.get(3..5)?.try_into().ok()?));
                }
                APP1 if data.starts_with(EXIF) && found.exif.is_none() => {
                    found.exif = Some(data);
                    found.orientation = place_of_orientation(data).map_or(1, |(_, value)| value);
                }
                _ => {}
            }
            // Cameras hang further pictures into APP2, with their own Exif; only colours stay.
            if !BESIDE.contains(&marker) && (marker != APP2 || data.starts_with(COLOURS)) {
                found.kept.push(segment);
            }
            at += 2 + length;
        }
    }

    /// The file without what the camera wrote beside the picture, and without anything behind its end.
    fn written(&self, file: &[u8], exif: Option<&[u8]>) -> Vec<u8> {
        let mut written = vec![0xff, 0xd8];
        if let Some(exif) = exif {
            let length = u16::try_from(exif.len() + 2).expect("it came from a segment");
            written.extend([0xff, APP1]);
            written.extend(length.to_be_bytes());
            written.extend(exif);
        }
        self.kept.iter().for_each(|segment| written.extend(*segment));
        written.extend(&file[self.scan..end_of_picture(file, self.scan)]);
        written
    }
}

/// Where the picture ends: phones append films and depth maps, which hold what was taken off here.
fn end_of_picture(file: &[u8], scan: usize) -> usize {
    let mut at = scan;
    while let Some(&[first, second]) = file.get(at..at + 2).and_then(|two| two.first_chunk()) {
        at += match (first, second) {
            (0xff, 0xd9) => return at + 2,
            // Within the picture's data this is no marker, and these stand alone.
            (0xff, 0x00 | 0xd0..=0xd7) => 2,
            (0xff, 0xff) => 1,
            // Tables between the passes of a progressive picture: bytes in them may look like its end.
            (0xff, _) => match file.get(at + 2..at + 4).and_then(|two| two.first_chunk()) {
                Some(length) => 2 + usize::from(u16::from_be_bytes(*length)),
                None => return file.len(),
            },
            _ => 1,
        };
    }
    file.len()
}

/// Where in an Exif segment's data the lower byte of the orientation stands, and which it is.
fn place_of_orientation(exif: &[u8]) -> Option<(usize, u8)> {
    let tiff = exif.get(EXIF.len()..)?;
    let is_big = match tiff.get(..2)? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let two = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let long = |at: usize| -> Option<u32> {
        let four = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    };
    let directory = long(4)? as usize;
    let entries = usize::from(short(directory)?);
    let entry = (0..entries).map(|n| directory + 2 + 12 * n).find(|entry| short(*entry) == Some(0x0112))?;
    let value = short(entry + 8).filter(|value| (1..=8).contains(value))?;
    Some((EXIF.len() + entry + 8 + usize::from(is_big), value as u8))
}

/// An Exif segment's data that says how the camera was held, and nothing else.
fn turned_only(orientation: u8) -> Vec<u8> {
    let mut exif = [EXIF, b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"].concat();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

/// The same segment, saying that the picture stands upright: by then it does.
#[cfg(feature = "photos")]
fn upright(exif: &[u8]) -> Vec<u8> {
    let mut exif = exif.to_vec();
    if let Some((at, _)) = place_of_orientation(&exif) {
        exif[at] = 1;
    }
    exif
}

#[cfg(feature = "photos")]
fn scaled(file: &[u8], size: (u32, u32), orientation: u8, exif: Option<&[u8]>, quality: u8) -> Result<Prepared> {
    use super::scaling::{Picture, Shrinking};
    use jpeg_decoder::{Decoder, PixelFormat};

    let broken = || bad_input("the picture is damaged");
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    let mut decoder = Decoder::new(file);
    // Eighths, quarters and halves cost nothing, and the memory of a picture that large.
    let (width, height) = decoder.scale(side(size.0), side(size.1)).map_err(|_| broken())?;
    let pixels = decoder.decode().map_err(|_| broken())?;
    let format = decoder.info().ok_or_else(broken)?.pixel_format;
    let mut shrinking = Shrinking::new((u32::from(width), u32::from(height)), size);
    let row_bytes = usize::from(width) * format.pixel_bytes();
    let mut row = Vec::with_capacity(usize::from(width) * 3);
    for line in pixels.chunks_exact(row_bytes) {
        row.clear();
        match format {
            PixelFormat::RGB24 => row.extend_from_slice(line),
            PixelFormat::L8 => row.extend(line.iter().flat_map(|grey| [*grey; 3])),
            PixelFormat::L16 => row.extend(line.chunks_exact(2).flat_map(|grey| [grey[1]; 3])),
            PixelFormat::CMYK32 => row.extend(line.chunks_exact(4).flat_map(|ink| {
                let white = |ink: u8| (u16::from(ink) * u16::from(line[3]) / 255) as u8;
                [white(ink[0]), white(ink[1]), white(ink[2])]
            })),
        }
        shrinking.row(&row);
    }
    drop(pixels);
    let Picture { width, height, rgb } = shrinking.finish().turned(orientation);
    Ok(Prepared { bytes: encoded(&rgb, (width, height), exif, quality)?, media: MEDIA, size: Some((width, height)) })
}

/// A picture as a JPEG without anything beside it, but for `exif`.
#[cfg(feature = "photos")]
pub(super) fn encoded(rgb: &[u8], (width, height): (u32, u32), exif: Option<&[u8]>, quality: u8) -> Result<Vec<u8>> {
    use jpeg_encoder::{ColorType, Encoder};

    let too_large = || bad_input("the picture is larger than a JPEG may be");
    let side = |pixels: u32| u16::try_from(pixels).map_err(|_| too_large());
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality.clamp(1, 100));
    if let Some(exif) = exif {
        encoder.add_app_segment(1, exif.to_vec()).map_err(|_| too_large())?;
    }
    encoder.encode(rgb, side(width)?, side(height)?, ColorType::Rgb).map_err(|_| too_large())?;
    Ok(bytes)
}
