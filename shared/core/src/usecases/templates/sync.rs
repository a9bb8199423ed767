//! Syncs the cache of an account's templates.
//!
//! All pages are read first. Then only differences are committed, in groups, and each part of a template
//! only if it is not known as of later than this list was requested. So an error on any page leaves the
//! cache as it was, two concurrent syncs do not undo each other, and a list does not undo what a webhook
//! reported meanwhile. Templates that are missing in the list are marked as deleted after the last page.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        id::TemplateAccountId,
        rejection::Rejection,
        template::{CallBudget, Template, TemplateCache, TemplateDetails, TemplateEffect, TemplateKey},
        time::Timestamp,
    },
    ports::{
        clock::Deadline,
        credentials::Freshness,
        provider::{Listing, SendFailure},
        store::{Record, StoreError, Write},
    },
    usecases::{Templates, sending::PROVIDER_PATIENCE, until_committed::Decision},
};

/// Most pages of one list: 100 templates each, and an account may have 6,000.
const MOST_PAGES: u32 = 100;

/// The time reserved for committing the cache, or for serving the old one.
const RESERVE: Duration = Duration::from_secs(5);

/// The time that must be left for another group: its own commit, and the response.
const LAST_GROUP: Duration = Duration::from_secs(2);

/// Templates per commit: each with an event, and the cache's own row, fit into one transaction.
const GROUP: usize = 40;

/// The cached templates of an account.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The templates, by name and language, without the deleted ones.
    pub templates: Vec<Template>,
    /// When the last complete list was requested.
    pub synced_at: Timestamp,
}

/// The changes of a sync, in numbers of templates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Synced {
    /// Templates that were not cached before.
    pub new: usize,
    /// Templates with any change.
    pub changed: usize,
    /// Templates that the provider has deleted.
    pub vanished: usize,
}

impl Synced {
    fn count(&mut self, group: &[ChangedTemplate]) {
        for one in group {
            match one.change {
                CacheChange::New => self.new += 1,
                CacheChange::Changed => self.changed += 1,
                CacheChange::Vanished => self.vanished += 1,
                CacheChange::Certain => {}
            }
        }
    }
}

/// Why the cache could not be synced.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The channel's account is not known: its configuration names none.
    #[error("the channel's account is not known")]
    NoAccount,
    /// The account's rate limit of list calls is exhausted.
    #[error("the account's calls for lists are used up")]
    TooOften {
        /// The time until one call is allowed again.
        wait: Duration,
    },
    /// The provider rejected a list call.
    #[error("refused: {}", .0.reason.code())]
    Refused(Rejection),
    /// The list is incomplete: the provider did not respond, its response was invalid, or the time was up.
    #[error("the list could not be read completely: {0}")]
    NoAnswer(&'static str),
    /// The store failed while the cache was read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SendFailure> for SyncError {
    fn from(failure: SendFailure) -> Self {
        match failure {
            SendFailure::Refused(rejection) => Self::Refused(rejection),
            SendFailure::Ambiguous(seen) => Self::NoAnswer(seen),
        }
    }
}

impl Templates {
    /// The cached templates of a channel, synced first if they are older than `age`. When the sync fails,
    /// the old cache is returned; `synced_at` shows its age.
    ///
    /// # Errors
    /// When nothing is cached either.
    pub async fn template_copy(
        &self,
        channel: &Channel,
        age: Duration,
        deadline: Deadline,
    ) -> Result<Copy, SyncError> {
        let id = channel.template_account.as_ref().ok_or(SyncError::NoAccount)?;
        let known = self.template_caches.template_cache(&channel.tenant, id).await?;
        let synced_at = known.as_ref().and_then(|known| known.synced_at);
        let fresh = synced_at.is_some_and(|at| at.until(self.ctx.ids.now()) < age);
        let synced_at = match (fresh, synced_at) {
            (true, Some(at)) => at,
            (_, at) => {
                let asked = self.ctx.ids.now();
                match (self.sync_templates(channel, deadline).await, at) {
                    (Ok(_), _) => asked,
                    (Err(error), Some(at)) => {
                        tracing::warn!(tenant = %channel.tenant, channel = %channel.id, %error,
                            "templates could not be synced; the cache is served as it is");
                        at
                    }
                    (Err(error), None) => return Err(error),
                }
            }
        };
        let mut templates = self.template_caches.templates(&channel.tenant, id).await?;
        templates.retain(|template| template.vanished_at.is_none());
        Ok(Copy { templates, synced_at })
    }

