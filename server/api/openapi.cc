#include "server/api/openapi.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/timestamp.pb.h"

#include "registry/format/json_value.h"
#include "server/api/message_json.h"

namespace orrery::server {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using registry::JsonValue;

constexpr absl::string_view kProblemSchema = "Problem";

JsonValue Text(absl::string_view text) {
  return JsonValue::String(std::string(text));
}

JsonValue OneMember(absl::string_view name, JsonValue value) {
  return JsonValue::Object({{std::string(name), std::move(value)}});
}

JsonValue OfType(absl::string_view type) {
  return OneMember("type", Text(type));
}

JsonValue Reference(absl::string_view schema) {
  return OneMember("$ref", Text(absl::StrCat("#/components/schemas/", schema)));
}

JsonValue OrNull(JsonValue schema) {
  return OneMember("anyOf",
                   JsonValue::Array({std::move(schema), OfType("null")}));
}

JsonValue EnumSchema(const google::protobuf::EnumDescriptor& type) {
  std::vector<JsonValue> words = {JsonValue()};
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    words.push_back(Text(EnumWord(*type.value(i))));
  }
  return OneMember("enum", JsonValue::Array(std::move(words)));
}

// Schemas of messages by name, and those that they lead to.
class Schemas {
 public:
  // A reference to the schema of `type`, which is made when it is new.
  JsonValue Of(const Descriptor& type) {
    if (&type == google::protobuf::Timestamp::descriptor()) {
      JsonValue schema = OfType("string");
      schema.Set("format", Text("date-time"));
      return schema;
    }
    if (seen_.insert(type.name()).second) {
      schemas_[type.name()] = MessageSchema(type);
    }
    return Reference(type.name());
  }

  JsonValue FieldSchema(const FieldDescriptor& field) {
    if (field.is_map()) {
      JsonValue schema = OfType("object");
      schema.Set("additionalProperties",
                 ValueSchema(*field.message_type()->map_value()));
      return schema;
    }
    if (field.is_repeated()) {
      JsonValue schema = OfType("array");
      schema.Set("items", ValueSchema(field));
      return schema;
    }
    return field.has_presence() ? OrNull(ValueSchema(field))
                                : ValueSchema(field);
  }

  void Add(absl::string_view name, JsonValue schema) {
    schemas_[std::string(name)] = std::move(schema);
  }

  JsonValue Take() {
    JsonValue all = JsonValue::Object();
    for (auto& [name, schema] : schemas_) all.Set(name, std::move(schema));
    return all;
  }

 private:
  JsonValue ValueSchema(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Of(*field.message_type());
      case FieldDescriptor::CPPTYPE_ENUM:
        return EnumSchema(*field.enum_type());
      case FieldDescriptor::CPPTYPE_BOOL:
        return OfType("boolean");
      case FieldDescriptor::CPPTYPE_STRING:
        // A document may be any JSON value.
        return IsJsonDocument(field) ? JsonValue::Object() : OfType("string");
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return OfType("number");
      default:
        return OfType("integer");
    }
  }

  JsonValue MessageSchema(const Descriptor& type) {
    JsonValue properties = JsonValue::Object();
    for (int i = 0; i < type.field_count(); ++i) {
      properties.Set(type.field(i)->name(), FieldSchema(*type.field(i)));
    }
    JsonValue schema = OfType("object");
    schema.Set("properties", std::move(properties));
    return schema;
  }

  std::set<std::string> seen_;
  std::map<std::string, JsonValue> schemas_;
};

JsonValue ProblemSchema() {
  JsonValue properties = JsonValue::Object();
  for (const absl::string_view name : {"type", "title", "code", "reason",
                                       "detail", "instance", "request_id"}) {
    properties.Set(name, OfType("string"));
  }
  properties.Set("status", OfType("integer"));
  properties.Set("errors", OfType("array"));
  properties.Set("metadata", OfType("object"));
  JsonValue schema = OfType("object");
  schema.Set("properties", std::move(properties));
  return schema;
}

JsonValue Content(absl::string_view media_type, JsonValue schema) {
  return OneMember(
      "content", OneMember(media_type, OneMember("schema", std::move(schema))));
}

JsonValue Described(absl::string_view description, JsonValue value) {
  value.Set("description", Text(description));
  return value;
}

JsonValue Parameter(absl::string_view name, absl::string_view place,
                    JsonValue schema) {
  JsonValue parameter = OneMember("name", Text(name));
  parameter.Set("in", Text(place));
  if (place == "path") parameter.Set("required", JsonValue::Bool(true));
  parameter.Set("schema", std::move(schema));
  return parameter;
}

