//! HTTP for a device's session: sends what it asks for, hands back what came, and counts the bytes on the socket.
//!
//! Retries stand in [`patience`], compression in [`body`], counting in [`meter`]. What is safe to repeat, and why, is the
//! protocol's affair: every exchange is.

mod body;
mod meter;
mod patience;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use client_core::{Device, Error, Outgoing, Reply, Report, Result, Session, Step};
use sync_protocol::limits;
use ureq::http::{Method, Request, Response, Uri};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Body};

pub use meter::Counters;
use meter::Meter;
pub use patience::Patience;
use patience::Trouble;

/// A connection to one server, kept open between requests.
#[derive(Debug)]
pub struct Link {
    agent: Agent,
    server: String,
    meter: Arc<Meter>,
    patience: Patience,
}

/// Why an address is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadServer {
    /// Not `https://host[:port]`.
    #[error("a server's address looks like https://tilik.example.go.id")]
    NotAnAddress,
    /// Anyone on the way could read the data of households.
    #[error("without https anybody on the way could read along; only the own machine is spoken to like that")]
    Unprotected,
}

impl Link {
    /// A link to `https://host[:port]`; plain `http` only to the own machine.
    pub fn new(server: &str) -> std::result::Result<Link, BadServer> {
        Link::with(server, Patience::default())
    }

    /// A link with other times than usual.
    pub fn with(server: &str, patience: Patience) -> std::result::Result<Link, BadServer> {
        let server = address(server)?;
        let meter = Arc::<Meter>::default();
        let config = Agent::config_builder()
            // A session reads refusals itself, and never follows anybody to another server with its token.
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // An idle sync is a few hundred bytes: no header that says nothing.
            .user_agent("")
            .accept("")
            // Stalls, not totals: a slow network that moves is a good network.
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_per_read(Some(patience.silence))
            .timeout_per_write(Some(patience.silence))
            .max_idle_connections(1)
            .max_idle_age(IDLE_AGE)
            .build();
        let chain =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(meter::Metering::new(&meter))
                .chain(RustlsConnector::default());
        let agent = Agent::with_parts(config, chain, DefaultResolver::default());
        Ok(Link { agent, server, meter, patience })
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Bytes and requests since the link was made.
    pub fn counters(&self) -> Counters {
        self.meter.read()
    }

    /// Syncs a device to the end. Whatever comes between, nothing is lost, and the next call goes on from there.
    pub fn run(&self, device: &mut Device) -> Result<Report> {
        let mut session = Session::start(device);
        let mut tries = 0;
        loop {
            let outgoing = match session.next(device)? {
                Step::Done(report) => return Ok(report),
                Step::Send(outgoing) => outgoing,
            };
            let outcome = match self.send(&outgoing) {
                Ok(reply) => session.answer(device, &reply),
                Err(e) => session.failed(e),
            };
            match outcome {
                Ok(()) => tries = 0,
                Err(e) => {
                    tries += 1;
                    self.patience.wait_after(e, tries)?;
                }
            }
        }
    }

    /// Enrols a device with a one-time code. `name` is what the office will call it.
    pub fn enrol(&self, device: &mut Device, code: &str, name: &str) -> Result<()> {
        let outgoing = device.enrol_request(code, name, APP)?;
        let reply = self.send(&outgoing)?;
        device.enrol_answer(&reply)
    }

    /// Sends one request and reads its answer.
    pub fn send(&self, outgoing: &Outgoing) -> Result<Reply> {
        self.meter.count_request();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}{}", self.server, outgoing.path))
            .header("accept-encoding", body::ACCEPTED);
        if let Some(bearer) = &outgoing.bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let packed = match outgoing.path {
            // It says by its path what its body is.
            EXCHANGE_PATH => body::pack(&outgoing.body),
            // Photos and what is encrypted are as small as they get.
            BLOBS_PATH | ENTRIES_PATH | BUNDLE_PATH => {
                body::Packed { bytes: outgoing.body.as_slice().into(), encoding: None }
            }
            // Rare and small, and any server reads them: JSON like anybody's.
            _ => {
                request = request.header("content-type", "application/json");
                body::Packed { bytes: outgoing.body.as_slice().into(), encoding: None }
            }
        };
        if let Some(encoding) = packed.encoding {
            request = request.header("content-encoding", encoding);
        }
        let request = request.body(packed.bytes.as_ref()).map_err(|_| Error::BadAnswer("a token that is no header"))?;
        let response = self.agent.run(request).map_err(|e| Trouble::of(&e).into_error())?;
        reply(outgoing.ticket, response)
    }
}

