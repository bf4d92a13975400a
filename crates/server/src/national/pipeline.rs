//! A message from the socket to its reply.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request as HttpRequest;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use books::Refusal;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;
use tracing::error;
use wire::cipher::Hands;
use wire::envelope::MessageId;
use wire::gateway::{Headers, Refused};
use wire::{Reply, Request, moment};

use super::context::Context;
use super::fault::Fault;
use super::keys::Account;
use super::platform::Platform;
use super::{desk, handlers};
use crate::app::{App, peer};
use crate::ops::Asker;
use crate::problem::Code;

/// The transaction that brings a file.
const FILE: &str = "9101";

/// Answers a message; `named` is the number in the address.
pub(super) async fn answer(app: &Arc<App>, named: Option<&str>, request: HttpRequest) -> Response {
    let now = Timestamp::from_microsecond(app.bridge.now()).unwrap_or_default();
    let came = moment::local(now);
    let platform = match app.national.platform(&app.bridge).await {
        Ok(platform) => platform,
        Err(fault) => return sent(app, None, came, Err(fault), Message::default()),
    };
    let mut message = Message::default();
    let outcome = carried_out(app, &platform, (now, came), named, request, &mut message).await;
    sent(app, Some(&platform), came, outcome, message)
}

/// What is known of a message so far.
#[derive(Default)]
struct Message {
    account: Option<Arc<Account>>,
    /// Request id.
    id: String,
    actor: String,
    warning: String,
    /// Whether it was opened, so that its reply is sealed.
    opened: bool,
}

async fn carried_out(
    app: &Arc<App>,
    platform: &Arc<Platform>,
    (now, came): (Timestamp, DateTime),
    named: Option<&str>,
    request: HttpRequest,
    message: &mut Message,
) -> Result<Value, Fault> {
    let from = peer(&request);
    let (head, body) = request.into_parts();
    let most = if named == Some(FILE) { app.settings.file } else { app.settings.body };
    let bytes = read(body, most, app.settings.arrival).await?;
    message.account = vouched(app, platform, &head.headers, &bytes, now, from).await?;
    let request = Request::read(&bytes)?;
    let mut request = platform.profile.cipher.open(request, hands(platform, message.account.as_deref()))?;
    message.opened = true;
    message.actor = whose(app, &request, message.account.as_deref())?;
    let input = request.input.take();
    let context = Context::new(app, platform, request, std::mem::take(&mut message.actor), came);
    message.id.clone_from(&context.id);
    message.actor.clone_from(&context.actor);
    in_time(&context)?;
    desk::check(&context).await?;
    let output = transaction(&context, named, &input).await?;
    message.warning = context.warning();
    Ok(output)
}

