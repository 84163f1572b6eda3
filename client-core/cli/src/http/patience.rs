//! When to try again, and when to let the person go on: a pure rule, and the pause it asks for.

use std::io;
use std::time::Duration;

use client_core::{Error, Result};

use crate::env;

/// How long a link waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For a name to be resolved, and for a connection.
    pub connect: Duration,
    /// For the next byte to come or go. There is no bound on the whole of a request that moves.
    pub silence: Duration,
    /// Passes the time between two tries.
    pub pause: fn(Duration),
}

impl Default for Patience {
    fn default() -> Self {
        Patience { connect: Duration::from_secs(15), silence: Duration::from_secs(30), pause: env::pause }
    }
}

impl Patience {
    /// Waits before the next try, or gives the error back: it is final, or has come too often.
    pub(super) fn wait_after(&self, error: Error, tries: u32) -> Result<()> {
        match pause_after(&error, tries, env::dice()) {
            Some(a_while) => (self.pause)(a_while),
            None => return Err(error),
        }
        Ok(())
    }
}

/// Failures in a row after which the person is told.
const TRIES_MAX: u32 = 4;
/// Seconds of the first pause where the server names none; each further one is twice as long.
const PAUSE_SECONDS: u32 = 1;
/// Seconds that somebody at a terminal waits without being asked.
const PAUSE_SECONDS_MAX: u32 = 60;

/// The pause before the next try after `tries` failures in a row; `None` to give up.
///
/// Jitter spreads devices that met the same trouble at the same moment: half of a pause of ours is chance, and a server's
/// `retry-after` is kept to and up to a quarter added.
fn pause_after(error: &Error, tries: u32, dice: u32) -> Option<Duration> {
    if tries >= TRIES_MAX {
        return None;
    }
    let chance = f64::from(dice) / f64::from(u32::MAX);
    let own = f64::from(PAUSE_SECONDS << (tries - 1)) * (0.5 + chance / 2.0);
    match error {
        Error::Offline | Error::Busy { retry_after: None } => Some(Duration::from_secs_f64(own)),
        Error::Busy { retry_after: Some(seconds) } if *seconds <= PAUSE_SECONDS_MAX => {
            Some(Duration::from_secs_f64(f64::from(*seconds) * (1.0 + chance / 4.0)))
        }
        _ => None,
    }
}

/// What went wrong on the way, in the device's own words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The network, or nobody at the other end.
    Network,
    /// Somebody at the other end who cannot prove to be the server.
    Impostor,
    /// Something that is not HTTP as it should be.
    Nonsense,
}

impl Trouble {
    pub(super) fn of(error: &ureq::Error) -> Trouble {
        match error {
            ureq::Error::Io(e) => Trouble::while_reading(e),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => Trouble::Impostor,
            ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) | ureq::Error::Http(_) => Trouble::Nonsense,
            _ => Trouble::Network,
        }
    }

    /// Errors of the layers below arrive wrapped up as I/O errors.
    pub(super) fn while_reading(error: &io::Error) -> Trouble {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
            Some(inner) => Trouble::of(inner),
            // rustls reports a certificate that does not hold as invalid data.
            None if error.kind() == io::ErrorKind::InvalidData => Trouble::Impostor,
            None => Trouble::Network,
        }
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Trouble::Network => Error::Offline,
            Trouble::Impostor => Error::BadAnswer("whoever answers cannot prove to be the server"),
            Trouble::Nonsense => Error::BadAnswer("it is not HTTP"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_is_repeated_after_a_while_and_not_for_ever() {
        let check = |error: Error, tries: u32, least: f64, most: f64| {
            let pause = |dice| pause_after(&error, tries, dice).map(|pause| pause.as_secs_f64());
            assert_eq!((pause(0), pause(u32::MAX)), (Some(least), Some(most)), "{error} {tries}");
        };
        check(Error::Offline, 1, 0.5, 1.0);
        check(Error::Offline, 2, 1.0, 2.0);
        check(Error::Offline, 3, 2.0, 4.0);
        check(Error::Busy { retry_after: None }, 1, 0.5, 1.0);
        check(Error::Busy { retry_after: Some(8) }, 1, 8.0, 10.0);
        check(Error::Busy { retry_after: Some(0) }, 3, 0.0, 0.0);
        let gives_up = |error: Error, tries| assert_eq!(pause_after(&error, tries, 0), None, "{error} {tries}");
        gives_up(Error::Offline, TRIES_MAX);
        gives_up(Error::Busy { retry_after: Some(1) }, TRIES_MAX);
        gives_up(Error::Busy { retry_after: Some(PAUSE_SECONDS_MAX + 1) }, 1);
        for error in [Error::SignInAgain, Error::AppTooOld, Error::BadAnswer(""), Error::DeviceFull] {
            gives_up(error, 1);
        }
    }

    #[test]
    fn trouble_is_told_apart_by_what_helps() {
        let wrapped = |error| io::Error::other(error);
        for (error, expected) in [
            (io::Error::from(io::ErrorKind::ConnectionReset), Trouble::Network),
            (io::Error::from(io::ErrorKind::UnexpectedEof), Trouble::Network),
            (wrapped(ureq::Error::Timeout(ureq::Timeout::PerRead)), Trouble::Network),
            (wrapped(ureq::Error::TlsRequired), Trouble::Impostor),
            (io::Error::from(io::ErrorKind::InvalidData), Trouble::Impostor),
        ] {
            assert_eq!(Trouble::while_reading(&error), expected, "{error}");
        }
        assert_eq!(Trouble::of(&ureq::Error::HostNotFound), Trouble::Network);
    }
}
