//! A page as HTML that needs nothing else. Texts may come from sources somebody else wrote: what looks like HTML in
//! them is shown as text, and a link that would run something leads nowhere.

use super::Page;
use ipcmm_compiler::drawing::html::fill;
use ipcmm_compiler::drawing::svg::escaped;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

const STYLE: &str = include_str!("pages.css");

/// A page; with `linked` it stands in a folder of pages, and its head leads to the others.
pub fn page(page: &Page, linked: bool) -> String {
    let mut body = String::new();
    let options = Options::ENABLE_TABLES;
    html::push_html(&mut body, Parser::new_ext(&page.text, options).map(|event| tamed(event, linked)));
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
    fill(include_str!("page.html"), &[("title", &title), ("style", STYLE), ("head", &head), ("body", &body)])
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
        Event::End(pulldown_cmark::TagEnd::Image) => Event::End(pulldown_cmark::TagEnd::Link),
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
}
