//! `recado completions <shell>`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Cli, CliError, Output};
use crate::lifecycle::Exit;

/// For which shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When the output fails.
pub fn run(args: &CompletionsArgs, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "recado", &mut script);
    output.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum as _;

    #[test]
    fn every_shell_learns_every_verb() {
        for shell in Shell::value_variants() {
            let mut bytes = Vec::new();
            run(&CompletionsArgs { shell: *shell }, &mut Output::to(&mut bytes)).unwrap();
            let script = String::from_utf8(bytes).unwrap();
            for verb in Cli::command().get_subcommands() {
                assert!(script.contains(verb.get_name()), "{shell}: {}", verb.get_name());
            }
        }
    }
}
