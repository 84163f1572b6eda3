//! Files on their way in: streamed to disk, never held in memory, gone when the answer is given.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, HttpBody};

use super::super::App;
use crate::error::{Result, bad_request, internal, stalled, too_large};
use crate::import::limits::FILE_BYTES_MAX;

/// Seconds without a byte after which an upload is given up.
const STALL: Duration = Duration::from_secs(60);

/// A file that has arrived; removed when dropped.
#[derive(Debug)]
pub(super) struct Arrived(PathBuf);

impl Drop for Arrived {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::warn!(%error, "an uploaded file could not be removed");
        }
    }
}

impl Arrived {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

/// Takes a body in as a file in a folder of its own under the name that findings shall show.
pub(super) async fn receive(app: &App, mut body: Body) -> Result<Arrived> {
    let (arrived, mut file) = app.blocking(|app| begin(&app.instance.incoming, app.instance.ambient.random())).await?;
    let mut bytes = 0;
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Some(frame) = tokio::time::timeout(STALL, frame).await.map_err(|_| stalled())? else { break };
        let frame = frame.map_err(|e| bad_request("cut", "The request broke off.").because(e))?;
        let Ok(data) = frame.into_data() else { continue };
        bytes += data.len() as u64;
        if bytes > FILE_BYTES_MAX {
            return Err(too_large("too_large", format!("A file may have {} MiB.", FILE_BYTES_MAX >> 20)));
        }
        let write = move |_: &App| file.write_all(&data).map(|()| file).map_err(internal);
        file = app.blocking(write).await?;
    }
    Ok(arrived)
}

fn begin(folder: &Path, random: [u8; 8]) -> Result<(Arrived, File)> {
    std::fs::create_dir_all(folder).map_err(internal)?;
    let path = folder.join(format!("{:016x}", u64::from_be_bytes(random)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // It holds names and numbers of people: only the server reads it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(internal)?;
    Ok((Arrived(path), file))
}
