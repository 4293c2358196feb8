#include "cli-plugin/package/package_status_command.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/package/chain_review.h"
#include "cli-plugin/package/package_chain.h"
#include "cli-plugin/text/printable.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

JsonValue Texts(const std::vector<std::string>& texts) {
  std::vector<JsonValue> values;
  for (const std::string& text : texts) {
    values.push_back(JsonValue::String(text));
  }
  return JsonValue::Array(std::move(values));
}

// "complete", "pending" or "refused".
absl::string_view StateOf(const ReviewedStatement& statement) {
  if (statement.status.ok()) return "complete";
  return statement.is_pending ? "pending" : "refused";
}

JsonValue StatementJson(const ReviewedStatement& statement) {
  JsonValue json = JsonValue::Object(
      {{"seq", JsonValue::Integer(statement.seq)},
       {"file", JsonValue::String(statement.file)},
       {"kind", JsonValue::String(statement.kind)},
       {"subject", JsonValue::String(statement.subject)},
       {"state", JsonValue::String(std::string(StateOf(statement)))},
       {"signed_by", Texts(statement.signed_by)},
       {"may_sign", Texts(statement.may_sign)},
       {"needed", JsonValue::Integer(statement.needed)}});
  if (const auto refusal = signing::RefusalOf(statement.status)) {
    json.Set("code", JsonValue::String(
                         std::string(signing::RefusalName(refusal->code))));
    json.Set("detail", JsonValue::String(refusal->detail));
  }
  return json;
}

std::string StatementText(const ReviewedStatement& statement,
                          const Terminal& terminal) {
  const absl::string_view state = StateOf(statement);
  Colour colour = Colour::kGreen;
  if (state == "pending") colour = Colour::kYellow;
  if (state == "refused") colour = Colour::kRed;
  std::string text = absl::StrCat(
      "  ", statement.file, "  ", statement.subject, ": ",
      terminal.OnOut(colour, state), ", ", statement.signed_by.size(), " of ",
      statement.needed, " signed",
      statement.signed_by.empty()
          ? ""
          : absl::StrCat(" (", absl::StrJoin(statement.signed_by, ", "), ")"));
  if (state == "pending" && !statement.may_sign.empty()) {
    absl::StrAppend(&text,
                    ", may sign: ", absl::StrJoin(statement.may_sign, ", "));
  }
  if (const auto refusal = signing::RefusalOf(statement.status)) {
    if (state == "refused") {
      absl::StrAppend(&text, "\n    ", signing::RefusalName(refusal->code),
                      ": ", OneLine(refusal->detail));
    }
  }
  return text + "\n";
}

std::string ChainText(const ReviewedChain& chain, const Terminal& terminal) {
  std::string text =
      absl::StrCat(terminal.OnOut(Colour::kBold, chain.package), "\n");
  for (const ReviewedStatement& statement : chain.statements) {
    text += StatementText(statement, terminal);
  }
  if (const auto fault = signing::RefusalOf(chain.fault)) {
    absl::StrAppend(&text, "  ", fault->place.file, ": ",
                    terminal.OnOut(Colour::kRed, "refused"), "\n    ",
                    signing::RefusalName(fault->code), ": ",
                    OneLine(fault->detail), "\n");
  }
  for (const std::string& directory : chain.unrecorded) {
    absl::StrAppend(&text, "  ", directory, ": no statement records it\n");
  }
  return text;
}

JsonValue ChainJson(const ReviewedChain& chain) {
  std::vector<JsonValue> statements;
  for (const ReviewedStatement& statement : chain.statements) {
    statements.push_back(StatementJson(statement));
  }
  JsonValue json = JsonValue::Object(
      {{"package", JsonValue::String(chain.package)},
       {"statements", JsonValue::Array(std::move(statements))},
       {"unrecorded", Texts(chain.unrecorded)}});
  if (const auto fault = signing::RefusalOf(chain.fault)) {
    json.Set("fault", JsonValue::Object(
                          {{"file", JsonValue::String(fault->place.file)},
                           {"code", JsonValue::String(std::string(
                                        signing::RefusalName(fault->code)))},
                           {"detail", JsonValue::String(fault->detail)}}));
  }
  return json;
}

absl::StatusOr<ExitCode> RunStatus(const Invocation& invocation,
                                   CommandContext& context) {
  const std::string directory =
      AbsolutePath(invocation.Word("DIR"), context.working_directory);
  auto packages = PackagesWithChain(directory);
  if (!packages.ok()) return UsageError(packages.status().message());
  Answer answer;
  answer.lines_member = "packages";
  std::vector<JsonValue> chains;
  for (const std::string& package : *packages) {
    ORRERY_ASSIGN_OR_RETURN(const ReviewedChain chain,
                            ReviewChain(directory, package));
    absl::StrAppend(&answer.page, ChainText(chain, *context.terminal));
    answer.names.push_back(package);
    chains.push_back(ChainJson(chain));
  }
  if (packages->empty()) {
    answer.page = absl::StrCat("no statements below ", directory,
                               "/trust; begin with `orrery package keyset`\n");
  }
  answer.document =
      JsonValue::Object({{"packages", JsonValue::Array(std::move(chains))}});
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command PackageStatusCommand() {
  Command command;
  command.name = "status";
  command.summary = "Show who has signed what, and who still must";
  command.description =
      "Judges the statements of a repository as a registry would: complete, "
      "pending (a signature is missing) or refused, with the reason. What the "
      "registry itself says stands in `orrery source status`. Works without a "
      "server.";
  command.examples = {{"orrery package status .", ""},
                      {"orrery package status . -o json", ""}};
  command.arguments = {{.name = "DIR",
                        .help = "the repository: the folder that holds trust "
                                "and repo",
                        .kind = ValueKind::kDirectory}};
  command.run = RunStatus;
  return command;
}

}  // namespace orrery::cli
