//! Runs every body over its corpus.

use std::{collections::BTreeSet, fs, path::Path};

use binance_fuzz::TARGETS;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names(path: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_body_holds_over_its_seeds() {
    for (name, check) in TARGETS {
        let seeds = names(&format!("corpus/{name}"));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        println!("{name}: {} seeds", seeds.len());
        check(b"");
        for seed in seeds {
            check(&fs::read(folder().join("corpus").join(name).join(seed)).unwrap());
        }
    }
}

#[test]
fn every_seed_has_a_reason() {
    let readme = fs::read_to_string(folder().join("corpus/README.md")).unwrap();
    let told: BTreeSet<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|line| line.split(' ').next())
        .filter(|name| name.contains('/'))
        .collect();
    let there: BTreeSet<String> = TARGETS
        .iter()
        .flat_map(|(name, _)| {
            names(&format!("corpus/{name}")).into_iter().map(move |seed| format!("{name}/{seed}"))
        })
        .collect();
    assert_eq!(there.iter().map(String::as_str).collect::<BTreeSet<_>>(), told);
}

#[test]
fn every_body_is_a_target() {
    let names: BTreeSet<String> = names("fuzz_targets");
    let expected: BTreeSet<String> = TARGETS.iter().map(|(name, _)| format!("{name}.rs")).collect();
    assert_eq!(names, expected);
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built");
    }
}
