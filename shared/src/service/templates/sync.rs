//! Bringing our copy of an account's templates up to date.
//!
//! All pages are read first. Then only what differs is written, each group of changes all or nothing, and
//! each template only if it is not known from later than this list was asked for. So an error on any page
//! leaves the copy as it was, two syncs at once do not undo each other, and a list does not undo what a
//! webhook told meanwhile. What the list does not have any more is marked as gone after the last page.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        event::EventKind,
        id::CatalogueId,
        rejection::Rejection,
        template::{Catalogue, Template, TemplateKey, Told},
        time::Timestamp,
    },
    port::{
        book::{Applied, Change, StoreError},
        clock::Deadline,
        credentials::Freshness,
        provider::{Listing, SendFailure},
    },
    service::{Core, backoff::Rounds, send::PROVIDER_PATIENCE},
};

/// Pages of one list at most: 100 templates each, and an account may have 6,000.
const MOST_PAGES: usize = 100;

/// Calls for lists in an hour. An account has 200 (facts: meta.md 8.6), and others use them as well.
const MOST_CALLS: u32 = 150;

/// What must be left for writing the copy down, or for serving the one at hand.
const RESERVE: Duration = Duration::from_secs(5);

/// Templates written at a time: each with an event, and the copy as a whole, fit into one transaction.
const GROUP: usize = 40;

/// The copy of an account's templates.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The templates, by name and language, without those that are gone.
    pub templates: Vec<Template>,
    /// When the list was asked for that the copy has whole.
    pub synced_at: Timestamp,
}

/// What a sync changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Synced {
    /// Templates not known before.
    pub new: usize,
    /// Templates of which something changed.
    pub changed: usize,
    /// Templates that the provider has no more.
    pub vanished: usize,
}

