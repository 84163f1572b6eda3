//! The trail as ODK's `audit.csv`.

use std::fmt::Write;

use super::{Event, Happening, Trail};

const HEADER: &str = "event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user\n";

impl Trail {
    /// The trail in the columns of ODK's audit log; positions are not taken and so stay empty. Old and new values only
    /// where `values` says so: they are personal data.
    pub fn to_audit_csv(&self, values: bool) -> String {
        let mut csv = HEADER.to_owned();
        for event in &self.events {
            self.write_row(event, values, &mut csv);
        }
        csv
    }

    fn write_row(&self, event: &Event, values: bool, csv: &mut String) {
        let changed = values && event.old != event.new;
        let value = |value: &Option<String>| value.clone().filter(|_| changed).unwrap_or_default();
        let end = event.end.map(|end| end.to_string()).unwrap_or_default();
        let Event { what, node, start, .. } = event;
        write!(csv, "{},{},{start},{end},,,,", what.audit_name(), cell(node)).expect("a String takes any text");
        let user = self.user.as_deref().unwrap_or("");
        writeln!(csv, "{},{},{}", cell(&value(&event.old)), cell(&value(&event.new)), cell(user))
            .expect("a String takes any text");
    }
}

impl Happening {
    /// ODK's word; those that it lacks are ours.
    pub fn audit_name(self) -> &'static str {
        match self {
            Happening::FormStart => "form start",
            Happening::FormResume => "form resume",
            Happening::FormFinalize => "form finalize",
            Happening::FinalizeError => "finalize error",
            Happening::Question => "question",
            Happening::GroupQuestions => "group questions",
            Happening::AddPrompt => "add repeat prompt",
            Happening::EndScreen => "end screen",
            Happening::Jump => "jump",
            Happening::AddRepeat => "add repeat",
            Happening::DeleteRepeat => "delete repeat",
            Happening::MoveRepeat => "move repeat",
            Happening::ConstraintError => "constraint error",
            Happening::ChangeLanguage => "language change",
            Happening::ChangeReason => "change reason",
        }
    }
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
