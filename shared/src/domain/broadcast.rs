//! A broadcast: one message to many, which goes on after its caller was answered.
//!
//! It is kept in pieces, so that many can be at work and none holds a row for long. Each recipient has an
//! idempotency key of their own, so a piece may be begun any number of times and sends to each of them once.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    content::Content,
    id::{BroadcastId, ConversationId, MessageId, RequestRef, TenantId, Wamid},
    idempotency::IdempotencyKey,
    phone::Phone,
    rejection::{ProviderCode, Reason, Rejection},
    time::Timestamp,
};

/// Most recipients of one call.
pub const MOST_RECIPIENTS: usize = 1000;

/// Most recipients of a call that is answered when they all have been tried.
pub const MOST_AT_ONCE: usize = 100;

/// Recipients in one piece.
pub const PIECE: usize = 50;

/// How long after it was asked for a broadcast is still begun for anybody: shorter than a key is remembered,
/// and who wanted to be reminded of today wants no message the day after.
pub const VALID: Duration = Duration::from_hours(24);

/// How long what became of a broadcast can be read.
pub const KEPT: Duration = Duration::from_hours(30 * 24);

/// How often a recipient is tried whom the provider refuses for the time being. What concerns the provider or
/// the account as a whole, and not the recipient, is waited for as long as the broadcast is valid.
pub const MOST_REFUSALS: u8 = 6;

/// How long a piece may lie untouched before it is put into the queue once more.
const PATIENCE: Duration = Duration::from_mins(2);

/// The first wait before what was refused for the time being is tried again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest of these waits, whatever the provider asks for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// One message to many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub id: BroadcastId,
    /// What is sent.
    pub content: Content,
    /// What the key of each recipient is made of.
    pub key: IdempotencyKey,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How many recipients were named, wrong and repeated ones included.
    pub total: usize,
    /// Where it stands as a whole.
    #[serde(flatten)]
    pub course: Course,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Whether a broadcast goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "course", rename_all = "snake_case")]
pub enum Course {
    /// It goes on until everybody was tried.
    Running,
    /// Its caller changed their mind.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// The provider refused in a way that everybody else would meet as well.
    Stopped {
        /// How.
        rejection: Rejection,
    },
}

impl Broadcast {
    /// Why nobody further is tried; none while it goes on.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> Option<Outcome> {
        match &self.course {
            Course::Cancelled { .. } => Some(Outcome::Dropped { why: Dropped::Cancelled }),
            Course::Stopped { rejection } => {
                Some(Outcome::Dropped { why: Dropped::Stopped { reason: rejection.reason } })
            }
            Course::Running if self.created_at.plus(VALID) <= now => {
                Some(Outcome::Dropped { why: Dropped::Late })
            }
            Course::Running => None,
        }
    }
}

/// Which piece of which broadcast: all that a queue needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceId {
    /// Whose.
    pub tenant: TenantId,
    /// Of which broadcast.
    pub broadcast: BroadcastId,
    /// Its number, from 0.
    pub number: usize,
}

/// Some of a broadcast's recipients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Which.
    #[serde(flatten)]
    pub id: PieceId,
    /// When the broadcast was asked for.
    pub created_at: Timestamp,
    /// The recipients, in the order of the request.
    pub entries: Vec<Entry>,
    /// How often it was gone through without coming to its end.
    pub rounds: u32,
    /// How long it may be in the queue before it counts as lost there, in seconds: the channel's pace and all
    /// that was asked for with it say so.
    #[serde(default)]
    pub patience: u64,
    /// When it is put into the queue again if nobody is done with it by then; none once everybody was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// A recipient, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The number as the caller spelled it.
    pub given: String,
    /// Whom that means; none where it means nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Phone>,
    /// The caller's own reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestRef>,
    /// What became of them.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Their turn is still to come, or to come again.
    Queued {
        /// How often the provider refused for the time being …
        #[serde(default)]
        refusals: u8,
        /// … and how it did so the last time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<Rejection>,
    },
    /// The provider took the message.
    Sent {
        /// Which it is.
        message: MessageId,
        /// Where it is kept, once it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
        /// The provider's id of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wamid: Option<Wamid>,
    },
    /// It may or may not have been sent.
    Unknown {
        /// Which message that is about, where that could be told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
    },
    /// Not sent, by all that was said.
    Refused {
        /// Which message that is about, where a callback may still say otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
        /// Why.
        rejection: Rejection,
    },
    /// The same number came before in the list.
    Duplicate,
    /// The caller's words name nobody.
    Invalid {
        /// Which of them.
        field: String,
        /// What is wrong, as a sentence.
        problem: String,
    },
    /// Nothing was begun before the broadcast was over.
    Dropped {
        /// Why.
        why: Dropped,
    },
}

