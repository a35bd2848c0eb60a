//! Makes pages of rustdoc from the guides in `docs/`: links from one to another become links between modules, so that
//! rustdoc sees to it that they lead somewhere. Links to files that rustdoc has no page of become plain text.

use std::{env, fs, path::Path};

/// The modules.
const GUIDES: &str = include_str!("src/guides.rs");

fn main() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    println!("cargo::rerun-if-changed={}", docs.display());
    for entry in fs::read_dir(&docs).expect("the guides stand beside the examples") {
        let path = entry.expect("a folder can be read to its end").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // The list of them is the module that they are in.
        if name.ends_with(".md") && name != "README.md" {
            assert!(GUIDES.contains(&format!("\"{name}\"")), "src/guides.rs has no module for {name}");
            let guide = fs::read_to_string(&path).expect("a guide can be read");
            fs::write(Path::new(&out).join(name), relinked(&guide))
                .expect("what cargo gave can be written to");
        }
    }
}

fn relinked(guide: &str) -> String {
    let mut page = String::new();
    let mut rest = guide;
    while let Some((before, after)) = rest.split_once("](") {
        page.push_str(before);
        let (target, after) = after.split_once(')').expect("a link ends");
        match (target.strip_suffix(".md"), target.strip_prefix("../")) {
            // Of a folder beside: a crate, or a file.
            (_, Some(file)) => match file.strip_suffix("/README.md") {
                Some(name) => page.push_str(&format!("]({})", name.replace('-', "_"))),
                None => {
                    let start = page.rfind('[').expect("a link begins");
                    page.remove(start);
                }
            },
            (Some(name), _) => page.push_str(&format!("](crate::guides::{})", name.replace('-', "_"))),
            _ => page.push_str(&format!("]({target})")),
        }
        rest = after;
    }
    page + rest
}
