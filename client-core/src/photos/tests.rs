//! Photos as cameras and attackers write them.

use super::*;
use crate::Error;

fn wanted() -> Wanted {
    Wanted { question: "photo_front".to_owned(), is_image: true, max_pixels: None, keeps_position: false }
}

/// An Exif segment's data with an orientation and, as cameras write it, a position.
fn exif(orientation: u8) -> Vec<u8> {
    let mut data = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    data.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    data.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0]);
    data.extend(b"GPS -1.6101 103.6131");
    data
}

/// The bytes of a JPEG's head without a picture, claiming a size.
fn head(width: u16, height: u16) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8, 0xff, 0xc0, 0, 11, 8];
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend([1, 1, 0x11, 0, 0xff, 0xda, 0, 2, 0xff, 0xd9]);
    file
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// A file with a segment right behind its first two bytes.
fn with_segment(file: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&file[..2], &[0xff, marker], &length, data, &file[2..]].concat()
}

#[test]
fn what_no_camera_takes_is_refused_before_it_fills_the_memory() {
    let check = |file: Vec<u8>| match prepare(file, &wanted(), Scaling::default()) {
        Err(Error::BadInput { .. }) => {}
        other => panic!("{other:?}"),
    };
    check(head(65_000, 65_000));
    check(head(0, 10));
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend([0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    png.extend(b"\0\0\0\0IEND\0\0\0\0");
    check(png);
}

#[test]
fn a_picture_cut_anywhere_is_refused_or_read_without_harm() {
    let file = with_segment(&head(8, 8), 0xe1, &exif(6));
    for cut in 3..file.len() {
        let _ = prepare(file[..cut].to_vec(), &wanted(), Scaling { long_side: 4, ..Scaling::default() });
        let mut changed = file.clone();
        changed[cut] ^= 0xff;
        let _ = prepare(changed, &wanted(), Scaling::default());
    }
}

#[test]
fn what_is_no_picture_that_is_known_is_kept_as_it_is() {
    for (file, media) in [
        (&b"RIFF\0\0\0\0WEBPVP8 "[..], "image/webp"),
        (b"\0\0\0\x18ftypheic\0\0", "image/heic"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\0\0\0\x18ftypisom\0\0", "video/mp4"),
        (b"Siti", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ] {
        let kept = prepare(file.to_vec(), &wanted(), Scaling::default()).expect("kept");
        assert_eq!((kept.bytes.as_slice(), kept.media, kept.size), (file, media, None));
    }
    let film = Wanted { is_image: false, ..wanted() };
    let photo = with_segment(&head(8, 8), 0xe1, &exif(6));
    let kept = prepare(photo.clone(), &film, Scaling::default()).expect("kept");
    assert_eq!(kept.bytes, photo, "a file question gets the file");
}

#[test]
fn a_picture_that_is_small_enough_loses_only_what_stands_beside_it() {
    let plain = head(8, 8);
    let mut file = with_segment(&plain, 0xe1, &exif(1));
    file = with_segment(&file, 0xed, b"Photoshop 3.0\0owner");
    file = with_segment(&file, 0xfe, b"a comment");
    file.extend(b"a film with its own GPS behind the picture");
    let kept = prepare(file.clone(), &wanted(), Scaling::default()).expect("kept");
    assert_eq!(kept.bytes, plain);
    let position = Wanted { keeps_position: true, ..wanted() };
    let kept = prepare(file, &position, Scaling::default()).expect("kept");
    assert!(holds(&kept.bytes, b"GPS -1.6101 103.6131") && !holds(&kept.bytes, b"owner"));
}

#[cfg(feature = "photos")]
mod scaled {
    use super::*;

    /// A photo of so many pixels: red on the left, blue on the right.
    fn photo(width: u32, height: u32) -> Vec<u8> {
        let pixel = |x: u32| if x < width / 2 { [220, 20, 20] } else { [20, 20, 220] };
        let rgb: Vec<u8> = (0..height).flat_map(|_| (0..width).flat_map(pixel)).collect();
        jpeg::encoded(&rgb, (width, height), None, 90).expect("a photo")
    }

    /// Size and the colour in the middle of the left and of the upper side.
    fn seen(file: &[u8]) -> ((u16, u16), [char; 2]) {
        let mut decoder = jpeg_decoder::Decoder::new(file);
        let pixels = decoder.decode().expect("a JPEG");
        let info = decoder.info().expect("read");
        let (width, height) = (usize::from(info.width), usize::from(info.height));
        let colour = |x: usize, y: usize| if pixels[(y * width + x) * 3] > 120 { 'r' } else { 'b' };
        ((info.width, info.height), [colour(1, height / 2), colour(width / 2, 1)])
    }

    #[test]
    fn a_photo_is_made_as_small_as_the_form_or_the_device_says() {
        let file = photo(640, 480);
        let scaling = Scaling { long_side: 320, quality: 75 };
        let kept = prepare(file.clone(), &wanted(), scaling).expect("kept");
        assert_eq!((kept.size, seen(&kept.bytes).0), (Some((320, 240)), (320, 240)));
        assert!(kept.bytes.len() < file.len());
        let form = Wanted { max_pixels: Some(100), ..wanted() };
        assert_eq!(seen(&prepare(file.clone(), &form, scaling).expect("kept").bytes).0, (100, 75));
        let whole = Wanted { max_pixels: Some(0), ..wanted() };
        assert_eq!(prepare(file.clone(), &whole, scaling).expect("kept").bytes, file);
        let upright = prepare(photo(480, 640), &wanted(), scaling).expect("kept");
        assert_eq!(seen(&upright.bytes).0, (240, 320));
    }

    #[test]
    fn the_position_goes_and_the_photo_stands_upright() {
        for (orientation, size, left) in
            [(1, (64, 48), 'r'), (3, (64, 48), 'b'), (2, (64, 48), 'b'), (4, (64, 48), 'r')]
        {
            let file = with_segment(&photo(128, 96), 0xe1, &exif(orientation));
            let kept = prepare(file, &wanted(), Scaling { long_side: 64, quality: 80 }).expect("kept");
            assert!(!holds(&kept.bytes, b"Exif") && !holds(&kept.bytes, b"GPS"), "{orientation}");
            let (found, [at_left, _]) = seen(&kept.bytes);
            assert_eq!((found, at_left), (size, left), "{orientation}");
        }
        // Held on its side: what was on the left is above, or below.
        for (orientation, top) in [(6, 'r'), (8, 'b')] {
            let file = with_segment(&photo(128, 96), 0xe1, &exif(orientation));
            let kept = prepare(file, &wanted(), Scaling { long_side: 128, quality: 80 }).expect("kept");
            let (found, [_, above]) = seen(&kept.bytes);
            assert_eq!((found, above), ((96, 128), top), "{orientation}");
        }
        let position = Wanted { keeps_position: true, ..wanted() };
        let file = with_segment(&photo(128, 96), 0xe1, &exif(6));
        let kept = prepare(file, &position, Scaling { long_side: 64, quality: 80 }).expect("kept");
        assert!(holds(&kept.bytes, b"GPS -1.6101"), "the form wants it");
        assert!(holds(&kept.bytes, &exif(1)), "and nobody turns it once more");
        assert_eq!(seen(&kept.bytes).0, (48, 64));
    }

    #[test]
    fn a_small_drawing_stays_a_png_and_a_large_one_becomes_a_photo() {
        let drawn = |width: u32, height: u32, colours: ::png::ColorType| {
            let mut bytes = Vec::new();
            let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
            encoder.set_color(colours);
            encoder.set_depth(::png::BitDepth::Eight);
            encoder.add_text_chunk("Author".to_owned(), "Siti".to_owned()).expect("a chunk");
            let mut writer = encoder.write_header().expect("a head");
            writer.write_image_data(&vec![0; (width * height) as usize * colours.samples()]).expect("a picture");
            drop(writer);
            bytes
        };
        let scaling = Scaling { long_side: 50, quality: 75 };
        let kept = prepare(drawn(40, 30, ::png::ColorType::Rgb), &wanted(), scaling).expect("kept");
        assert_eq!((kept.media, kept.size), ("image/png", Some((40, 30))));
        assert!(!holds(&kept.bytes, b"Siti"));
        for colours in [::png::ColorType::Rgba, ::png::ColorType::Grayscale, ::png::ColorType::GrayscaleAlpha] {
            let kept = prepare(drawn(100, 60, colours), &wanted(), scaling).expect("kept");
            assert_eq!((kept.media, kept.size), ("image/jpeg", Some((50, 30))), "{colours:?}");
        }
    }
}
