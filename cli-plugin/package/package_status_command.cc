#include "cli-plugin/package/package_status_command.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/package/chain_review.h"
#include "cli-plugin/package/package_chain.h"
#include "cli-plugin/text/printable.h"

#include "signing/record/signer_count.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

template <typename Strings>
JsonValue Texts(const Strings& texts) {
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

// Whose signatures one keyset at least counts.
std::set<std::string> SignedBy(const ReviewedStatement& statement) {
  std::set<std::string> signed_by;
  for (const signing::KeysetCount& count : statement.counts) {
    signed_by.insert(count.signed_by.begin(), count.signed_by.end());
  }
  return signed_by;
}

// Who may still sign where signatures are missing.
std::set<std::string> MaySign(const ReviewedStatement& statement) {
  std::set<std::string> may_sign;
  for (const signing::KeysetCount& count : statement.counts) {
    if (count.is_enough()) continue;
    may_sign.insert(count.may_sign.begin(), count.may_sign.end());
  }
  return may_sign;
}

int64_t Needed(const ReviewedStatement& statement) {
  int64_t needed = 0;
  for (const signing::KeysetCount& count : statement.counts) {
    needed = std::max(needed, count.needed);
  }
  return needed;
}

JsonValue CountsJson(const std::vector<signing::KeysetCount>& counts) {
  std::vector<JsonValue> values;
  for (const signing::KeysetCount& count : counts) {
    values.push_back(
        JsonValue::Object({{"keyset", JsonValue::Integer(count.keyset)},
                           {"needed", JsonValue::Integer(count.needed)},
                           {"signed_by", Texts(count.signed_by)},
                           {"may_sign", Texts(count.may_sign)}}));
  }
  return JsonValue::Array(std::move(values));
}

JsonValue StatementJson(const ReviewedStatement& statement) {
  JsonValue json = JsonValue::Object(
      {{"seq", JsonValue::Integer(statement.seq)},
       {"file", JsonValue::String(statement.file)},
       {"kind", JsonValue::String(statement.kind)},
       {"subject", JsonValue::String(statement.subject)},
       {"state", JsonValue::String(std::string(StateOf(statement)))},
       {"signed_by", Texts(SignedBy(statement))},
       {"may_sign", Texts(MaySign(statement))},
       {"needed", JsonValue::Integer(Needed(statement))},
       {"keysets", CountsJson(statement.counts)}});
  if (const auto refusal = signing::RefusalOf(statement.status)) {
    json.Set("code", JsonValue::String(
                         std::string(signing::RefusalName(refusal->code))));
    json.Set("detail", JsonValue::String(refusal->detail));
  }
  return json;
}

// "1 of 2 signed (bob), may sign: carol"; by which keyset, where there are two.
std::string CountsText(const std::vector<signing::KeysetCount>& counts) {
  std::vector<std::string> texts;
  for (const signing::KeysetCount& count : counts) {
    std::string text = absl::StrCat(
        count.signed_by.size(), " of ", count.needed,
        counts.size() > 1 ? absl::StrCat(" of keyset ", count.keyset) : "",
        " signed");
    if (!count.signed_by.empty()) {
      absl::StrAppend(&text, " (", absl::StrJoin(count.signed_by, ", "), ")");
    }
    if (!count.is_enough()) {
      absl::StrAppend(&text, ", may sign: ",
                      count.may_sign.empty()
                          ? "nobody else"
                          : absl::StrJoin(count.may_sign, ", "));
    }
    texts.push_back(std::move(text));
  }
  return absl::StrJoin(texts, "; ");
}

std::string StatementText(const ReviewedStatement& statement,
                          const Terminal& terminal) {
  const absl::string_view state = StateOf(statement);
  Colour colour = Colour::kGreen;
  if (state == "pending") colour = Colour::kYellow;
  if (state == "refused") colour = Colour::kRed;
  std::string text = absl::StrCat("  ", statement.file, "  ", statement.subject,
                                  ": ", terminal.OnOut(colour, state), ", ",
                                  CountsText(statement.counts));
  if (const auto refusal = signing::RefusalOf(statement.status)) {
    // What signatures are missing stands there already.
    if (state == "refused" || MaySign(statement).empty()) {
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

bool IsRefused(const ReviewedChain& chain) {
  return !chain.fault.ok() ||
         std::any_of(chain.statements.begin(), chain.statements.end(),
                     [](const ReviewedStatement& statement) {
                       return StateOf(statement) == "refused";
                     });
}

absl::StatusOr<ExitCode> RunStatus(const Invocation& invocation,
                                   CommandContext& context) {
  const std::string directory =
      AbsolutePath(invocation.Word("DIR"), context.working_directory);
  auto packages = PackagesWithChain(directory);
  if (!packages.ok()) return UsageError(packages.status().message());
  if (packages->empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("there are no statements below ", directory,
                     "/trust; begin with `orrery package keyset`"));
  }
  Answer answer;
  answer.lines_member = "packages";
  std::vector<JsonValue> chains;
  bool is_refused = false;
  for (const std::string& package : *packages) {
    ORRERY_ASSIGN_OR_RETURN(const ReviewedChain chain,
                            ReviewChain(directory, package));
    absl::StrAppend(&answer.page, ChainText(chain, *context.terminal));
    answer.names.push_back(package);
    chains.push_back(ChainJson(chain));
    is_refused = is_refused || IsRefused(chain);
  }
  answer.document =
      JsonValue::Object({{"packages", JsonValue::Array(std::move(chains))}});
  Print(answer, context);
  return is_refused ? ExitCode::kConflict : ExitCode::kSuccess;
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
      "server. Exit 4 when a statement is refused, or there is none.";
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
