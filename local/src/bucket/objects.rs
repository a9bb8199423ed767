//! The objects of a bucket, as files. Writes are atomic.

use std::{
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use tokio::{
    fs::{self, File},
    io::{AsyncReadExt, AsyncWriteExt},
};

/// How many bytes are read at a time.
const CHUNK: usize = 64 * 1024;

/// Whether objects survive the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retention {
    Persistent,
    Temporary,
}

/// A folder with objects and open uploads.
pub(super) struct Objects {
    folder: PathBuf,
    retention: Retention,
    next: AtomicU64,
    largest: AtomicU64,
}

impl Drop for Objects {
    fn drop(&mut self) {
        if self.retention == Retention::Temporary {
            // The operating system removes what is left.
            std::fs::remove_dir_all(&self.folder).ok();
        }
    }
}

impl Objects {
    /// Objects that survive the process.
    pub(super) fn persistent(folder: PathBuf) -> Self {
        Self::of(folder, Retention::Persistent)
    }

    fn of(folder: PathBuf, retention: Retention) -> Self {
        Self { folder, retention, next: AtomicU64::new(1), largest: AtomicU64::new(0) }
    }

    /// Objects that are deleted with the process.
    pub(super) fn temporary(name: &str) -> Self {
        Self::of(std::env::temp_dir().join(name), Retention::Temporary)
    }

    pub(super) fn largest_request(&self) -> u64 {
        self.largest.load(Ordering::Relaxed)
    }

    fn object(&self, key: &str) -> io::Result<PathBuf> {
        // Signed URLs contain valid keys only; this is a second check.
        let plain = key.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if plain { Ok(self.folder.join("objects").join(key)) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn upload(&self, id: &str) -> io::Result<PathBuf> {
        let number: u64 = id.parse().map_err(|_| io::ErrorKind::NotFound)?;
        Ok(self.folder.join("uploads").join(number.to_string()))
    }

    pub(super) async fn open_upload(&self) -> io::Result<String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let place = self.upload(&id)?;
        // An upload of an earlier process that was never completed.
        fs::remove_dir_all(&place).await.ok();
        fs::create_dir_all(place).await?;
        Ok(id)
    }

    pub(super) async fn put_part(&self, id: &str, number: &str, body: Body) -> io::Result<String> {
        let place = self.upload(id)?;
        if !fs::try_exists(&place).await? {
            return Err(io::ErrorKind::NotFound.into());
        }
        let number: u32 = number.parse().map_err(|_| io::ErrorKind::InvalidInput)?;
        let size = self.write_body(body, &place.join(format!("{number:05}"))).await?;
        Ok(format!("\"{number}-{size}\""))
    }

    pub(super) async fn complete_upload(&self, id: &str, key: &str) -> io::Result<()> {
        let (place, object) = (self.upload(id)?, self.object(key)?);
        let mut parts = Vec::new();
        let mut listed = fs::read_dir(&place).await?;
        while let Some(entry) = listed.next_entry().await? {
            parts.push(entry.path());
        }
        parts.sort_unstable();
        let whole = place.join("whole");
        let mut joined = File::create(&whole).await?;
        for part in parts {
            tokio::io::copy(&mut File::open(part).await?, &mut joined).await?;
        }
        joined.flush().await?;
        move_into_place(&whole, &object).await?;
        fs::remove_dir_all(place).await
    }

    pub(super) async fn abort_upload(&self, id: &str) -> io::Result<()> {
        fs::remove_dir_all(self.upload(id)?).await
    }

    pub(super) async fn put(&self, key: &str, body: Body) -> io::Result<()> {
        let object = self.object(key)?;
        let (place, whole) = self.receive(body).await?;
        move_into_place(&whole, &object).await?;
        fs::remove_dir_all(place).await
    }

    /// Writes an object, unless it exists already.
    pub(super) async fn put_new(&self, key: &str, body: Body) -> io::Result<()> {
        let object = self.object(key)?;
        let (place, whole) = self.receive(body).await?;
        if let Some(folder) = object.parent() {
            fs::create_dir_all(folder).await?;
        }
        // A link replaces nothing, unlike a rename.
        let linked = fs::hard_link(&whole, &object).await;
        fs::remove_dir_all(place).await?;
        linked
    }

    /// Writes a body to an upload of its own; returns the upload's folder and the file.
    async fn receive(&self, body: Body) -> io::Result<(PathBuf, PathBuf)> {
        let id = self.open_upload().await?;
        let place = self.upload(&id)?;
        let whole = place.join("whole");
        self.write_body(body, &whole).await?;
        Ok((place, whole))
    }

    pub(super) async fn get(&self, key: &str) -> io::Result<(u64, Body)> {
        let file = File::open(self.object(key)?).await?;
        let size = file.metadata().await?.len();
        let chunks = stream::unfold(file, |mut file| async move {
            let mut bytes = vec![0; CHUNK];
            match file.read(&mut bytes).await {
                Ok(0) => None,
                Ok(read) => {
                    bytes.truncate(read);
                    Some((Ok::<_, io::Error>(Bytes::from(bytes)), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        Ok((size, Body::from_stream(chunks.boxed())))
    }

    /// Writes a body to a file; returns its size in bytes.
    async fn write_body(&self, body: Body, place: &Path) -> io::Result<u64> {
        let mut file = File::create(place).await?;
        let (mut size, mut chunks) = (0, body.into_data_stream());
        while let Some(bytes) = chunks.next().await {
            let bytes = bytes.map_err(io::Error::other)?;
            size += u64::try_from(bytes.len()).unwrap_or_default();
            file.write_all(&bytes).await?;
        }
        file.flush().await?;
        self.largest.fetch_max(size, Ordering::Relaxed);
        Ok(size)
    }
}

async fn move_into_place(whole: &Path, object: &Path) -> io::Result<()> {
    if let Some(folder) = object.parent() {
        fs::create_dir_all(folder).await?;
    }
    fs::rename(whole, object).await
}
