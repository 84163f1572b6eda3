//! The server program: everything it says to a person or to another program is said in `cli`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
