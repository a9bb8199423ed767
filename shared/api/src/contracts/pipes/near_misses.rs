//! Near misses of Pipes.bot: fields that its clients may send, and that its requests and frames do not have.

use crate::common::{
    claim::{CUSTOMER, PLACE},
    near_miss::{
        CHANNEL, DIRECT_SEND, KIND, MEDIA, NearMisses, PREVIEW, PREVIEWS, QUOTE, QUOTES, RECIPIENTS, REPEAT,
        RefusedNames, SCHEDULE, TRIAL,
    },
};

/// Names for a link to a file, where the contract accepts one.
pub(super) const LINKS: &[&str] = &["mediaUrl", "mediaLink"];

/// Other names for a file.
const FILE: RefusedNames =
    MEDIA.because("a file goes into media: a reference like media_1234, an https address, or Base64");

/// For a text or a file into a conversation.
pub(super) const SEND: NearMisses = NearMisses {
    own: &["conversationId", "text", "media", "mimeType", "mediaType", "fileName", "caption", "sent_by"],
    honoured: &[QUOTES, PREVIEWS, CUSTOMER, PLACE, LINKS],
    refused: &[SCHEDULE, DIRECT_SEND, TRIAL, REPEAT, CHANNEL, RECIPIENTS, FILE, KIND],
};

/// For a file: it has no link preview.
pub(super) const SEND_FILE: NearMisses = NearMisses { own: &[], honoured: &[], refused: &[PREVIEW] };

/// For a text: fields that belong to a file only.
pub(super) const SEND_TEXT: NearMisses = NearMisses {
    own: &[],
    honoured: &[],
    refused: &[RefusedNames::new(
        &["caption", "fileName", "mediaType"],
        "it goes with a file, and there is no media",
    )],
};

/// For a text from a pool number.
pub(super) const FROM_POOL_NUMBER: NearMisses = NearMisses {
    own: &["poolNumberId", "toNumber", "recipient", "text", "sent_by"],
    honoured: &[QUOTES, PREVIEWS],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT,
        CHANNEL.because("poolNumberId says from which number"),
        RECIPIENTS,
        RefusedNames::new(
            &["to", "phoneNumber", "phone", "userId", "conversationId"],
            "toNumber says who gets it",
        ),
        MEDIA,
        KIND,
    ],
};

/// For Meta's message object.
pub(super) const PASSTHROUGH: NearMisses = NearMisses {
    own: &[
        "messaging_product",
        "recipient_type",
        "poolNumberId",
        "conversationId",
        "to",
        "recipient",
        "type",
        "text",
        "template",
        "interactive",
        "location",
        "contacts",
        "reaction",
        "context",
        "sent_by",
    ],
    honoured: &[QUOTES, PREVIEWS],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT,
        CHANNEL.because("poolNumberId says from which number"),
        RECIPIENTS,
        RefusedNames::new(
            &["toNumber", "phoneNumber", "phone", "userId"],
            "to or recipient says who gets it",
        ),
        MEDIA.because("no files can be passed through; /v1/messages/send takes them"),
        RefusedNames::new(
            &["components", "templateName", "language"],
            "a template has these in its own object",
        ),
    ],
};

/// For a frame, outside its `data`.
pub(super) const AROUND: NearMisses = NearMisses {
    own: &["type", "data", "clientId"],
    honoured: &[],
    refused: &[
        SCHEDULE.because(IN_DATA_OR_NOT_AT_ALL),
        DIRECT_SEND.because(IN_DATA_OR_NOT_AT_ALL),
        TRIAL,
        REPEAT.because("each frame goes out once"),
        CHANNEL.because(IN_DATA_OR_NOT_AT_ALL),
        RefusedNames::new(CUSTOMER, IN_DATA_OR_NOT_AT_ALL),
        RefusedNames::new(QUOTES, IN_DATA_OR_NOT_AT_ALL),
        RefusedNames::new(PREVIEWS, IN_DATA_OR_NOT_AT_ALL),
        MEDIA.because(IN_DATA_OR_NOT_AT_ALL),
        RefusedNames::new(&["sent_by"], IN_DATA_OR_NOT_AT_ALL),
    ],
};

/// The reason why fields beside `data` are rejected.
const IN_DATA_OR_NOT_AT_ALL: &str = "what is sent, and how, goes into data";

/// For the `data` of a reply.
pub(super) const REPLY: NearMisses = NearMisses {
    own: &["conversationId", "text", "clientId", "sent_by"],
    honoured: &[QUOTES, PREVIEWS, CUSTOMER, PLACE],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT.because("each frame goes out once"),
        CHANNEL,
        RECIPIENTS,
        MEDIA.because("a file is sent by whatsapp_media_reply"),
        KIND,
    ],
};

/// For the `data` of a file.
pub(super) const MEDIA_REPLY: NearMisses = NearMisses {
    own: &["conversationId", "text", "media", "mediaType", "clientId", "sent_by"],
    honoured: &[QUOTES, CUSTOMER, PLACE],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT.because("each frame goes out once"),
        CHANNEL,
        RECIPIENTS,
        PREVIEW,
        RefusedNames::new(&["caption"], "the text below a file goes into text"),
        MEDIA.because("media holds the file in Base64; links are for /v1/messages/send"),
        KIND,
    ],
};

/// For the file's own object in it.
pub(super) const BYTES: NearMisses = NearMisses {
    own: &["data", "mimeType", "fileName"],
    honoured: &[],
    refused: &[
        RefusedNames::new(&["caption"], "the text below a file goes into text"),
        RefusedNames::new(
            &["url", "link"],
            "media holds the file in Base64; links are for /v1/messages/send",
        ),
        MEDIA.because("media holds the file in Base64; links are for /v1/messages/send"),
    ],
};

/// For the `data` of a reaction.
pub(super) const REACTION: NearMisses = NearMisses {
    own: &["conversationId", "messageId", "emoji", "clientId", "sent_by"],
    honoured: &[CUSTOMER, PLACE],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT.because("each frame goes out once"),
        CHANNEL,
        RECIPIENTS,
        MEDIA.because("a reaction is an emoji"),
        QUOTE.because("messageId says what is reacted to"),
        PREVIEW,
    ],
};
