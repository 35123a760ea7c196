//! Addresses of secrets: where the agent is to look for a value that no bundle holds. The compiler, the verifier and
//! the agent read them by this one function, so that none takes what another refuses.
//!
//! Unaware of: how a secret is fetched. Nothing here ever holds one.

use std::fmt;

/// Where a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address<'a> {
    /// A variable of the agent's environment.
    Env(&'a str),
    /// A file of the node, by its absolute path.
    File(&'a str),
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It names no place to look.
    NoScheme,
    /// It names one that is not there, which is given.
    UnknownScheme(String),
    /// What stands behind the scheme cannot be.
    BadName(&'static str),
}

/// No path is longer.
const LONGEST: usize = 4096;

/// How addresses are written, for messages.
pub const FORMS: &str = "`env:NAME` or `file:/path`";

impl<'a> Address<'a> {
    /// Reads an address.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &'a str) -> Result<Address<'a>, Unread> {
        // Many ops of a bundle may name one text, so a long one is not looked at.
        if text.len() > LONGEST {
            return Err(Unread::BadName("it is longer than a path can be"));
        }
        let Some((scheme, name)) = text.split_once(':') else { return Err(Unread::NoScheme) };
        match scheme {
            "env" if name.is_empty() => Err(Unread::BadName("it names no variable")),
            "env" if !is_variable(name) => {
                Err(Unread::BadName("the name of a variable holds letters, digits and `_`, and begins with no digit"))
            }
            "env" => Ok(Address::Env(name)),
            "file" if !name.starts_with('/') => Err(Unread::BadName("the path of a file begins with `/`")),
            "file" if name.split('/').any(|part| part == "..") => Err(Unread::BadName("the path leads through `..`")),
            "file" if name.ends_with('/') => Err(Unread::BadName("the path is that of a folder")),
            "file" if name.contains('\0') => Err(Unread::BadName("the path holds a NUL character")),
            "file" => Ok(Address::File(name)),
            other if !other.is_empty() && other.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) => {
                Err(Unread::UnknownScheme(other.to_owned()))
            }
            _ => Err(Unread::NoScheme),
        }
    }
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Env(name) => write!(f, "env:{name}"),
            Address::File(path) => write!(f, "file:{path}"),
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unread::NoScheme => f.write_str("it says not where the secret is"),
            Unread::UnknownScheme(scheme) => write!(f, "agents cannot fetch secrets from `{scheme}:`"),
            Unread::BadName(why) => f.write_str(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_a_scheme_and_a_name() {
        for (text, read) in [
            ("env:DB_PASSWORD", Ok(Address::Env("DB_PASSWORD"))),
            ("file:/run/keys/db", Ok(Address::File("/run/keys/db"))),
            ("file:/a:b", Ok(Address::File("/a:b"))),
            ("password", Err(Unread::NoScheme)),
            (":x", Err(Unread::NoScheme)),
            ("a b:x", Err(Unread::NoScheme)),
            ("vault:kv/db", Err(Unread::UnknownScheme("vault".to_owned()))),
        ] {
            assert_eq!(Address::parse(text), read, "{text}");
            if let Ok(address) = read {
                assert_eq!(address.to_string(), text);
            }
        }
        for text in
            ["env:", "env:1A", "env:A=B", "env:A B", "file:", "file:run/x", "file:/a/../b", "file:/a/", "file:/a\0"]
        {
            assert!(matches!(Address::parse(text), Err(Unread::BadName(_))), "{text}");
        }
    }
}
