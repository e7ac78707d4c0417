//! Defines how a document is made to fit: whole parts are cut in a stated order, and what was cut is named.

use super::Block;

/// A document that fits, or as near as it can.
pub(super) struct Fitted {
    pub(super) text: String,
    /// Whether every part that is never cut is there to its end.
    pub(super) is_whole_enough: bool,
}

/// Cuts blocks, highest rank first, until the document has at most `budget` bytes; then ends of the longest ones.
pub(super) fn fit(mut blocks: Vec<Block>, budget: usize) -> Fitted {
    let mut cut = Vec::new();
    while length(&blocks, &cut, budget) > budget {
        let Some(position) = next_to_cut(&blocks) else {
            break;
        };
        cut.push(blocks.remove(position).name);
    }
    let is_whole_enough = length(&blocks, &cut, budget) <= budget;
    if !is_whole_enough {
        shorten(&mut blocks, &mut cut, budget);
    }
    let mut parts = blocks.iter().map(|block| block.text.as_str());
    let mut text = parts.next().unwrap_or_default().to_owned();
    text.push_str(&note(&cut, budget));
    text.extend(parts);
    Fitted {
        text,
        is_whole_enough,
    }
}

fn next_to_cut(blocks: &[Block]) -> Option<usize> {
    blocks
        .iter()
        .enumerate()
        .filter_map(|(position, block)| block.cut.map(|rank| (rank, position)))
        .max()
        .map(|(_, position)| position)
}

/// Drops last lines of the longest block that is no code block, over and over.
fn shorten(blocks: &mut [Block], cut: &mut Vec<String>, budget: usize) {
    loop {
        let surplus = length(blocks, cut, budget).saturating_sub(budget);
        if surplus == 0 {
            return;
        }
        let longest = blocks
            .iter_mut()
            .filter(|block| !block.text.contains("\n```") && block.text.trim_end().contains('\n'))
            .max_by_key(|block| block.text.len());
        let Some(block) = longest else {
            return;
        };
        let ending = format!("the end of {}", block.name);
        if !cut.contains(&ending) {
            cut.push(ending);
        }
        let body = block.text.trim_end_matches('\n');
        let end = body.rfind('\n').map_or(0, |position| position + 1);
        block.text.truncate(end);
    }
}

fn length(blocks: &[Block], cut: &[String], budget: usize) -> usize {
    blocks.iter().map(|block| block.text.len()).sum::<usize>() + note(cut, budget).len()
}

fn note(cut: &[String], budget: usize) -> String {
    if cut.is_empty() {
        return String::new();
    }
    // A list that is itself long would defeat its purpose.
    let shown = cut.len().min(12);
    let more = match cut.len() - shown {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "\n*Shortened to fit {} bytes. Left out: {}{more}. `--format json` has everything.*\n",
        crate::report::number::count(budget as u64),
        cut[..shown].join(", ")
    )
}
