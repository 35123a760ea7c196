//! One benchmark per stage and policy, over generated work of several sizes.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ipcmm_benches::{bundle, files, nops, schedule};
use ipcmm_compiler::diag::Diagnostics;
use ipcmm_compiler::emit::{Assets, EmitOptions, emit};
use ipcmm_compiler::source::Sources;
use ipcmm_compiler::{check, doc, expand, lower};
use ipcmm_stdlib::Stdlib;
use ipcmm_vm::{PolicyKind, verify};
use std::hint::black_box;

fn stages(c: &mut Criterion) {
    for n in [100, 1_000, 10_000] {
        let text = files(n, "/srv");
        let mut sources = Sources::default();
        let file = sources.add("w.ipcmm.yaml", text.as_str());
        let mut none = Diagnostics::default();
        let parsed = doc::parse(file, &text, doc::Format::Yaml, &mut none);
        let modules = lower::lower(&parsed, "w", &mut none);
        let program = expand::alone(modules, &mut none);
        let graph = check::check(&program, &mut none);
        assert!(none.is_empty(), "generated work has no problems");
        let names = [(file, "w".to_string())].into_iter().collect();
        let options = EmitOptions { name: "w", debug: true, names: &names };

        let mut group = c.benchmark_group("W1");
        group.sample_size(20);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("parse", n), |b| {
            b.iter(|| doc::parse(file, black_box(&text), doc::Format::Yaml, &mut Diagnostics::default()));
        });
        group.throughput(Throughput::Elements(n as u64));
        group.bench_function(BenchmarkId::new("lower", n), |b| {
            b.iter(|| lower::lower(black_box(&parsed), "w", &mut Diagnostics::default()));
        });
        group.bench_function(BenchmarkId::new("check", n), |b| {
            b.iter(|| check::check(black_box(&program), &mut Diagnostics::default()));
        });
        group.bench_function(BenchmarkId::new("emit", n), |b| {
            b.iter(|| emit(black_box(&graph), &Assets::default(), &sources, &options, &mut Diagnostics::default()));
        });
        let bytes = bundle(&text);
        group.bench_function(BenchmarkId::new("verify", n), |b| {
            b.iter(|| verify(black_box(&bytes), &Stdlib).is_ok());
        });
        group.finish();
    }
}

fn policies(c: &mut Criterion) {
    for n in [1_000, 10_000, 100_000] {
        let bytes = bundle(&nops(n));
        let Ok(verified) = verify(&bytes, &Stdlib) else { return };
        let mut group = c.benchmark_group("G");
        group.sample_size(20);
        group.throughput(Throughput::Elements(n as u64));
        for (name, policy) in [("sequential", PolicyKind::Sequential), ("parallel", PolicyKind::Parallel)] {
            group.bench_function(BenchmarkId::new(name, n), |b| b.iter(|| schedule(black_box(&verified), policy)));
        }
        group.finish();
    }
}

criterion_group!(benches, stages, policies);
criterion_main!(benches);
