//! The Lambda function `send`: assembly only.

use ventanilla::{assembly::App, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::json();
    lambda_http::run(send::router(App::from_env()?)).await
}
