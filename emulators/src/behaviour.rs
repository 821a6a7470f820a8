//! How an emulator answers the calls that matter: always, for the next few, or by a seeded mix.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

/// What happens to one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Behaviour {
    /// Taken and answered.
    #[default]
    Accept,
    /// Taken; the socket is closed without an answer.
    AcceptThenCut,
    /// Taken; answered with a 500 that is not the platform's JSON.
    #[serde(rename = "accept_then_500")]
    AcceptThen500,
    /// Taken; answered with a 200 that nobody can read.
    AcceptThenGarbage,
    /// The socket is closed before anything is taken.
    Cut,
    /// A 500 before anything is taken, without the platform's JSON.
    #[serde(rename = "fail_500")]
    Fail500,
    /// Refused with an error of the platform.
    Refuse {
        /// Its code (WhatsApp: `error.code`; Telegram: `error_code`; Shopify: HTTP status).
        code: i64,
        /// Its words, when the usual ones do not do.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
    },
    /// Refused for speed.
    Throttle {
        /// WhatsApp: 130429, 131056, 80007…; elsewhere ignored.
        #[serde(default = "rate_limit")]
        code: i64,
        /// Telegram's `retry_after`; on WhatsApp a `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// Nothing is answered for this long; then taken and answered, unless the caller has left.
    Hang {
        /// Milliseconds.
        millis: u64,
        /// Whether it is taken at the start, so that a caller who gives up has sent it all the same.
        #[serde(default)]
        accepted: bool,
    },
}

const fn rate_limit() -> i64 {
    130_429
}

/// A share of calls behaves in a way; the rest is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mix {
    /// The same seed gives the same sequence.
    pub seed: u64,
    /// Percentages; what is left of 100 is accepted.
    pub parts: Vec<MixPart>,
}

/// One share of a [`Mix`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixPart {
    /// Of a hundred calls.
    pub percent: u8,
    /// What happens to them.
    pub behaviour: Behaviour,
}

/// The plan of an emulator: what is scripted first, then the mix, then what always holds.
#[derive(Debug, Default)]
pub struct Plan(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    next: VecDeque<Behaviour>,
    mix: Option<(Mix, StdRng)>,
    always: Behaviour,
}

impl Plan {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// What holds when nothing else is said.
    pub fn always(&self, behaviour: Behaviour) {
        self.state().always = behaviour;
    }
    /// What the next calls meet, one each.
    pub fn next(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.state().next.extend(behaviours);
    }
    /// A seeded mix, until `None`.
    pub fn mix(&self, mix: Option<Mix>) {
        self.state().mix = mix.map(|mix| {
            let rng = StdRng::seed_from_u64(mix.seed);
            (mix, rng)
        });
    }
    /// Forgets everything: accept.
    pub fn reset(&self) {
        *self.state() = State::default();
    }
    /// Draws the behaviour of one call.
    pub fn draw(&self) -> Behaviour {
        let mut state = self.state();
        if let Some(scripted) = state.next.pop_front() {
            return scripted;
        }
        if let Some((mix, rng)) = &mut state.mix {
            let mut roll = rng.random_range(0..100u32);
            for part in &mix.parts {
                match roll.checked_sub(u32::from(part.percent)) {
                    None => return part.behaviour.clone(),
                    Some(rest) => roll = rest,
                }
            }
            return Behaviour::Accept;
        }
        state.always.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scripted_comes_first_and_only_once() {
        let plan = Plan::default();
        plan.always(Behaviour::Cut);
        plan.next([Behaviour::Accept, Behaviour::AcceptThenCut]);
        assert_eq!(
            [plan.draw(), plan.draw(), plan.draw()],
            [Behaviour::Accept, Behaviour::AcceptThenCut, Behaviour::Cut]
        );
        plan.reset();
        assert_eq!(plan.draw(), Behaviour::Accept);
    }

    #[test]
    fn a_mix_repeats_with_its_seed_and_keeps_its_shares() {
        let mix = |seed| Mix {
            seed,
            parts: vec![
                MixPart { percent: 10, behaviour: Behaviour::AcceptThenCut },
                MixPart { percent: 20, behaviour: Behaviour::Cut },
            ],
        };
        let draw = |seed| {
            let plan = Plan::default();
            plan.mix(Some(mix(seed)));
            (0..1000).map(|_| plan.draw()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let cut = draw(7).into_iter().filter(|drawn| *drawn == Behaviour::Cut).count();
        assert!((120..280).contains(&cut), "{cut}");
    }
}
