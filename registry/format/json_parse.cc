#include "registry/format/json_parse.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "simdjson.h"

#include "registry/format/json_string.h"
#include "third_party/absl/status_macros.h"
#include "third_party/absl/string_view.h"

namespace orrery::registry {
namespace {

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kMaxDuplicates = 1000;
constexpr size_t kMaxPointerBytes = 1024;
// Of an object and those around it.
constexpr size_t kUsualMembers = 64;
// What a thread keeps at hand for the next text takes some five times that.
constexpr size_t kUsualBytes = size_t{64} << 10;

// Not absl's: to JSON, vertical tab and form feed are no white space.
constexpr absl::string_view kWhiteSpace = " \t\r\n";

bool IsWhiteSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// absl would make a table for each call.
absl::string_view StripTrailing(absl::string_view text) {
  while (!text.empty() && IsWhiteSpace(text.back())) text.remove_suffix(1);
  return text;
}

absl::string_view StripBoth(absl::string_view text) {
  text.remove_prefix(
      std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  return StripTrailing(text);
}

bool IsNumber(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t start = i;
    while (i < text.size() && absl::ascii_isdigit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const size_t first = i;
  const size_t whole = digits();
  if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

namespace ondemand = simdjson::ondemand;

// Walks one document in order and builds the tree.
class TreeBuilder {
 public:
  TreeBuilder(absl::string_view text, const char* base,
              const JsonLimits& limits)
      : text_(text), base_(base), limits_(limits) {
    members_.reserve(kUsualMembers);
  }

  // Where a value stands, linked on the call stack; the root has no parent.
  struct Step {
    static constexpr size_t kNamed = SIZE_MAX;

    const Step* parent = nullptr;
    absl::string_view name;
    size_t index = kNamed;
    // Containers around the value.
    int depth = 0;
  };
  struct KeyedMember {
    JsonValue::Member member;
    size_t key_offset = 0;
  };
  struct Duplicate {
    std::string pointer;
    size_t first_offset = 0;
    size_t second_offset = 0;
  };

  // Takes a document or a value, which differ in type only.
  template <typename Source>
  absl::Status Build(Source& source, const Step& step, JsonValue* out) {
    ondemand::json_type type;
    if (auto error = source.type().get(type)) return Fault(source, error);
    if (type == ondemand::json_type::object) {
      return BuildObject(source, step, out);
    }
    if (type == ondemand::json_type::array) {
      return BuildArray(source, step, out);
    }
    std::string_view token;
    if (auto error = RawToken(source).get(token)) return Fault(source, error);
    token = StdView(StripTrailing(AbslView(token)));
    return BuildScalar(token, out);
  }

  absl::Status BuildRoot(ondemand::document& document, JsonValue* out) {
    const absl::string_view root =
        StripBoth(absl::string_view(base_, text_.size()));
    if (root[0] != '{' && root[0] != '[')
      return BuildScalar(StdView(root), out);
    // simdjson only says that the last token is not the closing bracket.
    if (!IsClosed(root)) return LocateUnclosed(text_);
    ORRERY_RETURN_IF_ERROR(Build(document, Step(), out));
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS &&
        OffsetOf(rest) < text_.size()) {
      return FaultHere(OffsetOf(rest),
                       "a second value after the end of the first");
    }
    return absl::OkStatus();
  }

  std::vector<DuplicateKey> FindDuplicates() const {
    std::vector<DuplicateKey> found;
    if (duplicates_.empty()) return found;
    // Counting the lines before each of a thousand places takes seconds.
    std::vector<size_t> newlines;
    for (size_t at = text_.find('\n'); at != absl::string_view::npos;
         at = text_.find('\n', at + 1)) {
      newlines.push_back(at);
    }
    const auto line_at = [&newlines](size_t offset) {
      const auto next =
          std::lower_bound(newlines.begin(), newlines.end(), offset);
      return static_cast<int>(next - newlines.begin()) + 1;
    };
    for (const Duplicate& duplicate : duplicates_) {
      found.push_back({duplicate.pointer, line_at(duplicate.first_offset),
                       line_at(duplicate.second_offset)});
    }
    return found;
  }

 private:
  static bool IsClosed(absl::string_view root) {
    return root.back() == (root.front() == '{' ? '}' : ']');
  }

  static simdjson::simdjson_result<std::string_view> RawToken(
      ondemand::value& value) {
    return value.raw_json_token();
  }
  static simdjson::simdjson_result<std::string_view> RawToken(
      ondemand::document& document) {
    return document.raw_json_token();
  }

  size_t OffsetOf(const char* at) const {
    return std::min(static_cast<size_t>(at - base_), text_.size());
  }

  absl::Status FaultHere(size_t offset, absl::string_view reason) const {
    return JsonFaultAt(text_, offset, absl::StatusCode::kInvalidArgument,
                       reason);
  }

  template <typename Source>
  absl::Status Fault(Source& source, simdjson::error_code error) {
    const char* at = nullptr;
    size_t offset = text_.size();
    if (source.current_location().get(at) == simdjson::SUCCESS) {
      offset = OffsetOf(at);
    }
    return FaultHere(offset, offset >= text_.size()
                                 ? "the text ends too early"
                                 : Reason(error, text_[offset]));
  }

  static std::string Reason(simdjson::error_code error, char found) {
    if (error == simdjson::TAPE_ERROR ||
        error == simdjson::INCOMPLETE_ARRAY_OR_OBJECT ||
        error == simdjson::INCORRECT_TYPE) {
      return absl::StrCat("unexpected ",
                          JsonString(absl::string_view(&found, 1)),
                          "; a value, a comma or a closing bracket belongs "
                          "here");
    }
    return simdjson::error_message(error);
  }

  absl::Status CheckDepth(size_t offset, int depth) const {
    if (depth <= limits_.max_depth) return absl::OkStatus();
    return JsonFaultAt(text_, offset, absl::StatusCode::kResourceExhausted,
                       absl::StrCat("nested deeper than ", limits_.max_depth));
  }

  template <typename Source>
  absl::Status BuildObject(Source& source, const Step& step, JsonValue* out) {
    ORRERY_RETURN_IF_ERROR(Open(source, step, JsonValue::Object(), out));
    ondemand::object object;
    if (auto error = source.get_object().get(object)) {
      return Fault(source, error);
    }
    const size_t first = members_.size();
    for (auto entry : object) {
      ondemand::field field;
      if (auto error = std::move(entry).get(field)) return Fault(source, error);
      const char* at = field.key().raw();
      KeyedMember keyed;
      keyed.key_offset = OffsetOf(at);
      if (!DecodeJsonString(&at, &keyed.member.name)) {
        return FaultHere(OffsetOf(at), "not an escape that JSON knows");
      }
      const Step inner{&step, keyed.member.name, Step::kNamed, step.depth + 1};
      ORRERY_RETURN_IF_ERROR(Build(field.value(), inner, &keyed.member.value));
      members_.push_back(std::move(keyed));
    }
    TakeMembers(first, step, &out->members());
    return absl::OkStatus();
  }

  template <typename Source>
  absl::Status BuildArray(Source& source, const Step& step, JsonValue* out) {
    ORRERY_RETURN_IF_ERROR(Open(source, step, JsonValue::Array(), out));
    ondemand::array array;
    if (auto error = source.get_array().get(array)) return Fault(source, error);
    for (auto element : array) {
      ondemand::value item;
      if (auto error = element.get(item)) return Fault(source, error);
      const Step inner{&step, {}, out->items().size(), step.depth + 1};
      ORRERY_RETURN_IF_ERROR(Build(item, inner, &out->items().emplace_back()));
    }
    return absl::OkStatus();
  }

  template <typename Source>
  absl::Status Open(Source& source, const Step& step, JsonValue empty,
                    JsonValue* out) {
    const char* start = nullptr;
    if (source.current_location().get(start) != simdjson::SUCCESS) {
      start = base_ + text_.size();
    }
    ORRERY_RETURN_IF_ERROR(CheckDepth(OffsetOf(start), step.depth + 1));
    *out = std::move(empty);
    out->set_offset(static_cast<uint32_t>(OffsetOf(start)));
    return absl::OkStatus();
  }

  // Moves the members from `first` on into a vector of their number. The last
  // of two members of one name counts, in the place of the first.
  void TakeMembers(size_t first, const Step& step,
                   std::vector<JsonValue::Member>* out) {
    const size_t count = members_.size() - first;
    constexpr size_t kScanned = 16;  // a short object needs no hash index
    const bool indexed = count > kScanned;
    // The names stay where they are: `out` never grows past this.
    out->reserve(count);
    absl::flat_hash_map<absl::string_view, size_t> index;
    if (indexed) index.reserve(count);
    for (size_t i = first; i < members_.size(); ++i) {
      KeyedMember& keyed = members_[i];
      const std::string& name = keyed.member.name;
      size_t found = out->size();
      if (indexed) {
        const auto known = index.find(name);
        if (known != index.end()) found = known->second;
      } else {
        for (size_t j = 0; j < out->size(); ++j) {
          if ((*out)[j].name == name) found = j;
        }
      }
      if (found < out->size()) {
        AddDuplicate(step, keyed, (*out)[found].value.offset());
        (*out)[found].value = std::move(keyed.member.value);
        continue;
      }
      out->push_back(std::move(keyed.member));
      if (indexed) index.emplace(out->back().name, found);
    }
    members_.resize(first);
  }

  void AddDuplicate(const Step& object, const KeyedMember& keyed,
                    size_t first_offset) {
    if (duplicates_.size() >= kMaxDuplicates) return;
    const Step step{&object, keyed.member.name, Step::kNamed, 0};
    duplicates_.push_back({PointerTo(step), first_offset, keyed.key_offset});
  }

  // Cut to a value around it where it would be too long.
  static std::string PointerTo(const Step& step) {
    std::vector<const Step*> steps;
    for (const Step* at = &step; at->parent != nullptr; at = at->parent) {
      steps.push_back(at);
    }
    std::string pointer;
    for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
      const Step& at = **it;
      if (at.name.size() > kMaxPointerBytes) break;
      const std::string part = at.index == Step::kNamed
                                   ? PointerStep(at.name)
                                   : absl::StrCat("/", at.index);
      if (pointer.size() + part.size() > kMaxPointerBytes) break;
      pointer += part;
    }
    return pointer;
  }

  absl::Status BuildScalar(std::string_view token, JsonValue* out) {
    const size_t offset = OffsetOf(token.data());
    if (token == "null") {
      *out = JsonValue();
    } else if (token == "true" || token == "false") {
      *out = JsonValue::Bool(token == "true");
    } else if (!token.empty() && token[0] == '"') {
      const char* at = token.data() + 1;
      std::string decoded;
      if (!DecodeJsonString(&at, &decoded)) {
        return FaultHere(OffsetOf(at), "not an escape that JSON knows");
      }
      if (at + 1 != token.data() + token.size()) {
        return FaultHere(OffsetOf(at + 1), "text behind the end of a string");
      }
      *out = JsonValue::String(std::move(decoded));
    } else if (IsNumber(token)) {
      if (token.size() > limits_.max_number_length) {
        return JsonFaultAt(text_, offset, absl::StatusCode::kResourceExhausted,
                           absl::StrCat("a number of ", token.size(),
                                        " characters; the limit is ",
                                        limits_.max_number_length));
      }
      *out = JsonValue::NumberText(std::string(token));
    } else {
      return FaultHere(offset,
                       absl::StrCat("not a JSON value: ",
                                    JsonString(AbslView(token.substr(0, 20)))));
    }
    out->set_offset(static_cast<uint32_t>(offset));
    return absl::OkStatus();
  }

  absl::string_view text_;
  const char* base_;
  const JsonLimits& limits_;
  // Of the objects being built, the outermost first.
  std::vector<KeyedMember> members_;
  std::vector<Duplicate> duplicates_;
};

}  // namespace

absl::StatusOr<JsonDocument> ParseJson(absl::string_view text,
                                       const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the text has ", text.size(), " bytes; the limit is ",
                     limits.max_bytes));
  }
  JsonDocument result;
  if (absl::ConsumePrefix(&text, kByteOrderMark)) result.had_bom = true;
  const simdjson::padded_string padded(text.data(), text.size());
  thread_local ondemand::parser usual_parser;
  ondemand::parser large_parser;
  ondemand::parser& parser =
      text.size() <= kUsualBytes ? usual_parser : large_parser;
  ondemand::document document;
  if (auto error = parser.iterate(padded).get(document)) {
    return LocateTextFault(text, simdjson::error_message(error));
  }
  TreeBuilder builder(text, padded.data(), limits);
  ORRERY_RETURN_IF_ERROR(builder.BuildRoot(document, &result.root));
  result.duplicates = builder.FindDuplicates();
  return result;
}

bool IsUtf8(absl::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace orrery::registry
