//! Ids as contracts spell them: a prefix for the kind, and the number. Only this file spells the prefixes.
//! Paths and bodies of `/v1` accept the bare number as well.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

use ventanilla_core::domain::{
    event::{EventId, EventIdError},
    id::{BroadcastId, ChannelId, ContactId, ConversationId, FileId, IdError, MessageId},
};

/// An id that has a prefix.
pub trait Prefixed: FromStr<Err = IdError> {
    /// The prefix, with its underscore.
    const PREFIX: &'static str;
}

macro_rules! prefixed {
    ($($id:ident $prefix:literal $spelled:ident)*) => {$(
        impl Prefixed for $id {
            const PREFIX: &'static str = $prefix;
        }

        #[doc = concat!("`", $prefix, "1234`.")]
        #[must_use]
        pub fn $spelled(id: $id) -> String {
            format!("{}{id}", $prefix)
        }
    )*};
}

prefixed! {
    MessageId "msg_" message_id
    ConversationId "conv_" conversation_id
    ContactId "contact_" contact_id
    ChannelId "ch_" channel_id
    BroadcastId "bc_" broadcast_id
    FileId "media_" media_id
}

/// The prefix of a channel at Pipes.bot, which calls it a pool number, as its clients were seen to use it (facts:
/// seed-apis.md 3.1).
pub const POOL_NUMBER: &str = "pn_";

/// The prefix in the vendor's sample; accepted, never shown.
pub const POOL_NUMBER_OF_THE_SAMPLE: &str = "pool_";

/// The id of a channel at Pipes.bot, like `pn_1234`.
#[must_use]
pub fn pool_number(id: ChannelId) -> String {
    format!("{POOL_NUMBER}{id}")
}

/// The id of an event, `evt_…`.
#[must_use]
pub fn event_id(id: &EventId) -> String {
    format!("evt_{id}")
}

/// Reads the id of an event with or without its prefix.
///
/// # Errors
/// When it is no event id.
pub fn read_event_id(text: &str) -> Result<EventId, EventIdError> {
    text.strip_prefix("evt_").unwrap_or(text).parse()
}

/// Reads an id with or without its prefix.
///
/// # Errors
/// When it is neither.
pub fn read_id<I: Prefixed>(text: &str) -> Result<I, IdError> {
    text.strip_prefix(I::PREFIX).unwrap_or(text).parse()
}

/// A text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an id like {0}1234")]
pub struct WireIdError(pub &'static str);

/// Reads `conv_1234` with or without the prefix; the error shows the format.
///
/// # Errors
/// When it is neither.
pub fn read_conversation(text: &str) -> Result<ConversationId, WireIdError> {
    read_id(text).map_err(|_| WireIdError(ConversationId::PREFIX))
}

/// An id in a body of `/v1`: text with or without its prefix, or the bare number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id<I>(pub I);

impl<'de, I: Prefixed + TryFrom<u64>> Deserialize<'de> for Id<I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrNumber(PhantomData)).map(Self)
    }
}

#[cfg(feature = "schema")]
impl<I: Prefixed> schemars::JsonSchema for Id<I> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Any_{}", I::PREFIX).into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "integer"],
            "pattern": format!("^({})?[1-9][0-9]*$", I::PREFIX),
            "minimum": 1,
            "maximum": 9_007_199_254_740_991_u64,
        })
    }
}

struct TextOrNumber<I>(PhantomData<I>);

impl<I: Prefixed + TryFrom<u64>> Visitor<'_> for TextOrNumber<I> {
    type Value = I;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an id like {}244015433448729", I::PREFIX)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<I, E> {
        read_id(text).map_err(|_| E::invalid_type(Unexpected::Str(""), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<I, E> {
        I::try_from(number).map_err(|_| E::invalid_type(Unexpected::Unsigned(0), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_with_its_prefix_and_without_and_not_with_another() {
        let id: MessageId = "7".parse().unwrap();
        assert_eq!(message_id(id), "msg_7");
        assert_eq!(read_id::<MessageId>("msg_7"), Ok(id));
        assert_eq!(read_id::<MessageId>("7"), Ok(id));
        let file: FileId = "9007199254740991".parse().unwrap();
        assert_eq!(media_id(file), "media_9007199254740991");
        assert_eq!(read_id::<FileId>("media_9007199254740991"), Ok(file));
        for wrong in ["conv_7", "msg_", "msg_msg_7", "", "MSG_7"] {
            assert_eq!(read_id::<MessageId>(wrong), Err(IdError::NotANumber), "{wrong}");
        }
    }

    #[test]
    fn the_id_of_an_event_is_read_as_it_is_shown() {
        let name = "1795263680427-0000000000000001-8f14e45fceea167a";
        let id = read_event_id(name).unwrap();
        assert_eq!(event_id(&id), format!("evt_{name}"));
        assert_eq!(read_event_id(&event_id(&id)), Ok(id));
        for wrong in ["", "evt_", "evt_evt_1", "msg_7", "a b", &"1".repeat(65)] {
            assert_eq!(read_event_id(wrong), Err(EventIdError), "{wrong}");
        }
    }

    #[test]
    fn an_id_in_a_body_is_text_or_a_number() {
        let read = |value: serde_json::Value| serde_json::from_value::<Id<MessageId>>(value);
        for same in [serde_json::json!("msg_7"), serde_json::json!("7"), serde_json::json!(7)] {
            assert_eq!(read(same.clone()).unwrap().0.get(), 7, "{same}");
        }
        for wrong in
            [serde_json::json!("conv_7"), serde_json::json!(0), serde_json::json!(-7), serde_json::json!([7])]
        {
            let problem = read(wrong.clone()).unwrap_err().to_string();
            assert!(problem.ends_with("expected an id like msg_244015433448729"), "{wrong}: {problem}");
        }
    }
}
