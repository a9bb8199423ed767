//! Broadcasts: processing in the background, after the caller was answered.

use std::{collections::BTreeMap, time::Duration};

use aws_lambda_events::sqs::SqsMessage;
use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use lambda_http::{Context, RequestExt};
use serde_json::{Value, json};
use tower::ServiceExt;
use tracing_subscriber::layer::SubscriberExt;
use ventanilla::{
    domain::{caller::Tenant, conversation::ClosingPolicy},
    metrics::Metrics,
    ports::{
        clock::{Clock, Deadline},
        queue::Job,
    },
};
use ventanilla_sandbox::{CallOutcome, Fault as ProviderFault, FaultRule, LogEntry};

use super::reminder;
use crate::harness::{Actor, DEMO_KEY, Fault, IdNumber as _, Kind, OTHER_KEY, Stand, event, eventually};

const PATH: &str = "/api/whatsapp/send-template";
pub(crate) const LATER: (&str, &str) = ("prefer", "respond-async");

pub(crate) fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|place| format!("+5023100{place:04}")).collect()
}

pub(crate) fn to(numbers: &[String]) -> Value {
    reminder(&numbers.iter().map(String::as_str).collect::<Vec<_>>())
}

/// How often the provider took a message for each number, by digits.
fn taken(stand: &Stand) -> BTreeMap<String, usize> {
    let mut taken = BTreeMap::new();
    for entry in stand.running.sandbox.log() {
        if let LogEntry::Call(call) = entry
            && matches!(call.outcome, CallOutcome::Accepted { .. })
        {
            *taken.entry(call.to.unwrap_or_default()).or_default() += 1;
        }
    }
    taken
}

fn once_each(numbers: &[String]) -> BTreeMap<String, usize> {
    numbers.iter().map(|number| (number[1..].to_owned(), 1)).collect()
}

async fn overview(stand: &Stand, job: &Value) -> Value {
    let answer = stand.api.get(&format!("/v1/broadcasts/{job}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn recipients(stand: &Stand, job: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = stand.api.get(&format!("/v1/broadcasts/{job}/recipients?limit=40{cursor}")).await.json();
        all.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return all };
        cursor = format!("&cursor={next}");
    }
}

async fn done(stand: &Stand, job: &Value) -> Value {
    eventually("the broadcast is done", || async {
        let told = overview(stand, job).await;
        (told["state"] != "running").then_some(told)
    })
    .await
}

/// A function that answers a send request; the rest of it goes into its queue.
pub(crate) async fn ask(actor: &Actor, headers: &[(&str, &str)], body: &Value) -> (StatusCode, Value) {
    ask_at(PATH, actor, headers, body).await
}

