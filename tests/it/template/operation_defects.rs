//! Defects of the logs, queues and alarms.

use serde_json::json;

use super::seed::{Defect, remove, set};

pub(crate) const DEFECTS: &[Defect] = &[
    ("logs expire and are encrypted with our key", "a log kept for ever", |t| {
        remove(t, "Resources/ReplyLogs/Properties", "RetentionInDays");
    }),
    ("logs expire and are encrypted with our key", "a log under the default key", |t| {
        remove(t, "Resources/AccessLogs/Properties", "KmsKeyId");
    }),
    ("access logs are kept for 90 days", "a week of access logs", |t| {
        set(t, "Resources/AccessLogs/Properties/RetentionInDays", &json!(7));
    }),
    ("queues are encrypted and refuse plain text connections", "a queue in the clear", |t| {
        remove(t, "Resources/ReconcileDlq/Properties", "KmsMasterKeyId");
    }),
    ("queues are encrypted and refuse plain text connections", "no TLS-only policy", |t| {
        remove(t, "Resources", "ReconcileDlqPolicy");
    }),
    ("failed sweeps are kept in a queue", "a schedule without a queue", |t| {
        remove(t, "Resources/Reconcile/Properties/Events/EveryMinute/Properties", "DeadLetterConfig");
    }),
    ("failed sweeps are kept in a queue", "a sweep that fails unseen", |t| {
        remove(t, "Resources/Reconcile/Properties", "EventInvokeConfig");
    }),
    ("every dead-letter queue has a depth alarm", "the depth alarm removed", |t| {
        remove(t, "Resources", "ReconcileDlqDepth");
    }),
    ("every function has alarms for errors, throttles and slowness", "no error alarm", |t| {
        remove(t, "Resources", "WebhookErrors");
    }),
    ("every function has alarms for errors, throttles and slowness", "an alarm left behind", |t| {
        set(t, "Resources/Reply/Properties/Timeout", &json!(20));
    }),
    ("what only the log tells is counted and rings", "a log that is not counted", |t| {
        remove(t, "Resources", "ReconcileOutcomeUnknownCount");
    }),
    ("what only the log tells is counted and rings", "a count nobody watches", |t| {
        remove(t, "Resources", "SignatureFailures");
    }),
    ("what only the log tells is counted and rings", "doubts that end uncounted", |t| {
        remove(t, "Resources", "ReconcileOutcomeUnresolvedCount");
    }),
    ("what only the log tells is counted and rings", "doubts that end unheard", |t| {
        remove(t, "Resources", "OutcomeUnresolved");
    }),
    ("what only the log tells is counted and rings", "silence uncounted", |t| {
        remove(t, "Resources", "ReconcileMessageSilentCount");
    }),
    ("what only the log tells is counted and rings", "silence unheard", |t| {
        remove(t, "Resources", "MessageSilent");
    }),
    ("what only the log tells is counted and rings", "items left raw uncounted", |t| {
        remove(t, "Resources", "WebhookUnprocessableCount");
    }),
    ("what only the log tells is counted and rings", "items left raw unheard", |t| {
        remove(t, "Resources", "Unprocessable");
    }),
    ("what only the log tells is counted and rings", "an empty account uncounted", |t| {
        remove(t, "Resources", "SendLowBalanceCount");
    }),
    ("what only the log tells is counted and rings", "an empty account that only the sweep met", |t| {
        remove(t, "Resources", "ReconcileLowBalanceCount");
    }),
    ("what only the log tells is counted and rings", "an empty account unheard", |t| {
        remove(t, "Resources", "LowBalance");
    }),
    ("what only the log tells is counted and rings", "a number on the other API uncounted", |t| {
        remove(t, "Resources", "ReplyWrongApiVersionCount");
    }),
    ("what only the log tells is counted and rings", "a number on the other API unheard", |t| {
        remove(t, "Resources", "WrongApiVersion");
    }),
    ("what only the log tells is counted and rings", "callbacks that nobody repeats uncounted", |t| {
        remove(t, "Resources", "WebhookCallbackFailedCount");
    }),
    ("what only the log tells is counted and rings", "callbacks that nobody repeats unheard", |t| {
        remove(t, "Resources", "CallbackFailures");
    }),
    ("what only the log tells is counted and rings", "a count of another log", |t| {
        let other = json!({ "Ref": "ReconcileLogs" });
        set(t, "Resources/WebhookUnprocessableCount/Properties/LogGroupName", &other);
    }),
    ("what only the log tells is counted and rings", "a count in another place than its alarm", |t| {
        set(t, "Resources/MessageSilent/Properties/Namespace", &json!("AWS/Lambda"));
    }),
    ("what only the log tells is counted and rings", "one lost callback that does not count", |t| {
        set(t, "Resources/CallbackFailures/Properties/Threshold", &json!(5));
    }),
    ("what only the log tells is counted and rings", "an alarm hard of hearing", |t| {
        set(t, "Resources/MessageSilent/Properties/Threshold", &json!(100));
    }),
    ("what only the log tells is counted and rings", "an alarm that forgets after a minute", |t| {
        set(t, "Resources/MessageSilent/Properties/Period", &json!(60));
    }),
    ("what only the log tells is counted and rings", "an alarm on an average", |t| {
        set(t, "Resources/OutcomeUnresolved/Properties/Statistic", &json!("Average"));
    }),
    ("failures of the API and the table ring", "no alarm on 5xx", |t| {
        remove(t, "Resources", "ApiServerErrors");
    }),
    ("every alarm tells somebody", "a mute alarm", |t| {
        remove(t, "Resources/SendErrors/Properties", "AlarmActions");
    }),
];
