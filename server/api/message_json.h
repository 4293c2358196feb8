// Messages of the API as JSON, by protobuf reflection: snake_case names, all
// integers as numbers, enum values in lower case without the prefix of their
// type, timestamps in RFC 3339 (UTC). Lists and maps are printed when empty;
// absent scalars and messages, unspecified enum values and empty documents are
// null. Bytes marked json_document are embedded as they are, other bytes are
// base64.

#ifndef SERVER_API_MESSAGE_JSON_H_
#define SERVER_API_MESSAGE_JSON_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace orrery::server {

// Equal messages give equal bytes: members stand in the order of the proto,
// those of maps by key.
std::string MessageJson(const google::protobuf::Message& message);

// "ok" for SOURCE_STATE_OK of SourceState.
std::string EnumWord(const google::protobuf::EnumValueDescriptor& value);

// Whether the bytes of `field` are one JSON document.
bool IsJsonDocument(const google::protobuf::FieldDescriptor& field);

}  // namespace orrery::server

#endif  // SERVER_API_MESSAGE_JSON_H_
