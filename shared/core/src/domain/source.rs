//! The items as received from which a message was made, where they do not fit beside it: rows end at 400 KB.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    caller::hex,
    id::{MessageId, TenantId},
    message::{Extent, Message},
    parts::MessageParts,
    raw::{CHUNK_BYTES, cut},
};

/// Largest item as received that is stored in its message's row, in bytes: every status rewrites the row.
pub const INLINE: usize = 32 * 1024;

/// Most bytes of text and parts in a message's row.
pub const CONTENT_INLINE: usize = 280_000;

/// Characters of a text that stay in the row when the full text is elsewhere.
pub const EXCERPT: usize = 4096;

/// The kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// The item that brought the message.
    Message,
    /// An item with a status of it.
    Status,
    /// Text and parts in full, as [`FullContent`].
    Content,
}

/// As much of a source as fits into one row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceChunk {
    /// The tenant of the message.
    pub tenant: TenantId,
    /// Our id of the message that it belongs to.
    pub message: MessageId,
    /// The kind of the source.
    pub kind: SourceKind,
    /// The hash of the whole source, which names it, so that a duplicate is stored once.
    pub digest: String,
    /// The number of this chunk, from 0.
    pub number: usize,
    /// How many chunks there are.
    pub of: usize,
    /// This chunk of the source.
    pub body: String,
}

/// A source of a message, in full.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageSource {
    /// The kind of the source.
    pub kind: SourceKind,
    /// The full text of the source.
    pub body: String,
}

/// The full content of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullContent {
    /// The full text of the message.
    pub text: Option<String>,
    /// What the content has besides text.
    pub parts: MessageParts,
}

impl Message {
    /// Removes from the message what does not fit into its row; returns it as chunks.
    #[must_use]
    pub fn split_off_chunks(&mut self) -> Vec<SourceChunk> {
        let mut shed = Vec::new();
        if let Some(raw) = self.raw.take_if(|raw| raw.len() > INLINE) {
            shed.extend(chunks(&self.tenant, self.address.id, SourceKind::Message, &raw));
            self.extent = Extent::WithoutSource;
        }
        let parts = serde_json::to_string(&self.parts).map_or(0, |parts| parts.len());
        let text = self.text.as_ref().map_or(0, String::len);
        if text + parts <= CONTENT_INLINE {
            return shed;
        }
        let full = FullContent { text: self.text.clone(), parts: std::mem::take(self.parts.as_mut()) };
        // Our own plain structs always serialise; the fallback only keeps this free of panics.
        let full = serde_json::to_string(&full).unwrap_or_default();
        shed.extend(chunks(&self.tenant, self.address.id, SourceKind::Content, &full));
        self.text = self.text.take().map(|text| text.chars().take(EXCERPT).collect());
        self.extent = Extent::Cut;
        shed
    }

    /// Puts back the content that [`Message::split_off_chunks`] removed. The text of a later edit stays.
    pub fn restore_sources(&mut self, sources: &[MessageSource]) {
        let content = sources.iter().find(|source| source.kind == SourceKind::Content);
        let Some(full) = content.and_then(|it| serde_json::from_str::<FullContent>(&it.body).ok()) else {
            return;
        };
        if self.edited.is_none() {
            self.text = full.text;
        }
        *self.parts = full.parts;
        self.extent = Extent::WithoutSource;
    }
}

/// A source in chunks that each fit into a row; at least one.
#[must_use]
pub fn chunks(tenant: &TenantId, message: MessageId, kind: SourceKind, body: &str) -> Vec<SourceChunk> {
    let texts = cut(body, CHUNK_BYTES);
    let digest = hex(&Sha256::digest(body.as_bytes())).chars().take(32).collect::<String>();
    let of = texts.len();
    let chunk = |(number, body): (usize, &str)| SourceChunk {
        tenant: tenant.clone(),
        message,
        kind,
        digest: digest.clone(),
        number,
        of,
        body: body.to_owned(),
    };
    texts.into_iter().enumerate().map(chunk).collect()
}

/// Joins chunks, which must be ordered by name and number. A source with a missing chunk is left out.
#[must_use]
pub fn assembled(chunks: Vec<SourceChunk>) -> Vec<MessageSource> {
    let mut sources = Vec::new();
    let (mut body, mut digest, mut joined) = (String::new(), String::new(), 0);
    for chunk in chunks {
        if chunk.digest != digest || chunk.number == 0 {
            body.clear();
            digest.clone_from(&chunk.digest);
            joined = 0;
        }
        if chunk.number != joined {
            continue;
        }
        body.push_str(&chunk.body);
        joined += 1;
        if joined == chunk.of {
            sources.push(MessageSource { kind: chunk.kind, body: std::mem::take(&mut body) });
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_source_is_cut_and_comes_out_whole() {
        let (tenant, message) = ("demo".parse().unwrap(), "7".parse().unwrap());
        let (large, small) = ("ж".repeat(CHUNK_BYTES), "{}".to_owned());
        let mut rows = chunks(&tenant, message, SourceKind::Message, &large);
        assert!(rows.len() > 1 && rows.iter().all(|chunk| chunk.body.len() <= CHUNK_BYTES));
        rows.extend(chunks(&tenant, message, SourceKind::Status, &small));
        let whole = assembled(rows.clone());
        assert!(whole.iter().map(|it| it.body.as_str()).eq([large.as_str(), &small]));
        rows.remove(1);
        assert!(assembled(rows).iter().map(|it| it.body.as_str()).eq([small.as_str()]));
    }
}
