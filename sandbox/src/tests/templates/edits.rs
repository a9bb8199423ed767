//! Templates by their id: shown and edited (facts: meta.md 6; template-rules.md 2).

use std::{error::Error, time::Duration};

use http::Method;
use serde_json::{Value, json};

use super::{answer, create, list, visit};
use crate::{
    GRAPH_MOUNT,
    tests::{TestResult, at, bench::Bench},
};

const DAY: Duration = Duration::from_hours(24);

fn place(bench: &Bench, id: &str) -> String {
    format!("{}{GRAPH_MOUNT}/v25.0/{id}", bench.base)
}

/// Edits the template with this id; gives the status and the answer.
async fn edit(bench: &Bench, id: &str, changes: &Value) -> Result<(u16, Value), Box<dyn Error>> {
    answer(bench.client.post(place(bench, id)).json(changes)).await
}

/// Creates a template that stays pending; gives its id.
async fn pending(bench: &Bench) -> Result<String, Box<dyn Error>> {
    bench.control(Method::PUT, "settings", &json!({"template_review": "by_hand"})).await?;
    let (_, made) = create(bench, &visit("es", "Hola.")).await?;
    Ok(at(&made, "/id").as_str().ok_or("no id")?.to_owned())
}

fn words(text: &str) -> Value {
    json!({"components": [{"type": "BODY", "text": text}]})
}

#[tokio::test]
async fn a_template_is_shown_by_its_id() -> TestResult {
    let bench = Bench::start().await?;
    let id = pending(&bench).await?;
    let (status, shown) = answer(bench.client.get(place(&bench, &id))).await?;
    assert_eq!((status, at(&shown, "/name"), at(&shown, "/id")), (200, &json!("visit"), &json!(id)));
    let (_, shown) = answer(bench.client.get(format!("{}?fields=status", place(&bench, &id)))).await?;
    assert_eq!(shown, json!({"status": "PENDING", "id": id}));
    let (status, _) = answer(bench.client.get(format!("{}?fields=colour", place(&bench, &id)))).await?;
    assert_eq!(status, 400);
    let (_, elsewhere) = bench.control(Method::GET, "templates/2002", &Value::Null).await?;
    let foreign = at(&elsewhere, "/templates/0/id").as_str().ok_or("no id")?;
    assert_eq!(answer(bench.client.get(place(&bench, foreign))).await?.0, 400);
    assert_eq!(edit(&bench, foreign, &words("Adiós.")).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn a_template_in_review_is_not_edited_and_a_rejected_one_is_reviewed_again() -> TestResult {
    let bench = Bench::start().await?;
    let id = pending(&bench).await?;
    let (_, error) = edit(&bench, &id, &words("Adiós.")).await?;
    assert_eq!(at(&error, "/error/error_subcode"), &json!(2_388_039));
    bench.control(Method::PUT, "templates/2001/visit/es", &json!({"status": "REJECTED"})).await?;
    let review = json!({"template_review": "approve", "template_review_ms": 1});
    bench.control(Method::PUT, "settings", &review).await?;
    let changes = json!({"category": "marketing", "components": words("Adiós.")["components"]});
    assert_eq!(edit(&bench, &id, &changes).await?, (200, json!({"success": true})));
    let value = bench.webhooks().await.last().ok_or("no webhook")?.value()?;
    assert_eq!(at(&value, "/event"), "APPROVED");
    let (_, page) = list(&bench, "?name=visit").await?;
    assert_eq!(at(&page, "/data/0/components/0/text"), "Adiós.");
    assert_eq!(at(&page, "/data/0/category"), "MARKETING");
    Ok(())
}

#[tokio::test]
async fn an_approved_template_is_edited_once_a_day_and_keeps_its_category() -> TestResult {
    let bench = Bench::start().await?;
    let id = pending(&bench).await?;
    bench.control(Method::PUT, "templates/2001/visit/es", &json!({"status": "APPROVED"})).await?;
    let (_, error) = edit(&bench, &id, &json!({"category": "MARKETING"})).await?;
    assert_eq!(at(&error, "/error/code"), &json!(100));
    assert_eq!(edit(&bench, &id, &words("Hola {{1}}")).await?.0, 400, "the rules of creation apply");
    for number in 0..10 {
        assert_eq!(edit(&bench, &id, &words("Adiós.")).await?.0, 200, "{number}");
        assert_eq!(edit(&bench, &id, &words("Adiós.")).await?.0, 400, "{number}");
        bench.pass(DAY);
    }
    assert_eq!(edit(&bench, &id, &words("Adiós.")).await?.0, 400, "the eleventh in 30 days");
    bench.pass(DAY * 20);
    assert_eq!(edit(&bench, &id, &words("Adiós.")).await?.0, 200);
    let (_, shown) = answer(bench.client.get(place(&bench, &id))).await?;
    assert_eq!(at(&shown, "/status"), "APPROVED", "it is sent while it is reviewed");
    Ok(())
}
