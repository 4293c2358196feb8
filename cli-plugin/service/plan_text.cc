#include "cli-plugin/service/plan_text.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/printable.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr size_t kShortId = 12;

// `echod 1.2 (release 3)`, or what it becomes.
std::string ReleaseText(const JsonValue& step) {
  const std::string revision = MemberText(step, "revision");
  const bool is_first = revision.empty() || revision == "0" || revision == "1";
  const std::string to = absl::StrCat(
      MemberText(step, "version"), " (release ", MemberText(step, "release"),
      is_first ? "" : absl::StrCat("#", revision), ")");
  const JsonValue* from = step.Find("from");
  if (from == nullptr || !from->is_object()) {
    return absl::StrCat(MemberText(step, "package"), " ", to);
  }
  const std::string was =
      absl::StrCat(MemberText(*from, "version"), " (release ",
                   MemberText(*from, "release"), ")");
  return absl::StrCat(
      MemberText(step, "package"), " ",
      was == to ? absl::StrCat("stays ", to) : absl::StrCat(was, " -> ", to));
}

// Those of the options at `pointer` whose values are known now.
JsonValue WithoutLate(const JsonValue& options, const std::string& pointer,
                      const std::set<std::string>& late) {
  JsonValue known = JsonValue::Object();
  for (const JsonValue::Member& member : options.members()) {
    const std::string at =
        absl::StrCat(pointer, registry::PointerStep(member.name));
    if (late.contains(at)) continue;
    if (!member.value.is_object()) {
      known.Set(member.name, member.value);
      continue;
    }
    JsonValue inner = WithoutLate(member.value, at, late);
    if (!inner.members().empty()) known.Set(member.name, std::move(inner));
  }
  return known;
}

void AppendOptions(const JsonValue& step, std::string* text) {
  for (const JsonValue& option : MemberItems(step, "default_changes")) {
    absl::StrAppend(
        text, "\n  default changed: ", OneLine(MemberText(option, "option")),
        " ", OneLine(MemberText(option, "from")), " -> ",
        OneLine(MemberText(option, "to")));
  }
  std::set<std::string> late;
  for (const JsonValue& option : MemberItems(step, "late")) {
    late.insert(MemberText(option, "option"));
  }
  if (const JsonValue* computed = step.Find("computed")) {
    const JsonValue known = WithoutLate(*computed, "", late);
    if (!known.members().empty()) {
      absl::StrAppend(text, "\n  with ", Printable(registry::WriteJson(known)));
    }
  }
  for (const JsonValue& option : MemberItems(step, "late")) {
    const std::string provider = OneLine(MemberText(option, "provider"));
    absl::StrAppend(text, "\n  ", OneLine(MemberText(option, "option")),
                    " set when ", provider, " runs, to its output ",
                    OneLine(MemberText(option, "output")));
  }
  for (const JsonValue& option : MemberItems(step, "undeclared_options")) {
    const JsonValue* value = option.Find("value");
    absl::StrAppend(
        text, "\n  undeclared option ", OneLine(MemberText(option, "pointer")),
        " = ",
        value == nullptr ? "null" : Printable(registry::WriteJson(*value)),
        " (", OneLine(MemberText(option, "type")), ")");
  }
}

bool LabelGoesDown(const JsonValue& step) {
  const JsonValue* from = step.Find("from");
  return from != nullptr && from->is_object() &&
         MemberText(*from, "label_goes_down") == "true";
}

// `client assigned, admin 8080`: ports of the app, those that it is given with
// the word for it.
std::string PortsText(const JsonValue& manifest) {
  const JsonValue* mappings =
      registry::AtPointer(manifest, "/container/portMappings");
  const absl::string_view port_member =
      mappings != nullptr ? "hostPort" : "port";
  if (mappings == nullptr) mappings = manifest.Find("portDefinitions");
  if (mappings == nullptr) return "";
  std::vector<std::string> ports;
  for (const JsonValue& mapping : mappings->items()) {
    const std::string port = MemberText(mapping, port_member);
    const std::string name = MemberText(mapping, "name");
    ports.push_back(
        absl::StrCat(name, name.empty() ? "" : " ",
                     port.empty() || port == "0" ? "assigned" : port));
  }
  return absl::StrJoin(ports, ", ");
}

// What runs: digests, ports, what an instance is given.
void AppendApp(const JsonValue& step, std::string* text) {
  const std::string tree = MemberText(step, "tree");
  if (!tree.empty()) absl::StrAppend(text, "\n  content ", OneLine(tree));
  for (const JsonValue& artifact : MemberItems(step, "artifacts")) {
    const std::string uri = MemberText(artifact, "uri");
    const std::string digest =
        absl::StrCat("sha256:", MemberText(artifact, "sha256"));
    absl::StrAppend(text, "\n  fetches ", OneLine(uri));
    // A URI of the artifact store has it.
    if (!absl::StrContains(uri, digest)) {
      absl::StrAppend(text, " ", OneLine(digest));
    }
  }
  const JsonValue* manifest = step.Find("manifest");
  if (manifest == nullptr) return;
  const std::string ports = PortsText(*manifest);
  if (!ports.empty()) absl::StrAppend(text, "\n  ports ", OneLine(ports));
  const std::string cpus = MemberText(*manifest, "cpus");
  const std::string mem = MemberText(*manifest, "mem");
  if (!cpus.empty() && !mem.empty()) {
    absl::StrAppend(
        text, "\n  gets ", cpus, " cpus and ", mem, " MiB of memory",
        MemberText(step, "instances") == "1" ? "" : " for each instance");
  }
}

