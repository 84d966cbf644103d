//! Which pane is where: a pure function of the screen's size and of whether the detail has the keys.

use ratatui::layout::Rect;

/// From this width on, list and detail stand side by side.
const SIDE_BY_SIDE: u16 = 108;
/// From this width on, a third column holds notes and history.
const THREE_COLUMNS: u16 = 176;
/// From this height on, a line shows the gauge, messages and that we are offline.
const STATUS_LINE: u16 = 16;
/// From this height on, the space between header and footer holds the detail below the list.
const STACKED: u16 = 17;

/// The places of a frame. They never overlap; what lies over them is drawn after them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    pub header: Rect,
    /// The queue or the journal, frame included. Empty while the detail lies over it.
    pub list: Rect,
    /// Empty where there is no room for it.
    pub detail: Rect,
    /// Notes and history, on very wide screens; they are part of the detail elsewhere.
    pub aside: Rect,
    /// Empty on low screens: messages take the footer there.
    pub status: Rect,
    pub footer: Rect,
}

/// Lays out a screen. Opening a prompt or a message changes nothing here: the list holds still under the hand.
pub fn panes(area: Rect, detail_has_keys: bool) -> Panes {
    let header = u16::from(area.height >= 3);
    let footer = u16::from(area.height >= 5);
    let status = u16::from(area.height >= STATUS_LINE);
    let line = |y: u16, height: u16| Rect { y, height, ..area };
    let body = Rect { y: area.y + header, height: area.height - header - footer - status, ..area };
    let mut panes = Panes {
        header: line(area.y, header),
        status: line(body.bottom(), status),
        footer: line(body.bottom() + status, footer),
        ..Panes::default()
    };
    if area.width >= SIDE_BY_SIDE {
        beside(body, &mut panes);
    } else if body.height >= STACKED {
        let list = (body.height * 11 / 20).max(body.height.saturating_sub(24));
        (panes.list, panes.detail) = above(body, list);
    } else if detail_has_keys {
        panes.detail = body;
    } else {
        panes.list = body;
    }
    panes
}

fn beside(body: Rect, panes: &mut Panes) {
    let three = body.width >= THREE_COLUMNS;
    let list = if three { body.width / 2 } else { body.width * 57 / 100 };
    let (list, rest) = left(body, list);
    panes.list = list;
    (panes.detail, panes.aside) =
        if three { left(rest, rest.width * 54 / 100) } else { (rest, Rect::default()) };
}

/// Cuts `width` columns off the left.
fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let rest = Rect { x: area.x + width, width: area.width - width, ..area };
    (Rect { width, ..area }, rest)
}

/// Cuts `height` lines off the top.
fn above(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let rest = Rect { y: area.y + height, height: area.height - height, ..area };
    (Rect { height, ..area }, rest)
}

/// Where a prompt of `height` lines lies: over the last lines above the footer.
pub fn bottom(panes: &Panes, height: u16) -> Rect {
    let end = panes.footer.y;
    let top = panes.header.bottom();
    let height = height.min(end.saturating_sub(top));
    Rect { x: panes.footer.x, y: end - height, width: panes.footer.width, height }
}

/// The space between header and footer, for what lies over it.
pub fn between(panes: &Panes) -> Rect {
    bottom(panes, u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(width: u16, height: u16) -> Panes {
        panes(Rect::new(0, 0, width, height), false)
    }

    #[test]
    fn forty_by_twelve_is_the_list_alone_until_the_detail_is_opened() {
        let small = at(40, 12);
        assert_eq!(small.list, Rect::new(0, 1, 40, 10));
        assert!(small.detail.is_empty() && small.status.is_empty());
        let opened = panes(Rect::new(0, 0, 40, 12), true);
        assert_eq!(opened.detail, small.list);
        assert!(opened.list.is_empty());
    }

    #[test]
    fn eighty_by_twenty_four_has_the_detail_below() {
        let panes = at(80, 24);
        assert_eq!(panes.list, Rect::new(0, 1, 80, 11));
        assert_eq!(panes.detail, Rect::new(0, 12, 80, 10));
        assert_eq!((panes.status.y, panes.footer.y), (22, 23));
    }

    #[test]
    fn a_hundred_and_twenty_columns_have_it_beside_and_two_hundred_have_three() {
        let wide = at(120, 36);
        assert_eq!(wide.list, Rect::new(0, 1, 68, 33));
        assert_eq!(wide.detail, Rect::new(68, 1, 52, 33));
        let widest = at(200, 50);
        assert_eq!(widest.list.width + widest.detail.width + widest.aside.width, 200);
        assert!(widest.aside.width >= 44 && widest.detail.width >= 54);
    }

    proptest! {
        #[test]
        fn panes_tile_the_screen_at_any_size(width in 0u16..300, height in 0u16..120, keys: bool) {
            let area = Rect::new(0, 0, width, height);
            let panes = panes(area, keys);
            let all = [panes.header, panes.list, panes.detail, panes.aside, panes.status, panes.footer];
            let cells: u32 = all.iter().map(|pane| u32::from(pane.width) * u32::from(pane.height)).sum();
            prop_assert_eq!(cells, u32::from(width) * u32::from(height));
            for (index, pane) in all.iter().enumerate() {
                prop_assert_eq!(pane.intersection(area).area(), pane.area());
                for other in &all[index + 1..] {
                    prop_assert!(pane.intersection(*other).is_empty(), "{pane:?} {other:?}");
                }
            }
            let prompt = bottom(&panes, 5);
            prop_assert_eq!(prompt.intersection(area).area(), prompt.area());
        }
    }
}
