#include "cli-plugin/source/source_status.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr size_t kShortCommit = 12;

int64_t RefusedNotListed(const JsonValue& source) {
  int64_t count = 0;
  return absl::SimpleAtoi(MemberText(source, "refused_not_listed"), &count)
             ? count
             : 0;
}

std::string RefusedText(const JsonValue& source, const Terminal& terminal) {
  const auto refused = MemberItems(source, "refused");
  if (refused.empty()) return "";
  std::string text =
      absl::StrCat("\n", terminal.OnOut(Colour::kBold, "Refused:"), "\n");
  for (const JsonValue& release : refused) {
    const std::string line = MemberText(release, "line");
    absl::StrAppend(&text, "  ", OneLine(MemberText(release, "path")),
                    line.empty() ? "" : ":", line,
                    MemberText(release, "pointer").empty() ? "" : " ",
                    OneLine(MemberText(release, "pointer")), ": ",
                    OneLine(MemberText(release, "reason")), " (",
                    OneLine(MemberText(release, "rule")), ")\n");
  }
  const int64_t more = RefusedNotListed(source);
  if (more > 0) absl::StrAppend(&text, "  and ", more, " more releases\n");
  return text;
}

std::string PendingText(const JsonValue& source, const Terminal& terminal) {
  const auto pending = MemberItems(source, "pending");
  if (pending.empty()) return "";
  std::string text =
      absl::StrCat("\n", terminal.OnOut(Colour::kBold, "Pending:"), "\n");
  for (const JsonValue& statement : pending) {
    absl::StrAppend(&text, "  ", OneLine(MemberText(statement, "file")), ": ",
                    OneLine(MemberText(statement, "reason")), " (",
                    OneLine(MemberText(statement, "code")), ")\n");
  }
  return text;
}

std::string FindingsText(const JsonValue& source) {
  const JsonValue* findings = source.Find("findings");
  if (findings == nullptr) return "";
  std::vector<std::string> counts;
  for (const JsonValue::Member& finding : findings->members()) {
    counts.push_back(absl::StrCat(finding.name, " ", finding.value.text()));
  }
  return absl::StrJoin(counts, ", ");
}

std::string PageOf(const JsonValue& source, const Terminal& terminal) {
  const std::string state = MemberText(source, "state");
  std::string page = absl::StrCat(
      terminal.OnOut(Colour::kBold, OneLine(MemberText(source, "name"))), ": ",
      terminal.OnOut(StateColour(state), OneLine(state)), "\n");
  const std::vector<std::pair<const char*, std::string>> facts = {
      {"error", MemberText(source, "error")},
      {"stalled since", MemberText(source, "stalled_since")},
      {"url", MemberText(source, "url")},
      {"ref", MemberText(source, "ref")},
      {"subdir", MemberText(source, "subdir")},
      {"priority", MemberText(source, "priority")},
      {"overlay of", MemberText(source, "overlay_of")},
      {"commit", MemberText(source, "commit")},
      {"remote commit", MemberText(source, "remote_commit")},
      {"packages", MemberText(source, "packages")},
      {"releases", MemberText(source, "releases")},
      {"overlays", MemberText(source, "overlays")},
      {"hidden", MemberText(source, "hidden")},
      {"refused", absl::StrCat(RefusedCount(source))},
      {"pending", absl::StrCat(MemberItems(source, "pending").size())},
      {"findings", FindingsText(source)},
      {"re-judged", MemberText(source, "rejudged_releases")},
      {"last look", MemberText(source, "sync_time")},
      {"last success", MemberText(source, "last_success_time")},
      {"last change", MemberText(source, "last_change_time")},
      {"next look", MemberText(source, "next_attempt_time")},
  };
  for (const auto& [name, value] : facts) {
    if (value.empty()) continue;
    if (value == "0" && (absl::string_view(name) == "re-judged" ||
                         absl::string_view(name) == "overlays" ||
                         absl::string_view(name) == "pending")) {
      continue;
    }
    const std::string label = absl::StrCat(name, ":");
    absl::StrAppend(&page, label, std::string(15 - label.size(), ' '),
                    OneLine(value), "\n");
  }
  return absl::StrCat(page, PendingText(source, terminal),
                      RefusedText(source, terminal));
}

}  // namespace

int64_t RefusedCount(const JsonValue& source) {
  return static_cast<int64_t>(MemberItems(source, "refused").size()) +
         RefusedNotListed(source);
}

Answer SourceListAnswer(std::vector<JsonValue> sources) {
  Answer answer;
  answer.lines_member = "sources";
  answer.table.columns = {{"NAME"},     {"STATE"},           {"PACKAGES"},
                          {"RELEASES"}, {"REFUSED"},         {"PRIORITY", true},
                          {"COMMIT"},   {"LAST LOOK", true}, {"REF", true},
                          {"URL"}};
  for (const JsonValue& source : sources) {
    const std::string state = MemberText(source, "state");
    answer.names.push_back(MemberText(source, "name"));
    answer.table.rows.push_back(
        {{MemberText(source, "name"), Colour::kBold},
         {state, StateColour(state)},
         {MemberText(source, "packages")},
         {MemberText(source, "releases")},
         {absl::StrCat(RefusedCount(source))},
         {MemberText(source, "priority")},
         {MemberText(source, "commit").substr(0, kShortCommit)},
         {MemberText(source, "sync_time")},
         {MemberText(source, "ref")},
         {MemberText(source, "url")}});
  }
  answer.document = ListDocument("sources", std::move(sources));
  return answer;
}

Answer SourceAnswer(JsonValue source, const Terminal& terminal) {
  Answer answer;
  answer.names = {MemberText(source, "name")};
  answer.page = PageOf(source, terminal);
  answer.document = std::move(source);
  return answer;
}

Answer SourcesAnswer(std::vector<JsonValue> sources, const Terminal& terminal) {
  Answer answer;
  answer.lines_member = "sources";
  std::vector<std::string> pages;
  for (const JsonValue& source : sources) {
    answer.names.push_back(MemberText(source, "name"));
    pages.push_back(PageOf(source, terminal));
  }
  answer.page = absl::StrJoin(pages, "\n");
  answer.document = ListDocument("sources", std::move(sources));
  return answer;
}

}  // namespace orrery::cli
