//! Functions of places on Earth, taken for a sphere of the radius of the Equator, as ODK does; altitude does not count.

use crate::expr::ast::Expr;
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::{Value, World};

const EARTH_RADIUS_M: f64 = 6_378_100.0;

/// A place in radians.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    latitude: f64,
    longitude: f64,
}

impl<W: World> Scope<'_, W> {
    pub(super) fn places(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        Some(match builtin {
            Builtin::Area => {
                let line = line(&self.all_texts(arguments));
                Value::Number(line.map_or(f64::NAN, |line| to_hundredths(area(&line))))
            }
            Builtin::Distance => {
                let line = line(&self.all_texts(arguments)).filter(|line| line.len() > 1);
                Value::Number(line.map_or(f64::NAN, |line| to_hundredths(length(&line))))
            }
            Builtin::Geofence => {
                let (point, shape) = (place(&self.text(&arguments[0])), line(&[self.text(&arguments[1])]));
                let closed = shape.filter(|shape| shape.len() > 3 && shape.first() == shape.last());
                Value::Boolean(point.zip(closed).is_some_and(|(point, shape)| holds(&shape, point)))
            }
            Builtin::ShortGeopoint => {
                let text = self.text(&arguments[0]);
                let parts: Vec<&str> = text.split_whitespace().take(2).collect();
                Value::Text(parts.join(" "))
            }
            _ => return None,
        })
    }
}

/// The places of a geotrace or geoshape, or of several geopoints; `None` where one cannot be read. Empty ones are passed
/// over.
fn line(texts: &[String]) -> Option<Vec<Place>> {
    let points = texts.iter().flat_map(|text| text.split(';')).map(str::trim).filter(|point| !point.is_empty());
    points.map(place).collect()
}

/// `latitude longitude [altitude [accuracy]]`, in degrees.
fn place(text: &str) -> Option<Place> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let degrees = |index: usize, most: f64| {
        let degrees: f64 = parts.get(index)?.parse().ok()?;
        (degrees.abs() <= most).then(|| degrees.to_radians())
    };
    let fits = (2..=4).contains(&parts.len());
    if fits { Some(Place { latitude: degrees(0, 90.0)?, longitude: degrees(1, 180.0)? }) } else { None }
}

/// The length of the great circles from place to place, in metres.
fn length(line: &[Place]) -> f64 {
    line.windows(2).map(|pair| great_circle(pair[0], pair[1])).sum()
}

fn great_circle(from: Place, to: Place) -> f64 {
    let cosine = from.latitude.sin() * to.latitude.sin()
        + from.latitude.cos() * to.latitude.cos() * (from.longitude - to.longitude).cos();
    // Of two equal places it may come out a little above 1.
    cosine.clamp(-1.0, 1.0).acos() * EARTH_RADIUS_M
}

/// The area inside the closed line, in square metres, by the rule of Chamberlain and Duquette (2007): half the squared
/// radius times the sum of each side's turn in longitude times two plus the sines of its ends' latitudes.
fn area(line: &[Place]) -> f64 {
    if line.len() < 3 {
        return 0.0;
    }
    let ends = line.iter().cycle().skip(1);
    let sides = line
        .iter()
        .zip(ends)
        .map(|(from, to)| (to.longitude - from.longitude) * (2.0 + from.latitude.sin() + to.latitude.sin()));
    (sides.sum::<f64>() * EARTH_RADIUS_M * EARTH_RADIUS_M / 2.0).abs()
}

/// Whether a ray from the point crosses the closed line an odd number of times.
fn holds(shape: &[Place], point: Place) -> bool {
    let crossings = shape.windows(2).filter(|side| {
        let (from, to) = (side[0], side[1]);
        let spans = (from.latitude > point.latitude) != (to.latitude > point.latitude);
        let share = (point.latitude - to.latitude) / (from.latitude - to.latitude);
        spans && point.longitude < to.longitude + share * (from.longitude - to.longitude)
    });
    crossings.count() % 2 == 1
}

fn to_hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