/// Why the copy is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The channel's account is not known: its config names none.
    #[error("the channel's account is not known")]
    NoAccount,
    /// The account's calls for this hour are used up.
    #[error("the calls of this hour are used up")]
    TooOften {
        /// Until the next hour begins.
        wait: Duration,
    },
    /// The provider refused.
    #[error("refused: {}", .0.reason.code())]
    Refused(Rejection),
    /// The provider did not answer, or not in a way that can be read.
    #[error("no usable answer: {0}")]
    NoAnswer(&'static str),
    /// The store failed.
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

impl Core {
    /// The copy of a channel's templates, brought up to date if it is older than `age`. When that fails, the
    /// copy at hand is given as it is; its age tells.
    ///
    /// # Errors
    /// When there is no copy at hand either.
    pub async fn template_copy(
        &self,
        channel: &Channel,
        age: Duration,
        deadline: Deadline,
    ) -> Result<Copy, SyncError> {
        let id = channel.catalogue.as_ref().ok_or(SyncError::NoAccount)?;
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        let synced_at = known.as_ref().and_then(|known| known.synced_at);
        let fresh = synced_at.is_some_and(|at| at.until(self.mint.now()) < age);
        let synced_at = match (fresh, synced_at) {
            (true, Some(at)) => at,
            (_, at) => {
                let asked = self.mint.now();
                match (self.sync_templates(channel, deadline).await, at) {
                    (Ok(_), _) => asked,
                    (Err(error), Some(at)) => {
                        tracing::warn!(tenant = %channel.tenant, channel = %channel.id, %error,
                            "templates could not be brought up to date; the copy is served as it is");
                        at
                    }
                    (Err(error), None) => return Err(error),
                }
            }
        };
        let mut templates = self.catalogues.templates(&channel.tenant, id).await?;
        templates.retain(|template| template.vanished_at.is_none());
        Ok(Copy { templates, synced_at })
    }

    /// Reads the list of a channel's account from its provider and writes down what differs.
    ///
    /// # Errors
    /// When any page cannot be had: the copy is then as it was. When the store fails half-way: what was
    /// written is true, and the next sync completes it.
    pub async fn sync_templates(&self, channel: &Channel, deadline: Deadline) -> Result<Synced, SyncError> {
        let id = channel.catalogue.as_ref().ok_or(SyncError::NoAccount)?;
        let asked_at = self.mint.now();
        self.count_calls(channel, id, 1, asked_at).await?;
        let listed = self.list(channel, id, deadline).await.inspect_err(|error| {
            tracing::warn!(metric = "template_sync_failed", tenant = %channel.tenant, channel = %channel.id, %error,
                "a list of templates could not be read; the copy stays as it was");
        })?;
        let synced = self.write_templates(channel, id, listed, asked_at).await?;
        if synced != Synced::default() {
            tracing::info!(metric = "templates_changed", tenant = %channel.tenant, channel = %channel.id,
                new = synced.new, changed = synced.changed, vanished = synced.vanished, "templates changed");
        }
        Ok(synced)
    }

    /// Counts calls against the hour's budget before they are made.
    async fn count_calls(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        calls: u32,
        now: Timestamp,
    ) -> Result<(), SyncError> {
        let mut rounds = Rounds::default();
        loop {
            let mut catalogue = self.known_catalogue(channel, id, now).await?;
            if catalogue.count(calls, now) > MOST_CALLS {
                let next = now.hour_start().plus(Duration::from_hours(1));
                return Err(SyncError::TooOften { wait: now.until(next) });
            }
            if self.book.apply(vec![Change::Catalogue(catalogue)]).await? == Applied::Done {
                return Ok(());
            }
            rounds.again(self).await?;
        }
    }

    async fn known_catalogue(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        now: Timestamp,
    ) -> Result<Catalogue, StoreError> {
        let known = self.catalogues.catalogue(&channel.tenant, id).await?;
        Ok(known.unwrap_or_else(|| Catalogue::unseen(channel.tenant.clone(), id.clone(), now)))
    }

    /// All pages of a list.
    async fn list(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        deadline: Deadline,
    ) -> Result<BTreeMap<TemplateKey, Told>, SyncError> {
        let mut secret = self.secret(channel, Freshness::Cached).await?;
        let mut all = BTreeMap::new();
        let mut after: Option<String> = None;
        for page in 0..MOST_PAGES {
            if page > 0 {
                self.count_calls(channel, id, 1, self.mint.now()).await?;
            }
            let left = self.mint.now().until(deadline.0).saturating_sub(RESERVE);
            if left.is_zero() {
                return Err(SyncError::NoAnswer("no time was left for the list"));
            }
            let timeout = left.min(PROVIDER_PATIENCE);
            let mut listing =
                Listing { channel, catalogue: id, secret: &secret, after: after.as_deref(), timeout };
            let mut told = self.provider.templates(listing).await;
            if page == 0 && is_about_the_key(&told) {
                // The token may have been changed under us.
                self.count_calls(channel, id, 1, self.mint.now()).await?;
                secret = self.secret(channel, Freshness::Refreshed).await?;
                listing = Listing { channel, catalogue: id, secret: &secret, after: None, timeout };
                told = self.provider.templates(listing).await;
            }
            let told = told?;
            all.extend(told.templates);
            match told.next {
                Some(next) if Some(&next) == after.as_ref() => {
                    return Err(SyncError::NoAnswer("a page that leads to itself"));
                }
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
        Err(SyncError::NoAnswer("a list without an end"))
    }

    async fn write_templates(
        &self,
        channel: &Channel,
        id: &CatalogueId,
        listed: BTreeMap<TemplateKey, Told>,
        asked_at: Timestamp,
    ) -> Result<Synced, SyncError> {
        let mut rounds = Rounds::default();
        let mut synced = Synced::default();
        'anew: loop {
            // A list that was asked for later is down already.
            let whole = self.known_catalogue(channel, id, asked_at).await?;
            if whole.synced_at.is_some_and(|at| at > asked_at) {
                return Ok(synced);
            }
            let known = self.catalogues.templates(&channel.tenant, id).await?;
            let mut news = differences(channel, id, known, &listed, asked_at);
            // The copy as a whole goes with the last group.
            loop {
                let group: Vec<News> = news.drain(..news.len().min(GROUP)).collect();
                let mut changes = Vec::new();
                if news.is_empty() {
                    let mut catalogue = self.known_catalogue(channel, id, asked_at).await?;
                    catalogue.synced_at = catalogue.synced_at.max(Some(asked_at));
                    changes.push(Change::Catalogue(catalogue));
                }
                for one in &group {
                    changes.push(Change::Event(self.event(&channel.tenant, one.event(channel))));
                    changes.push(Change::Template(one.template.clone()));
                }
                if self.book.apply(changes).await? == Applied::Conflict {
                    rounds.again(self).await?;
                    continue 'anew;
                }
                for one in group {
                    match one.what {
                        What::New => synced.new += 1,
                        What::Changed => synced.changed += 1,
                        What::Vanished => synced.vanished += 1,
                    }
                }
                if news.is_empty() {
                    return Ok(synced);
                }
            }
        }
    }
}

fn is_about_the_key<T>(told: &Result<T, SendFailure>) -> bool {
    use crate::domain::rejection::Reason;
    matches!(told, Err(SendFailure::Refused(rejection)) if rejection.reason == Reason::ProviderAuth)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    New,
    Changed,
    Vanished,
}

/// A template that is not as our copy has it.
struct News {
    what: What,
    template: Template,
}

impl News {
    fn event(&self, channel: &Channel) -> EventKind {
        EventKind::TemplateChanged {
            channel: channel.id,
            name: self.template.key.name.clone(),
            language: self.template.key.language.clone(),
            status: match self.what {
                What::Vanished => "GONE".to_owned(),
                What::New | What::Changed => self.template.told.status.as_str().to_owned(),
            },
        }
    }
}

/// What differs between our copy and a list that was asked for at `asked_at`.
fn differences(
    channel: &Channel,
    id: &CatalogueId,
    known: Vec<Template>,
    listed: &BTreeMap<TemplateKey, Told>,
    asked_at: Timestamp,
) -> Vec<News> {
    let mut news = Vec::new();
    let mut missing: BTreeMap<&TemplateKey, &Told> = listed.iter().collect();
    for mut template in known {
        let told = missing.remove(&template.key);
        // Told by a webhook, or by a list that was asked for later.
        if template.as_of > asked_at {
            continue;
        }
        let what = match told {
            Some(told) if template.told == *told && template.vanished_at.is_none() => continue,
            Some(told) => {
                template.told = told.clone();
                template.vanished_at = None;
                What::Changed
            }
            None if template.vanished_at.is_some() => continue,
            None => {
                template.vanished_at = Some(asked_at);
                What::Vanished
            }
        };
        template.as_of = asked_at;
        news.push(News { what, template });
    }
    news.extend(missing.into_iter().map(|(key, told)| News {
        what: What::New,
        template: Template {
            tenant: channel.tenant.clone(),
            catalogue: id.clone(),
            key: key.clone(),
            told: told.clone(),
            as_of: asked_at,
            vanished_at: None,
            rev: 0,
        },
    }));
    news
}
