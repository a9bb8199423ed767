//! The `ventanilla` command: the local server, and operators' commands.

use std::{
    fs,
    io::{ErrorKind, Write, stderr, stdin, stdout},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use ventanilla::{
    api::document::{self, DocumentError},
    assembly,
    config::file::ConfigFile,
    telemetry,
};
use ventanilla_local::{
    admin::{Admin, CommandError, Environment, ExitStatus, Output, OutputFormat, stderr_beside_bars},
    config,
    sandbox_server::{SandboxOptions, greeting as sandbox_greeting, serve_sandbox},
    server::{Options, start},
    store::Data,
    template_routes::write_routes,
};
use ventanilla_sandbox::Settings;

/// A company's own WhatsApp messaging backend.
#[derive(Parser)]
#[command(name = "ventanilla", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine, with a simulated WhatsApp (the default).
    Serve(Serve),
    /// Run the simulated WhatsApp alone, for any client of the Cloud API.
    Sandbox(SandboxOptions),
    /// Write the OpenAPI document of every contract, as YAML, on standard output.
    Openapi,
    /// Write the AsyncAPI document of Pipes.bot's sockets, as YAML, on standard output.
    Asyncapi,
    /// Write a SAM template with the events of all routes, on standard output.
    Template {
        /// The template to read.
        #[arg(default_value = "template.yaml")]
        file: PathBuf,
    },
    #[command(flatten)]
    Admin(Admin),
}

// Commands pass their options to subcommands by these ids. `--data` and `--config` of the server need ids of their own,
// or the server's default folder would become the target of operators' commands.
#[derive(Args)]
struct Serve {
    /// The port to listen on, on 127.0.0.1 only.
    #[arg(long, value_name = "N", default_value_t = 3000)]
    port: u16,
    /// The folder that data is stored in.
    #[arg(id = "serve_data", long = "data", value_name = "DIR", default_value = ".ventanilla")]
    #[arg(conflicts_with = "memory")]
    data: PathBuf,
    /// Keep data in memory only.
    #[arg(long)]
    memory: bool,
    /// The config file; default: ./ventanilla.toml, else the built-in demo.
    #[arg(id = "serve_config", long = "config", value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::plain(stderr_beside_bars);
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Admin(admin) => administer(&admin).await,
        Command::Serve(options) => ended(serve(options).await),
        Command::Sandbox(options) => ended(simulate(options).await),
        Command::Openapi => ended(write(document::openapi())),
        Command::Asyncapi => ended(write(document::asyncapi())),
        Command::Template { file } => ended(write_template(&file)),
    }
}

fn ended(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            print_error(format_args!("ventanilla: {problem}"));
            ExitCode::FAILURE
        }
    }
}

fn write(document: Result<Value, DocumentError>) -> Result<(), String> {
    let document = document.and_then(|it| document::to_yaml(&it)).map_err(text)?;
    stdout().write_all(document.as_bytes()).map_err(text)
}

fn write_template(file: &Path) -> Result<(), String> {
    let template = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let routes: Vec<_> = ventanilla::api::routes().collect();
    stdout().write_all(write_routes(&template, &routes).map_err(text)?.as_bytes()).map_err(text)
}

/// Prints a line on standard error. If even that is closed, nobody can read it.
fn print_error(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(stderr(), "{text}");
}

async fn serve(options: Serve) -> Result<(), String> {
    let config = config::load(options.config.as_deref()).map_err(text)?;
    let listener = listen(options.port).await?;
    let data = if options.memory { Data::Memory } else { Data::Folder(options.data) };
    let greeting = greeting(listener.local_addr().map_err(text)?, &config, &data);
    let mut options = Options::new(listener, data, config);
    options.settings = assembly::settings().map_err(text)?;
    let running = start(options).await.map_err(text)?;
    // What people listen to should be audible, and what they look at visible.
    running.sandbox.set_settings(Settings { real_files: true, ..running.sandbox.settings() });
    writeln!(stdout(), "{greeting}").map_err(text)?;
    until_stopped().await?;
    running.stop().await;
    Ok(())
}

async fn simulate(options: SandboxOptions) -> Result<(), String> {
    let config = options.config().map_err(text)?;
    let listener = listen(options.port).await?;
    let greeting = sandbox_greeting(listener.local_addr().map_err(text)?, &config);
    writeln!(stdout(), "{greeting}").map_err(text)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let stopping = tokio::spawn(async move {
        let ended = until_stopped().await;
        drop(stop);
        ended
    });
    serve_sandbox(listener, config, stopped).await.map_err(text)?;
    stopping.await.map_err(text)?
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!("port {port} is in use; choose another with --port"),
        _ => format!("port {port} cannot be used: {error}"),
    })
}

/// Resolves when the process is interrupted or terminated.
async fn until_stopped() -> Result<(), String> {
    let mut terminated = signal(SignalKind::terminate()).map_err(text)?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(text),
        _ = terminated.recv() => Ok(()),
    }
}

async fn administer(admin: &Admin) -> ExitCode {
    let (mut input, mut output) = (stdin(), stdout());
    let mut out = Output { format: admin.common().format(), input: &mut input, output: &mut output };
    match run_command(admin, &mut out).await {
        Ok(ended) => ExitCode::from(ended.exit_code()),
        Err(failed) => {
            if out.format == OutputFormat::Json {
                // As in `print_error`: nobody can read it.
                let _ = writeln!(out.output, "{}", json!({ "error": { "message": failed.to_string() } }));
            }
            print_error(format_args!("ventanilla: {failed}"));
            ExitCode::from(failed.exit_code())
        }
    }
}

async fn run_command(admin: &Admin, out: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
    let target = admin.common().target()?;
    print_error(format_args!("target: {target}"));
    let environment = Environment::open(admin.common(), &target).await?;
    Box::pin(admin.run(&environment, out)).await
}

/// The server's addresses, and first commands to try.
fn greeting(address: SocketAddr, config: &ConfigFile, data: &Data) -> String {
    let base = format!("http://{address}");
    let location = match data {
        Data::Folder(folder) => format!("in {}", folder.display()),
        Data::Memory => "in memory only".to_owned(),
        Data::Endpoint(url) => format!("at {url}"),
    };
    let key = config.tenants.iter().flat_map(|tenant| &tenant.keys).next();
    let key = key.map_or("(none in the config file)", |key| key.key.expose_secret());
    format!(
        "Ventanilla answers at {base} (data {location}; Ctrl-C stops it)\n\
         \n  API key    {key}\
         \n  webhooks   {base}/webhooks/meta/<app>, {base}/webhooks/kaleyra/<channel>/<secret>\
         \n  phones     {base}/sandbox/phones\n\
         \nTry it:\n\
         \n  # A customer writes, which opens the service window for 24 hours; outside it, only templates are delivered.\
         \n  curl -s {base}/sandbox/phones/+50212345678/messages -d '{{\"text\":\"Hola\"}}'\
         \n  curl -s {base}/api/whatsapp/send -H 'Authorization: Bearer {key}' \
         -d '{{\"phoneNumber\":\"+50212345678\",\"content\":\"Hello from Ventanilla!\"}}'\
         \n  curl -s {base}/sandbox/phones/+50212345678\n"
    )
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
