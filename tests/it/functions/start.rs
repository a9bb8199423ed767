//! What a function needs, it needs to start.

use super::runtime::says_without;
use crate::template::{
    functions::CLIENTS,
    load,
    view::{at, functions},
};

#[tokio::test]
async fn a_function_that_is_not_told_where_a_service_is_names_the_variable_and_ends() {
    let template = load().unwrap();
    let mut ended = 0;
    for function in functions(&template) {
        for (variable, _) in CLIENTS {
            if at(&function.properties, &format!("Environment/Variables/{variable}")).is_null() {
                continue;
            }
            let said = says_without(function.crate_name(), variable).await;
            assert!(said.contains(variable), "{} without {variable}: {said}", function.name);
            ended += 1;
        }
    }
    assert_eq!(ended, 16);
}
