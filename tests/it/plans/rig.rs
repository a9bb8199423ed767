//! A backend of separate functions, on which plans are carried out one after the other.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use ventanilla::{
    domain::{
        attempt::{GRACE, LEASE},
        caller::KeyHash,
        channel::Access,
    },
    ports::{
        clock::{Clock, Deadline},
        credentials::Freshness,
        queue::{Job, Queue},
    },
    usecases::reconcile::Swept,
};
use ventanilla_local::functions::Functions;
use ventanilla_sandbox::{Fault as ProviderFault, FaultRule};

use super::{
    controls::Path,
    gate::{Gate, Manner},
    judge::{Note, Verdict, judge},
    trouble::{Part, Seen, Trouble},
    way::{Case, Way},
};
use crate::harness::{Actor, Carrier, DEMO_KEY, Fault, Stand, event};

/// Sweeps in which a plan must come to rest after the last trouble that a sweep met.
const REST: u32 = 6;

/// Sweeps after which a plan that is not at rest counts as stuck.
const MOST_SWEEPS: u32 = 12;

/// A plan that was carried out.
pub(super) struct Run {
    pub(super) seen: Seen,
    pub(super) verdict: Verdict,
}

/// Where the webhooks are held meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Callbacks {
    /// They come through as they are made.
    Come,
    /// They wait at the gate.
    Wait,
}

/// The last response that the client got.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Told {
    /// What a request that was processed says of its one recipient, as if they had been sent to alone.
    fn of_recipient(result: &Value) -> Self {
        let status = match result["code"].as_str() {
            None if result["success"] == true => StatusCode::OK,
            Some("request_in_progress") => StatusCode::CONFLICT,
            Some("rate_limited") => StatusCode::TOO_MANY_REQUESTS,
            Some(
                "outcome_unknown" | "sent_not_recorded" | "provider_fault" | "unavailable" | "provider_down",
            ) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { status, body: result.clone() }
    }

    /// What our own contract says of a message: one that may or may not have gone out is no failure there, and counts
    /// as the same that the other contracts tell as one.
    fn of_message(status: StatusCode, message: &Value) -> Self {
        let (status, code) = match status {
            StatusCode::ACCEPTED => {
                assert_eq!(message["status"], "unknown", "{message}");
                (StatusCode::BAD_GATEWAY, "outcome_unknown".into())
            }
            StatusCode::CREATED => (status, Value::Null),
            _ => return Self { status, body: message.clone() },
        };
        Self { status, body: json!({ "code": code, "message_id": message["id"] }) }
    }
}

/// A backend with a function for each part, each with a way to the store of its own.
pub(super) struct Rig {
    pub(super) stand: Stand,
    sender: Actor,
    hook: Arc<Actor>,
    sweeper: Actor,
    worker: Actor,
    gate: Gate,
    pub(super) plans: u32,
    path: Path,
    carrier: Carrier,
}

impl Rig {
    pub(super) async fn start(path: Path, carrier: Carrier) -> Self {
        let stand = Stand::start_with(carrier.config()).await;
        let mut sender = stand.actor().await;
        sender.functions = path.fitted(sender.functions);
        let (hook, sweeper) = (Arc::new(stand.actor().await), stand.actor().await);
        let gate = Gate::start(Arc::clone(&hook)).await;
        let worker = stand.actor().await;
        // There is a copy of the templates, so that none of the plans has to make one.
        stand.api.get("/api/whatsapp/templates").await;
        let rig = Self { stand, sender, hook, sweeper, worker, gate, plans: 0, path, carrier };
        rig.lead_callbacks_to_the_gate().await;
        rig
    }

    /// Kaleyra's V1 gets the URL for statuses with every message; the others have one URL.
    async fn lead_callbacks_to_the_gate(&self) {
        let url = format!("{}{}", self.gate.url, self.carrier.callback_path());
        assert!(self.stand.running.sandbox.set_webhook_url(self.carrier.number(), url));
        let directory = &self.stand.running.functions.app.core.ports.directory;
        let channel = directory.channel(&Stand::tenant(), "1".parse().unwrap()).await.unwrap();
        let mut channel = channel.unwrap();
        if let Access::Kaleyra(access) = &mut channel.access {
            access.callback_base_url = Some(self.gate.url.clone());
            self.stand.running.table.put_channel(&channel).await.unwrap();
        }
    }

    /// Lets every function look up who calls and through which channel, so that the calls counted are those
    /// of warm functions in every plan: what is remembered of the plan before is too old.
    async fn warm_up(&self) {
        let (tenant, channel) = (Stand::tenant(), "1".parse().unwrap());
        let key = KeyHash::of(DEMO_KEY).unwrap();
        for actor in [&self.sender, &self.hook, &self.sweeper, &self.worker] {
            let directory = &actor.functions.app.core.ports.directory;
            assert!(directory.api_key(&key, Freshness::Cached).await.unwrap().is_some());
            assert!(directory.tenant(&tenant).await.unwrap().is_some());
            let channel = directory.channel(&tenant, channel).await.unwrap().unwrap();
            assert!(
                directory.channel_of_inbound_address(&channel.inbound_address()).await.unwrap().is_some()
            );
        }
    }