// Path variables; for reads every other field of the request is a query
// parameter.
JsonValue Parameters(const Route& route, Schemas* schemas) {
  JsonValue parameters = JsonValue::Array();
  const std::vector<std::string>& variables = route.path.variables();
  for (const std::string& name : variables) {
    const FieldDescriptor* field = route.request == nullptr
                                       ? nullptr
                                       : route.request->FindFieldByName(name);
    parameters.items().push_back(Parameter(
        name, "path",
        field == nullptr ? OfType("string") : schemas->FieldSchema(*field)));
  }
  if (route.request == nullptr || route.verb != "GET") return parameters;
  for (int i = 0; i < route.request->field_count(); ++i) {
    const FieldDescriptor& field = *route.request->field(i);
    if (std::count(variables.begin(), variables.end(), field.name()) > 0) {
      continue;
    }
    parameters.items().push_back(
        Parameter(field.name(), "query", schemas->FieldSchema(field)));
  }
  return parameters;
}

JsonValue Responses(const Route& route, Schemas* schemas) {
  JsonValue answer = JsonValue::Object();
  if (route.response != nullptr) {
    const auto* field = route.answer_field;
    answer =
        Content(route.is_stream ? "text/event-stream" : "application/json",
                field == nullptr         ? schemas->Of(*route.response)
                : IsJsonDocument(*field) ? schemas->FieldSchema(*field)
                                         : schemas->Of(*field->message_type()));
  }
  JsonValue responses = OneMember(
      absl::StrCat(route.success_status),
      Described(route.is_stream
                    ? "Server-sent events; the data of each is one of "
                      "these, until `event: end` or `event: error`."
                    : "The answer.",
                std::move(answer)));
  responses.Set("default", Described("A problem (RFC 9457).",
                                     Content("application/problem+json",
                                             Reference(kProblemSchema))));
  return responses;
}

// Unique among the routes: verb and path in words.
std::string OperationId(const Route& route) {
  if (!route.rpc.empty()) {
    const std::vector<std::string> parts = absl::StrSplit(route.rpc, '.');
    return absl::StrCat(parts[parts.size() - 2], "_", parts.back());
  }
  std::string id = absl::AsciiStrToLower(route.verb);
  for (const char letter : route.path.text()) {
    id.push_back(absl::ascii_isalnum(letter) ? letter : '_');
  }
  return id;
}

JsonValue Operation(const Route& route, Schemas* schemas) {
  JsonValue operation = OneMember("operationId", Text(OperationId(route)));
  operation.Set("summary", Text(route.summary));
  JsonValue parameters = Parameters(route, schemas);
  if (!parameters.items().empty()) {
    operation.Set("parameters", std::move(parameters));
  }
  if (route.verb == "POST" && route.request != nullptr) {
    const bool is_read = route.body_type != "*/*";
    operation.Set("requestBody",
                  Content(route.body_type, is_read ? schemas->Of(*route.request)
                                                   : JsonValue::Object()));
  }
  if (route.verb == "PUT") {
    operation.Set("requestBody", Content(route.body_type, JsonValue::Object()));
  }
  operation.Set("responses", Responses(route, schemas));
  return operation;
}

}  // namespace

std::string OpenApiJson(const RoutingTable& table, absl::string_view version) {
  Schemas schemas;
  schemas.Add(kProblemSchema, ProblemSchema());
  JsonValue paths = JsonValue::Object();
  std::set<std::string> ids;
  for (const Route& route : table.routes()) {
    const std::string& path = route.path.text();
    if (paths.Find(path) == nullptr) paths.Set(path, JsonValue::Object());
    const std::string verb = absl::AsciiStrToLower(route.verb);
    JsonValue operation = Operation(route, &schemas);
    // A method may be reached in two ways.
    const std::string id(operation.FindString("operationId"));
    if (!ids.insert(id).second) {
      operation.Set("operationId", Text(absl::StrCat(id, "_", verb)));
    }
    paths.Find(path)->Set(verb, std::move(operation));
  }
  JsonValue info = OneMember("title", Text("Orrery"));
  info.Set("version", Text(version));
  JsonValue document = OneMember("openapi", Text("3.1.0"));
  document.Set("info", std::move(info));
  document.Set("paths", std::move(paths));
  document.Set("components", OneMember("schemas", schemas.Take()));
  return registry::WriteJson(document);
}

void AddOpenApiRoute(absl::string_view version, RoutingTable* table) {
  // The document describes its own route too, so it is made after that is in
  // the table.
  auto document = std::make_shared<std::shared_ptr<const std::string>>();
  table->AddPlain(
      "GET", "/openapi.json", "This document.", [document](const HttpRequest&) {
        HttpResponse response = HttpResponse::Text(200, "application/json", "");
        response.body = *document;
        return response;
      });
  *document = std::make_shared<const std::string>(OpenApiJson(*table, version));
}

}  // namespace orrery::server
