#include "catalog/options/schema_node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

bool IsFalse(const JsonValue* value) {
  return value != nullptr && value->is_bool() && !value->bool_value();
}

void SortUnique(std::vector<std::string>* words) {
  std::sort(words->begin(), words->end());
  words->erase(std::unique(words->begin(), words->end()), words->end());
}

// `%20` and kin of a URI fragment.
std::string PercentDecoded(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto hex = [&text](size_t at) {
      return at < text.size() &&
             absl::ascii_isxdigit(static_cast<unsigned char>(text[at]));
    };
    if (text[i] == '%' && hex(i + 1) && hex(i + 2)) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace

std::string JsonTypeName(const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      return "null";
    case JsonValue::Kind::kBool:
      return "boolean";
    case JsonValue::Kind::kNumber:
      return "number";
    case JsonValue::Kind::kString:
      return "string";
    case JsonValue::Kind::kArray:
      return "array";
    case JsonValue::Kind::kObject:
      return "object";
  }
  return "";
}

const JsonValue* ResolveReference(const JsonValue& config,
                                  absl::string_view reference) {
  if (!absl::ConsumePrefix(&reference, "#")) return nullptr;
  return registry::AtPointer(config, PercentDecoded(reference));
}

SchemaNode SchemaNode::Root(const JsonValue& config) {
  SchemaNode node(&config, /*known=*/true);
  node.Add(&config);
  return node;
}

void SchemaNode::Add(const JsonValue* schema) {
  if (schema == nullptr || !schema->is_object() ||
      std::find(schemas_.begin(), schemas_.end(), schema) != schemas_.end()) {
    return;
  }
  schemas_.push_back(schema);
  if (const JsonValue* reference = schema->Find("$ref");
      reference != nullptr && reference->is_string()) {
    Add(ResolveReference(*root_, reference->text()));
    return;
  }
  for (const char* keyword : {"allOf", "anyOf", "oneOf"}) {
    const JsonValue* branches = schema->Find(keyword);
    if (branches == nullptr) continue;
    for (const JsonValue& branch : branches->items()) Add(&branch);
  }
  if (const JsonValue* dependencies = schema->Find("dependencies")) {
    for (const auto& member : dependencies->members()) Add(&member.value);
  }
}

SchemaNode SchemaNode::Child(absl::string_view name) const {
  SchemaNode child(root_, /*known=*/false);
  bool declares_names = false;
  bool closed = false;
  for (const JsonValue* schema : schemas_) {
    const JsonValue* properties = schema->Find("properties");
    if (properties != nullptr && properties->is_object()) {
      declares_names = true;
      if (const JsonValue* property = properties->Find(name)) {
        child.known_ = true;
        child.Add(property);
      }
    }
    // Which pattern matches is left to the validation: knowing too much only
    // costs a suggestion.
    if (const JsonValue* patterns = schema->Find("patternProperties")) {
      for (const auto& pattern : patterns->members()) {
        child.known_ = true;
        child.Add(&pattern.value);
      }
    }
    const JsonValue* additional = schema->Find("additionalProperties");
    if (IsFalse(additional)) {
      closed = true;
    } else if (additional != nullptr) {
      child.known_ = true;
      if (child.schemas_.empty()) child.Add(additional);
    }
  }
  if (known_ && !declares_names && !closed) child.known_ = true;
  return child;
}

SchemaNode SchemaNode::Item() const {
  SchemaNode item(root_, known_);
  for (const JsonValue* schema : schemas_) {
    const JsonValue* items = schema->Find("items");
    if (items == nullptr) continue;
    item.Add(items);
    for (const JsonValue& tuple_item : items->items()) item.Add(&tuple_item);
    item.Add(schema->Find("additionalItems"));
  }
  return item;
}

std::vector<std::string> SchemaNode::Names() const {
  std::vector<std::string> names;
  for (const JsonValue* schema : schemas_) {
    const JsonValue* properties = schema->Find("properties");
    if (properties == nullptr) continue;
    for (const auto& member : properties->members()) {
      names.push_back(member.name);
    }
  }
  SortUnique(&names);
  return names;
}

std::vector<std::string> SchemaNode::Types() const {
  std::vector<std::string> said;
  std::vector<std::string> implied;
  for (const JsonValue* schema : schemas_) {
    if (const JsonValue* type = schema->Find("type")) {
      if (type->is_string()) said.push_back(type->text());
      for (const JsonValue& item : type->items()) said.push_back(item.text());
    }
    if (const JsonValue* values = schema->Find("enum")) {
      for (const JsonValue& value : values->items()) {
        implied.push_back(JsonTypeName(value));
      }
    } else if (const JsonValue* value = schema->Find("default")) {
      implied.push_back(JsonTypeName(*value));
    } else if (schema->Find("properties") != nullptr) {
      implied.emplace_back("object");
    }
  }
  std::vector<std::string>& types = said.empty() ? implied : said;
  SortUnique(&types);
  return types;
}

const JsonValue* SchemaNode::Keyword(absl::string_view keyword) const {
  for (const JsonValue* schema : schemas_) {
    if (const JsonValue* value = schema->Find(keyword)) return value;
  }
  return nullptr;
}

absl::string_view SchemaNode::Text(absl::string_view keyword) const {
  for (const JsonValue* schema : schemas_) {
    const absl::string_view text = schema->FindString(keyword);
    if (!text.empty()) return text;
  }
  return "";
}

SchemaNode NodeAt(const JsonValue& config, absl::string_view pointer) {
  SchemaNode node = SchemaNode::Root(config);
  while (absl::ConsumePrefix(&pointer, "/")) {
    const absl::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    const std::string name =
        absl::StrReplaceAll(raw, {{"~1", "/"}, {"~0", "~"}});
    SchemaNode child = node.Child(name);
    const bool is_index =
        !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
          return absl::ascii_isdigit(static_cast<unsigned char>(c));
        });
    node = is_index && child.Types().empty() ? node.Item() : std::move(child);
  }
  return node;
}

}  // namespace orrery::catalog
