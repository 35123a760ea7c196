use granit_parser::*;
fn main(){
 for t in ["[ &c c: d ]", "...\n", "# c\n...\n# x\n---\na"] {
  println!("=== {t:?}");
  let o = options!{ strict_indentation: true, emit_unresolved_aliases: true, emit_anchor_events: false, emit_comments: false };
  for e in Parser::new_from_str_with_options(t,o) { match e { Ok((e,p)) => { let r=p.byte_range().unwrap(); println!("{:?} {:?} {:?}", r, e, t.get(r.clone())) }, Err(e)=>println!("{e:?}") } }
 }
}