/// A whole body of at most so many bytes.
async fn read(body: Body, most: usize, arrival: Duration) -> Result<axum::body::Bytes, Fault> {
    let Ok(read) = tokio::time::timeout(arrival, to_bytes(body, most)).await else {
        return Err(Fault::new("slow-body", "报文没有及时送到", "检查网络后重发").under(StatusCode::REQUEST_TIMEOUT));
    };
    read.map_err(|error| {
        let long = std::error::Error::source(&error).is_some_and(|inner| inner.to_string().contains("length limit"));
        if long {
            let message = format!("报文超过 {most} 字节");
            let fault = Fault::new("too-large", message, "分成几次上传；文件用 POST /national/9101");
            return fault.under(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Fault::new("cut-body", "报文没有送完", "重发").under(StatusCode::BAD_REQUEST)
    })
}

/// The account that the gateway's headers vouch for; none where the region has no gateway, which only this machine may use.
async fn vouched(
    app: &Arc<App>,
    platform: &Platform,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
    from: IpAddr,
) -> Result<Option<Arc<Account>>, Fault> {
    if platform.is_open() {
        if from.is_loopback() {
            return Ok(None);
        }
        let message = "本平台没有设接入网关，只受理本机的报文";
        let fault = Fault::new("open-gateway", message, "由经办机构为地区选用带签名的网关");
        return Err(fault.under(StatusCode::UNAUTHORIZED));
    }
    let headers: Headers =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let accounts = &platform.accounts;
    let secret = |name: &str| accounts.known(name).flatten().map(|account| account.secret.clone());
    let mut checked = platform.gateway.check(&headers, body, now, &secret);
    if let Err(Refused::Unknown(name)) = &checked
        && accounts.known(name).is_none()
    {
        accounts.load(&app.bridge, name).await?;
        checked = platform.gateway.check(&headers, body, now, &secret);
    }
    let name = checked?.account;
    let account = accounts.known(&name).flatten();
    account.map(Some).ok_or_else(|| Refused::Unknown(name).into())
}

fn hands<'a>(platform: &'a Platform, account: Option<&'a Account>) -> Hands<'a> {
    Hands {
        sm4: account.map(|account| &account.sm4),
        sm3: account.map(|account| &account.secret),
        signer: platform.signing.as_ref().map(|signing| &**signing as _),
        verifier: account.and_then(|account| account.public.as_ref()).map(|public| public as _),
    }
}

/// Who sent it, as the journal has it: an account speaks for its own institution, and a message id begins with it.
fn whose(app: &App, request: &Request, account: Option<&Account>) -> Result<String, Fault> {
    let institution = &request.fixmedins_code;
    let other = |message: String, cure: &str| Fault::new("other-institution", message, cure);
    let known = MessageId::read(&request.msgid).is_some_and(|id| id.fixmedins_code == *institution);
    if !known {
        let message = format!("报文ID {} 的前12位不是本机构 {institution}", request.msgid);
        return Err(other(message, "按 机构编号12位＋时间14位＋顺序号4位 编报文ID"));
    }
    let Some(account) = account else { return Ok(format!("national/{institution}")) };
    if account.provider != *institution {
        let message = format!("接入账号 {} 不是机构 {institution} 的", account.id);
        return Err(other(message, "用本机构的账号，fixmedins_code 填本机构编号").under(StatusCode::UNAUTHORIZED));
    }
    let role = app.access.roles.role.get(&account.role);
    let bound = role.filter(|role| role.scope.as_deref() == Some("provider"));
    let actor = format!("key/{}", account.id);
    let Some(role) = bound else {
        let message = format!("接入账号 {} 的角色不能办理机构交易", account.id);
        return Err(
            Fault::new("not-allowed", message, "由经办机构发放 hospital 角色的账号").under(StatusCode::FORBIDDEN)
        );
    };
    app.access.rate(&actor, role.per_second, Duration::from_secs(1))?;
    Ok(actor)
}

/// Refuses a message that says it was sent long ago, or is yet to be sent.
fn in_time(context: &Context) -> Result<(), Fault> {
    let (sent, came) = (context.request.inf_time, context.came);
    let off = moment::at(sent).zip(moment::at(came)).map(|(sent, came)| (sent.as_second() - came.as_second()).abs());
    let window = context.platform.window();
    if off.is_some_and(|off| off <= window) {
        return Ok(());
    }
    let message = format!("inf_time {} 与平台时间 {} 相差超过 {window} 秒", moment::spoken(sent), moment::spoken(came));
    Err(Fault::new("clock-off", message, "校准本机时钟后，用新的报文重发"))
}

async fn transaction(context: &Context, named: Option<&str>, input: &Value) -> Result<Value, Fault> {
    let infno = context.request.infno.as_str();
    if named.is_some_and(|named| named != infno) {
        let message = format!("地址里的交易编号与报文的 infno {infno} 不同");
        return Err(Fault::new("other-infno", message, "二者填写同一个交易编号"));
    }
    let Some(known) = wire::dictionary::transaction(infno) else {
        return Err(Fault::new("unknown-infno", format!("没有交易 {infno}"), "核对 infno（交易编号）"));
    };
    let Some(handler) = handlers::handler(infno) else {
        let message = format!("本平台没有开通交易 {infno}（{}）", known.zh);
        return Err(Fault::new("not-offered", message, "按经办机构公布的交易范围办理"));
    };
    let mut faults = wire::dictionary::check_input_by(&context.profile().leave, infno, input);
    if known.of_a_person() {
        faults.extend(context.request.insuplc_missing());
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    handler(context, input).await
}

/// The reply as it goes out.
fn sent(
    app: &App,
    platform: Option<&Arc<Platform>>,
    came: DateTime,
    outcome: Result<Value, Fault>,
    message: Message,
) -> Response {
    let went = moment::local(Timestamp::from_microsecond(app.bridge.now()).unwrap_or_default());
    let reference = platform.map(|platform| platform.reference(came)).unwrap_or_default();
    let (reply, fault) = match outcome {
        Ok(output) => {
            let done = Reply::done(reference, came, went, output);
            (Reply { warn_msg: message.warning.clone(), ..done }, None)
        }
        Err(fault) => (Reply::failed(reference, came, went, fault.told(&message.id)), Some(fault)),
    };
    let (reply, fault) = match platform.filter(|_| message.opened) {
        Some(platform) => sealed(platform, message.account.as_deref(), reply, fault),
        None => (reply, fault),
    };
    let status = fault.as_ref().map_or(StatusCode::OK, |fault| fault.status);
    let mut response = (status, reply.bytes()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Some(seconds) = fault.as_ref().and_then(|fault| fault.retry) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if !message.actor.is_empty() {
        response.extensions_mut().insert(Asker(message.actor));
    }
    if let Some(Fault { refusal: Refusal { code, .. }, .. }) = fault {
        response.extensions_mut().insert(Code(code));
    }
    response
}

/// Signed and hidden as the region asks. What cannot be sealed is not sent: its fate is told by sending the message again.
fn sealed(
    platform: &Platform,
    account: Option<&Account>,
    reply: Reply,
    fault: Option<Fault>,
) -> (Reply, Option<Fault>) {
    let (id, came, went) = (reply.inf_refmsgid.clone(), reply.refmsg_time, reply.respond_time);
    let mut begin = [0; 16];
    let outcome = match getrandom::fill(&mut begin) {
        Ok(()) => platform.profile.cipher.seal(reply, hands(platform, account), begin).map_err(Fault::from),
        Err(_) => Err(Fault::new("no-random", "系统不给随机数", "稍后用同一报文ID重发")),
    };
    match outcome {
        Ok(reply) => (reply, fault),
        Err(unsealed) => {
            error!(code = unsealed.refusal.code, "a reply cannot be sealed");
            let unsealed = unsealed.under(StatusCode::SERVICE_UNAVAILABLE);
            let text = unsealed.told("");
            let at = went.unwrap_or_default();
            (Reply::failed(id, came.unwrap_or_default(), at, text), Some(unsealed))
        }
    }
}
