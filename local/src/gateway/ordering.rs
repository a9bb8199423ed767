//! When the frames of a socket get to the function.

use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use ventanilla::assembly::App;

use super::{FrameOrder, invoke};

/// How close together two frames come that change places.
const REORDER_WINDOW: Duration = Duration::from_millis(50);

/// How much later than the call of the second one that of the first one then begins: the function waits a moment
/// for frames that overtook each other, and this is well within it.
const HEAD_START: Duration = Duration::from_millis(20);

/// Gives the frames of one socket to the function; never waits for it.
pub(super) struct FrameDispatcher {
    app: App,
    /// When the frame that came last came: the next one is later, by a millisecond at least.
    came_at: i64,
    /// Where the frame that came last, and is held back, hears of the one after it.
    held: Option<oneshot::Sender<()>>,
}

impl FrameDispatcher {
    pub(super) fn new(app: App) -> Self {
        Self { app, came_at: 0, held: None }
    }

    /// Gives it a frame.
    pub(super) fn dispatch(&mut self, frame_order: FrameOrder, mut event: ApiGatewayWebsocketProxyRequest) {
        let context = &mut event.request_context;
        self.came_at = context.request_time_epoch.max(self.came_at + 1);
        context.request_time_epoch = self.came_at;
        match (frame_order, self.held.take()) {
            (FrameOrder::Arrival, _) => {
                invoke(&self.app, event);
            }
            (FrameOrder::Reversed, Some(first)) if !first.is_closed() => {
                invoke(&self.app, event);
                // Should the first one have gone just now, they went as they came.
                let _ = first.send(());
            }
            (FrameOrder::Reversed, _) => self.hold_back(event),
        }
    }

    /// Holds a frame back until the next one has gone ahead, or none has come for a while.
    fn hold_back(&mut self, event: ApiGatewayWebsocketProxyRequest) {
        let (tell, next) = oneshot::channel();
        self.held = Some(tell);
        let app = self.app.clone();
        tokio::spawn(async move {
            if let Ok(Ok(())) = timeout(REORDER_WINDOW, next).await {
                sleep(HEAD_START).await;
            }
            invoke(&app, event);
        });
    }
}
