//! For people: findings by operation, each with a shape as well as a colour.

use super::{Ignored, Report, Tone};
use clap::builder::styling::{AnsiColor, Color, Style};
use std::fmt::Write as _;

pub fn write(report: &Report<'_>, colors: bool) -> String {
    let paint = |style: Style, text: &str| if colors { format!("{style}{text}{style:#}") } else { text.to_owned() };
    let color = |color: AnsiColor| Style::new().fg_color(Some(Color::Ansi(color)));
    let style = |tone| match tone {
        Tone::Bad => color(AnsiColor::Red).bold(),
        Tone::Doubtful => color(AnsiColor::Yellow),
        Tone::Minor => color(AnsiColor::Cyan),
        Tone::Fine => color(AnsiColor::Green),
    };
    let mut text = String::new();
    for (heading, rows) in report.by_operation() {
        // Writing into a String can't fail.
        let _ = writeln!(text, "{}", paint(Style::new().bold(), heading));
        for row in rows {
            let tone = paint(style(row.tone), &format!("{} {}", row.tone.shape(), row.word));
            let _ = writeln!(text, "  {tone}: {}", row.message);
            let engine = row.engine.map(|word| format!(" (the engine says {word})")).unwrap_or_default();
            let about = format!("{}{engine}  {}", row.rule, row.places);
            let _ = writeln!(text, "      {}", paint(Style::new().dimmed(), about.trim_end()));
            if let Some(proof) = &row.proof {
                for line in &proof.message {
                    let _ = writeln!(text, "      | {line}");
                }
                let _ = writeln!(text, "      {}", paint(Style::new().dimmed(), proof.meaning.as_str()));
            }
        }
        text.push('\n');
    }
    if !report.ignored.is_empty() {
        let _ = writeln!(text, "{}", paint(Style::new().bold(), &format!("Ignored by {}", report.policy)));
        for Ignored { row, because } in &report.ignored {
            let _ = writeln!(text, "  – {}: {}{}", row.word, row.of_operation(), row.message);
            let about = format!("{}  {}  because: {because}", row.rule, row.places);
            let _ = writeln!(text, "      {}", paint(Style::new().dimmed(), &about));
        }
        text.push('\n');
    }
    for (line, says) in &report.notes {
        let _ = writeln!(text, "{}:{line}: {says}", report.policy);
    }
    let _ = writeln!(text, "{}: {}.", report.subject(), report.summary);
    text
}
