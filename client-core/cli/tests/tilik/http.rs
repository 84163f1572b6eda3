//! As much of an HTTP server as these tests need: one thread, kept connections, every byte counted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A request as it came.
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Header lines, lower case.
    pub(crate) headers: Vec<String>,
    /// Decompressed.
    pub(crate) body: Vec<u8>,
}

/// What goes back, after the status line.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    pub(crate) fn ok(body: Vec<u8>) -> Answered {
        Answered { status: 200, headers: Vec::new(), body }
    }
}

/// What a server has seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) came: AtomicU64,
    pub(crate) went: AtomicU64,
    pub(crate) connections: AtomicU64,
}

/// A server on a port of its own.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) seen: Arc<Seen>,
}

impl Server {
    /// Answers every request by `answer`; `None` closes the connection instead.
    pub(crate) fn start(answer: impl FnMut(Asked) -> Option<Answered> + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let shared = (Arc::clone(&seen), Arc::new(Mutex::new(answer)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&shared.0), Arc::clone(&shared.1));
                seen.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    // A client that goes away ends only its connection.
                    let _ = serve(stream.unwrap(), &seen, &mut *answer.lock().unwrap());
                });
            }
        });
        Server { address, seen }
    }
}

fn serve(stream: TcpStream, seen: &Seen, answer: &mut impl FnMut(Asked) -> Option<Answered>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    while let Some(asked) = read(&mut reader, seen)? {
        let Some(answered) = answer(asked) else { return Ok(()) };
        let mut bytes = format!("HTTP/1.1 {} X\r\ncontent-length: {}\r\n", answered.status, answered.body.len());
        for header in &answered.headers {
            bytes.push_str(header);
            bytes.push_str("\r\n");
        }
        bytes.push_str("\r\n");
        let bytes = [bytes.into_bytes(), answered.body].concat();
        // Counted first: the client may have read all of it before the next line runs.
        seen.went.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        stream.write_all(&bytes)?;
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>, seen: &Seen) -> std::io::Result<Option<Asked>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        seen.came.fetch_add(line.len() as u64, Ordering::SeqCst);
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let path = lines.remove(0).split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let length =
        headers.iter().find_map(|header| header.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    seen.came.fetch_add(length as u64, Ordering::SeqCst);
    if headers.iter().any(|header| header == "content-encoding: zstd") {
        body = zstd::decode_all(body.as_slice())?;
    }
    Ok(Some(Asked { path, headers, body }))
}
