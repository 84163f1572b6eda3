//! `tilik`: the field client for a terminal. It holds interviews offline and syncs when there is a network.
//!
//! Everything that lasts is `client_core`'s; this program reads arguments, asks, and prints. What it says stands in
//! [`words`] and [`labels`], in both languages.

mod arguments;
mod commands;
mod exit;
mod folder;
mod labels;
mod moments;
mod paper;
mod prompts;
mod references;
mod talk;
mod values;
mod words;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use exit::{Exit, Failure};
use paper::{Form, Paper};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let paper = Paper::for_terminal(&arguments.common);
    match commands::run(arguments, &paper) {
        Ok(exit) => exit.into(),
        // Whoever read the output has seen enough of it.
        Err(Failure::Output(e)) if e.kind() == std::io::ErrorKind::BrokenPipe => Exit::Done.into(),
        Err(failure) => {
            report(&failure, &paper);
            failure.exit().into()
        }
    }
}

fn report(failure: &Failure, paper: &Paper) {
    let mut err = std::io::stderr().lock();
    let text = match paper.form {
        Form::Json => failure.json(paper).to_string(),
        Form::Text => paper.painted(&failure.sentence(paper), paper::Ink::Red, std::io::stderr().is_terminal()),
    };
    // There is nowhere left to say that this failed.
    let _ = writeln!(err, "{text}");
}
