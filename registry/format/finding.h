#ifndef REGISTRY_FORMAT_FINDING_H_
#define REGISTRY_FORMAT_FINDING_H_

#include <cstdint>
#include <optional>
#include <string>

namespace orrery::registry {

enum class Severity : uint8_t { kInfo, kWarn, kError };

// Which demands are made of a release (universe-format §14).
enum class Profile : uint8_t {
  // An existing repository: refuse what cannot be served, report the rest.
  kImport,
  // A new or changed release: what is marked error stops it.
  kPublish,
};

// A remark of a rule on a place of a release.
struct Finding {
  // Name of the rule, for example "dup-key".
  std::string rule;
  Severity severity = Severity::kInfo;
  // Whether the release is not served because of it (always with kError).
  bool refuses = false;
  // File or directory, relative to the repository's root.
  std::string path;
  // JSON pointer inside the file; nothing when the whole file is meant.
  std::optional<std::string> pointer;
  // From 1; nothing when not known.
  std::optional<int> line;
  // What was found and what is right; lower case, no final period.
  std::string text;

  bool operator==(const Finding&) const = default;
};

}  // namespace orrery::registry

#endif  // REGISTRY_FORMAT_FINDING_H_