/// The same at any of its routes.
pub(crate) async fn ask_at(
    path: &str,
    actor: &Actor,
    headers: &[(&str, &str)],
    body: &Value,
) -> (StatusCode, Value) {
    let mut request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {DEMO_KEY}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let answer = actor.functions.send_template().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Gives jobs to a worker; the ids of those that failed.
pub(crate) async fn work(stand: &Stand, actor: &Actor, jobs: &[Job]) -> Vec<String> {
    let deadline = Deadline(stand.clock.now().plus(Duration::from_secs(50)));
    let response = worker::handle(&actor.functions.worker, event(jobs), deadline).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn a_long_list_is_answered_at_once_and_every_recipient_gets_it_once() {
    let stand = Stand::start().await;
    let mut named = numbers(130);
    named.push("nobody".to_owned());
    named.push(named[3].replace("+502", "+502 "));
    let answer = stand.api.post(PATH, &to(&named)).await;
    let told = answer.json();
    assert_eq!((answer.status.as_u16(), &told["success"]), (202, &json!(true)), "{told}");
    let job = told["summary"]["jobId"].clone();
    assert_eq!(
        told["summary"],
        json!({ "total": 132, "sent": 0, "failed": 2, "unknown": 0, "queued": 130, "jobId": job })
    );
    assert_eq!(answer.headers["location"], format!("/v1/broadcasts/{job}"));
    assert_eq!(told["results"][0]["queued"], true);
    assert_eq!(told["results"][130]["code"], "invalid_request");
    assert_eq!(told["results"][131]["code"], "duplicate_recipient");
    let ended = done(&stand, &job).await;
    assert_eq!(ended["counts"]["accepted"], 130, "{ended}");
    assert_eq!((&ended["counts"]["failed"], &ended["counts"]["total"]), (&json!(2), &json!(132)));
    assert_eq!(taken(&stand), once_each(&named[..130]));
    stand.running.sandbox.until_idle().await;
    let counts = overview(&stand, &job).await["counts"].clone();
    assert_eq!((&counts["delivered"], &counts["read"]), (&json!(130), &json!(130)), "{counts}");
    let each = recipients(&stand, &job).await;
    assert_eq!(each.len(), 132);
    for (place, (told, given)) in each.iter().zip(&named).enumerate().take(130) {
        assert_eq!((&told["phone_number"], &told["outcome"]), (&json!(given), &json!("accepted")));
        assert_eq!((&told["request_id"], &told["status"]), (&json!(123 + place), &json!("read")), "{told}");
        let messages = stand.messages(told["conversation_id"].id_number()).await;
        assert_eq!((messages.len(), &messages[0]["id"]), (1, &told["message_id"]));
    }
    assert_eq!(each[130]["error"]["field"], "phoneNumber");
    assert_eq!(each[131]["error"]["code"], "duplicate_recipient");
}

#[tokio::test]
async fn a_broadcast_is_its_tenant_s_own() {
    let stand = Stand::start().await;
    let told = stand.api.post_with(PATH, &[LATER], &to(&numbers(2))).await;
    assert_eq!(
        (told.status.as_u16(), &told.headers["preference-applied"]),
        (202, &"respond-async".parse().unwrap())
    );
    let job = told.json()["summary"]["jobId"].clone();
    done(&stand, &job).await;
    let foreign = stand.api.with_key(Some(OTHER_KEY));
    for path in [format!("/v1/broadcasts/{job}"), format!("/v1/broadcasts/{job}/recipients")] {
        assert_eq!(foreign.get(&path).await.status, 404);
    }
    assert_eq!(foreign.post(&format!("/v1/broadcasts/{job}/cancel"), &json!({})).await.status, 404);
    assert_eq!(stand.api.get("/v1/broadcasts/7").await.status, 404);
    assert_eq!(stand.api.get("/v1/broadcasts/x").await.json()["field"], "id");
    assert_eq!(
        stand.api.get(&format!("/v1/broadcasts/{job}/recipients?limit=0")).await.json()["field"],
        "limit"
    );
    let cursor = format!("/v1/broadcasts/{job}/recipients?cursor=!");
    assert_eq!(stand.api.get(&cursor).await.json()["field"], "cursor");
}

#[tokio::test]
async fn under_a_key_a_broadcast_starts_once_and_its_repeat_gets_the_progress() {
    let stand = Stand::start().await;
    let key = [("idempotency-key", "campaign-1")];
    let named = numbers(101);
    let first = stand.api.post_with(PATH, &key, &to(&named)).await.json();
    let job = &first["summary"]["jobId"];
    done(&stand, job).await;
    let again = stand.api.post_with(PATH, &key, &to(&named)).await;
    assert_eq!(
        (again.status.as_u16(), &again.headers["idempotent-replayed"]),
        (202, &"true".parse().unwrap())
    );
    let again = again.json();
    assert_eq!((&again["summary"]["jobId"], &again["summary"]["sent"]), (job, &json!(101)), "{again}");
    assert!(again["results"][100]["data"]["messages"][0]["id"].is_string());
    let other = stand.api.post_with(PATH, &key, &to(&named[..100])).await;
    assert_eq!((other.status.as_u16(), &other.json()["code"]), (422, &json!("idempotency_key_reused")));
    assert_eq!(taken(&stand), once_each(&named));
}

#[tokio::test]
async fn two_at_once_under_a_key_begin_one() {
    let stand = Stand::start().await;
    let (one, two) = (stand.actor().await, stand.actor().await);
    let headers = [LATER, ("idempotency-key", "campaign-2")];
    let body = to(&numbers(3));
    let (first, second) = tokio::join!(ask(&one, &headers, &body), ask(&two, &headers, &body));
    assert_eq!(first.1["summary"]["jobId"], second.1["summary"]["jobId"]);
    let jobs = [one.queue.take(), two.queue.take()].concat();
    assert_eq!(jobs.len(), 1);
}

#[tokio::test]
async fn a_job_that_comes_twice_and_to_two_workers_sends_once() {
    let stand = Stand::start().await;
    let (one, two) = (stand.actor().await, stand.actor().await);
    let named = numbers(70);
    let (status, told) = ask(&one, &[LATER], &to(&named)).await;
    assert_eq!(status, 202);
    let jobs = one.queue.take();
    assert_eq!(jobs.len(), 2);
    let none: [String; 0] = [];
    let (first, second) = tokio::join!(work(&stand, &one, &jobs), work(&stand, &two, &jobs));
    assert_eq!((&first[..], &second[..]), (&none[..], &none[..]));
    assert_eq!(work(&stand, &two, &jobs).await, none);
    assert_eq!(taken(&stand), once_each(&named));
    // A recipient that one of them found under way in the other is resolved in a later round.
    let job = told["summary"]["jobId"].clone();
    for _ in 0..3 {
        stand.clock.advance(Duration::from_mins(3));
        reconcile::handle(
            &stand.running.functions.reconcile,
            Deadline(stand.clock.now().plus(Duration::from_mins(1))),
        )
        .await
        .unwrap();
        tokio::task::yield_now().await;
    }
    let ended = done(&stand, &job).await;
    assert_eq!((&ended["counts"]["accepted"], &ended["state"]), (&json!(70), &json!("done")), "{ended}");
    assert_eq!(taken(&stand), once_each(&named));
}

#[tokio::test]
async fn a_piece_that_no_worker_gets_on_with_is_left_to_the_sweep() {
    let metrics = Metrics::of(Some("V".to_owned()));
    let counting = tracing_subscriber::registry().with(metrics.layer());
    let _counting = tracing::subscriber::set_default(counting);
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let (_, told) = ask(&actor, &[LATER], &to(&numbers(2))).await;
    let job = told["summary"]["jobId"].clone();
    let (mut jobs, mut rounds) = (actor.queue.take(), 0);
    while !jobs.is_empty() && rounds < 20 {
        // No time is left to start with any recipient.
        worker::handle(&actor.functions.worker, event(&jobs), Deadline(stand.clock.now())).await;
        (jobs, rounds) = (actor.queue.take(), rounds + 1);
    }
    assert_eq!(rounds, 10);
    let counted = metrics.take("r", stand.clock.now());
    assert_eq!(counted[0]["JobFailed"], 1, "{counted:?}");
    assert_eq!(stand.sweep().await.queued, 0);
    stand.clock.advance(Duration::from_secs(31));
    assert_eq!(stand.sweep().await.queued, 1);
    assert_eq!(done(&stand, &job).await["counts"]["accepted"], 2);
}

#[tokio::test]
async fn a_worker_that_is_killed_half_way_loses_and_doubles_no_message() {
    let stand = Stand::start().await;
    let (asked, killed) = (stand.actor().await, stand.actor().await);
    let named = numbers(20);
    let (_, told) = ask(&asked, &[LATER], &to(&named)).await;
    let jobs = asked.queue.take();
    // Somewhere among the writes of the first few.
    killed.tap.by_number(&[(30, Fault::CrashBefore)]);
    tokio::select! {
        failed = work(&stand, &killed, &jobs) => panic!("it lived: {failed:?}"),
        () = killed.tap.crash() => {}
    }
    let before: usize = taken(&stand).values().sum();
    assert!(before < 20, "{before}");
    // The queue gives the job to another; what the first had in hand is looked at when its lease has ended.
    work(&stand, &asked, &jobs).await;
    for _ in 0..3 {
        stand.clock.advance(Duration::from_mins(20));
        reconcile::handle(
            &stand.running.functions.reconcile,
            Deadline(stand.clock.now().plus(Duration::from_mins(1))),
        )
        .await
        .unwrap();
    }
    let ended = done(&stand, &told["summary"]["jobId"]).await;
    stand.running.sandbox.until_idle().await;
    let each = recipients(&stand, &told["summary"]["jobId"]).await;
    for (told, number) in each.iter().zip(&named) {
        let got = taken(&stand).get(&number[1..]).copied().unwrap_or_default();
        match told["outcome"].as_str().unwrap() {
            "accepted" => assert_eq!(got, 1, "{told}"),
            "unknown" => assert_eq!(got, 0, "no callback came: {told}"),
            other => panic!("{other}: {told} {ended}"),
        }
    }
    assert!(ended["counts"]["accepted"].as_u64().unwrap() >= 10, "{ended}");
}

#[tokio::test]
async fn a_start_of_unknown_outcome_is_reported_as_such_and_can_be_looked_up() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    // What it calls when it is warm, to know which call writes the broadcast down.
    for _ in 0..2 {
        actor.tap.by_number(&[]);
        assert_eq!(ask(&actor, &[LATER], &to(&numbers(2))).await.0, 202);
    }
    let writes = actor.tap.seen().iter().position(|kind| *kind == Kind::Transaction).unwrap();
    // A write that is lost, and a look after it that cannot be had.
    let lost = |fault| [(writes, fault), (writes + 1, Fault::Outage)];
    for (fault, begun) in [(Fault::Blackout, true), (Fault::Outage, false)] {
        actor.tap.by_number(&lost(fault));
        let (status, told) = ask(&actor, &[LATER], &to(&numbers(2))).await;
        assert_eq!((status.as_u16(), &told["code"]), (502, &json!("outcome_unknown")), "{told}");
        let asked = stand.api.get(&format!("/v1/broadcasts/{}", told["jobId"])).await;
        assert_eq!(asked.status.as_u16(), if begun { 200 } else { 404 }, "{fault:?} {}", asked.text);
    }
    // Where the read succeeds and finds it, the outcome is not unknown.
    actor.tap.by_number(&[(writes, Fault::Blackout)]);
    assert_eq!(ask(&actor, &[LATER], &to(&numbers(2))).await.0, 202);
}

#[tokio::test]
async fn the_sweep_queues_broadcasts_that_were_never_queued() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    actor.queue.breaks();
    let named = numbers(3);
    let (status, told) = ask(&actor, &[LATER], &to(&named)).await;
    assert_eq!(status, 202, "{told}");
    assert_eq!(taken(&stand), BTreeMap::new());
    stand.clock.advance(Duration::from_mins(3));
    assert_eq!(stand.sweep().await.queued, 1);
    done(&stand, &told["summary"]["jobId"]).await;
    assert_eq!(taken(&stand), once_each(&named));
    assert_eq!(stand.sweep().await.queued, 0);
}

