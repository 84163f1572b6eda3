//! An order in which everything comes after what it needs, as far as there is one.

/// `to` needs what `from` gives, because it reads the node `through`; in another row where it `crosses`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) through: usize,
    pub(crate) crosses: bool,
}

/// For each of `count` jobs its rank, and the cycles that stay when edges that cross rows are left out: one for each knot,
/// edge by edge from what needs to what is needed.
pub(crate) fn order(count: usize, edges: &[Edge]) -> (Vec<u32>, Vec<Vec<Edge>>) {
    let mut ranks = vec![0; count];
    let mut cycles = Vec::new();
    let mut next = 0;
    let within: Vec<Edge> = edges.iter().copied().filter(|edge| !edge.crosses).collect();
    let selfish: Vec<bool> = (0..count).map(|at| within.iter().any(|edge| (edge.from, edge.to) == (at, at))).collect();
    // Inside of a knot that only rows apart untie, the order within a row counts.
    let inner = positions(count, &components(count, &within));
    for mut knot in components(count, edges) {
        knot.sort_by_key(|&job| inner[job]);
        for &job in &knot {
            ranks[job] = next;
            next += 1;
        }
    }
    for knot in components(count, &within) {
        if knot.len() > 1 || selfish[knot[0]] {
            cycles.push(circle(&knot, &within));
        }
    }
    (ranks, cycles)
}

/// One way around a knot, from its first job on: in a knot each job needs another one of it.
fn circle(knot: &[usize], edges: &[Edge]) -> Vec<Edge> {
    let needed = |job: usize| {
        let inside = edges.iter().filter(|edge| edge.to == job && knot.contains(&edge.from));
        *inside.min_by_key(|edge| edge.from).expect("a job of a knot needs one of it")
    };
    let mut way = vec![needed(*knot.iter().min().expect("a knot has a job"))];
    loop {
        let last = way[way.len() - 1].from;
        if let Some(at) = way.iter().position(|edge| edge.to == last) {
            return way.split_off(at);
        }
        way.push(needed(last));
    }
}

fn positions(count: usize, components: &[Vec<usize>]) -> Vec<usize> {
    let mut positions = vec![0; count];
    for (position, &job) in components.iter().flatten().enumerate() {
        positions[job] = position;
    }
    positions
}

/// Strongly connected components, each after those that it needs (Kosaraju: two walks, none of them recursive, since a
/// chain of calculations may be as long as the sheet).
fn components(count: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut needs = vec![Vec::new(); count];
    let mut gives = vec![Vec::new(); count];
    for edge in edges {
        needs[edge.to].push(edge.from);
        gives[edge.from].push(edge.to);
    }
    let mut seen = vec![false; count];
    let mut finished = Vec::with_capacity(count);
    for start in 0..count {
        walk(start, &gives, &mut seen, &mut finished);
    }
    seen.fill(false);
    let mut found = Vec::new();
    for &start in finished.iter().rev() {
        let mut component = Vec::new();
        walk(start, &needs, &mut seen, &mut component);
        if !component.is_empty() {
            component.reverse();
            found.push(component);
        }
    }
    found
}

/// Appends what can be reached from `start` and was not seen, each after all that it reaches.
fn walk(start: usize, edges: &[Vec<usize>], seen: &mut [bool], finished: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut way = vec![(start, 0)];
    while let Some((at, tried)) = way.last_mut() {
        match edges[*at].get(*tried) {
            Some(&next) => {
                *tried += 1;
                if !std::mem::replace(&mut seen[next], true) {
                    way.push((next, 0));
                }
            }
            None => {
                finished.push(*at);
                way.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(usize, usize)]) -> Vec<Edge> {
        pairs.iter().map(|&(from, to)| Edge { from, to, through: from, crosses: false }).collect()
    }

    #[test]
    fn everything_comes_after_what_it_needs() {
        let edges = edges(&[(3, 1), (1, 0), (3, 2), (2, 0), (0, 4)]);
        let (ranks, cycles) = order(5, &edges);
        assert!(cycles.is_empty());
        assert!(edges.iter().all(|edge| ranks[edge.from] < ranks[edge.to]), "{ranks:?}");
    }

    #[test]
    fn a_cycle_is_named_once_and_what_hangs_on_it_is_not() {
        let (_, cycles) = order(4, &edges(&[(0, 1), (1, 2), (2, 0), (2, 3)]));
        let named = |cycles: &[Vec<Edge>]| -> Vec<Vec<usize>> {
            cycles.iter().map(|cycle| cycle.iter().map(|edge| edge.to).collect()).collect()
        };
        assert_eq!(named(&cycles), [[0, 2, 1]]);
        assert_eq!(named(&order(1, &edges(&[(0, 0)])).1), [[0]]);
    }

    #[test]
    fn needing_ones_own_value_in_another_row_is_no_cycle() {
        let mut edges = edges(&[(0, 1)]);
        edges.push(Edge { from: 1, to: 0, through: 1, crosses: true });
        let (ranks, cycles) = order(2, &edges);
        assert!(cycles.is_empty());
        assert!(ranks[0] < ranks[1]);
    }
}
