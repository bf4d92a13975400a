//! What all operations share: parameters, answers, problems, and the few paths that no verb has.

use serde_json::{Map, Value, json};

use crate::access::BACK;

/// The answers of an operation: what it gives, and the problems it may end in. Some may end any of them.
pub(super) fn responses(gives: &str, with: &[&str]) -> Value {
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({ "$ref": format!("#/components/responses/{gives}") }));
    for status in with.iter().chain(&["401", "429", "503"]) {
        let name = match *status {
            "202" => "Proposed",
            "304" => "Unchanged",
            _ => "Problem",
        };
        responses.insert((*status).to_owned(), json!({ "$ref": format!("#/components/responses/{name}") }));
    }
    responses.sort_keys();
    Value::Object(responses)
}

pub(super) fn components() -> Value {
    let text = json!({ "type": "string" });
    let content =
        |kind: &str, schema: &str| json!({ kind: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } });
    json!({
        "securitySchemes": {
            "bearer": { "type": "http", "scheme": "bearer", "description": "登录所得的 token，或机构的密钥 A session's token, or an institution's key" },
        },
        "parameters": {
            "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "同号同内容只办一次，答复相同；同号异内容 409。The same key with the same content is the same request",
                "schema": { "type": "string", "pattern": "^[!-~]{1,128}$" },
            },
            "Estimate": {
                "name": "estimate", "in": "query", "required": false,
                "description": "只试算，什么也不记 Only what it would answer",
                "schema": { "type": "boolean" },
            },
            "IfNoneMatch": {
                "name": "If-None-Match", "in": "header", "required": false,
                "description": "上次答复的 ETag The ETag of the last answer",
                "schema": { "type": "string" },
            },
        },
        "responses": {
            "Answer": { "description": "已办理 Done, and on the disk", "content": content("application/json", "Answer") },
            "Proposed": { "description": "须由另一人复核 Waits for a second person", "content": content("application/json", "Answer") },
            "List": {
                "description": "名单 A list",
                "headers": { "ETag": { "schema": text } },
                "content": content("application/json", "List"),
            },
            "Unchanged": { "description": "没有变化 The client has it already" },
            "Problem": { "description": "没有办理，说明原因和办法 What is wrong, and what to do", "content": content("application/problem+json", "Problem") },
        },
        "schemas": {
            "Answer": {
                "type": "object",
                "required": ["says", "english", "fields"],
                "properties": {
                    "says": text, "english": text, "fields": { "type": "object" },
                    "steps": { "type": "array", "items": { "$ref": "#/components/schemas/Step" } },
                    "shown": { "type": "object", "description": "只在这一次答复里 In this answer alone" },
                },
            },
            "Step": {
                "type": "object",
                "required": ["text", "basis"],
                "properties": {
                    "text": text, "english": text, "basis": text, "sources": { "type": "array", "items": text },
                },
            },
            "List": {
                "type": "object",
                "required": ["title", "columns", "rows", "foot", "total"],
                "properties": {
                    "title": text, "foot": text, "total": { "type": "integer" },
                    "columns": { "type": "array", "items": {
                        "type": "object", "required": ["name", "zh", "en"],
                        "properties": { "name": text, "zh": text, "en": text },
                    } },
                    "rows": { "type": "array", "items": { "type": "object" } },
                    "next": { "type": "string", "description": "cursor of the next part" },
                },
            },
            "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "code", "cure"],
                "properties": {
                    "type": text, "title": text, "status": { "type": "integer" }, "detail": text, "code": text, "cure": text,
                    "clauses": { "type": "array", "items": text },
                    "in_doubt": { "type": "boolean", "description": "用同一请求号重发 Send again under the same key" },
                },
            },
        },
    })
}

/// The paths that are not made from a verb.
pub(super) fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut put = |path: &str, method: &str, operation: Value| {
        let one = paths.entry(path).or_insert_with(|| json!({}));
        one[method] = operation;
    };
    let plain = |id: &str, zh: &str, en: &str| {
        json!({
            "operationId": id, "summary": zh, "description": en, "security": [],
            "responses": {
                "200": { "description": "OK", "content": { "text/plain": { "schema": { "type": "string" } } } },
            },
        })
    };
    put("/health", "get", plain("health", "进程在运行", "The process lives"));
    let mut ready = plain("ready", "数据库可用", "The database answers");
    ready["responses"]["503"] = problem.clone();
    put("/ready", "get", ready);
    put("/v1/sign-in", "post", signing("sign-in", "登录", "Sign in: gives a token", &["name", "password"]));
    let first = signing(
        "sign-in-first",
        "启用：设第一位管理员",
        "Make the first administrator",
        &["token", "name", "password"],
    );
    put("/v1/sign-in/first", "post", first);
    let mut away = plain("sign-in-oidc", "单点登录：前往身份提供方", "Go to the identity provider");
    away["responses"] = json!({
        "303": { "description": "去身份提供方 To the identity provider" },
        "404": problem, "429": problem, "503": problem,
    });
    put("/v1/sign-in/oidc", "get", away);
    let mut back = plain("sign-in-oidc-back", "单点登录：从身份提供方回来", "Come back from it: gives a token");
    let query = |name: &str| json!({ "name": name, "in": "query", "required": name == "state", "schema": { "type": "string" } });
    back["parameters"] = ["state", "code", "iss", "error"].into_iter().map(query).collect();
    back["responses"] = responses("Answer", &["403", "404"]);
    back["responses"]["200"] = object("登录结果 The outcome");
    put(BACK, "get", back);
    let mut out = json!({ "operationId": "sign-out", "summary": "退出", "description": "End the session" });
    out["responses"] = json!({
        "204": { "description": "已退出 Signed out" },
        "401": problem, "403": problem, "429": problem, "503": problem,
    });
    put("/v1/sign-out", "post", out);
    let mut me = json!({ "operationId": "me", "summary": "我是谁", "description": "Who one is, and in which role" });
    me["responses"] = responses("Answer", &["403"]);
    me["responses"]["200"] = object("本人 Oneself");
    put("/v1/me", "get", me);
    paths
}

fn object(says: &str) -> Value {
    json!({ "description": says, "content": { "application/json": { "schema": { "type": "object" } } } })
}

fn signing(id: &str, zh: &str, en: &str, fields: &[&str]) -> Value {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 128 });
    let properties: Map<String, Value> = fields.iter().map(|field| ((*field).to_owned(), text.clone())).collect();
    let body = json!({ "type": "object", "required": fields, "properties": properties, "additionalProperties": false });
    let mut operation = json!({ "operationId": id, "summary": zh, "description": en, "security": [] });
    operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": body } } });
    operation["responses"] = responses("Answer", &["400", "404", "408", "409", "413", "415", "422"]);
    operation["responses"]["200"] = object("登录结果 The outcome");
    operation
}
