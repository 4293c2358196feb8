#include "registry/git/ref_choice.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "registry/status/error_details.h"
#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr char kBranches[] = "refs/heads/";
constexpr char kTags[] = "refs/tags/";

// As people write it.
absl::string_view ShortName(absl::string_view ref) {
  if (!absl::ConsumePrefix(&ref, kBranches)) absl::ConsumePrefix(&ref, kTags);
  return ref;
}

absl::Status NoSuchRef(const RefList& list, absl::string_view wanted) {
  std::vector<std::string> known;
  for (const auto& [name, id] : list.refs) {
    known.emplace_back(ShortName(name));
  }
  const std::vector<std::string> nearest =
      resolver::NearestWords(ShortName(wanted), known, 1);
  ErrorMetadata metadata = {{"ref", std::string(wanted)}};
  std::string message = absl::StrCat("there is no ref \"", wanted, "\"");
  Suggest(nearest, &message, &metadata);
  if (nearest.empty() && !list.head.empty()) {
    absl::StrAppend(&message, "; its HEAD is ", ShortName(list.head));
  }
  return WithReason(absl::FailedPreconditionError(message), "REF_NOT_FOUND",
                    metadata);
}

}  // namespace

absl::StatusOr<RefList> ListRefs(const GitRepository& repository) {
  RefList list;
  const absl::StatusOr<std::string> head = repository.HeadRef();
  if (head.ok()) list.head = *head;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                          repository.RefNames());
  for (const std::string& name : names) {
    const absl::StatusOr<ObjectId> id = repository.ResolveRef(name);
    if (id.ok()) list.refs[name] = *id;
  }
  return list;
}

absl::StatusOr<std::string> ChooseRef(const RefList& list,
                                      absl::string_view wanted) {
  if (list.refs.empty()) {
    return WithReason(
        absl::FailedPreconditionError("the repository has no commits yet"),
        "REPOSITORY_EMPTY");
  }
  if (wanted.empty()) {
    if (list.head.empty()) {
      return absl::FailedPreconditionError(
          "its HEAD names no branch; name a ref with --ref");
    }
    if (list.refs.contains(list.head)) return list.head;
    return NoSuchRef(list, list.head);
  }
  const std::string name(wanted);
  if (absl::StartsWith(name, "refs/") && list.refs.contains(name)) return name;
  for (const char* prefix : {kBranches, kTags}) {
    std::string full = absl::StrCat(prefix, name);
    if (list.refs.contains(full)) return full;
  }
  return NoSuchRef(list, wanted);
}

absl::Status RefGone(const RefList& list, absl::string_view ref) {
  std::string message = absl::StrCat(ref, " is gone");
  if (!list.head.empty() && list.head != ref) {
    absl::StrAppend(&message, "; the remote's HEAD is ", ShortName(list.head));
  }
  return WithReason(absl::FailedPreconditionError(message), "REF_GONE",
                    {{"ref", std::string(ref)}, {"head", list.head}});
}

}  // namespace orrery::registry
