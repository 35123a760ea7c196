//! The sections of a bundle as they lie in its bytes, put together from what [`Bundle`] shows of them.

use super::draft::{DEFAULT_AGENT, container};
use crate::bundle::rows::*;
use crate::bundle::{AGENT_LEVEL, Bundle};
use zerocopy::{FromBytes, IntoBytes};

/// The bytes of every section. Not shown, and zero here: assets that do not have their hash, debug text that belongs
/// to no file, rows of `meta` behind the first.
pub(super) fn sections(bundle: &Bundle<'_>) -> Vec<(Section, Vec<u8>)> {
    let length = |wanted: Section| {
        bundle.sections().find(|(section, ..)| *section == wanted).map_or(0, |(_, _, length)| length as usize)
    };
    let bytes_of = |section: Section| match section {
        Section::Meta => bundle.meta().map_or_else(Vec::new, |row| row.as_bytes().to_vec()),
        Section::StringOffsets => bundle.raw_strings().0.as_bytes().to_vec(),
        Section::Strings => bundle.raw_strings().1.to_vec(),
        Section::ConstantOffsets => bundle.raw_constants().0.as_bytes().to_vec(),
        Section::Constants => bundle.raw_constants().1.to_vec(),
        Section::Chunks => bundle.chunks().as_bytes().to_vec(),
        Section::Code => bundle.code().to_vec(),
        Section::Args => bundle.args().as_bytes().to_vec(),
        Section::Attrs => bundle.attrs().as_bytes().to_vec(),
        Section::Blocks => bundle.blocks().as_bytes().to_vec(),
        Section::Edges => bundle.edges().as_bytes().to_vec(),
        Section::Tasks => bundle.tasks().as_bytes().to_vec(),
        Section::Facts => bundle.facts().as_bytes().to_vec(),
        Section::Effects => bundle.effects().as_bytes().to_vec(),
        Section::Assets => bundle.assets().as_bytes().to_vec(),
        Section::AssetBytes => {
            let mut bytes = vec![0; length(section)];
            for (number, row) in bundle.assets().iter().enumerate() {
                if let Ok(asset) = bundle.asset(number as u32) {
                    fill(&mut bytes, row.offset.get() as usize, asset);
                }
            }
            bytes
        }
        Section::Listens => bundle.listens().as_bytes().to_vec(),
        Section::Selections => bundle.selections().as_bytes().to_vec(),
        Section::DebugFiles => bundle.debug().0.as_bytes().to_vec(),
        Section::DebugText => {
            let mut bytes = vec![0; length(section)];
            for (number, row) in bundle.debug().0.iter().enumerate() {
                if let Some(name) = bundle.debug_file(number as u32) {
                    fill(&mut bytes, row.offset.get() as usize, name.as_bytes());
                }
            }
            bytes
        }
        Section::DebugTasks => bundle.debug().1.as_bytes().to_vec(),
        Section::DebugCode => bundle.debug().2.as_bytes().to_vec(),
    };
    Section::TABLE.iter().map(|&(section, ..)| (section, bytes_of(section))).collect()
}

fn fill(bytes: &mut [u8], at: usize, part: &[u8]) {
    if let Some(place) = at.checked_add(part.len()).and_then(|end| bytes.get_mut(at..end)) {
        place.copy_from_slice(part);
    }
}

/// The agent level with which these sections are the bundle; none if they are not.
pub(super) fn agent_level(bundle: &Bundle<'_>, sections: &[(Section, Vec<u8>)]) -> Option<u16> {
    let fits = |level: &u16| {
        let bytes = container(sections, *level);
        Header::ref_from_prefix(&bytes).is_ok_and(|(header, _)| header.root == bundle.root())
    };
    std::iter::once(DEFAULT_AGENT).chain((0..=AGENT_LEVEL).filter(|level| *level != DEFAULT_AGENT)).find(fits)
}
