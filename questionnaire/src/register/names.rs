//! Properties that cannot be called as the register calls them, because ODK keeps the word for itself.

/// Property and register. ODK reserves `name` and `label`: an entity's label is a formula, its name the register's.
const RENAMED: &[(&str, &str)] = &[("full_name", "name")];

/// The register that a property fills.
pub fn register_of(property: &str) -> &str {
    RENAMED.iter().find(|(renamed, _)| *renamed == property).map_or(property, |(_, register)| register)
}

/// The property that fills a register.
pub fn property_of(register: &str) -> &str {
    RENAMED.iter().find(|(_, known)| *known == register).map_or(register, |(property, _)| property)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_has_its_own_word_where_odk_reserves_it() {
        assert_eq!((register_of("full_name"), property_of("name")), ("name", "full_name"));
        assert_eq!((register_of("nik"), property_of("nik")), ("nik", "nik"));
    }
}
