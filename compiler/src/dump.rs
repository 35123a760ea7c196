//! Artefacts of the stages as JSON, for people and tools that look inside. Each stage has a file.

pub mod doc;
