//! What a scripted fault makes of a call.

use std::time::Duration;

use super::response::{Answer, Refusal};
use crate::{
    fault::{CallbackShape, ErrorBody, Fault},
    webhook::{Failure, NotSent},
};

/// How a well-formed call goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether the provider takes the message.
    pub(super) accept: bool,
    pub(super) failure: Option<Failure>,
    pub(super) not_sent: Option<NotSent>,
    pub(super) shape: CallbackShape,
    /// The wait between taking the message and answering.
    pub(super) wait: Duration,
    pub(super) answer: Answer,
}

impl Plan {
    /// The plan for a call that this fault struck, or none.
    pub(super) fn of(fault: Option<Fault>) -> Self {
        match fault {
            // A fault of lists is never due for a send.
            None | Some(Fault::TemplateList { .. }) => Self::accepted(),
            Some(Fault::Callbacks(shape)) => Self { shape, ..Self::accepted() },
            Some(Fault::FailLater { code, after_sent }) => {
                Self { failure: Some(Failure { code, after_sent }), ..Self::accepted() }
            }
            Some(Fault::NotSent { code, reason }) => {
                Self { not_sent: Some(NotSent { code, reason }), ..Self::accepted() }
            }
            Some(Fault::Hang { ms, accepted }) => {
                let late = Refusal::Broken { status: 503 };
                let answer = if accepted { Answer::Success } else { Answer::Refused(late) };
                Self { wait: Duration::from_millis(ms), ..Self::new(accepted, answer) }
            }
            Some(Fault::NoId) => Self::new(true, Answer::NoId),
            Some(Fault::Cut { accepted }) => Self::new(accepted, Answer::Cut),
            Some(Fault::Unreadable { accepted }) => Self::new(accepted, Answer::Truncated),
            Some(Fault::ServerError { status, body, accepted }) => {
                Self::new(accepted, server_error(status, body))
            }
            Some(Fault::Refuse { code, http_status, details }) => {
                Self::refused(Refusal::ByMeta { code, http_status, details })
            }
            Some(Fault::RateLimit { retry_after }) => Self::refused(Refusal::TooMany { retry_after }),
            Some(Fault::ExpiredToken) => Self::refused(Refusal::Expired),
            Some(Fault::Kaleyra { code, http_status }) => {
                Self::refused(Refusal::ByKaleyra { code, http_status })
            }
        }
    }

    fn accepted() -> Self {
        Self::new(true, Answer::Success)
    }

    fn refused(refusal: Refusal) -> Self {
        Self::new(false, Answer::Refused(refusal))
    }

    fn new(accept: bool, answer: Answer) -> Self {
        let shape = CallbackShape::default();
        Self { accept, failure: None, not_sent: None, shape, wait: Duration::ZERO, answer }
    }
}

fn server_error(status: u16, body: ErrorBody) -> Answer {
    match body {
        ErrorBody::Json => Answer::Refused(Refusal::Broken { status }),
        ErrorBody::Html => Answer::Page { status, html: true },
        ErrorBody::Empty => Answer::Page { status, html: false },
    }
}
