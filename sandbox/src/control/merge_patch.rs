//! Applies a caller's changes to generated JSON.

use serde_json::Value;

/// Applies `changes` to `target` as a JSON merge patch (RFC 7396): objects are merged, a null removes a field, and
/// anything else replaces the value.
pub(super) fn merge_patch(target: &mut Value, changes: &Value) {
    let Value::Object(changes) = changes else {
        target.clone_from(changes);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(target) = target.as_object_mut() else { return };
    for (name, change) in changes {
        if change.is_null() {
            target.shift_remove(name);
        } else {
            merge_patch(target.entry(name).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge_patch;

    #[test]
    fn objects_are_merged_nulls_remove_and_all_else_replaces() {
        let mut target = json!({"profile": {"name": "Ana"}, "wa_id": "1", "user_id": "GT.1"});
        merge_patch(
            &mut target,
            &json!({"profile": {"username": "ana"}, "wa_id": null, "user_id": {"a": null}}),
        );
        assert_eq!(target, json!({"profile": {"name": "Ana", "username": "ana"}, "user_id": {}}));
        merge_patch(&mut target, &json!([1]));
        assert_eq!(target, json!([1]));
    }
}
