//! The bodies of this contract. Its times are `YYYY-MM-DD HH:MM:SS`, all in UTC: those of rows and those of
//! our clock.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::common::InputError;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::{
    content::MessageText,
    conversation::Status,
    id::{ConversationId, MessageId},
    message::Sender,
    time::Timestamp,
};

/// UTC, to the second.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhpTime"))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$")))]
pub(super) struct PhpTime(String);

impl From<Timestamp> for PhpTime {
    fn from(at: Timestamp) -> Self {
        Self(at.iso_seconds().replace('T', " ").replace('Z', ""))
    }
}

impl PhpTime {
    /// Reads the time of a client's last poll, which a response gave it.
    ///
    /// # Errors
    /// Names the parameter.
    pub(super) fn read(text: &str) -> Result<Timestamp, InputError> {
        let wrong = || InputError::field("last_check", "must be a time like 2026-03-03 10:30:00");
        let (day, time) = text.split_once(' ').ok_or_else(wrong)?;
        format!("{day}T{time}Z").parse().map_err(|_| wrong())
    }
}

/// A boolean as in PHP: requests may also have 1 or 0, and responses always do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(on) => Ok(Self(on)),
            Value::Number(number) if number.as_u64() == Some(1) => Ok(Self(true)),
            Value::Number(number) if number.as_u64() == Some(0) => Ok(Self(false)),
            _ => Err(D::Error::custom("must be true or false")),
        }
    }
}

impl Serialize for Flag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0.into())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Flag {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PhpFlag".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let number = schemars::json_schema!({ "type": "integer", "enum": [0, 1] });
        if generator.contract().is_serialize() {
            return number;
        }
        schemars::json_schema!({ "anyOf": [{ "type": "boolean" }, number] })
    }
}

/// The body of a reply.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReplyRequest"))]
#[cfg_attr(feature = "schema", schemars(transform = schema::beside::sent_by_quote_and_preview))]
pub(super) struct ReplyBody {
    /// The text. As in PHP, `"0"` counts as none, a space as one.
    #[cfg_attr(feature = "schema", schemars(with = "schema::Text", extend("not" = { "const": "0" })))]
    pub(super) message: Option<MessageText>,
}

/// The body of a switch of the bot.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ToggleAi"))]
pub(super) struct ToggleAiBody {
    /// Whether the bot answers.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub(super) ai_enabled: Option<Flag>,
}

/// That a reply was sent.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Replied", deny_unknown_fields)
)]
pub(super) struct Replied {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    success: bool,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "Reply sent successfully")))]
    message: &'static str,
}

impl Replied {
    pub(super) const DONE: Self = Self { success: true, message: "Reply sent successfully" };
}

/// That the switch was set.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "PhpToggled", deny_unknown_fields)
)]
pub(super) struct Toggled {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    success: bool,
    #[cfg_attr(feature = "schema", schemars(extend("const" = "AI state updated successfully")))]
    message: &'static str,
}

impl Toggled {
    pub(super) const DONE: Self = Self { success: true, message: "AI state updated successfully" };
}

/// The list of conversations.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpConversations", deny_unknown_fields))]
pub(super) struct Conversations {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub(super) success: bool,
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    pub(super) conversations: Vec<ListedConversation>,
}

/// A conversation on a list.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpConversation", deny_unknown_fields))]
pub(super) struct ListedConversation {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) id: ConversationId,
    /// Digits; the user id of a customer who shows no number.
    pub(super) phone_number: String,
    pub(super) contact_name: Option<String>,
    pub(super) status: Status,
    pub(super) ai_enabled: Flag,
    pub(super) last_message_at: PhpTime,
    /// When the company's bot last wrote, with the key of a bot or `sent_by`.
    pub(super) last_bot_message_at: Option<PhpTime>,
    pub(super) created_at: PhpTime,
    /// The same as `last_message_at`.
    pub(super) updated_at: PhpTime,
    pub(super) last_message: Option<String>,
    pub(super) last_sender_type: Option<SenderType>,
    pub(super) last_message_created_at: Option<PhpTime>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) enum SenderType {
    User,
    Bot,
    Human,
}

