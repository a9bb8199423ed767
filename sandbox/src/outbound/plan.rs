//! What a scripted fault changes about a call.

use std::time::Duration;

use super::response::{ResponsePlan, ScriptedError};
use crate::{
    fault::{ErrorBody, Fault, WebhookShape},
    webhook::{DeliveryFailure, NotSent},
};

/// How the provider handles a valid call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CallPlan {
    /// Whether the provider accepts the message.
    pub(super) accept: bool,
    pub(super) failure: Option<DeliveryFailure>,
    pub(super) not_sent: Option<NotSent>,
    pub(super) shape: WebhookShape,
    /// The delay between accepting the message and responding.
    pub(super) wait: Duration,
    pub(super) answer: ResponsePlan,
}

impl CallPlan {
    /// The plan for a call that this fault applies to; success without a fault.
    pub(super) fn from_fault(fault: Option<Fault>) -> Self {
        match fault {
            // A fault of lists never applies to a send.
            None | Some(Fault::TemplateList { .. }) => Self::accepted(),
            Some(Fault::Webhooks(shape)) => Self { shape, ..Self::accepted() },
            Some(Fault::FailLater { code, after_sent }) => {
                Self { failure: Some(DeliveryFailure { code, after_sent }), ..Self::accepted() }
            }
            Some(Fault::NotSent { code, reason }) => {
                Self { not_sent: Some(NotSent { code, reason }), ..Self::accepted() }
            }
            Some(Fault::Hang { ms, accepted }) => {
                let timeout = ScriptedError::Broken { status: 503 };
                let answer = if accepted { ResponsePlan::Success } else { ResponsePlan::Error(timeout) };
                Self { wait: Duration::from_millis(ms), ..Self::new(accepted, answer) }
            }
            Some(Fault::NoId) => Self::new(true, ResponsePlan::NoId),
            Some(Fault::Cut { accepted }) => Self::new(accepted, ResponsePlan::Cut),
            Some(Fault::Unreadable { accepted }) => Self::new(accepted, ResponsePlan::Truncated),
            Some(Fault::ServerError { status, body, accepted }) => {
                Self::new(accepted, server_error(status, body))
            }
            Some(Fault::Refuse { code, http_status, details }) => {
                Self::error(ScriptedError::ByMeta { code, http_status, details })
            }
            Some(Fault::RateLimit { retry_after }) => Self::error(ScriptedError::TooMany { retry_after }),
            Some(Fault::ExpiredToken) => Self::error(ScriptedError::Expired),
            Some(Fault::Kaleyra { code, http_status }) => {
                Self::error(ScriptedError::ByKaleyra { code, http_status })
            }
        }
    }

    fn accepted() -> Self {
        Self::new(true, ResponsePlan::Success)
    }

    fn error(error: ScriptedError) -> Self {
        Self::new(false, ResponsePlan::Error(error))
    }

    fn new(accept: bool, answer: ResponsePlan) -> Self {
        let shape = WebhookShape::default();
        Self { accept, failure: None, not_sent: None, shape, wait: Duration::ZERO, answer }
    }
}

fn server_error(status: u16, body: ErrorBody) -> ResponsePlan {
    match body {
        ErrorBody::Json => ResponsePlan::Error(ScriptedError::Broken { status }),
        ErrorBody::Html => ResponsePlan::Page { status, html: true },
        ErrorBody::Empty => ResponsePlan::Page { status, html: false },
    }
}
