//! How connections are encrypted, and whom they trust.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    vec::Vec,
};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};

/// How connections are encrypted, and whom they trust: TLS 1.2 and 1.3 by ring, and Mozilla's roots, unless told.
/// `Debug` shows no certificates.
#[derive(Clone)]
pub struct Tls {
    /// Made of the rest when it is needed first, or given by the caller.
    config: OnceLock<Arc<ClientConfig>>,
    added: RootCertStore,
    only_added: bool,
    pinned: Vec<SubjectPublicKeyInfoDer<'static>>,
    provider: fn() -> CryptoProvider,
}

impl Tls {
    /// Mozilla's roots, as they stand in the crate `webpki-roots`.
    pub fn new() -> Self {
        Self {
            config: OnceLock::new(),
            added: RootCertStore::empty(),
            only_added: false,
            pinned: Vec::new(),
            provider: ring::default_provider,
        }
    }

    /// A configuration of the caller's: client certificates, another provider, a verifier of one's own. Nothing else that
    /// is set here is of effect then.
    pub fn from_config(config: Arc<ClientConfig>) -> Self {
        Self { config: OnceLock::from(config), ..Self::new() }
    }

    /// Trusts the certificate authorities of a PEM file too, as that of a company's gateway.
    ///
    /// # Errors
    /// [`RootsError::Malformed`] when it holds none, or one that cannot be read.
    pub fn add_roots(mut self, pem: &[u8]) -> Result<Self, RootsError> {
        for certificate in certificates(pem)? {
            self.added.add(certificate).map_err(|_| RootsError::Malformed)?;
        }
        Ok(self)
    }

    /// Trusts the certificate authorities of the operating system's store too, as it stands now. On Linux the variables
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` are looked at first.
    ///
    /// # Errors
    /// [`RootsError::NoStore`] when there is none that can be read.
    #[cfg(feature = "platform-roots")]
    pub fn add_platform_roots(mut self) -> Result<Self, RootsError> {
        let found = rustls_native_certs::load_native_certs();
        // Stores have certificates that nobody can read, and others beside them.
        match self.added.add_parsable_certificates(found.certs) {
            (0, _) => Err(RootsError::NoStore),
            _ => Ok(self),
        }
    }

    /// Trusts those that are added and no others, Mozilla's neither.
    #[must_use]
    pub fn only_added_roots(mut self) -> Self {
        self.only_added = true;
        self
    }

    /// Connects only to servers that prove to have the key of one of these certificates, a PEM file, on top of all else
    /// that is verified. The key outlives the certificate where the owner renews it with the same one; pin the next one
    /// before it is used.
    ///
    /// # Errors
    /// [`RootsError::Malformed`] when it holds none, or one that cannot be read.
    pub fn pin(mut self, pem: &[u8]) -> Result<Self, RootsError> {
        for certificate in certificates(pem)? {
            let parsed = ParsedCertificate::try_from(&certificate).map_err(|_| RootsError::Malformed)?;
            self.pinned.push(parsed.subject_public_key_info());
        }
        Ok(self)
    }

    /// Encrypts by aws-lc-rs in place of ring.
    #[cfg(feature = "aws-lc-rs")]
    #[must_use]
    pub fn aws_lc_rs(mut self) -> Self {
        self.provider = rustls::crypto::aws_lc_rs::default_provider;
        self
    }

    /// The configuration of new connections.
    pub(crate) fn config(&self) -> &Arc<ClientConfig> {
        self.config.get_or_init(|| {
            let mut roots = self.added.clone();
            if !self.only_added {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
            let provider = (self.provider)();
            let algorithms = provider.signature_verification_algorithms;
            let config = ClientConfig::builder_with_provider(Arc::new(provider))
                .with_safe_default_protocol_versions()
                .expect("both providers have TLS 1.2 and 1.3");
            let config = if self.pinned.is_empty() {
                config.with_root_certificates(roots)
            } else {
                let pinned = Pinned { keys: self.pinned.clone(), roots, algorithms };
                config.dangerous().with_custom_certificate_verifier(Arc::new(pinned))
            };
            Arc::new(config.with_no_client_auth())
        })
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("added_roots", &self.added.len())
            .field("only_added", &self.only_added)
            .field("pinned", &self.pinned.len())
            .finish_non_exhaustive()
    }
}

/// Why there are no certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RootsError {
    /// Not a PEM file of certificates.
    Malformed,
    /// The operating system has no store of certificate authorities that can be read.
    NoStore,
}

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a PEM file of certificates",
            Self::NoStore => "the system has no store of certificate authorities that can be read",
        })
    }
}

impl std::error::Error for RootsError {}

/// All that rustls verifies, and that the server's key is one of these.
#[derive(Debug)]
struct Pinned {
    keys: Vec<SubjectPublicKeyInfoDer<'static>>,
    roots: RootCertStore,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        verify_server_name(&parsed, name)?;
        if self.keys.contains(&parsed.subject_public_key_info()) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General("the certificate has none of the pinned keys".into()))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The certificates of a PEM file, one at least.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|certificates| !certificates.is_empty()).ok_or(RootsError::Malformed)
}
