//! Carrying out a piece of a broadcast. It may be begun any number of times, also by several at once: the key
//! of each recipient sees to it that they get the message once, and what either settles is settled.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        attempt::{Attempt, State},
        broadcast::{Broadcast, EntryRecipient, GoesOn, Outcome, Own, Piece, PieceId, concerns_all, passes},
        event::EventKind,
        rejection::{Reason, Rejection},
    },
    ports::{
        broadcasts::Broadcasts as BroadcastRecords,
        clock::Deadline,
        directory::Directory,
        files::Files as FileStore,
        queue::{Job, Queue},
        store::{Record, StoreError, Write},
    },
    usecases::{
        Broadcasts, Context, Ports, Sending,
        sending::{Common, Individual, ManyCommand, Pace, SendError},
        until_committed::Decision,
    },
};

/// Whether a piece came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// Everybody was tried, or there is no such piece any more.
    Done,
    /// Some are left, and it is seen to that somebody goes on.
    Left,
    /// Some are left, and too many workers in a row came to none of them. The sweep goes on with it, less and less
    /// often, until the broadcast is over.
    Stuck,
}

/// How far a look at a piece's recipients came.
enum Reached {
    /// All of them had their turn.
    End,
    /// For some there was no time.
    Part,
}

/// Sends to the open recipients of a batch of a broadcast.
#[derive(Clone)]
pub struct BatchRunner {
    pub(crate) ctx: Arc<Context>,
    pub(crate) broadcast_records: Arc<dyn BroadcastRecords>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) broadcasts: Broadcasts,
    pub(crate) sending: Sending,
}

impl BatchRunner {
    /// Builds it of these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>, queue: &Arc<dyn Queue>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            broadcast_records: Arc::clone(&ports.broadcast_records),
            directory: Arc::clone(&ports.directory),
            queue: Arc::clone(queue),
            broadcasts: Broadcasts::new(ports, file_store, queue),
            sending: Sending::new(ports, file_store),
        }
    }
}

impl BatchRunner {
    /// Sends to those of a piece who were not tried yet.
    ///
    /// # Errors
    /// When the store or the queue fails: the piece is then to be carried out again.
    pub async fn carry_out(
        &self,
        id: &PieceId,
        pace: &Arc<Pace>,
        deadline: Deadline,
    ) -> Result<Carried, StoreError> {
        let (broadcast, piece) = tokio::join!(
            self.broadcast_records.broadcast(&id.tenant, id.broadcast),
            self.broadcast_records.piece(id)
        );
        let (Some(broadcast), Some(mut piece)) = (broadcast?, piece?) else { return Ok(Carried::Done) };
        if piece.is_done() {
            return Ok(Carried::Done);
        }
        let open_before = piece.open();
        let reached = match broadcast.over(self.ctx.ids.now()) {
            Some(over) => self.end_open(&broadcast, &mut piece, &over).await?,
            None => self.send_open(&broadcast, &mut piece, pace, deadline).await?,
        };
        let left = match reached {
            Reached::End => {
                piece.gone_through(self.ctx.ids.now());
                None
            }
            Reached::Part => Some(piece.left(open_before, self.ctx.ids.now())),
        };
        let piece = self.keep_piece(piece).await?;
        if piece.is_done() {
            return Ok(Carried::Done);
        }
        match left {
            None => Ok(Carried::Left),
            Some(GoesOn::Later) => Ok(Carried::Stuck),
            Some(GoesOn::AtOnce) => {
                let again = [Job::BroadcastPiece(id.clone())];
                self.queue.put(&again).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
                Ok(Carried::Left)
            }
        }
    }

    async fn send_open(
        &self,
        broadcast: &Broadcast,
        piece: &mut Piece,
        pace: &Arc<Pace>,
        deadline: Deadline,
    ) -> Result<Reached, StoreError> {
        let (places, recipients) = open(piece);
        let command = ManyCommand {
            tenant: broadcast.tenant.clone(),
            content: broadcast.content.clone(),
            channel: broadcast.channel,
            recipients,
            sent_by: broadcast.sent_by.clone(),
            broadcast: Some(broadcast.id),
            key: Some(broadcast.key.clone()),
            deadline,
        };
        let pace = self.pace_of(broadcast, pace).await?;
        let outcomes = self.sending.send_to_many(&command, &pace).await;
        let mut reached = Reached::End;
        let mut common = None;
        for (place, individual) in places.into_iter().zip(outcomes) {
            let Some(entry) = piece.entries.get_mut(place) else { continue };
            if let Individual::Tried(answer) = &individual
                && let Err(SendError::Rejected(rejection)) = &answer.outcome
                && concerns_all(rejection)
            {
                common = Some(rejection.clone());
            }
            match settled(&entry.outcome, individual) {
                Some(outcome) => entry.outcome = outcome,
                None => reached = Reached::Part,
            }
        }
        self.name_faults(broadcast, piece).await?;
        let Some(rejection) = common else { return Ok(reached) };
        let stopped = self.broadcasts.stop_broadcast(broadcast, &rejection).await?;
        match stopped.and_then(|it| it.over(self.ctx.ids.now())) {
            Some(over) => self.end_open(broadcast, piece, &over).await,
            None => Ok(reached),
        }
    }

