// Which ref of a repository a source follows.

#ifndef REGISTRY_GIT_REF_CHOICE_H_
#define REGISTRY_GIT_REF_CHOICE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"

namespace orrery::registry {

// The refs of a repository as somebody lists them.
struct RefList {
  // The ref that HEAD names; empty when HEAD is detached or missing.
  std::string head;
  // Full names.
  std::map<std::string, ObjectId> refs;
};

// What RefNames and HeadRef say of a repository on this machine; refs that lead
// to no commit are left out.
absl::StatusOr<RefList> ListRefs(const GitRepository& repository);

// The full name of `wanted`: itself when it is one, else the branch, else the
// tag of that name; HEAD's branch when `wanted` is empty. kFailedPrecondition
// with reason REF_NOT_FOUND and the nearest name otherwise.
absl::StatusOr<std::string> ChooseRef(const RefList& list,
                                      absl::string_view wanted);

// kFailedPrecondition with reason REF_GONE, for a followed ref that is in the
// list no more.
absl::Status RefGone(const RefList& list, absl::string_view ref);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_REF_CHOICE_H_
