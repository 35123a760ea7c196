//! Functions on numbers. What is no finite number, or no whole number of 64 bits, is a fault.

use super::given::Given;
use crate::machine::arith::{self, mismatch};
use ipcmm_bytecode::functions::family::Numbers;
use ipcmm_bytecode::{Fault, FaultKind, Value};
use std::cmp::Ordering;

pub fn call(function: Numbers, given: Given) -> Result<Value, Fault> {
    Ok(match function {
        Numbers::Abs => match given.any(0) {
            Value::Int(i) => Value::Int(i.checked_abs().ok_or_else(|| given.overflow())?),
            Value::Float(x) => Value::Float(x.abs()),
            Value::Duration(ns) => Value::Duration(ns.checked_abs().ok_or_else(|| given.overflow())?),
            other => return Err(mismatch("take the absolute value of", &[other])),
        },
        Numbers::Floor => whole(given, f64::floor)?,
        Numbers::Ceil => whole(given, f64::ceil)?,
        Numbers::Trunc => whole(given, f64::trunc)?,
        Numbers::Round => whole(given, f64::round_ties_even)?,
        Numbers::RoundTo => {
            let digits = given.within(1, 0, 15)? as usize;
            // Written and read again: the nearest decimal number, where a multiplication would round twice.
            finite(given, format!("{:.digits$}", given.float(0)?).parse().unwrap_or(f64::NAN))?
        }
        Numbers::Sqrt => match given.float(0)? {
            x if x < 0.0 => return Err(given.bad(0, &format!("{x} is negative"))),
            x => finite(given, x.sqrt())?,
        },
        Numbers::Pow => match given.any(0) {
            Value::Int(base) => {
                let exponent = given.int(1)?;
                if exponent < 0 {
                    return Err(given.bad(1, &format!("{exponent} is negative; a base such as 2.0 takes it")));
                }
                Value::Int(power(*base, exponent).ok_or_else(|| given.overflow())?)
            }
            Value::Float(base) => finite(given, base.powf(given.int(1)? as f64))?,
            _ => return Err(given.mismatch(0, "int | float")),
        },
        Numbers::Exp => finite(given, given.float(0)?.exp())?,
        Numbers::Log => {
            let value = given.float(0)?;
            let base = if given.lacks(1) { None } else { Some(given.float(1)?) };
            if value <= 0.0 {
                return Err(given.bad(0, &format!("{value} is not positive")));
            }
            match base {
                Some(base) if base <= 0.0 || base == 1.0 => {
                    return Err(given.bad(1, &format!("{base} is no base: it must be positive and not 1")));
                }
                // These two are exact for powers of their base.
                Some(2.0) => finite(given, value.log2())?,
                Some(10.0) => finite(given, value.log10())?,
                Some(base) => finite(given, value.ln() / base.ln())?,
                None => finite(given, value.ln())?,
            }
        }
        Numbers::Clamp => {
            let (value, least, most) = (given.any(0), given.any(1), given.any(2));
            if arith::order(least, most)? == Ordering::Greater {
                return Err(given.bad(1, &format!("{least} is greater than {most}")));
            }
            match (arith::order(value, least)?, arith::order(value, most)?) {
                (Ordering::Less, _) => least.clone(),
                (_, Ordering::Greater) => most.clone(),
                _ => value.clone(),
            }
        }
        Numbers::Sign => Value::Int(match given.any(0) {
            Value::Int(i) | Value::Duration(i) => i.signum(),
            Value::Float(x) if *x == 0.0 => 0,
            Value::Float(x) => x.signum() as i64,
            _ => return Err(given.mismatch(0, "int | float | duration")),
        }),
        Numbers::Gcd => {
            let gcd = gcd(given.int(0)?.unsigned_abs(), given.int(1)?.unsigned_abs());
            Value::Int(i64::try_from(gcd).map_err(|_| given.overflow())?)
        }
        Numbers::Lcm => {
            let (a, b) = (given.int(0)?.unsigned_abs(), given.int(1)?.unsigned_abs());
            let lcm = match gcd(a, b) {
                0 => Some(0),
                gcd => (a / gcd).checked_mul(b),
            };
            Value::Int(lcm.and_then(|lcm| i64::try_from(lcm).ok()).ok_or_else(|| given.overflow())?)
        }
        Numbers::BitAnd => Value::Int(given.int(0)? & given.int(1)?),
        Numbers::BitOr => Value::Int(given.int(0)? | given.int(1)?),
        Numbers::BitXor => Value::Int(given.int(0)? ^ given.int(1)?),
        Numbers::BitNot => Value::Int(!given.int(0)?),
        Numbers::ShiftLeft => {
            let (value, bits) = (given.int(0)?, given.within(1, 0, 63)?);
            let shifted = i128::from(value) << bits;
            Value::Int(i64::try_from(shifted).map_err(|_| given.overflow())?)
        }
        Numbers::ShiftRight => Value::Int(given.int(0)? >> given.within(1, 0, 63)?),
    })
}

fn finite(given: Given, result: f64) -> Result<Value, Fault> {
    if result.is_finite() { Ok(Value::Float(result)) } else { Err(given.overflow()) }
}

/// A whole number of a float; one that is whole already keeps all its digits.
fn whole(given: Given, round: fn(f64) -> f64) -> Result<Value, Fault> {
    if let Value::Int(i) = given.any(0) {
        return Ok(Value::Int(*i));
    }
    let rounded = round(given.float(0)?);
    // Both bounds are powers of 2, so that they are exact.
    match (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
        true => Ok(Value::Int(rounded as i64)),
        false => Err(Fault::new(FaultKind::Overflow, format!("{}({rounded:?})", given.function.name()))),
    }
}

/// A power by squaring: `checked_pow` takes smaller exponents than bases such as 1 admit.
fn power(base: i64, exponent: i64) -> Option<i64> {
    match base {
        0 | 1 => Some(if exponent == 0 { 1 } else { base }),
        -1 => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        base => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
