//! For people: findings by operation, each with a shape as well as a colour.

use super::{by_operation, heading, ignored_in_words, places, until};
use crate::cli::diff::Change;
use clap::builder::styling::{AnsiColor, Color, Style};
use shared::Level;
use std::fmt::Write as _;

pub fn write(change: &Change<'_>, colors: bool) -> String {
    let paint = |style: Style, text: &str| if colors { format!("{style}{text}{style:#}") } else { text.to_owned() };
    let color = |color: AnsiColor| Style::new().fg_color(Some(Color::Ansi(color)));
    let shape = |level| match level {
        Level::Breaking => paint(color(AnsiColor::Red).bold(), "✕ breaking"),
        Level::Risky => paint(color(AnsiColor::Yellow), "! risky"),
        Level::Safe => paint(color(AnsiColor::Green), "✓ safe"),
    };
    let mut text = String::new();
    for (operation, findings) in by_operation(change.findings) {
        // Writing into a String can't fail.
        let _ = writeln!(text, "{}", paint(Style::new().bold(), &heading(operation)));
        for finding in findings {
            let _ = writeln!(text, "  {}: {}", shape(finding.level), finding.message);
            let level = change.engine_level(finding).map(|level| format!(" (the engine says {level})"));
            let about = format!("{}{}  {}", finding.rule, level.unwrap_or_default(), places(change, finding));
            let _ = writeln!(text, "      {}", paint(Style::new().dimmed(), about.trim_end()));
        }
        text.push('\n');
    }
    if !change.ignored.is_empty() {
        let _ = writeln!(text, "{}", paint(Style::new().bold(), &format!("Ignored by {}", change.policy)));
        for ignored in change.ignored {
            let finding = &ignored.finding;
            let operation = finding.operation.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
            let _ = writeln!(text, "  – {}: {operation}{}", finding.level, finding.message);
            let about = format!("{}  because: {}{}", finding.rule, ignored.reason, until(ignored));
            let _ = writeln!(text, "      {}", paint(Style::new().dimmed(), &about));
        }
        text.push('\n');
    }
    for (line, says) in change.endings() {
        let _ = writeln!(text, "{}:{line}: {says}", change.policy);
    }
    let _ = writeln!(
        text,
        "{} → {}: {}{}.",
        change.old.given,
        change.new.given,
        change.counts.in_words(),
        ignored_in_words(change)
    );
    text
}
