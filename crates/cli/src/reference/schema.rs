//! JSON Schemas (draft 2020-12) of the files of a policies folder, for editors: completion, words with their meaning, and
//! unknown keys marked as one types. What a schema cannot say (clauses, dangling names, gaps) `policy check` says.

use std::collections::BTreeMap;

use cases::format::{self, KindFormat};
use policy::registry::{COMMON, Field, Kind, PARTS, RULE};
use policy::vocabulary::{condition_doc, condition_keys, condition_words};
use policy::{notice, region};
use serde_json::{Map, Value, json};

use crate::session::Lang;
use crate::words::{label, word_name};

/// Of a notice file.
pub fn notice() -> Value {
    let mut properties = families();
    properties.insert("notice".into(), header(notice::NOTICE, "文件头"));
    properties.insert("adoption".into(), array_of(notice::ADOPTION, "草案的通过"));
    let mut schema = head("政策文件", properties);
    schema["anyOf"] = json!([{ "required": ["notice"] }, { "required": ["adoption"] }]);
    schema["$defs"] = definitions().into();
    schema
}

/// Every kind of provision, as the tree of its keys.
fn families() -> Map<String, Value> {
    let mut root = Node::default();
    for part in PARTS {
        let path: Vec<&str> = part.pattern.split('.').collect();
        let own = part.fields.iter().map(|field| property(field, true));
        let every = COMMON.iter().map(|field| shared(field.name, "every"));
        let mut entry = object(every.chain(own), part.fields, part.doc);
        // A provision that only ends its key says nothing else.
        if let Some(required) = entry.as_object_mut().and_then(|entry| entry.remove("required")) {
            entry["anyOf"] = json!([{ "required": required }, { "required": ["ends"] }]);
        }
        root.put(&path, json!({ "type": "array", "description": part.name, "items": entry }));
    }
    root.properties()
}

/// What provisions share: how values are written, the fields of every provision, conditions.
fn definitions() -> Map<String, Value> {
    let mut definitions = values();
    definitions.extend(COMMON.iter().map(|field| {
        let (name, schema) = property(field, false);
        (format!("every-{name}"), schema)
    }));
    definitions.extend(condition_keys().map(|key| (format!("when-{key}"), condition(key))));
    definitions.insert("conditions".into(), object(conditions(), &[], "条件：写出的都要符合"));
    definitions
}

/// Of a file of cases: one shape for each kind.
pub fn case() -> Value {
    let mut definitions = definitions();
    definitions.insert(
        "with".into(),
        json!({
            "description": "试验数字：盖过一切，写法同条款",
            "type": "object",
            "properties": families(),
            "additionalProperties": false,
        }),
    );
    let kinds: Vec<Value> = format::kinds()
        .enumerate()
        .map(|(at, kind)| {
            definitions.insert(format!("expect-{}", kind.name), expect(kind.expect));
            definitions.insert(format!("case-{}", kind.name), case_of(&kind, at == 0));
            json!({ "$ref": format!("#/$defs/case-{}", kind.name) })
        })
        .collect();
    let mut properties = Map::new();
    properties.insert("case".into(), json!({ "type": "array", "items": { "anyOf": kinds } }));
    let mut schema = head("案例", properties);
    schema["required"] = json!(["case"]);
    schema["$defs"] = definitions.into();
    schema
}

