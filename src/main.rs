use std::process::ExitCode;

fn main() -> ExitCode {
    ringback::http_client::install_tls();
    ringback::cli::run(std::env::args_os())
}
