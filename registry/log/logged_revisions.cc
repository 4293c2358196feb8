#include "registry/log/logged_revisions.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kPackageLine = "package ";

struct CatalogSource {
  int64_t priority = 0;
  bool is_retired = false;
};
// Base sources, by id.
using CatalogSources = std::map<std::string, CatalogSource, std::less<>>;

int64_t NumberOf(absl::string_view text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

// Takes the lines before the first package from `catalog`.
CatalogSources TakeSources(absl::string_view& catalog) {
  CatalogSources sources;
  while (!catalog.empty() && !absl::StartsWith(catalog, kPackageLine)) {
    const absl::string_view line = catalog.substr(0, catalog.find('\n'));
    catalog.remove_prefix(std::min(line.size() + 1, catalog.size()));
    // source <id> <seq> <leaf> <role> <priority> <mode> <admit> <hash>
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    if (fields.size() != 9 || fields[0] != "source" || fields[4] != "base") {
      continue;
    }
    sources[std::string(fields[1])] = {NumberOf(fields[5]),
                                       fields[7] == "none"};
  }
  return sources;
}

}  // namespace

std::vector<LoggedRevision> ReadRevisions(absl::string_view catalog) {
  const CatalogSources sources = TakeSources(catalog);
  std::vector<LoggedRevision> revisions;
  for (const absl::string_view line : absl::StrSplit(catalog, '\n')) {
    // release <source> <n> <r> <evidence> <state> <tree> <version>
    const std::vector<std::string> fields = absl::StrSplit(line, ' ');
    if (fields.size() != 8 || fields[0] != "release") continue;
    const auto source = sources.find(fields[1]);
    if (source == sources.end()) continue;
    revisions.push_back({fields[1], source->second.priority,
                         source->second.is_retired, NumberOf(fields[2]),
                         NumberOf(fields[3]), fields[4], fields[5], fields[6],
                         fields[7]});
  }
  const auto place = [](const LoggedRevision& revision) {
    return std::tuple(revision.is_retired, revision.priority,
                      absl::string_view(revision.source), -revision.release,
                      -revision.revision);
  };
  std::sort(revisions.begin(), revisions.end(),
            [&place](const LoggedRevision& a, const LoggedRevision& b) {
              return place(a) < place(b);
            });
  return revisions;
}

}  // namespace orrery::registry
