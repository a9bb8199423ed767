//! One simulated phone and the messages on it.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{address::Address, ids};

/// The service window after a customer's message, in seconds (facts: meta.md 8.1).
pub(crate) const WINDOW: i64 = 24 * 60 * 60;

/// A delivery status of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The provider has sent the message.
    Sent,
    /// The message is on the phone.
    Delivered,
    /// The customer has read the message.
    Read,
    /// The message will not be delivered.
    Failed,
}

/// The last status that messages to a phone reach when no fault is injected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalStatus {
    /// The customer reads the message (default).
    #[default]
    Read,
    /// Delivered, and never read.
    Delivered,
    /// Sent, without a further status.
    Sent,
    /// No status at all.
    None,
}

impl FinalStatus {
    /// The statuses that a message goes through, in order.
    pub(crate) fn statuses(self) -> &'static [Status] {
        match self {
            Self::Read => &[Status::Sent, Status::Delivered, Status::Read],
            Self::Delivered => &[Status::Sent, Status::Delivered],
            Self::Sent => &[Status::Sent],
            Self::None => &[],
        }
    }
}

impl Status {
    /// Meta's name of the status.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// A message as the phone shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PhoneMessage {
    pub(crate) wamid: String,
    pub(crate) direction: Direction,
    /// The number that wrote it, or the BSUID of a customer without one.
    pub(crate) from: String,
    /// The business number of the conversation.
    pub(crate) phone_number_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The object under the name of the type.
    pub(crate) content: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<Value>,
    pub(crate) at: String,
    pub(crate) statuses: Vec<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callback_data: Option<String>,
}

/// The direction as seen from the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// From the business to the phone.
    Received,
    /// From the phone to the business.
    Sent,
}

/// A customer's phone, with its settings and messages.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    /// Its number, unless the customer shows only a BSUID.
    pub(crate) number: Option<String>,
    /// The number as Meta writes it: mostly the same, but not in Brazil, Mexico or Argentina.
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) username: Option<String>,
    pub(crate) final_status: FinalStatus,
    pub(crate) messages: Vec<PhoneMessage>,
    /// When the customer last wrote, in Unix seconds, by business number. It opens the service window.
    pub(crate) last_inbound_at: HashMap<String, i64>,
    /// The business accounts whose marketing the customer has opted out of.
    pub(crate) opted_out_of: BTreeSet<String>,
}

impl Phone {
    /// A phone with default settings and no messages.
    pub(crate) fn new(address: &Address) -> Self {
        let number = match address {
            Address::Number(digits) => Some(digits.clone()),
            Address::UserId(_) => None,
        };
        let user_id = match address {
            Address::Number(digits) => ids::user_id(digits),
            Address::UserId(id) => id.clone(),
        };
        Self {
            wa_id: number.clone(),
            number,
            user_id,
            name: default_name(address.as_str()),
            username: None,
            final_status: FinalStatus::default(),
            messages: Vec::new(),
            last_inbound_at: HashMap::new(),
            opted_out_of: BTreeSet::new(),
        }
    }

    /// Records that the customer wrote to or called this business number at `at`, in Unix seconds, which opens the
    /// window for a day. A late event moves no window back.
    pub(crate) fn record_inbound(&mut self, phone_number_id: &str, at: i64) {
        let last = self.last_inbound_at.entry(phone_number_id.to_owned()).or_insert(at);
        *last = at.max(*last);
    }

    /// Whether the service window of this business number is open at `now`, in Unix seconds (facts: meta.md 8.1).
    pub(crate) fn window_is_open(&self, phone_number_id: &str, now: i64) -> bool {
        self.last_inbound_at.get(phone_number_id).is_some_and(|last| now - last < WINDOW)
    }

    /// Adds a status to a message on this phone.
    pub(crate) fn record(&mut self, wamid: &str, status: Status) {
        let message = self.messages.iter_mut().rev().find(|message| message.wamid == wamid);
        if let Some(message) = message {
            message.add_status(status);
        }
    }

    /// Marks this message of the customer and all earlier ones as read by the business; `false` if the customer never
    /// sent that message to this number.
    pub(crate) fn mark_read_by_business(&mut self, phone_number_id: &str, wamid: &str) -> bool {
        let written = |message: &PhoneMessage| {
            message.direction == Direction::Sent && message.phone_number_id == phone_number_id
        };
        let read = |message: &PhoneMessage| written(message) && message.wamid == wamid;
        let Some(last) = self.messages.iter().position(read) else {
            return false;
        };
        for message in self.messages.iter_mut().take(last + 1).filter(|message| written(message)) {
            message.add_status(Status::Read);
        }
        true
    }
}

impl PhoneMessage {
    fn add_status(&mut self, status: Status) {
        if !self.statuses.contains(&status) {
            self.statuses.push(status);
        }
    }
}

fn default_name(address: &str) -> String {
    let digits: Vec<char> = address.chars().rev().take(4).collect();
    format!("Customer {}", digits.iter().rev().collect::<String>())
}

/// The text that a reader sees in a message: its body, caption, label or emoji.
pub(crate) fn visible_text(kind: &str, content: &Value) -> Option<String> {
    let pointer = match kind {
        "text" => "/body",
        "button" => "/text",
        "reaction" => "/emoji",
        "image" | "video" | "document" => "/caption",
        "interactive" => ["/body/text", "/button_reply/title", "/list_reply/title"]
            .into_iter()
            .find(|pointer| content.pointer(pointer).is_some())?,
        _ => return None,
    };
    content.pointer(pointer)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Phone, visible_text};
    use crate::address::Address;

    #[test]
    fn the_window_is_open_for_a_day_and_only_for_the_number_written_to() {
        let mut phone = Phone::new(&Address::Number("525512345678".to_owned()));
        assert!(!phone.window_is_open("1", 1_000_000), "never wrote");
        phone.record_inbound("1", 1_000_000);
        assert!(phone.window_is_open("1", 1_086_399));
        assert!(!phone.window_is_open("1", 1_086_400));
        assert!(!phone.window_is_open("2", 1_000_000));
        phone.record_inbound("1", 900_000);
        assert!(phone.window_is_open("1", 1_086_399), "what comes late moves no window back");
    }

    #[test]
    fn the_visible_text_depends_on_the_type() {
        let reply = json!({"type": "button_reply", "button_reply": {"id": "a", "title": "Yes"}});
        assert_eq!(visible_text("interactive", &reply).as_deref(), Some("Yes"));
        assert_eq!(visible_text("image", &json!({"caption": "x"})).as_deref(), Some("x"));
        assert_eq!(visible_text("sticker", &json!({"id": "1"})), None);
    }
}
