#include "catalog/options/secret_option.h"

#include "gtest/gtest.h"

#include "catalog/options/json_testing.h"

namespace orrery::catalog {
namespace {

TEST(SecretOptionTest, MarksAndNamesMakeSecrets) {
  const struct {
    const char* name;
    const char* schema;
    const char* value;
    bool secret;
  } kCases[] = {
      {"x", R"({"format":"password"})", R"("v")", true},
      {"x", R"({"writeOnly":true})", "7", true},
      {"x", "{}", R"({"$secret":"a"})", true},
      {"db-Password", "{}", R"("v")", true},
      {"aws.secret_access_key", "{}", R"("v")", true},
      {"API_KEY", "{}", R"("v")", true},
      {"secret", "{}", R"("v")", true},
      {"token", "{}", R"("v")", true},
      {"password", "{}", R"("")", false},
      {"password", "{}", "true", false},
      {"token-count", "{}", R"("v")", false},
      {"secret-name", "{}", R"("v")", false},
      {"password", R"({"media":{"type":"application/x-secret+string"}})",
       R"("v")", false},
  };
  for (const auto& c : kCases) {
    const registry::JsonValue schema = Json(c.schema);
    EXPECT_EQ(IsSecretOption(c.name, SchemaNode::Root(schema), Json(c.value)),
              c.secret)
        << c.name << c.schema << c.value;
  }
}

}  // namespace
}  // namespace orrery::catalog
