//! A network between devices and a server that comes back at another port: it cuts connections in the middle of a body.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use crate::seed::Seed;

/// Directions of a thousand that are cut.
const CUT_PER_MILLE: u32 = 250;
/// They are cut after less than two to the power of this many bytes, each power as likely as the other.
const CUT_AFTER_BITS: (i64, i64) = (6, 15);

/// The network. Its threads end with the process.
pub(super) struct Proxy {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: Mutex<Option<SocketAddr>>,
    dice: Mutex<Seed>,
    is_calm: AtomicBool,
    cuts: AtomicU64,
}

impl Proxy {
    pub(super) fn start(dice: Seed) -> Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            server: Mutex::default(),
            dice: Mutex::new(dice),
            is_calm: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
        });
        let network = Arc::clone(&shared);
        std::thread::spawn(move || {
            for device in listener.incoming().flatten() {
                let network = Arc::clone(&network);
                std::thread::spawn(move || network.connect(device));
            }
        });
        Ok(Proxy { url, shared })
    }

    /// Where devices find the server, wherever it is.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Where the server is now.
    pub(super) fn lead_to(&self, server: SocketAddr) {
        *lock(&self.shared.server) = Some(server);
    }

    /// No connection is cut any more.
    pub(super) fn calm(&self) {
        self.shared.is_calm.store(true, Ordering::Relaxed);
    }

    pub(super) fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }
}

impl Shared {
    /// A server that is down is a connection that closes.
    fn connect(self: &Arc<Self>, device: TcpStream) {
        let server = *lock(&self.server);
        let Some(server) = server.and_then(|address| TcpStream::connect(address).ok()) else { return };
        let (Ok(from_server), Ok(to_device)) = (server.try_clone(), device.try_clone()) else { return };
        let network = Arc::clone(self);
        std::thread::spawn(move || network.carry(from_server, to_device));
        self.carry(device, server);
    }

    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut left = self.draw_cut();
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let sent = left.map_or(read, |left| read.min(left as usize));
            if to.write_all(&buffer[..sent]).is_err() {
                break;
            }
            if sent < read {
                self.cuts.fetch_add(1, Ordering::Relaxed);
                let _ = from.shutdown(Shutdown::Both);
                break;
            }
            left = left.map(|left| left - sent as u64);
        }
        let _ = to.shutdown(Shutdown::Both);
    }

    fn draw_cut(&self) -> Option<u64> {
        let mut dice = lock(&self.dice);
        let cut = !self.is_calm.load(Ordering::Relaxed) && dice.chance(CUT_PER_MILLE);
        cut.then(|| {
            let bits = dice.between(CUT_AFTER_BITS.0, CUT_AFTER_BITS.1);
            dice.below(1 << bits)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
