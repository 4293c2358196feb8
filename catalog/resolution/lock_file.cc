#include "catalog/resolution/lock_file.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/resolution/resolution.h"
#include "catalog/resolution/resolve_query.h"
#include "registry/format/canonical_json.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr int64_t kFormat = 1;

JsonValue Text(absl::string_view text) {
  return JsonValue::String(std::string(text));
}

JsonValue Texts(std::vector<std::string> texts, bool sorted) {
  if (sorted) std::sort(texts.begin(), texts.end());
  JsonValue list = JsonValue::Array();
  for (std::string& text : texts) {
    list.items().push_back(JsonValue::String(std::move(text)));
  }
  return list;
}

std::string Sha256(const JsonValue& value) {
  return absl::StrCat(
      "sha256:", signing::Digest::Of(registry::CanonicalJson(value)).Hex());
}

std::vector<std::string> NodeTexts(const std::vector<NodeName>& names) {
  std::vector<std::string> texts;
  for (const NodeName& name : names) {
    texts.push_back(NodeText(name.package, name.instance));
  }
  return texts;
}

JsonValue ItemsOf(const ResolveQuery& query) {
  std::vector<std::string> texts;
  for (const RequestItem& item : query.items) texts.push_back(item.Text());
  return Texts(std::move(texts), /*sorted=*/false);
}

JsonValue UpdateOf(const ResolveQuery& query) {
  std::vector<std::string> texts = NodeTexts(query.update);
  if (query.update_all) texts.push_back("*");
  return Texts(std::move(texts), /*sorted=*/false);
}

JsonValue PolicyOf(const ResolveQuery& query) {
  return JsonValue::Object(
      {{"allow_removal", JsonValue::Bool(query.allow_removal)},
       {"downgrade", Text(query.allow_downgrade ? "allow" : "never")},
       {"order", Text(query.oldest_first ? "oldest" : "newest")},
       {"prerelease", query.allow_prereleases ? Text("allow")
                      : query.prereleases_of.empty()
                          ? Text("deny")
                          : Texts(query.prereleases_of, true)}});
}

JsonValue BindingsOf(const ResolveQuery& query) {
  std::vector<std::vector<std::string>> bindings;
  for (const AskedBinding& binding : query.bindings) {
    bindings.push_back(
        {NodeText(binding.consumer.package, binding.consumer.instance),
         binding.package, binding.instance});
  }
  std::sort(bindings.begin(), bindings.end());
  JsonValue list = JsonValue::Array();
  for (const auto& binding : bindings) {
    list.items().push_back(Texts(binding, /*sorted=*/false));
  }
  return list;
}

JsonValue NodeToJson(const ResolvedNode& node) {
  JsonValue bindings = JsonValue::Array();
  for (const ResolvedBinding& binding : node.bindings) {
    bindings.items().push_back(
        JsonValue::Object({{"option", Text(binding.option)},
                           {"output", Text(binding.output)},
                           {"provider", Text(binding.provider)}}));
  }
  return JsonValue::Object(
      {{"bindings", std::move(bindings)},
       {"features", Texts(node.features, /*sorted=*/true)},
       {"instance", Text(node.instance)},
       {"node", Text(node.node)},
       {"package", Text(node.package)},
       {"relations", Text(node.relations_digest)},
       {"release", JsonValue::Integer(node.release->release)},
       {"revision", JsonValue::Integer(node.revision)},
       {"source", Text(node.release->source)},
       {"tree", Text(node.tree)},
       {"version", Text(node.release->version)},
       {"why", Texts(node.why, /*sorted=*/true)}});
}

// Of those that stay, by node text.
JsonValue NodesToJson(const Resolution& resolution) {
  std::vector<const ResolvedNode*> sorted;
  for (const ResolvedNode& node : resolution.nodes) {
    if (node.action != NodeAction::kRemove) sorted.push_back(&node);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const ResolvedNode* a, const ResolvedNode* b) {
              return a->node < b->node;
            });
  JsonValue nodes = JsonValue::Array();
  for (const ResolvedNode* node : sorted) {
    nodes.items().push_back(NodeToJson(*node));
  }
  return nodes;
}

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the lock file cannot be read: ", why));
}

