// Fills request messages from JSON bodies, query and path parameters, by
// protobuf reflection. The inverse of message_json.h, for the kinds of fields
// that requests have: strings, booleans, 32 and 64 bit integers, and
// documents.

#ifndef SERVER_API_MESSAGE_BINDING_H_
#define SERVER_API_MESSAGE_BINDING_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

#include "server/http/problem.h"

namespace orrery::server {

// Decoded name and value pairs.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// Sets the fields that the members of the JSON object `body` name; null leaves
// a field alone. An unknown or doubled member, or a value of another kind, is
// a fault with its pointer; empty when there are none.
std::vector<RequestFault> BindBody(absl::string_view body,
                                   google::protobuf::Message* message);

// The same for parameters, whose text is read by the type of the field. What
// was set before by a body must be the same.
std::vector<RequestFault> BindParameters(const Parameters& parameters,
                                         google::protobuf::Message* message);

}  // namespace orrery::server

#endif  // SERVER_API_MESSAGE_BINDING_H_