/// Why a recipient's turn never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropped {
    /// The broadcast was cancelled.
    Cancelled,
    /// The broadcast was older than [`VALID`].
    Late,
    /// The provider refused somebody else's in a way that this one would have met as well.
    Stopped {
        /// For what reason.
        reason: Reason,
    },
}

impl Outcome {
    /// A recipient who was not tried yet.
    #[must_use]
    pub fn fresh() -> Self {
        Self::Queued { refusals: 0, last: None }
    }

    /// How much it says of where the message is: of two outcomes of one recipient the higher one holds.
    fn says(&self) -> u8 {
        match self {
            Self::Queued { .. } => 0,
            Self::Dropped { .. } => 1,
            Self::Duplicate | Self::Invalid { .. } => 2,
            Self::Refused { .. } => 3,
            Self::Unknown { .. } => 4,
            Self::Sent { .. } => 5,
        }
    }

    /// Whether somebody still has to go on with it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Queued { .. })
    }

    /// A refusal for the time being, after those before: the last one is final.
    #[must_use]
    pub fn refused_again(&self, rejection: Rejection) -> Self {
        let refusals = match self {
            Self::Queued { refusals, .. } => refusals.saturating_add(1),
            _ => 1,
        };
        if refusals >= MOST_REFUSALS && !concerns_the_time(&rejection) {
            return Self::Refused { message: None, rejection };
        }
        Self::Queued { refusals, last: Some(rejection) }
    }
}

/// Meta's code for a number that sent too much that was not wanted: more of it makes it worse (facts: meta.md 3.3).
const UNWANTED_BY_MANY: i64 = 131_048;

/// Meta's code for a recipient in a country that the account may not send to: it says nothing of the others.
const COUNTRY: i64 = 130_497;

/// Meta's codes for a number or an account that sent too much within some time, whoever it went to.
const TOO_MUCH: [i64; 4] = [4, 613, 80_007, 130_429];

/// Meta's codes for a template that is not there, paused, or disabled.
const TEMPLATE_GONE: [i64; 3] = [132_001, 132_015, 132_016];

/// Whether everybody else would be refused in the same way, so that to go on would only do harm.
#[must_use]
pub fn concerns_all(rejection: &Rejection) -> bool {
    match (rejection.reason, &rejection.provider_code) {
        (Reason::AccountBlocked, Some(ProviderCode::Number(code))) => *code != COUNTRY,
        (Reason::ProviderAuth | Reason::LowBalance | Reason::AccountBlocked | Reason::ChannelDisabled, _) => {
            true
        }
        (Reason::TemplateProblem, Some(ProviderCode::Number(code))) => TEMPLATE_GONE.contains(code),
        (Reason::RateLimited, Some(ProviderCode::Number(code))) => *code == UNWANTED_BY_MANY,
        _ => false,
    }
}

/// Whether a refusal passes with time and for everybody at once: nobody is given up for it.
fn concerns_the_time(rejection: &Rejection) -> bool {
    match (rejection.reason, &rejection.provider_code) {
        (Reason::ProviderDown, _) => true,
        (Reason::RateLimited, Some(ProviderCode::Number(code))) => TOO_MUCH.contains(code),
        _ => false,
    }
}

/// Whether a refusal passes with time, so that the same recipient is tried again.
#[must_use]
pub fn passes(rejection: &Rejection) -> bool {
    matches!(rejection.reason, Reason::RateLimited | Reason::ProviderDown) && !concerns_all(rejection)
}

/// Marks everybody whose number came before in the list, who then gets nothing on their own account.
pub fn mark_duplicates(entries: &mut [Entry]) {
    let mut met = BTreeSet::new();
    for entry in entries {
        let again = entry.number.as_ref().is_some_and(|number| !met.insert(number.digits().to_owned()));
        if again {
            entry.outcome = Outcome::Duplicate;
        }
    }
}