    /// The pace at which a broadcast goes on: that of the default channel, which the tenant's jobs share, unless it goes
    /// out on another.
    async fn pace_of(&self, broadcast: &Broadcast, shared: &Arc<Pace>) -> Result<Arc<Pace>, StoreError> {
        let Some(chosen) = broadcast.channel else { return Ok(Arc::clone(shared)) };
        let channel = self.directory.channel(&broadcast.tenant, chosen).await?;
        // Without a channel every recipient is refused, at whatever pace.
        let gap = channel.map_or(Duration::ZERO, |channel| channel.pace());
        Ok(Arc::new(Pace::new(gap, Common::Halt)))
    }

    /// Notes which messages failed by a fault of the provider's own: a callback may still say otherwise.
    async fn name_faults(&self, broadcast: &Broadcast, piece: &mut Piece) -> Result<(), StoreError> {
        for entry in &mut piece.entries {
            let own = entry.own();
            if let (Some(recipient), Outcome::Refused { message: message @ None, rejection }) =
                (entry.recipient(), &mut entry.outcome)
                && rejection.reason == Reason::ProviderFault
            {
                let attempt = self.sending.begun_for(broadcast, &recipient, &own).await?;
                *message = attempt.map(|attempt| attempt.address.id);
            }
        }
        Ok(())
    }

    /// Ends a broadcast for those of a piece who were not begun. A worker that was killed may have begun some:
    /// what became of these is looked up.
    async fn end_open(
        &self,
        broadcast: &Broadcast,
        piece: &mut Piece,
        over: &Outcome,
    ) -> Result<Reached, StoreError> {
        for entry in piece.entries.iter_mut().filter(|entry| entry.outcome.is_open()) {
            let Some(recipient) = entry.recipient() else { continue };
            match self.sending.begun_for(broadcast, &recipient, &entry.own()).await? {
                None => entry.outcome = over.clone(),
                Some(attempt) => {
                    if let Some(outcome) = self.became(&attempt) {
                        entry.outcome = outcome;
                    }
                }
            }
        }
        Ok(Reached::End)
    }

    /// What an attempt came to; none while it is under way.
    fn became(&self, attempt: &Attempt) -> Option<Outcome> {
        let address = attempt.address;
        match &attempt.state {
            State::Sending { lease_until } if *lease_until > self.ctx.ids.now() => None,
            State::Accepted { wamid } => Some(Outcome::Sent {
                message: address.id,
                conversation: Some(address.conversation),
                wamid: Some(wamid.clone()),
            }),
            State::Rejected { rejection } => {
                Some(Outcome::Refused { message: Some(address.id), rejection: rejection.clone() })
            }
            State::Sending { .. }
            | State::Unknown { .. }
            | State::Repeating { .. }
            | State::Unresolved { .. } => Some(Outcome::Unknown { message: Some(address.id) }),
        }
    }

    /// Writes down what became of a piece, together with what others may have made of it meanwhile.
    async fn keep_piece(&self, piece: Piece) -> Result<Piece, StoreError> {
        let ours = &piece.clone();
        self.ctx
            .until_committed_from(piece, |piece| async move {
                let piece = match piece {
                    Some(piece) => piece,
                    None => match self.broadcast_records.piece(&ours.id).await? {
                        Some(theirs) => ours.clone().joined(&theirs),
                        None => return Ok(Decision::Done(ours.clone())),
                    },
                };
                let mut changes = vec![Write::Put(Record::Piece(piece.clone()))];
                if piece.is_done() {
                    let kind = EventKind::BroadcastProgressed { broadcast: piece.id.broadcast };
                    changes.push(Write::Put(Record::Event(self.ctx.event(&piece.id.tenant, kind))));
                }
                Ok(Decision::Commit(changes, piece))
            })
            .await
    }
}

/// Those of a piece whose turn is to come, and their places.
fn open(piece: &Piece) -> (Vec<usize>, Vec<(EntryRecipient, Own)>) {
    let entries = piece.entries.iter().enumerate().filter(|(_, entry)| entry.outcome.is_open());
    entries.filter_map(|(place, entry)| Some((place, (entry.recipient()?, entry.own())))).unzip()
}

/// What became of a recipient by this try; none where their turn did not come.
fn settled(before: &Outcome, individual: Individual) -> Option<Outcome> {
    let answer = match individual {
        Individual::Tried(answer) => answer,
        // It is on record under its key: going on tells.
        Individual::NotBegun | Individual::BrokeOff | Individual::WouldBeSent => return None,
    };
    Some(match answer.outcome {
        Ok(sent) => Outcome::Sent { message: sent.id, conversation: sent.conversation, wamid: sent.wamid },
        Err(SendError::Unknown(message)) => Outcome::Unknown { message: Some(message) },
        Err(SendError::Rejected(rejection)) if passes(&rejection) => before.refused_again(rejection),
        Err(SendError::Rejected(rejection)) => Outcome::Refused { message: None, rejection },
        Err(SendError::KeyReused) => Outcome::Refused {
            message: None,
            rejection: Reason::InvalidInput.because("the idempotency key was used for a different request"),
        },
        Err(SendError::NoChannel | SendError::ConversationNotFound) => {
            Outcome::Refused { message: None, rejection: Rejection::of(Reason::NotFound) }
        }
        // Somebody is at it, or nothing was sent: the next round tells.
        Err(SendError::InProgress | SendError::Store(_)) => before.clone(),
    })
}