/// What the office's list of devices calls this program.
const APP: &str = concat!("tilik ", env!("CARGO_PKG_VERSION"));
/// Where requests are exchanges.
const EXCHANGE_PATH: &str = "/sync/v1/exchange";
/// Where requests bring entries of outbox files.
const ENTRIES_PATH: &str = "/sync/v1/entries";
/// Where requests bring files.
const BLOBS_PATH: &str = "/sync/v1/blobs";
/// Where requests bring what others saved; everywhere else they are JSON objects.
const BUNDLE_PATH: &str = "/sync/v1/bundle";
/// Longer than any pause within a session.
const IDLE_AGE: Duration = Duration::from_secs(90);
/// Bytes of an answer as it arrives: one that is not compressed at all.
const WIRE_BYTES_MAX: u64 = limits::BODY_BYTES_MAX as u64;

fn reply(ticket: u64, mut response: Response<Body>) -> Result<Reply> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let encoding = header("content-encoding").map(str::to_owned);
    let retry_after = header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
    let status = response.status().as_u16();
    let mut wire = Vec::new();
    let reader = response.body_mut().as_reader();
    reader.take(WIRE_BYTES_MAX + 1).read_to_end(&mut wire).map_err(|e| Trouble::while_reading(&e).into_error())?;
    if wire.len() as u64 > WIRE_BYTES_MAX {
        return Err(Error::BadAnswer("it is larger than an answer may be"));
    }
    Ok(Reply { ticket, status, retry_after, body: body::unpack(encoding.as_deref(), wire)? })
}

/// The address without a slash at its end.
fn address(server: &str) -> std::result::Result<String, BadServer> {
    let server = server.trim().trim_end_matches('/');
    let uri: Uri = server.parse().map_err(|_| BadServer::NotAnAddress)?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return Err(BadServer::NotAnAddress) };
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() || server.contains('@') {
        return Err(BadServer::NotAnAddress);
    }
    match scheme {
        "https" => Ok(server.to_owned()),
        "http" if is_own_machine(host) => Ok(server.to_owned()),
        "http" => Err(BadServer::Unprotected),
        _ => Err(BadServer::NotAnAddress),
    }
}

fn is_own_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_the_own_machine() {
        let check = |server: &str, expected: std::result::Result<&str, BadServer>| {
            assert_eq!(address(server), expected.map(str::to_owned), "{server}");
        };
        check("https://tilik.example.go.id/", Ok("https://tilik.example.go.id"));
        check(" https://10.0.0.1:8443", Ok("https://10.0.0.1:8443"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        check("http://[::1]:80/", Ok("http://[::1]:80"));
        check("http://localhost:1", Ok("http://localhost:1"));
        check("http://192.168.1.2", Err(BadServer::Unprotected));
        check("http://localhost.example.org", Err(BadServer::Unprotected));
        check("https://name:secret@example.org", Err(BadServer::NotAnAddress));
        check("https://example.org/somewhere", Err(BadServer::NotAnAddress));
        check("ftp://example.org", Err(BadServer::NotAnAddress));
        check("example.org", Err(BadServer::NotAnAddress));
        check("", Err(BadServer::NotAnAddress));
    }
}