#[tokio::test]
async fn a_temporary_rejection_is_tried_again_and_delays_no_other() {
    let stand = Stand::start().await;
    let named = numbers(3);
    let busy = ProviderFault::RateLimit { retry_after: None };
    stand.running.sandbox.inject(FaultRule::new(busy).to(&named[1]));
    let told = stand.api.post_with(PATH, &[LATER], &to(&named)).await.json();
    let job = &told["summary"]["jobId"];
    let sent = |count: usize| {
        let stand = &stand;
        move || async move {
            let told = overview(stand, job).await;
            (told["counts"]["accepted"] == count).then_some(told)
        }
    };
    let first = eventually("the others are sent", sent(2)).await;
    assert_eq!((&first["state"], &first["counts"]["queued"]), (&json!("running"), &json!(1)));
    assert_eq!(recipients(&stand, job).await[1]["error"]["code"], "rate_limited");
    stand.clock.advance(Duration::from_secs(29));
    assert_eq!(stand.sweep().await.queued, 0);
    stand.clock.advance(Duration::from_secs(2));
    assert_eq!(stand.sweep().await.queued, 1);
    eventually("the third is sent", sent(3)).await;
    assert_eq!(taken(&stand), once_each(&named));
}

#[tokio::test]
async fn a_rejection_that_concerns_all_recipients_stops_it() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let named = numbers(120);
    let (_, told) = ask(&actor, &[LATER], &to(&named)).await;
    let paused = ProviderFault::Refuse { code: 132_015, http_status: None, details: None };
    for number in &named {
        stand.running.sandbox.inject(FaultRule::new(paused.clone()).to(number));
    }
    // What was not begun when it was stopped comes once more, and ends.
    for _ in 0..2 {
        assert_eq!(work(&stand, &actor, &actor.queue.take()).await.len(), 0);
    }
    let job = &told["summary"]["jobId"];
    let ended = overview(&stand, job).await;
    assert_eq!(
        (&ended["state"], &ended["stopped_by"]["provider_code"]),
        (&json!("stopped"), &json!(132_015))
    );
    let counts = &ended["counts"];
    let (failed, not_begun) = (counts["failed"].as_u64().unwrap(), counts["not_begun"].as_u64().unwrap());
    assert!(failed + not_begun == 120 && not_begun > 20, "{ended}");
    // How many were started before the first rejection arrived depends on the speed of the machine.
    let told = recipients(&stand, job).await;
    let not_begun = told.iter().filter(|it| it["outcome"] == "not_begun");
    assert!(not_begun.clone().all(|it| it["error"]["code"] == "template_problem"), "{told:?}");
    assert_eq!(counts["not_begun"], not_begun.count());
    assert_eq!(taken(&stand), BTreeMap::new());
}

