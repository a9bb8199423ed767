//! The recipients of a broadcast, in batches.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Broadcast, EntryOutcome, EntryRecipient, NamedBy, VALID};
use crate::domain::{
    content::HeaderFile,
    id::{BroadcastId, ContactId, ConversationId, RequestRef, TenantId},
    phone::{Bsuid, Phone},
    reference::References,
    time::Timestamp,
};

/// Recipients in one batch.
pub const BATCH_SIZE: usize = 50;

/// How long a batch may stay untouched before it is put into the queue once more.
const PATIENCE: Duration = Duration::from_mins(2);

/// The first wait before a retry of what was rejected temporarily; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// How often in a row a worker may get a batch and reach none of its recipients before the batch waits. For
/// want of time that happens now and then; a batch that fails every time would loop for a day without a
/// pause.
const IDLE_ROUNDS: u32 = 10;

/// The longest of these waits, whatever the provider asks for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Identifies a batch: all that the body of a queue message holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchId {
    /// The tenant that sends the broadcast.
    pub tenant: TenantId,
    /// The broadcast that the batch belongs to.
    pub broadcast: BroadcastId,
    /// Its number within the broadcast, from 0.
    pub number: usize,
}

/// A batch: up to [`BATCH_SIZE`] of a broadcast's recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The broadcast, and the batch's number in it.
    #[serde(flatten)]
    pub id: BatchId,
    /// When the broadcast was requested.
    pub created_at: Timestamp,
    /// The recipients, in the order of the request.
    pub entries: Vec<RecipientEntry>,
    /// How often it was processed without being finished.
    pub rounds: u32,
    /// How often in a row a worker that had the batch reached none of its recipients.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub idle_rounds: u32,
    /// How long it may be in the queue before it counts as lost there, in seconds. It follows from the
    /// channel's throughput and the number of recipients.
    #[serde(default)]
    pub patience: u64,
    /// When it is queued again unless it is finished by then; `None` once every recipient was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// A recipient, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientEntry {
    /// The recipient as the caller spelled it: a number, user id or conversation.
    pub given: String,
    /// The field that named it; `None` for a number, as in rows from before there were other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    named_by: Option<NamedBy>,
    /// The number that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<Phone>,
    /// The user id that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_user_id: Option<Bsuid>,
    /// The conversation that was named. (`conversation` of the outcome is where the sent message is stored.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_conversation: Option<ConversationId>,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// The caller's own references for this recipient's message.
    #[serde(default, skip_serializing_if = "References::is_empty")]
    pub references: References,
    /// The template's parameters for this recipient; `None` for those of the broadcast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Value>>,
    /// The stored file in the header of these, where they show one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Box<HeaderFile>>,
    /// What happened to this recipient so far.
    #[serde(flatten)]
    pub outcome: EntryOutcome,
}

/// What the entry of one recipient sets or replaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The caller's own reference.
    pub request: Option<RequestRef>,
    /// The caller's own references for the message.
    pub references: References,
    /// The template's parameters, in place of those of the broadcast; `None` where none are given.
    pub components: Option<Vec<Value>>,
    /// The stored file in the header of these, where they show one.
    pub header: Option<Box<HeaderFile>>,
}

/// Most bytes of the components and references of one recipient, as JSON: a batch is one row of the table.
pub const OWN_LIMIT: usize = 5_000;

impl RecipientEntry {
    /// An entry with a valid recipient who was not tried yet.
    #[must_use]
    pub fn new(
        given: String,
        named_by: NamedBy,
        recipient: EntryRecipient,
        request: Option<RequestRef>,
    ) -> Self {
        let mut entry = Self { request, ..Self::of_nobody(given, named_by, EntryOutcome::fresh()) };
        match recipient {
            EntryRecipient::Number(number) => entry.number = Some(number),
            EntryRecipient::UserId(id) => entry.to_user_id = Some(id),
            EntryRecipient::Conversation(id) => entry.to_conversation = Some(id),
        }
        entry
    }

    /// An entry that names no valid recipient, with its final outcome.
    #[must_use]
    pub fn of_nobody(given: String, named_by: NamedBy, outcome: EntryOutcome) -> Self {
        Self {
            given,
            named_by: Some(named_by).filter(|by| *by != NamedBy::PhoneNumber),
            number: None,
            to_user_id: None,
            to_conversation: None,
            request: None,
            references: References::default(),
            components: None,
            header: None,
            outcome,
        }
    }

