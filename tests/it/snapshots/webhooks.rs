//! What is written for a webhook of each kind.

use std::fs;

use serde_json::Value;

use super::{kept, stage::Stage};
use crate::harness::root;

/// The samples of `tests/corpus/`, in the order of their names.
fn samples() -> Vec<(String, Value)> {
    let entries = fs::read_dir(root().join("tests/corpus")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name != "shown.json"));
    paths.sort();
    let read = |path: &std::path::PathBuf| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    paths.iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

#[tokio::test]
async fn writes_for_a_webhook_of_each_kind_are_unchanged() {
    let stage = Stage::start().await;
    let samples = samples();
    assert!(samples.len() >= 60);
    for (_, sample) in &samples {
        stage.webhook(sample).await;
        stage.work().await;
    }
    kept::check(&[("webhooks.rows", stage.rows().await), ("webhooks.queues", stage.queued().await)]);
}
