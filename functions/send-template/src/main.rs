//! The Lambda function `send-template`: assembly only.

use ventanilla::{assembly::App, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::json();
    lambda_http::run(send_template::router(App::from_env()?)).await
}
