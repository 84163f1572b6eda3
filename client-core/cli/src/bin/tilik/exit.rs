//! How a command ends: an exit code that is documented, and for people what happened, what is safe and what to do now.

use std::path::Path;
use std::process::ExitCode;

use client_core::Error;
use serde_json::json;
use tilik::carry::CarryError;
use tilik::http::BadServer;
use tilik::keys::KeyError;

use crate::paper::Paper;
use crate::words::Word;

/// Exit codes, as `tilik --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Wrong usage; clap ends with the same.
    Usage = 2,
    /// The server cannot be reached, or is busy.
    Offline = 3,
    /// The device has to be enrolled (again).
    Enrol = 4,
    /// Done, and a person has to look at something.
    Attention = 5,
    /// The program is too old.
    TooOld = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The device, or its server.
    Device(Error),
    /// The store's key or folder.
    Key(KeyError),
    /// The server's address.
    Server(BadServer),
    /// The folder is another server's.
    OtherServer(String),
    /// What was to be carried was not, or not all of it.
    Carry(Word),
    /// Something is missing on the command line.
    Usage(Word),
    NoSuchArea(String),
    NoSuchRecord(String),
    Ambiguous {
        named: String,
        among: Vec<String>,
    },
    /// No questionnaire is here, or none of that name: those that are.
    NoSuchForm {
        here: Vec<String>,
    },
    /// The file of answers is no JSON object.
    NotAnswers,
    /// The file that answers this question cannot be taken.
    NotAFile(String),
    /// Standard input or a file.
    Input(std::io::Error),
    /// Standard output.
    Output(std::io::Error),
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Failure::Device(Error::Offline | Error::Busy { .. }) | Failure::Carry(Word::CarryBroke) => Exit::Offline,
            Failure::Device(Error::SignInAgain | Error::NotEnrolled) => Exit::Enrol,
            Failure::Device(Error::AppTooOld) => Exit::TooOld,
            Failure::Usage(_)
            | Failure::Server(_)
            | Failure::NoSuchForm { .. }
            | Failure::NotAnswers
            | Failure::NotAFile(_)
            | Failure::NoSuchArea(_)
            | Failure::NoSuchRecord(_)
            | Failure::Ambiguous { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }

    /// A stable word for programs.
    fn code(&self) -> &'static str {
        match self {
            Failure::Device(error) => match error {
                Error::Offline => "offline",
                Error::SignInAgain => "sign_in_again",
                Error::NotEnrolled => "not_enrolled",
                Error::DeviceFull => "device_full",
                Error::AppTooOld => "app_too_old",
                Error::FileDamaged => "file_damaged",
                Error::WrongKey => "wrong_key",
                Error::InUse => "in_use",
                Error::Busy { .. } => "busy",
                Error::Refused { .. } => "refused",
                Error::BadAnswer(_) => "bad_answer",
                Error::BadInput { .. } => "bad_input",
                Error::NotFound(_) => "not_found",
                Error::Store(_) => "store",
            },
            Failure::Key(KeyError::Missing(_)) => "key_missing",
            Failure::Key(KeyError::Damaged(_)) => "key_damaged",
            Failure::Key(KeyError::Exposed(_)) => "key_exposed",
            Failure::Key(KeyError::Folder(_)) => "folder",
            Failure::Server(_) => "bad_server",
            Failure::OtherServer(_) => "other_server",
            Failure::Carry(Word::CarryBroke) => "carry_broke",
            Failure::Carry(Word::CarryWrongCode) => "wrong_code",
            Failure::Carry(_) => "carry",
            Failure::Usage(_) => "usage",
            Failure::NoSuchArea(_) => "no_such_area",
            Failure::NoSuchRecord(_) => "no_such_record",
            Failure::Ambiguous { .. } => "ambiguous",
            Failure::NoSuchForm { .. } => "no_such_form",
            Failure::NotAnswers => "not_answers",
            Failure::NotAFile(_) => "not_a_file",
            Failure::Input(_) => "input",
            Failure::Output(_) => "output",
        }
    }

    /// For people.
    pub(crate) fn sentence(&self, paper: &Paper) -> String {
        match self {
            Failure::Device(error) => device_sentence(error, paper),
            Failure::Key(KeyError::Missing(_)) => paper.say(Word::KeyMissing, &[]),
            Failure::Key(KeyError::Damaged(_)) => paper.say(Word::KeyDamaged, &[]),
            Failure::Key(KeyError::Exposed(path)) => paper.say(Word::KeyExposed, &[("path", &shown(path))]),
            Failure::Key(KeyError::Folder(why)) => paper.say(Word::FolderFailed, &[("why", why)]),
            Failure::Server(BadServer::NotAnAddress) => paper.say(Word::NotAnAddress, &[]),
            Failure::Server(BadServer::Unprotected) => paper.say(Word::Unprotected, &[]),
            Failure::OtherServer(server) => paper.say(Word::OtherServer, &[("server", server)]),
            Failure::Carry(word) | Failure::Usage(word) => paper.say(*word, &[]),
            Failure::NoSuchArea(named) => paper.say(Word::NoSuchArea, &[("named", named)]),
            Failure::NoSuchRecord(named) => paper.say(Word::NoSuchRecord, &[("named", named)]),
            Failure::Ambiguous { named, among } => {
                paper.say(Word::Ambiguous, &[("named", named), ("among", &among.join(", "))])
            }
            Failure::NoSuchForm { here } if here.is_empty() => paper.say(Word::NoForms, &[]),
            Failure::NoSuchForm { here } => paper.say(Word::NoSuchForm, &[("here", &here.join(", "))]),
            Failure::NotAnswers => paper.say(Word::NotAnswers, &[]),
            Failure::NotAFile(question) => paper.say(Word::NotAFile, &[("question", question)]),
            Failure::Input(why) => paper.say(Word::InputFailed, &[("why", why)]),
            Failure::Output(why) => paper.say(Word::OutputFailed, &[("why", why)]),
        }
    }

    /// For programs.
    pub(crate) fn json(&self, paper: &Paper) -> serde_json::Value {
        let mut error = json!({"code": self.code(), "message": self.sentence(paper)});
        if let Failure::Device(Error::Busy { retry_after }) = self {
            error["retry_after"] = json!(retry_after);
        }
        json!({"error": error})
    }
}

