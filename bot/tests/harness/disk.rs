//! A small disk of its own: memory that is mounted where only the processes within its namespace see it, which takes no
//! privilege.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Unmounted when dropped, once nobody is within.
pub struct Disk {
    /// Keeps the namespace; ends with this process, whose end of its input closes.
    holder: Child,
    at: PathBuf,
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

impl Disk {
    /// Mounts so many MiB at a new folder.
    pub fn mount(at: &Path, mebibytes: u32) -> Self {
        std::fs::create_dir(at).unwrap();
        let script = "mount -t tmpfs -o size=\"$1\"m tmpfs \"$2\" && echo mounted && exec cat";
        let mut holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script, "sh", &mebibytes.to_string()])
            .arg(at)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("util-linux has unshare");
        let mut said = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(said, "mounted\n", "this system lets nobody mount memory in a namespace of their own");
        Self { holder, at: at.to_owned() }
    }

    /// What puts a command within.
    pub fn enter(&self) -> Vec<String> {
        let target = format!("--target={}", self.holder.id());
        ["nsenter", &target, "--user", "--preserve-credentials", "--mount"].map(str::to_owned).to_vec()
    }

    pub fn seen_from_inside(&self) -> &Path {
        &self.at
    }

    pub fn seen_from_outside(&self) -> PathBuf {
        let at = self.at.strip_prefix("/").unwrap();
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(at)
    }

    /// Fills it to the last byte, and again whatever becomes free, until the filling is dropped.
    pub fn fill(&self) -> Filling {
        let (path, stop) = (self.seen_from_outside().join("filling"), Arc::new(AtomicBool::new(false)));
        let (file, stopped) = (path.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut file = std::fs::File::create(file).unwrap();
            let (mut full, page) = (0, [0_u8; 4096]);
            while !stopped.load(Ordering::Relaxed) {
                match file.write_all(&page) {
                    Ok(()) => {}
                    Err(error) => {
                        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull, "{error}");
                        full += 1;
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            }
            full
        });
        Filling { path, stop, thread: Some(thread) }
    }
}

/// A file that takes all the room.
pub struct Filling {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<u32>>,
}

impl Filling {
    /// Gives the room back. Tells how often there was none.
    pub fn remove(mut self) -> u32 {
        self.stop.store(true, Ordering::Relaxed);
        let full = self.thread.take().unwrap().join().unwrap();
        std::fs::remove_file(&self.path).unwrap();
        full
    }
}