fn case_of(kind: &KindFormat, is_default: bool) -> Value {
    let fields = format::COMMON.iter().chain(kind.fields).map(|field| property(field, false));
    let mut schema = object(fields, kind.fields, kind.name);
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    required.push(json!("name"));
    let expected = json!({ "$ref": format!("#/$defs/expect-{}", kind.name) });
    let properties = &mut schema["properties"];
    properties["kind"] = json!({ "const": kind.name, "description": "案例的种类；不写为 settle" });
    properties["with"] = json!({ "$ref": "#/$defs/with" });
    properties["expect"] = expected.clone();
    if kind.bills {
        let opening: Map<String, Value> =
            format::OPENING.iter().map(|name| ((*name).to_owned(), json!(true))).collect();
        properties["opening"] = json!({
            "description": "年初状态", "type": "object", "properties": opening, "additionalProperties": false,
        });
        let mut bill = header(format::BILL, "一张账单");
        if is_default {
            bill["properties"]["expect"] = expected;
        }
        properties["bills"] = json!({ "description": "账单，按先后", "type": "array", "minItems": 1, "items": bill });
        required.push(json!("bills"));
    }
    if kind.steps {
        let mut step = header(format::STEP, "一步：一个命令或查询");
        step["properties"]["with"] = json!({ "description": "命令或查询的各项", "type": "object" });
        step["properties"]["expect"] = json!({ "description": "答复中的各项，按路径", "type": "object" });
        properties["do"] = json!({ "description": "步骤，按先后", "type": "array", "minItems": 1, "items": step });
        required.push(json!("do"));
    }
    if !is_default {
        required.push(json!("kind"));
    }
    schema["required"] = required.into();
    schema
}

/// What may be expected: text, number, day or yes and no.
fn expect(keys: &[&str]) -> Value {
    let value = json!({ "type": ["string", "integer", "boolean"] });
    let properties: Map<String, Value> =
        keys.iter().filter(|key| **key != "stage.*").map(|key| ((*key).to_owned(), value.clone())).collect();
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if keys.contains(&"stage.*") {
        schema["properties"]["stage"] = json!({ "type": "object", "additionalProperties": value });
        schema["patternProperties"] = json!({ r"^stage\.": value });
    }
    schema
}

/// Of `region.toml`.
pub fn region() -> Value {
    let mut region = header(region::REGION, "统筹区");
    region["properties"]["code"]["pattern"] = json!("^[0-9]{6}$");
    let mut properties = Map::new();
    properties.insert("region".into(), region);
    properties.insert("tier".into(), array_of(region::TIER, "档次"));
    properties.insert("area".into(), array_of(region::AREA, "补助地区"));
    let mut schema = head("统筹区", properties);
    schema["required"] = json!(["region"]);
    schema
}

/// Of `statistics.toml`.
pub fn statistics() -> Value {
    let mut properties = Map::new();
    properties.insert("statistic".into(), array_of(region::STATISTIC, "统计数"));
    let mut schema = head("统计数", properties);
    schema["$defs"] = values().into();
    schema
}

/// The tree of keys: named children, any other name, or a list of provisions.
#[derive(Default)]
struct Node {
    named: BTreeMap<&'static str, Node>,
    any: Option<Box<Node>>,
    leaf: Option<Value>,
}

