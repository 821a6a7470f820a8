//! A Redis of one test, to be emptied, frozen, killed and started again.

use std::process::{Child, Command, Stdio};

use super::eventually;

pub(super) struct Server {
    port: u16,
    child: Child,
}

impl Server {
    pub(super) async fn start() -> Self {
        // The port is free until someone else takes it; the server would then exit and the wait below would fail.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, child: spawn(port) };
        server.wait().await;
        server
    }
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
    pub(super) async fn start_again(&mut self) {
        self.child = spawn(self.port);
        self.wait().await;
    }
    pub(super) fn freeze(&self) {
        self.signal("-STOP");
    }
    pub(super) fn thaw(&self) {
        self.signal("-CONT");
    }
    pub(super) async fn run(&self, command: &str) {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd(command).exec_async(&mut connection).await.unwrap();
    }
    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().unwrap().success());
    }
    async fn wait(&mut self) {
        let client = redis::Client::open(self.url()).unwrap();
        eventually("redis-server starts", async || {
            assert!(self.child.try_wait().unwrap().is_none(), "redis-server ended");
            match client.get_multiplexed_async_connection().await {
                Ok(mut connection) => redis::cmd("PING").exec_async(&mut connection).await.is_ok(),
                Err(_) => false,
            }
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(port: u16) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .arg("--dir")
        .arg(std::env::temp_dir())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server is installed")
}
