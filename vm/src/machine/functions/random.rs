//! Choices by a seed. The numbers are the output of BLAKE3 for the seed, eight bytes each, little endian; this and the
//! ways to choose are frozen, because nodes of different versions must choose alike.

use super::given::Given;
use ipcmm_bytecode::functions::family::Random;
use ipcmm_bytecode::{Fault, Value};

pub fn call(function: Random, given: Given) -> Result<Value, Fault> {
    Ok(match function {
        Random::RandomInt => {
            let (least, most) = (given.int(0)?, given.int(1)?);
            if least > most {
                return Err(given.bad(0, &format!("{least} is greater than {most}")));
            }
            let choices = u128::from(most.abs_diff(least)) + 1;
            let chosen = Numbers::of(given.str(2)?).below(choices);
            Value::Int((i128::from(least) + chosen as i128) as i64)
        }
        Random::RandomChoice => {
            let values = given.list(0)?;
            let mut numbers = Numbers::of(given.str(1)?);
            match values.len() {
                0 => return Err(given.bad(0, "it is empty")),
                len => values[numbers.below(len as u128) as usize].clone(),
            }
        }
        Random::RandomShuffle => {
            let values = given.list(0)?;
            Value::list(drawn(&values, values.len(), given.str(1)?))
        }
        Random::RandomSample => Value::list(drawn(&given.list(0)?, given.count(1)?, given.str(2)?)),
    })
}

/// The first elements of a shuffled list, by the method of Fisher and Yates from the front.
fn drawn(values: &[Value], count: usize, seed: &str) -> Vec<Value> {
    let mut values = values.to_vec();
    let mut numbers = Numbers::of(seed);
    let count = count.min(values.len());
    for at in 0..count {
        let left = values.len() - at;
        values.swap(at, at + numbers.below(left as u128) as usize);
    }
    values.truncate(count);
    values
}

struct Numbers(blake3::OutputReader);

impl Numbers {
    fn of(seed: &str) -> Numbers {
        Numbers(blake3::Hasher::new().update(seed.as_bytes()).finalize_xof())
    }

    /// A number below `choices`, at most 2^64, each as likely as the others: those beyond the last multiple are drawn
    /// again.
    fn below(&mut self, choices: u128) -> u64 {
        let fair = (1u128 << 64) / choices * choices;
        loop {
            let mut bytes = [0; 8];
            self.0.fill(&mut bytes);
            let drawn = u128::from(u64::from_le_bytes(bytes));
            if drawn < fair {
                return (drawn % choices) as u64;
            }
        }
    }
}
