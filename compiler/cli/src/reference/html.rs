//! A page as HTML that needs nothing else. Texts may come from sources somebody else wrote: what looks like HTML in
//! them is shown as text, and a link that would run something leads nowhere.

use super::Page;
use ipcmm_compiler::drawing::html::fill;
use ipcmm_compiler::drawing::svg::escaped;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

const STYLE: &str = include_str!("pages.css");

/// Headings from which on a page has a list of them.
const ENOUGH: usize = 4;

/// A page; with `linked` it stands in a folder of pages, and its head leads to the others.
pub fn page(page: &Page, linked: bool) -> String {
    let mut body = String::new();
    let mut events: Vec<Event<'_>> =
        Parser::new_ext(&page.text, Options::ENABLE_TABLES).map(|event| tamed(event, linked)).collect();
    let contents = contents(&mut events);
    html::push_html(&mut body, events.into_iter());
    let up = "../".repeat(page.path.matches('/').count());
    let links = [
        ("index", "Reference"),
        ("builtins", "Built-ins"),
        ("keywords", "Keywords"),
        ("functions", "Functions"),
        ("facts", "Facts"),
        ("faults", "Faults"),
        ("diagnostics", "Diagnostics"),
    ];
    let links: String = links.iter().map(|(path, title)| format!("<a href=\"{up}{path}.html\">{title}</a>")).collect();
    let head = if linked { format!("<nav>{links}</nav>\n") } else { String::new() };
    let title = escaped(&page.title);
    fill(
        include_str!("page.html"),
        &[("title", &title), ("style", STYLE), ("head", &head), ("contents", &contents), ("body", &body)],
    )
}

/// Gives headings a name that links lead to, and lists those below the title where there are enough of them to be lost
/// among.
fn contents(events: &mut [Event<'_>]) -> String {
    let mut entries: Vec<(HeadingLevel, String, String)> = Vec::new();
    let mut open: Option<usize> = None;
    let mut text = String::new();
    for at in 0..events.len() {
        match &events[at] {
            Event::Start(Tag::Heading { .. }) => (open, text) = (Some(at), String::new()),
            Event::Text(part) | Event::Code(part) if open.is_some() => text.push_str(part),
            Event::End(TagEnd::Heading(level)) => {
                let level = *level;
                let name = named(&text, &entries);
                if let Some(Event::Start(Tag::Heading { id, .. })) = open.take().map(|at| &mut events[at]) {
                    *id = Some(name.clone().into());
                }
                entries.push((level, name, std::mem::take(&mut text)));
            }
            _ => {}
        }
    }
    let listed = |(level, ..): &&(HeadingLevel, String, String)| matches!(level, HeadingLevel::H2 | HeadingLevel::H3);
    if entries.iter().filter(listed).count() < ENOUGH {
        return String::new();
    }
    let line = |(level, name, text): &(HeadingLevel, String, String)| {
        format!("<li class=\"{level}\"><a href=\"#{name}\">{}</a></li>", escaped(text))
    };
    let lines: String = entries.iter().filter(listed).map(line).collect();
    format!("<aside><nav aria-label=\"On this page\"><ul>{lines}</ul></nav></aside>\n")
}

/// The name of a heading: its letters and digits, made different from those there are.
fn named(text: &str, others: &[(HeadingLevel, String, String)]) -> String {
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = match plain.trim_matches('-') {
        "" => "section",
        name => name,
    };
    let taken = |name: &str| others.iter().any(|(_, other, _)| other == name);
    if !taken(plain) {
        return plain.to_owned();
    }
    let more = (2..).map(|n| format!("{plain}-{n}")).find(|name| !taken(name));
    more.unwrap_or_default()
}

fn tamed(event: Event<'_>, linked: bool) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = target(dest_url, linked);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        // Nothing is fetched.
        Event::Start(Tag::Image { link_type, title, id, .. }) => {
            Event::Start(Tag::Link { link_type, dest_url: CowStr::Borrowed("#"), title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    }
}

/// Where a link leads: to another page, or out by a harmless scheme.
fn target(url: CowStr<'_>, linked: bool) -> CowStr<'_> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https" | "mailto") => url,
        Some(_) => CowStr::Borrowed("#"),
        None => match url.strip_suffix(".md").filter(|_| linked) {
            Some(path) => format!("{path}.html").into(),
            None => url,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_becomes_markup_or_script() {
        let text =
            "# A\n\n<script>alert(1)</script>\n\nx <b>y</b> [z](javascript:alert(1)) ![w](http://x/y.png) [p](q.md)\n";
        let made = page(&Page { path: "a/b".into(), title: "<i>".into(), text: text.into() }, true);
        for bad in ["<script", "<b>", "javascript:", "<img", "<i>"] {
            assert!(!made.contains(bad), "{bad} in {made}");
        }
        assert!(made.contains("href=\"q.html\"") && made.contains("href=\"../index.html\""), "{made}");
        assert!(made.contains("&lt;script&gt;alert(1)"), "{made}");
    }

    #[test]
    fn headings_can_be_linked_to_and_many_are_listed() {
        let of = |text: &str| page(&Page { path: "a".into(), title: "a".into(), text: text.into() }, false);
        let few = of("# A\n\n## B c\n\n## B c\n");
        assert!(
            few.contains("<h2 id=\"b-c\">") && few.contains("<h2 id=\"b-c-2\">") && !few.contains("<aside>"),
            "{few}"
        );
        let many = of("# A\n\n## `x\"<`\n\n## B\n\n### C\n\n## D\n");
        assert!(many.contains("<li class=\"h2\"><a href=\"#x\">x&quot;&lt;</a></li>"), "{many}");
    }
}
