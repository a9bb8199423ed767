//! Applies an update to one cached template, with its event, in one commit.

use crate::{
    domain::{
        channel::Channel,
        event::EventKind,
        template::{Learned, Template, TemplateKey},
    },
    ports::store::{Commit, Record, StoreError, Write},
    usecases::{Templates, backoff::Rounds},
};

impl Templates {
    /// Applies `learn` to a template in the cache of a channel's tenant, and commits the result. Returns
    /// what changed; `None` where the template is not cached.
    pub(crate) async fn learn_of_template(
        &self,
        channel: &Channel,
        key: &TemplateKey,
        learn: impl Fn(&mut Template) -> Learned,
    ) -> Result<Option<Learned>, StoreError> {
        let Some(id) = &channel.catalogue else { return Ok(None) };
        let mut rounds = Rounds::default();
        loop {
            let Some(mut template) = self.catalogues.template(&channel.tenant, id, key).await? else {
                return Ok(None);
            };
            let learned = learn(&mut template);
            if learned == Learned::Nothing
                || self.ctx.store.commit(self.learned(channel, template, learned)).await? == Commit::Committed
            {
                return Ok(Some(learned));
            }
            rounds.again(&self.ctx).await?;
        }
    }

    /// The writes of an update: with an event if the content changed.
    pub(crate) fn learned(&self, channel: &Channel, template: Template, learned: Learned) -> Vec<Write> {
        let mut changes = Vec::with_capacity(2);
        if learned == Learned::Content {
            changes.push(Write::Put(Record::Event(
                self.ctx.event(&channel.tenant, changed(channel, &template)),
            )));
        }
        changes.push(Write::Put(Record::Template(template)));
        changes
    }
}

fn changed(channel: &Channel, template: &Template) -> EventKind {
    let status = if template.vanished_at.is_some() { "GONE" } else { template.told.status.as_str() };
    EventKind::TemplateChanged {
        channel: channel.id,
        name: template.key.name.clone(),
        language: template.key.language.clone(),
        status: status.to_owned(),
    }
}