    /// The field that named the recipient.
    #[must_use]
    pub fn named_by(&self) -> NamedBy {
        self.named_by.unwrap_or(NamedBy::PhoneNumber)
    }

    /// The same entry with the recipient's own fields.
    #[must_use]
    pub fn with(self, own: Own) -> Self {
        let Own { request, references, components, header } = own;
        Self { request, references, components, header, ..self }
    }

    /// The recipient's own fields.
    #[must_use]
    pub fn own(&self) -> Own {
        Own {
            request: self.request,
            references: self.references.clone(),
            components: self.components.clone(),
            header: self.header.clone(),
        }
    }

    /// The recipient; `None` where the entry names no valid one.
    #[must_use]
    pub fn recipient(&self) -> Option<EntryRecipient> {
        let number = self.number.clone().map(EntryRecipient::Number);
        let user = || self.to_user_id.clone().map(EntryRecipient::UserId);
        number.or_else(user).or_else(|| self.to_conversation.map(EntryRecipient::Conversation))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// When an unfinished batch is processed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoesOn {
    /// At once, through the queue.
    AtOnce,
    /// When it is due, through the sweep.
    Later,
}

/// Marks as duplicates the entries whose customer comes earlier in the list: by the same address in any
/// spelling, or as the same contact, which `contact` looks up. Returns the positions of those it marked.
pub fn mark_duplicates(
    entries: &mut [RecipientEntry],
    contact: impl Fn(&EntryRecipient) -> Option<ContactId>,
) -> Vec<usize> {
    let (mut recipients, mut contacts) = (BTreeSet::new(), BTreeSet::new());
    let mut marked = Vec::new();
    for (place, entry) in entries.iter_mut().enumerate() {
        let Some(recipient) = entry.recipient() else { continue };
        let named_before = !recipients.insert(recipient.canonical());
        let known_before = contact(&recipient).is_some_and(|contact| !contacts.insert(contact));
        if named_before || known_before {
            entry.outcome = EntryOutcome::Duplicate;
            marked.push(place);
        }
    }
    marked
}

/// Splits a broadcast's recipients into batches. `gap` is the time between two messages of the channel.
#[must_use]
pub fn split_into_batches(broadcast: &Broadcast, entries: Vec<RecipientEntry>, gap: Duration) -> Vec<Batch> {
    let open = entries.iter().filter(|entry| entry.outcome.is_open()).count();
    // When it should be finished even if the channel's other batches are processed first.
    let patience = PATIENCE + gap * 2 * u32::try_from(open).unwrap_or(u32::MAX);
    let mut batches = Vec::new();
    let mut left = entries.into_iter().peekable();
    while left.peek().is_some() {
        let id = BatchId { tenant: broadcast.tenant.clone(), broadcast: broadcast.id, number: batches.len() };
        let entries: Vec<RecipientEntry> = left.by_ref().take(BATCH_SIZE).collect();
        let (created_at, patience) = (broadcast.created_at, patience.as_secs());
        let mut batch =
            Batch { id, created_at, entries, rounds: 0, idle_rounds: 0, patience, due_at: None, rev: 0 };
        batch.queued_again(created_at);
        batches.push(batch);
    }
    batches
}

impl Batch {
    /// How many recipients are still to be tried.
    #[must_use]
    pub fn open(&self) -> usize {
        self.entries.iter().filter(|entry| entry.outcome.is_open()).count()
    }

    /// Whether every recipient was tried.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.open() == 0
    }

    /// Records that the batch was processed, and when it is due again: later if some recipients were
    /// rejected temporarily.
    pub fn gone_through(&mut self, now: Timestamp) {
        self.rounds = self.rounds.saturating_add(1);
        let asked = |entry: &RecipientEntry| match &entry.outcome {
            EntryOutcome::Queued { last: Some(last), .. } => last.retry_after_seconds,
            _ => None,
        };
        let retry_after =
            self.entries.iter().filter_map(asked).max().map_or(Duration::ZERO, Duration::from_secs);
        let wait =
            FIRST_WAIT.saturating_mul(1 << (self.rounds - 1).min(10)).max(retry_after).min(LONGEST_WAIT);
        let due = now.plus(wait).min(self.created_at.plus(VALID).max(now));
        self.due_at = (!self.is_done()).then_some(due);
    }

