// Why objects of a repository cannot be had, in the words of libgit2.

#ifndef REGISTRY_GIT_OBJECT_FAULT_H_
#define REGISTRY_GIT_OBJECT_FAULT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_object.h"

namespace orrery::registry {

// What the last call of libgit2 that failed in this thread has said.
std::string LastGitError();

// That something is there and is not what it should be (git.object).
absl::Status ObjectRefused(absl::Status fault);

// kDataLoss after a call of libgit2 that has returned `error` for the object;
// refused where its bytes are not those of its name, or are part of an attack
// on SHA-1.
absl::Status ObjectFault(const ObjectId& id, absl::string_view kind, int error);

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_OBJECT_FAULT_H_