#[tokio::test]
async fn a_cancelled_one_ends_for_recipients_not_started_and_reports_the_others_correctly() {
    let stand = Stand::start().await;
    let (asked, killed) = (stand.actor().await, stand.actor().await);
    let named = numbers(12);
    let (_, told) = ask(&asked, &[LATER], &to(&named)).await;
    let jobs = asked.queue.take();
    killed.tap.by_number(&[(25, Fault::CrashBefore)]);
    tokio::select! {
        _ = work(&stand, &killed, &jobs) => panic!("it lived"),
        () = killed.tap.crash() => {}
    }
    let job = &told["summary"]["jobId"];
    let cancelled = stand.api.post(&format!("/v1/broadcasts/{job}/cancel"), &json!({})).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json()["state"]), (200, &json!("cancelled")));
    stand.running.sandbox.until_idle().await;
    for _ in 0..3 {
        stand.clock.advance(Duration::from_mins(20));
        stand.sweep().await;
    }
    eventually("nothing is open", || async {
        (overview(&stand, job).await["counts"]["queued"] == 0).then_some(())
    })
    .await;
    let taken = taken(&stand);
    for told in recipients(&stand, job).await {
        let got = taken.get(&told["phone_number"].as_str().unwrap()[1..]).copied().unwrap_or_default();
        match told["outcome"].as_str().unwrap() {
            "accepted" => assert_eq!(got, 1, "{told}"),
            "not_begun" | "unknown" => assert_eq!(got, 0, "{told}"),
            other => panic!("{other}"),
        }
    }
    assert!(taken.len() < 12);
    // Once more changes nothing.
    let again = stand.api.post(&format!("/v1/broadcasts/{job}/cancel"), &json!({})).await.json();
    assert_eq!(again["state"], "cancelled");
}

