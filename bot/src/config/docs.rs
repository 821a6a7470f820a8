//! `docs/config.md`, written from the table of keys.

use std::fmt::Write as _;

use super::error::variable;
use super::keys::{KEYS, SECTIONS};

const HEAD: &str = "# Configuration

<!-- Written by `recado config docs`; do not edit by hand. -->

Recado runs with no configuration at all. What you set is read from three places, the later over the earlier:

1. the file `recado.toml` in the working directory, or the one named with `--config FILE`;
2. environment variables: `RECADO_` and the key in upper case, with `__` between levels;
3. the command line: options of the verb, or `--set key=value` before or after it.

An unknown key in the file is refused with the key that was probably meant. `recado config show` prints what is in
force and where each value came from, secrets hidden; `recado doctor` checks it.

A channel is on as soon as one of its own keys is set. A channel that is on but lacks a secret is refused at start.

```toml
# recado.toml
listen = \"0.0.0.0:8080\"
database_url = \"postgres://recado@db/recado\"
redis_url = \"redis://cache:6379\"

[whatsapp]
phone_number_id = \"106540352242922\"
# Secrets are better kept in the environment: RECADO_WHATSAPP__APP_SECRET, …
```

## Exit codes

| code | meaning |
|---|---|
| 0 | done, or stopped as asked |
| 1 | anything else that failed |
| 2 | wrong usage or configuration |
| 3 | the store is not available |
| 4 | already running: another process holds the embedded database |
";

/// The page.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for (section, about) in SECTIONS {
        let title = if section.is_empty() { "General".to_owned() } else { format!("`[{section}]`") };
        let _ = write!(
            page,
            "\n## {title}\n\n{about}\n\n| key | environment | value | default | what it does |\n|---|---|---|---|---|\n"
        );
        for key in KEYS.iter().filter(|key| key.section() == *section) {
            let default = if key.default.is_empty() { String::new() } else { format!("`{}`", key.default) };
            let value = key.kind.in_words();
            let _ =
                writeln!(page, "| `{}` | `{}` | {value} | {default} | {} |", key.path, variable(key.path), key.help);
        }
    }
    page
}