    /// Reads the list of a channel's account from its provider and commits the differences.
    ///
    /// # Errors
    /// When any page fails: the cache is then as it was. When the store fails or the time is up during the
    /// commits: what was committed is true, and the next sync completes it.
    pub async fn sync_templates(&self, channel: &Channel, deadline: Deadline) -> Result<Synced, SyncError> {
        let id = channel.template_account.as_ref().ok_or(SyncError::NoAccount)?;
        let asked_at = self.ctx.ids.now();
        // A list that was aborted for want of calls has used up those of the next one.
        let known = self.template_caches.template_cache(&channel.tenant, id).await?;
        let expected = known.map_or(1, |known| known.pages.max(1));
        self.count_calls(id, expected).await?;
        let listed = self.list(channel, id, expected, deadline).await.inspect_err(|error| {
            tracing::warn!(metric = "template_sync_failed", tenant = %channel.tenant, channel = %channel.id, %error,
                "a list of templates could not be read; the cache stays as it was");
        })?;
        let synced = self.write_templates(channel, id, listed, asked_at, deadline).await?;
        if synced != Synced::default() {
            tracing::info!(tenant = %channel.tenant, channel = %channel.id,
                new = synced.new, changed = synced.changed, vanished = synced.vanished, "templates changed");
        }
        Ok(synced)
    }

    /// Takes calls from the account's rate limit before they are made.
    async fn count_calls(&self, id: &TemplateAccountId, calls: u32) -> Result<(), SyncError> {
        self.ctx
            .until_committed(|| async {
                let now = self.ctx.ids.now();
                let known = self.template_caches.call_budget(id).await?;
                let mut budget = known.unwrap_or_else(|| CallBudget::untouched(id.clone(), now));
                budget.reserve_calls(calls, now).map_err(|wait| SyncError::TooOften { wait })?;
                Ok(Decision::Commit(vec![Write::Put(Record::CallBudget(budget))], ()))
            })
            .await
    }

    /// Reads all pages of a list; `counted` of them are taken from the rate limit already.
    async fn list(
        &self,
        channel: &Channel,
        id: &TemplateAccountId,
        counted: u32,
        deadline: Deadline,
    ) -> Result<Listed, SyncError> {
        let mut secret = self.secrets.secret(channel, Freshness::Cached).await?;
        let mut all = BTreeMap::new();
        let mut after: Option<String> = None;
        for page in 0..MOST_PAGES {
            if page >= counted {
                self.count_calls(id, 1).await?;
            }
            let left = self.ctx.ids.now().until(deadline.0).saturating_sub(RESERVE);
            if left.is_zero() {
                return Err(SyncError::NoAnswer("no time was left for the list"));
            }
            let timeout = left.min(PROVIDER_PATIENCE);
            let mut listing =
                Listing { channel, account: id, secret: &secret, after: after.as_deref(), timeout };
            let mut answer = self.provider.templates(listing).await;
            if page == 0 && is_about_the_key(&answer) {
                // The token may have been rotated.
                self.count_calls(id, 1).await?;
                secret = self.secrets.secret(channel, Freshness::Refreshed).await?;
                listing = Listing { channel, account: id, secret: &secret, after: None, timeout };
                answer = self.provider.templates(listing).await;
            }
            let listed = answer?;
            all.extend(listed.templates);
            match listed.next {
                Some(next) if Some(&next) == after.as_ref() => {
                    return Err(SyncError::NoAnswer("a page that leads to itself"));
                }
                Some(next) => after = Some(next),
                None => return Ok(Listed { templates: all, pages: page + 1 }),
            }
        }
        Err(SyncError::NoAnswer("a list without an end"))
    }

    /// Commits the differences, group by group, as long as there is time.
    async fn write_templates(
        &self,
        channel: &Channel,
        id: &TemplateAccountId,
        listed: Listed,
        asked_at: Timestamp,
        deadline: Deadline,
    ) -> Result<Synced, SyncError> {
        let (listed, mut synced) = (&listed, Synced::default());
        let Some(mut rest) = self.differences(channel, id, listed, asked_at).await? else {
            return Ok(synced);
        };
        loop {
            let written = self.ctx.until_committed_from(rest, |rest| async move {
                let rest = match rest {
                    Some(rest) => Some(rest),
                    None => self.differences(channel, id, listed, asked_at).await?,
                };
                let Some(rest) = rest else { return Ok(Decision::Done(None)) };
                if self.ctx.ids.now().until(deadline.0) < LAST_GROUP {
                    tracing::warn!(tenant = %channel.tenant, channel = %channel.id, left = rest.news.len(),
                        new = synced.new, changed = synced.changed, vanished = synced.vanished,
                        "templates could not all be committed in time; the next sync continues");
                    return Err(SyncError::NoAnswer("only a part of it was written down in time"));
                }
                Ok(self.next_group(channel, rest).map(Some))
            });
            let Some((group, left)) = written.await? else { return Ok(synced) };
            synced.count(&group);
            if left.news.is_empty() {
                return Ok(synced);
            }
            rest = left;
        }
    }