absl::StatusOr<LockedNode> NodeFromJson(const JsonValue& json) {
  LockedNode node;
  const std::pair<const char*, std::string*> texts[] = {
      {"node", &node.node},          {"package", &node.package},
      {"instance", &node.instance},  {"source", &node.source},
      {"version", &node.version},    {"tree", &node.tree},
      {"relations", &node.relations}};
  for (const auto& [name, text] : texts) {
    *text = std::string(json.FindString(name));
    if (text->empty()) {
      return Malformed(absl::StrCat("a node has no ", name));
    }
  }
  const std::pair<const char*, int64_t*> numbers[] = {
      {"release", &node.release}, {"revision", &node.revision}};
  for (const auto& [name, number] : numbers) {
    const JsonValue* value = json.Find(name);
    const auto integer = value == nullptr ? std::nullopt : value->AsInteger();
    if (!integer.has_value()) {
      return Malformed(absl::StrCat(node.node, " has no ", name));
    }
    *number = *integer;
  }
  const std::pair<const char*, std::vector<std::string>*> lists[] = {
      {"features", &node.features}, {"why", &node.why}};
  for (const auto& [name, list] : lists) {
    const JsonValue* value = json.Find(name);
    if (value == nullptr) continue;
    for (const JsonValue& item : value->items()) list->push_back(item.text());
  }
  return node;
}

}  // namespace

std::string RequestDigest(const ResolveQuery& query,
                          std::vector<std::string> hold) {
  JsonValue options = JsonValue::Object();
  for (const auto& [node, given] : query.options) {
    options.Set(node, Text(Sha256(given)));
  }
  return Sha256(JsonValue::Object(
      {{"bindings", BindingsOf(query)},
       {"exclude", Texts(query.exclude, /*sorted=*/true)},
       {"hold", Texts(std::move(hold), /*sorted=*/true)},
       {"items", ItemsOf(query)},
       {"options", std::move(options)},
       {"policy", PolicyOf(query)},
       {"remove", Texts(NodeTexts(query.remove), /*sorted=*/false)},
       {"update", UpdateOf(query)}}));
}

std::string WriteLock(const ResolveQuery& query, const Resolution& resolution) {
  JsonValue facts = JsonValue::Object();
  for (const auto& [fact, value] : resolution.facts) {
    facts.Set(fact, value.has_value() ? Text(*value) : JsonValue());
  }
  JsonValue lock = JsonValue::Object(
      {{"facts", std::move(facts)},
       {"items", ItemsOf(query)},
       {"lock", JsonValue::Integer(kFormat)},
       {"nodes", NodesToJson(resolution)},
       {"policy", PolicyOf(query)},
       {"remove", Texts(NodeTexts(query.remove), /*sorted=*/false)},
       {"request", Text(RequestDigest(query, resolution.hold))},
       {"update", UpdateOf(query)}});
  if (resolution.unfinished != resolver::Stage::kNone) {
    lock.Set("optimal", JsonValue::Bool(false));
  }
  return registry::CanonicalJsonIndented(lock);
}

std::string LockNodes(const Resolution& resolution) {
  return registry::CanonicalJsonIndented(NodesToJson(resolution));
}

std::string LockOf(const ResolveQuery& query, const Resolution& resolution) {
  const bool is_best = resolution.unfinished == resolver::Stage::kNone;
  return query.write_lock && resolution.status == resolver::Status::kSolved &&
                 (is_best || query.accept_suboptimal)
             ? WriteLock(query, resolution)
             : "";
}

absl::StatusOr<Lock> ParseLock(absl::string_view text) {
  const absl::StatusOr<registry::JsonDocument> json = registry::ParseJson(text);
  if (!json.ok()) return Malformed(json.status().message());
  const JsonValue& root = json->root;
  const JsonValue* format = root.Find("lock");
  if (format == nullptr || format->AsInteger() != kFormat) {
    return Malformed("its member \"lock\" is not 1");
  }
  Lock lock;
  lock.request = std::string(root.FindString("request"));
  const JsonValue* nodes = root.Find("nodes");
  if (lock.request.empty() || nodes == nullptr || !nodes->is_array()) {
    return Malformed("it has no request or no nodes");
  }
  if (const JsonValue* items = root.Find("items")) {
    for (const JsonValue& item : items->items()) {
      lock.items.push_back(item.text());
    }
  }
  for (const JsonValue& item : nodes->items()) {
    ORRERY_ASSIGN_OR_RETURN(LockedNode node, NodeFromJson(item));
    lock.nodes.push_back(std::move(node));
  }
  return lock;
}

}  // namespace orrery::catalog
