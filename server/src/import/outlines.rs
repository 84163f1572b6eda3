//! Outlines of areas: a GeoJSON collection of polygons, each tied to an area by the code among its properties.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::area_index::AreaIndex;
use super::findings::{Findings, Place};
use super::header_words::header_key;
use super::limits::{OUTLINE_FEATURES_MAX, OUTLINES_BYTES_MAX};

/// The outline of one area.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Position of the area in the index.
    pub area: usize,
    /// The area's code.
    pub code: String,
    /// A GeoJSON `Polygon` or `MultiPolygon` without spaces.
    pub geometry: String,
}

/// What a file of outlines holds.
#[derive(Debug)]
pub struct OutlineFile {
    /// In the file's order.
    pub outlines: Vec<Outline>,
    /// The property that was taken for the code.
    pub code_property: Option<String>,
    /// What is wrong, the row being the feature's number from 1.
    pub findings: Findings,
}

#[derive(Deserialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: String,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    #[serde(default)]
    properties: Option<Map<String, Value>>,
    geometry: Option<Value>,
}

type Ring = Vec<Vec<f64>>;

#[derive(Deserialize, Serialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Ring>),
    MultiPolygon(Vec<Vec<Ring>>),
}

/// Reads outlines. `code_property` names the property that holds the code; without it the one that fits most areas is taken.
pub fn read_outlines(name: &str, bytes: &[u8], areas: &AreaIndex, code_property: Option<&str>) -> OutlineFile {
    let mut findings = Findings::new(name, "");
    let features = match read_features(bytes) {
        Ok(features) => features,
        Err((code, sentence)) => {
            findings.refuse_file(Place::FILE, code, sentence);
            return OutlineFile { outlines: Vec::new(), code_property: None, findings };
        }
    };
    let property = code_property.map(str::to_owned).or_else(|| guess_property(&features, areas));
    let Some(property) = property else {
        let sentence = "No property of the features holds codes of known areas; name it.";
        findings.refuse_file(Place::FILE, "code_property_unknown", sentence);
        return OutlineFile { outlines: Vec::new(), code_property: None, findings };
    };
    let mut seen = HashSet::new();
    let mut outlines = Vec::new();
    for (number, feature) in (1u32..).zip(features) {
        match outline_of(feature, &property, areas) {
            Ok(outline) if !seen.insert(outline.area) => {
                let sentence = format!("The area {} has an outline further up already.", outline.code);
                findings.error(Place::row(number), "duplicate_outline", sentence);
            }
            Ok(outline) => outlines.push(outline),
            Err((code, sentence)) => findings.error(Place::row(number), code, sentence),
        }
    }
    OutlineFile { outlines, code_property: Some(property), findings }
}

type Refusal = (&'static str, String);

fn read_features(bytes: &[u8]) -> Result<Vec<Feature>, Refusal> {
    if bytes.len() as u64 > OUTLINES_BYTES_MAX {
        let sentence = format!("The file is larger than {} MiB.", OUTLINES_BYTES_MAX >> 20);
        return Err(("file_too_large", sentence));
    }
    // The parser's own message may quote the file, so only the line is told.
    let collection: Collection = serde_json::from_slice(bytes).map_err(|error| {
        ("not_geojson", format!("The file is no whole GeoJSON collection; see line {}.", error.line()))
    })?;
    if collection.kind != "FeatureCollection" {
        return Err(("not_geojson", "The file is not a FeatureCollection.".to_owned()));
    }
    if collection.features.len() > OUTLINE_FEATURES_MAX {
        return Err(("too_many_features", format!("The file has more than {OUTLINE_FEATURES_MAX} features.")));
    }
    Ok(collection.features)
}

/// The property whose values are codes of most areas; among equals the one named like a code.
fn guess_property(features: &[Feature], areas: &AreaIndex) -> Option<String> {
    let mut hits: BTreeMap<&str, usize> = BTreeMap::new();
    for properties in features.iter().filter_map(|feature| feature.properties.as_ref()) {
        for (name, value) in properties {
            if code_text(value).is_some_and(|code| areas.find_code(&code).is_some()) {
                *hits.entry(name).or_default() += 1;
            }
        }
    }
    let is_code_name =
        |name: &str| header_key(name).split(' ').any(|word| matches!(word, "kode" | "code" | "kd" | "id"));
    hits.into_iter().max_by_key(|(name, count)| (*count, is_code_name(name))).map(|(name, _)| name.to_owned())
}

fn code_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    }
}

fn outline_of(feature: Feature, property: &str, areas: &AreaIndex) -> Result<Outline, Refusal> {
    let code = feature.properties.as_ref().and_then(|properties| properties.get(property)).and_then(code_text);
    let code = code.ok_or_else(|| ("code_missing", format!("The property `{property}` holds no code.")))?;
    let area =
        areas.find_code(&code).ok_or_else(|| ("area_unknown", format!("There is no area with the code {code}.")))?;
    let geometry = feature.geometry.ok_or_else(|| ("geometry_missing", "The feature has no geometry.".to_owned()))?;
    let mut geometry: Geometry = serde_json::from_value(geometry)
        .map_err(|_| ("geometry_kind", "An outline is a Polygon or a MultiPolygon.".to_owned()))?;
    match &mut geometry {
        Geometry::Polygon(rings) => check_polygon(rings)?,
        Geometry::MultiPolygon(polygons) => polygons.iter_mut().try_for_each(|rings| check_polygon(rings))?,
    }
    let text = serde_json::to_string(&geometry).expect("numbers that were read as finite can be written");
    Ok(Outline { area, code: areas.area(area).code.clone(), geometry: text })
}

fn check_polygon(rings: &mut [Ring]) -> Result<(), Refusal> {
    if rings.is_empty() {
        return Err(("geometry_empty", "A polygon has no ring.".to_owned()));
    }
    for ring in rings {
        if ring.len() < 4 {
            return Err(("ring_short", "A ring needs at least four points.".to_owned()));
        }
        if ring.first() != ring.last() {
            return Err(("ring_open", "A ring does not end where it begins.".to_owned()));
        }
        for point in ring {
            // Heights are of no use on a map of areas.
            point.truncate(2);
            let [lon, lat] = point[..] else {
                return Err(("point_incomplete", "A point needs longitude and latitude.".to_owned()));
            };
            if lat.abs() > 90.0 && lon.abs() <= 90.0 {
                return Err((
                    "point_swapped",
                    "Latitude and longitude are exchanged; GeoJSON puts longitude first.".to_owned(),
                ));
            }
            if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
                return Err((
                    "point_range",
                    "A point does not lie on earth; the file must be in degrees (WGS 84).".to_owned(),
                ));
            }
        }
    }
    Ok(())
}
