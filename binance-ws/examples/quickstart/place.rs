//! Where the quickstart runs: the clients, the streams' addresses and the keys.

use std::env;

use binance_http::{Client, Environment};
use binance_sign::{Credentials, Ed25519, Hmac, KeyBuffer, KeyKind, PrivateKey, Rsa, Signer};
use binance_sim::Sim;
use binance_ws::{Base, Market, tungstenite::Connector};

use crate::Failure;

/// One of the exchange's places.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    /// For all that is not about a certain key.
    pub(crate) client: Client,
    /// A client for each kind of key there is.
    pub(crate) keys: Vec<(&'static str, Client)>,
    pub(crate) usdm: Connector,
    pub(crate) coinm: Connector,
    /// The exchange inside this process, which ends when it is dropped.
    sim: Option<Sim>,
}

impl Place {
    /// An exchange inside this process, on a port of its own.
    pub(crate) fn simulated() -> Result<Self, Failure> {
        let sim = Sim::start()?;
        let client = |credentials: Credentials<Box<dyn Signer + Send + Sync>>| {
            Client::builder().base_url(&sim.urls().rest).credentials(credentials).build()
        };
        let demo = sim.keys();
        let keys = vec![
            ("HMAC", client(boxed(&demo.hmac.api_key, Hmac::new(demo.hmac.secret.as_bytes()))?)?),
            ("RSA", client(boxed(&demo.rsa.api_key, Rsa::from_pem(demo.rsa.secret.as_bytes())?)?)?),
            (
                "Ed25519",
                client(boxed(&demo.ed25519.api_key, Ed25519::from_pem(demo.ed25519.secret.as_bytes())?)?)?,
            ),
        ];
        Ok(Self {
            name: "simulated, in this process",
            client: keys.first().map(|(_, client)| client.clone()).ok_or("no keys")?,
            keys,
            usdm: Connector::new(Base::new(Market::UsdM, &sim.urls().usdm_streams)?),
            coinm: Connector::new(Base::new(Market::CoinM, &sim.urls().coinm_streams)?),
            sim: Some(sim),
        })
    }

    /// The real exchange, for public data.
    pub(crate) fn live() -> Self {
        Self {
            name: "production",
            client: Client::builder().build().expect("the exchange's own base URLs can be used"),
            keys: Vec::new(),
            usdm: Connector::new(Base::of(Market::UsdM, Environment::Production)),
            coinm: Connector::new(Base::of(Market::CoinM, Environment::Production)),
            sim: None,
        }
    }

    /// The exchange's demo hosts, with the key in the environment.
    pub(crate) fn demo() -> Result<Self, Failure> {
        let api_key = env::var("BINANCE_API_KEY").map_err(|_| "--demo needs BINANCE_API_KEY")?;
        let (kind, credentials) = match (env::var("BINANCE_API_SECRET"), env::var("BINANCE_PRIVATE_KEY")) {
            (Ok(secret), _) => ("HMAC", boxed(&api_key, Hmac::new(secret.as_bytes()))?),
            (_, Ok(path)) => {
                let pem = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
                let mut room = KeyBuffer::new();
                let key = PrivateKey::from_pem(&pem, &mut room)?;
                match key.kind() {
                    KeyKind::Rsa => ("RSA", boxed(&api_key, Rsa::from_key(&key)?)?),
                    _ => ("Ed25519", boxed(&api_key, Ed25519::from_key(&key)?)?),
                }
            }
            _ => {
                return Err(
                    "--demo needs BINANCE_API_SECRET, or BINANCE_PRIVATE_KEY with the path of a PEM file"
                        .into(),
                );
            }
        };
        let client = Client::builder().environment(Environment::Demo).credentials(credentials).build()?;
        Ok(Self {
            name: "demo",
            client: client.clone(),
            keys: vec![(kind, client)],
            usdm: Connector::new(Base::of(Market::UsdM, Environment::Demo)),
            coinm: Connector::new(Base::of(Market::CoinM, Environment::Demo)),
            sim: None,
        })
    }

    pub(crate) fn is_simulated(&self) -> bool {
        self.sim.is_some()
    }

    pub(crate) fn can_trade(&self) -> bool {
        !self.keys.is_empty()
    }
}

/// Credentials whose kind is known at run time only.
fn boxed(
    api_key: &str,
    signer: impl Signer + Send + Sync + 'static,
) -> Result<Credentials<Box<dyn Signer + Send + Sync>>, Failure> {
    Ok(Credentials::new(api_key, Box::new(signer) as Box<dyn Signer + Send + Sync>)?)
}
