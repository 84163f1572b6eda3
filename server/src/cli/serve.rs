//! `serve`: the server itself.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use server::app::{self, App};
use server::config::{Config, Given};
use tokio::net::TcpListener;
use tokio::signal;

use super::output::say;
use super::{Place, logs};

/// Threads for work that blocks: the database, passwords, compression.
const BLOCKING_THREADS_MAX: usize = 16;
/// Bytes of a thread's stack.
const STACK_BYTES: usize = 1 << 20;
/// Seconds that requests under way get to finish after the server was told to stop.
const FINISH: Duration = Duration::from_secs(20);

/// Serve devices and the office over HTTP. TLS is for a reverse proxy before it.
#[derive(Args)]
pub(super) struct Serve {
    /// Address and port; port 0 takes a free one [default: 127.0.0.1:8090].
    #[arg(long, env = "TILIK_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Name of the project, shown on devices.
    #[arg(long, env = "TILIK_PROJECT")]
    project: Option<String>,
    /// What to log: a level, or filters like `info,server=debug` [default: info].
    #[arg(long, env = "TILIK_LOG")]
    log: Option<String>,
    /// text, json, or auto: text for a terminal, JSON else [default: auto].
    #[arg(long, env = "TILIK_LOG_FORMAT")]
    log_format: Option<String>,
    /// Threads that serve connections [default: 2].
    #[arg(long, env = "TILIK_WORKERS")]
    workers: Option<u64>,
    /// Exchanges that are worked on at once [default: 2].
    #[arg(long, env = "TILIK_EXCHANGES")]
    exchanges: Option<u64>,
    /// Say in one line of JSON on standard output when and where the server is ready.
    #[arg(long)]
    ready_json: bool,
}

impl Serve {
    pub(super) fn run(self, place: &Place) -> Result<()> {
        let ready_json = self.ready_json;
        let config = place.settings(Given {
            listen: self.listen,
            project: self.project,
            log: self.log,
            log_format: self.log_format,
            workers: self.workers,
            exchanges: self.exchanges,
            ..Given::default()
        })?;
        logs::begin(&config)?;
        let app = App::start(super::open(&place.data, &config)?, config.exchanges)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.workers)
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()
            .context("the threads cannot be started")?;
        let served = runtime.block_on(serve(app.clone(), &config, ready_json));
        runtime.shutdown_timeout(FINISH);
        app.instance.store.checkpoint()?;
        tracing::info!("stopped");
        served
    }
}

async fn serve(app: App, config: &Config, ready_json: bool) -> Result<()> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("setting `listen`: {} cannot be listened on", config.listen))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "ready");
    if ready_json {
        say(&json!({ "ready": true, "listen": address.to_string(), "url": format!("http://{address}") }).to_string())?;
    }
    let (stop, mut stopping) = tokio::sync::watch::channel(());
    let serving = app::serve(listener, app, async move {
        told_to_stop().await;
        tracing::info!("stopping; requests under way are finished");
        let _ = stop.send(());
    });
    tokio::select! {
        served = serving => Ok(served?),
        // Connections that keep moving slowly do not keep the server from stopping: whatever they sent is sent again.
        () = async {
            let _ = stopping.changed().await;
            tokio::time::sleep(FINISH).await;
        } => Ok(()),
    }
}

/// Resolves when the process is asked to end.
async fn told_to_stop() {
    let interrupt = async {
        signal::ctrl_c().await.expect("signals can be waited for");
    };
    #[cfg(unix)]
    let terminate = async {
        let mut signals =
            signal::unix::signal(signal::unix::SignalKind::terminate()).expect("signals can be waited for");
        signals.recv().await;
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
