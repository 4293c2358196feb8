//! resolvo has unions for alternatives; a conflict constrains to the rest.

use std::fmt::Display;

use resolvo::{
    Candidates, Condition, ConditionId, ConditionalRequirement, Dependencies,
    DependencyProvider, HintDependenciesAvailable, Interner, KnownDependencies,
    NameId, SolvableId, Solver, SolverCache, StringId, UnsolvableOrCancelled,
    VersionSetId, VersionSetUnionId,
};

use crate::problem::{Problem, Requirement};

pub struct Provider {
    /// Package and version of each solvable.
    solvables: Vec<(usize, u32)>,
    dependencies: Vec<KnownDependencies>,
    /// Of each package, those that may be chosen, newest first.
    candidates: Vec<Vec<SolvableId>>,
    sets: Vec<(usize, Vec<(u32, u32)>)>,
    unions: Vec<Vec<VersionSetId>>,
    request: Vec<ConditionalRequirement>,
}

fn contains(set: &[(u32, u32)], version: u32) -> bool {
    set.iter().any(|&(first, last)| first <= version && version <= last)
}

impl Provider {
    pub fn new(problem: &Problem) -> Self {
        let mut provider = Provider {
            solvables: Vec::new(),
            dependencies: Vec::new(),
            candidates: Vec::new(),
            sets: Vec::new(),
            unions: Vec::new(),
            request: Vec::new(),
        };
        for (package, versions) in problem.packages.iter().enumerate() {
            let mut candidates = Vec::new();
            for (rank, version) in versions.iter().enumerate() {
                if !version.is_available {
                    continue;
                }
                candidates.push(SolvableId(provider.solvables.len() as u32));
                provider.solvables.push((package, rank as u32));
                let mut own = KnownDependencies::default();
                for requirement in &version.requirements {
                    let needed = provider.requirement(requirement);
                    own.requirements.push(needed);
                }
                for conflict in &version.conflicts {
                    let mut rest = Vec::new();
                    let mut next = 0;
                    for &(first, last) in &conflict.versions {
                        if next < first {
                            rest.push((next, first - 1));
                        }
                        next = last + 1;
                    }
                    rest.push((next, u32::MAX));
                    let set = provider.set(conflict.package, rest);
                    own.constrains.push(set);
                }
                provider.dependencies.push(own);
            }
            candidates.reverse();
            provider.candidates.push(candidates);
        }
        for requirement in &problem.request {
            let needed = provider.requirement(requirement);
            provider.request.push(needed);
        }
        provider
    }

    fn set(&mut self, package: usize, versions: Vec<(u32, u32)>) -> VersionSetId {
        self.sets.push((package, versions));
        VersionSetId(self.sets.len() as u32 - 1)
    }

    fn requirement(&mut self, requirement: &Requirement) -> ConditionalRequirement {
        let sets: Vec<_> = requirement
            .iter()
            .map(|target| self.set(target.package, target.versions.clone()))
            .collect();
        if let [only] = sets[..] {
            return only.into();
        }
        self.unions.push(sets);
        VersionSetUnionId(self.unions.len() as u32 - 1).into()
    }

    /// Package and version of what is chosen; None if nothing can be.
    pub fn solve(self: &std::rc::Rc<Self>) -> Option<Vec<(usize, u32)>> {
        let mut solver = Solver::new(Shared(self.clone()));
        let problem =
            resolvo::Problem::new().requirements(self.request.clone());
        match solver.solve(problem) {
            Ok(chosen) => Some(
                chosen.iter().map(|id| self.solvables[id.0 as usize]).collect(),
            ),
            Err(UnsolvableOrCancelled::Unsolvable(_)) => None,
            Err(UnsolvableOrCancelled::Cancelled(_)) => panic!("cancelled"),
        }
    }
}

/// A solver owns its provider; the universe outlives it.
struct Shared(std::rc::Rc<Provider>);

impl Interner for Shared {
    fn display_solvable(&self, solvable: SolvableId) -> impl Display + '_ {
        format!("{:?}", self.0.solvables[solvable.0 as usize])
    }
    fn display_name(&self, name: NameId) -> impl Display + '_ {
        name.0
    }
    fn display_version_set(&self, set: VersionSetId) -> impl Display + '_ {
        format!("{:?}", self.0.sets[set.0 as usize])
    }
    fn display_string(&self, string: StringId) -> impl Display + '_ {
        string.0
    }
    fn version_set_name(&self, set: VersionSetId) -> NameId {
        NameId(self.0.sets[set.0 as usize].0 as u32)
    }
    fn solvable_name(&self, solvable: SolvableId) -> NameId {
        NameId(self.0.solvables[solvable.0 as usize].0 as u32)
    }
    fn version_sets_in_union(
        &self,
        union: VersionSetUnionId,
    ) -> impl Iterator<Item = VersionSetId> {
        self.0.unions[union.0 as usize].iter().copied()
    }
    fn resolve_condition(&self, _: ConditionId) -> Condition {
        unreachable!("nothing is conditional")
    }
}

impl DependencyProvider for Shared {
    async fn filter_candidates(
        &self,
        candidates: &[SolvableId],
        set: VersionSetId,
        inverse: bool,
    ) -> Vec<SolvableId> {
        let set = &self.0.sets[set.0 as usize].1;
        candidates
            .iter()
            .copied()
            .filter(|id| {
                let version = self.0.solvables[id.0 as usize].1;
                contains(set, version) != inverse
            })
            .collect()
    }

    async fn get_candidates(&self, name: NameId) -> Option<Candidates> {
        Some(Candidates {
            candidates: self.0.candidates[name.0 as usize].clone(),
            hint_dependencies_available: HintDependenciesAvailable::All,
            ..Candidates::default()
        })
    }

    async fn sort_candidates(
        &self,
        _: &SolverCache<Self>,
        solvables: &mut [SolvableId],
    ) {
        solvables.sort_by_key(|id| {
            std::cmp::Reverse(self.0.solvables[id.0 as usize].1)
        });
    }

    async fn get_dependencies(&self, solvable: SolvableId) -> Dependencies {
        let own = &self.0.dependencies[solvable.0 as usize];
        Dependencies::Known(own.clone())
    }
}
