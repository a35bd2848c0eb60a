//! The root README has every feature of every crate.

use std::{fs, path::PathBuf};

/// The names in the section `[features]` of a manifest.
fn features(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    section.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name)
}

#[test]
fn the_readme_has_every_feature_and_no_other() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    // A packaged crate is alone.
    let Ok(readme) = fs::read_to_string(root.join("README.md")) else { return };
    let table = readme.split("\n## Features\n").nth(1).expect("a section of features");
    for name in ["binance-sign", "binance-http", "binance-ws", "binance-sim"] {
        let manifest = fs::read_to_string(root.join(name).join("Cargo.toml")).unwrap();
        let mut wanted: Vec<&str> = features(&manifest).filter(|feature| *feature != "default").collect();
        let row = table.lines().find(|line| line.starts_with(&format!("| `{name}`"))).expect("a row");
        // Names stand between backticks; the first is the crate's.
        let mut found: Vec<&str> = row.split('`').skip(1).step_by(2).skip(1).collect();
        wanted.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, wanted, "{name}");
    }
}
