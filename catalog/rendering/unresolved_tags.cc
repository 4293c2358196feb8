#include "catalog/rendering/unresolved_tags.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/schema_node.h"
#include "catalog/rendering/mustache_template.h"
#include "registry/format/json_fault.h"
#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using Kind = TemplateNode::Kind;

// A schema may refer to itself, and has far fewer names otherwise.
constexpr int kMaxDepth = 8;
constexpr size_t kMaxNames = 5000;

// Members of arrays and texts (rendering §7.4).
constexpr absl::string_view kComputed[] = {"isEmpty", "empty", "size",
                                           "length"};
// A function in the outermost scope (rendering §7.6).
constexpr absl::string_view kAsJson = "asJson";

// What a name stands for: an option, a member of resource.json, or both.
// Neither for what has no members.
struct Meaning {
  std::optional<SchemaNode> option;
  const JsonValue* resource = nullptr;
};

bool MayBe(const SchemaNode& option, absl::string_view type) {
  const std::vector<std::string> types = option.Types();
  return types.empty() ||
         std::find(types.begin(), types.end(), type) != types.end();
}

bool HasComputedMembers(const Meaning& value) {
  if (value.resource != nullptr && !value.resource->is_object()) return true;
  return value.option.has_value() &&
         (MayBe(*value.option, "array") || MayBe(*value.option, "string"));
}

std::optional<Meaning> MemberOf(const Meaning& value, absl::string_view name) {
  Meaning member;
  if (value.option.has_value() && MayBe(*value.option, "object")) {
    SchemaNode option = value.option->Child(name);
    if (option.known()) member.option = std::move(option);
  }
  if (value.resource != nullptr) {
    const JsonValue* resource = value.resource->Find(name);
    if (resource != nullptr && !resource->is_null()) member.resource = resource;
  }
  if (member.option.has_value() || member.resource != nullptr) return member;
  const bool computed = HasComputedMembers(value) &&
                        std::find(std::begin(kComputed), std::end(kComputed),
                                  name) != std::end(kComputed);
  return computed ? std::optional<Meaning>(member) : std::nullopt;
}

// What is the scope inside a section of `value`.
Meaning Entered(Meaning value) {
  if (value.option.has_value() && MayBe(*value.option, "array") &&
      !MayBe(*value.option, "object")) {
    value.option = value.option->Item();
  }
  if (value.resource != nullptr && value.resource->is_array()) {
    value.resource = value.resource->items().empty()
                         ? nullptr
                         : &value.resource->items().front();
  }
  return value;
}

void CollectNames(const Meaning& value, const std::string& prefix, int depth,
                  std::vector<std::string>* names) {
  if (depth == kMaxDepth) return;
  std::vector<std::string> members;
  if (value.option.has_value()) members = value.option->Names();
  if (value.resource != nullptr) {
    for (const auto& member : value.resource->members()) {
      members.push_back(member.name);
    }
  }
  for (const std::string& name : members) {
    const std::optional<Meaning> member = MemberOf(value, name);
    if (!member.has_value()) continue;
    if (names->size() == kMaxNames) return;
    names->push_back(absl::StrCat(prefix, name));
    CollectNames(*member, absl::StrCat(prefix, name, "."), depth + 1, names);
  }
}

class Finder {
 public:
  Finder(absl::string_view text, Meaning outermost) : text_(text) {
    scopes_.push_back(std::move(outermost));
  }

  void Visit(const std::vector<TemplateNode>& nodes) {
    for (const TemplateNode& node : nodes) VisitNode(node);
  }

  std::vector<UnresolvedTag> Take() { return std::move(found_); }

 private:
  void VisitNode(const TemplateNode& node) {
    if (node.kind == Kind::kText || node.text == kAsJson) return;
    if (node.kind == Kind::kBlock || node.kind == Kind::kInverted) {
      return Visit(node.children);
    }
    const std::optional<Meaning> meaning = Resolve(node);
    if (node.kind == Kind::kValue) {
      if (!meaning.has_value()) Report(node);
      return;
    }
    if (!meaning.has_value()) return;
    scopes_.push_back(Entered(*meaning));
    Visit(node.children);
    scopes_.pop_back();
  }

  // Rendering §7.2, for whatever options there may be.
  std::optional<Meaning> Resolve(const TemplateNode& node) const {
    if (node.text == ".") return scopes_.back();
    for (size_t scope = scopes_.size(); scope-- > 0;) {
      std::optional<Meaning> meaning = MemberOf(scopes_[scope], node.text);
      if (meaning.has_value()) return meaning;
      if (node.parts.empty()) continue;
      meaning = scopes_[scope];
      for (const std::string& part : node.parts) {
        if (meaning.has_value()) meaning = MemberOf(*meaning, part);
      }
      if (meaning.has_value()) return meaning;
    }
    return std::nullopt;
  }

  void Report(const TemplateNode& node) {
    found_.push_back({registry::PlaceAt(text_, node.offset).line, node.text,
                      Nearest(node.text)});
  }

  std::string Nearest(const std::string& name) const {
    std::vector<std::string> names;
    for (const Meaning& scope : scopes_) CollectNames(scope, "", 0, &names);
    std::vector<std::string> near = resolver::NearestWords(name, names, 1);
    if (!near.empty()) return near.front();
    // The same option in another group.
    const std::string last =
        absl::StrCat(".", name.substr(name.rfind('.') + 1));
    std::erase_if(names, [&last](const std::string& candidate) {
      return !absl::EndsWith(absl::StrCat(".", candidate), last);
    });
    return names.size() == 1 ? names.front() : "";
  }

  absl::string_view text_;
  // The innermost is the last.
  std::vector<Meaning> scopes_;
  std::vector<UnresolvedTag> found_;
};

}  // namespace

absl::StatusOr<std::vector<UnresolvedTag>> UnresolvedTags(
    absl::string_view text, const JsonValue* config,
    const JsonValue* resource) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<TemplateNode> nodes,
                          ParseTemplate(text));
  JsonValue files = JsonValue::Object();
  if (resource != nullptr) files.Set("resource", *resource);
  Meaning outermost;
  if (config != nullptr) outermost.option = SchemaNode::Root(*config);
  outermost.resource = &files;
  Finder finder(text, std::move(outermost));
  finder.Visit(nodes);
  return finder.Take();
}

}  // namespace orrery::catalog
