#include "catalog/resolution/resolution.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/status/error_details.h"
#include "resolver/relaxations.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using resolver::Fact;
using resolver::Limit;
using resolver::Stage;
using resolver::Status;

JsonValue Text(absl::string_view text) {
  return JsonValue::String(std::string(text));
}

JsonValue Texts(const std::vector<std::string>& texts) {
  JsonValue list = JsonValue::Array();
  for (const std::string& text : texts) list.items().push_back(Text(text));
  return list;
}

JsonValue BindingsToJson(const std::vector<ResolvedBinding>& bindings) {
  JsonValue list = JsonValue::Array();
  for (const ResolvedBinding& binding : bindings) {
    list.items().push_back(JsonValue::Object(
        {{"option", Text(binding.option)},
         {"provider", Text(binding.provider)},
         {"output", Text(binding.output)},
         {"known", Text(binding.late ? "running" : "planning")},
         {"overridden", JsonValue::Bool(binding.overridden)}}));
  }
  return list;
}

JsonValue NodeToJson(const ResolvedNode& node) {
  JsonValue from;
  if (node.from_release.has_value()) {
    from =
        JsonValue::Object({{"release", JsonValue::Integer(*node.from_release)},
                           {"version", Text(node.from_version)}});
  }
  const registry::Release nothing;
  const registry::Release& release =
      node.release == nullptr ? nothing : *node.release;
  JsonValue out =
      JsonValue::Object({{"node", Text(node.node)},
                         {"package", Text(node.package)},
                         {"instance", Text(node.instance)},
                         {"action", Text(NodeActionName(node.action))},
                         {"source", Text(release.source)},
                         {"release", JsonValue::Integer(release.release)},
                         {"revision", JsonValue::Integer(node.revision)},
                         {"version", Text(release.version)},
                         {"from", std::move(from)},
                         {"features", Texts(node.features)},
                         {"why", Texts(node.why)},
                         {"bindings", BindingsToJson(node.bindings)},
                         {"notes", NotesToJson(node.notes)}});
  if (!node.reason.empty()) out.Set("reason", Text(node.reason));
  return out;
}

absl::string_view StageName(Stage stage) {
  switch (stage) {
    case Stage::kNone:
      return "";
    case Stage::kSolution:
      return "A";
    case Stage::kLeastChange:
      return "B";
    case Stage::kCanonical:
      return "C";
  }
  return "";
}

absl::string_view KindName(Fact::Kind kind) {
  switch (kind) {
    case Fact::Kind::kRequest:
      return "request";
    case Fact::Kind::kNeeds:
      return "needs";
    case Fact::Kind::kConflict:
      return "conflict";
    case Fact::Kind::kBound:
      return "bound";
    case Fact::Kind::kClaim:
      return "claim";
    case Fact::Kind::kKeep:
      return "keep";
    case Fact::Kind::kLocked:
      return "locked";
    case Fact::Kind::kEdge:
      return "edge";
    case Fact::Kind::kLimit:
      return "limit";
    case Fact::Kind::kExcluded:
      return "excluded";
    case Fact::Kind::kFact:
      return "fact";
  }
  return "";
}

JsonValue TargetsToJson(const ToldFact& told) {
  JsonValue targets = JsonValue::Array();
  for (size_t i = 0; i < told.fact.targets.size(); ++i) {
    const Fact::Targeted& target = told.fact.targets[i];
    targets.items().push_back(
        JsonValue::Object({{"name", Text(target.text)},
                           {"range", Text(target.range)},
                           {"releases", Text(told.target_releases[i])}}));
  }
  return targets;
}

std::vector<std::string> HoldersOf(const Fact& claim) {
  std::vector<std::string> holders = {claim.subject};
  for (const Fact::Targeted& other : claim.targets) {
    holders.push_back(other.text);
  }
  return holders;
}

