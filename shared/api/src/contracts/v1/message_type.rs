//! The type of a message.

use serde::Serialize;

/// What a message is. What the provider calls by a name that is not known here is `unknown`, with that name as `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum MessageType {
    Text,
    Image,
    Video,
    Audio,
    Document,
    Sticker,
    Location,
    Contacts,
    Interactive,
    Order,
    Template,
    Reaction,
    Edit,
    Revoke,
    System,
    Call,
    Unsupported,
    Unknown,
}

/// The type for a provider's kind of message.
pub(super) fn message_type(kind: &str) -> MessageType {
    match kind {
        "text" => MessageType::Text,
        "image" => MessageType::Image,
        "video" => MessageType::Video,
        "audio" | "voice" => MessageType::Audio,
        "document" => MessageType::Document,
        "sticker" => MessageType::Sticker,
        "location" => MessageType::Location,
        "contacts" => MessageType::Contacts,
        "interactive" | "button" => MessageType::Interactive,
        "order" => MessageType::Order,
        "template" => MessageType::Template,
        "reaction" => MessageType::Reaction,
        "edit" => MessageType::Edit,
        "revoke" => MessageType::Revoke,
        "system" => MessageType::System,
        "call" => MessageType::Call,
        "unsupported" => MessageType::Unsupported,
        _ => MessageType::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_has_the_word_of_its_part_and_what_is_new_is_unknown() {
        for (kind, shown) in
            [("voice", "audio"), ("button", "interactive"), ("call", "call"), ("poll", "unknown")]
        {
            assert_eq!(json!(message_type(kind)), json!(shown), "{kind}");
        }
    }
}
