//! Parses the command line, runs it, and maps the outcome to an exit code: the only place that ends the process.

fn main() {}
