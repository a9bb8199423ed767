//! Callbacks to the business: built, delivered, and retried as Meta does.
//!
//! Of Kaleyra no retries are documented. The sandbox repeats its callbacks all the same, so that
//! what a receiver misses once heals with either carrier.

mod body;
mod deliver;
mod encode;
mod handover;
mod kaleyra_v1;
mod kaleyra_v2;
mod meta;
mod statuses;
mod updates;

use serde_json::Value;

use self::body::Parcel;
pub(crate) use self::{
    deliver::{AT_ONCE, deliver},
    handover::Remarks,
    meta::{contact, metadata},
    statuses::{Failure, NotSent, Series, Trail, play},
    updates::News,
};
use crate::{BusinessNumber, Carrier, KaleyraApi, log::About, phone::Status};

/// The field of messages and their statuses.
const MESSAGES: &str = "messages";

/// A callback ready to go; retries and duplicates carry the same bytes.
#[derive(Debug, Clone)]
pub(crate) struct Callback {
    phone_number_id: String,
    wamid: String,
    about: About,
    /// Where it goes instead of to the URL of the number.
    url: Option<String>,
    parcel: Parcel,
}

/// A customer's message, of which each API tells in its own way.
#[derive(Debug, Clone)]
pub(crate) struct Inbound {
    pub(crate) wamid: String,
    /// The message type.
    pub(crate) kind: String,
    /// The entry of `contacts`; absent for the types that come without one.
    pub(crate) contact: Option<Value>,
    /// The entry of `messages`.
    pub(crate) message: Value,
    /// Where Kaleyra keeps the file.
    pub(crate) media_url: Option<String>,
    /// Whether somebody else owns the conversation, so that the business only listens.
    pub(crate) standby: bool,
}

impl Callback {
    /// The word of a customer's message.
    pub(crate) fn inbound(number: &BusinessNumber, inbound: &Inbound) -> Self {
        let parcel = match &number.carrier {
            Carrier::Meta { app_secret, .. } => Parcel::signed(
                &addressed(number, meta::inbound(number, inbound), inbound.standby),
                app_secret,
            ),
            Carrier::Kaleyra { api: KaleyraApi::V2, .. } => {
                Parcel::json(&kaleyra_v2::inbound(number, inbound))
            }
            Carrier::Kaleyra { api: KaleyraApi::V1, .. } => {
                Parcel::fields(&kaleyra_v1::inbound(number, inbound), number.callback_method)
            }
        };
        Self::new(number, &inbound.wamid, About::Message(inbound.kind.clone()), parcel)
    }

    /// The word that a message of the business has reached a status, at this time in Unix seconds.
    fn status(number: &BusinessNumber, series: &Series, status: Status, at: i64) -> Self {
        let parcel = match &number.carrier {
            Carrier::Meta { app_secret, .. } => {
                let value = meta::status(number, series, status, at);
                Parcel::signed(&addressed(number, value, series.standby), app_secret)
            }
            Carrier::Kaleyra { api: KaleyraApi::V2, .. } => {
                Parcel::json(&kaleyra_v2::status(number, series, status, at))
            }
            Carrier::Kaleyra { api: KaleyraApi::V1, .. } => {
                Parcel::fields(&kaleyra_v1::status(series, status), number.callback_method)
            }
        };
        let url = kaleyra_v1::status_url(series, status);
        Self { url, ..Self::new(number, &series.wamid, About::Status(status), parcel) }
    }

    /// The webhook of a change with any field and value; none for a number that Kaleyra carries, because what it
    /// passes on beside messages and their statuses is not documented.
    pub(crate) fn change(number: &BusinessNumber, wamid: &str, field: &str, value: &Value) -> Option<Self> {
        Self::payload(number, wamid, field, &meta::envelope(number, field, value))
    }

    /// A webhook with any body, which is signed; as [`Self::change`], none for a number that Kaleyra carries.
    pub(crate) fn payload(
        number: &BusinessNumber,
        wamid: &str,
        field: &str,
        payload: &Value,
    ) -> Option<Self> {
        let Carrier::Meta { app_secret, .. } = &number.carrier else { return None };
        let about = About::Change(field.to_owned());
        Some(Self::new(number, wamid, about, Parcel::signed(payload, app_secret)))
    }

    /// The word of Kaleyra's that the standing of a number has changed: always a GET, on either API.
    pub(crate) fn quality(number: &BusinessNumber, event: &str, current_limit: &str) -> Self {
        let fields = [
            ("display_phone_number", number.display_phone_number.clone()),
            ("event", event.to_owned()),
            ("current_limit", current_limit.to_owned()),
        ];
        Self::new(number, "", About::Quality(event.to_owned()), Parcel::query(&fields))
    }

    fn new(number: &BusinessNumber, wamid: &str, about: About, parcel: Parcel) -> Self {
        Self {
            phone_number_id: number.phone_number_id.clone(),
            wamid: wamid.to_owned(),
            about,
            url: None,
            parcel,
        }
    }
}

/// The envelope around the `value` of a message or of its status, for who answers or only stands by.
fn addressed(number: &BusinessNumber, value: Value, standby: bool) -> Value {
    let (field, value) = if standby { handover::standby(value) } else { (MESSAGES, value) };
    meta::envelope(number, field, &value)
}
