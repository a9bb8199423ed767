//! The functions of a deployment, all in one process.

use std::sync::Arc;

use axum::Router;
use fetch::FetchFunction;
use push::PushFunction;
use reconcile::{ReconcileFunction, SweepPorts};
use socket::SocketFunction;
use ventanilla::{
    api::app::{App, BroadcastUseCases, SendUseCases, WebhookUseCases},
    ports::{
        files::FileStore,
        queue::{FetchQueue, Queue},
        sockets::Connections,
    },
    usecases::Files,
    whatsapp::webhook_registry::WebhookRegistry,
};
use worker::WorkerFunction;

/// The ports that only some functions have.
#[derive(Clone)]
pub struct FunctionPorts {
    /// The queue of jobs.
    pub queue: Arc<dyn Queue>,
    /// The queue of files to fetch.
    pub fetches: Arc<dyn FetchQueue>,
    /// The connections of open sockets.
    pub connections: Arc<dyn Connections>,
    /// The bucket of files.
    pub bucket: Arc<dyn FileStore>,
    /// The providers whose webhooks are received.
    pub providers: WebhookRegistry,
}

/// The functions of a deployment. Those without HTTP routes are here as what their handlers take.
#[derive(Clone)]
pub struct Functions {
    /// The application that they share.
    pub app: App,
    /// The ports that only some of them have.
    pub ports: FunctionPorts,
    /// Gives out files, for `inbox`.
    pub files: Arc<Files>,
    /// Sends, for `send` and `reply`.
    pub send: Arc<SendUseCases>,
    /// Sends to many, for `send-template`.
    pub broadcasts: Arc<BroadcastUseCases>,
    /// Ingests webhooks, for `webhook`.
    pub webhooks: Arc<WebhookUseCases>,
    /// Downloads received files, for `fetch`.
    pub fetch: Arc<FetchFunction>,
    /// Carries out jobs, for `worker`.
    pub worker: Arc<WorkerFunction>,
    /// Pushes log entries to sockets, for `push`.
    pub push: Arc<PushFunction>,
    /// Answers routes of API Gateway's WebSocket, for `socket`.
    pub socket: Arc<SocketFunction>,
    /// Resumes what is due, for `reconcile`.
    pub reconcile: Arc<ReconcileFunction>,
}

impl Functions {
    /// Builds all of them.
    #[must_use]
    pub fn new(app: App, ports: FunctionPorts) -> Self {
        let FunctionPorts { queue, fetches, connections, bucket, providers } = &ports;
        let common = &app.core.ports;
        let sweep = SweepPorts { bucket, queue, fetches, connections };
        Self {
            files: Arc::new(Files::new(common, bucket)),
            send: Arc::new(SendUseCases::new(common, bucket)),
            broadcasts: Arc::new(BroadcastUseCases::new(common, bucket, queue)),
            webhooks: Arc::new(WebhookUseCases::new(common, fetches, providers.clone())),
            fetch: Arc::new(FetchFunction::new(common, bucket)),
            worker: Arc::new(WorkerFunction::new(common, bucket, queue)),
            push: Arc::new(PushFunction::new(common, connections)),
            socket: Arc::new(SocketFunction::new(app.clone(), bucket, connections)),
            reconcile: Arc::new(ReconcileFunction::new(app.clone(), &sweep)),
            app,
            ports,
        }
    }

    /// The routes that clients call, of all functions.
    pub fn api(&self) -> Router {
        Router::new()
            .merge(self.reply())
            .merge(self.send())
            .merge(self.send_template())
            .merge(sync_templates::router(self.app.clone()))
            .merge(inbox::router(self.app.clone(), Arc::clone(&self.files)))
    }

    /// The routes of the function `reply`.
    pub fn reply(&self) -> Router {
        reply::router(self.app.clone(), Arc::clone(&self.send))
    }

    /// The routes of the function `send`.
    pub fn send(&self) -> Router {
        send::router(self.app.clone(), Arc::clone(&self.send))
    }

    /// The routes of the function `send-template`.
    pub fn send_template(&self) -> Router {
        send_template::router(self.app.clone(), Arc::clone(&self.broadcasts))
    }

    /// The routes of the function `webhook`.
    pub fn webhook(&self) -> Router {
        webhook::router(self.app.clone(), Arc::clone(&self.webhooks))
    }
}
