//! What can be sent while the window is closed.

use std::collections::BTreeSet;

use crate::{
    domain::{
        channel::Channel,
        rejection::{Reason, Rejection},
        template::{Template, places},
    },
    service::Core,
};

/// Names given at most.
const MOST: usize = 20;

impl Core {
    /// A refusal for a closed window, with the names of approved templates of our copy that need no
    /// parameters; any other refusal as it is. Without a copy there are no names.
    pub(in crate::service) async fn with_templates(
        &self,
        channel: &Channel,
        mut rejection: Rejection,
    ) -> Rejection {
        let (Reason::WindowClosed, Some(id)) = (rejection.reason, &channel.catalogue) else {
            return rejection;
        };
        let listed = self.catalogues.templates(&channel.tenant, id).await;
        let listed = listed.unwrap_or_else(|error| {
            tracing::warn!(tenant = %channel.tenant, channel = %channel.id, %error, "templates could not be listed");
            Vec::new()
        });
        let free = |template: &Template| {
            template.vanished_at.is_none()
                && template.told.status.is_approved()
                && places(&template.told).is_empty()
        };
        let names: BTreeSet<String> =
            listed.into_iter().filter(free).map(|template| template.key.name).collect();
        rejection.templates = names.into_iter().take(MOST).collect();
        rejection
    }
}
