//! Parses a send request of V1.

use reqwest::Url;
use serde_json::{Map, Value, json};

use super::{error::KaleyraError, form::Form, refs::Refs};
use crate::{
    BusinessNumber,
    address::Address,
    log::CallEntry,
    outbound::{OutboundMessage, validate},
    phone,
};

/// The fields of a template besides name and language, passed on unchanged.
const TEMPLATE_FIELDS: [&str; 4] = ["params", "media_url", "param_header", "param_url"];

/// A valid send request.
pub(super) struct Request {
    pub(super) outbound: OutboundMessage,
    /// `from`, as the caller wrote it.
    pub(super) sender: String,
    /// `type`, which differs from the message type on the phone.
    pub(super) kind: String,
    /// The URL for the statuses of this message.
    pub(super) callback_url: Option<String>,
}

impl Request {
    /// Parses a form. The log entry gets every field that can be read, even of an invalid form.
    pub(super) fn read(
        form: &Form,
        number: &BusinessNumber,
        entry: &mut CallEntry,
    ) -> Result<Self, KaleyraError> {
        let owned = |name: &str| form.get(name).map(str::to_owned);
        entry.to = owned("to");
        entry.kind = owned("type");
        entry.text = owned("body").or_else(|| owned("caption"));
        entry.callback_data = Refs::read(|name| form.get(name)).first().map(str::to_owned);
        if !form.required("channel")?.eq_ignore_ascii_case("whatsapp") {
            return Err(KaleyraError::field("channel", "The channel must be whatsapp."));
        }
        let input = form.required("to")?;
        let to = recipient(input, number)?;
        entry.to = Some(to.as_str().to_owned());
        let given = form.required("type")?;
        let (kind, content) = content(form, given)?;
        entry.kind = Some(kind.to_owned());
        entry.text = phone::visible_text(kind, &content);
        url(form, "callback_url")?;
        let outbound = OutboundMessage {
            to,
            input: input.to_owned(),
            kind: kind.to_owned(),
            content,
            text: entry.text.clone(),
            // V1 documents no way to answer a certain message.
            context: None,
            callback_data: entry.callback_data.clone(),
        };
        Ok(Self {
            outbound,
            sender: form.required("from")?.to_owned(),
            kind: given.to_owned(),
            callback_url: owned("callback_url"),
        })
    }
}

fn recipient(input: &str, number: &BusinessNumber) -> Result<Address, KaleyraError> {
    Address::number(input)
        .filter(|to| to.as_str() != number.display_phone_number)
        .ok_or_else(|| KaleyraError::field("to", "The recipient is not a valid WhatsApp number."))
}

/// The message type on the phone, and the object under its name.
fn content(form: &Form, given: &str) -> Result<(&'static str, Value), KaleyraError> {
    let (kind, content, blamed) = match given {
        "text" => ("text", json!({"body": form.required("body")?}), "body"),
        "template" => ("template", template(form)?, "template_name"),
        "mediatemplate" => {
            // A text header or a URL button is no media, but the fields for them are documented for this type alone.
            if form.get("param_header").or_else(|| form.get("param_url")).is_none() {
                required_url(form, "media_url")?;
            }
            url(form, "media_url")?;
            ("template", template(form)?, "template_name")
        }
        "media" => {
            let (kind, content) = media(form)?;
            (kind, content, "caption")
        }
        "contacts" => ("contacts", contacts(form)?, "param_contacts"),
        _ => return Err(KaleyraError::field("type", "The type is not supported.")),
    };
    validate(kind, Some(&content)).map_err(|error| KaleyraError::field(blamed, &error.details))?;
    Ok((kind, content))
}

fn template(form: &Form) -> Result<Value, KaleyraError> {
    let mut content = Map::new();
    content.insert("name".into(), form.required("template_name")?.into());
    content.insert("language".into(), json!({"code": form.required("lang_code")?}));
    for name in TEMPLATE_FIELDS {
        if let Some(value) = form.get(name) {
            content.insert(name.into(), value.into());
        }
    }
    Ok(content.into())
}

fn media(form: &Form) -> Result<(&'static str, Value), KaleyraError> {
    let url = required_url(form, "media_url")?;
    let mut content = Map::new();
    content.insert("link".into(), form.required("media_url")?.into());
    if let Some(caption) = form.get("caption") {
        content.insert("caption".into(), caption.into());
    }
    Ok((kind_of_file(url.path()), content.into()))
}

/// The message type of a file, by its extension.
fn kind_of_file(path: &str) -> &'static str {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("jpg" | "jpeg" | "png") => "image",
        Some("mp4" | "3gp") => "video",
        Some("mp3" | "ogg" | "aac" | "amr") => "audio",
        Some("webp") => "sticker",
        _ => "document",
    }
}

fn contacts(form: &Form) -> Result<Value, KaleyraError> {
    let text = form.required("param_contacts")?;
    serde_json::from_str(text).map_err(|_| KaleyraError::field("param_contacts", "This is not JSON."))
}

fn required_url(form: &Form, name: &str) -> Result<Url, KaleyraError> {
    form.required(name)?;
    url(form, name)?.ok_or_else(|| KaleyraError::field(name, "This is not a URL."))
}

fn url(form: &Form, name: &str) -> Result<Option<Url>, KaleyraError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(Some).ok_or_else(|| KaleyraError::field(name, "This is not a URL."))
}

#[cfg(test)]
mod tests {
    use super::kind_of_file;

    #[test]
    fn the_end_of_its_name_makes_a_file_what_it_is() {
        let cases = [
            ("/a.b/photo.JPG", "image"),
            ("/clip.mp4", "video"),
            ("/note.ogg", "audio"),
            ("/smile.webp", "sticker"),
            ("/offer.pdf", "document"),
            ("/no-ending", "document"),
        ];
        for (path, kind) in cases {
            assert_eq!(kind_of_file(path), kind, "{path}");
        }
    }
}
