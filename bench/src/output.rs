//! What is printed. Whoever reads it may go away early, as `head` does: then there is nobody to tell, the measurement goes
//! on to its end, and the exit code still says how it went.

use std::io::{self, Write};

/// Prints a table or a line of results on standard output.
///
/// # Errors
/// When it cannot be written, though somebody reads it.
pub fn print(text: &str) -> io::Result<()> {
    line(&mut io::stdout().lock(), text)
}

fn line(out: &mut impl Write, text: &str) -> io::Result<()> {
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Says something to the person at the keyboard, on standard error; without one there is nobody to tell.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "recado-bench: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_is_gone_is_no_failure_and_a_full_disk_is_one() {
        line(&mut Failing(io::ErrorKind::BrokenPipe), "1 replies/s").unwrap();
        assert!(line(&mut Failing(io::ErrorKind::StorageFull), "1 replies/s").is_err());
        let mut bytes = Vec::new();
        line(&mut bytes, "1 replies/s").unwrap();
        assert_eq!(bytes, b"1 replies/s\n");
    }
}
