//! Keys of rows are spelled in one place.

use house::{Names, Tree};
use quote::ToTokens;

use super::{NONE, finds, house, tokens};

/// Where keys may be spelled: in what all are made of, in the records, and in the record that only a test has.
const KEY_FILES: [&str; 3] = [
    "shared/aws/src/dynamodb/keys.rs",
    "shared/aws/src/dynamodb/records/",
    "shared/aws/src/dynamodb/tests.rs",
];
/// The folders that may not spell keys.
const ROOMS: [&str; 4] = ["shared/aws/", "shared/core/src/usecases/", "functions/", "local/src/"];

/// Texts that look like a key: `T#…`, `R#…`, `…#{…}`, `…#`.
fn spelled(tree: &Tree, _: &Names) -> Vec<String> {
    let mut found = Vec::new();
    let is_key = |text: &str| {
        text.starts_with("T#") || text.starts_with("R#") || text.contains("#{") || text.ends_with('#')
    };
    let begins = |path: &str, places: &[&str]| places.iter().any(|place| path.starts_with(place));
    let rooms = |path: &str| begins(path, &ROOMS) && !begins(path, &KEY_FILES);
    for source in tree.code().filter(|source| rooms(&source.path)) {
        let texts = tokens::texts(source.ast.to_token_stream());
        found.extend(
            texts.iter().filter(|text| is_key(text)).map(|text| format!("{} spells {text}", source.path)),
        );
    }
    found
}

#[test]
fn one_folder_spells_keys() {
    let tree = house(&["shared", "functions", "local/src"]);
    assert_eq!(spelled(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn a_key_elsewhere_is_found() {
    for text in [
        "fn f() { let key = format!(\"T#{tenant}\"); }",
        "fn f() { let key = format!(\"{tenant}#{id}\"); }",
        "const PREFIX: &str = r\"M#\";",
        "const KEY: &str = \"R#CHANNELS\";",
        "fn f() { query!(inner(\"MSG#\")); }",
    ] {
        assert!(finds("shared/aws/src/dynamodb/lists.rs", text, spelled), "{text}");
        assert!(finds("shared/aws/src/dynamodb/record.rs", text, spelled), "{text}");
        assert!(finds("shared/core/src/usecases/lists.rs", text, spelled), "{text}");
        assert!(finds("functions/reply/src/lib.rs", text, spelled), "{text}");
        assert!(finds("local/src/server.rs", text, spelled), "{text}");
        assert!(!finds("shared/aws/src/dynamodb/records/message.rs", text, spelled), "{text}");
    }
    let harmless = "/// `T#{tenant}`\nfn f() { json!(r#\"{\"a\":1}\"#); log!(\"number #1\"); }";
    assert!(!finds("shared/aws/src/dynamodb/lists.rs", harmless, spelled));
}