    /// The changes of a list that are to be written. `None` where a list that was fetched later is stored already;
    /// one that is stored meanwhile fails the last group's condition.
    async fn differences(
        &self,
        channel: &Channel,
        id: &TemplateAccountId,
        listed: &Listed,
        asked_at: Timestamp,
    ) -> Result<Option<Differences>, StoreError> {
        let known = self.template_caches.template_cache(&channel.tenant, id).await?;
        let known = known.unwrap_or_else(|| TemplateCache::unseen(channel.tenant.clone(), id.clone()));
        if known.synced_at.is_some_and(|at| at > asked_at) {
            return Ok(None);
        }
        let whole = TemplateCache { synced_at: Some(asked_at), pages: listed.pages, ..known };
        let known = self.template_caches.templates(&channel.tenant, id).await?;
        let news = differences(channel, id, known, &listed.templates, asked_at);
        Ok(Some(Differences { whole, news }))
    }

    /// Writes the next group. The whole copy is written with the last one.
    fn next_group(
        &self,
        channel: &Channel,
        rest: Differences,
    ) -> Decision<(Vec<ChangedTemplate>, Differences)> {
        let Differences { whole, mut news } = rest;
        let group: Vec<ChangedTemplate> = news.drain(..news.len().min(GROUP)).collect();
        let mut changes = Vec::new();
        if news.is_empty() {
            changes.push(Write::Put(Record::TemplateCache(whole.clone())));
        }
        for one in &group {
            changes.extend(self.cache_writes(channel, one.template.clone(), one.change.effect()));
        }
        Decision::Commit(changes, (group, Differences { whole, news }))
    }
}

fn is_about_the_key<T>(answer: &Result<T, SendFailure>) -> bool {
    use crate::domain::rejection::Reason;
    matches!(answer, Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CacheChange {
    New,
    Changed,
    Vanished,
    /// Unchanged, but it was not certain before.
    Certain,
}

impl CacheChange {
    fn effect(self) -> TemplateEffect {
        match self {
            Self::New | Self::Changed | Self::Vanished => TemplateEffect::Content,
            Self::Certain => TemplateEffect::Certainty,
        }
    }
}

/// The templates of an account after every page was read.
struct Listed {
    templates: BTreeMap<TemplateKey, TemplateDetails>,
    pages: u32,
}

/// A template that differs from the cached one.
struct ChangedTemplate {
    change: CacheChange,
    template: Template,
}

/// The changes of a list that are not written yet.
struct Differences {
    /// The whole copy, once all changes are written.
    whole: TemplateCache,
    news: Vec<ChangedTemplate>,
}

/// The differences between the cache and a list that was requested at `asked_at`.
fn differences(
    channel: &Channel,
    id: &TemplateAccountId,
    known: Vec<Template>,
    listed: &BTreeMap<TemplateKey, TemplateDetails>,
    asked_at: Timestamp,
) -> Vec<ChangedTemplate> {
    let mut news = Vec::new();
    let mut missing: BTreeMap<&TemplateKey, &TemplateDetails> = listed.iter().collect();
    for mut template in known {
        let effect = match missing.remove(&template.key) {
            Some(details) => template.apply_listed(details, asked_at),
            None => template.mark_deleted(asked_at),
        };
        let what = match effect {
            TemplateEffect::Content if template.vanished_at.is_some() => CacheChange::Vanished,
            TemplateEffect::Content => CacheChange::Changed,
            TemplateEffect::Certainty => CacheChange::Certain,
            // Otherwise every sync would write every template.
            TemplateEffect::Time | TemplateEffect::Nothing => continue,
        };
        news.push(ChangedTemplate { change: what, template });
    }
    news.extend(missing.into_iter().map(|(key, details)| {
        let (tenant, key) = (channel.tenant.clone(), key.clone());
        ChangedTemplate {
            change: CacheChange::New,
            template: Template::listed(tenant, id.clone(), key, details.clone(), asked_at),
        }
    }));
    news
}
