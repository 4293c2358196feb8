// Version labels and the order `uver` of them.

#ifndef RESOLVER_VERSION_H_
#define RESOLVER_VERSION_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "resolver/version_key.h"

namespace orrery::resolver {

// The label of a release, ordered for ranges that people write (resolver.md
// §2). Which release of a package is the newest its rank says, never this
// order. Comparison and hash look at the key alone: `1.0` equals `1.0.0`.
class Version {
 public:
  // 1 to 64 characters of `[-A-Za-z0-9.+_~:]`, or kInvalidArgument.
  static absl::StatusOr<Version> Parse(absl::string_view label);

  const std::string& label() const { return label_; }
  const VersionKey& key() const { return key_; }

  // Whether the key contains a pre-release word anywhere (§2.4).
  bool is_prerelease() const { return key_.HasPrereleaseWord(); }

  std::weak_ordering operator<=>(const Version& other) const {
    return key_ <=> other.key_;
  }
  bool operator==(const Version& other) const { return key_ == other.key_; }

  template <typename H>
  friend H AbslHashValue(H h, const Version& version) {
    return H::combine(std::move(h), version.key_);
  }

 private:
  Version(std::string label, VersionKey key)
      : label_(std::move(label)), key_(std::move(key)) {}

  std::string label_;
  VersionKey key_;
};

// Key, then the bytes of the label: the order of sorted lists.
bool TotalLess(const Version& a, const Version& b);

}  // namespace orrery::resolver

#endif  // RESOLVER_VERSION_H_
