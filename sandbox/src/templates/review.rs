//! The review of a new or edited template, which ends with a webhook.

use std::{sync::Arc, time::Duration};

use super::{Template, Templates};
use crate::{
    BusinessNumber, Sandbox, Settings, TemplateReview,
    webhook::{self, AccountUpdate, Webhook},
};

/// Starts the review of a template; its decision comes after the time in the settings.
pub(crate) fn start(sandbox: &Sandbox, template: &Template) {
    let settings = sandbox.settings();
    if settings.template_review == TemplateReview::ByHand {
        return;
    }
    let (id, before) = (template.id, template.status.clone());
    let (work_guard, sandbox) = (sandbox.pending().begin(), sandbox.clone());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(settings.template_review_ms)).await;
        let decided = decide(&mut sandbox.state().templates, &settings, id, &before);
        if let Some((account, template)) = decided {
            report(&sandbox, &account, &template).await;
        }
        drop(work_guard);
    });
}

/// Approves or rejects a template, unless the control route has changed its status since it was `before`.
fn decide(
    templates: &mut Templates,
    settings: &Settings,
    id: u64,
    before: &str,
) -> Option<(String, Template)> {
    let (account, template) = templates.by_id(id)?;
    let is_copy = templates.of(account).iter().any(|other| other.has_same_text(template));
    let rejects = settings.template_review == TemplateReview::Reject || is_copy;
    templates.change(id, |template| {
        if template.status != before {
            return false;
        }
        let (status, reason) = if rejects {
            ("REJECTED", settings.template_rejected_reason.as_str())
        } else {
            ("APPROVED", "NONE")
        };
        status.clone_into(&mut template.status);
        reason.clone_into(&mut template.rejected_reason);
        true
    })
}

/// Reports the decision to each URL of the account.
async fn report(sandbox: &Sandbox, account: &str, template: &Template) {
    let mut numbers: Vec<Arc<BusinessNumber>> = sandbox.numbers();
    numbers.retain(|number| number.waba_id == account);
    let update = AccountUpdate::status(template);
    for number in webhook::receivers(&numbers) {
        if let Some(webhook) = Webhook::account_update(number, &update, sandbox.clock().unix_now()) {
            webhook::deliver(sandbox, webhook).await;
        }
    }
}
