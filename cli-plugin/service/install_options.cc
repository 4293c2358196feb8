#include "cli-plugin/service/install_options.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/text/problem.h"

#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/options/options_file.h"
#include "catalog/options/unknown_options.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

absl::StatusOr<JsonValue> ReadOptions(
    const std::string& path,
    const std::function<absl::StatusOr<std::string>()>& read_stdin) {
  const std::string what = path == "-" ? "options from standard input"
                                       : absl::StrCat("options file ", path);
  std::string text;
  if (path == "-") {
    ORRERY_ASSIGN_OR_RETURN(text, read_stdin());
  } else {
    auto read = ReadFileUpTo(path, catalog::kMaxOptionsBytes + 1);
    if (!read.ok())
      return UsageError(absl::StrCat("options file ", read.status().message()));
    text = *std::move(read);
  }
  auto options = catalog::ParseOptionsFile(text);
  if (options.ok()) return options;
  return UsageError(absl::StrCat(what, ": ", options.status().message()));
}

absl::Status ApplySet(const std::string& text, const JsonValue& config,
                      JsonValue* options) {
  auto assignment = catalog::ParseAssignment(text);
  if (!assignment.ok()) {
    return UsageError(
        absl::StrCat("--set ", text, ": ", assignment.status().message()));
  }
  const absl::Status typed =
      catalog::SetOption(options, config, assignment->path, assignment->value)
          .status();
  if (typed.ok()) return typed;
  const absl::Status as_text =
      catalog::SetOption(options, config, assignment->path,
                         registry::JsonString(assignment->value))
          .status();
  if (as_text.ok()) return as_text;
  return UsageError(absl::StrCat("--set ", text, ": ", typed.message()));
}

// An option that is neither set nor known is a mistyped one.
absl::Status CheckDeclared(const std::string& path, const JsonValue& config) {
  ORRERY_ASSIGN_OR_RETURN(const catalog::OptionPath names,
                          catalog::ParseOptionPath(path));
  const auto unknown =
      catalog::UnknownOptions(config, catalog::ObjectWith(names, JsonValue()));
  if (unknown.empty()) return absl::OkStatus();
  return UsageError(absl::StrCat("--unset ", path, ": ",
                                 catalog::UnknownOptionText(unknown.front())));
}

}  // namespace

absl::StatusOr<InstallOptions> BuildInstallOptions(
    const std::vector<Invocation::Given>& flags, const JsonValue& config,
    const std::function<absl::StatusOr<std::string>()>& read_stdin) {
  InstallOptions built;
  bool stdin_is_read = false;
  for (const Invocation::Given& flag : flags) {
    if (flag.name != "options") continue;
    if (flag.value == "-" && std::exchange(stdin_is_read, true)) {
      return UsageError("--options - can be given only once");
    }
    ORRERY_ASSIGN_OR_RETURN(JsonValue fragment,
                            ReadOptions(flag.value, read_stdin));
    built.options =
        catalog::MergeOptions(std::move(built.options), std::move(fragment));
  }
  for (const Invocation::Given& flag : flags) {
    if (flag.name == "set") {
      ORRERY_RETURN_IF_ERROR(ApplySet(flag.value, config, &built.options));
    }
    if (flag.name != "unset") continue;
    auto removed = catalog::UnsetOption(&built.options, flag.value);
    if (!removed.ok()) {
      return UsageError(absl::StrCat("--unset ", flag.value, ": ",
                                     removed.status().message()));
    }
    if (!*removed) {
      ORRERY_RETURN_IF_ERROR(CheckDeclared(flag.value, config));
      built.warnings.push_back(absl::StrCat(
          "--unset ", flag.value, " changes nothing: it was not set"));
    }
  }
  return built;
}

}  // namespace orrery::cli
