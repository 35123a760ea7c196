//! JSON Schemas of what people write and of the results of built-ins, made from the tables, so that plain editors
//! complete and check sources without knowing ipcmm.
//!
//! Draft 7: it is what the common YAML servers of editors read in full. A schema sees values as a YAML or JSON reader
//! gives them, so it admits what the compiler may still refuse (a bare `0644` is a number by then), and never refuses
//! what the compiler accepts. Unaware of: where a schema is written. Start reading at [`sources`]; [`types`] has the
//! schema of a type, [`keywords`] that of a keyword's value.

pub mod keywords;
mod types;

use crate::project::Key;
use crate::signatures;
use ipcmm_grammar::keywords::{Keyword, Place, Status};
use ipcmm_stdlib::{BUILTINS, Builtin, Default};
use serde_json::{Map, Value, json};

/// The dialect of all schemas made here.
pub const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// Modules: what may stand in a source file.
pub fn sources() -> Value {
    let mut top = Map::new();
    for keyword in now(|keyword| keyword.stands_in(Place::Module)) {
        top.insert(keyword.name().into(), described(keywords::value(keyword), keyword.doc()));
    }
    json!({
        "$schema": DIALECT,
        "title": "ipcmm module",
        "description": "A module of the configuration language ipcmm: keywords of the module, and labels with what is done under them.",
        "type": "object",
        "properties": top,
        "additionalProperties": { "$ref": "#/definitions/label" },
        "definitions": definitions(),
    })
}

/// Keywords that this version carries out.
fn now(stands: impl Fn(Keyword) -> bool) -> impl Iterator<Item = Keyword> {
    Keyword::ALL.iter().copied().filter(move |keyword| keyword.status() == Status::Now && stands(*keyword))
}

/// Keywords of labels and steps, which may stand at both places.
fn control() -> Map<String, Value> {
    let below = now(|keyword| keyword.stands_in(Place::Label) || keyword.stands_in(Place::Step));
    let value = |keyword: Keyword| (keyword.name().to_owned(), described(keywords::value(keyword), keyword.doc()));
    below.map(value).collect()
}

fn definitions() -> Map<String, Value> {
    let mut all = types::definitions();
    all.append(&mut keywords::definitions());
    let mut label = control();
    for builtin in BUILTINS {
        label.insert(builtin.name.into(), described(step(builtin.name), builtin.doc));
        all.insert(builtin.name.into(), step_definition(arguments(builtin)));
    }
    for (family, members) in families() {
        let short: Vec<&str> = members.iter().filter_map(|name| name.strip_prefix(family)?.strip_prefix('.')).collect();
        let doc = format!("A family of built-ins: `do`, among the arguments, says which of {}.", short.join(", "));
        label.insert(family.into(), described(step(family), &doc));
        let args = json!({ "type": "object", "properties": { "do": { "enum": short } } });
        all.insert(family.into(), step_definition(args));
    }
    all.insert(
        "label".into(),
        json!({
            "description": "A label: built-ins, and beside them keywords that hold for all of them.",
            "type": "object",
            "properties": label,
            "additionalProperties": false,
            // At least one key is the name of a built-in.
            "not": { "propertyNames": { "not": { "pattern": "^ipcmm\\." } } },
        }),
    );
    all.insert("control".into(), json!({ "properties": control() }));
    all
}

/// Names that stand for several built-ins, which `do` chooses from, and those built-ins.
fn families() -> Vec<(&'static str, Vec<&'static str>)> {
    let all = ipcmm_stdlib::dotted_names().iter().copied();
    let members = |family: &'static str| {
        let inside = |name: &&'static str| {
            name.strip_prefix(family).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| !rest.contains('.'))
        };
        (family, BUILTINS.iter().map(|b| b.name).filter(inside).collect::<Vec<_>>())
    };
    let real = |family: &&'static str| ipcmm_stdlib::by_name(family).is_none();
    all.filter(real).map(members).filter(|(_, members)| !members.is_empty()).collect()
}

