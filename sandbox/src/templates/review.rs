//! The review of a new or edited template, which ends with a webhook.

use std::{sync::Arc, time::Duration};

use super::Template;
use crate::{
    BusinessNumber, Sandbox, TemplateReview,
    webhook::{self, AccountUpdate, Webhook},
};

/// Starts the review of a template; its decision comes after the time in the settings.
pub(crate) fn start(sandbox: &Sandbox, template: &Template) {
    let settings = sandbox.settings();
    let status = match settings.template_review {
        TemplateReview::Approve => "APPROVED",
        TemplateReview::Reject => "REJECTED",
        TemplateReview::ByHand => return,
    };
    let (id, before) = (template.id, template.status.clone());
    let (work_guard, sandbox) = (sandbox.pending().begin(), sandbox.clone());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(settings.template_review_ms)).await;
        let decided = sandbox.state().templates.change(id, |template| {
            if template.status != before {
                // The control route was faster.
                return false;
            }
            status.clone_into(&mut template.status);
            if status == "REJECTED" {
                template.rejected_reason.clone_from(&settings.template_rejected_reason);
            } else {
                "NONE".clone_into(&mut template.rejected_reason);
            }
            true
        });
        if let Some((account, template)) = decided {
            report(&sandbox, &account, &template).await;
        }
        drop(work_guard);
    });
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