#[tokio::test]
async fn one_that_is_done_cannot_be_cancelled_any_more() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let (_, told) = ask(&actor, &[LATER], &to(&numbers(2))).await;
    let job = &told["summary"]["jobId"];
    work(&stand, &actor, &actor.queue.take()).await;
    let late = stand.api.post(&format!("/v1/broadcasts/{job}/cancel"), &json!({})).await.json();
    assert_eq!((&late["state"], &late["counts"]["accepted"]), (&json!("done"), &json!(2)));
    // After a month it cannot be read, whatever rows are left.
    stand.clock.advance(Duration::from_hours(30 * 24));
    assert_eq!(stand.api.get(&format!("/v1/broadcasts/{job}")).await.status, 404);
}

#[tokio::test]
async fn a_tenant_without_a_channel_gets_that_error_and_a_failing_job_delays_no_other() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let (_, lost) = ask(&actor, &[LATER], &to(&numbers(2))).await;
    let jobs = actor.queue.take();
    // The first look of the worker fails: the job is done with for the queue, and due for the sweep.
    let failing = stand.actor().await;
    failing.tap.by_number(&[(0, Fault::Outage)]);
    assert_eq!(work(&stand, &failing, &jobs).await, Vec::<String>::new());
    assert_eq!(overview(&stand, &lost["summary"]["jobId"]).await["counts"]["queued"], 2);
    let nowhere = Tenant {
        id: Stand::tenant(),
        default_channel: "999".parse().unwrap(),
        handoff_phrases: Vec::new(),
        closing: ClosingPolicy::default(),
        bot: false,
    };
    stand.running.table.put_tenant(&nowhere).await.unwrap();
    let later = stand.actor().await;
    assert_eq!(work(&stand, &later, &jobs).await, Vec::<String>::new());
    let each = recipients(&stand, &lost["summary"]["jobId"]).await;
    assert!(
        each.iter().all(|it| it["outcome"] == "failed" && it["error"]["code"] == "not_found"),
        "{each:?}"
    );
}

