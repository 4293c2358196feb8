#include "cli-plugin/catalog/search_command.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/source/stalled_sources.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr int kDefaultLimit = 100;

struct Found {
  std::vector<JsonValue> packages;
  std::vector<std::string> did_you_mean;
  std::vector<std::string> empty_sources;
  bool has_more = false;
};

// Pages of the search until `limit` packages are there; 0 means all.
absl::StatusOr<Found> Search(const std::string& words, size_t limit,
                             CommandContext& context) {
  Found found;
  std::string token;
  do {
    Query query = {{"query", words}, {"page_size", "100"}};
    if (!token.empty()) query.push_back({"page_token", token});
    ORRERY_ASSIGN_OR_RETURN(const JsonValue page,
                            context.api->Get("/v1/packages:search", query));
    for (const JsonValue& package : MemberItems(page, "packages")) {
      if (limit > 0 && found.packages.size() == limit) {
        found.has_more = true;
        return found;
      }
      found.packages.push_back(package);
    }
    if (token.empty()) {
      found.did_you_mean = MemberTexts(page, "did_you_mean");
      found.empty_sources = MemberTexts(page, "empty_sources");
    }
    token = MemberText(page, "next_page_token");
    found.has_more = !token.empty();
  } while (!token.empty() && (limit == 0 || found.packages.size() < limit));
  return found;
}

absl::StatusOr<Found> ListAll(CommandContext& context) {
  Found found;
  ORRERY_ASSIGN_OR_RETURN(found.packages,
                          context.api->GetAll("/v1/packages", "packages"));
  return found;
}

JsonValue Texts(const std::vector<std::string>& texts) {
  std::vector<JsonValue> items;
  for (const std::string& text : texts)
    items.push_back(JsonValue::String(text));
  return JsonValue::Array(std::move(items));
}

Answer AnswerOf(const Found& found) {
  Answer answer;
  answer.document = ListDocument("packages", found.packages);
  answer.document.Set("did_you_mean", Texts(found.did_you_mean));
  answer.document.Set("empty_sources", Texts(found.empty_sources));
  answer.lines_member = "packages";
  answer.table.columns = {{"NAME"},           {"VERSION"},
                          {"RELEASE", true},  {"SOURCE", true},
                          {"SELECTED", true}, {"DESCRIPTION"}};
  for (const JsonValue& package : found.packages) {
    const std::string name = MemberText(package, "name");
    answer.names.push_back(name);
    answer.table.rows.push_back({{name, Colour::kBold},
                                 {MemberText(package, "version")},
                                 {MemberText(package, "release")},
                                 {MemberText(package, "source")},
                                 {MemberText(package, "selected")},
                                 {MemberText(package, "description")}});
  }
  return answer;
}

// An empty answer is explained: no source, a source without packages, or a
// typing error.
absl::Status ExplainNothing(const Found& found, const std::string& words,
                            CommandContext& context) {
  if (!found.did_you_mean.empty()) {
    context.terminal->Note(
        absl::StrCat("nothing is called \"", words, "\"; did you mean ",
                     absl::StrJoin(found.did_you_mean, ", "), "?"));
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(const std::vector<JsonValue> sources,
                          context.api->GetAll("/v1/sources", "sources"));
  if (sources.empty()) {
    context.terminal->Warn(
        "there is no source yet; `orrery source add NAME URL` adds one");
    return absl::OkStatus();
  }
  std::vector<std::string> empty;
  bool all_empty = true;
  for (const JsonValue& source : sources) {
    if (MemberText(source, "packages") != "0") {
      all_empty = false;
      continue;
    }
    const std::string error = MemberText(source, "error");
    empty.push_back(absl::StrCat(MemberText(source, "name"),
                                 error.empty() ? "" : " (", error,
                                 error.empty() ? "" : ")"));
  }
  if (all_empty) {
    context.terminal->Warn(
        absl::StrCat("no source has any package: ", absl::StrJoin(empty, ", "),
                     "; see `orrery source status NAME`"));
    return absl::OkStatus();
  }
  context.terminal->Note(absl::StrCat("nothing matches \"", words, "\""));
  if (!empty.empty()) {
    context.terminal->Warn(
        absl::StrCat("without any package: ", absl::StrJoin(empty, ", ")));
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunSearch(const Invocation& invocation,
                                   CommandContext& context) {
  int limit = kDefaultLimit;
  if (invocation.Has("limit") &&
      (!absl::SimpleAtoi(invocation.Text("limit"), &limit) || limit < 0)) {
    return UsageError("--limit takes a number; 0 means all");
  }
  const std::string words = absl::StrJoin(invocation.Words("WORD"), " ");
  ORRERY_ASSIGN_OR_RETURN(
      const Found found,
      words.empty() ? ListAll(context)
                    : Search(words, static_cast<size_t>(limit), context));
  if (found.packages.empty()) {
    ORRERY_RETURN_IF_ERROR(ExplainNothing(found, words, context));
  } else if (!found.did_you_mean.empty()) {
    context.terminal->Note(absl::StrCat(
        "did you mean ", absl::StrJoin(found.did_you_mean, ", "), "?"));
  }
  for (const JsonValue& package : found.packages) {
    const std::string reason = MemberText(package, "yank_reason");
    if (reason.empty()) continue;
    context.terminal->Note(absl::StrCat(OneLine(MemberText(package, "name")),
                                        " was yanked: ", OneLine(reason)));
  }
  WarnOfStalledSources(context);
  Print(AnswerOf(found), context);
  if (found.has_more) {
    context.terminal->Note(
        absl::StrCat("only the best ", limit, "; --limit 0 shows all"));
  }
  return ExitCode::kSuccess;
}

}  // namespace

Command SearchCommand() {
  Command command;
  command.name = "search";
  command.summary = "Find packages by words of their name, tags, description";
  command.description =
      "Every word must match, as a whole or as the beginning of a word. The "
      "package of that very name comes first, then those that their source "
      "selects. Without words all packages are listed.";
  command.examples = {{"orrery search message queue", ""},
                      {"orrery search kafka -o json", ""}};
  command.flags = {
      {.name = "limit",
       .value = "N",
       .help = "at most so many packages, 0 for all (default 100)"}};
  command.arguments = {{.name = "WORD",
                        .help = "what to look for",
                        .kind = ValueKind::kPackage,
                        .required = false,
                        .repeatable = true}};
  command.run = RunSearch;
  return command;
}

}  // namespace orrery::cli