// The fields of resolver.md §11.2.
void AddFields(const ToldFact& told, const Resolution& resolution,
               JsonValue* object) {
  const Fact& fact = told.fact;
  switch (fact.kind) {
    case Fact::Kind::kRequest:
      object->Set("index", JsonValue::Integer(fact.index));
      if (fact.index < resolution.items.size()) {
        object->Set("text", Text(resolution.items[fact.index]));
      }
      object->Set("targets", TargetsToJson(told));
      break;
    case Fact::Kind::kNeeds:
    case Fact::Kind::kConflict:
    case Fact::Kind::kBound:
      object->Set("subject", Text(fact.subject));
      object->Set("releases", Text(told.releases));
      object->Set("targets", TargetsToJson(told));
      break;
    case Fact::Kind::kClaim:
      object->Set("claim", Text(fact.text));
      object->Set("nodes", Texts(HoldersOf(fact)));
      break;
    case Fact::Kind::kKeep:
      object->Set("node", Text(resolver::TargetNames(fact)));
      object->Set("version", Text(fact.text));
      break;
    case Fact::Kind::kLocked:
      object->Set("node", Text(fact.subject));
      object->Set("version", Text(told.releases));
      break;
    case Fact::Kind::kEdge:
      object->Set("node", Text(fact.subject));
      object->Set("version", Text(fact.text));
      object->Set("releases", Text(told.releases));
      break;
    case Fact::Kind::kLimit:
      object->Set("node", Text(fact.subject));
      object->Set("releases", Text(told.releases));
      break;
    case Fact::Kind::kExcluded:
      object->Set("package", Text(fact.subject));
      object->Set("releases", Text(told.releases));
      object->Set("reason", Text(fact.text));
      break;
    case Fact::Kind::kFact:
      object->Set("fact", Text(fact.subject));
      object->Set("value",
                  told.releases.empty() ? JsonValue() : Text(told.releases));
      break;
  }
}

JsonValue FactToJson(const ToldFact& told, size_t id,
                     const Resolution& resolution) {
  JsonValue object =
      JsonValue::Object({{"id", JsonValue::Integer(static_cast<int64_t>(id))},
                         {"kind", Text(KindName(told.fact.kind))}});
  AddFields(told, resolution, &object);
  object.Set("sentence", Text(told.sentence));
  return object;
}

JsonValue FixToJson(const resolver::Fix& fix) {
  return JsonValue::Object({{"kind", Text(resolver::FixKindName(fix.kind))},
                            {"text", Text(fix.text)},
                            {"effect", Text(fix.effect)},
                            {"removed", JsonValue::Integer(fix.removed)},
                            {"changed", JsonValue::Integer(fix.changed)},
                            {"added", JsonValue::Integer(fix.added)}});
}

void AddSolved(const Resolution& resolution, JsonValue* out) {
  JsonValue items = JsonValue::Array();
  for (const ResolvedNode& node : resolution.nodes) {
    items.items().push_back(NodeToJson(node));
  }
  JsonValue order = JsonValue::Array();
  for (const auto& group : resolution.order) {
    order.items().push_back(Texts(group));
  }
  JsonValue catalog = JsonValue::Object();
  for (const auto& [package, digest] : resolution.catalog) {
    catalog.Set(package, Text(digest));
  }
  JsonValue held = JsonValue::Array();
  for (const HeldNode& node : resolution.held) {
    held.items().push_back(JsonValue::Object({{"node", Text(node.node)},
                                              {"version", Text(node.version)},
                                              {"newest", Text(node.newest)},
                                              {"reason", Text(node.reason)}}));
  }
  out->Set("removed", JsonValue::Integer(resolution.removed));
  out->Set("changed", JsonValue::Integer(resolution.changed));
  out->Set("added", JsonValue::Integer(resolution.added));
  out->Set("items", std::move(items));
  out->Set("order", std::move(order));
  out->Set("catalog", std::move(catalog));
  out->Set("held", std::move(held));
  out->Set("notes", NotesToJson(resolution.notes));
  out->Set("unchecked", Texts(resolution.unchecked));
}

void AddRefusal(const Resolution& resolution, JsonValue* out) {
  out->Set("verb", Text(resolution.verb));
  JsonValue facts = JsonValue::Array();
  for (size_t i = 0; i < resolution.told.size(); ++i) {
    facts.items().push_back(FactToJson(resolution.told[i], i + 1, resolution));
  }
  out->Set("facts", std::move(facts));
  JsonValue fixes = JsonValue::Array();
  for (const resolver::Fix& fix : resolution.fixes) {
    fixes.items().push_back(FixToJson(fix));
  }
  out->Set("fixes", std::move(fixes));
  out->Set("reduced", JsonValue::Bool(resolution.reduced));
  out->Set("text", Text(RefusalText(resolution)));
  JsonValue unknown = JsonValue::Object();
  for (const auto& [name, nearest] : resolution.unknown) {
    unknown.Set(name, Texts(nearest));
  }
  out->Set("unknown", std::move(unknown));
}

JsonValue StatisticsToJson(const resolver::Statistics& statistics) {
  const auto number = [](uint64_t value) {
    return JsonValue::Integer(static_cast<int64_t>(value));
  };
  return JsonValue::Object({{"steps", number(statistics.steps)},
                            {"decisions", number(statistics.decisions)},
                            {"conflicts", number(statistics.conflicts)},
                            {"loaded", number(statistics.loaded)}});
}

}  // namespace

