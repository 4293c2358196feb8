#include "catalog/resolution/outdated.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "catalog/resolution/resolver_request.h"
#include "catalog/resolution/running_service.h"
#include "registry/judge/tree_hash.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

JsonValue ReleaseToJson(const registry::ReleasePtr& release) {
  if (release == nullptr) return JsonValue();
  return JsonValue::Object({{"release", JsonValue::Integer(release->release)},
                            {"version", JsonValue::String(release->version)},
                            {"source", JsonValue::String(release->source)}});
}

// That a release which the service could become did not come up before.
std::vector<AnswerNote> FailuresOf(
    const ResolvedNode& running,
    const std::vector<registry::ReleasePtr>& releases,
    const QueryInputs& inputs) {
  std::vector<AnswerNote> notes;
  for (const RunningService& service : inputs.services) {
    if (service.name != running.instance) continue;
    for (const FailedRelease& failed : service.failed) {
      const auto offered = std::find_if(
          releases.begin(), releases.end(),
          [&failed](const registry::ReleasePtr& release) {
            return release != nullptr && release->release == failed.release &&
                   release->source == failed.source &&
                   registry::TreeHash(*release) == failed.tree;
          });
      if (offered == releases.end()) continue;
      notes.push_back(
          {"failed-here",
           absl::StrCat(running.package, " ", (*offered)->version, " (release ",
                        failed.release, ") failed here at ",
                        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", failed.time,
                                         absl::UTCTimeZone()),
                        ": ", failed.message)});
    }
  }
  return notes;
}

// Of two answers, which may each have read it.
bool IsSame(const registry::Release& a, const registry::Release& b) {
  return a.release == b.release && a.source == b.source;
}

}  // namespace

absl::StatusOr<JsonValue> OutdatedToJson(const std::string& cluster,
                                         PackageResolver& resolver) {
  ResolveQuery query;
  query.cluster = cluster;
  query.installed = true;
  query.verb = "upgrade";
  ORRERY_ASSIGN_OR_RETURN(const QueryInputs inputs, resolver.InputsOf(query));
  ORRERY_ASSIGN_OR_RETURN(const Resolution now,
                          resolver.Resolve(query, inputs));
  ORRERY_RETURN_IF_ERROR(CheckSolved(now));
  JsonValue services = JsonValue::Array();
  for (const ResolvedNode& running : now.nodes) {
    if (!running.from_release.has_value()) continue;
    query.update = {{running.package, running.instance == running.package
                                          ? ""
                                          : running.instance}};
    ORRERY_ASSIGN_OR_RETURN(const Resolution updated,
                            resolver.Resolve(query, inputs));
    const ResolvedNode* next = updated.Find(running.node);
    JsonValue held;
    if (const absl::Status solved = CheckSolved(updated); !solved.ok()) {
      held = JsonValue::String(std::string(solved.message()));
    }
    // Also what edges rule out beforehand.
    if (next != nullptr && next->release != nullptr &&
        running.newest != nullptr && !IsSame(*next->release, *running.newest)) {
      ORRERY_ASSIGN_OR_RETURN(
          std::string reason,
          resolver.WhyNot(query, inputs, updated, *next, *running.newest));
      held = JsonValue::String(std::move(reason));
    }
    for (const HeldNode& node : updated.held) {
      if (node.node == running.node) held = JsonValue::String(node.reason);
    }
    if (held.is_null() && running.newer_prerelease != nullptr &&
        running.newer_prerelease != running.release) {
      held = JsonValue::String(absl::StrCat(
          "prerelease: ", running.package, " ",
          running.newer_prerelease->version, " (release ",
          running.newer_prerelease->release,
          ") is a pre-release; --pre=", running.package, " lets it in"));
    }
    const registry::ReleasePtr reachable =
        next == nullptr ? nullptr : next->release;
    std::vector<AnswerNote> notes = running.notes;
    for (AnswerNote& note :
         FailuresOf(running, {reachable, running.newest}, inputs)) {
      notes.push_back(std::move(note));
    }
    services.items().push_back(JsonValue::Object(
        {{"node", JsonValue::String(running.node)},
         {"version", JsonValue::String(running.from_version)},
         {"release", JsonValue::Integer(*running.from_release)},
         {"reachable", ReleaseToJson(reachable)},
         {"newest", ReleaseToJson(running.newest)},
         {"held", std::move(held)},
         {"notes", NotesToJson(notes)}}));
  }
  std::sort(services.items().begin(), services.items().end(),
            [](const JsonValue& a, const JsonValue& b) {
              return a.FindString("node") < b.FindString("node");
            });
  return JsonValue::Object({{"schema", JsonValue::Integer(1)},
                            {"cluster", JsonValue::String(cluster)},
                            {"services", std::move(services)}});
}

}  // namespace orrery::catalog