    /// A customer and a text of its own, with the conversation that the way needs.
    async fn case(&mut self, way: Way) -> Case {
        self.plans += 1;
        let number = format!("+502{:08}", 10_000_000 + self.plans);
        let text = format!("message of plan {}", self.plans);
        self.gate.set(Manner::AsTheyCome);
        let phone = format!("/sandbox/phones/{number}");
        // Two statuses are as good as three, and half as many calls to disturb.
        let set = json!({ "reach": "delivered" }).to_string().into_bytes();
        let answer = self.stand.api.call(http::Method::PUT, &phone, &[], set).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        let mut conversation = 0;
        if way.known() {
            conversation = self.stand.customer_writes(&number, "hola").await;
        } else if way.to_unheard_of() {
            self.stand.window_opens(&number).await;
        }
        self.warm_up().await;
        Case { carrier: self.carrier, way, number, text, conversation }
    }

    /// Carries a plan out, lets everything come to rest, and compares.
    pub(super) async fn play(&mut self, way: Way, plan: &[Trouble]) -> Run {
        let case = self.case(way).await;
        self.arm(&case, plan);
        let mut told = if way.inbound() {
            let path = format!("/sandbox/phones/{}/messages", case.number);
            self.stand.api.post(&path, &json!({ "text": case.text })).await;
            None
        } else {
            self.send(&case).await
        };
        self.work().await;
        let late = plan.contains(&Trouble::Callbacks(Manner::Late));
        if !late {
            self.stand.running.sandbox.until_idle().await;
        }
        let mut rested = self.sweep_until_rest(if late { Callbacks::Wait } else { Callbacks::Come }).await;
        if late {
            self.gate.release();
            self.stand.running.sandbox.until_idle().await;
            rested = self.sweep_until_rest(Callbacks::Come).await;
        }
        let (sender, hook) = (self.sender.tap.seen(), self.hook.tap.seen());
        let (sweeper, worker) = (self.sweeper.tap.seen(), self.worker.tap.seen());
        let seen = Seen { sender, hook, sweeper, worker };
        let taps = [&self.sender.tap, &self.hook.tap, &self.sweeper.tap, &self.worker.tap];
        let phantoms = taps.iter().map(|tap| tap.phantoms()).sum();
        let unmet = taps.iter().any(|tap| tap.faults_left() > 0);
        for tap in taps {
            tap.by_number(&[]);
        }
        if let Some(begun) = told.take_if(|told| told.status == StatusCode::ACCEPTED) {
            told = Some(self.became(&begun).await);
        }
        let mut verdict = judge(&self.stand, &case, plan, told.as_ref(), rested).await;
        verdict.phantoms = phantoms;
        verdict.notes.extend(unmet.then_some(Note::Unmet));
        Run { seen, verdict }
    }

    fn arm(&self, case: &Case, plan: &[Trouble]) {
        let of = |part: Part| {
            let faults = plan.iter().filter_map(|trouble| match trouble {
                Trouble::Store(at, number, fault) if *at == part => Some((*number, *fault)),
                _ => None,
            });
            faults.collect::<Vec<(usize, Fault)>>()
        };
        let mut sender = of(Part::Sender);
        if matches!(case.way, Way::Abandoned | Way::AbandonedUnsent) {
            // The intent, the conversation, then the commit. A trouble of the plan at that call goes first.
            sender.insert(0, (2, Fault::CrashBefore));
        }
        self.sender.tap.by_number(&sender);
        self.hook.tap.by_number(&of(Part::Hook));
        self.sweeper.tap.by_number(&of(Part::Sweeper));
        self.worker.tap.by_number(&of(Part::Worker));
        let script = |fault: ProviderFault| {
            self.stand.running.sandbox.inject(FaultRule::new(fault).to(&case.number));
        };
        if case.way == Way::AbandonedUnsent {
            script(ProviderFault::Cut { accepted: false });
        }
        for trouble in plan {
            match trouble {
                Trouble::Provider(fault) => script(fault.clone()),
                Trouble::Callbacks(manner) => self.gate.set(*manner),
                Trouble::Store(..) => {}
            }
        }
    }