JsonValue NotesToJson(const std::vector<AnswerNote>& notes) {
  JsonValue list = JsonValue::Array();
  for (const AnswerNote& note : notes) {
    list.items().push_back(JsonValue::Object(
        {{"code", Text(note.code)}, {"text", Text(note.text)}}));
  }
  return list;
}

AnswerNote OrphanNote(const std::string& service,
                      const std::vector<std::string>& added_for) {
  return {
      "orphan",
      absl::StrCat(service, " was added for ", absl::StrJoin(added_for, ", "),
                   ", and nothing needs it any more; it goes by: orrery "
                   "uninstall ",
                   service)};
}

absl::string_view NodeActionName(NodeAction action) {
  switch (action) {
    case NodeAction::kKeep:
      return "keep";
    case NodeAction::kAdd:
      return "add";
    case NodeAction::kChange:
      return "change";
    case NodeAction::kDowngrade:
      return "downgrade";
    case NodeAction::kRemove:
      return "remove";
  }
  return "";
}

const ResolvedNode* Resolution::Find(absl::string_view node) const {
  const auto found = std::find_if(
      nodes.begin(), nodes.end(),
      [&](const ResolvedNode& other) { return other.node == node; });
  return found == nodes.end() ? nullptr : &*found;
}

JsonValue ResolutionToJson(const Resolution& resolution) {
  JsonValue out = JsonValue::Object({{"schema", JsonValue::Integer(1)}});
  switch (resolution.status) {
    case Status::kSolved:
      out.Set("status", Text("solved"));
      out.Set("optimal",
              JsonValue::Bool(resolution.unfinished == Stage::kNone));
      break;
    case Status::kUnsatisfiable:
      out.Set("status", Text("unsatisfiable"));
      break;
    case Status::kGaveUp:
      out.Set("status", Text("gave_up"));
      out.Set("limit",
              Text(resolution.limit == Limit::kTime ? "time" : "steps"));
      break;
  }
  if (resolution.unfinished != Stage::kNone) {
    out.Set("stage", Text(StageName(resolution.unfinished)));
  }
  out.Set("cluster",
          resolution.cluster.empty() ? JsonValue() : Text(resolution.cluster));
  if (resolution.status == Status::kSolved) AddSolved(resolution, &out);
  if (resolution.status == Status::kUnsatisfiable) AddRefusal(resolution, &out);
  if (!resolution.lock.empty()) out.Set("lock", Text(resolution.lock));
  out.Set("stats", StatisticsToJson(resolution.statistics));
  return out;
}

std::string RefusalText(const Resolution& resolution) {
  const std::string place =
      resolution.cluster.empty()
          ? "without a cluster"
          : absl::StrCat("on cluster ", resolution.cluster);
  std::string text =
      absl::StrCat("cannot ", resolution.verb, " ",
                   absl::StrJoin(resolution.items, ", "), " ", place, ": ");
  const size_t count = resolution.told.size();
  if (count == 1) {
    absl::StrAppend(&text, "this stands in the way");
  } else {
    absl::StrAppend(&text, count, " facts do not fit together");
  }
  size_t number = 0;
  for (const std::string& sentence : resolution.sentences) {
    absl::StrAppend(&text, "\n  ", ++number, ". ", sentence);
  }
  if (!resolution.fixes.empty()) absl::StrAppend(&text, "\nwhat would work");
  std::string letter = "a";
  for (const resolver::Fix& fix : resolution.fixes) {
    absl::StrAppend(&text, "\n  ", letter, ". ", fix.text, ": ", fix.effect);
    ++letter.front();
  }
  return text;
}

absl::Status CheckSolved(const Resolution& resolution) {
  switch (resolution.status) {
    case Status::kSolved:
      break;
    case Status::kUnsatisfiable:
      return registry::WithReason(
          absl::FailedPreconditionError(RefusalText(resolution)),
          "UNSATISFIABLE");
    case Status::kGaveUp:
      return registry::WithReason(
          absl::ResourceExhaustedError(absl::StrCat(
              "neither an answer nor a proof that there is none was found "
              "within the ",
              resolution.limit == Limit::kTime ? "time" : "steps",
              "; ask for less at once, or name ranges or a lock, so that there "
              "is less to choose from")),
          "GAVE_UP");
  }
  return absl::OkStatus();
}

}  // namespace orrery::catalog
