//! Near misses: names that a client may mistake for fields of a contract.
//!
//! A vendor ignores unknown fields, and so do we, except for those that would change the recipient, the
//! time, the channel, the content, or whether it is sent at all. These are honoured or rejected: otherwise
//! the caller would pay for a message that they did not mean. Case, `_` and `-` make no difference.

use http::Uri;
use serde_json::Value;

use super::{
    Fields, InputError,
    names::{is_spelling_of, shown},
    query::Params,
};
use ventanilla_core::domain::content::LinkPreview;

/// Names for the same unsupported feature.
#[derive(Debug, Clone, Copy)]
pub struct RefusedNames {
    /// The names, in one spelling each.
    names: &'static [&'static str],
    /// Why it is rejected, and what to use instead.
    because: &'static str,
}

/// Fields for the time of sending.
pub const SCHEDULE: RefusedNames = RefusedNames {
    names: &[
        "sendAt",
        "sendOn",
        "sendAfter",
        "sendTime",
        "sendLater",
        "schedule",
        "scheduled",
        "scheduleAt",
        "scheduledAt",
        "scheduledFor",
        "scheduleTime",
        "scheduledTime",
        "scheduleDate",
        "scheduledDate",
        "deliverAt",
        "deliverAfter",
        "delay",
        "delaySeconds",
        "notBefore",
    ],
    because: "there is no scheduling, and the message would be sent now",
};

/// Fields for the provider's time to live and category of a message that is no template.
pub const DIRECT_SEND: RefusedNames = RefusedNames {
    names: &[
        "category",
        "ttl",
        "ttlSeconds",
        "messageTtl",
        "messagingTtl",
        "messageTtlSeconds",
        "messageSendTtlSeconds",
        "timeToLive",
        "validity",
        "validityPeriod",
        "validUntil",
    ],
    because: "messages have no category and no time to live of their own",
};

/// Fields for a dry run.
pub const TRIAL: RefusedNames = RefusedNames {
    names: &["validateOnly", "testMode", "test", "isTest", "simulate", "draft"],
    because: "the message would be sent; only a template to many has dry runs (dry_run)",
};

/// Fields for an idempotency key.
pub const REPEAT: RefusedNames = RefusedNames {
    names: &["idempotencyKey", "idempotencyToken"],
    because: "what makes a repeat safe is the header Idempotency-Key",
};

/// Fields for the sending number.
pub const CHANNEL: RefusedNames = RefusedNames {
    names: &["channelId", "phoneNumberId", "poolNumberId", "senderId", "from", "fromNumber"],
    because: "the message would go out on the channel that the request leads to",
};

/// Fields for further recipients.
pub const RECIPIENTS: RefusedNames = RefusedNames {
    names: &["recipients", "phoneNumbers", "toNumbers", "contacts", "cc", "bcc"],
    because: "the message goes to one customer",
};

/// Fields for a media file.
pub const MEDIA: RefusedNames = RefusedNames {
    names: &[
        "media",
        "mediaUrl",
        "mediaLink",
        "mediaId",
        "image",
        "imageUrl",
        "video",
        "videoUrl",
        "audio",
        "audioUrl",
        "document",
        "documentUrl",
        "sticker",
        "stickerUrl",
        "file",
        "fileUrl",
        "attachment",
        "attachments",
        "attachmentUrl",
        "caption",
    ],
    because: "no files can be sent here",
};

/// Fields for another kind of message.
pub const KIND: RefusedNames = RefusedNames {
    names: &[
        "template",
        "templateName",
        "templateId",
        "components",
        "parameters",
        "variables",
        "interactive",
        "buttons",
        "location",
        "reaction",
        "emoji",
    ],
    because: "only texts can be sent here",
};

/// Fields for a quoted message, where replies are not possible.
pub const QUOTE: RefusedNames =
    RefusedNames { names: QUOTES, because: "a message of this kind cannot answer another" };

/// Fields for a link preview, where there is none.
pub const PREVIEW: RefusedNames =
    RefusedNames { names: PREVIEWS, because: "only texts have previews of links" };

/// Names for the quoted message.
pub const QUOTES: &[&str] = &[
    "replyTo",
    "replyToId",
    "replyToMessageId",
    "inReplyTo",
    "context",
    "quote",
    "quoted",
    "quotedMessageId",
];

