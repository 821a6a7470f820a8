//! `recado`: see `recado --help`.

use std::process::ExitCode;

use clap::Parser as _;
use recado::cli::{self, Cli, output};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before any HTTP or TLS client is made: they ask for the process's provider and panic without one. It fails only
    // when one is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    #[cfg(feature = "chaos")]
    recado::chaos::install();
    match cli::dispatch(Cli::parse()) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::message(&format!("recado: {error}"));
            error.exit().into()
        }
    }
}
