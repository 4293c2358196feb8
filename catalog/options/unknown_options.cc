#include "catalog/options/unknown_options.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/options/option_path.h"
#include "catalog/options/schema_node.h"
#include "resolver/spelling.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using registry::PointerStep;

// Options are looked up to this depth for suggestions: a schema may refer to
// itself.
constexpr int kMaxDepth = 8;
constexpr size_t kMaxSuggestions = 3;

// Pointers of the declared options named `name`, anywhere.
void FindNamesake(const SchemaNode& node, absl::string_view name,
                  const std::string& pointer, int depth,
                  std::vector<std::string>* found) {
  if (depth > kMaxDepth || found->size() >= kMaxSuggestions) return;
  for (const std::string& child : node.Names()) {
    const std::string below = absl::StrCat(pointer, PointerStep(child));
    if (child == name) found->push_back(below);
    FindNamesake(node.Child(child), name, below, depth + 1, found);
  }
}

class Finder {
 public:
  explicit Finder(const JsonValue& config) : root_(SchemaNode::Root(config)) {}

  void Visit(const SchemaNode& node, const JsonValue& value,
             const std::string& pointer) {
    for (const auto& [name, below] : value.members()) {
      const std::string at = absl::StrCat(pointer, PointerStep(name));
      const SchemaNode child = node.Child(name);
      if (child.known()) {
        Visit(child, below, at);
      } else {
        found_.push_back({at, Suggestions(node, name, pointer)});
      }
    }
    const SchemaNode item = node.Item();
    for (size_t i = 0; i < value.items().size(); ++i) {
      Visit(item, value.items()[i], absl::StrCat(pointer, "/", i));
    }
  }

  std::vector<UnknownOption> Take() {
    std::sort(found_.begin(), found_.end(),
              [](const UnknownOption& a, const UnknownOption& b) {
                return a.pointer < b.pointer;
              });
    return std::move(found_);
  }

 private:
  std::vector<std::string> Suggestions(const SchemaNode& node,
                                       absl::string_view name,
                                       const std::string& pointer) const {
    std::vector<std::string> words;
    for (const std::string& near :
         resolver::NearestWords(name, node.Names(), kMaxSuggestions)) {
      words.push_back(PathOfPointer(absl::StrCat(pointer, PointerStep(near))));
    }
    std::vector<std::string> elsewhere;
    FindNamesake(root_, name, "", 0, &elsewhere);
    for (const std::string& at : elsewhere) {
      if (words.size() < kMaxSuggestions) words.push_back(PathOfPointer(at));
    }
    return words;
  }

  SchemaNode root_;
  std::vector<UnknownOption> found_;
};

// {"properties": {"service": ...}}: the schema's shape taken for the options'.
bool IsWrapped(const SchemaNode& root, const JsonValue& user) {
  if (user.members().size() != 1 || root.Child("properties").known()) {
    return false;
  }
  const auto& [name, inner] = user.members().front();
  if (name != "properties" || !inner.is_object()) return false;
  return std::all_of(inner.members().begin(), inner.members().end(),
                     [&root](const JsonValue::Member& member) {
                       return root.Child(member.name).known();
                     });
}

}  // namespace

std::vector<UnknownOption> UnknownOptions(const JsonValue& config,
                                          const JsonValue& user) {
  const SchemaNode root = SchemaNode::Root(config);
  if (IsWrapped(root, user)) return {{"/properties", {}, true}};
  Finder finder(config);
  finder.Visit(root, user, "");
  return finder.Take();
}

std::string UnknownOptionText(const UnknownOption& option) {
  if (option.schema_wrapper) {
    return absl::StrCat(option.pointer,
                        ": the options stand inside \"properties\", which "
                        "belongs to the schema; remove that level");
  }
  std::string text =
      absl::StrCat(option.pointer, ": the package has no option ",
                   registry::JsonString(PathOfPointer(option.pointer)));
  if (!option.did_you_mean.empty()) {
    absl::StrAppend(&text, "; did you mean ",
                    absl::StrJoin(option.did_you_mean, ", "), "?");
  }
  return text;
}

}  // namespace orrery::catalog