/// Names for the link preview.
pub const PREVIEWS: &[&str] = &["preview_url", "linkPreview", "previewLink", "urlPreview"];

/// Names for the channel, where one can be selected.
pub const CHANNELS: &[&str] = &["channelId"];

impl RefusedNames {
    /// The same names with another contract's reason.
    #[must_use]
    pub const fn because(self, because: &'static str) -> Self {
        Self { because, ..self }
    }

    /// Near misses of one contract.
    #[must_use]
    pub const fn new(names: &'static [&'static str], because: &'static str) -> Self {
        Self { names, because }
    }
}

/// The near misses of one kind of request.
#[derive(Debug, Clone, Copy)]
pub struct NearMisses {
    /// The fields that it has: they are known in their own spelling only, so that another spelling is
    /// rejected.
    pub own: &'static [&'static str],
    /// Additional names that are honoured, in any spelling.
    pub honoured: &'static [&'static [&'static str]],
    /// The names that are rejected; of several entries with the same name, the first gives the reason.
    pub refused: &'static [RefusedNames],
}

impl NearMisses {
    /// Rejects fields for unsupported features.
    ///
    /// # Errors
    /// Names the field as it was given.
    pub fn check(&self, fields: &Fields) -> Result<(), InputError> {
        for (name, _) in fields.all().filter(|(name, value)| asks(value) && !self.own.contains(name)) {
            if let Some(own) = spelled(name, self.own) {
                if !fields.value(own).is_some_and(asks) {
                    return Err(InputError::field(shown(name), format!("is spelled {own} here")));
                }
            } else if !self.honours(name) {
                self.refuse(name)?;
            }
        }
        Ok(())
    }

    /// Rejects parameters for unsupported features, or that belong into the body.
    ///
    /// # Errors
    /// Names the parameter as it was given.
    pub fn check_query(&self, uri: &Uri) -> Result<(), InputError> {
        for (name, _) in Params::read(uri).all().filter(|(_, value)| *value != "false") {
            if self.honours(name) {
                return Err(InputError::field(shown(name), "belongs into the body, not into the query"));
            }
            if spelled(name, self.own).is_none() {
                self.refuse(name)?;
            }
        }
        Ok(())
    }

    fn honours(&self, name: &str) -> bool {
        self.honoured.iter().any(|names| spelled(name, names).is_some())
    }

    fn refuse(&self, name: &str) -> Result<(), InputError> {
        match self.refused.iter().find(|refused| spelled(name, refused.names).is_some()) {
            Some(refused) => {
                Err(InputError::field(shown(name), format!("is not known here: {}", refused.because)))
            }
            None => Ok(()),
        }
    }
}

/// The only field with one of these names, in any spelling, that is not empty.
///
/// # Errors
/// Names the second of two.
pub fn honoured<'a>(
    fields: impl Iterator<Item = (&'a str, &'a Value)>,
    names: &[&'static str],
) -> Result<Option<(&'a str, &'a Value)>, InputError> {
    let mut given = fields.filter(|(name, value)| asks(value) && spelled(name, names).is_some());
    match (given.next(), given.next()) {
        (first, None) => Ok(first),
        (Some((first, _)), Some((second, _))) => {
            Err(InputError::field(shown(second), format!("must not be given beside {}", shown(first))))
        }
        (None, Some(_)) => Ok(None),
    }
}

/// Whether a link preview is requested: `preview_url`, in any spelling.
///
/// # Errors
/// Names the field as it was given.
pub fn link_preview<'a>(
    fields: impl Iterator<Item = (&'a str, &'a Value)>,
) -> Result<LinkPreview, InputError> {
    match honoured(fields, PREVIEWS)? {
        None => Ok(LinkPreview::Off),
        Some((_, Value::Bool(true))) => Ok(LinkPreview::On),
        // Some clients send it as text (facts: kaleyra.md 2.3).
        Some((_, Value::String(word))) if word == "true" => Ok(LinkPreview::On),
        Some((_, Value::String(word))) if word == "false" => Ok(LinkPreview::Off),
        Some((name, _)) => Err(InputError::field(shown(name), "must be true or false")),
    }
}

