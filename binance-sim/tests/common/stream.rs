//! A bare stream client.

use binance_sim::Sim;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use super::DEADLINE;

/// A socket to a stream address.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens `path` under the streams of USDⓈ-M; those of COIN-M begin with `/dstream`.
    pub async fn open(sim: &Sim, path: &str) -> Self {
        Self(connect_async(format!("{}{path}", sim.urls().usdm_streams)).await.unwrap().0)
    }

    /// The next message of any kind; `None` when the socket is closed or breaks.
    pub async fn message(&mut self) -> Option<Message> {
        timeout(DEADLINE, self.0.next()).await.expect("a message in time")?.ok()
    }

    /// The next text, as it came.
    pub async fn text(&mut self) -> String {
        loop {
            match self.message().await.expect("the socket is open") {
                Message::Text(text) => return text.to_string(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next text, as JSON.
    pub async fn json(&mut self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub async fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// Says something and gives the next text that has an `id` or an `error`.
    pub async fn ask(&mut self, text: &str) -> Value {
        self.say(text).await;
        loop {
            let reply = self.json().await;
            if reply.get("id").is_some() || reply.get("error").is_some() {
                return reply;
            }
        }
    }

    /// Every frame that has come when all that the exchange had to say is said: it answers in order.
    pub async fn drain(&mut self) -> Vec<Value> {
        let texts = self.drain_text().await;
        texts
            .iter()
            .map(|text| serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")))
            .collect()
    }

    /// The same, as the frames came.
    pub async fn drain_text(&mut self) -> Vec<String> {
        self.say(r#"{"method":"GET_PROPERTY","params":["combined"],"id":999999}"#).await;
        let mut frames = Vec::new();
        loop {
            let text = self.text().await;
            if text.ends_with(r#""id":999999}"#) {
                return frames;
            }
            frames.push(text);
        }
    }
}
