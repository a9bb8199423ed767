//! Updates the template cache after a rejection: at once, not only with the next sync.

use crate::{
    domain::{
        channel::Channel,
        content,
        rejection::ProviderCode,
        template::{Refusal, TemplateEffect, TemplateKey},
    },
    ports::store::StoreError,
    usecases::Templates,
};

impl Templates {
    /// Marks a template in the cache of a channel's tenant when the provider rejected a message for it. Any
    /// other rejection, and a template that is not cached, change nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn mark_rejected_template(
        &self,
        channel: &Channel,
        sent: &content::TemplateContent,
        code: &ProviderCode,
    ) -> Result<(), StoreError> {
        let (Some(why), Ok(key)) = (said(code), TemplateKey::of(&sent.name, &sent.language)) else {
            return Ok(());
        };
        let now = self.ctx.ids.now();
        let effect =
            self.update_template(channel, &key, |template| template.apply_rejection(why, now)).await?;
        if effect == Some(TemplateEffect::Content) {
            tracing::warn!(tenant = %channel.tenant, channel = %channel.id, template = key.name, %code,
                "the provider rejects a template; the cache says so from now on");
        }
        Ok(())
    }
}

/// The state of the template that a code implies (facts: meta.md 3.3).
fn said(code: &ProviderCode) -> Option<Refusal> {
    match code {
        ProviderCode::Number(132_001) => Some(Refusal::Missing),
        ProviderCode::Number(132_015) => Some(Refusal::Paused),
        ProviderCode::Number(132_016) => Some(Refusal::Disabled),
        ProviderCode::Number(_) | ProviderCode::Word(_) => None,
    }
}
