//! The server program: everything it says to a person or to another program is said in `cli`.

mod cli;

fn main() -> std::process::ExitCode {
    keep_memory();
    cli::run()
}

/// Keeps memory from one exchange to the next.
///
/// glibc gives memory back above twice the largest block that it has seen come and go: each push would take ten megabytes
/// anew, a tenth of its time. A block that nobody touches costs nothing and teaches it; other allocators do not mind.
fn keep_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(31 << 20)));
}
