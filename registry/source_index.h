#ifndef REGISTRY_SOURCE_INDEX_H_
#define REGISTRY_SOURCE_INDEX_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "registry/index_entry.h"
#include "registry/release.h"
#include "registry/snapshot.h"

namespace orrery::registry {

// All entries of one source in memory, with what their comparison says. Not
// thread-safe; the releases it hands out are immutable and shared.
class SourceIndex {
 public:
  // By release number, highest first.
  using Releases = std::map<int64_t, ReleasePtr, std::greater<>>;

  // Replaces the entry of the same directory.
  void Put(std::shared_ptr<const IndexEntry> entry);
  void Erase(absl::string_view directory);
  // Brings the findings that compare releases up to date; the names of the
  // packages that differ since the last call.
  std::vector<std::string> Settle();

  // Null when there is none.
  const IndexEntry* Find(absl::string_view directory) const;
  const std::map<std::string, std::shared_ptr<const IndexEntry>, std::less<>>&
  entries() const {
    return entries_;
  }
  // Served releases by name.
  const std::map<std::string, Releases, std::less<>>& packages() const {
    return packages_;
  }
  int64_t served() const { return served_; }

  // Counts, refusals and findings; name, URL, priority and commit are left to
  // the caller.
  SourceContents Contents() const;

 private:
  void Count(const IndexEntry& entry, int64_t sign);

  std::map<std::string, std::shared_ptr<const IndexEntry>, std::less<>>
      entries_;
  std::map<std::string, Releases, std::less<>> packages_;
  // Directories whose release has findings of the comparison.
  std::set<std::string, std::less<>> compared_;
  std::set<std::string, std::less<>> changed_;
  int64_t served_ = 0;
  int64_t legacy_ = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_INDEX_H_
