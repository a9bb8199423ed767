//! Templates that can be sent while the window is closed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    domain::{
        channel::Channel,
        rejection::{Reason, Rejection},
        template::{Certainty, Template, places},
    },
    usecases::Templates,
};

/// Most names that are listed.
const MOST: usize = 20;

/// Whether a component has no variables: of unknown ones we cannot be sure.
fn is_plain(component: &Value) -> bool {
    let word = |value: &Value, field| value.get(field).and_then(Value::as_str).map(str::to_ascii_uppercase);
    let harmless = |button: &Value| {
        matches!(word(button, "type").as_deref(), Some("QUICK_REPLY" | "URL" | "PHONE_NUMBER"))
    };
    match word(component, "type").as_deref() {
        Some("HEADER" | "BODY" | "FOOTER") => true,
        Some("BUTTONS") => {
            component.get("buttons").and_then(Value::as_array).is_some_and(|all| all.iter().all(harmless))
        }
        _ => false,
    }
}

impl Templates {
    /// Adds to a rejection for a closed window the names of approved templates of the cache without
    /// variables; any other rejection is returned as it is. Without a cache there are no names.
    pub(crate) async fn with_templates(&self, channel: &Channel, mut rejection: Rejection) -> Rejection {
        let (Reason::WindowClosed, Some(id)) = (rejection.reason, &channel.template_account) else {
            return rejection;
        };
        let listed = self.template_caches.templates(&channel.tenant, id).await;
        let listed = listed.unwrap_or_else(|error| {
            tracing::warn!(tenant = %channel.tenant, channel = %channel.id, %error, "templates could not be listed");
            Vec::new()
        });
        let free = |template: &Template| {
            template.vanished_at.is_none()
                && template.certainty == Certainty::Certain
                && template.details.status.is_approved()
                && template.details.category.as_str() != "AUTHENTICATION"
                && places(&template.details).is_empty()
                && template.details.components.iter().all(is_plain)
        };
        let names: BTreeSet<String> =
            listed.into_iter().filter(free).map(|template| template.key.name).collect();
        rejection.templates = names.into_iter().take(MOST).collect();
        rejection
    }
}
