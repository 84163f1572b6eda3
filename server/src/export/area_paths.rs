//! The names above an area, worked out once for all rows of an export.

use std::collections::HashMap;

use sync_protocol::AreaId;
use sync_protocol::exchange::AreaLevel;

/// One area as an export needs it.
#[derive(Debug, Clone)]
pub struct NamedArea {
    /// Its id.
    pub id: AreaId,
    /// Its code.
    pub code: String,
    /// Its level.
    pub level: AreaLevel,
    /// Its name.
    pub name: String,
    /// The area above.
    pub parent: Option<AreaId>,
}

/// The names of an area and of what it lies in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AreaPath {
    /// The area's own code.
    pub code: String,
    /// Kecamatan.
    pub district: String,
    /// Kelurahan.
    pub village: String,
    /// RW.
    pub rw: String,
    /// RT.
    pub rt: String,
}

/// All paths by area.
#[derive(Debug, Default)]
pub struct AreaPaths(HashMap<AreaId, AreaPath>);

impl AreaPaths {
    /// Follows every area up to the top.
    pub fn new(areas: &[NamedArea]) -> Self {
        let by_id: HashMap<AreaId, &NamedArea> = areas.iter().map(|area| (area.id, area)).collect();
        let path = |area: &NamedArea| {
            let mut path = AreaPath { code: area.code.clone(), ..AreaPath::default() };
            let mut above = Some(area);
            for _ in AreaLevel::ALL {
                let Some(area) = above else { break };
                let name = area.name.clone();
                match area.level {
                    AreaLevel::District => path.district = name,
                    AreaLevel::Village => path.village = name,
                    AreaLevel::Rw => path.rw = name,
                    AreaLevel::Rt => path.rt = name,
                    AreaLevel::Province | AreaLevel::Regency => {}
                }
                above = area.parent.and_then(|parent| by_id.get(&parent)).copied();
            }
            path
        };
        Self(areas.iter().map(|area| (area.id, path(area))).collect())
    }

    /// The path of an area, if it is known.
    pub fn find(&self, area: AreaId) -> Option<&AreaPath> {
        self.0.get(&area)
    }
}
