#ifndef CATALOG_RESOLUTION_PAST_RELEASE_H_
#define CATALOG_RESOLUTION_PAST_RELEASE_H_

#include <cstdint>
#include <map>
#include <string>

#include "registry/judge/release.h"
#include "resolver/version_range.h"
#include "signing/digest.h"

namespace orrery::catalog {

// How a content is named that need not be current.
struct NamedContent {
  std::string package;
  // `h1:…`; empty: that revision of the releases in the range.
  std::string tree = {};
  resolver::VersionRange versions = {};
  int64_t revision = 0;
  // What cannot be had is left out, and no error.
  bool is_wish = false;
};

// A release with a content that is not current, and the bytes of its files.
struct PastRelease {
  registry::ReleasePtr release;
  // That its source has, or had.
  std::string source_url = {};
  std::map<signing::Digest, std::string> contents = {};
};

}  // namespace orrery::catalog

#endif  // CATALOG_RESOLUTION_PAST_RELEASE_H_
