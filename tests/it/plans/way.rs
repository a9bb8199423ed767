//! What is done in a plan: the ways in which messages come and go.

use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use ventanilla_sandbox::CallEntry;

use crate::harness::{Carrier, DEMO_KEY};

/// What the client does in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A reply in the PHP bot's contract.
    Reply(Key),
    /// A reply whose caller would rather have it twice than not at all.
    ReplyAtLeastOnce(Key),
    /// A send to a number that has a conversation.
    SendKnown(Key),
    /// A send to a number that the backend does not know; WhatsApp does, so it delivers.
    SendNew(Key),
    /// A template to an unknown number.
    Template(Key),
    /// The same, carried out by the worker after its caller was answered.
    Broadcast(Key),
    /// A message into a conversation, in our own contract.
    V1Message(Key),
    /// A template to an unknown number, in our own contract.
    V1Template(Key),
    /// The same as a broadcast, carried out by the worker after its caller was answered.
    V1Broadcast(Key),
    /// A reply whose function dies between the provider's answer and the commit.
    Abandoned,
    /// A reply whose function dies at the same place; the provider had not taken it.
    AbandonedUnsent,
    /// A customer writes for the first time.
    FirstMessage,
    /// A customer writes who has a conversation.
    NextMessage,
}

/// A template without parameters.
const TEMPLATE: (&str, &str) = ("hello_world", "en_US");

/// Whether the client sends an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    With,
    Without,
}

/// All of the ways above.
pub(super) const WAYS: [Way; 20] = [
    Way::Reply(Key::Without),
    Way::Reply(Key::With),
    Way::ReplyAtLeastOnce(Key::Without),
    Way::ReplyAtLeastOnce(Key::With),
    Way::SendKnown(Key::Without),
    Way::SendKnown(Key::With),
    Way::SendNew(Key::Without),
    Way::SendNew(Key::With),
    Way::Template(Key::Without),
    Way::Template(Key::With),
    Way::Broadcast(Key::Without),
    Way::Broadcast(Key::With),
    Way::V1Message(Key::Without),
    Way::V1Message(Key::With),
    Way::V1Template(Key::With),
    Way::V1Broadcast(Key::With),
    Way::Abandoned,
    Way::AbandonedUnsent,
    Way::FirstMessage,
    Way::NextMessage,
];

/// The customer, the channel and the text of one plan.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) carrier: Carrier,
    pub(super) way: Way,
    pub(super) number: String,
    pub(super) text: String,
    /// The conversation, where there is one before.
    pub(super) conversation: u64,
}

impl Way {
    /// Whether the client may try again: under a key that is safe.
    pub(super) fn keyed(self) -> bool {
        matches!(
            self,
            Self::Reply(Key::With)
                | Self::ReplyAtLeastOnce(Key::With)
                | Self::SendKnown(Key::With)
                | Self::SendNew(Key::With)
                | Self::Template(Key::With)
                | Self::Broadcast(Key::With)
                | Self::V1Message(Key::With)
                | Self::V1Template(Key::With)
                | Self::V1Broadcast(Key::With)
        )
    }

    /// Whether the customer has written before.
    pub(super) fn known(self) -> bool {
        !(self.templated() || matches!(self, Self::SendNew(_) | Self::FirstMessage))
    }

    /// Whether a text goes to a customer of whom only WhatsApp knows that they wrote.
    pub(super) fn to_unheard_of(self) -> bool {
        matches!(self, Self::SendNew(_))
    }

    /// Whether a template is sent, whose words are not ours.
    pub(super) fn templated(self) -> bool {
        matches!(self, Self::Template(_) | Self::Broadcast(_) | Self::V1Template(_) | Self::V1Broadcast(_))
    }

    /// Whether it is a way of our own contract.
    pub(super) fn is_of_v1(self) -> bool {
        matches!(self, Self::V1Message(_) | Self::V1Template(_) | Self::V1Broadcast(_))
    }

    /// Whether one message is sent in our own contract, whose answer is the message.
    pub(super) fn answers_with_the_message(self) -> bool {
        matches!(self, Self::V1Message(_) | Self::V1Template(_))
    }

    /// Whether the message comes from the customer.
    pub(super) fn inbound(self) -> bool {
        matches!(self, Self::FirstMessage | Self::NextMessage)
    }

    pub(super) fn at_least_once(self) -> bool {
        matches!(self, Self::ReplyAtLeastOnce(_))
    }
}

impl Case {
    /// Whether a message that is shown is the plan's. (No other template goes to its customer.)
    pub(super) fn is_shown_as(&self, message: &Value) -> bool {
        if self.way.templated() {
            message["type"] == "template"
        } else {
            message["text"] == self.text.as_str()
        }
    }

    /// Whether a call to the provider is about the plan's message.
    pub(super) fn is_sent_by(&self, call: &CallEntry) -> bool {
        if self.way.templated() {
            call.to.as_deref() == Some(&self.number[1..]) && call.kind.as_deref() == Some("template")
        } else {
            call.text.as_deref() == Some(&self.text)
        }
    }

    /// The client's request, the same each time.
    pub(super) fn request(&self) -> Request<Body> {
        let (path, body) = self.path_and_body();
        let mut request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {DEMO_KEY}"));
        if self.way.keyed() {
            request = request.header("idempotency-key", &self.text);
        }
        if self.way.at_least_once() {
            request = request.header("delivery-policy", "at-least-once");
        }
        if matches!(self.way, Way::Broadcast(_)) {
            request = request.header("prefer", "respond-async");
        }
        request.body(Body::from(body.to_string())).unwrap()
    }

    fn path_and_body(&self) -> (String, Value) {
        let template = json!({ "name": TEMPLATE.0, "language": TEMPLATE.1 });
        match self.way {
            Way::SendKnown(_) | Way::SendNew(_) => {
                ("/api/whatsapp/send".to_owned(), json!({ "phoneNumber": self.number, "content": self.text }))
            }
            Way::Template(_) | Way::Broadcast(_) => {
                let recipients = json!([{ "phoneNumber": self.number }]);
                let body = json!({ "templateName": TEMPLATE.0, "languageCode": TEMPLATE.1, "recipients": recipients });
                ("/api/whatsapp/send-template".to_owned(), body)
            }
            Way::V1Message(_) => {
                let path = format!("/v1/conversations/conv_{}/messages", self.conversation);
                (path, json!({ "text": self.text, "references": { "ref": "order 7" } }))
            }
            Way::V1Template(_) => {
                let body = json!({ "to": { "phone": self.number }, "template": template });
                ("/v1/messages".to_owned(), body)
            }
            Way::V1Broadcast(_) => {
                let body = json!({ "template": template, "recipients": [{ "phone": self.number }] });
                ("/v1/broadcasts".to_owned(), body)
            }
            _ => {
                let path = format!("/api/conversations/{}/reply", self.conversation);
                (path, json!({ "message": self.text }))
            }
        }
    }
}