impl From<Sender> for SenderType {
    fn from(it: Sender) -> Self {
        match it {
            Sender::Customer => Self::User,
            Sender::Human | Sender::BusinessApp => Self::Human,
            Sender::Bot | Sender::Template | Sender::Broadcast | Sender::MetaAgent => Self::Bot,
        }
    }
}

/// Messages of a conversation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpMessages", deny_unknown_fields))]
pub(super) struct MessagePage {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub(super) success: bool,
    #[cfg_attr(feature = "schema", schemars(length(max = 2000)))]
    pub(super) messages: Vec<ListedMessage>,
    /// Whether there are older ones within the latest 2,000.
    pub(super) has_more: bool,
    pub(super) total: u64,
    pub(super) server_time: PhpTime,
}

/// A message of a conversation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpMessage", deny_unknown_fields))]
pub(super) struct ListedMessage {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) id: MessageId,
    pub(super) sender_type: SenderType,
    /// Text or caption; `[image]` or the like for a message without.
    pub(super) message_text: String,
    /// Where the sound of a voice message is, below the base URL; null for all others, and until it is there. In
    /// the cloud it wants the key like any other call, so it plays where something in front of us adds the key.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^/v1/media/download/[1-9][0-9]*$")))]
    pub(super) audio_url: Option<String>,
    pub(super) media_type: MediaType,
    pub(super) context_used: (),
    pub(super) confidence_score: (),
    pub(super) created_at: PhpTime,
}

/// What a message is for that client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub(super) enum MediaType {
    Text,
    Audio,
    Image,
    Video,
    Document,
}

impl MediaType {
    /// The media type for WhatsApp's kind of a message.
    pub(super) fn of_kind(kind: &str) -> Self {
        match kind {
            "audio" | "voice" => Self::Audio,
            "image" | "sticker" => Self::Image,
            "video" => Self::Video,
            "document" => Self::Document,
            _ => Self::Text,
        }
    }
}

/// By what was asked, the clock to begin with, one conversation's news, or which conversations have news.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpUpdates", deny_unknown_fields))]
pub(super) struct UpdateCheck {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub(super) success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) has_update: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) has_updates: Option<bool>,
    /// As it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<schema::Id>>", extend("maxItems" = 500)))]
    pub(super) updated_conversations: Option<Vec<ConversationId>>,
    pub(super) server_time: PhpTime,
}

impl UpdateCheck {
    /// A check without a result, only with its time.
    pub(super) fn at(known: Timestamp) -> Self {
        Self {
            success: true,
            has_update: None,
            has_updates: None,
            conversation_id: None,
            updated_conversations: None,
            server_time: known.into(),
        }
    }
}

/// In which conversations there is anything new, with what a list shows of them.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpConversationUpdates", deny_unknown_fields))]
pub(super) struct ConversationUpdates {
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    pub(super) success: bool,
    pub(super) has_updates: bool,
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    pub(super) updated_conversations: Vec<UpdatedConversation>,
    pub(super) server_time: PhpTime,
}

/// A conversation with something new.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "PhpUpdatedConversation", deny_unknown_fields))]
pub(super) struct UpdatedConversation {
    #[cfg_attr(feature = "schema", schemars(with = "schema::Id"))]
    pub(super) id: ConversationId,
    pub(super) last_message_at: PhpTime,
    pub(super) status: Status,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_goes_to_the_client_and_back() {
        let at = Timestamp::from_millis(1_772_533_800_000);
        assert_eq!(PhpTime::from(at).0, "2026-03-03 10:30:00");
        assert_eq!(PhpTime::read(&PhpTime::from(at).0), Ok(at));
        for bad in ["", "now", "2026-03-03", "2026-03-03 25:00:00", "2026-03-03T10:30:00Z"] {
            assert_eq!(PhpTime::read(bad).unwrap_err().place(), "last_check", "{bad}");
        }
    }
}
