//! Photos on their way into a visit: made no larger than they are looked at, and freed of what the camera wrote beside them.
//!
//! Pure: bytes in, bytes out. Memory stays that of the photo as it is kept, plus the file: a JPEG is scaled while it is
//! decoded, a PNG row by row. Whatever is no photo that is known here is left as it is. Without the feature `photos` nothing
//! is scaled, for a browser does that by itself; what the camera wrote beside the picture goes all the same.

mod jpeg;
mod media;
mod png;
#[cfg(feature = "photos")]
mod scaling;
#[cfg(test)]
mod tests;

use questionnaire::interview::Question;

use crate::error::{Result, bad_input};

pub(crate) use media::{ending_of, media_of};

/// Pixels of a picture that is looked at all: a file of a few bytes can claim to hold any number.
const PIXELS_MAX: u64 = 120_000_000;

/// How photos are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// Pixels of the longer side, unless the question's `max-pixels` says otherwise; 0 for as many as there are.
    pub long_side: u32,
    /// Quality of the JPEG, 1 to 100.
    pub quality: u8,
}

impl Default for Scaling {
    /// A family card can be read, and a photo is some 300 kB.
    fn default() -> Self {
        Scaling { long_side: 1_600, quality: 75 }
    }
}

/// What a question asks of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The question's name: the file is called after it.
    pub question: String,
    /// A picture is asked for.
    pub is_image: bool,
    /// `max-pixels` of the form.
    pub max_pixels: Option<u32>,
    /// `keep-position` of the form: where the photo was taken stays in it.
    pub keeps_position: bool,
}

impl Wanted {
    /// What a question of an interview asks.
    pub fn of(question: &Question) -> Wanted {
        let parameter = |name: &str| question.parameters.get(name).map(String::as_str);
        Wanted {
            question: question.name.clone(),
            is_image: question.kind == "image",
            max_pixels: parameter("max-pixels").and_then(|pixels| pixels.parse().ok()),
            keeps_position: parameter("keep-position").is_some_and(|keep| matches!(keep, "true" | "yes")),
        }
    }

    #[cfg(feature = "photos")]
    fn long_side(&self, scaling: Scaling) -> u32 {
        match self.max_pixels.unwrap_or(scaling.long_side) {
            0 => u32::MAX,
            pixels => pixels,
        }
    }
}

/// A file as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Its media type.
    pub(crate) media: &'static str,
    /// Width and height, where it is a picture that was looked at.
    pub(crate) size: Option<(u32, u32)>,
}

/// Makes a file ready to be kept.
///
/// Photos come out upright, at most as large as wanted, and without position, device and owner. A picture that claims more
/// pixels than any camera has is refused; so is one whose parts cannot be told apart, for nobody knows what it gives away.
pub(crate) fn prepare(file: Vec<u8>, wanted: &Wanted, scaling: Scaling) -> Result<Prepared> {
    let media = media_of(&file);
    match media {
        _ if !wanted.is_image => Ok(Prepared { bytes: file, media, size: None }),
        "image/jpeg" => jpeg::prepare(file, wanted, scaling),
        "image/png" => png::prepare(file, wanted, scaling),
        _ => Ok(Prepared { bytes: file, media, size: None }),
    }
}

/// Refuses what no camera takes.
fn check_size(width: u32, height: u32) -> Result<()> {
    if width == 0 || height == 0 || u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(bad_input("the picture claims more pixels than a picture has, or none"));
    }
    Ok(())
}

/// The size within a square of `long_side`, in proportion; never larger than it is.
#[cfg(feature = "photos")]
fn within((width, height): (u32, u32), long_side: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= long_side {
        return (width, height);
    }
    let scaled = |side: u32| ((u64::from(side) * u64::from(long_side) / u64::from(longer)) as u32).max(1);
    (scaled(width), scaled(height))
}
