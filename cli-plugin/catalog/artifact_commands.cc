#include "cli-plugin/catalog/artifact_commands.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "registry/format/artifact_uri.h"
#include "registry/format/json_parse.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr absl::Duration kUploadTimeout = absl::Hours(6);

std::string ArtifactPath(absl::string_view hex) {
  return absl::StrCat("/v1/artifacts/sha256/", hex);
}

struct LocalFile {
  std::string path;
  std::string name;
  signing::Digest digest;
  uint64_t size = 0;
};

absl::StatusOr<LocalFile> DigestFile(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status kind =
      std::filesystem::status(path, error);
  if (kind.type() == std::filesystem::file_type::directory) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a directory"));
  }
  // Opening a pipe would wait for its writer.
  if (std::filesystem::exists(kind) &&
      !std::filesystem::is_regular_file(kind)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is no regular file"));
  }
  // For its errors: a stream cannot say why.
  ORRERY_RETURN_IF_ERROR(ReadFileUpTo(path, 1).status());
  LocalFile file;
  file.path = path;
  file.name = path.substr(path.rfind('/') + 1);
  std::ifstream stream(path, std::ios::binary);
  signing::DigestBuilder builder;
  std::vector<char> buffer(1 << 18);
  while (stream) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto count = static_cast<size_t>(stream.gcount());
    builder.Add({buffer.data(), count});
    file.size += count;
  }
  if (!stream.eof()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " cannot be read to its end"));
  }
  file.digest = builder.Finish();
  return file;
}

// Whether the server has it already.
absl::StatusOr<bool> IsStored(const LocalFile& file, CommandContext& context) {
  HttpRequest head;
  head.method = "HEAD";
  ORRERY_ASSIGN_OR_RETURN(
      const HttpResponse response,
      context.api->Send(ArtifactPath(file.digest.Hex()), std::move(head)));
  return response.status == 200;
}

absl::Status Upload(const LocalFile& file, CommandContext& context) {
  HttpRequest put;
  put.method = "PUT";
  put.upload_path = file.path;
  put.headers = {{"Content-Type", "application/octet-stream"}};
  put.timeout = context.settings->timeout.value_or(kUploadTimeout);
  put.idle_timeout = absl::Minutes(1);
  const std::string path = ArtifactPath(file.digest.Hex());
  ORRERY_ASSIGN_OR_RETURN(const HttpResponse response,
                          context.api->Send(path, std::move(put)));
  if (response.status >= 200 && response.status < 300) return absl::OkStatus();
  const auto body = registry::ParseJson(response.body);
  return ProblemFromAnswer(response.status,
                           body.ok() ? body->root : JsonValue(), path);
}

absl::StatusOr<ExitCode> RunAdd(const Invocation& invocation,
                                CommandContext& context) {
  const std::string path =
      AbsolutePath(invocation.Word("FILE"), context.working_directory);
  context.terminal->Progress(absl::StrCat("reading ", path));
  auto file = DigestFile(path);
  if (!file.ok()) return WithExitCode(file.status(), ExitCode::kUsage);
  const std::string uri = registry::FormatArtifactUri(file->digest, file->name);
  ORRERY_RETURN_IF_ERROR(registry::ParseArtifactUri(uri).status());
  ORRERY_ASSIGN_OR_RETURN(const bool stored, IsStored(*file, context));
  if (!stored) {
    context.terminal->Progress(
        absl::StrCat("sending ", file->name, ", ", file->size, " bytes"));
    ORRERY_RETURN_IF_ERROR(Upload(*file, context));
  }
  context.terminal->EndProgress();
  const std::string hex = file->digest.Hex();
  Answer answer;
  answer.document = JsonValue::Object(
      {{"uri", JsonValue::String(uri)},
       {"sha256", JsonValue::String(hex)},
       {"name", JsonValue::String(file->name)},
       {"size", JsonValue::Integer(static_cast<int64_t>(file->size))},
       {"already_stored", JsonValue::Bool(stored)}});
  answer.names = {uri};
  answer.page = absl::StrCat(uri, "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

absl::StatusOr<ExitCode> RunListArtifacts(const Invocation&,
                                          CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(std::vector<JsonValue> artifacts,
                          context.api->GetAll("/v1/artifacts", "artifacts"));
  Answer answer;
  answer.lines_member = "artifacts";
  answer.table.columns = {{"SHA256"}, {"SIZE"}, {"STORED"}};
  for (const JsonValue& artifact : artifacts) {
    answer.names.push_back(MemberText(artifact, "sha256"));
    answer.table.rows.push_back({{MemberText(artifact, "sha256")},
                                 {MemberText(artifact, "size")},
                                 {MemberText(artifact, "create_time")}});
  }
  answer.document = ListDocument("artifacts", std::move(artifacts));
  Print(answer, context);
  return ExitCode::kSuccess;
}

// The digest in `text`: hex, `sha256:hex` or what `artifact add` printed.
absl::StatusOr<signing::Digest> ParseArtifact(absl::string_view text) {
  absl::string_view hex = text;
  absl::ConsumePrefix(&hex, "artifact:");
  absl::ConsumePrefix(&hex, "sha256:");
  const auto digest = signing::Digest::ParseHex(hex.substr(0, hex.find('/')));
  if (digest.ok()) return digest;
  return UsageError(
      absl::StrCat("\"", text,
                   "\" is no artifact; it is named by the 64 hex digits that "
                   "`orrery artifact list` shows"));
}

absl::StatusOr<ExitCode> RunRemove(const Invocation& invocation,
                                   CommandContext& context) {
  ORRERY_ASSIGN_OR_RETURN(const signing::Digest digest,
                          ParseArtifact(invocation.Word("ARTIFACT")));
  const std::string hex = digest.Hex();
  if (!context.settings->assume_yes) {
    if (!context.terminal->CanAsk()) {
      return UsageError(
          "removing an artifact wants a confirmation and nobody can be asked; "
          "say --yes");
    }
    ORRERY_RETURN_IF_ERROR(
        context.terminal->Confirm(absl::StrCat("Remove artifact ", hex, "?")));
  }
  ORRERY_RETURN_IF_ERROR(context.api->Delete(ArtifactPath(hex)).status());
  Answer answer;
  answer.document = JsonValue::Object({{"removed", JsonValue::String(hex)}});
  answer.names = {hex};
  answer.page = absl::StrCat("removed artifact ", hex, "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command ArtifactCommand() {
  Command add;
  add.name = "add";
  add.summary = "Store a file on the server, by its digest";
  add.description =
      "Prints artifact:sha256:<hex>/<name>, which an artifact or fetch URI of "
      "a "
      "package may be. A file that is there already is not sent again.";
  add.examples = {{"orrery artifact add dist/echod.tar.gz", ""}};
  add.arguments = {
      {.name = "FILE", .help = "file to store", .kind = ValueKind::kFile}};
  add.run = RunAdd;
  Command list;
  list.name = "list";
  list.summary = "List the stored artifacts";
  list.examples = {{"orrery artifact list", ""}};
  list.run = RunListArtifacts;
  Command remove;
  remove.name = "remove";
  remove.summary = "Remove an artifact from the server";
  remove.examples = {
      {"orrery artifact remove artifact:sha256:0123.../echod", ""}};
  remove.arguments = {
      {.name = "ARTIFACT",
       .help = "digest in hex, or what `artifact add` printed"}};
  remove.run = RunRemove;
  Command command;
  command.name = "artifact";
  command.summary = "Manage the files that services are run from";
  command.subcommands = {std::move(add), std::move(list), std::move(remove)};
  return command;
}

}  // namespace orrery::cli
