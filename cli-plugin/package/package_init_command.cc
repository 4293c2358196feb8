#include "cli-plugin/package/package_init_command.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/command/file_writer.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr size_t kMaxAttributesBytes = size_t{1} << 20;

// Signed bytes must be those that git hands out.
constexpr std::array<absl::string_view, 2> kAttributes = {"/trust/** -text",
                                                          "/repo/** -text"};

// git keeps no empty folder.
constexpr absl::string_view kNote =
    "Signed statements of the packages in this repository: who may sign, and\n"
    "what was released. Written by `orrery package`, never edited by hand.\n";

absl::StatusOr<std::string> WithAttributes(const std::string& path) {
  std::string text;
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    ORRERY_ASSIGN_OR_RETURN(text, ReadFileUpTo(path, kMaxAttributesBytes));
  }
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!text.empty() && !absl::EndsWith(text, "\n")) text.push_back('\n');
  for (const absl::string_view attribute : kAttributes) {
    if (std::find(lines.begin(), lines.end(), attribute) == lines.end()) {
      absl::StrAppend(&text, attribute, "\n");
    }
  }
  return text;
}

absl::StatusOr<ExitCode> RunInit(const Invocation& invocation,
                                 CommandContext& context) {
  const std::filesystem::path directory(
      AbsolutePath(invocation.Word("DIR"), context.working_directory));
  std::error_code error;
  std::filesystem::create_directories(directory / "trust", error);
  if (!error) std::filesystem::create_directories(directory / "repo", error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(
        directory.string(), " cannot be prepared: ", error.message()));
  }
  const std::string attributes = (directory / ".gitattributes").string();
  ORRERY_ASSIGN_OR_RETURN(const std::string text, WithAttributes(attributes));
  ORRERY_RETURN_IF_ERROR(ReplaceFile(attributes, text));
  const std::string note = (directory / "trust" / "README").string();
  if (!std::filesystem::exists(note, error)) {
    ORRERY_RETURN_IF_ERROR(ReplaceFile(note, kNote));
  }
  const std::string trust =
      (std::filesystem::path(invocation.Word("DIR")) / "trust")
          .lexically_normal()
          .string();
  context.terminal->Note(
      "say who may sign with `orrery package keyset`; .gitattributes keeps git "
      "from converting line ends in trust and repo");
  Answer answer;
  answer.document = JsonValue::Object({{"path", JsonValue::String(trust)}});
  answer.names = {trust};
  answer.page = absl::StrCat(trust, "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command PackageInitCommand() {
  Command command;
  command.name = "init";
  command.summary = "Prepare a repository for signed packages";
  command.description =
      "Makes the folders trust and repo, and a .gitattributes that forbids git "
      "to convert line ends in them: signatures are over bytes. What is there "
      "stays. Works without a server.";
  command.examples = {{"orrery package init .", ""}};
  command.arguments = {{.name = "DIR",
                        .help = "the repository, or the folder in it that the "
                                "registry's source follows",
                        .kind = ValueKind::kDirectory}};
  command.run = RunInit;
  return command;
}

}  // namespace orrery::cli