impl Node {
    fn put(&mut self, path: &[&'static str], leaf: Value) {
        match path {
            [] => self.leaf = Some(leaf),
            ["*", rest @ ..] => self.any.get_or_insert_default().put(rest, leaf),
            [name, rest @ ..] => self.named.entry(name).or_default().put(rest, leaf),
        }
    }

    fn schema(&self) -> Value {
        if let Some(leaf) = &self.leaf {
            return leaf.clone();
        }
        let others = self.any.as_ref().map_or(json!(false), |any| any.schema());
        json!({ "type": "object", "properties": self.properties(), "additionalProperties": others })
    }

    fn properties(&self) -> Map<String, Value> {
        self.named.iter().map(|(name, node)| ((*name).to_owned(), node.schema())).collect()
    }
}

fn head(title: &str, properties: Map<String, Value>) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A table of the head of a file, whose fields have their meaning in their own words.
fn header(fields: &[Field], description: &str) -> Value {
    object(fields.iter().map(|field| property(field, false)), fields, description)
}

fn array_of(fields: &[Field], description: &str) -> Value {
    json!({ "type": "array", "items": header(fields, description) })
}

/// A table of these properties, of which the fields say what must be there.
fn object(properties: impl Iterator<Item = (String, Value)>, fields: &[Field], description: &str) -> Value {
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": description,
        "properties": properties.collect::<Map<_, _>>(),
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A property that is defined once for all.
fn shared(name: &str, family: &str) -> (String, Value) {
    (name.to_owned(), json!({ "$ref": format!("#/$defs/{family}-{name}") }))
}

fn conditions() -> impl Iterator<Item = (String, Value)> {
    condition_keys().map(|key| shared(key, "when"))
}

fn property(field: &Field, labelled: bool) -> (String, Value) {
    let mut schema = of_kind(field.kind);
    let zh = label(field.name, Lang::Zh);
    let meaning = if labelled && zh != field.name { format!("{zh}：{}", field.doc) } else { field.doc.to_owned() };
    schema["description"] = json!(meaning);
    (field.name.to_owned(), schema)
}

fn of_kind(kind: Kind) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => some(json!({ "type": "string" })),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Date => of("day"),
        Kind::MonthDay => of("month-day"),
        Kind::Amount => of("amount"),
        Kind::Amounts => some(of("amount")),
        Kind::Rate | Kind::Factor => of("ratio"),
        Kind::Points => of("points"),
        Kind::Rule => of("rule"),
        Kind::Word(words) => word(words),
        Kind::Words(words) => some(word(words)),
        Kind::When => of("conditions"),
        Kind::Table(fields) => header(fields, ""),
        Kind::Rows(fields, conditional) => {
            let own = fields.iter().map(|field| property(field, true));
            let row = object(own.chain(conditions().filter(|_| conditional)), fields, "一行");
            json!({ "type": "array", "minItems": 1, "items": row })
        }
    }
}

/// One, or a list of them.
fn some(one: Value) -> Value {
    json!({ "anyOf": [one, { "type": "array", "items": one }] })
}

/// A word of a closed list, each with its Chinese for the editor.
fn word(words: &[&str]) -> Value {
    let meanings: Vec<String> = words.iter().map(|word| word_name(word)).collect();
    json!({ "type": "string", "enum": words, "x-taplo": { "docs": { "enumValues": meanings } } })
}

/// What a condition holds: a word of the vocabulary or a name of the region, or a list of them.
fn condition(key: &'static str) -> Value {
    let (zh, en) = condition_doc(key);
    let words = condition_words(key);
    let one = match key {
        "age" => json!({ "type": "string", "pattern": r"^\d{1,3}(\+|-\d{1,3})$" }),
        "admission" => json!({ "anyOf": [
            { "type": "string", "pattern": r"^\d{1,3}(\+|-\d{1,3})?$" }, { "type": "integer", "minimum": 1 },
        ] }),
        _ if words.is_empty() => json!({ "type": "string" }),
        _ => {
            let (codes, meanings): (Vec<&str>, Vec<&str>) = words.iter().map(|(code, zh, _)| (*code, *zh)).unzip();
            json!({ "type": "string", "enum": codes, "x-taplo": { "docs": { "enumValues": meanings } } })
        }
    };
    let mut schema = some(one);
    schema["description"] = json!(format!("条件 · {zh} {en}"));
    schema
}

/// How values are written.
fn values() -> Map<String, Value> {
    let values = json!({
        "amount": {
            "description": "金额，元：500、\"146.40\"；\"open\" 待定；\"none\" 不限；或推算规则",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "enum": ["open", "none"] },
                { "type": "string", "pattern": r"^\d[\d,]*(\.\d{1,2})?$" },
                { "$ref": "#/$defs/rule" },
            ],
        },
        "ratio": { "description": "比例，带百分号", "type": "string", "pattern": r"^\d+(\.\d{1,4})?%$" },
        "points": {
            "description": "百分点",
            "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": r"^[+-]?\d+(\.\d{1,4})?$" }],
        },
        "day": { "description": "日期，不加引号", "type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$" },
        "month-day": { "description": "月-日", "type": "string", "pattern": r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$" },
        "rule": header(RULE, "推算规则"),
    });
    let Value::Object(values) = values else { return Map::new() };
    values
}
