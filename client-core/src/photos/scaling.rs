//! A picture made smaller while it comes, row by row, each pixel the mean of the area it stands for; and turned upright.

/// A picture of three bytes a pixel.
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgb: Vec<u8>,
}

/// A picture that is being made smaller, or left as large as it is.
pub(super) struct Shrinking {
    from: (u32, u32),
    to: (u32, u32),
    /// Of each pixel of a row: the first pixel it stands for, and how much of each from there.
    columns: Vec<(usize, Vec<f32>)>,
    /// The row under way: sums.
    sums: Vec<f32>,
    rows: u32,
    rgb: Vec<u8>,
}

impl Shrinking {
    pub(super) fn new(from: (u32, u32), to: (u32, u32)) -> Shrinking {
        let columns = (0..to.0).map(|column| shares(column, from.0, to.0)).collect();
        let rgb = Vec::with_capacity(to.0 as usize * to.1 as usize * 3);
        Shrinking { from, to, columns, sums: vec![0.0; to.0 as usize * 3], rows: 0, rgb }
    }

    /// Takes the next row.
    pub(super) fn row(&mut self, row: &[u8]) {
        if self.rows >= self.from.1 {
            return;
        }
        let ratio = self.to.1 as f32 / self.from.1 as f32;
        let (top, bottom) = (self.rows as f32 * ratio, (self.rows + 1) as f32 * ratio);
        self.rows += 1;
        // The row belongs to one row of the smaller picture, or to two.
        let edge = (top + 1e-4).floor() + 1.0;
        if bottom < edge - 1e-4 {
            self.add(row, bottom - top);
            return;
        }
        self.add(row, edge - top);
        self.put();
        if bottom - edge > 1e-4 {
            self.add(row, bottom - edge);
        }
    }

    fn add(&mut self, row: &[u8], weight: f32) {
        for (column, (first, shares)) in self.columns.iter().enumerate() {
            for colour in 0..3 {
                let pixels = row[first * 3 + colour..].iter().step_by(3);
                let mean: f32 = pixels.zip(shares).map(|(value, share)| f32::from(*value) * share).sum();
                self.sums[column * 3 + colour] += mean * weight;
            }
        }
    }

    fn put(&mut self) {
        if self.rgb.len() < self.to.0 as usize * self.to.1 as usize * 3 {
            self.rgb.extend(self.sums.iter().map(|sum| sum.round().clamp(0.0, 255.0) as u8));
        }
        self.sums.fill(0.0);
    }

    pub(super) fn finish(mut self) -> Picture {
        // Rounding may have left the last row open.
        let bytes = self.to.0 as usize * self.to.1 as usize * 3;
        if self.rgb.len() < bytes {
            self.put();
        }
        self.rgb.resize(bytes, 0);
        Picture { width: self.to.0, height: self.to.1, rgb: self.rgb }
    }
}

/// Which of `from` pixels the pixel at `place` of `to` stands for: the first, and how much of each; together 1.
fn shares(place: u32, from: u32, to: u32) -> (usize, Vec<f32>) {
    let ratio = f64::from(from) / f64::from(to);
    let (start, end) = (f64::from(place) * ratio, f64::from(place + 1) * ratio);
    let last = (end - 1e-6).floor().min(f64::from(from - 1));
    let first = start.floor().min(last);
    let mut shares = Vec::new();
    let mut at = first;
    while at <= last {
        shares.push(((end.min(at + 1.0) - start.max(at)) / ratio) as f32);
        at += 1.0;
    }
    (first as usize, shares)
}

impl Picture {
    /// Upright, by how Exif says that the camera was held.
    pub(super) fn turned(self, orientation: u8) -> Picture {
        let (width, height) = (self.width as usize, self.height as usize);
        let is_on_its_side = orientation >= 5;
        let (to_width, to_height) = if is_on_its_side { (height, width) } else { (width, height) };
        if !(2..=8).contains(&orientation) {
            return self;
        }
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for y in 0..to_height {
            for x in 0..to_width {
                let (right, down) = (to_width - 1 - x, to_height - 1 - y);
                let (from_x, from_y) = match orientation {
                    2 => (right, y),
                    3 => (right, down),
                    4 => (x, down),
                    5 => (y, x),
                    6 => (y, right),
                    7 => (down, right),
                    _ => (down, x),
                };
                let at = (from_y * width + from_x) * 3;
                rgb.extend_from_slice(&self.rgb[at..at + 3]);
            }
        }
        Picture { width: to_width as u32, height: to_height as u32, rgb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_the_mean_of_the_area_it_stands_for() {
        for ((from_w, from_h), (to_w, to_h)) in
            [((4, 4), (2, 2)), ((5, 3), (2, 2)), ((7, 7), (7, 7)), ((100, 9), (33, 3)), ((3, 1), (1, 1))]
        {
            let mut shrinking = Shrinking::new((from_w, from_h), (to_w, to_h));
            let grey = |x: u32, y: u32| ((x * 37 + y * 91) % 256) as u8;
            for y in 0..from_h {
                let row: Vec<u8> = (0..from_w).flat_map(|x| [grey(x, y), 200, 0]).collect();
                shrinking.row(&row);
            }
            let small = shrinking.finish();
            assert_eq!((small.width, small.height, small.rgb.len()), (to_w, to_h, (to_w * to_h * 3) as usize));
            assert!(small.rgb.chunks_exact(3).all(|pixel| pixel[1] == 200 && pixel[2] == 0), "{from_w}×{from_h}");
            let mean =
                |values: Vec<u8>| values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
            let before = mean((0..from_h).flat_map(|y| (0..from_w).map(move |x| grey(x, y))).collect());
            let after = mean(small.rgb.chunks_exact(3).map(|pixel| pixel[0]).collect());
            assert!((before - after).abs() < 1.0, "{before} {after}");
        }
    }

    #[test]
    fn a_picture_is_turned_upright_however_the_camera_was_held() {
        // Two wide, three high: a b / c d / e f.
        let picture = || Picture { width: 2, height: 3, rgb: b"abcdef".iter().flat_map(|at| [*at; 3]).collect() };
        for (orientation, width, expected) in [
            (1, 2, "abcdef"),
            (2, 2, "badcfe"),
            (3, 2, "fedcba"),
            (4, 2, "efcdab"),
            (5, 3, "acebdf"),
            (6, 3, "ecafdb"),
            (7, 3, "fdbeca"),
            (8, 3, "bdface"),
        ] {
            let turned = picture().turned(orientation);
            let shown: Vec<u8> = turned.rgb.chunks_exact(3).map(|pixel| pixel[0]).collect();
            assert_eq!((turned.width, String::from_utf8(shown).unwrap().as_str()), (width, expected), "{orientation}");
        }
    }
}