    /// Records that a worker stopped before the end, having started with `open_before` recipients to try.
    /// The batch is queued again at once, unless that made no progress too often: then it waits like one
    /// with rejections.
    pub fn finish_round(&mut self, open_before: usize, now: Timestamp) -> GoesOn {
        self.idle_rounds = if self.open() < open_before { 0 } else { self.idle_rounds.saturating_add(1) };
        if self.idle_rounds < IDLE_ROUNDS {
            self.queued_again(now);
            GoesOn::AtOnce
        } else {
            self.gone_through(now);
            GoesOn::Later
        }
    }

    /// Records that it was put into the queue.
    pub fn queued_again(&mut self, now: Timestamp) {
        let patience = Duration::from_secs(self.patience).max(PATIENCE);
        self.due_at = (!self.is_done()).then(|| now.plus(patience));
    }

    /// Merges two versions of the same batch: of each recipient the outcome of the higher rank, so that a
    /// message that was sent stays recorded as sent.
    #[must_use]
    pub fn joined(self, other: &Self) -> Self {
        let mut both = Self { rev: other.rev, rounds: self.rounds.max(other.rounds), ..self };
        for (mine, theirs) in both.entries.iter_mut().zip(&other.entries) {
            if theirs.outcome.says() > mine.outcome.says() {
                mine.outcome = theirs.outcome.clone();
            }
        }
        both.due_at = if both.is_done() { None } else { both.due_at.max(other.due_at) };
        both
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Dropped, tests::broadcast},
        *,
    };
    use crate::domain::rejection::{Reason, Rejection};

    fn entry(number: &str) -> RecipientEntry {
        let number: Phone = number.to_owned().try_into().unwrap();
        let (given, by) = (number.e164(), NamedBy::PhoneNumber);
        RecipientEntry::new(given, by, EntryRecipient::Number(number), None)
    }

    #[test]
    fn every_recipient_is_in_one_batch_and_in_the_order_of_the_request() {
        let entries: Vec<RecipientEntry> =
            (0..120).map(|n| entry(&format!("502{:08}", 10_000_000 + n))).collect();
        let cut = split_into_batches(&broadcast(0), entries.clone(), Duration::from_millis(10));
        assert_eq!(cut.iter().map(|batch| batch.entries.len()).collect::<Vec<_>>(), [50, 50, 20]);
        assert_eq!(cut.iter().map(|batch| batch.id.number).collect::<Vec<_>>(), [0, 1, 2]);
        let whole: Vec<RecipientEntry> = cut.iter().flat_map(|batch| batch.entries.clone()).collect();
        assert_eq!(whole, entries);
        assert_eq!(cut[0].due_at, Some(Timestamp::from_millis(122_000)));
    }

    #[test]
    fn a_repeated_number_is_marked_in_any_spelling() {
        let mut entries = vec![entry("50212345678"), entry("50212345679"), entry("50212345678")];
        assert_eq!(mark_duplicates(&mut entries, |_| None), [2]);
        let outcomes: Vec<bool> =
            entries.iter().map(|entry| entry.outcome == EntryOutcome::Duplicate).collect();
        assert_eq!(outcomes, [false, false, true]);
        let mut entries = vec![entry("5531977771111"), entry("50212345679"), entry("553177771111")];
        assert_eq!(mark_duplicates(&mut entries, |_| None), [2]);
    }

    #[test]
    fn a_repeated_contact_is_marked_under_another_address() {
        let named = |by, recipient| RecipientEntry::new(String::new(), by, recipient, None);
        let conversation = |id: &str| {
            let recipient = EntryRecipient::Conversation(id.parse().unwrap());
            named(NamedBy::ConversationId, recipient)
        };
        let user = EntryRecipient::UserId("GT.1".to_owned().try_into().unwrap());
        let mut entries = vec![
            entry("50212345678"),
            named(NamedBy::UserId, user),
            conversation("7"),
            conversation("8"),
            entry("50287654321"),
        ];
        let known = |recipient: &EntryRecipient| match recipient {
            EntryRecipient::Number(number) if number.digits() == "50287654321" => None,
            EntryRecipient::Conversation(id) if id.get() == 8 => "2".parse().ok(),
            _ => "1".parse().ok(),
        };
        assert_eq!(mark_duplicates(&mut entries, known), [1, 2]);
    }

    #[test]
    fn an_entry_has_the_same_recipient_after_it_was_stored() {
        let user = EntryRecipient::UserId("GT.1".to_owned().try_into().unwrap());
        let conversation = EntryRecipient::Conversation("7".parse().unwrap());
        for (by, recipient) in [(NamedBy::UserId, user), (NamedBy::ConversationId, conversation)] {
            let entry = RecipientEntry::new("x".to_owned(), by, recipient.clone(), None);
            let kept: RecipientEntry = serde_json::from_str(&serde_json::to_string(&entry).unwrap()).unwrap();
            assert_eq!((kept.recipient(), kept.named_by()), (Some(recipient), by));
        }
        let before = r#"{"given":"+502 1234-5678","number":"50212345678","outcome":"queued","refusals":0}"#;
        let kept: RecipientEntry = serde_json::from_str(before).unwrap();
        assert_eq!(kept, RecipientEntry { given: "+502 1234-5678".to_owned(), ..entry("50212345678") });
    }

    #[test]
    fn outcomes_of_two_concurrent_runs_are_merged() {
        let batch = split_into_batches(
            &broadcast(0),
            vec![entry("50212345678"), entry("50212345679")],
            Duration::ZERO,
        );
        let (mut mine, mut theirs) = (batch[0].clone(), batch[0].clone());
        mine.entries[0].outcome = EntryOutcome::Duplicate;
        theirs.entries[1].outcome = EntryOutcome::Unknown { message: None };
        theirs.rev = 4;
        let both = mine.joined(&theirs);
        assert_eq!((both.rev, both.is_done(), both.due_at), (4, true, None));
        assert_eq!(both.entries[0].outcome, EntryOutcome::Duplicate);
        // A worker that came too late does not undo what another one did.
        let sent = EntryOutcome::Sent { message: "9".parse().unwrap(), conversation: None, wamid: None };
        let mut late = both.clone();
        late.entries[1].outcome = EntryOutcome::Dropped { why: Dropped::Cancelled };
        theirs.entries[1].outcome = sent.clone();
        assert_eq!(late.clone().joined(&theirs).entries[1].outcome, sent);
        assert_eq!(theirs.joined(&late).entries[1].outcome, sent);
    }

    #[test]
    fn a_batch_that_never_makes_progress_waits() {
        let now = Timestamp::from_millis(1_000_000);
        let entries = vec![entry("50212345678"), entry("50212345679")];
        let mut batch = split_into_batches(&broadcast(0), entries, Duration::ZERO).remove(0);
        for _ in 1..IDLE_ROUNDS {
            assert_eq!(batch.finish_round(2, now), GoesOn::AtOnce);
        }
        // It made progress, so the count starts over.
        batch.entries[0].outcome = EntryOutcome::Unknown { message: None };
        assert_eq!(batch.finish_round(2, now), GoesOn::AtOnce);
        let goes_on: Vec<GoesOn> = (0..IDLE_ROUNDS).map(|_| batch.finish_round(1, now)).collect();
        let (last, before) = goes_on.split_last().unwrap();
        assert!(before.iter().all(|it| *it == GoesOn::AtOnce), "{goes_on:?}");
        assert_eq!(*last, GoesOn::Later);
        assert_eq!(batch.due_at.map(|due| now.until(due).as_secs()), Some(30));
        // The next worker without progress makes it wait longer.
        assert_eq!(batch.finish_round(1, now), GoesOn::Later);
        assert_eq!(batch.due_at.map(|due| now.until(due).as_secs()), Some(60));
    }

    #[test]
    fn the_waits_grow_and_the_last_rejection_is_final() {
        let mut batch =
            split_into_batches(&broadcast(0), vec![entry("50212345678")], Duration::ZERO).remove(0);
        let now = Timestamp::from_millis(1_000_000);
        let mut waits = Vec::new();
        while !batch.is_done() {
            batch.entries[0].outcome =
                batch.entries[0].outcome.refused_again(Rejection::of(Reason::RateLimited));
            batch.gone_through(now);
            waits.extend(batch.due_at.map(|due| now.until(due).as_secs()));
        }
        assert_eq!(waits, [30, 60, 120, 240, 480]);
        assert!(
            matches!(&batch.entries[0].outcome, EntryOutcome::Refused { rejection, .. } if rejection.reason == Reason::RateLimited)
        );
        // An unreachable provider is retried, and so is the end of a long wait that it asks for.
        let mut down = EntryOutcome::fresh();
        for _ in 0..20 {
            down = down.refused_again(Rejection::of(Reason::ProviderDown));
        }
        assert!(down.is_open());
        let long = Rejection { retry_after_seconds: Some(100_000), ..Rejection::of(Reason::RateLimited) };
        batch.entries[0].outcome = EntryOutcome::Queued { refusals: 1, last: Some(long) };
        batch.gone_through(now);
        assert_eq!(batch.due_at.map(|due| now.until(due).as_secs()), Some(3600));
    }
}
