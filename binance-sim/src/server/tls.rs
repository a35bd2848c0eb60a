//! TLS, with a certificate that the exchange makes for itself when it starts.

#[cfg(feature = "tls")]
pub(crate) use self::with::Acceptor;
#[cfg(not(feature = "tls"))]
pub(crate) use self::without::Acceptor;

#[cfg(feature = "tls")]
mod with {
    use std::{fmt, io, net::IpAddr, sync::Arc, time::Duration};

    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SanType};
    use tokio::{net::TcpStream, time::timeout};
    use tokio_rustls::{
        TlsAcceptor,
        rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
    };

    use super::super::socket::Socket;

    /// How long a client may take to shake hands.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// What makes TLS of a socket.
    #[derive(Clone)]
    pub(crate) struct Acceptor(TlsAcceptor);

    impl Acceptor {
        /// With a certificate for `localhost`, the loopback and the address that is listened on; gives that
        /// certificate too, as PEM, for clients to trust.
        pub(crate) fn new(address: IpAddr) -> io::Result<(Self, String)> {
            let key = KeyPair::generate().map_err(io::Error::other)?;
            let mut params = CertificateParams::new(["localhost".to_owned()]).map_err(io::Error::other)?;
            let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), address];
            params.subject_alt_names.extend(loopback.map(SanType::IpAddress));
            let mut name = DistinguishedName::new();
            name.push(DnType::CommonName, "binance-sim, for tests only");
            params.distinguished_name = name;
            let certificate = params.self_signed(&key).map_err(io::Error::other)?;
            let pem = pem(certificate.der());
            let private = PrivateKeyDer::Pkcs8(key.serialize_der().into());
            let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], private)
                .map_err(io::Error::other)?;
            Ok((Self(TlsAcceptor::from(Arc::new(config))), pem))
        }

        /// Shakes hands; `None` when the client does not.
        pub(in super::super) async fn accept(&self, stream: TcpStream) -> Option<Socket> {
            let stream = timeout(PATIENCE, self.0.accept(stream)).await.ok()?.ok()?;
            Some(Socket::Tls(Box::new(stream)))
        }
    }

    impl fmt::Debug for Acceptor {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Acceptor")
        }
    }

    fn pem(der: &[u8]) -> String {
        let text = crate::base64::encode(der);
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = more;
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        pem
    }
}

#[cfg(not(feature = "tls"))]
mod without {
    use std::convert::Infallible;

    use tokio::net::TcpStream;

    use super::super::socket::Socket;

    /// There is none without the feature `tls`.
    #[derive(Clone, Debug)]
    pub(crate) struct Acceptor(Infallible);

    impl Acceptor {
        #[expect(clippy::unused_async, reason = "as with TLS")]
        pub(in super::super) async fn accept(&self, _: TcpStream) -> Option<Socket> {
            match self.0 {}
        }
    }
}
