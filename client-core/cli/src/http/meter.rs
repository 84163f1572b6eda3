//! Counts bytes where they enter and leave the socket, below TLS: headers, handshakes and all.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport};

/// What a link has moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes written to the socket.
    pub bytes_up: u64,
    /// Bytes read from the socket.
    pub bytes_down: u64,
    /// Requests sent, answered or not.
    pub requests: u64,
}

impl Counters {
    /// What was moved since an earlier reading.
    pub fn since(self, earlier: Counters) -> Counters {
        Counters {
            bytes_up: self.bytes_up - earlier.bytes_up,
            bytes_down: self.bytes_down - earlier.bytes_down,
            requests: self.requests - earlier.requests,
        }
    }
}

/// The running count of a link, shared with its sockets.
#[derive(Debug, Default)]
pub(super) struct Meter {
    up: AtomicU64,
    down: AtomicU64,
    requests: AtomicU64,
}

impl Meter {
    pub(super) fn read(&self) -> Counters {
        Counters {
            bytes_up: self.up.load(Ordering::Relaxed),
            bytes_down: self.down.load(Ordering::Relaxed),
            requests: self.requests.load(Ordering::Relaxed),
        }
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }
}

/// Puts the meter on every socket that the connector before it opens.
#[derive(Debug)]
pub(super) struct Metering(Arc<Meter>);

impl Metering {
    pub(super) fn new(meter: &Arc<Meter>) -> Metering {
        Metering(Arc::clone(meter))
    }
}

/// `A` came from a proxy's connector, which runs the whole chain: its socket has a meter already.
impl<A: Transport, B: Transport> Connector<Either<A, B>> for Metering {
    type Out = Either<A, Metered<B>>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<Either<A, B>>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|opened| match opened {
            Either::A(proxied) => Either::A(proxied),
            Either::B(socket) => Either::B(Metered { socket, meter: Arc::clone(&self.0) }),
        }))
    }
}

/// A socket with a meter.
pub(super) struct Metered<T> {
    socket: T,
    meter: Arc<Meter>,
}

impl<T: Transport> Transport for Metered<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.socket.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.socket.transmit_output(amount, timeout)?;
        self.meter.up.fetch_add(amount as u64, Ordering::Relaxed);
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        // What was there before and is not consumed yet was counted when it came.
        let before = self.socket.buffers().input().len();
        let progress = self.socket.await_input(timeout)?;
        let came = self.socket.buffers().input().len().saturating_sub(before);
        self.meter.down.fetch_add(came as u64, Ordering::Relaxed);
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        self.socket.is_open()
    }

    fn is_tls(&self) -> bool {
        self.socket.is_tls()
    }
}

impl<T: Transport> fmt::Debug for Metered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metered").field(&self.socket).finish()
    }
}
