// Relations as their author wrote them: the content of a relations.json, and
// nothing that depends on a request, a cluster or other packages.

#ifndef RESOLVER_WRITTEN_RELATIONS_H_
#define RESOLVER_WRITTEN_RELATIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "resolver/version.h"
#include "resolver/version_range.h"

namespace orrery::resolver {

// A JSON pointer into options (RFC 6901).
using OptionPointer = std::string;
// A JSON scalar as its canonical text (RFC 8785): `true`, `1`, `"a"`.
using Scalar = std::string;

enum class TargetKind { kPackage, kCapability, kFact };

// Names releases (resolver.md §5.1): `kafka >=2.0`, `cap:sql`, `@dcos >=1.11`.
struct WrittenTarget {
  TargetKind kind = TargetKind::kPackage;
  std::string name;
  VersionRange versions;
};

// The option of the consumer that an output of the provider fills.
struct WrittenBinding {
  std::string output;
  OptionPointer option;
  // Between the elements of a list that fills a string.
  std::optional<std::string> join;
};

struct WrittenAlternative {
  WrittenTarget target;
  std::vector<std::string> features;
  bool own = false;
  // Consumer options set when this alternative is chosen.
  std::map<OptionPointer, Scalar> set;
  std::vector<WrittenBinding> bind;
};

// Options of the consumer are compared with a scalar, or are given by the user
// or not; releases are in the answer; facts are what the cluster has.
struct OptionCondition {
  enum class Test { kEquals, kNotEquals, kSet, kUnset };
  OptionPointer option;
  Test test = Test::kSet;
  // Of kEquals and kNotEquals.
  Scalar value;
};
using WrittenCondition = std::variant<OptionCondition, WrittenTarget>;

struct WrittenRequirement {
  // In order of preference; never empty.
  std::vector<WrittenAlternative> any_of;
  std::vector<WrittenCondition> when;
  std::string note;
};

struct WrittenProvide {
  std::string capability;
  // A version, the n-th part of the release's own label split at `-` (from 1),
  // or none.
  std::variant<std::monostate, Version, uint32_t> version;
  std::vector<std::string> outputs;
};

struct WrittenFeature {
  std::map<OptionPointer, Scalar> options;
  std::vector<WrittenRequirement> requirements;
  std::string description;
};

// `kind:value`, or a kind whose value is an option of the service.
struct WrittenClaim {
  std::string text;
  std::optional<OptionPointer> option;
};

// Of a release or, in an overlay, of all releases of the base package that
// `releases` selects. Outputs, which nothing is solved by, are kept beside it.
struct WrittenRelations {
  std::optional<VersionRange> releases;
  std::vector<WrittenRequirement> requirements;
  std::vector<WrittenProvide> provides;
  std::map<std::string, WrittenFeature> features;
  std::vector<WrittenTarget> conflicts;
  std::vector<WrittenTarget> bounds;
  std::vector<WrittenClaim> claims;
  bool singleton = false;
  std::map<std::string, VersionRange> platform;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_WRITTEN_RELATIONS_H_
