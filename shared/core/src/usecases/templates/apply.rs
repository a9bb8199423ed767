//! Applies an update to one cached template, with its event, in one commit.

use crate::{
    domain::{
        channel::Channel,
        event::EventKind,
        template::{Template, TemplateEffect, TemplateKey},
    },
    ports::store::{Record, StoreError, Write},
    usecases::{Templates, until_committed::Decision},
};

impl Templates {
    /// Applies `learn` to a template in the cache of a channel's tenant, and commits the result. Returns
    /// what changed; `None` where the template is not cached.
    pub(crate) async fn update_template(
        &self,
        channel: &Channel,
        key: &TemplateKey,
        learn: impl Fn(&mut Template) -> TemplateEffect,
    ) -> Result<Option<TemplateEffect>, StoreError> {
        let Some(id) = &channel.template_account else { return Ok(None) };
        self.ctx
            .until_committed(|| async {
                let Some(mut template) = self.template_caches.template(&channel.tenant, id, key).await?
                else {
                    return Ok(Decision::Done(None));
                };
                let effect = learn(&mut template);
                if effect == TemplateEffect::Nothing {
                    return Ok(Decision::Done(Some(effect)));
                }
                Ok(Decision::Commit(self.cache_writes(channel, template, effect), Some(effect)))
            })
            .await
    }

    /// The writes of an update: with an event if the content changed.
    pub(crate) fn cache_writes(
        &self,
        channel: &Channel,
        template: Template,
        effect: TemplateEffect,
    ) -> Vec<Write> {
        let mut changes = Vec::with_capacity(2);
        if effect == TemplateEffect::Content {
            changes.push(Write::Put(Record::Event(
                self.ctx.event(&channel.tenant, changed(channel, &template)),
            )));
        }
        changes.push(Write::Put(Record::Template(template)));
        changes
    }
}

fn changed(channel: &Channel, template: &Template) -> EventKind {
    let status = if template.vanished_at.is_some() { "GONE" } else { template.details.status.as_str() };
    EventKind::TemplateChanged {
        channel: channel.id,
        name: template.key.name.clone(),
        language: template.key.language.clone(),
        status: status.to_owned(),
    }
}
