//! Sentences for complaints that need no look at the surroundings.
//!
//! Unaware of: places.

use granit_parser::ErrorKind as K;

/// What is wrong, and what to do about it (may be empty).
pub(super) fn of(kind: &K) -> (String, &'static str) {
    let (message, help) = match kind {
        K::ExpectedBlockMappingKey | K::MappingKeyNotAllowed => (
            "a key is not expected at this indentation",
            "keys of one map begin in one column; a deeper line needs a key without a value above it",
        ),
        K::ExpectedBlockSequenceEntry => (
            "a `-` is expected here",
            "all items of a list begin with `-` in one column; a list has no keys beside them",
        ),
        K::InvalidIndentation => {
            ("the indentation fits no line above", "align the line with the entries it belongs to")
        }
        K::BlockSequenceEntryNotAllowed => (
            "a list cannot begin in this line",
            "put the `-` on a line of its own, indented, or quote the text if the `-` belongs to it",
        ),
        K::BlockEntryInFlowCollection => ("`- ` cannot stand inside of brackets", "write `[a, b]` without dashes"),
        K::InvalidBlockEntryWhitespace => ("a space is missing after `-`", "write `- item`"),
        K::InvalidMappingValueWhitespace => ("a space is missing after `:`", "write `key: value` with a space"),
        K::InvalidTrailingDoubleQuotedScalar | K::InvalidTrailingSingleQuotedScalar => (
            "there is more text after the closing quote",
            "put all of it into the quotes; a quote inside is written `\\\"` in double and `''` in single quotes",
        ),
        K::CommentInterceptedScalar => {
            ("a comment ends a text that goes on in the next line", "move the comment to a line before the text")
        }
        K::CommentNotSeparated => ("a space is missing before `#`", "write a space before the comment"),
        K::InvalidBlockScalarHeader => (
            "only `-`, `+` or a digit may follow `|` or `>`",
            "begin the text on the next line, or quote it if `|` or `>` belongs to it",
        ),
        K::InvalidBlockScalarIndent => {
            ("a line of the text block is not indented deep enough", "indent all lines of the block alike")
        }
        K::ZeroBlockScalarIndent => {
            ("the indentation of a text block cannot be 0", "write a digit from 1 to 9, or none")
        }
        K::PlainScalarStartsWithDashFlowIndicator => {
            ("a plain text cannot start with `-` and a bracket or comma", "write it in quotes")
        }
        K::UnexpectedEndOfPlainScalar => ("a value is missing here", "write a value, or quote the text"),
        K::InvalidColonPlacement | K::FlowMappingValueAdjacentCollection => (
            "a `:` is not expected here",
            "write `key: value` with a space, or quote the text if the `:` belongs to it",
        ),
        K::ExpectedDocumentStart | K::InvalidDocumentEnd => {
            ("a document has ended before this", "write `---` on a line of its own to begin another one")
        }
        K::MissingDocumentEndBeforeDirective => {
            ("a line that starts with `%` is a directive", "quote the text if the `%` belongs to it")
        }
        K::UndeclaredTagHandle
        | K::ExpectedTagBang
        | K::InvalidTagTerminator
        | K::MissingTagUri
        | K::UnclosedVerbatimTag
        | K::InvalidGlobalTagCharacter
        | K::InvalidTagEscape => ("the tag is malformed", "quote the text if the `!` belongs to it"),
        K::ExpectedNodeContent => ("a value is expected here", "write a value, or quote the text"),
        K::BomInsideDocument => ("a byte-order mark stands inside the document", "remove it"),
        K::ExpectedWhitespace => ("a space is missing here", ""),
        K::UnexpectedEof | K::UnexpectedEofBlockMapping | K::UnexpectedEofBlockSequence => {
            ("the text ends in the middle of a value", "")
        }
        K::DirectiveByteLimitExceeded { .. } | K::TooManyReservedDirectiveParams { .. } | K::YamlVersionTooLong => {
            ("the directive is too long", "remove the line that starts with `%`")
        }
        K::UnsupportedYamlMajorVersion => ("only YAML 1 is read", "remove the line that starts with `%YAML`"),
        // The parser's own words for what hardly anybody will write.
        other => return (other.to_string(), ""),
    };
    (message.to_owned(), help)
}
