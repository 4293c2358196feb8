#ifndef CLI_PLUGIN_CATALOG_PACKAGE_REFERENCE_H_
#define CLI_PLUGIN_CATALOG_PACKAGE_REFERENCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::cli {

// PKG[@RANGE] as it is written on a command line.
struct PackageReference {
  std::string name;
  // A range of versions; empty when none is given. Of items also a revision of
  // a release, `release=7#1`.
  std::string range;

  // Only in items: the name of the service, empty when none is given, and
  // features that are to be on.
  std::string service = {};
  std::vector<std::string> features = {};

  // "kafka@=1.0".
  std::string Text() const;
  // The range without a revision, which packages are not listed by.
  std::string VersionsText() const;
};

// kInvalidArgument (exit 64) for a name that no package can have or a range
// of another form.
absl::StatusOr<PackageReference> ParsePackageReference(absl::string_view text);

// NAME[@SERVICE][FEATURE,...][@RANGE] (resolver.md §8.1); features may stand
// behind the name, too. The name is not looked at; kInvalidArgument (exit 64)
// for the rest.
absl::StatusOr<PackageReference> ParseItem(absl::string_view text);

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_CATALOG_PACKAGE_REFERENCE_H_
