//! Bytes that are no blob, or no longer: each is refused, or loads to a gate that answers and does not panic.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portcullis::bundle::Bundle;
use portcullis::gateway::Directory;
use portcullis::policy::Policy;
use portcullis::{Caller, Compiler, Context, Decision, FORMAT_VERSION, Gate, LoadError, Request, Value};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::survives::{repair, survives};

fn corpus(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(path)
}

/// A corpus file or folder, compiled.
pub fn compiled(path: &str) -> Vec<u8> {
    Compiler::new().compile(&Bundle::open(corpus(path)).unwrap()).unwrap().into_bytes()
}

/// Blobs that between them use every section.
fn victims() -> Vec<Vec<u8>> {
    let mut victims: Vec<Vec<u8>> = (1..=3).map(|n| compiled(&format!("endpoint-examples/example-{n}.json"))).collect();
    victims.push(compiled("bundles/endpoints"));
    victims.push(compiled("bundles/apis"));
    victims.push(compiled("language.json"));
    victims.push(compiled("crowded.json"));
    let document = Bundle::open(corpus("language.json")).unwrap();
    victims.push(Compiler::new().strip(true).compile(&document).unwrap().into_bytes());
    victims
}

#[test]
fn victims_use_every_section() {
    let gates: Vec<_> = victims().into_iter().map(|blob| Gate::load(blob).unwrap()).collect();
    for (section, _) in gates[0].sections() {
        let sizes = gates.iter().flat_map(Gate::sections).filter(|(name, _)| *name == section);
        assert_ne!(sizes.map(|(_, bytes)| bytes).sum::<usize>(), 0, "{section} is empty everywhere");
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for mut blob in victims() {
        assert!(survives(&blob));
        for at in 0..blob.len() {
            for bit in 0..8 {
                blob[at] ^= 1 << bit;
                assert!(Gate::load(&blob).is_err(), "byte {at}, bit {bit}");
                blob[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn every_truncation_and_every_addition_is_refused() {
    for blob in victims() {
        for len in 0..blob.len() {
            assert!(Gate::load(&blob[..len]).is_err(), "cut to {len}");
            let mut repaired = blob[..len].to_vec();
            repair(&mut repaired);
            assert!(Gate::load(&repaired).is_err(), "cut to {len} and repaired");
        }
        let mut longer = blob.clone();
        longer.push(0);
        repair(&mut longer);
        assert!(matches!(Gate::load(&longer), Err(LoadError::Length { .. })));
    }
}

#[test]
fn other_versions_and_features_are_refused_by_name() {
    let mut blob = compiled("endpoint-examples/example-1.json");
    for found in [0, 1, 2, 3, 4, 5, 6, 8] {
        blob[8] = found;
        repair(&mut blob);
        let expected = FORMAT_VERSION;
        assert_eq!(Gate::load(&blob).unwrap_err(), LoadError::Version { found: found.into(), expected });
    }
    blob[8] = u8::try_from(FORMAT_VERSION).unwrap();
    blob[15] = 0x80;
    repair(&mut blob);
    assert!(matches!(Gate::load(&blob).unwrap_err(), LoadError::Features { .. }));
    assert_eq!(Gate::load(br#"{"Statement": []}"#).unwrap_err(), LoadError::Magic);
}

/// 200,000 blobs, or as many as `PORTCULLIS_FORGED` says, that are damaged and whose checksum is right: what is wrong
/// is found by reading, or is harmless.
#[test]
fn forged_blobs_never_panic() {
    let rounds = std::env::var("PORTCULLIS_FORGED").map_or(200_000, |text| text.parse().expect("a whole number"));
    let victims = victims();
    let mut random = TestRng::from_seed(RngAlgorithm::XorShift, &[7; 16]);
    let mut below = |limit: usize| usize::try_from(random.next_u64() % limit as u64).unwrap();
    let mut loaded = 0;
    for round in 0..rounds {
        let mut blob = victims[round % victims.len()].clone();
        // Behind the magic and the version, which have tests of their own.
        let (first, end) = (12, blob.len() - 8);
        for _ in 0..=below(3) {
            let at = first + below(end - first);
            match below(6) {
                0 => blob[at] ^= 1 << below(8),
                1 => blob[at] = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF][below(7)],
                2 => blob[at] = blob[at].wrapping_add(1),
                3 => {
                    let from = first + below(end - first);
                    let len = below(32).min(end - at).min(end - from);
                    blob.copy_within(from..from + len, at);
                }
                4 => {
                    let len = (4 * below(4)).min(end - at);
                    blob[at..at + len].fill([0, 0xFF][below(2)]);
                }
                // A field that counts or names: most stand at multiples of four.
                _ => {
                    let at = (at & !3).max(first);
                    let value = u32::try_from(below(40)).unwrap();
                    blob[at..(at + 4).min(end)].copy_from_slice(&value.to_le_bytes()[..(end - at).min(4)]);
                }
            }
        }
        repair(&mut blob);
        loaded += usize::from(survives(&blob));
    }
    assert!(
        (rounds / 20..rounds / 20 * 19).contains(&loaded),
        "{loaded} loaded: the test must reach both sides of loading"
    );
}

/// Fields of four bytes that number, count or name something, by section and offset in the record (FORMAT.md).
const REFERENCES: &[(&str, &[usize])] = &[
    ("policies", &[0, 4]),
    ("statements", &[0, 4, 8, 12, 16, 20, 24, 28]),
    ("principal-slots", &[48, 52, 56, 60]),
    ("principal-sets", &[0]),
    ("action-sets", &[0, 4]),
    ("action-patterns", &[0, 4, 8, 12]),
    ("heads", &[0, 4, 8, 12, 16, 20, 24, 28]),
    ("resources", &[0, 4, 8]),
    ("endpoints", &[0, 4, 8, 12, 16]),
    ("endpoint-context", &[0, 4, 8]),
    ("endpoint-values", &[0, 4]),
    ("profile", &[0]),
    ("apis", &[4, 8, 12, 16, 20, 24]),
    ("stages", &[0, 4]),
    ("hosts", &[4, 8, 12, 16, 20]),
    ("routes", &[0, 4, 8, 12, 16, 20, 24, 28, 32, 36]),
    ("methods", &[0, 4]),
    ("identities", &[0, 4, 8]),
    ("identity-policies", &[0]),
    ("finals", &[0, 4, 8]),
    ("keys", &[0, 4]),
    ("predicates", &[0, 4, 8, 12, 16, 20, 24]),
    ("texts", &[4, 8]),
    ("globs", &[0, 4]),
    ("networks", &[0]),
    ("automata", &[0, 4, 8]),
    ("conditions", &[0]),
    ("cold-offsets", &[0]),
    ("principals", &[0, 4, 8]),
    ("index", &[40, 44, 48, 52, 56, 60]),
    ("blocks", &[24, 32, 40, 48, 56, 64, 68, 80]),
    ("gram-tables", &[0, 4, 8, 12]),
    ("gram-slots", &[4, 8]),
    ("candidates", &[0, 4, 8, 12, 16]),
];

/// Where the sections of a blob begin, how long a record is, and how many there are: by the section table.
fn places(blob: &[u8]) -> Vec<(&'static str, usize, usize, usize)> {
    let gate = Gate::load(blob).unwrap();
    let names: Vec<String> = gate.sections().map(|(name, _)| name.to_owned()).collect();
    let number =
        |at: usize, len: usize| blob[at..at + len].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    let known = |name: &str| REFERENCES.iter().chain(RISING).find(|(known, _)| *known == name).map(|(known, _)| *known);
    let entries = names.iter().enumerate().map(|(at, name)| (name, 64 + 24 * at));
    entries
        .filter_map(|(name, at)| {
            let record = number(at + 4, 4);
            Some((known(name)?, number(at + 8, 8), record, number(at + 16, 8) / record))
        })
        .collect()
}

/// Records of these sections rise, within a run or all of them.
const RISING: &[(&str, &[usize])] = &[
    ("endpoints", &[]),
    ("endpoint-context", &[]),
    ("routes", &[]),
    ("methods", &[]),
    ("numbers", &[]),
    ("networks", &[]),
];

/// A node of routes is named by the one above it alone, and stands behind it: a walk never comes back to where it was.
#[test]
fn routes_that_lead_elsewhere_are_refused() {
    let blob = compiled("bundles/apis");
    let (_, start, record, count) = places(&blob).into_iter().find(|(name, ..)| *name == "routes").unwrap();
    let read = |at: usize| u32::from_le_bytes(blob[at..at + 4].try_into().unwrap());
    let (mut tried, mut loaded) = (0, 0);
    for (node, field) in (0..count).flat_map(|node| [8, 12, 20].map(|field| (node, field))) {
        let at = start + node * record + field;
        for number in (0..=u32::try_from(count).unwrap()).filter(|number| *number != read(at)) {
            let mut forged = blob.clone();
            forged[at..at + 4].copy_from_slice(&number.to_le_bytes());
            repair(&mut forged);
            tried += 1;
            // What may still load: no literal segments, wherever they begin; a `{name}` left out, below which nobody
            // comes; and above a root, which no walk leaves.
            let is_root = read(start + node * record + 8) == u32::try_from(node).unwrap();
            let is_harmless = match field {
                8 => is_root && number < u32::try_from(node).unwrap(),
                12 => read(at + 4) == 0,
                _ => number == 0,
            };
            loaded += u32::from(survives(&forged));
            assert!(is_harmless || Gate::load(&forged).is_err(), "node {node}, offset {field}: {number}");
        }
    }
    assert!(tried > 100 && loaded > 0, "{tried} tried, {loaded} loaded");
}

/// An API or a domain that stands twice, or the same identities again, changes nothing about how a search ends.
#[test]
fn a_table_without_an_empty_slot_is_searched_to_its_end() {
    let blob = compiled("bundles/apis");
    for section in ["apis", "hosts"] {
        let (_, start, record, count) = places(&blob).into_iter().find(|(name, ..)| *name == section).unwrap();
        let full =
            (0..count).find(|slot| blob[start + slot * record..][..record].iter().any(|byte| *byte != 0)).unwrap();
        let mut forged = blob.clone();
        for slot in 0..count {
            let from = start + full * record;
            forged.copy_within(from..from + record, start + slot * record);
        }
        repair(&mut forged);
        assert!(survives(&forged), "{section}");
        let gate = Gate::load(&forged).unwrap();
        assert!(gate.find_api("us-east-1", "zzzzzzzzzz").is_none() && gate.mapping("zz.example.com", "/").is_none());
    }
}

/// Loading follows every reference before deciding does: each one that points at nothing is refused.
#[test]
fn references_to_nothing_are_refused() {
    for (section, fields) in REFERENCES {
        for field in *fields {
            let (mut tried, mut refused) = (0, 0);
            for blob in victims() {
                for (_, start, record, count) in places(&blob).into_iter().filter(|(name, ..)| name == section) {
                    for number in 0..count {
                        let mut forged = blob.clone();
                        let at = start + number * record + field;
                        forged[at..at + 4].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
                        repair(&mut forged);
                        tried += 1;
                        refused += u32::from(Gate::load(&forged).is_err());
                    }
                }
            }
            // A slot or a run that is empty may say anything besides.
            let may_be_empty = ["index", "texts", "gram-slots", "predicates", "apis", "hosts"];
            let needed = if may_be_empty.contains(section) { 1 } else { tried };
            assert!(tried > 0 && refused >= needed, "{section}, offset {field}: {refused} of {tried} are refused");
        }
    }
}

/// What must rise and does not is refused: a record that is the one before it again.
#[test]
fn records_that_do_not_rise_are_refused() {
    for (section, _) in RISING {
        let mut refused = 0;
        for blob in victims() {
            for (_, start, record, count) in places(&blob).into_iter().filter(|(name, ..)| name == section) {
                for number in 1..count {
                    let mut forged = blob.clone();
                    let at = start + number * record;
                    forged.copy_within(at - record..at, at);
                    repair(&mut forged);
                    refused += u32::from(Gate::load(&forged).is_err());
                }
            }
        }
        assert!(refused > 0, "no equal neighbours among {section} are refused");
    }
}

/// Each key of an endpoint is its own, so that loading looks at each once, however many endpoints there are.
#[test]
fn endpoints_that_share_keys_are_refused() {
    let blob = compiled("bundles/endpoints");
    let (_, start, record, count) = places(&blob).into_iter().find(|(name, ..)| *name == "endpoints").unwrap();
    let run = |number: usize| start + number * record + 12..start + number * record + 20;
    let with_keys: Vec<_> = (0..count).filter(|number| blob[run(*number).start + 4] > 0).collect();
    let [one, .., other] = with_keys.as_slice() else { panic!("two endpoints have keys") };
    let mut forged = blob.clone();
    forged.copy_within(run(*one), run(*other).start);
    repair(&mut forged);
    let refused = Gate::load(&forged).unwrap_err().to_string();
    assert!(refused.contains("first key"), "{refused}");
}

/// The bytes of a section.
fn section(blob: &[u8], name: &str) -> Range<usize> {
    let row = Gate::load(blob).unwrap().sections().position(|(section, _)| section == name).unwrap();
    let field = |at: usize| usize::try_from(u64::from_le_bytes(blob[at..at + 8].try_into().unwrap())).unwrap();
    let entry = 64 + 24 * row;
    field(entry + 8)..field(entry + 8) + field(entry + 16)
}

/// A document that lists so many roles of long names, compiled, and where its `principals` and `strings` are.
fn with_roles(count: usize) -> (Vec<u8>, Range<usize>, Range<usize>) {
    let roles: Vec<_> = (0..count).map(|number| format!("arn:aws:iam::123412341234:role/rolé-{number:040}")).collect();
    let text = serde_json::json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": roles}, "Action": "*", "Resource": "*"}});
    let policy = Policy::from_json(&text.to_string()).unwrap();
    let blob = Compiler::new().compile(&Bundle::endpoint(policy)).unwrap().into_bytes();
    let (principals, strings) = (section(&blob, "principals"), section(&blob, "strings"));
    (blob, principals, strings)
}

#[test]
fn strings_that_are_no_text_are_refused() {
    for blob in victims() {
        let strings = section(&blob, "strings");
        for at in strings.filter(|at| blob[*at].is_ascii()) {
            // The middle and the beginning of a character, a byte of none, a variable without an end.
            for byte in [0x80, 0xC3, 0xF9, 0xFD] {
                let mut forged = blob.clone();
                forged[at] = byte;
                repair(&mut forged);
                assert!(Gate::load(&forged).is_err(), "byte {at} is {byte:x}");
            }
        }
    }
    let (blob, principals, strings) = with_roles(1);
    let accent = blob[strings].iter().position(|byte| *byte == 0xC3).unwrap();
    // From its middle on, and up to its middle.
    for run in [(accent + 1, 1), (accent, 1)] {
        let mut forged = blob.clone();
        for (field, value) in [(4, run.0), (8, run.1)] {
            let at = principals.start + field;
            forged[at..at + 4].copy_from_slice(&u32::try_from(value).unwrap().to_le_bytes());
        }
        repair(&mut forged);
        let refused = Gate::load(&forged).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("inside a character"), "{refused}");
    }
}

/// References may share bytes: when each is as long as all roles together, loading still takes what it took.
#[test]
fn loading_is_linear_however_long_texts_are_said_to_be() {
    let (blob, principals, strings) = with_roles(20_000);
    // The roles stand behind the `*` of actions and resources.
    let start = blob[strings.clone()].iter().position(|byte| *byte == 0xFF).unwrap() + 1;
    let run = [start, strings.len() - start].map(|field| u32::try_from(field).unwrap().to_le_bytes());
    let mut forged = blob.clone();
    for at in principals.step_by(20) {
        forged[at + 4..at + 12].copy_from_slice(run.as_flattened());
    }
    repair(&mut forged);
    let (as_compiled, forged) = (load_time(&blob), load_time(&forged));
    assert!(forged < as_compiled * 10, "{forged:?}, and {as_compiled:?} as it was compiled");
}

/// Nor may ids be long together by sharing bytes, since each is compared with the one before it.
#[test]
fn loading_is_linear_however_long_ids_are_said_to_be() {
    let endpoints: serde_json::Map<_, _> =
        (0..20_000).map(|number| (format!("vpce-{number:08x}"), serde_json::json!({}))).collect();
    let folder = tempfile::tempdir().unwrap();
    let bundle = serde_json::json!({"format": 1, "endpoints": endpoints});
    fs::write(folder.path().join("bundle.json"), bundle.to_string()).unwrap();
    let blob = Compiler::new().compile(&Bundle::open(folder.path()).unwrap()).unwrap().into_bytes();
    let strings = section(&blob, "strings");
    let mut forged = blob.clone();
    forged[strings.clone()].fill(b'a');
    for (number, at) in section(&blob, "endpoints").step_by(20).enumerate() {
        let run = [0, strings.len() / 2 + number].map(|field| u32::try_from(field).unwrap().to_le_bytes());
        forged[at..at + 8].copy_from_slice(run.as_flattened());
    }
    repair(&mut forged);
    let refused = Gate::load(&forged).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("bytes of all ids"), "{refused}");
    let (as_compiled, forged) = (load_time(&blob), load_time(&forged));
    assert!(forged < as_compiled * 10, "{forged:?}, and {as_compiled:?} as it was compiled");
}

/// How long loading takes, or refusing: the least of a few times.
fn load_time(blob: &[u8]) -> Duration {
    let once = |_| {
        let start = Instant::now();
        std::hint::black_box(Gate::load(blob).is_ok());
        start.elapsed()
    };
    (0..5).map(once).min().unwrap()
}

#[test]
fn loading_and_deciding_allocate_nothing() {
    for blob in victims() {
        let context = [("aws:UserAgent", Value::text("axxb")), ("aws:VpcSourceIp", Value::address("10.1.2.3"))];
        let count = allocation_counter::measure(|| {
            let gate = Gate::load(blob.as_slice()).unwrap();
            for caller in [Caller::Anonymous, Caller::Arn("arn:aws:sts::123412341234:assumed-role/Worker/one")] {
                for resource in ["arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets", "*"] {
                    for endpoint in [None, Some("vpce-1a2b3c4d")] {
                        let request = Request { endpoint, ..Request::invoke(caller, resource) };
                        let decision = gate.decide(&request.with_context(Context::new(&context)));
                        let request = request.with_context(Context::new(&context));
                        let (principal, api) = (gate.principal(caller), gate.api(&resource[..resource.len().min(53)]));
                        assert_eq!(gate.decide_prepared(&principal, &api, &request), decision);
                        let mut decisions = [Decision::default(); 9];
                        gate.decide_batch(&[request; 9], &mut decisions).unwrap();
                        assert_eq!(decisions, [decision; 9]);
                        let layered = gate.has_apis() && endpoint.is_some() && caller != Caller::Anonymous;
                        assert!(!layered || decision.is_allowed() || resource == "*", "all layers were asked");
                    }
                }
            }
        });
        assert_eq!(count.count_total, 0);
    }
    // The counter counts.
    assert!(allocation_counter::measure(|| drop(std::hint::black_box(vec![0u8; 9]))).count_total > 0);
}
