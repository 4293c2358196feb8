#include "server/api/message_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "registry/format/json_value.h"
#include "registry/v1/annotations.pb.h"

namespace orrery::server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::Timestamp;

void AppendMessage(const Message& message, std::string* out);

// The shortest text that reads back as the same value.
template <typename Float>
void AppendFloat(Float value, std::string* out) {
  if (!std::isfinite(value)) {
    out->append("null");
    return;
  }
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out->append(buffer, end.ptr);
}

void AppendDocument(absl::string_view document, std::string* out) {
  absl::ConsumePrefix(&document, "\xef\xbb\xbf");
  document = absl::StripAsciiWhitespace(document);
  absl::StrAppend(out, document.empty() ? "null" : document);
}

void AppendBytes(const FieldDescriptor& field, const std::string& bytes,
                 std::string* out) {
  if (IsJsonDocument(field)) {
    AppendDocument(bytes, out);
  } else {
    absl::StrAppend(out, "\"", absl::Base64Escape(bytes), "\"");
  }
}

void AppendEnum(const FieldDescriptor& field, int number, std::string* out) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (number == 0 || value == nullptr) {
    out->append("null");
  } else {
    absl::StrAppend(out, "\"", EnumWord(*value), "\"");
  }
}

void AppendTimestamp(const Message& message, std::string* out) {
  Timestamp timestamp;
  timestamp.CopyFrom(message);
  const absl::Time time = absl::FromUnixSeconds(timestamp.seconds()) +
                          absl::Nanoseconds(timestamp.nanos());
  absl::StrAppend(
      out, "\"",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()),
      "\"");
}

void AppendSubMessage(const Message& message, std::string* out) {
  if (message.GetDescriptor() == Timestamp::descriptor()) {
    AppendTimestamp(message, out);
  } else {
    AppendMessage(message, out);
  }
}

// The value of a singular field, or of the element `index` of a repeated one
// when `index` is not negative.
void AppendValue(const Message& message, const FieldDescriptor& field,
                 int index, std::string* out) {
  const Reflection& reflection = *message.GetReflection();
  const auto get = [&](auto singular, auto repeated) {
    return index < 0 ? (reflection.*singular)(message, &field)
                     : (reflection.*repeated)(message, &field, index);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(
          out, get(&Reflection::GetInt32, &Reflection::GetRepeatedInt32));
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      absl::StrAppend(
          out, get(&Reflection::GetInt64, &Reflection::GetRepeatedInt64));
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      absl::StrAppend(
          out, get(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32));
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      absl::StrAppend(
          out, get(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendFloat(get(&Reflection::GetDouble, &Reflection::GetRepeatedDouble),
                  out);
      return;
    case FieldDescriptor::CPPTYPE_FLOAT:
      AppendFloat(get(&Reflection::GetFloat, &Reflection::GetRepeatedFloat),
                  out);
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out->append(get(&Reflection::GetBool, &Reflection::GetRepeatedBool)
                      ? "true"
                      : "false");
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      AppendEnum(
          field,
          get(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue),
          out);
      return;
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      const std::string& text =
          index < 0 ? reflection.GetStringReference(message, &field, &scratch)
                    : reflection.GetRepeatedStringReference(message, &field,
                                                            index, &scratch);
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        AppendBytes(field, text, out);
      } else {
        registry::AppendJsonString(text, out);
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AppendSubMessage(
          index < 0 ? reflection.GetMessage(message, &field)
                    : reflection.GetRepeatedMessage(message, &field, index),
          out);
      return;
  }
}

void AppendList(const Message& message, const FieldDescriptor& field,
                std::string* out) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  out->push_back('[');
  for (int i = 0; i < size; ++i) {
    if (i > 0) out->push_back(',');
    AppendValue(message, field, i, out);
  }
  out->push_back(']');
}

// Keys of the API's maps are strings.
void AppendMap(const Message& message, const FieldDescriptor& field,
               std::string* out) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::vector<std::pair<std::string, const Message*>> entries;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    entries.emplace_back(entry.GetReflection()->GetString(entry, &key), &entry);
  }
  std::sort(entries.begin(), entries.end());
  out->push_back('{');
  bool first = true;
  for (const auto& [name, entry] : entries) {
    if (!first) out->push_back(',');
    first = false;
    registry::AppendJsonString(name, out);
    out->push_back(':');
    AppendValue(*entry, value, -1, out);
  }
  out->push_back('}');
}

void AppendField(const Message& message, const FieldDescriptor& field,
                 std::string* out) {
  if (field.is_map()) {
    AppendMap(message, field, out);
  } else if (field.is_repeated()) {
    AppendList(message, field, out);
  } else if (field.has_presence() &&
             !message.GetReflection()->HasField(message, &field)) {
    out->append("null");
  } else {
    AppendValue(message, field, -1, out);
  }
}

void AppendMessage(const Message& message, std::string* out) {
  const auto* descriptor = message.GetDescriptor();
  out->push_back('{');
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    absl::StrAppend(out, i == 0 ? "\"" : ",\"", field.name(), "\":");
    AppendField(message, field, out);
  }
  out->push_back('}');
}

}  // namespace

std::string MessageJson(const Message& message) {
  std::string out;
  AppendSubMessage(message, &out);
  return out;
}

std::string EnumWord(const google::protobuf::EnumValueDescriptor& value) {
  std::string prefix;
  for (const char letter : value.type()->name()) {
    if (absl::ascii_isupper(letter) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(letter));
  }
  prefix.push_back('_');
  absl::string_view word = value.name();
  absl::ConsumePrefix(&word, prefix);
  return absl::AsciiStrToLower(word);
}

bool IsJsonDocument(const FieldDescriptor& field) {
  return field.options().GetExtension(registry::v1::json_document);
}

}  // namespace orrery::server