    /// The client sends, and without an answer, or with one that invites it, tries again a minute later:
    /// under a key, for that is safe.
    async fn send(&self, case: &Case) -> Option<Told> {
        let mut told = self.send_once(case).await;
        for _ in 0..3 {
            let again = told.as_ref().is_none_or(|told| {
                told.status.is_server_error() || [409, 429].contains(&told.status.as_u16())
            });
            if !(case.way.keyed() && again) {
                break;
            }
            self.stand.clock.advance(Duration::from_mins(1));
            told = self.send_once(case).await;
        }
        told
    }

    /// Sends once, in a future that a crash drops as a killed function would.
    async fn send_once(&self, case: &Case) -> Option<Told> {
        let response = tokio::select! {
            answered = self.path.serve(&self.sender.functions, case) => answered,
            () = self.sender.tap.crash() => return None,
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let told = Told { status: parts.status, body: serde_json::from_slice(&body).unwrap_or_default() };
        Some(match told.status {
            StatusCode::OK if case.way.templated() => Told::of_recipient(&told.body["results"][0]),
            status if case.way.answers_with_the_message() => Told::of_message(status, &told.body),
            _ => told,
        })
    }

    /// Gives what is in the queue to the worker. What it dies on or fails with comes again with the next sweep.
    /// Says how many jobs there were.
    async fn work(&self) -> usize {
        let jobs =
            [&self.sender, &self.sweeper, &self.worker].into_iter().flat_map(|actor| actor.queue.take());
        let jobs: Vec<Job> = jobs.collect();
        let deadline = Deadline(self.stand.clock.now().plus(Duration::from_secs(50)));
        let left: Vec<Job> = tokio::select! {
            response = worker::handle(&self.worker.functions.worker, event(&jobs), deadline) => {
                let failed = response.batch_item_failures.iter();
                failed.map(|it| jobs[it.item_identifier.parse::<usize>().unwrap()].clone()).collect()
            }
            () = self.worker.tap.crash() => jobs.clone(),
        };
        self.worker.queue.put(&left).await.unwrap();
        jobs.len()
    }

    /// What became of a broadcast to one, as it shows when all is at rest.
    async fn became(&self, begun: &Told) -> Told {
        let id = begun.body["id"].as_str().map(str::to_owned);
        let id = id.unwrap_or_else(|| begun.body["summary"]["jobId"].to_string());
        let shown = self.stand.api.get(&format!("/v1/broadcasts/{id}/recipients")).await.json();
        let it = &shown["data"][0];
        let done = it["outcome"] == "accepted";
        let status = if done { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let number =
            it["message_id"].as_str().and_then(|id| id.trim_start_matches("msg_").parse::<u64>().ok());
        Told { status, body: json!({ "code": it["error"]["code"], "message_id": number }) }
    }

    /// Sweeps past lease and grace, as the schedule would, until nothing is left to do. Says whether that
    /// ever was the case. Callbacks that wait at the gate are not waited for.
    async fn sweep_until_rest(&self, callbacks: Callbacks) -> bool {
        let (mut quiet, mut round, mut most) = (0, 0, MOST_SWEEPS);
        while round < most {
            self.stand.clock.advance(if round == 0 { LEASE * 2 } else { GRACE * 2 });
            let faults = self.sweeper.tap.faults_left();
            let swept = self.sweep().await;
            let idle = self.work().await == 0;
            if callbacks == Callbacks::Come {
                self.stand.running.sandbox.until_idle().await;
            }
            // A sweep that met a fault, such as a list that lagged, says nothing.
            let undisturbed = self.sweeper.tap.faults_left() == faults;
            if !undisturbed {
                // However late the trouble came, there is time to come to rest after it.
                most = most.max(round + REST);
            }
            round += 1;
            quiet =
                if undisturbed && idle && swept.is_some_and(|swept| at_rest(&swept)) { quiet + 1 } else { 0 };
            if quiet == 2 && faults == 0 {
                return true;
            }
        }
        quiet > 0
    }

    async fn sweep(&self) -> Option<Swept> {
        let deadline = Deadline(self.stand.clock.now().plus(Duration::from_mins(1)));
        tokio::select! {
            swept = reconcile::handle(&self.sweeper.functions.reconcile, deadline) => swept.ok(),
            () = self.sweeper.tap.crash() => None,
        }
    }
}

/// Whether a sweep found nothing to do for this plan. (Windows of earlier plans close meanwhile.)
fn at_rest(swept: &Swept) -> bool {
    Swept { expiring: 0, put_off: 0, ..*swept } == Swept::default()
}

/// The answer of the real functions.
pub(super) async fn real(functions: &Functions, case: &Case) -> axum::response::Response {
    let router = match case.way {
        Way::SendKnown(_) | Way::SendNew(_) | Way::V1Message(_) | Way::V1Template(_) => functions.send(),
        Way::Template(_) | Way::Broadcast(_) | Way::V1Broadcast(_) => functions.send_template(),
        _ => functions.reply(),
    };
    router.oneshot(case.request()).await.unwrap()
}
