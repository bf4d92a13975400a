//! Help in two languages. The doc comments beside the arguments are the English; [`CHINESE`] is laid over them, and a test
//! holds that it misses none.

use std::borrow::Cow;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::Cli;
use crate::output::aside;
use crate::sentences::said;
use crate::session::Lang;
use crate::verbs::live;

mod chinese;

use chinese::CHINESE;

/// The command line with its help in a language.
pub fn command(lang: Lang) -> Command {
    dressed(bare(), "", lang)
}

/// The command line as it is declared: the verbs written by hand, and those of the books.
fn bare() -> Command {
    live::declared(Cli::command())
}

/// The language asked for, before anything is parsed: errors of parsing are to be in it too.
pub fn language() -> Lang {
    let mut words = std::env::args();
    let mut asked = std::env::var("TONGCHOU_LANG").ok();
    while let Some(word) = words.next() {
        if word == "--lang" {
            asked = words.next();
        } else if let Some(lang) = word.strip_prefix("--lang=") {
            asked = Some(lang.to_owned());
        }
    }
    if asked.as_deref() == Some("en") { Lang::En } else { Lang::Zh }
}

/// The Chinese of a path, or of its last word, which means the same for every command.
fn chinese(path: &str) -> Option<Cow<'static, str>> {
    if let Some(text) = live::chinese(path) {
        return Some(text.into());
    }
    let of = |path: &str| CHINESE.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
    let argument =
        path.rsplit(' ').next().filter(|word| word.starts_with("--") || word.chars().all(char::is_uppercase));
    of(path).or_else(|| of(argument?)).map(Cow::Borrowed)
}

/// A command and those below it: texts and headings in the language. Paths are as `policy show --on`.
fn dressed(mut command: Command, path: &str, lang: Lang) -> Command {
    if lang == Lang::Zh {
        if let Some(about) = chinese(path) {
            command = command.about(about.into_owned());
        }
        if command.get_after_help().is_some() {
            command =
                command.after_help(chinese(format!("{path} after").trim_start()).unwrap_or_default().into_owned());
        }
    }
    command = command
        .help_template(lang.of(
            "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}\n",
            "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}\n",
        ))
        .subcommand_help_heading(lang.of("命令", "Commands"))
        .subcommand_value_name(lang.of("命令", "COMMAND"));
    let ids: Vec<_> = command.get_arguments().map(|arg| arg.get_id().clone()).collect();
    for id in ids {
        command = command.mut_arg(&id, |arg| {
            let heading = match (arg.get_help_heading(), arg.is_positional()) {
                (Some(_), _) => lang.of("各命令通用", "For every command"),
                (None, true) => lang.of("参数", "Arguments"),
                (None, false) => lang.of("选项", "Options"),
            };
            let valued = arg.get_action().takes_values();
            let arg = arg.help_heading(heading);
            // The texts name the values themselves, in one line.
            let arg = if valued { arg.hide_possible_values(true).hide_default_value(true) } else { arg };
            match chinese(format!("{path} {}", spelled(&arg)).trim_start()).filter(|_| lang == Lang::Zh) {
                Some(help) => arg.help(help.into_owned()),
                None => arg,
            }
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let below = format!("{path} {name}").trim_start().to_owned();
        command = command.mut_subcommand(name, |sub| dressed(sub, &below, lang));
    }
    command
}

fn spelled(arg: &clap::Arg) -> String {
    arg.get_long().map_or_else(|| arg.get_id().to_string().to_uppercase(), |long| format!("--{long}"))
}

/// Prints help, or what is wrong with the command line and what to do.
pub fn explain(error: &clap::Error, lang: Lang) -> ExitCode {
    let quiet = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    match in_chinese(error).filter(|_| lang == Lang::Zh && !quiet) {
        Some(text) => aside(text),
        None => print(error, lang),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Prints an error as it is, but for why a value was not taken, which may be in Chinese. What cannot be printed has no reader.
fn print(error: &clap::Error, lang: Lang) {
    match std::error::Error::source(error).map(ToString::to_string).filter(|why| !why.is_ascii()) {
        Some(why) => aside(error.to_string().trim_end().replace(&why, &said(lang, &why))),
        None => _ = error.print(),
    }
}

fn in_chinese(error: &clap::Error) -> Option<String> {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join("、")),
        _ => None,
    };
    let what = match error.kind() {
        ErrorKind::InvalidSubcommand => format!("没有命令 “{}”", said(ContextKind::InvalidSubcommand)?),
        ErrorKind::UnknownArgument => format!("不认识 “{}”", said(ContextKind::InvalidArg)?),
        ErrorKind::MissingRequiredArgument => format!("缺少 {}", said(ContextKind::InvalidArg)?),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::InvalidValue if said(ContextKind::InvalidValue).is_some_and(|value| value.is_empty()) => {
            format!("{} 后面缺少值", said(ContextKind::InvalidArg)?)
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("{} 不能是 “{}”", said(ContextKind::InvalidArg)?, said(ContextKind::InvalidValue)?)
        }
        ErrorKind::ArgumentConflict => {
            format!("{} 与 {} 不能同用", said(ContextKind::InvalidArg)?, said(ContextKind::PriorArg)?)
        }
        _ => return None,
    };
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near = near.into_iter().find_map(said).map(|near| format!("是否要写 {near}？"));
    let valid = said(ContextKind::ValidValue).map(|valid| format!("可用：{valid}"));
    let mut cure: String = near.into_iter().chain(valid).collect();
    if cure.is_empty() {
        cure = std::error::Error::source(error).map_or("加 --help 看用法".to_owned(), ToString::to_string);
    }
    Some(format!("错误：{what}\n  = {cure}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(command: &Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        found.extend(command.get_after_help().map(|_| format!("{path} after").trim_start().to_owned()));
        found.extend(command.get_arguments().map(|arg| format!("{path} {}", spelled(arg)).trim_start().to_owned()));
        for sub in command.get_subcommands() {
            paths(sub, format!("{path} {}", sub.get_name()).trim_start(), found);
        }
    }

    #[test]
    fn every_text_of_help_is_also_chinese() {
        let mut found = Vec::new();
        paths(&bare(), "", &mut found);
        let without: Vec<_> = found.iter().filter(|path| chinese(path).is_none()).collect();
        assert!(without.is_empty(), "src/help/chinese.rs lacks {without:#?}");
        let asked = |path: &str| found.iter().any(|f| f == path || f.ends_with(&format!(" {path}")));
        let idle: Vec<_> = CHINESE.iter().filter(|(path, _)| !asked(path)).collect();
        assert!(idle.is_empty(), "src/help/chinese.rs has what no verb asks for: {idle:#?}");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        command(Lang::Zh).debug_assert();
        command(Lang::En).debug_assert();
    }
}
