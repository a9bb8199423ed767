//! Parts that several responses share.

use serde::Serialize;

use ventanilla_core::domain::{time::Timestamp, window};

/// The 24 hours after the customer's latest message in which any text may be sent. `open` is null where only the
/// provider knows: when the customer never wrote, in the minute after the end, and for 24 hours after a reaction or a
/// call.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Window", deny_unknown_fields))]
pub(super) struct WindowView {
    open: Option<bool>,
    /// When it closes or closed; null when the customer never wrote.
    #[cfg_attr(feature = "schema", schemars(with = "crate::common::schema::MaybeInstant"))]
    expires_at: Option<String>,
}

impl From<window::Window> for WindowView {
    fn from(it: window::Window) -> Self {
        use window::Window::{Closed, Grey, Open, Unheard};
        let (open, at) = match it {
            Unheard => (None, None),
            Open { expires_at } => (Some(true), Some(expires_at)),
            Grey { expires_at } => (None, Some(expires_at)),
            Closed { since } => (Some(false), Some(since)),
        };
        Self { open, expires_at: at.map(Timestamp::iso_millis) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use ventanilla_core::domain::window::Window;

    #[test]
    fn a_window_says_open_only_where_we_know() {
        let at = Timestamp::from_millis(0);
        let shown = |it: Window| json!(WindowView::from(it));
        let time = "1970-01-01T00:00:00.000Z";
        assert_eq!(shown(Window::Unheard), json!({ "open": null, "expires_at": null }));
        assert_eq!(shown(Window::Open { expires_at: at }), json!({ "open": true, "expires_at": time }));
        assert_eq!(shown(Window::Grey { expires_at: at }), json!({ "open": null, "expires_at": time }));
        assert_eq!(shown(Window::Closed { since: at }), json!({ "open": false, "expires_at": time }));
    }
}
