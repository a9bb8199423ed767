//! Further fields of a failure, named like in our other contracts.

use serde::Serialize;

use crate::common::Failure;
#[cfg(feature = "schema")]
use crate::common::schema;
use ventanilla_core::domain::{
    id::MessageId,
    rejection::{ProviderCode, Rejection},
    time::Timestamp,
};

/// What a failure has besides its code and text; mostly nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(in super::super) struct Particulars {
    /// What is wrong with the request, for `INVALID_REQUEST`, `RECIPIENT_MISMATCH` and `PAYLOAD_TOO_LARGE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The provider's own error code. Meta's are numbers, Kaleyra's may be words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("type" = ["integer", "string"], "maxLength" = 64)))]
    provider_code: Option<ProviderCode>,
    /// When the window closed, for `SERVICE_WINDOW_EXPIRED` where we knew. UTC, to the millisecond.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Instant>"))]
    expires_at: Option<String>,
    /// Approved templates of our copy that need no parameters, for `SERVICE_WINDOW_EXPIRED`: what can be sent instead,
    /// through `/v1/messages/passthrough`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 20)))]
    templates: Vec<String>,
    /// The message in doubt, for `OUTCOME_UNKNOWN`; a number, for `/v1/messages/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Id>"))]
    message_id: Option<u64>,
}

impl Particulars {
    /// The further fields of a failure.
    pub(in super::super) fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Input(error) | Failure::OutOfReach(error) => {
                Self { field: Some(error.place().to_owned()), ..Self::default() }
            }
            Failure::Rejected(rejection) => Self::of_rejection(rejection),
            Failure::Unknown(id) => Self::in_doubt(*id),
            _ => Self::default(),
        }
    }

    /// The field with which an unknown message can be looked up.
    pub(in super::super) fn in_doubt(id: MessageId) -> Self {
        Self { message_id: Some(id.get()), ..Self::default() }
    }

    fn of_rejection(rejection: &Rejection) -> Self {
        Self {
            provider_code: rejection.provider_code.clone(),
            expires_at: rejection.window_closed_since.map(Timestamp::iso_millis),
            templates: rejection.templates.clone(),
            ..Self::default()
        }
    }
}
