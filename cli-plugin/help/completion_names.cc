#include "cli-plugin/help/completion_names.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli-plugin/catalog/listed_revision.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/text/json_member.h"

#include "resolver/package_name.h"

namespace orrery::cli {
namespace {

constexpr absl::Duration kDeadline = absl::Milliseconds(30);
constexpr absl::Duration kFresh = absl::Minutes(1);
constexpr size_t kMaxCacheBytes = size_t{8} << 20;

struct NameList {
  const char* path;
  const char* member;
};

std::optional<NameList> ListOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::kPackage:
      return NameList{"/v1/packages", "packages"};
    case ValueKind::kSource:
      return NameList{"/v1/sources", "sources"};
    case ValueKind::kService:
      return NameList{"/v1/clusters/-/services", "services"};
    default:
      return std::nullopt;
  }
}

// A file a server and list, so that two servers never mix.
std::string CachePath(const NameList& list, const CommandContext& context) {
  if (context.settings->cache_dir.empty()) return "";
  return absl::StrCat(context.settings->cache_dir, "/names/",
                      PercentEncoded(context.api->server()), ".", list.member);
}

bool IsFresh(const std::string& path, Clock& clock) {
  struct stat file = {};
  if (path.empty() || stat(path.c_str(), &file) != 0) return false;
  const absl::Duration age = clock.Now() - absl::TimeFromTimespec(file.st_mtim);
  return age >= -kFresh && age < kFresh;
}

std::vector<std::string> ReadCache(const std::string& path) {
  const auto text = ReadFileUpTo(path, kMaxCacheBytes);
  if (!text.ok()) return {};
  return absl::StrSplit(*text, '\n', absl::SkipEmpty());
}

// A cache that cannot be written costs the next completion a moment, no more.
void WriteCache(const std::string& path,
                const std::vector<std::string>& names) {
  if (path.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(),
                                      error);
  const std::string draft = absl::StrCat(path, ".", getpid());
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << absl::StrJoin(names, "\n") << '\n';
    if (!file.flush()) return;
  }
  std::filesystem::rename(draft, path, error);
}

std::vector<std::string> Ranges(const std::string& package,
                                CommandContext& context) {
  if (!resolver::PackageName::Parse(package).ok()) return {};
  const auto releases =
      context.api->GetAll(absl::StrCat("/v1/packages/", package, "/releases"),
                          "releases", kDeadline);
  if (!releases.ok()) return {};
  std::vector<std::string> ranges;
  for (const registry::JsonValue& release : *releases) {
    if (!IsCurrent(release)) continue;
    ranges.push_back(
        absl::StrCat(package, "@=", MemberText(release, "version")));
  }
  return ranges;
}

}  // namespace

std::vector<std::string> NamesFor(ValueKind kind, absl::string_view begun,
                                  CommandContext& context) {
  const size_t at = begun.find('@');
  if (kind == ValueKind::kPackage && at != absl::string_view::npos) {
    return Ranges(std::string(begun.substr(0, at)), context);
  }
  const std::optional<NameList> list = ListOf(kind);
  if (!list.has_value()) return {};
  const std::string cache = CachePath(*list, context);
  if (IsFresh(cache, *context.clock)) return ReadCache(cache);
  const auto items = context.api->GetAll(list->path, list->member, kDeadline);
  if (!items.ok()) return ReadCache(cache);
  std::vector<std::string> names;
  for (const registry::JsonValue& item : *items) {
    names.push_back(MemberText(item, "name"));
  }
  WriteCache(cache, names);
  return names;
}

}  // namespace orrery::cli
