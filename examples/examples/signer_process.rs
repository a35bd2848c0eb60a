//! A signer in a process of its own: the program that trades never has the key.
//!
//! It starts itself a second time as the signer, which reads messages from its input and writes signatures to its output.
//! A device, a key store or a process of another user is reached in the same way: by a type that implements `Signer`.

use std::{
    env,
    io::{self, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use binance_core::{dec, enums::Side, usdm::trade::NewOrder};
use binance_examples::Failure;
use binance_http::Client;
use binance_sign::{Credentials, Ed25519, KeyKind, Message, SignError, Signer};
use binance_sim::{Keys, Sim};

/// The longest message that is signed: longer ones are refused.
const MESSAGE: usize = 8_192;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    if env::args().nth(1).as_deref() == Some("--signer") {
        return serve();
    }
    let sim = Sim::start()?;
    let signer = OtherProcess::start()?;
    println!("the signer is process {}", signer.child.id());
    let client = Client::builder()
        .base_url(&sim.urls().rest)
        .credentials(Credentials::new(&sim.keys().ed25519.api_key, signer)?)
        .build()?;
    let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.010"), dec!("20000.0"));
    let order = client.fetch(&order).await?;
    println!("order {} is {}", order.order_id, order.status);
    Ok(())
}

/// The other side: it alone reads the key, from wherever that is kept.
fn serve() -> Result<(), Failure> {
    let signer = Ed25519::from_pem(Keys::demo().ed25519.secret.as_bytes())?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let (mut message, mut text) = ([0; MESSAGE], [0; Ed25519::SIGNATURE_LEN]);
    let mut len = [0; 2];
    // The input ends when the program does.
    while input.read_exact(&mut len).is_ok() {
        let message = message.get_mut(..usize::from(u16::from_be_bytes(len))).ok_or("too long")?;
        input.read_exact(message)?;
        let signature = signer.sign(&[message], &mut text)?;
        output.write_all(&u16::try_from(signature.len())?.to_be_bytes())?;
        output.write_all(signature.as_bytes())?;
        output.flush()?;
    }
    Ok(())
}

/// A signer whose key another process has.
struct OtherProcess {
    child: Child,
    /// One message at a time.
    pipes: Mutex<(ChildStdin, ChildStdout)>,
}

impl OtherProcess {
    fn start() -> Result<Self, Failure> {
        let mut child = Command::new(env::current_exe()?)
            .arg("--signer")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take()).ok_or("no pipes")?;
        Ok(Self { child, pipes: Mutex::new(pipes) })
    }

    /// Sends a message and reads its signature into `out`.
    fn ask(&self, message: &[u8], out: &mut [u8]) -> io::Result<usize> {
        let mut pipes = self.pipes.lock().map_err(|_| io::ErrorKind::Other)?;
        let (input, output) = &mut *pipes;
        let len = u16::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        input.write_all(&len.to_be_bytes())?;
        input.write_all(message)?;
        input.flush()?;
        let mut len = [0; 2];
        output.read_exact(&mut len)?;
        let len = usize::from(u16::from_be_bytes(len));
        output.read_exact(out.get_mut(..len).ok_or(io::ErrorKind::InvalidData)?)?;
        Ok(len)
    }
}

impl Signer for OtherProcess {
    fn kind(&self) -> KeyKind {
        KeyKind::Ed25519
    }

    fn signature_len(&self) -> usize {
        Ed25519::SIGNATURE_LEN
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut room = [0; MESSAGE];
        let message = message.gather(&mut room)?;
        let room = out.get_mut(..self.signature_len()).ok_or(SignError::Full)?;
        let len = self.ask(message, room).map_err(|_| SignError::Refused)?;
        let text = out.get(..len).and_then(|text| std::str::from_utf8(text).ok());
        text.ok_or(SignError::Refused)
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
