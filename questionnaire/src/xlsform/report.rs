//! Where the problems of a reading are collected, all of them up to a bound.

use crate::xlsform::problem::{Fault, Problem, Severity, Spot};

/// Problems told; a form that has more is beyond reading them.
pub const PROBLEMS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Vec<Problem>,
    has_errors: bool,
    left_out: usize,
}

impl Report {
    pub(super) fn error(&mut self, spot: &Spot, fault: Fault) {
        self.add(Severity::Error, spot, fault);
    }

    pub(super) fn warning(&mut self, spot: &Spot, fault: Fault) {
        self.add(Severity::Warning, spot, fault);
    }

    pub(super) fn remark(&mut self, spot: &Spot, fault: Fault) {
        self.add(Severity::Remark, spot, fault);
    }

    fn add(&mut self, severity: Severity, spot: &Spot, fault: Fault) {
        self.has_errors |= severity == Severity::Error;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { severity, spot: spot.clone(), fault });
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Whether further problems are only counted, so that nothing need be sought to say about them.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= PROBLEMS_MAX
    }

    /// The problems in the order of the sheets' rows, those of the whole form first.
    pub(super) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| (problem.spot.sheet_order(), problem.spot.row));
        if self.left_out > 0 {
            let severity = if self.has_errors { Severity::Error } else { Severity::Warning };
            let fault = Fault::MoreProblems { count: self.left_out };
            self.problems.push(Problem { severity, spot: Spot::default(), fault });
        }
        self.problems
    }
}
