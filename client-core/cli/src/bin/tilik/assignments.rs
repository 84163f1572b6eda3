//! What is typed as `name=value`: which register of which record, and the value as text or as JSON.

use sync_protocol::Value;
use sync_protocol::save::is_register_name;

/// One register of one record, and what is written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// How the record is called; `None` for the household.
    pub(crate) record: Option<String>,
    pub(crate) register: String,
    pub(crate) typed: Typed,
}

/// A value as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// After `=`: takes the kind of the value that it replaces.
    Text(String),
    /// After `:=`: as it is.
    Json(Value),
}

/// The line, where it is no assignment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAnAssignment(pub(crate) String);

impl Assignment {
    /// Reads `[record:]name=text` or `[record:]name:=json`.
    pub(crate) fn parse(line: &str) -> Result<Assignment, NotAnAssignment> {
        let wrong = || NotAnAssignment(line.to_owned());
        let (left, right) = line.split_once('=').ok_or_else(wrong)?;
        let (left, typed) = match left.strip_suffix(':') {
            Some(left) => {
                let json: serde_json::Value = serde_json::from_str(right).map_err(|_| wrong())?;
                (left, Typed::Json(Value::of(&json).map_err(|_| wrong())?))
            }
            None => (left, Typed::Text(right.trim().to_owned())),
        };
        let (record, register) = match left.split_once(':') {
            Some((record, register)) => (Some(record.trim().to_owned()), register.trim()),
            None => (None, left.trim()),
        };
        // Registers that the protocol reads are not typed in by hand.
        if !is_register_name(register) || register.starts_with('_') || record.as_deref() == Some("") {
            return Err(wrong());
        }
        Ok(Assignment { record, register: register.to_owned(), typed })
    }

    /// Reads a member, `name=…; nik=…`.
    pub(crate) fn parse_all(line: &str) -> Result<Vec<Assignment>, NotAnAssignment> {
        let parts = line.split(';').map(str::trim).filter(|part| !part.is_empty());
        let all: Vec<Assignment> = parts.map(Assignment::parse).collect::<Result<_, _>>()?;
        if all.is_empty() || all.iter().any(|assignment| assignment.record.is_some()) {
            return Err(NotAnAssignment(line.to_owned()));
        }
        Ok(all)
    }
}

impl Typed {
    /// The value, which stays a number or a yes-or-no where it replaces one.
    pub(crate) fn value(&self, before: Option<&Value>) -> Value {
        let text = match self {
            Typed::Json(value) => return value.clone(),
            Typed::Text(text) => text,
        };
        match before.map(Value::json) {
            Some(serde_json::Value::Number(_)) => text.parse().map_or_else(|_| Value::text(text), Value::integer),
            Some(serde_json::Value::Bool(_)) => match text.to_lowercase().as_str() {
                "true" | "ya" | "yes" => Value::bool(true),
                "false" | "tidak" | "no" => Value::bool(false),
                _ => Value::text(text),
            },
            _ => Value::text(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(record: Option<&str>, register: &str, text: &str) -> Assignment {
        Assignment {
            record: record.map(str::to_owned),
            register: register.to_owned(),
            typed: Typed::Text(text.to_owned()),
        }
    }

    #[test]
    fn an_assignment_names_record_register_and_value() {
        let check = |line: &str, expected: Assignment| assert_eq!(Assignment::parse(line), Ok(expected), "{line}");
        check("address=Jl. A = B", text(None, "address", "Jl. A = B"));
        check(" phone = ", text(None, "phone", ""));
        check("3f2a:nik=1571", text(Some("3f2a"), "nik", "1571"));
        check("3f2a:expenses/1/amount=5", text(Some("3f2a"), "expenses/1/amount", "5"));
        let json = Assignment::parse("3f2a:position:={\"lon\":\"1\", \"lat\":\"2\"}").unwrap();
        assert_eq!(json.typed, Typed::Json(Value::new(r#"{"lat":"2","lon":"1"}"#).unwrap()));
        for line in ["address", "=x", "a\"b=x", ":name=x", "rooms:=four", "", "_area=1", "3f:_parent=1"] {
            assert_eq!(Assignment::parse(line), Err(NotAnAssignment(line.to_owned())), "{line}");
        }
    }

    #[test]
    fn a_member_is_several_assignments() {
        let member = Assignment::parse_all("name=SITI; relation=spouse;").unwrap();
        assert_eq!(member, [text(None, "name", "SITI"), text(None, "relation", "spouse")]);
        assert!(Assignment::parse_all(" ; ").is_err());
        assert!(Assignment::parse_all("3f2a:name=SITI").is_err());
    }

    #[test]
    fn typed_text_takes_the_kind_of_what_it_replaces() {
        let check = |typed: &str, before: Option<&str>, expected: &str| {
            let before = before.map(|before| Value::new(before).unwrap());
            assert_eq!(Typed::Text(typed.to_owned()).value(before.as_ref()).as_str(), expected, "{typed}");
        };
        check("4", Some("3"), "4");
        check("4", Some("\"3\""), "\"4\"");
        check("4", None, "\"4\"");
        check("empat", Some("3"), "\"empat\"");
        check("1571010101010001", Some("3"), "\"1571010101010001\"");
        check("ya", Some("false"), "true");
        check("mungkin", Some("false"), "\"mungkin\"");
    }
}