fn spelled(name: &str, names: &[&'static str]) -> Option<&'static str> {
    names.iter().find(|known| is_spelling_of(name, known)).copied()
}

/// Whether a value is not empty: some clients always send all of their fields.
fn asks(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: NearMisses = NearMisses {
        own: &["content", "mediaType", "sent_by"],
        honoured: &[QUOTES, PREVIEWS],
        refused: &[SCHEDULE, DIRECT_SEND, CHANNEL],
    };

    fn check(name: &str, value: &Value) -> Result<(), String> {
        let fields = Fields::of(&json!({ name: value })).unwrap();
        TABLE.check(&fields).map_err(|error| error.to_string())
    }

    #[test]
    fn a_near_miss_is_rejected_under_the_name_as_given() {
        for name in [
            "sendAt",
            "send_at",
            "SEND-AT",
            "scheduled_at",
            "schedule",
            "channel_id",
            "ttl_seconds",
            "category",
        ] {
            let problem = check(name, &json!("x")).unwrap_err();
            assert!(problem.starts_with(&format!("{name} is not known here: ")), "{problem}");
        }
        for (name, own) in [("media_type", "mediaType"), ("sentBy", "sent_by"), ("Content", "content")] {
            assert_eq!(check(name, &json!("x")), Err(format!("{name} is spelled {own} here")));
        }
        for harmless in ["content", "mediaType", "reply_to", "previewUrl", "note", "senda", "sendAtt"] {
            assert_eq!(check(harmless, &json!("x")), Ok(()), "{harmless}");
        }
        let long = format!("{}send{}at", "_".repeat(100), "-".repeat(100));
        assert!(check(&long, &json!(1)).unwrap_err().len() < 200);
    }

    #[test]
    fn an_empty_field_requests_nothing() {
        for nothing in [json!(null), json!(false), json!(""), json!(" "), json!([]), json!({})] {
            assert_eq!(check("sendAt", &nothing), Ok(()), "{nothing}");
        }
        for something in [json!(true), json!(0), json!("x"), json!(["x"]), json!({ "at": null })] {
            assert!(check("sendAt", &something).is_err(), "{something}");
        }
    }

    #[test]
    fn another_spelling_beside_the_own_one_is_ignored() {
        let fields = Fields::of(&json!({ "mediaType": "voice", "media_type": "voice" })).unwrap();
        assert_eq!(TABLE.check(&fields), Ok(()));
        let fields = Fields::of(&json!({ "mediaType": null, "media_type": "voice" })).unwrap();
        assert!(TABLE.check(&fields).is_err());
    }

    #[test]
    fn nothing_of_this_goes_into_a_query() {
        let check = |query: &str| {
            let uri = format!("/x?{query}").parse().unwrap();
            TABLE.check_query(&uri).map_err(|error| error.place().to_owned())
        };
        for (query, place) in [
            ("send_at=2026-12-01", "send_at"),
            ("a=b&schedule", "schedule"),
            ("channelId=2", "channelId"),
            ("replyTo=msg_7", "replyTo"),
            ("preview_url", "preview_url"),
        ] {
            assert_eq!(check(query), Err(place.to_owned()), "{query}");
        }
        for fine in ["", "id=7", "preview_url=false", "content=x", "page=2"] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn a_preview_is_requested_in_any_spelling() {
        let preview = |body: Value| link_preview(Fields::of(&body).unwrap().all());
        for body in
            [json!({ "preview_url": true }), json!({ "previewUrl": "true" }), json!({ "Preview-URL": true })]
        {
            assert_eq!(preview(body.clone()), Ok(LinkPreview::On), "{body}");
        }
        for body in [json!({}), json!({ "preview_url": false }), json!({ "previewUrl": "false" })] {
            assert_eq!(preview(body.clone()), Ok(LinkPreview::Off), "{body}");
        }
        assert_eq!(preview(json!({ "previewUrl": 1 })).unwrap_err().place(), "previewUrl");
    }

    #[test]
    fn of_two_names_for_the_same_neither_counts() {
        let fields = Fields::of(&json!({ "replyTo": "a", "reply_to": null, "note": 1 })).unwrap();
        assert_eq!(honoured(fields.all(), QUOTES), Ok(Some(("replyTo", &json!("a")))));
        let fields = Fields::of(&json!({ "replyTo": "a", "context": { "message_id": "b" } })).unwrap();
        assert!(honoured(fields.all(), QUOTES).is_err());
    }
}
