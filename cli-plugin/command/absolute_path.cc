#include "cli-plugin/command/absolute_path.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "third_party/absl/string_view.h"

namespace orrery::cli {

std::string AbsolutePath(absl::string_view path, absl::string_view directory) {
  std::string normal = (std::filesystem::path(StdView(directory)) /
                        std::filesystem::path(StdView(path)))
                           .lexically_normal()
                           .string();
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

std::string AbsoluteUrl(absl::string_view url, absl::string_view directory) {
  absl::string_view rest = url;
  // What else stands behind the slashes is a host.
  if (absl::ConsumePrefix(&rest, "file://") && absl::StartsWith(rest, ".")) {
    return absl::StrCat("file://", AbsolutePath(rest, directory));
  }
  if (absl::StrContains(url, "://")) return std::string(url);
  // As git tells them apart: a colon before the first slash is a host.
  const size_t colon = url.find(':');
  if (colon != absl::string_view::npos && colon < url.find('/')) {
    return std::string(url);
  }
  return AbsolutePath(url, directory);
}

}  // namespace orrery::cli
