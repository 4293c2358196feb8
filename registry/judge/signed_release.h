// The directory of a release against the record that maintainers signed of it
// (spec: trust.md §15.4, step 4 a).

#ifndef REGISTRY_JUDGE_SIGNED_RELEASE_H_
#define REGISTRY_JUDGE_SIGNED_RELEASE_H_

#include <string>

#include "absl/status/statusor.h"

#include "registry/git/git_repository.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/release_judge.h"
#include "registry/judge/statement_verdict.h"
#include "signing/record/record.h"

namespace orrery::registry {

// A release as a commit has it.
struct SignedRelease {
  std::string directory;
  JudgedEntry judged;
};

struct SignedReleaseVerdict {
  StatementVerdict verdict;
  // Of use when the verdict is OK.
  SignedRelease release;
};

// Whether `directory` of the commit's tree `root` holds the files of the
// record, all of them and no others, and they say what the record says. A
// status means that the repository could not be read.
absl::StatusOr<SignedReleaseVerdict> JudgeSignedRelease(
    const GitRepository& repository, const ObjectId& root,
    const std::string& directory, const JudgedSource& source,
    const signing::RevisionContent& content, const TreeLimits& limits);

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_SIGNED_RELEASE_H_
