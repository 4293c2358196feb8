#include "server/api/openapi.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "server/api/catalog_routes.h"
#include "server/api/registry_routes.h"

namespace orrery::server {
namespace {

using registry::AtPointer;
using registry::JsonValue;

class OpenApiTest : public ::testing::Test {
 protected:
  OpenApiTest() {
    AddRegistryRoutes(&packages_, &sources_, &artifacts_, {}, &table_);
    AddCatalogRoutes(&services_, &operations_, &resolution_, {}, &table_);
    AddOpenApiRoute("1.2.3", &table_);
    HttpRequest request;
    auto found = table_.Find("GET", "/openapi.json");
    const HttpResponse response =
        found.route->admit(request, found.variables).handle(request);
    const auto parsed = registry::ParseJson(*response.body);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    if (parsed.ok()) document_ = parsed->root;
  }

  std::string TextAt(const std::string& pointer) {
    const JsonValue* value = AtPointer(document_, pointer);
    return value == nullptr ? "nothing at " + pointer : value->text();
  }

  registry::v1::PackageService::Service packages_;
  registry::v1::SourceService::Service sources_;
  registry::v1::ArtifactService::Service artifacts_;
  catalog::v1::CatalogService::Service services_;
  catalog::v1::OperationService::Service operations_;
  catalog::v1::ResolutionService::Service resolution_;
  RoutingTable table_{1000};
  JsonValue document_;
};

void CollectReferences(const JsonValue& value, std::set<std::string>* found) {
  if (value.Find("$ref") != nullptr) {
    found->insert(std::string(value.FindString("$ref")));
  }
  for (const JsonValue& item : value.items()) CollectReferences(item, found);
  for (const auto& member : value.members()) {
    CollectReferences(member.value, found);
  }
}

TEST_F(OpenApiTest, SaysItsVersionAndDescribesEveryRoute) {
  EXPECT_EQ(TextAt("/openapi"), "3.1.0");
  EXPECT_EQ(TextAt("/info/version"), "1.2.3");
  size_t operations = 0;
  std::set<std::string> ids;
  for (const auto& path : document_.Find("paths")->members()) {
    for (const auto& operation : path.value.members()) {
      ++operations;
      ids.insert(std::string(operation.value.FindString("operationId")));
    }
  }
  EXPECT_EQ(operations, table_.routes().size());
  EXPECT_EQ(ids.size(), operations);
}

TEST_F(OpenApiTest, EveryReferenceLeadsSomewhere) {
  std::set<std::string> references;
  CollectReferences(document_, &references);
  EXPECT_GT(references.size(), 10U);
  for (const std::string& reference : references) {
    EXPECT_NE(AtPointer(document_, reference.substr(1)), nullptr) << reference;
  }
}

TEST_F(OpenApiTest, AnswersAreTheFieldOrTheMessage) {
  const std::string release =
      "/paths/~1v1~1packages~1{package}/get/responses/200/content/"
      "application~1json/schema/$ref";
  EXPECT_EQ(TextAt(release), "#/components/schemas/Release");
  EXPECT_EQ(TextAt("/paths/~1v1~1operations~1{operation}:watch/get/responses/"
                   "200/content/text~1event-stream/schema/$ref"),
            "#/components/schemas/WatchOperationResponse");
}

TEST_F(OpenApiTest, FieldsAreParametersOrPartsOfTheBody) {
  const JsonValue* parameters =
      AtPointer(document_, "/paths/~1v1~1packages~1{package}/get/parameters");
  ASSERT_NE(parameters, nullptr);
  ASSERT_EQ(parameters->items().size(), 2U);
  EXPECT_EQ(parameters->items()[0].FindString("in"), "path");
  EXPECT_EQ(parameters->items()[1].FindString("name"), "range");
  EXPECT_EQ(TextAt("/paths/~1v1~1sources/post/requestBody/content/"
                   "application~1json/schema/$ref"),
            "#/components/schemas/CreateSourceRequest");
  EXPECT_EQ(TextAt("/components/schemas/Source/properties/state/enum/3"),
            "failed");
}

TEST_F(OpenApiTest, ForeignBodiesHaveNoSchema) {
  const std::string notify = "/paths/~1v1~1sources~1{source}:notify/post";
  const JsonValue* schema =
      AtPointer(document_, notify + "/requestBody/content/*~1*/schema");
  ASSERT_NE(schema, nullptr);
  EXPECT_TRUE(schema->members().empty());
  EXPECT_NE(AtPointer(document_, notify + "/responses/202"), nullptr);
}

}  // namespace
}  // namespace orrery::server
