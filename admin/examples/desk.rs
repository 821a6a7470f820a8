//! Serves the admin view of a small invented shop, to look at and for the browser tests: prints its address, with the
//! token, and runs until its input ends. A database in memory, or the empty one whose address is the first argument.

#[path = "../tests/it/support/mod.rs"]
mod support;

use std::net::SocketAddr;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "sqlite::memory:".to_owned());
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter("warn").init();
    let world = support::busy_on(&url, false).await;
    // Turns of staff acts run behind the pages.
    let toy = world.toy.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            toy.work().await;
        }
    });
    let app = recado_admin::router(world.state)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{} {}", listener.local_addr()?, support::TOKEN);
    let served = async move { axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await };
    // Open streams would hold a graceful end, and nothing here is worth keeping.
    let ended = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    tokio::select! {
        served = served => served?,
        ended = ended => { ended??; }
    }
    Ok(())
}
