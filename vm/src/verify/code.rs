//! Chunks of code: whole ops, operands that exist, jumps that lead to ops, an end that returns.

use ipcmm_bytecode::bundle::Bundle;
use ipcmm_bytecode::operand::Bounds;
use ipcmm_bytecode::secret::Address;
use ipcmm_bytecode::{Effect, Fault, FaultKind, Op, limits};

/// Checks all chunks. They lie back to back in `code`, so every byte is looked at twice at most: once as an op and
/// once as the aim of a jump.
pub fn chunks(bundle: &Bundle<'_>) -> Result<(), Fault> {
    let mut starts = BitSet::default();
    let mut end = 0u32;
    for (number, row) in bundle.chunks().iter().enumerate() {
        let number = number as u32;
        let fail = |what: &str| Fault::new(FaultKind::BadChunk, format!("chunk {number} {what}"));
        if row.offset.get() != end {
            return Err(fail("does not begin where the one before ends"));
        }
        end = end.checked_add(row.length.get()).ok_or_else(|| fail("has an impossible length"))?;
        let code = bundle.chunk_code(number).ok_or_else(|| fail("reaches past the end of the code"))?;
        if u32::from(row.registers.get()) > limits::REGISTERS {
            return Err(fail("uses too many registers"));
        }
        let bounds = Bounds {
            registers: row.registers.get().into(),
            constants: bundle.constant_count(),
            tasks: row.reads.get(),
            code: row.length.get(),
            chunks: bundle.chunks().len() as u32,
        };
        let (reads, effect) = chunk(bundle, code, &bounds, &mut starts).map_err(|fault| fault.at(number, 0))?;
        if reads != row.reads.get() || effect as u16 != row.effect.get() {
            return Err(fail("does not say truly what it reads"));
        }
    }
    match end as usize == bundle.code().len() {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::BadChunk, "code is left over that belongs to no chunk")),
    }
}

fn chunk(bundle: &Bundle<'_>, code: &[u8], bounds: &Bounds, starts: &mut BitSet) -> Result<(u32, Effect), Fault> {
    starts.clear(code.len());
    let (mut pos, mut reads, mut effect, mut ends, mut jumps) = (0, 0, Effect::None, false, false);
    while pos < code.len() {
        starts.insert(pos);
        let at = pos;
        let op = Op::decode(code, &mut pos)?;
        if !op.check(bounds) {
            return Err(Fault::new(FaultKind::BadOperand, format!("`{op}` at byte {at}")));
        }
        let row = op.row();
        effect = effect.max(row.effect);
        ends = op.ends();
        jumps |= op.target().is_some();
        match op {
            Op::Result { task, .. } => reads = reads.max(task.0 + 1),
            Op::Call { func, args, .. } | Op::Probe { func, args, .. }
                if func.row().params.len() != usize::from(args.count)
                    || func.effect() != row.effect
                    || func.is_loop() =>
            {
                return Err(Fault::new(FaultKind::BadOperand, format!("`{op}` does not fit {}", func.name())));
            }
            Op::Invoke { chunk, args, .. } => callable(bundle, chunk.0, args.count)?,
            Op::Fact { k, .. } => known_fact(bundle, k.0)?,
            Op::Secret { k, .. } => {
                let address = text_constant(bundle, k.0)?;
                Address::parse(address)
                    .map_err(|why| Fault::new(FaultKind::BadOperand, format!("secret `{address}`: {why}")))?;
            }
            Op::Field { k, .. } | Op::FieldOpt { k, .. } => {
                text_constant(bundle, k.0)?;
            }
            Op::Map { entries, .. } if entries.count % 2 != 0 => {
                return Err(Fault::new(FaultKind::BadOperand, format!("`{op}` has a key without a value")));
            }
            _ => {}
        }
    }
    if !ends {
        return Err(Fault::new(FaultKind::BadChunk, "control runs past its end"));
    }
    if jumps {
        let mut pos = 0;
        while pos < code.len() {
            let op = Op::decode(code, &mut pos)?;
            if let Some(target) = op.target()
                && !starts.contains(target as usize)
            {
                return Err(Fault::new(FaultKind::BadJump, format!("`{op}`")));
            }
        }
    }
    Ok((reads, effect))
}

/// A chunk can be called if it asks nothing of the host and reads no results: then what its caller may do does not
/// depend on it.
fn callable(bundle: &Bundle<'_>, number: u32, args: u8) -> Result<(), Fault> {
    let pure = bundle.chunks().get(number as usize).is_some_and(|row| {
        row.effect.get() == Effect::None as u16 && row.reads.get() == 0 && row.registers.get() >= args.into()
    });
    match pure {
        true => Ok(()),
        false => Err(Fault::new(FaultKind::BadOperand, format!("chunk {number} cannot be called with {args} values"))),
    }
}

/// Looks at the constant without decoding it: many ops may name one large text.
fn text_constant<'a>(bundle: &Bundle<'a>, number: u32) -> Result<&'a str, Fault> {
    bundle
        .constant_text(number)
        .ok_or_else(|| Fault::new(FaultKind::BadOperand, format!("constant {number} is not text")))
}

fn known_fact(bundle: &Bundle<'_>, number: u32) -> Result<(), Fault> {
    let path = text_constant(bundle, number)?;
    let found = bundle.facts().binary_search_by(|row| bundle.string(row.get()).unwrap_or("").cmp(path));
    found.map(drop).map_err(|_| Fault::new(FaultKind::BadOperand, format!("fact `{path}` is not listed")))
}

/// A set of byte offsets, reused from chunk to chunk.
#[derive(Default)]
struct BitSet(Vec<u64>);

impl BitSet {
    fn clear(&mut self, len: usize) {
        self.0.clear();
        self.0.resize(len.div_ceil(64), 0);
    }

    fn insert(&mut self, n: usize) {
        if let Some(word) = self.0.get_mut(n / 64) {
            *word |= 1 << (n % 64);
        }
    }

    fn contains(&self, n: usize) -> bool {
        self.0.get(n / 64).is_some_and(|word| word & 1 << (n % 64) != 0)
    }
}