std::string StepText(const JsonValue& step) {
  const std::string instances = MemberText(step, "instances");
  const std::string action = MemberText(step, "action");
  std::string text = OneLine(
      absl::StrCat(action, " ", MemberText(step, "service"), " on ",
                   MemberText(step, "cluster"), ": ", ReleaseText(step)));
  if (action != "remove") {
    absl::StrAppend(&text, " from source ", OneLine(MemberText(step, "source")),
                    ", ", instances,
                    instances == "1" ? " instance" : " instances");
  }
  if (LabelGoesDown(step)) {
    absl::StrAppend(&text, "\n  label goes down: ",
                    OneLine(MemberText(MemberOrSelf(step, "from"), "version")),
                    " -> ", OneLine(MemberText(step, "version")));
  }
  for (const std::string& path : MemberTexts(step, "kept_volumes")) {
    absl::StrAppend(&text, "\n  keeps the data of volume ", OneLine(path));
  }
  const std::string reason = MemberText(step, "reason");
  if (!reason.empty()) absl::StrAppend(&text, "\n  because ", OneLine(reason));
  if (action != "remove") AppendApp(step, &text);
  const std::vector<std::string> after = MemberTexts(step, "after");
  if (!after.empty()) {
    absl::StrAppend(&text, "\n  after ", OneLine(absl::StrJoin(after, ", ")));
  }
  AppendOptions(step, &text);
  return text;
}

// `  verified: kafka 57#2 by observed, leaf 5 of registry public` for each
// release, and what nothing pins.
std::string EvidenceText(const std::string& evidence) {
  std::string text;
  for (const absl::string_view line : absl::StrSplit(evidence, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.front() == "use" && words.size() > 7) {
      absl::StrAppend(&text, "\nverified: ", OneLine(words[3]), " ",
                      OneLine(words[4]), "#", OneLine(words[5]), " by ",
                      OneLine(words[6]), ", leaf ", OneLine(words[7]),
                      " of registry ", OneLine(words[1]));
    }
    if (words.front() == "unpinned") {
      absl::StrAppend(
          &text, "\nnot pinned: ", OneLine(line.substr(line.find(' ') + 1)));
    }
  }
  return text;
}

// Of the plan's room, `needed` or `free`.
double AmountOf(const JsonValue& room, absl::string_view which,
                absl::string_view resource) {
  double amount = 0;
  const bool is_number = absl::SimpleAtod(
      MemberText(MemberOrSelf(room, which), resource), &amount);
  return is_number ? amount : 0;
}

// 1000000 and not 1e+06.
std::string AmountText(double amount) {
  return absl::StrFormat("%.12g", amount);
}

std::string RoomText(const JsonValue& plan) {
  const JsonValue* room = plan.Find("room");
  if (room == nullptr || !room->is_object()) return "";
  if (AmountOf(*room, "needed", "cpus") == 0 &&
      AmountOf(*room, "needed", "mem_mib") == 0) {
    return "";
  }
  const auto amounts = [room](absl::string_view which) {
    return absl::StrCat(
        AmountText(AmountOf(*room, which, "cpus")), " cpus and ",
        AmountText(AmountOf(*room, which, "mem_mib")), " MiB of memory");
  };
  return absl::StrCat("\nneeds ", amounts("needed"), "; free are ",
                      amounts("free"));
}

}  // namespace

std::string HeldText(const JsonValue& held) {
  return OneLine(absl::StrCat("held back: ", MemberText(held, "node"), " ",
                              MemberText(held, "version"), " (newest ",
                              MemberText(held, "newest"),
                              "): ", MemberText(held, "reason")));
}

std::string PlanText(const JsonValue& plan) {
  std::string text =
      absl::StrCat("plan ", MemberText(plan, "id").substr(0, kShortId), ":");
  for (const JsonValue& step : MemberItems(plan, "steps")) {
    absl::StrAppend(&text, "\n", StepText(step));
  }
  for (const JsonValue& held : MemberItems(plan, "held")) {
    absl::StrAppend(&text, "\n", HeldText(held));
  }
  return absl::StrCat(text, RoomText(plan),
                      EvidenceText(MemberText(plan, "evidence")));
}

bool AnyLabelGoesDown(const JsonValue& plan) {
  const auto& steps = MemberItems(plan, "steps");
  return std::any_of(steps.begin(), steps.end(), LabelGoesDown);
}

std::string ShortageText(const JsonValue& plan) {
  const JsonValue* room = plan.Find("room");
  if (room == nullptr || !room->is_object()) return "";
  std::vector<std::string> short_of;
  for (const auto& [resource, unit] :
       {std::pair("cpus", " cpus"), std::pair("mem_mib", " MiB of memory")}) {
    const double needed = AmountOf(*room, "needed", resource);
    const double free = AmountOf(*room, "free", resource);
    if (needed <= free) continue;
    short_of.push_back(absl::StrCat(AmountText(needed), unit, ", and ",
                                    AmountText(free), " are free"));
  }
  return absl::StrJoin(short_of, "; ");
}

}  // namespace orrery::cli
