//! For people: findings by operation, each with a shape as well as a colour.

use super::{by_operation, heading, places};
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
            let about = format!("{}  {}", finding.rule, places(change, finding));
            let _ = writeln!(text, "      {}", paint(Style::new().dimmed(), about.trim_end()));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{} → {}: {}.", change.old.given, change.new.given, change.counts.in_words());
    text
}
