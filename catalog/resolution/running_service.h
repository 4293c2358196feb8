#ifndef CATALOG_RESOLUTION_RUNNING_SERVICE_H_
#define CATALOG_RESOLUTION_RUNNING_SERVICE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orrery::catalog {

// What a service uses: an option that an output of another one fills, another
// one that fills none, or a fact of the cluster that meets a requirement in the
// place of a service.
struct ServiceBinding {
  // JSON pointer.
  std::string option;
  // Node text of the service: `kafka`, `kafka@prod`; or a fact: `@kind`.
  std::string provider;
  std::string output;

  bool operator==(const ServiceBinding&) const = default;
};

// What a service once ran as, and can run as again.
struct EarlierGeneration {
  int64_t release = 0;
  // Label of the release.
  std::string version;
  // Of the release's content; empty in records of earlier versions.
  std::string tree;
  // Name of the release's source.
  std::string source;
  // As of RunningService.
  std::string options = "{}";
  std::vector<std::string> features;

  bool operator==(const EarlierGeneration&) const = default;
};

// A release that a service was to become, and that did not come up.
struct FailedRelease {
  int64_t release = 0;
  // Of the release's content.
  std::string tree;
  // Name of the release's source.
  std::string source;
  absl::Time time;
  std::string message;

  bool operator==(const FailedRelease&) const = default;
};

// What an answer has to know of a service that is there.
struct RunningService {
  std::string name;
  std::string package;
  int64_t release = 0;
  // Label of the release.
  std::string version;
  // Of the release's content in the log; 0 and empty in records of versions
  // that kept no log.
  int64_t revision = 0;
  std::string tree;
  // Name of the release's source.
  std::string source;
  // The user's options without defaults, one JSON object as text.
  std::string options = "{}";
  // Features that are on, sorted.
  std::vector<std::string> features;
  // What it uses of others; one that fills no option has none.
  std::vector<ServiceBinding> bindings;
  // Node texts of those that it came with because they need it, sorted; empty
  // when somebody asked for it.
  std::vector<std::string> added_for;
  // The release's package.json and the relations that were in force, by which
  // it is judged when it is in no source any more; empty when there are none.
  std::string package_json;
  std::string relations;
  // What it was before, as far as that ran as wanted; the latest last.
  std::vector<EarlierGeneration> earlier;
  // The latest last; none that ran later.
  std::vector<FailedRelease> failed;
  // Name of the operation that is under way; empty when none is.
  std::string operation;
};

// Whether one of them points to `provider`, a node text.
inline bool Uses(const std::vector<ServiceBinding>& bindings,
                 absl::string_view provider) {
  return std::any_of(bindings.begin(), bindings.end(),
                     [provider](const ServiceBinding& binding) {
                       return binding.provider == provider;
                     });
}

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_RUNNING_SERVICE_H_
