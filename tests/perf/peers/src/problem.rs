//! A problem as resolver_bench writes it: numbers with spaces between.

/// Versions of one package: inclusive intervals, ascending.
pub struct Target {
    pub package: usize,
    pub versions: Vec<(u32, u32)>,
}

/// Alternatives in order of preference.
pub type Requirement = Vec<Target>;

pub struct Version {
    /// Whether it may be chosen at all.
    pub is_available: bool,
    pub requirements: Vec<Requirement>,
    pub conflicts: Vec<Target>,
}

/// Packages hold their versions, oldest first.
pub struct Problem {
    pub packages: Vec<Vec<Version>>,
    pub request: Vec<Requirement>,
}

struct Numbers<'a>(std::str::SplitAsciiWhitespace<'a>);

impl Numbers<'_> {
    fn next(&mut self) -> usize {
        let word = self.0.next().expect("the problem ends early");
        word.parse().expect("not a number")
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = self.next();
        (0..count).map(|_| read(self)).collect()
    }

    fn target(&mut self) -> Target {
        Target {
            package: self.next(),
            versions: self.list(|n| (n.next() as u32, n.next() as u32)),
        }
    }

    fn requirements(&mut self) -> Vec<Requirement> {
        self.list(|n| n.list(Self::target))
    }

    fn version(&mut self) -> Version {
        Version {
            is_available: self.next() != 0,
            requirements: self.requirements(),
            conflicts: self.list(Self::target),
        }
    }
}

pub fn read(text: &str) -> Problem {
    let mut numbers = Numbers(text.split_ascii_whitespace());
    Problem {
        packages: numbers.list(|n| n.list(Numbers::version)),
        request: numbers.requirements(),
    }
}
