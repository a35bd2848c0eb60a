//! Redis's protocol, as much of it as a pool needs: commands out, short replies in.

use std::{
    io::{self, BufRead, Read},
    string::String,
    vec::Vec,
};

/// The longest line and the longest text that are taken: many times as much as the replies that are expected.
const MOST_BYTES: u64 = 4_096;

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// `OK` and the like.
    Word(String),
    /// What a script is known by.
    Text(Vec<u8>),
    Number(i64),
    /// Two numbers, as the pool's script gives.
    Pair(i64, i64),
    /// The server did not do it.
    Refused(String),
}

/// Adds a command to `out`.
pub(super) fn command(out: &mut Vec<u8>, words: &[&[u8]]) {
    out.extend_from_slice(std::format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend_from_slice(std::format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// Reads one reply.
///
/// # Errors
/// Those of `from`; [`io::ErrorKind::InvalidData`] for anything but the replies that a pool's commands have.
pub(super) fn reply(from: &mut impl BufRead) -> io::Result<Reply> {
    let line = line(from)?;
    let (kind, rest) = line.split_at_checked(1).ok_or_else(unexpected)?;
    match kind {
        "+" => Ok(Reply::Word(rest.into())),
        "-" => Ok(Reply::Refused(rest.into())),
        ":" => Ok(Reply::Number(number(rest)?)),
        "$" => {
            let len = u64::try_from(number(rest)?).ok().filter(|len| *len <= MOST_BYTES);
            let len = usize::try_from(len.ok_or_else(unexpected)?).map_err(|_| unexpected())?;
            let mut text = std::vec![0; len + 2];
            from.read_exact(&mut text)?;
            if !text.ends_with(b"\r\n") {
                return Err(unexpected());
            }
            text.truncate(len);
            Ok(Reply::Text(text))
        }
        "*" if rest == "2" => Ok(Reply::Pair(element(from)?, element(from)?)),
        _ => Err(unexpected()),
    }
}

fn element(from: &mut impl BufRead) -> io::Result<i64> {
    number(line(from)?.strip_prefix(':').ok_or_else(unexpected)?)
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.by_ref().take(MOST_BYTES).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(text) => Ok(text.into()),
        None if line.len() as u64 == MOST_BYTES => Err(unexpected()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn number(text: &str) -> io::Result<i64> {
    text.parse().map_err(|_| unexpected())
}

fn unexpected() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// A stream that gives one byte at a time.
    struct Drip<'b>(&'b [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(into.len()).min(1);
            self.0.read(&mut into[..count])
        }
    }

    #[test]
    fn a_command_counts_its_words_and_bytes() {
        let mut out = Vec::new();
        command(&mut out, &[b"AUTH", b"", "p\r\nä".as_bytes()]);
        assert_eq!(out, "*3\r\n$4\r\nAUTH\r\n$0\r\n\r\n$5\r\np\r\nä\r\n".as_bytes());
    }

    #[test]
    fn replies_are_read_however_they_come() {
        for (bytes, expected) in [
            ("+OK\r\n", Ok(Reply::Word("OK".into()))),
            ("-NOSCRIPT No matching script.\r\n", Ok(Reply::Refused("NOSCRIPT No matching script.".into()))),
            (":-7\r\n", Ok(Reply::Number(-7))),
            ("$2\r\nab\r\n", Ok(Reply::Text(b"ab".to_vec()))),
            ("$0\r\n\r\n", Ok(Reply::Text(Vec::new()))),
            ("*2\r\n:0\r\n:-1\r\n", Ok(Reply::Pair(0, -1))),
            ("", Err(io::ErrorKind::UnexpectedEof)),
            ("+OK", Err(io::ErrorKind::UnexpectedEof)),
            ("*2\r\n:0\r\n", Err(io::ErrorKind::UnexpectedEof)),
            ("$5\r\nab\r\n", Err(io::ErrorKind::UnexpectedEof)),
            ("\r\n", Err(io::ErrorKind::InvalidData)),
            ("$-1\r\n", Err(io::ErrorKind::InvalidData)),
            ("$9999999999\r\n", Err(io::ErrorKind::InvalidData)),
            ("$1\r\nabc\r\n", Err(io::ErrorKind::InvalidData)),
            (":x\r\n", Err(io::ErrorKind::InvalidData)),
            ("*3\r\n:0\r\n:0\r\n:0\r\n", Err(io::ErrorKind::InvalidData)),
            ("*2\r\n*2\r\n:0\r\n", Err(io::ErrorKind::InvalidData)),
            ("é\r\n", Err(io::ErrorKind::InvalidData)),
            ("HTTP/1.1 400 Bad Request\r\n", Err(io::ErrorKind::InvalidData)),
            (&"+".repeat(9_000), Err(io::ErrorKind::InvalidData)),
        ] {
            let told = reply(&mut BufReader::with_capacity(1, Drip(bytes.as_bytes())));
            assert_eq!(told.map_err(|error| error.kind()), expected, "{bytes:?}");
            let told = reply(&mut bytes.as_bytes());
            assert_eq!(told.map_err(|error| error.kind()), expected, "{bytes:?} at once");
        }
    }
}