fn step(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// What stands under a built-in: a map, a list of maps that are joined, or nothing.
fn step_definition(args: Value) -> Value {
    let mut properties = control();
    properties.insert("args".into(), described(args, Keyword::Args.doc()));
    let map = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    json!({ "anyOf": [map, { "type": "array", "items": map }, { "type": "null" }] })
}

/// The arguments of a built-in: by name, in order of the parameters, or none.
fn arguments(builtin: &Builtin) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut positions = Vec::new();
    for (param, ty) in builtin.params.iter().zip(signatures::params(builtin)) {
        let mut value = described(types::written(ty), &format!("{}\n\n`{}`", param.doc, param.ty));
        if let Some(default) = param.default.value() {
            value["default"] = types::constant(&default);
        }
        if param.default == Default::Required {
            required.push(param.name);
        }
        positions.push(types::written(ty));
        properties.insert(param.name.into(), value);
    }
    let mut map = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        map["required"] = json!(required);
    }
    // Of a group exactly one is given; null counts as not given.
    let one = |name: &&str| {
        let mut given = Map::new();
        given.insert((*name).into(), json!({ "not": { "type": "null" } }));
        json!({ "required": [name], "properties": given })
    };
    let groups: Vec<Value> =
        builtin.one_of.iter().map(|group| json!({ "oneOf": group.iter().map(one).collect::<Vec<_>>() })).collect();
    if !groups.is_empty() {
        map["allOf"] = json!(groups);
    }
    let list = json!({ "type": "array", "items": positions, "additionalItems": false });
    json!({ "anyOf": [map, list, { "type": "null" }] })
}

/// The manifest of a project.
pub fn manifest() -> Value {
    let there = Key::TABLE.iter().filter(|(_, _, there, _)| *there);
    let properties: Map<String, Value> =
        there.map(|(key, name, _, doc)| ((*name).to_owned(), described(key_value(*key), doc.trim_ascii()))).collect();
    json!({
        "$schema": DIALECT,
        "title": "ipcmm manifest",
        "description": "The manifest of a project: `ipcmm.yaml` in its folder.",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": false,
        "definitions": types::definitions(),
    })
}

/// The value of a manifest's key. The reader of manifests judges the details.
fn key_value(key: Key) -> Value {
    match key {
        Key::Name | Key::Root | Key::Version => types::reference("scalar"),
        Key::Sources
        | Key::Inputs
        | Key::Environments
        | Key::Inventory
        | Key::Outputs
        | Key::Lints
        | Key::Dependencies
        | Key::Signing => json!({}),
    }
}

/// Data of results as reports hold them, a definition for each built-in.
pub fn results() -> Value {
    let record = |builtin: &Builtin| {
        let mut record = types::reported(&signatures::data(builtin));
        for field in builtin.data {
            let value = record["properties"][field.name].take();
            record["properties"][field.name] = described(value, field.doc);
        }
        record["description"] = json!(format!("The result of `{}`.", builtin.name));
        (builtin.name.to_owned(), record)
    };
    let definitions: Map<String, Value> = BUILTINS.iter().map(record).collect();
    let any: Vec<Value> = BUILTINS.iter().map(|b| step(b.name)).collect();
    json!({
        "$schema": DIALECT,
        "title": "ipcmm results",
        "description": "The `data` of a task in a report: one of these where its built-in is known. A duration is a number of seconds, a size one of bytes. What only an apply can know is null in a plan.",
        "anyOf": any,
        "definitions": definitions,
    })
}

/// A schema with a description; one that only refers is wrapped, because readers of draft 7 look at nothing beside a
/// reference.
fn described(schema: Value, doc: &str) -> Value {
    let mut schema = match schema.get("$ref") {
        Some(_) => json!({ "allOf": [schema] }),
        None => schema,
    };
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".into(), json!(doc));
    }
    schema
}
