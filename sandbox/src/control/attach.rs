//! The files that belong to simulated messages.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::{
    BusinessNumber, GRAPH_MOUNT, KALEYRA_MOUNT, Sandbox, graph, ids,
    media::{self, Media},
};

/// The caller's choices for a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attachment<'a> {
    /// The sandbox's host, for links to the file.
    pub(super) host: Option<&'a str>,
    /// The size of the file in bytes; small if absent.
    pub(super) file_size: Option<usize>,
}

/// Adds the file of a media message and the fields that the caller left out. Returns the download URL at Kaleyra, if
/// Kaleyra is the provider: it replaces Meta's URL, which requires a token of Meta's.
pub(super) fn attach_file(
    sandbox: &Sandbox,
    business: &BusinessNumber,
    kind: &str,
    fields: &mut Map<String, Value>,
    attachment: Attachment<'_>,
) -> Option<String> {
    let (default_type, object) = file_of(kind, fields)?;
    let given =
        |object: &Map<String, Value>, key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let id = given(object, "id").unwrap_or_else(ids::media_id);
    let mime_type = given(object, "mime_type").unwrap_or_else(|| default_type.to_owned());
    let make = if sandbox.settings().real_files { Media::sample } else { Media::generate };
    let file = make(&id, &business.phone_number_id, &mime_type, attachment.file_size);
    let file = Media { expires_at: expires_at(sandbox, business), ..file };
    let digest = STANDARD.encode(Sha256::digest(&file.bytes));
    object.entry("sha256").or_insert_with(|| digest.into());
    let link = |mount: &str, path: &str| attachment.host.map(|host| format!("http://{host}{mount}{path}"));
    let media_url = business.kaleyra_api().and_then(|_| link(KALEYRA_MOUNT, &format!("/media/{id}")));
    if business.kaleyra_api().is_none()
        && let Some(url) = link(GRAPH_MOUNT, &graph::download_path(&id, sandbox.url_expires_at()))
    {
        object.entry("url").or_insert_with(|| url.into());
    }
    object.insert("mime_type".into(), mime_type.into());
    object.insert("id".into(), id.as_str().into());
    sandbox.state().media.insert(id, file);
    media_url
}

/// When Meta deletes a file that a customer sends now, in Unix seconds (facts: meta.md 7). How long Kaleyra keeps it is
/// not documented.
fn expires_at(sandbox: &Sandbox, business: &BusinessNumber) -> Option<i64> {
    let lifetime = sandbox.state().settings.media.received_seconds;
    business.kaleyra_api().is_none().then(|| sandbox.clock().unix_now() + i64::from(lifetime))
}

/// The object of a file in a message or in an edit, and the default MIME type for it.
fn file_of<'a>(
    kind: &str,
    fields: &'a mut Map<String, Value>,
) -> Option<(&'static str, &'a mut Map<String, Value>)> {
    if kind == "edit" {
        let edited = fields.get_mut("edit")?.get_mut("message")?.as_object_mut()?;
        let kind = edited.get("type")?.as_str()?.to_owned();
        return file_of(&kind, edited);
    }
    Some((media::default_mime_type(kind)?, fields.get_mut(kind)?.as_object_mut()?))
}
