#include "registry/git/object_fault.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "git2.h"

#include "registry/status/refusal_details.h"
#include "signing/refusal.h"

namespace orrery::registry {
namespace {

// Its own SHA-1 fails for nothing else.
bool IsCollision() {
  const git_error* const last = git_error_last();
  return last != nullptr && last->klass == GIT_ERROR_SHA;
}

}  // namespace

std::string LastGitError() {
  const git_error* const error = git_error_last();
  return error == nullptr ? "no reason given" : error->message;
}

absl::Status ObjectRefused(absl::Status fault) {
  return WithRefusal(std::move(fault), "OBJECT_REFUSED",
                     signing::RefusalCode::kGitObject);
}

absl::Status ObjectFault(const ObjectId& id, absl::string_view kind,
                         int error) {
  absl::Status fault = absl::DataLossError(
      absl::StrCat(kind, " ", id.Hex(), " cannot be read: ", LastGitError()));
  return error == GIT_EMISMATCH || IsCollision()
             ? ObjectRefused(std::move(fault))
             : fault;
}

}  // namespace orrery::registry
