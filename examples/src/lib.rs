//! What the examples share: at which exchange they run, and with which key. It never places an order; the examples are
//! in `examples/`, a program for each section of the exchange's menu and market. The [guides] are pages of this crate.
//!
//! ```text
//! cargo run --example usdm_trade                 on an exchange inside this process
//! cargo run --example usdm_trade -- --sim URL    on a simulated exchange that runs already, as http://127.0.0.1:8080
//! cargo run --example usdm_trade -- --demo       on the exchange's demo hosts, with a key from the environment:
//!                                                BINANCE_API_KEY and BINANCE_API_SECRET, or BINANCE_PRIVATE_KEY (a PEM file)
//! cargo run --example usdm_market_data -- --live public data of the real exchange
//! ```

pub mod guides;

use std::{env, error::Error, fmt, fs};

use binance_core::usdm::market_data::ExchangeInformation;
use binance_http::{Client, Environment};
use binance_sign::{Credentials, Ed25519, Hmac, KeyBuffer, KeyKind, PrivateKey, Rsa, Signer};
use binance_sim::{Keys, Sim};
use binance_ws::{Base, Market, native::Connector};

/// What ends an example: any error, or a text. As `main` prints it, it tells in words what went wrong, and why.
pub struct Failure(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// A key of whatever kind.
pub type Key = Credentials<Box<dyn Signer + Send + Sync>>;

/// The exchange that an example runs at. The one inside this process ends when this is dropped.
#[derive(Debug)]
#[must_use = "the exchange inside this process ends when this is dropped"]
pub struct Exchange {
    client: Client,
    place: Place,
    has_key: bool,
}

/// Where it is.
#[derive(Debug)]
enum Place {
    /// In this process, until it is dropped.
    Here(Box<Sim>),
    /// At this address, as `127.0.0.1:8080`.
    Simulated(String),
    /// One of the exchange's own.
    Real(Environment),
}

impl Exchange {
    /// The one that the command line asks for; the real one too, where nothing but public data can be had.
    ///
    /// # Errors
    /// When the command line asks for none, there is no key where one is needed, or the exchange cannot be reached.
    pub async fn public() -> Result<Self, Failure> {
        Self::open(false).await
    }

    /// The one that the command line asks for, where there is a key and no real money.
    ///
    /// # Errors
    /// As [`Self::public`], and at the real exchange.
    pub async fn trading() -> Result<Self, Failure> {
        Self::open(true).await
    }

    async fn open(needs_key: bool) -> Result<Self, Failure> {
        let mut arguments = env::args().skip(1);
        let place = match (arguments.next().as_deref(), arguments.next()) {
            // Limits as wide as nowhere else, so that an example need not wait for the next minute.
            (None, _) => Place::Here(Box::new(Sim::builder().weight_limit(100_000).start()?)),
            (Some("--sim"), Some(url)) => Place::Simulated(url.trim_start_matches("http://").to_owned()),
            (Some("--demo"), None) => Place::Real(Environment::Demo),
            (Some("--live"), None) => Place::Real(Environment::Production),
            _ => return Err("usage: [--sim URL | --demo | --live]".into()),
        };
        let key = place.key()?;
        let has_key = key.is_some();
        if needs_key && !has_key {
            return Err(
                "this needs a key, and no example trades at the real exchange: run it without --live".into(),
            );
        }
        let mut client = Client::builder();
        client = match &place {
            Place::Here(sim) => client.base_url(&sim.urls().rest),
            Place::Simulated(address) => client.base_url(&format!("http://{address}")),
            Place::Real(environment) => client.environment(*environment),
        };
        if let Some(key) = key {
            client = client.credentials(key);
        }
        let client = client.build()?;
        // From this reply the client learns the exchange's limits, to which it keeps.
        client.send(&ExchangeInformation::new()).await?;
        Ok(Self { client, place, has_key })
    }

    /// REST, of both markets.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Whether there is a key.
    pub fn has_key(&self) -> bool {
        self.has_key
    }

    /// What opens connections to a market's streams.
    ///
    /// # Errors
    /// When the address that the command line has is none.
    pub fn streams(&self, market: Market) -> Result<Connector, Failure> {
        let path = if market == Market::CoinM { "/dstream" } else { "" };
        Ok(Connector::new(match self.place.address() {
            Ok(address) => Base::new(market, &format!("ws://{address}{path}"))?,
            Err(environment) => Base::of(market, environment),
        }))
    }

    /// What opens connections to a market's WebSocket API, and the key to log on with.
    ///
    /// # Errors
    /// Where the exchange has no such API: demo trading.
    pub fn ws_api(&self, market: Market) -> Result<(Connector, Option<Key>), Failure> {
        let path = if market == Market::CoinM { "ws-dapi" } else { "ws-fapi" };
        let base = match self.place.address() {
            Ok(address) => Base::new(market, &format!("ws://{address}/{path}/v1"))?,
            Err(environment) => Base::ws_api(market, environment)?,
        };
        Ok((Connector::new(base), self.place.key()?))
    }

    /// The exchange inside this process, where it is that one: it can be told what is to happen.
    pub fn simulated(&self) -> Option<&Sim> {
        match &self.place {
            Place::Here(sim) => Some(sim),
            _ => None,
        }
    }
}

impl Place {
    /// Host and port of a simulated exchange, or which of the real ones it is.
    fn address(&self) -> Result<&str, Environment> {
        match self {
            Self::Here(sim) => Ok(sim.urls().rest.trim_start_matches("http://")),
            Self::Simulated(address) => Ok(address),
            Self::Real(environment) => Err(*environment),
        }
    }

    fn key(&self) -> Result<Option<Key>, Failure> {
        match self {
            Self::Here(_) | Self::Simulated(_) => {
                let key = Keys::demo().ed25519;
                Ok(Some(Credentials::new(&key.api_key, Ed25519::from_pem(key.secret.as_bytes())?)?.boxed()))
            }
            Self::Real(Environment::Production) => Ok(None),
            Self::Real(_) => key_of_environment().map(Some),
        }
    }
}

/// The key that the environment variables have.
fn key_of_environment() -> Result<Key, Failure> {
    let api_key = env::var("BINANCE_API_KEY").map_err(|_| "--demo needs BINANCE_API_KEY")?;
    if let Ok(secret) = env::var("BINANCE_API_SECRET") {
        return Ok(Credentials::new(&api_key, Hmac::new(secret.as_bytes()))?.boxed());
    }
    let path = env::var("BINANCE_PRIVATE_KEY")
        .map_err(|_| "--demo needs BINANCE_API_SECRET, or BINANCE_PRIVATE_KEY with the path of a PEM file")?;
    let pem = fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let mut room = KeyBuffer::new();
    let key = PrivateKey::from_pem(&pem, &mut room)?;
    Ok(match key.kind() {
        KeyKind::Rsa => Credentials::new(&api_key, Rsa::from_key(&key)?)?.boxed(),
        _ => Credentials::new(&api_key, Ed25519::from_key(&key)?)?.boxed(),
    })
}
