//! Whom connections trust.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// The certificate authorities that are trusted, and the configuration made of them when it is needed first.
pub(crate) struct Trust {
    config: OnceLock<Arc<ClientConfig>>,
    roots: RootCertStore,
    only_added: bool,
}

impl Trust {
    /// Mozilla's roots.
    pub(crate) fn new() -> Self {
        Self { config: OnceLock::new(), roots: RootCertStore::empty(), only_added: false }
    }

    /// A configuration of the caller's.
    pub(crate) fn given(config: Arc<ClientConfig>) -> Self {
        Self { config: OnceLock::from(config), ..Self::new() }
    }

    pub(crate) fn add(&mut self, pem: &[u8]) -> Result<(), RootsError> {
        let before = self.roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.roots.add(certificate.map_err(|_| RootsError)?).map_err(|_| RootsError)?;
        }
        if self.roots.len() == before { Err(RootsError) } else { Ok(()) }
    }

    pub(crate) fn only_added(&mut self) {
        self.only_added = true;
    }

    pub(crate) fn config(&self) -> &Arc<ClientConfig> {
        self.config.get_or_init(|| {
            let mut roots = self.roots.clone();
            if !self.only_added {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
            let config =
                ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .expect("ring's provider has TLS 1.2 and 1.3")
                    .with_root_certificates(roots)
                    .with_no_client_auth();
            Arc::new(config)
        })
    }
}

/// Not a PEM file of certificate authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootsError;

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a PEM file of certificate authorities")
    }
}

impl std::error::Error for RootsError {}
