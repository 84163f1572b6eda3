//! A link that breaks: passes so many bytes of the client, then drops the connection, again and again.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use anyhow::{Context, Result};

/// A proxy that cuts.
#[derive(Debug)]
pub struct Cutter {
    url: String,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    passed: AtomicU64,
    cuts: AtomicUsize,
}

impl Cutter {
    /// Stands before the server at `url`; lives as long as the process.
    pub fn before(url: &str, cut_every: usize) -> Result<Cutter> {
        let server: SocketAddr = url.strip_prefix("http://").context("a plain address")?.parse()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let counts = Arc::<Counts>::default();
        let shared = Arc::clone(&counts);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let counts = Arc::clone(&shared);
                std::thread::spawn(move || {
                    // A side that went away ends only its connection.
                    let _ = pass(client, server, cut_every, &counts);
                });
            }
        });
        Ok(Cutter { url, counts })
    }

    /// Where the client connects.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Bytes of the client that passed, and how often the link was cut.
    pub fn passed(&self) -> (u64, usize) {
        (self.counts.passed.load(Ordering::SeqCst), self.counts.cuts.load(Ordering::SeqCst))
    }
}

fn pass(mut client: TcpStream, server: SocketAddr, cut_every: usize, counts: &Counts) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut left = cut_every;
    let mut buffer = vec![0; 4_096];
    while left > 0 {
        let room = left.min(buffer.len());
        let many = client.read(&mut buffer[..room])?;
        if many == 0 {
            return server.shutdown(Shutdown::Write);
        }
        server.write_all(&buffer[..many])?;
        counts.passed.fetch_add(many as u64, Ordering::SeqCst);
        left -= many;
    }
    counts.cuts.fetch_add(1, Ordering::SeqCst);
    client.shutdown(Shutdown::Both)?;
    server.shutdown(Shutdown::Both)
}
