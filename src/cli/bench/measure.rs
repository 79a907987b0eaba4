//! Rounds: every engine in turn, again and again, so that what disturbs one disturbs all.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use portcullis::{Caller, Decision, Request};

/// Answers the requests of these numbers.
type Answering<'e> = Box<dyn Fn(&[usize]) + 'e>;

/// What is measured.
pub struct Engine<'e> {
    name: &'static str,
    answer: Answering<'e>,
    requests: usize,
}

impl<'e> Engine<'e> {
    /// An engine that decides.
    pub fn deciding<'q: 'e>(
        name: &'static str,
        decide: &'e impl Fn(&Request<'_>) -> Decision,
        requests: &'e [Request<'q>],
    ) -> Self {
        let answer = move |numbers: &[usize]| {
            for request in numbers.iter().filter_map(|number| requests.get(*number)) {
                black_box(decide(black_box(request)));
            }
        };
        Self { name, answer: Box::new(answer), requests: requests.len() }
    }

    /// The floor.
    pub fn floor(name: &'static str, floor: &'e Floor) -> Self {
        let map = floor.map();
        let keys: Vec<_> = floor.keys().collect();
        let requests = keys.len();
        let answer = move |numbers: &[usize]| {
            for key in numbers.iter().filter_map(|number| keys.get(*number)) {
                black_box(map.get(black_box(*key)));
            }
        };
        Self { name, answer: Box::new(answer), requests }
    }
}

/// One look-up of the whole request key in a map that holds every request: what a perfect cache would cost.
///
/// Principal, action and resource lie in one buffer, the buffers side by side in the order of the requests, and
/// the keys of the map are slices of that same text.
pub struct Floor {
    text: Vec<u8>,
    ends: Vec<usize>,
    decisions: Vec<Decision>,
}

impl Floor {
    /// A map of these requests and their answers.
    pub fn new(requests: &[Request<'_>], decide: impl Fn(&Request<'_>) -> Decision) -> Self {
        let mut floor = Self { text: Vec::new(), ends: Vec::new(), decisions: Vec::new() };
        for request in requests {
            let caller = match request.caller {
                Caller::Anonymous => "",
                Caller::Arn(name) | Caller::Service(name) => name,
            };
            for part in [caller, request.action, request.resource] {
                floor.text.extend_from_slice(part.as_bytes());
            }
            floor.ends.push(floor.text.len());
            floor.decisions.push(decide(request));
        }
        floor
    }

    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(*start..*end))
    }

    fn map(&self) -> HashMap<&[u8], Decision, foldhash::fast::FixedState> {
        self.keys().zip(self.decisions.iter().copied()).collect()
    }
}

/// Nanoseconds for each decision of every engine: the median of the rounds.
///
/// Each engine has an equal `share` of the time, all rounds together. One that is too slow to answer every request
/// in its part of it answers some that are spread over all of them; one that is fast answers them several times.
pub fn interleaved(
    engines: &mut [Engine<'_>],
    rounds: u32,
    share: Duration,
    mut round_done: impl FnMut(),
) -> Vec<(&'static str, f64)> {
    let slice = share / rounds.max(1);
    let plans: Vec<_> = engines.iter().map(|engine| plan(engine, slice)).collect();
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); engines.len()];
    for _ in 0..rounds {
        for ((engine, plan), times) in engines.iter().zip(&plans).zip(&mut times) {
            let start = Instant::now();
            for _ in 0..plan.passes {
                (engine.answer)(&plan.numbers);
            }
            let answers = plan.passes as f64 * plan.numbers.len() as f64;
            times.push(start.elapsed().as_nanos() as f64 / answers.max(1.0));
        }
        round_done();
    }
    engines.iter().zip(times).map(|(engine, times)| (engine.name, median(times))).collect()
}

/// What an engine does in one round.
struct Plan {
    numbers: Vec<usize>,
    passes: u64,
}

/// As many requests as fit the slice, found by trying: one, two, four and so on.
fn plan(engine: &Engine<'_>, slice: Duration) -> Plan {
    let mut count = 1;
    loop {
        let numbers: Vec<_> = (0..count).map(|number| number * engine.requests / count).collect();
        let start = Instant::now();
        (engine.answer)(&numbers);
        let spent = start.elapsed().max(Duration::from_nanos(1));
        if count >= engine.requests {
            let passes = u64::try_from(slice.as_nanos() / spent.as_nanos()).unwrap_or(1).max(1);
            return Plan { numbers, passes };
        }
        if spent * 2 > slice {
            return Plan { numbers, passes: 1 };
        }
        count = (count * 2).min(engine.requests);
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The longest that one request takes, in nanoseconds: of each request the best of three, since an interrupt is
/// not the engine's; then the worst of those. The clock's own time is in it.
pub fn worst(decide: &impl Fn(&Request<'_>) -> Decision, requests: &[Request<'_>]) -> u64 {
    let once = |request: &Request<'_>| {
        let start = Instant::now();
        black_box(decide(black_box(request)));
        start.elapsed()
    };
    let best = |request: &Request<'_>| (0..3).map(|_| once(request)).min().unwrap_or_default();
    let worst = requests.iter().map(best).max().unwrap_or_default();
    u64::try_from(worst.as_nanos()).unwrap_or(u64::MAX)
}
