#include "cli-plugin/trust/service_admission.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/text/json_member.h"

#include "signing/client/candidates.h"
#include "signing/client/release_check.h"
#include "signing/refusal.h"
#include "signing/replay/log_state.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

struct RunningRelease {
  std::string package;
  std::string source;
  int64_t release = 0;
  // Text of the tree hash; empty if the service is older than such records.
  std::string tree;
};

// The latest revision with that tree; the latest of all if none is known.
absl::StatusOr<int64_t> FindRevision(const RunningRelease& running,
                                     const signing::LogState& log) {
  const signing::ReleaseState* const release =
      signing::FindRelease(*signing::FindPackage(log, running.package),
                           running.source, running.release);
  // Its absence is for the check of the revision to tell.
  if (release == nullptr) return 1;
  for (size_t i = release->revisions.size(); i > 0; --i) {
    if (running.tree.empty() ||
        release->revisions[i - 1].tree.Text() == running.tree) {
      return static_cast<int64_t>(i);
    }
  }
  return signing::At(
      {.check = 15, .package = running.package, .release = running.release},
      // As orreryd says it of the same service.
      signing::Refuse(signing::RefusalCode::kContentTree,
                      absl::StrCat("what runs has tree ", running.tree,
                                   ", which no revision in the log has")));
}

absl::Status CheckRelease(const RunningRelease& running,
                          const signing::ReleaseCheck& check,
                          const signing::LogState& log) {
  ORRERY_RETURN_IF_ERROR(check.CheckName(running.package, running.release));
  ORRERY_RETURN_IF_ERROR(check.CheckPackage(running.package));
  ORRERY_ASSIGN_OR_RETURN(const int64_t revision, FindRevision(running, log));
  return check
      .CheckRevision(running.package,
                     {running.source, running.release, revision},
                     {.is_named_by_tree = true})
      .status();
}

}  // namespace

absl::Status CheckService(const JsonValue& service,
                          catalog::Verifier& verifier) {
  RunningRelease running{MemberText(service, "package"),
                         MemberText(service, "source"), 0,
                         MemberText(service, "tree")};
  if (!absl::SimpleAtoi(MemberText(service, "release"), &running.release)) {
    return absl::InternalError(absl::StrCat(
        "service ", MemberText(service, "name"), " has no release"));
  }
  return verifier.Check(running.package, [&](const signing::ReleaseCheck& check,
                                             const signing::LogState& log) {
    return CheckRelease(running, check, log);
  });
}

}  // namespace orrery::cli
