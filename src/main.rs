//! Parses the command line, runs it, and maps the outcome to an exit code: the only place that ends the process.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match readout::cli::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(answer) => return answer.show(),
    };
    share_threads(arguments.threads());
    readout::cli::run(arguments)
}

/// Tells polars how many threads it may use. It reads the environment only, and only once.
fn share_threads(threads: Option<usize>) {
    if let Some(threads) = threads {
        #[expect(
            unsafe_code,
            reason = "no other thread exists yet, so nobody reads the environment meanwhile"
        )]
        unsafe {
            std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
        }
    }
}
