#include "cli-plugin/package/statement_output.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/file_writer.h"

#include "catalog/options/shell_word.h"
#include "signing/record/record_parser.h"
#include "signing/record/statement_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

}  // namespace

absl::StatusOr<PackageChain> OpenChain(const Invocation& invocation,
                                       const CommandContext& context) {
  const std::string directory =
      AbsolutePath(invocation.Word("DIR"), context.working_directory);
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return UsageError(absl::StrCat(directory, " is no folder"));
  }
  auto chain = ReadChain(directory, invocation.Word("PKG"));
  if (!chain.ok()) return UsageError(chain.status().message());
  ORRERY_RETURN_IF_ERROR(chain->fault);
  return chain;
}

absl::StatusOr<ExitCode> PutStatement(const Invocation& invocation,
                                      const PackageChain& chain,
                                      absl::string_view statement,
                                      CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const signing::Record record,
                          signing::ParseRecord(statement));
  const std::string name =
      absl::StrCat(signing::StatementDirectory(chain.package), "/",
                   signing::StatementFileName(record.seq));
  const std::filesystem::path file =
      std::filesystem::path(
          AbsolutePath(invocation.Word("DIR"), context.working_directory)) /
      name;
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(
        file.parent_path().string(), " cannot be made: ", error.message()));
  }
  ORRERY_RETURN_IF_ERROR(ReplaceFile(file.string(), statement));
  const std::string shown =
      (std::filesystem::path(invocation.Word("DIR")) / name)
          .lexically_normal()
          .string();
  context.terminal->Note(absl::StrCat(
      "wrote ", SubjectText(record), " of ", chain.package,
      "; sign it with `orrery package sign ", catalog::ShellWord(shown),
      " --key FILE`, then commit and push; `orrery package status` says who "
      "must sign"));
  Answer answer;
  answer.document = JsonValue::Object(
      {{"path", JsonValue::String(shown)},
       {"package", JsonValue::String(chain.package)},
       {"seq", JsonValue::Integer(record.seq)},
       {"kind", JsonValue::String(std::string(RecordKindName(record.kind)))}});
  answer.names = {shown};
  answer.page = absl::StrCat(shown, "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

std::vector<Argument> ChainArguments() {
  return {{.name = "DIR",
           .help = "the repository: the folder that holds trust and repo",
           .kind = ValueKind::kDirectory},
          {.name = "PKG", .help = "name of the package"}};
}

}  // namespace orrery::cli
