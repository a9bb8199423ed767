//! Our copy of the templates, and how it is kept up to date.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::ports::clock::{Clock, Deadline};
use ventanilla_sandbox::{Fault, FaultRule};

use super::{LIST, change, entry, lists, names, remove, status_of};
use crate::harness::{Carrier, Stand};

#[tokio::test]
async fn the_list_is_the_seed_s_and_only_approved_ones_unless_all_are_asked_for() {
    for carrier in [Carrier::Meta, Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let answer = stand.api.get(LIST).await;
        assert_eq!((answer.status.as_u16(), answer.header("age")), (200, Some("0")), "{}", answer.text);
        let listed = names(&answer);
        assert!(listed.contains(&"appointment_reminder".to_owned()), "{carrier:?} {listed:?}");
        assert!(!listed.contains(&"spring_sale".to_owned()));
        let reminder = entry(&answer, "appointment_reminder").unwrap();
        assert_eq!((&reminder["status"], &reminder["language"]), (&json!("APPROVED"), &json!("es")));
        assert_eq!(reminder["components"][0]["type"], "BODY");
        let all = stand.api.get(&format!("{LIST}?all=true")).await;
        assert_eq!(status_of(&all, "spring_sale").as_deref(), Some("PAUSED"), "{carrier:?}");
    }
}

#[tokio::test]
async fn a_copy_of_a_minute_is_served_with_its_age_and_refreshed_when_asked() {
    let stand = Stand::start().await;
    stand.api.get(LIST).await;
    let asked = lists(&stand);
    stand.clock.advance(Duration::from_secs(30));
    let served = stand.api.get(LIST).await;
    assert_eq!((served.header("age"), lists(&stand)), (Some("30"), asked));
    change(&stand, "hello_world", "en_US", &json!({ "status": "PAUSED" })).await;
    assert!(names(&stand.api.get(LIST).await).contains(&"hello_world".to_owned()));
    let refreshed = stand.api.get(&format!("{LIST}?refresh=true")).await;
    assert_eq!(refreshed.header("age"), Some("0"));
    assert!(!names(&refreshed).contains(&"hello_world".to_owned()));
    stand.clock.advance(Duration::from_secs(61));
    stand.api.get(LIST).await;
    assert!(lists(&stand) > asked + 1);
}

#[tokio::test]
async fn an_error_on_any_page_leaves_the_copy_as_it_was() {
    let stand = Stand::start().await;
    // So many that they need several pages.
    for number in 0..120 {
        change(&stand, &format!("bulk_{number}"), "es", &json!({ "status": "APPROVED" })).await;
    }
    let first = names(&stand.api.get(LIST).await);
    assert!(first.len() > 120);
    change(&stand, "hello_world", "en_US", &json!({ "status": "PAUSED" })).await;
    stand.running.sandbox.inject(FaultRule::new(Fault::TemplateList { page: 1, code: 131_000 }));
    let served = stand.api.get(&format!("{LIST}?refresh=true")).await;
    assert_eq!((served.status.as_u16(), names(&served)), (200, first));
    let mended = names(&stand.api.get(&format!("{LIST}?refresh=true")).await);
    assert!(!mended.contains(&"hello_world".to_owned()));
}

#[tokio::test]
async fn templates_that_the_provider_removed_are_deleted_and_new_ones_added() {
    let stand = Stand::start().await;
    let core = &stand.running.functions.app.core;
    let channel = core.channels.default_channel(&Stand::tenant()).await.unwrap();
    let deadline = || Deadline(stand.clock.now().plus(Duration::from_secs(25)));
    let first = core.templates.sync_templates(&channel, deadline()).await.unwrap();
    assert!(first.new > 5 && first.changed == 0 && first.vanished == 0);
    let again = core.templates.sync_templates(&channel, deadline()).await.unwrap();
    assert_eq!((again.new, again.changed, again.vanished), (0, 0, 0));
    stand.clock.advance(Duration::from_secs(5));
    remove(&stand, "hello_world", "en_US").await;
    change(&stand, "brand_new", "es", &json!({ "status": "APPROVED" })).await;
    change(&stand, "appointment_reminder", "es", &json!({ "status": "PAUSED" })).await;
    let third = core.templates.sync_templates(&channel, deadline()).await.unwrap();
    assert_eq!((third.new, third.changed, third.vanished), (1, 1, 1));
    let rows = stand.rows().await;
    let events = rows.values().filter(|row| row["kind"]["S"] == "template.changed");
    assert_eq!(events.count(), first.new + 3);
}

#[tokio::test]
async fn the_schedule_syncs_every_account_and_says_which_could_not_be() {
    let stand = Stand::start().await;
    let deadline = Deadline(stand.clock.now().plus(Duration::from_secs(25)));
    stand.running.sandbox.inject(FaultRule::new(Fault::TemplateList { page: 0, code: 190 }).times(2));
    let core = &stand.running.functions.app.core;
    let sync =
        async || sync_templates::handle(core.ports.template_caches.as_ref(), &core.templates, deadline).await;
    assert_eq!(sync().await.unwrap(), 1);
    assert_eq!(sync().await.unwrap(), 0);
}

#[tokio::test]
async fn a_closed_window_is_reported_with_the_usable_templates() {
    let stand = Stand::start().await;
    let ana = "+50212345678";
    let conversation = stand.customer_writes(ana, "hola").await;
    let path = format!("/api/whatsapp/conversations/{conversation}/messages");
    stand.clock.advance(Duration::from_hours(25));
    // Without a copy there is nothing to offer.
    let bare = stand.api.post(&path, &json!({ "content": "x" })).await.json();
    assert_eq!((&bare["code"], &bare["templates"]), (&json!("window_closed"), &Value::Null));
    stand.api.get(LIST).await;
    let in_ambiosys = stand.api.post(&path, &json!({ "content": "x" })).await.json();
    let in_php_bot = stand.reply(conversation, "x").await.json();
    let object = json!({ "messaging_product": "whatsapp", "to": ana, "text": { "body": "x" } });
    let asked = json!({ "messaging_object": object });
    let in_kaleyra = stand.api.post("/v2/demo/whatsapp/+15550100001/messages", &asked).await.json();
    for told in [in_ambiosys, in_php_bot, in_kaleyra] {
        assert_eq!(told["templates"], json!(["hello_world"]), "{told}");
        assert!(told["expires_at"].is_string(), "{told}");
    }
    // By the provider's own word, too.
    let bob = stand.customer_writes("+50287654321", "hola").await;
    stand.provider_will(Fault::Refuse { code: 131_047, http_status: None, details: None });
    let path = format!("/api/whatsapp/conversations/{bob}/messages");
    let told = stand.api.post(&path, &json!({ "content": "x" })).await.json();
    assert_eq!((&told["code"], &told["templates"]), (&json!("window_closed"), &json!(["hello_world"])));
}
