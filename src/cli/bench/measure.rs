//! Rounds: every engine in turn, again and again, so that what disturbs one disturbs all.

use std::hint::black_box;
use std::time::{Duration, Instant};

use portcullis::{Decision, Request};

/// What is measured: a name, and a way to lay out the requests of some numbers so that they can be answered.
///
/// They are laid out before the clock starts, so that no engine's figure holds the way to its requests.
pub struct Engine<'e> {
    name: &'static str,
    lay_out: LayOut<'e>,
    requests: usize,
}

/// Lays out the requests of these numbers.
type LayOut<'e> = Box<dyn Fn(&[usize]) -> Answering<'e> + 'e>;

/// Answers those that were laid out.
type Answering<'e> = Box<dyn Fn() + 'e>;

impl<'e> Engine<'e> {
    /// An engine that is asked one request after another; `items` are the requests as it takes them.
    pub fn one_by_one<T: Copy, A>(name: &'static str, items: &'e [T], answer: &'e impl Fn(&T) -> A) -> Self {
        let all = move |items: &[T]| {
            for item in items {
                black_box(answer(black_box(item)));
            }
        };
        Self::together(name, items, all)
    }

    /// An engine that is given all at once.
    pub fn together<T: Copy>(name: &'static str, items: &'e [T], answer: impl Fn(&[T]) + Copy + 'e) -> Self {
        let lay_out = move |numbers: &[usize]| -> Answering<'e> {
            let chosen: Vec<T> = numbers.iter().filter_map(|number| items.get(*number)).copied().collect();
            Box::new(move || answer(&chosen))
        };
        Self { name, lay_out: Box::new(lay_out), requests: items.len() }
    }
}

/// Nanoseconds for each decision of every engine: the median of the rounds.
///
/// Each engine has an equal `share` of the time, all rounds together. One that is too slow to answer every request
/// in its part of it answers some that are spread over all of them; one that is fast answers them several times.
pub fn interleaved(
    engines: &[Engine<'_>],
    rounds: u32,
    share: Duration,
    mut round_done: impl FnMut(),
) -> Vec<(&'static str, f64)> {
    let slice = share / rounds.max(1);
    let plans: Vec<_> = engines.iter().map(|engine| plan(engine, slice)).collect();
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); engines.len()];
    for _ in 0..rounds {
        for (plan, times) in plans.iter().zip(&mut times) {
            let start = Instant::now();
            for _ in 0..plan.passes {
                (plan.answer)();
            }
            let answers = plan.passes as f64 * plan.count as f64;
            times.push(start.elapsed().as_nanos() as f64 / answers.max(1.0));
        }
        round_done();
    }
    engines.iter().zip(times).map(|(engine, times)| (engine.name, median(times))).collect()
}

/// What an engine does in one round.
struct Plan<'e> {
    answer: Answering<'e>,
    count: usize,
    passes: u64,
}

/// As many requests as fit the slice, found by trying: one, two, four and so on.
fn plan<'e>(engine: &Engine<'e>, slice: Duration) -> Plan<'e> {
    let mut count = 1;
    loop {
        let numbers: Vec<_> = (0..count).map(|number| number * engine.requests / count).collect();
        let answer = (engine.lay_out)(&numbers);
        let start = Instant::now();
        answer();
        let spent = start.elapsed().max(Duration::from_nanos(1));
        if count >= engine.requests {
            let passes = u64::try_from(slice.as_nanos() / spent.as_nanos()).unwrap_or(1).max(1);
            return Plan { answer, count, passes };
        }
        if spent * 2 > slice {
            return Plan { answer, count, passes: 1 };
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