#[tokio::test]
async fn a_broadcast_that_is_a_day_old_is_not_started_any_more() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let (_, told) = ask(&actor, &[LATER], &to(&numbers(2))).await;
    stand.clock.advance(Duration::from_hours(24));
    work(&stand, &actor, &actor.queue.take()).await;
    let ended = overview(&stand, &told["summary"]["jobId"]).await;
    assert_eq!((&ended["state"], &ended["counts"]["not_begun"]), (&json!("done"), &json!(2)), "{ended}");
    assert_eq!(taken(&stand), BTreeMap::new());
}

#[tokio::test]
async fn recipients_without_time_in_the_call_are_continued_later() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let named = numbers(5);
    // One of them takes all the time that there is: each has its own slot, but the store is slow for all.
    let mut context = Context::default();
    let soon = stand.clock.now().plus(Duration::from_secs(7));
    context.deadline = u64::try_from(soon.millis()).unwrap();
    let request = Request::post(PATH)
        .header(header::AUTHORIZATION, format!("Bearer {DEMO_KEY}"))
        .header("idempotency-key", "campaign-9")
        .body(Body::from(to(&named).to_string()))
        .unwrap()
        .with_lambda_context(context);
    let answer = actor.functions.send_template().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 202);
    let told: Value =
        serde_json::from_slice(&answer.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!((&told["summary"]["queued"], &told["summary"]["sent"]), (&json!(5), &json!(0)), "{told}");
    work(&stand, &actor, &actor.queue.take()).await;
    assert_eq!(taken(&stand), once_each(&named));
    let (status, again) = ask(&actor, &[("idempotency-key", "campaign-9")], &to(&named)).await;
    assert_eq!((status.as_u16(), &again["summary"]["sent"]), (202, &json!(5)));
    assert_eq!(taken(&stand), once_each(&named));
}

#[tokio::test]
async fn a_message_of_the_queue_that_cannot_be_read_fails_alone() {
    let stand = Stand::start().await;
    let actor = stand.actor().await;
    let named = numbers(2);
    let (_, told) = ask(&actor, &[LATER], &to(&named)).await;
    let mut mixed = event(&actor.queue.take());
    let mut broken = SqsMessage::default();
    broken.message_id = Some("broken".to_owned());
    broken.body = Some("{}".to_owned());
    mixed.records.insert(0, broken);
    let deadline = Deadline(stand.clock.now().plus(Duration::from_secs(50)));
    let response = worker::handle(&actor.functions.worker, mixed, deadline).await;
    let failed: Vec<&str> =
        response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect();
    assert_eq!(failed, ["broken"]);
    assert_eq!(overview(&stand, &told["summary"]["jobId"]).await["counts"]["accepted"], 2);
}
