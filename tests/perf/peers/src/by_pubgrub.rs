//! pubgrub has neither alternatives nor conflicts: a proxy package stands for
//! each list of alternatives, and a token of two versions for each conflict.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::convert::Infallible;

use pubgrub::{
    Dependencies, DependencyConstraints, DependencyProvider,
    PackageResolutionStatistics, PubGrubError, Ranges,
};

use crate::problem::{Problem, Requirement, Target};

type Constraints = DependencyConstraints<usize, Ranges<u32>>;

/// None where a version may not be chosen.
pub struct Provider {
    packages: Vec<Vec<Option<Constraints>>>,
    root: usize,
    real: usize,
}

fn ranges(versions: &[(u32, u32)]) -> Ranges<u32> {
    versions.iter().fold(Ranges::empty(), |all, &(first, last)| {
        all.union(&Ranges::between(first, last + 1))
    })
}

fn add(package: usize, versions: Ranges<u32>, to: &mut Constraints) {
    let both = match to.get(&package) {
        Some(known) => known.intersection(&versions),
        None => versions,
    };
    to.insert(package, both);
}

impl Provider {
    pub fn new(problem: &Problem) -> Self {
        let real = problem.packages.len();
        let mut provider = Provider { packages: Vec::new(), root: 0, real };
        provider.packages = problem
            .packages
            .iter()
            .map(|versions| {
                versions
                    .iter()
                    .map(|v| v.is_available.then(Constraints::default))
                    .collect()
            })
            .collect();
        let mut proxies = HashMap::new();
        let mut tokens = HashMap::new();
        for (package, versions) in problem.packages.iter().enumerate() {
            for (rank, version) in versions.iter().enumerate() {
                if !version.is_available {
                    continue;
                }
                let mut own = Constraints::default();
                for requirement in &version.requirements {
                    provider.require(requirement, &mut proxies, &mut own);
                }
                for conflict in &version.conflicts {
                    let token = provider.token(package, conflict, &mut tokens);
                    add(token, Ranges::singleton(0u32), &mut own);
                }
                let known = provider.packages[package][rank].as_mut().unwrap();
                for (name, range) in own {
                    add(name, range, known);
                }
            }
        }
        let mut own = Constraints::default();
        for requirement in &problem.request {
            provider.require(requirement, &mut proxies, &mut own);
        }
        provider.root = provider.packages.len();
        provider.packages.push(vec![Some(own)]);
        provider
    }

    fn require(
        &mut self,
        requirement: &Requirement,
        proxies: &mut HashMap<Vec<(usize, Vec<(u32, u32)>)>, usize>,
        to: &mut Constraints,
    ) {
        if let [only] = &requirement[..] {
            add(only.package, ranges(&only.versions), to);
            return;
        }
        let key: Vec<_> = requirement
            .iter()
            .map(|target| (target.package, target.versions.clone()))
            .collect();
        let next = self.packages.len();
        let proxy = *proxies.entry(key).or_insert(next);
        if proxy == next {
            // The newest version is tried first.
            let choices = requirement.iter().rev().map(|target| {
                let mut choice = Constraints::default();
                add(target.package, ranges(&target.versions), &mut choice);
                Some(choice)
            });
            self.packages.push(choices.collect());
        }
        add(proxy, Ranges::full(), to);
    }

    /// Who conflicts needs version 0 of the token, the target version 1.
    fn token(
        &mut self,
        package: usize,
        target: &Target,
        tokens: &mut HashMap<(usize, usize, Vec<(u32, u32)>), usize>,
    ) -> usize {
        let next = self.packages.len();
        let key = (package, target.package, target.versions.clone());
        let token = *tokens.entry(key).or_insert(next);
        if token == next {
            let none = || Some(Constraints::default());
            self.packages.push(vec![none(), none()]);
            for &(first, last) in &target.versions {
                for version in first..=last {
                    let known = &mut self.packages[target.package];
                    if let Some(own) = &mut known[version as usize] {
                        add(token, Ranges::singleton(1u32), own);
                    }
                }
            }
        }
        token
    }

    /// Package and version of what is chosen; None if nothing can be.
    pub fn solve(&self) -> Option<Vec<(usize, u32)>> {
        match pubgrub::resolve(self, self.root, 0u32) {
            Ok(chosen) => Some(
                chosen
                    .into_iter()
                    .filter(|&(package, _)| package < self.real)
                    .collect(),
            ),
            Err(PubGrubError::NoSolution(_)) => None,
            Err(error) => panic!("{error:?}"),
        }
    }
}

impl DependencyProvider for Provider {
    type P = usize;
    type V = u32;
    type VS = Ranges<u32>;
    type M = String;
    type Err = Infallible;
    type Priority = (u32, Reverse<usize>);

    fn prioritize(
        &self,
        package: &usize,
        range: &Ranges<u32>,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        let count = (0..self.packages[*package].len() as u32)
            .filter(|version| range.contains(version))
            .count();
        if count == 0 {
            return (u32::MAX, Reverse(0));
        }
        (statistics.conflict_count(), Reverse(count))
    }

    fn choose_version(
        &self,
        package: &usize,
        range: &Ranges<u32>,
    ) -> Result<Option<u32>, Infallible> {
        let versions = &self.packages[*package];
        Ok((0..versions.len() as u32)
            .rev()
            .find(|&v| versions[v as usize].is_some() && range.contains(&v)))
    }

    fn get_dependencies(
        &self,
        package: &usize,
        version: &u32,
    ) -> Result<Dependencies<usize, Ranges<u32>, String>, Infallible> {
        let own = self.packages[*package][*version as usize].as_ref();
        Ok(Dependencies::Available(own.unwrap().clone()))
    }
}
