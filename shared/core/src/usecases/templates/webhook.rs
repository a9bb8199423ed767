//! Applies what webhooks report of templates (facts: meta.md 4.7).

use crate::{
    domain::{
        channel::Channel,
        inbound::{Disposition, TemplateUpdate},
        template::TemplateEffect,
    },
    ports::store::StoreError,
    usecases::Templates,
};

impl Templates {
    /// Applies a webhook about a template, in the cache of each channel's tenant that has it. A template
    /// that is not cached is left to the next sync.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn apply_template_update(
        &self,
        channels: &[Channel],
        update: &TemplateUpdate,
    ) -> Result<Disposition, StoreError> {
        let mut heard = Disposition::Kept;
        let mut notified: Vec<&Channel> = Vec::new();
        for channel in channels {
            // Channels of one tenant share a cache.
            if notified.iter().any(|other| other.tenant == channel.tenant) {
                continue;
            }
            notified.push(channel);
            heard = match self.update_cache(channel, update).await? {
                Disposition::Stored => Disposition::Stored,
                Disposition::Duplicate if heard != Disposition::Stored => Disposition::Duplicate,
                _ => heard,
            };
        }
        Ok(heard)
    }

    async fn update_cache(
        &self,
        channel: &Channel,
        update: &TemplateUpdate,
    ) -> Result<Disposition, StoreError> {
        let Some(id) = &channel.template_account else { return Ok(Disposition::Kept) };
        let synced_at =
            self.template_caches.template_cache(&channel.tenant, id).await?.and_then(|known| known.synced_at);
        let effect = self
            .update_template(channel, &update.key, |template| template.apply_update(update, synced_at))
            .await?;
        Ok(match effect {
            None => Disposition::Kept,
            Some(TemplateEffect::Content) => Disposition::Stored,
            Some(TemplateEffect::Certainty | TemplateEffect::Time | TemplateEffect::Nothing) => {
                Disposition::Duplicate
            }
        })
    }
}
