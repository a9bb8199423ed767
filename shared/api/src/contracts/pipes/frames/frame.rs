//! What frames share: a `type`, mostly `data`, and a log position where they are events.

use std::{fmt, marker::PhantomData};

use serde::{Serialize, Serializer};

use super::{
    super::types::{EventName, LogCursor},
    LARGEST,
};
use ventanilla_core::{domain::message::Extent, usecases::live::ConversationEvent};

/// The content of a frame, which determines its `type`.
pub(super) trait Named {
    /// The value of the frame's `type`.
    const TYPE: &'static str;
}

/// The `type` of a frame with this content.
pub(super) struct TypeOf<D>(PhantomData<fn() -> D>);

impl<D> Default for TypeOf<D> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<D: Named> fmt::Debug for TypeOf<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(D::TYPE)
    }
}

impl<D: Named> Serialize for TypeOf<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(D::TYPE)
    }
}

#[cfg(feature = "schema")]
impl<D: Named> schemars::JsonSchema for TypeOf<D> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("TypeOf_{}", D::TYPE).into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "const": D::TYPE })
    }
}

pub(super) fn text(frame: &impl Serialize) -> String {
    serde_json::to_string(frame).unwrap_or_default()
}

/// A frame that is not of the log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "{D}Frame", deny_unknown_fields))]
pub(super) struct Frame<D: Named> {
    #[serde(rename = "type")]
    kind: TypeOf<D>,
    data: D,
}

impl<D: Named> From<D> for Frame<D> {
    fn from(data: D) -> Self {
        Self { kind: TypeOf::default(), data }
    }
}

/// A frame that tells what happened.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{D}Frame"))]
pub(super) struct EventFrame<D: Named> {
    #[serde(rename = "type")]
    kind: TypeOf<D>,
    data: Data<D>,
    #[serde(rename = "eventId")]
    event_id: EventName,
    cursor: LogCursor,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline, rename = "{D}Data", deny_unknown_fields))]
struct Data<D> {
    #[serde(flatten)]
    content: D,
    #[serde(flatten)]
    cut: Cut,
}

#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Cut {
    /// Present when something was too large for a frame and is cut or left out; `url` leads to the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(extend("const" = true)))]
    truncated: Option<bool>,
    /// Below the address of the HTTP API.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The content of an event's frame.
pub(super) trait Telling: Named + Serialize {
    /// Removes or cuts what can be large. Returns the id by which the message can be read in full, where it
    /// is about one.
    fn cut(&mut self) -> Option<String> {
        None
    }
}

/// Encodes an event's frame, which is cut where it exceeds the gateway's limit.
pub(super) fn tell<D: Telling>(event: &ConversationEvent, data: D) -> String {
    let mut frame = EventFrame {
        kind: TypeOf::default(),
        data: Data { content: data, cut: Cut::default() },
        event_id: (&event.entry.event.id).into(),
        cursor: event.entry.cursor.into(),
    };
    let whole = text(&frame);
    let is_cut = event.message.as_ref().is_some_and(|message| message.extent == Extent::Cut);
    if whole.len() <= LARGEST && !is_cut {
        return whole;
    }
    let url = frame.data.content.cut().map(|id| format!("/v1/messages/{id}"));
    frame.data.cut = Cut { truncated: Some(true), url };
    text(&frame)
}
