//! A message in the format of API V1: a form (facts: kaleyra.md 2.2). What V1's documents do not show is
//! rejected by name instead of tried.

use std::borrow::Cow;

use secrecy::ExposeSecret;
use serde_json::Value;

use super::KaleyraSecret;
use ventanilla_core::{
    domain::{
        channel::KaleyraAccess,
        contact::Address,
        content::{Content, LinkPreview, Media, MediaKind, MediaSource, TemplateContent},
        rejection::{Reason, Rejection},
    },
    ports::provider::Outgoing,
};

/// A field of a form.
type Field = (&'static str, String);

/// The fields of a message's form.
pub(super) fn fields(
    access: &KaleyraAccess,
    secret: &KaleyraSecret,
    outgoing: &Outgoing<'_>,
) -> Result<Vec<Field>, Rejection> {
    if outgoing.quotes.is_some() {
        return unsupported("quoted replies");
    }
    let Address::Number(number) = outgoing.to else { return unsupported("customers without a number") };
    let mut fields = vec![
        ("channel", "whatsapp".to_owned()),
        ("from", outgoing.channel.number.e164()),
        ("to", access.numbers.of(number)),
    ];
    fields.extend(super::send::references(outgoing).map(|(name, value)| (name, value.to_owned())));
    fields.extend(callback_url(access, secret, outgoing).map(|url| ("callback_url", url)));
    fields.extend(content(outgoing.content)?);
    Ok(fields)
}

/// The URL for the statuses of this message. V1 is not known to return a reference with them, but keeps the
/// URL as it is (facts: kaleyra.md 4.2).
fn callback_url(access: &KaleyraAccess, secret: &KaleyraSecret, outgoing: &Outgoing<'_>) -> Option<String> {
    let (base, own) = (access.callback_base_url.as_deref()?, secret.callback.first()?);
    let echo: String = form_urlencoded::byte_serialize(outgoing.echo.as_bytes()).collect();
    Some(format!("{base}/webhooks/kaleyra/{}/{}?ref={echo}", outgoing.channel.id, own.expose_secret()))
}

fn content(content: &Content) -> Result<Vec<Field>, Rejection> {
    match content {
        Content::Text { body, link_preview } => {
            let mut fields = vec![("type", "text".to_owned()), ("body", body.as_str().to_owned())];
            if *link_preview == LinkPreview::On {
                fields.push(("preview_url", "true".to_owned()));
            }
            Ok(fields)
        }
        Content::Media(media) => file(media),
        Content::Template(template) => with_parameters(template),
        Content::Contacts { contacts } => Ok(vec![
            ("type", "contacts".to_owned()),
            ("param_contacts", Value::from(contacts.clone()).to_string()),
        ]),
        // The documents do not specify the value of `type` for these.
        Content::Location(_) => unsupported("locations"),
        Content::Reaction { .. } => unsupported("reactions"),
        Content::Interactive { .. } => unsupported("interactive messages"),
    }
}

fn file(media: &Media) -> Result<Vec<Field>, Rejection> {
    let MediaSource::Link(link) = &media.source else { return unsupported("media by id") };
    if media.kind == MediaKind::Voice {
        return unsupported("voice notes");
    }
    if media.file_name.is_some() {
        return unsupported("file names");
    }
    let mut fields = vec![("type", "media".to_owned()), ("media_url", link.as_str().to_owned())];
    fields.extend(media.caption.clone().map(|caption| ("caption", caption)));
    Ok(fields)
}

fn with_parameters(template: &TemplateContent) -> Result<Vec<Field>, Rejection> {
    let mut params = Vec::new();
    let mut extras = Vec::new();
    for component in &template.components {
        let kind = word(component, "type").to_ascii_lowercase();
        for parameter in component.get("parameters").and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
        {
            match (kind.as_str(), word(component, "sub_type").to_ascii_lowercase().as_str()) {
                ("body", _) => params.push(plain(parameter)?),
                ("header", _) => extras.push(header(parameter)?),
                ("button", "url") => extras.push(("param_url", plain(parameter)?)),
                _ => return unsupported("this kind of template parameter"),
            }
        }
    }
    let mut fields = vec![
        ("type", if extras.is_empty() { "template" } else { "mediatemplate" }.to_owned()),
        ("template_name", template.name.clone()),
        ("lang_code", template.language.clone()),
    ];
    if !params.is_empty() {
        fields.push(("params", listed(&params)?));
    }
    for extra in extras {
        if fields.iter().any(|(name, _)| *name == extra.0) {
            return unsupported("more than one header or link parameter");
        }
        fields.push(extra);
    }
    Ok(fields)
}

/// `"A","B"`, as in the documents. They do not say how to escape a quotation mark.
fn listed(params: &[String]) -> Result<String, Rejection> {
    if params.iter().any(|param| param.contains('"')) {
        return unsupported("quotation marks in template parameters");
    }
    let quoted: Vec<String> = params.iter().map(|param| format!("\"{param}\"")).collect();
    Ok(quoted.join(","))
}

fn header(parameter: &Value) -> Result<Field, Rejection> {
    let kind = word(parameter, "type");
    if kind == "text" {
        return Ok(("param_header", plain(parameter)?));
    }
    let file = parameter.get(&*kind).and_then(Value::as_object);
    match file.map(|file| (file.len(), file.get("link").and_then(Value::as_str))) {
        Some((1, Some(link))) => Ok(("media_url", link.to_owned())),
        _ => unsupported("template headers besides a text or the link of a file"),
    }
}

/// The text of a positional parameter.
fn plain(parameter: &Value) -> Result<String, Rejection> {
    if parameter.get("parameter_name").is_some() {
        return unsupported("named template parameters");
    }
    match parameter.get("text").and_then(Value::as_str) {
        Some(text) if word(parameter, "type") == "text" => Ok(text.to_owned()),
        _ => unsupported("template parameters that are no text"),
    }
}

fn word<'a>(object: &'a Value, field: &str) -> Cow<'a, str> {
    object.get(field).and_then(Value::as_str).unwrap_or_default().into()
}

fn unsupported<T>(what: &str) -> Result<T, Rejection> {
    Err(Reason::Unsupported.because(format!("Kaleyra's API V1 is not known to have {what}")))
}
