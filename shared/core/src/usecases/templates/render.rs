//! Renders a sent template as the customer sees it.

use crate::{
    domain::{
        attempt::Attempt,
        channel::Channel,
        content::{self, Content},
        parts::render,
        template::{Template, TemplateKey},
    },
    ports::store::StoreError,
    usecases::Templates,
};

impl Templates {
    /// The cached template of a message, if there is one.
    pub(crate) async fn known_template(
        &self,
        channel: &Channel,
        sent: &content::TemplateContent,
    ) -> Result<Option<Template>, StoreError> {
        match (&channel.template_account, TemplateKey::of(&sent.name, &sent.language)) {
            (Some(id), Ok(key)) => self.template_caches.template(&channel.tenant, id, &key).await,
            _ => Ok(None),
        }
    }

    /// Renders the template of an attempt into the attempt. Without a cached template, which must delay no
    /// send, only the sender's parameters are stored.
    pub(crate) async fn freeze_template(&self, channel: &Channel, attempt: &mut Attempt) {
        let Content::Template(sent) = &attempt.content else { return };
        if attempt.rendered.is_some() {
            return;
        }
        let known = self.known_template(channel, sent).await.unwrap_or_else(|error| {
            tracing::warn!(tenant = %channel.tenant, message_id = %attempt.address.id, %error,
                "a sent template is shown without its text");
            None
        });
        attempt.rendered = Some(Box::new(render(sent, known.as_ref())));
    }
}