/// A broadcast's recipients in pieces. `gap` is the time between two messages of the channel.
#[must_use]
pub fn pieces(broadcast: &Broadcast, entries: Vec<Entry>, gap: Duration) -> Vec<Piece> {
    let open = entries.iter().filter(|entry| entry.outcome.is_open()).count();
    // By then it should be done, others of the channel being in its way.
    let patience = PATIENCE + gap * 2 * u32::try_from(open).unwrap_or(u32::MAX);
    let mut pieces = Vec::new();
    let mut left = entries.into_iter().peekable();
    while left.peek().is_some() {
        let id = PieceId { tenant: broadcast.tenant.clone(), broadcast: broadcast.id, number: pieces.len() };
        let entries: Vec<Entry> = left.by_ref().take(PIECE).collect();
        let (created_at, patience) = (broadcast.created_at, patience.as_secs());
        let mut piece = Piece { id, created_at, entries, rounds: 0, patience, due_at: None, rev: 0 };
        piece.queued_again(created_at);
        pieces.push(piece);
    }
    pieces
}

impl Piece {
    /// Whether everybody was tried.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.entries.iter().any(|entry| entry.outcome.is_open())
    }

    /// Notes that it was gone through, and when it is looked at again: sooner or later when some were refused
    /// for the time being.
    pub fn gone_through(&mut self, now: Timestamp) {
        self.rounds = self.rounds.saturating_add(1);
        let asked = |entry: &Entry| match &entry.outcome {
            Outcome::Queued { last: Some(last), .. } => last.retry_after_seconds,
            _ => None,
        };
        let told = self.entries.iter().filter_map(asked).max().map_or(Duration::ZERO, Duration::from_secs);
        let wait = FIRST_WAIT.saturating_mul(1 << (self.rounds - 1).min(10)).max(told).min(LONGEST_WAIT);
        let due = now.plus(wait).min(self.created_at.plus(VALID).max(now));
        self.due_at = (!self.is_done()).then_some(due);
    }

    /// Notes that it is in the queue.
    pub fn queued_again(&mut self, now: Timestamp) {
        let patience = Duration::from_secs(self.patience).max(PATIENCE);
        self.due_at = (!self.is_done()).then(|| now.plus(patience));
    }

    /// Both of what two made of the same piece: of each recipient the one that says more. That a message went
    /// out is not undone by somebody who did not know of it.
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
    use super::*;

    fn entry(number: &str) -> Entry {
        let number: Phone = number.to_owned().try_into().unwrap();
        let given = number.e164();
        Entry { given, number: Some(number), request: None, outcome: Outcome::fresh() }
    }

    fn broadcast(at: i64) -> Broadcast {
        let id = "7".parse().unwrap();
        Broadcast {
            tenant: "demo".parse().unwrap(),
            id,
            content: Content::plain("x".to_owned().try_into().unwrap()),
            key: IdempotencyKey::of_broadcast(id),
            created_at: Timestamp::from_millis(at),
            total: 120,
            course: Course::Running,
            rev: 0,
        }
    }

    #[test]
    fn everybody_is_in_one_piece_and_in_the_order_of_the_request() {
        let entries: Vec<Entry> = (0..120).map(|n| entry(&format!("502{:08}", 10_000_000 + n))).collect();
        let cut = pieces(&broadcast(0), entries.clone(), Duration::from_millis(10));
        assert_eq!(cut.iter().map(|piece| piece.entries.len()).collect::<Vec<_>>(), [50, 50, 20]);
        assert_eq!(cut.iter().map(|piece| piece.id.number).collect::<Vec<_>>(), [0, 1, 2]);
        let whole: Vec<Entry> = cut.iter().flat_map(|piece| piece.entries.clone()).collect();
        assert_eq!(whole, entries);
        assert_eq!(cut[0].due_at, Some(Timestamp::from_millis(122_000)));
    }

    #[test]
    fn a_repeated_number_is_marked_however_it_is_spelled() {
        let mut entries = vec![entry("50212345678"), entry("50212345679"), entry("50212345678")];
        mark_duplicates(&mut entries);
        let outcomes: Vec<bool> = entries.iter().map(|entry| entry.outcome == Outcome::Duplicate).collect();
        assert_eq!(outcomes, [false, false, true]);
    }

    #[test]
    fn what_either_of_two_settled_is_settled() {
        let piece = pieces(&broadcast(0), vec![entry("50212345678"), entry("50212345679")], Duration::ZERO);
        let (mut mine, mut theirs) = (piece[0].clone(), piece[0].clone());
        mine.entries[0].outcome = Outcome::Duplicate;
        theirs.entries[1].outcome = Outcome::Unknown { message: None };
        theirs.rev = 4;
        let both = mine.joined(&theirs);
        assert_eq!((both.rev, both.is_done(), both.due_at), (4, true, None));
        assert_eq!(both.entries[0].outcome, Outcome::Duplicate);
        // Who thought that it was too late does not undo what somebody else did.
        let sent = Outcome::Sent { message: "9".parse().unwrap(), conversation: None, wamid: None };
        let mut late = both.clone();
        late.entries[1].outcome = Outcome::Dropped { why: Dropped::Cancelled };
        theirs.entries[1].outcome = sent.clone();
        assert_eq!(late.clone().joined(&theirs).entries[1].outcome, sent);
        assert_eq!(theirs.joined(&late).entries[1].outcome, sent);
    }

    #[test]
    fn the_waits_grow_and_the_last_refusal_is_final() {
        let mut piece = pieces(&broadcast(0), vec![entry("50212345678")], Duration::ZERO).remove(0);
        let now = Timestamp::from_millis(1_000_000);
        let mut waits = Vec::new();
        while !piece.is_done() {
            piece.entries[0].outcome =
                piece.entries[0].outcome.refused_again(Rejection::of(Reason::RateLimited));
            piece.gone_through(now);
            waits.extend(piece.due_at.map(|due| now.until(due).as_secs()));
        }
        assert_eq!(waits, [30, 60, 120, 240, 480]);
        assert!(
            matches!(&piece.entries[0].outcome, Outcome::Refused { rejection, .. } if rejection.reason == Reason::RateLimited)
        );
        // A provider that cannot be reached is waited for, and so is the end of a long wait it asks for.
        let mut down = Outcome::fresh();
        for _ in 0..20 {
            down = down.refused_again(Rejection::of(Reason::ProviderDown));
        }
        assert!(down.is_open());
        let long = Rejection { retry_after_seconds: Some(100_000), ..Rejection::of(Reason::RateLimited) };
        piece.entries[0].outcome = Outcome::Queued { refusals: 1, last: Some(long) };
        piece.gone_through(now);
        assert_eq!(piece.due_at.map(|due| now.until(due).as_secs()), Some(3600));
    }

    #[test]
    fn it_goes_on_for_a_day_unless_somebody_ends_it() {
        let at = |millis| Timestamp::from_millis(millis);
        let day = i64::try_from(VALID.as_millis()).unwrap();
        let mut running = broadcast(5);
        assert_eq!(running.over(at(day + 4)), None);
        assert_eq!(running.over(at(day + 5)), Some(Outcome::Dropped { why: Dropped::Late }));
        running.course = Course::Cancelled { at: at(6) };
        assert_eq!(running.over(at(7)), Some(Outcome::Dropped { why: Dropped::Cancelled }));
    }

    #[test]
    fn only_what_everybody_would_meet_stops_it() {
        let coded = |reason, code| Rejection {
            provider_code: Some(ProviderCode::Number(code)),
            ..Rejection::of(reason)
        };
        assert!(concerns_all(&coded(Reason::TemplateProblem, 132_015)));
        assert!(concerns_all(&coded(Reason::RateLimited, 131_048)));
        assert!(concerns_all(&Rejection::of(Reason::LowBalance)));
        assert!(concerns_all(&Rejection::of(Reason::ChannelDisabled)));
        assert!(concerns_all(&coded(Reason::AccountBlocked, 131_031)));
        assert!(concerns_all(&Rejection::of(Reason::AccountBlocked)));
        assert!(!concerns_all(&coded(Reason::AccountBlocked, 130_497)));
        assert!(!concerns_all(&coded(Reason::TemplateProblem, 132_012)));
        assert!(!concerns_all(&coded(Reason::RateLimited, 131_056)));
        assert!(!concerns_all(&coded(Reason::RecipientUnreachable, 131_026)));
    }
}
