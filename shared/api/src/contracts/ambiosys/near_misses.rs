//! Near misses of AmbioSys: fields that its clients may send, and that its requests do not have.

use crate::common::{
    claim::{CONVERSATION, CUSTOMER, PLACE},
    near_miss::{
        CHANNEL, CHANNELS, DIRECT_SEND, KIND, MEDIA, NearMisses, PREVIEW, PREVIEWS, QUOTE, QUOTES,
        RECIPIENTS, REPEAT, RefusedNames, SCHEDULE, TRIAL,
    },
};

/// For a text to a customer. The channel can be selected.
pub(super) const SEND: NearMisses = NearMisses {
    own: &["phoneNumber", "userId", "conversationId", "content", "messageType", "requestId", "sent_by"],
    honoured: &[QUOTES, PREVIEWS, CHANNELS],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL,
        REPEAT,
        CHANNEL,
        RECIPIENTS,
        RefusedNames::new(
            &["to", "toNumber", "phone", "recipient"],
            "phoneNumber, userId or conversationId says who gets it",
        ),
        MEDIA,
        KIND,
    ],
};

/// For a text in a conversation.
pub(super) const MESSAGE: NearMisses = NearMisses {
    own: &["content", "messageType", "sent_by"],
    honoured: &[QUOTES, PREVIEWS, CUSTOMER, PLACE, CONVERSATION],
    refused: &[SCHEDULE, DIRECT_SEND, TRIAL, REPEAT, CHANNEL, RECIPIENTS, MEDIA, KIND],
};

/// Names of a template's parameters.
const PARAMETERS: RefusedNames = RefusedNames::new(
    &[
        "parameters",
        "params",
        "variables",
        "bodyParameters",
        "templateParameters",
        "header",
        "body",
        "buttons",
    ],
    "what is filled into the template goes into components",
);

/// For a template to many. The channel can be selected, for all of them.
pub(super) const TEMPLATE: NearMisses = NearMisses {
    own: &["templateName", "languageCode", "components", "recipients", "sent_by"],
    honoured: &[CHANNELS],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL.because("it would be sent; dry_run only tells what would be"),
        REPEAT,
        CHANNEL,
        RefusedNames::new(
            &["to", "toNumber", "phone", "phoneNumber", "userId", "conversationId", "cc", "bcc"],
            "recipients says who gets it",
        ),
        PARAMETERS,
        MEDIA.because("a file of a template goes into components"),
        QUOTE,
        PREVIEW,
    ],
};

/// For one of its recipients, who fails alone.
pub(super) const ENTRY: NearMisses = NearMisses {
    own: &["phoneNumber", "userId", "conversationId", "requestId"],
    honoured: &[],
    refused: &[
        SCHEDULE,
        DIRECT_SEND,
        TRIAL.because("dry_run is for the whole request"),
        REPEAT,
        CHANNEL.because("channelId is for the whole request"),
        RefusedNames::new(
            &["to", "toNumber", "phone", "recipient"],
            "phoneNumber, userId or conversationId says who is meant",
        ),
        RefusedNames::new(
            &["components", "templateName", "languageCode", "language", "template"],
            "all recipients get the same; send a request for each that gets something else",
        ),
        PARAMETERS.because("all recipients get the same; send a request for each that gets something else"),
        MEDIA.because("all recipients get the same; send a request for each that gets something else"),
        QUOTE,
        PREVIEW,
    ],
};
