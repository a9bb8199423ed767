//! The messages from before a company joined, which Meta sends once when it joins with its phone (facts:
//! template-rules.md 5.2, onboarding.md 5): threads of messages, in chunks in any order.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::lenient::{list, text};

/// A message from before the company joined.
pub(super) struct Past<'a> {
    /// The message as parsed.
    pub(super) message: &'a Value,
    /// The customer whose thread it is in.
    pub(super) thread: Option<Cow<'a, str>>,
    /// A list of chunks with this one message in it.
    pub(super) alone: Value,
}

/// The messages of a change's chunks.
pub(super) fn messages(value: &Value) -> Vec<Past<'_>> {
    let mut all = Vec::new();
    for chunk in list(value, "history") {
        for thread in list(chunk, "threads") {
            for message in list(thread, "messages") {
                let mut of_thread = json!({ "messages": [message] });
                copy(thread, "id", &mut of_thread);
                let mut of_chunk = json!({ "threads": [of_thread] });
                copy(chunk, "metadata", &mut of_chunk);
                all.push(Past { message, thread: text(thread, "id"), alone: json!([of_chunk]) });
            }
        }
    }
    all
}

fn copy(from: &Value, name: &str, to: &mut Value) {
    if let (Some(held), Some(to)) = (from.get(name), to.as_object_mut()) {
        to.insert(name.to_owned(), held.clone());
    }
}

/// The rest of the chunks besides their messages; `None` where nothing is left.
pub(super) fn rest(value: &Value) -> Option<Value> {
    let chunks: Vec<Value> = list(value, "history").iter().filter_map(rest_of_chunk).collect();
    (!chunks.is_empty()).then(|| chunks.into())
}

fn rest_of_chunk(chunk: &Value) -> Option<Value> {
    without(chunk, "threads", "metadata", rest_of_thread)
}

fn rest_of_thread(thread: &Value) -> Option<Value> {
    without(thread, "messages", "id", |_| None)
}

/// An object without the parts that were taken out of one list of it; `None` where only the shared fields
/// are left.
fn without(whole: &Value, taken: &str, along: &str, rest: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let Some(held) = whole.get(taken).and_then(Value::as_array).filter(|held| !held.is_empty()) else {
        return Some(whole.clone());
    };
    let left: Vec<Value> = held.iter().filter_map(rest).collect();
    let mut object: Map<String, Value> = whole.as_object()?.clone();
    object.insert(taken.to_owned(), left.clone().into());
    let more = object.keys().any(|name| name != taken && name != along);
    (more || !left.is_empty()).then(|| object.into())
}
