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
];