fn device_sentence(error: &Error, paper: &Paper) -> String {
    let word = match error {
        Error::Offline => Word::Offline,
        Error::SignInAgain => Word::SignInAgain,
        Error::NotEnrolled => Word::NotEnrolled,
        Error::DeviceFull => Word::DeviceFull,
        Error::AppTooOld => Word::AppTooOld,
        Error::FileDamaged => Word::FileDamaged,
        Error::WrongKey => Word::WrongKey,
        Error::InUse => Word::InUse,
        Error::Busy { retry_after: None } => Word::Busy,
        Error::Busy { retry_after: Some(seconds) } => return paper.say(Word::BusyFor, &[("seconds", seconds)]),
        Error::Refused { code, message } => {
            return paper.say(Word::Refused, &[("code", code), ("message", message)]);
        }
        Error::BadAnswer(why) => return paper.say(Word::BadAnswer, &[("why", why)]),
        Error::BadInput { .. } => return paper.say(Word::BadInput, &[("why", error)]),
        Error::NotFound(what) => return paper.say(Word::NotFound, &[("what", what)]),
        Error::Store(_) => Word::StoreFailed,
    };
    paper.say(word, &[])
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Device(error)
    }
}

impl From<CarryError> for Failure {
    fn from(error: CarryError) -> Failure {
        match error {
            CarryError::Device(error) => Failure::Device(error),
            CarryError::Io(_) => Failure::Carry(Word::CarryBroke),
            CarryError::Strange => Failure::Carry(Word::CarryStrange),
            CarryError::WrongCode => Failure::Carry(Word::CarryWrongCode),
            CarryError::Guessed => Failure::Carry(Word::CarryGuessed),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Failure {
        Failure::Key(error)
    }
}

impl From<BadServer> for Failure {
    fn from(error: BadServer) -> Failure {
        Failure::Server(error)
    }
}
