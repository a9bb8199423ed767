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
    ("access logs are kept for 90 days", "a month of the sockets' access logs", |t| {
        set(t, "Resources/SocketAccessLogs/Properties/RetentionInDays", &json!(30));
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
    ("failed sweeps are kept in a queue", "a sync without a queue", |t| {
        remove(t, "Resources/SyncTemplates/Properties/Events/Scheduled/Properties", "DeadLetterConfig");
    }),
    ("failed sweeps are kept in a queue", "a sync that fails unseen", |t| {
        remove(t, "Resources/SyncTemplates/Properties", "EventInvokeConfig");
    }),
    ("queues are encrypted and refuse plain text connections", "failed syncs told in the clear", |t| {
        let other = json!([{ "Ref": "ReconcileDlq" }]);
        set(t, "Resources/SyncTemplatesDlqPolicy/Properties/Queues", &other);
    }),
    ("every dead-letter queue has a depth alarm", "failed syncs that pile up", |t| {
        remove(t, "Resources", "SyncTemplatesDlqDepth");
    }),
    ("templates are synced every day, and leave calls for others", "no schedule", |t| {
        remove(t, "Resources/SyncTemplates/Properties/Events", "Scheduled");
    }),
    ("templates are synced every day, and leave calls for others", "a sync every minute", |t| {
        let rates = json!(["rate(1 minute)", "rate(1 hour)"]);
        set(t, "Parameters/TemplateSyncSchedule/AllowedValues", &rates);
    }),
    ("templates are synced every day, and leave calls for others", "a sync every week", |t| {
        let rates = json!(["rate(1 hour)", "rate(7 days)"]);
        set(t, "Parameters/TemplateSyncSchedule/AllowedValues", &rates);
    }),
    ("templates are synced every day, and leave calls for others", "seldom unless told otherwise", |t| {
        set(t, "Parameters/TemplateSyncSchedule/Default", &json!("rate(1 day)"));
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
    ("every function has alarms for errors, throttles and slowness", "templates refused in silence", |t| {
        remove(t, "Resources", "SendTemplateThrottles");
    }),
    ("every function has alarms for errors, throttles and slowness", "syncs that fail in silence", |t| {
        remove(t, "Resources", "SyncTemplatesErrors");
    }),
    ("every function has alarms for errors, throttles and slowness", "an alarm at another time-out", |t| {
        set(t, "Resources/SyncTemplatesSlow/Properties/Threshold", &json!(20_000));
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
    ("what only the log tells is counted and rings", "one doubt of many uncounted", |t| {
        remove(t, "Resources", "SendTemplateOutcomeUnknownCount");
    }),
    ("what only the log tells is counted and rings", "an empty account that templates met uncounted", |t| {
        remove(t, "Resources", "SendTemplateLowBalanceCount");
    }),
    ("what only the log tells is counted and rings", "templates to the other API uncounted", |t| {
        remove(t, "Resources", "SendTemplateWrongApiVersionCount");
    }),
    ("what only the log tells is counted and rings", "a copy that grows old uncounted", |t| {
        remove(t, "Resources", "SyncTemplatesTemplateSyncFailedCount");
    }),
    ("what only the log tells is counted and rings", "a template that could not be looked for", |t| {
        remove(t, "Resources", "SendTemplateTemplateSyncFailedCount");
    }),
    ("what only the log tells is counted and rings", "a copy that grows old unheard", |t| {
        remove(t, "Resources", "TemplateSyncFailures");
    }),
    ("what only the log tells is counted and rings", "an alarm at the first slip of a provider", |t| {
        set(t, "Resources/TemplateSyncFailures/Properties/Threshold", &json!(0));
    }),
    ("what only the log tells is counted and rings", "an alarm that a failing hour never rings", |t| {
        set(t, "Resources/TemplateSyncFailures/Properties/Period", &json!(3_600));
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
    ("failures of the APIs and the table ring", "no alarm on 5xx", |t| {
        remove(t, "Resources", "ApiServerErrors");
    }),
    ("failures of the APIs and the table ring", "frames that reach nobody unheard", |t| {
        remove(t, "Resources", "SocketApiErrors");
    }),
    ("every alarm tells somebody", "a mute alarm", |t| {
        remove(t, "Resources/SendErrors/Properties", "AlarmActions");
    }),
];
