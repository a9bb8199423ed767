//! The order in which the frames of a socket reach the function.

use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

use super::{ArrivalOrder, Invoker};

/// How close together two frames must arrive to be swapped.
const REORDER_WINDOW: Duration = Duration::from_millis(50);

/// How much later the first of two swapped frames is delivered. The function waits longer than this for frames that
/// overtook each other.
const HEAD_START: Duration = Duration::from_millis(20);

/// Passes the frames of one socket to the function, without waiting for it.
pub(super) struct FrameDispatcher {
    invoker: Invoker,
    /// When the last frame arrived, in Unix milliseconds. Each frame is at least a millisecond later than the one
    /// before.
    came_at: i64,
    /// Signals to the frame that is held back that the next one has arrived.
    held: Option<oneshot::Sender<()>>,
}

impl FrameDispatcher {
    pub(super) fn new(invoker: Invoker) -> Self {
        Self { invoker, came_at: 0, held: None }
    }

    /// Passes a frame to the function, or holds it back.
    pub(super) fn dispatch(&mut self, frame_order: ArrivalOrder, mut event: ApiGatewayWebsocketProxyRequest) {
        let context = &mut event.request_context;
        self.came_at = context.request_time_epoch.max(self.came_at + 1);
        context.request_time_epoch = self.came_at;
        match (frame_order, self.held.take()) {
            (ArrivalOrder::Arrival, _) => {
                self.invoker.invoke(event);
            }
            (ArrivalOrder::Reversed, Some(first)) if !first.is_closed() => {
                self.invoker.invoke(event);
                // If the first one was just delivered, both keep their order.
                let _ = first.send(());
            }
            (ArrivalOrder::Reversed, _) => self.hold_back(event),
        }
    }

    /// Holds a frame back until the next one is delivered, or none has arrived for a while.
    fn hold_back(&mut self, event: ApiGatewayWebsocketProxyRequest) {
        let (signal, next) = oneshot::channel();
        self.held = Some(signal);
        let invoker = self.invoker.clone();
        tokio::spawn(async move {
            if let Ok(Ok(())) = timeout(REORDER_WINDOW, next).await {
                sleep(HEAD_START).await;
            }
            invoker.invoke(event);
        });
    }
}
