#include "server/api/message_binding.h"

#include <limits>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "registry/format/document_reader.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "resolver/spelling.h"
#include "server/api/message_json.h"

namespace orrery::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using registry::JsonValue;

// Bodies are bounded by the listener.
constexpr registry::JsonLimits kBodyLimits = {
    .max_bytes = std::numeric_limits<size_t>::max()};

RequestFault BodyFault(std::string pointer, std::string message) {
  return {.pointer = std::move(pointer), .message = std::move(message)};
}

RequestFault ParameterFault(std::string parameter, std::string message) {
  return {.parameter = std::move(parameter), .message = std::move(message)};
}

std::string UnknownName(absl::string_view what, absl::string_view name,
                        const Descriptor& descriptor) {
  std::vector<std::string> known;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    known.push_back(descriptor.field(i)->name());
  }
  const auto nearest = resolver::NearestWords(name, known, 1);
  if (!nearest.empty()) {
    return absl::StrCat("unknown ", what, " '", name, "', did you mean '",
                        nearest.front(), "'?");
  }
  return absl::StrCat("unknown ", what, " '", name,
                      "', known are: ", absl::StrJoin(known, ", "));
}

// What a field takes, in words.
absl::string_view Wanted(const FieldDescriptor& field) {
  if (IsJsonDocument(field)) return "a JSON value";
  if (field.is_repeated()) return "an array of strings";
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return "a string";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_INT32:
      return "an integer of 32 bits";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return "an object";
    default:
      return "an integer";
  }
}

bool SetInteger(const FieldDescriptor& field, int64_t value, Message* message) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    message->GetReflection()->SetInt64(message, &field, value);
    return true;
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_INT32 ||
      value < std::numeric_limits<int32_t>::min() ||
      value > std::numeric_limits<int32_t>::max()) {
    return false;
  }
  message->GetReflection()->SetInt32(message, &field,
                                     static_cast<int32_t>(value));
  return true;
}

// Of lists only those of texts are taken.
bool AddTexts(const FieldDescriptor& field, const JsonValue& value,
              Message* message) {
  if (field.type() != FieldDescriptor::TYPE_STRING || !value.is_array()) {
    return false;
  }
  for (const JsonValue& item : value.items()) {
    if (!item.is_string()) return false;
    message->GetReflection()->AddString(message, &field, item.text());
  }
  return true;
}

// Whether the value is one that the field takes.
bool SetFromJson(const FieldDescriptor& field, const JsonValue& value,
                 Message* message) {
  const auto& reflection = *message->GetReflection();
  if (field.is_repeated()) return AddTexts(field, value, message);
  if (IsJsonDocument(field)) {
    reflection.SetString(message, &field, registry::WriteJson(value));
    return true;
  }
  if (field.type() == FieldDescriptor::TYPE_STRING && value.is_string()) {
    reflection.SetString(message, &field, value.text());
    return true;
  }
  if (field.type() == FieldDescriptor::TYPE_BOOL && value.is_bool()) {
    reflection.SetBool(message, &field, value.bool_value());
    return true;
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return false;
  const std::optional<int64_t> integer = value.AsInteger();
  return integer.has_value() && SetInteger(field, *integer, message);
}

bool SetFromText(const FieldDescriptor& field, const std::string& text,
                 Message* message) {
  const auto& reflection = *message->GetReflection();
  if (field.is_repeated() ||
      field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return false;
  }
  if (IsJsonDocument(field)) {
    if (!registry::ParseJson(text, kBodyLimits).ok()) return false;
    reflection.SetString(message, &field, text);
    return true;
  }
  if (field.type() == FieldDescriptor::TYPE_STRING) {
    reflection.SetString(message, &field, text);
    return true;
  }
  if (field.type() == FieldDescriptor::TYPE_BOOL) {
    if (text != "true" && text != "false") return false;
    reflection.SetBool(message, &field, text == "true");
    return true;
  }
  int64_t integer = 0;
  // One number has one spelling: what is a path can be cached and compared.
  return absl::SimpleAtoi(text, &integer) && absl::StrCat(integer) == text &&
         SetInteger(field, integer, message);
}

// The text a parameter would have for the value that the field has.
std::string CurrentText(const FieldDescriptor& field, const Message& message) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    default:
      return absl::StrCat(reflection.GetInt64(message, &field));
  }
}

// Sets the members of `object`, which stands at `at` of the body.
void BindMembers(const JsonValue& object, const std::string& at,
                 Message* message, std::vector<RequestFault>* faults) {
  const auto& descriptor = *message->GetDescriptor();
  for (const auto& [name, value] : object.members()) {
    const std::string pointer = at + registry::PointerStep(name);
    const auto* field = descriptor.FindFieldByName(name);
    if (field == nullptr) {
      faults->push_back(
          BodyFault(pointer, UnknownName("member", name, descriptor)));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
               !field->is_repeated() && value.is_object()) {
      BindMembers(value, pointer,
                  message->GetReflection()->MutableMessage(message, field),
                  faults);
    } else if (!value.is_null() && !SetFromJson(*field, value, message)) {
      faults->push_back(BodyFault(
          pointer, absl::StrCat("must be ", Wanted(*field), ", found ",
                                registry::KindName(value.kind()))));
    }
  }
}

}  // namespace

std::vector<RequestFault> BindBody(absl::string_view body, Message* message) {
  const auto document = registry::ParseJson(body, kBodyLimits);
  if (!document.ok()) {
    return {BodyFault("", std::string(document.status().message()))};
  }
  if (!document->root.is_object()) {
    return {
        BodyFault("", absl::StrCat("must be an object, found ",
                                   registry::KindName(document->root.kind())))};
  }
  std::vector<RequestFault> faults;
  for (const registry::DuplicateKey& duplicate : document->duplicates) {
    faults.push_back(
        BodyFault(duplicate.pointer,
                  absl::StrCat("given twice, in lines ", duplicate.first_line,
                               " and ", duplicate.second_line)));
  }
  BindMembers(document->root, "", message, &faults);
  return faults;
}

std::vector<RequestFault> BindParameters(const Parameters& parameters,
                                         Message* message) {
  std::vector<RequestFault> faults;
  std::set<std::string> seen;
  const auto& descriptor = *message->GetDescriptor();
  for (const auto& [name, text] : parameters) {
    const auto* field = descriptor.FindFieldByName(name);
    if (field == nullptr) {
      faults.push_back(
          ParameterFault(name, UnknownName("parameter", name, descriptor)));
      continue;
    }
    if (!seen.insert(name).second) {
      faults.push_back(ParameterFault(name, "given twice"));
      continue;
    }
    const bool was_set = !field->is_repeated() &&
                         message->GetReflection()->HasField(*message, field);
    if (was_set && CurrentText(*field, *message) != text) {
      faults.push_back(ParameterFault(
          name, absl::StrCat("is '", text, "' here and '",
                             CurrentText(*field, *message), "' in the body")));
    } else if (!SetFromText(*field, text, message)) {
      faults.push_back(ParameterFault(
          name,
          absl::StrCat("must be ", Wanted(*field), ", found '", text, "'")));
    }
  }
  return faults;
}

}  // namespace orrery::server
