//! The program `portcullis`: see `portcullis --help`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
