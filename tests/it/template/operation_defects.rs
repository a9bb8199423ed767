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
    ("doubtful outcomes and false signatures ring", "a log that is not counted", |t| {
        remove(t, "Resources", "ReconcileOutcomeUnknownCount");
    }),
    ("doubtful outcomes and false signatures ring", "a count nobody watches", |t| {
        remove(t, "Resources", "SignatureFailures");
    }),
    ("failures of the API and the table ring", "no alarm on 5xx", |t| {
        remove(t, "Resources", "ApiServerErrors");
    }),
    ("every alarm tells somebody", "a mute alarm", |t| {
        remove(t, "Resources/SendErrors/Properties", "AlarmActions");
    }),
];
